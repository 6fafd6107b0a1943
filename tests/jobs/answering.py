"""What the tests of answers share: leads that are due in half an hour, and what is known of the answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connector.store import progress, responses
from connector.store.progress import Progress
from connector.store.responses import Awaited
from jobs import responses as answers
from tests.jobs.conftest import House, Prologue
from tests.jobs.routes import POOL, made, rules

RULES = f"""
- rule: Leads
  assign: pool "Desk"
  task: {{due: 30 minutes}}
{POOL}"""


def look(house: House, **delta: float) -> None:
    """Let time pass; let the clock look, and a worker answer it."""
    house.later(**delta)
    if answers.ask(house.tools):
        house.drain()


def calls(house: House) -> list[str]:
    """Return the names of the calls from now on."""
    heard: list[str] = []
    house.crm.before = heard.append
    return heard


def waits(house: House, lead_id: str) -> Awaited:
    """Return what the first decision about a lead waits for."""
    with house.database.read() as connection:
        found = responses.of_decision(connection, house.install.id, made(house, lead_id)[0].decision.key)
    assert found is not None
    return found


def told(house: House, lead_id: str, number: int = 0) -> tuple[str, float | None]:
    """Return what the audit of a lead's first decision says of the answer."""
    entry = house.crm.entries[made(house, lead_id)[number].decision.key]
    return entry.response_status, entry.response_minutes


def work(house: House) -> Progress | None:
    with house.database.read() as connection:
        return next((each for each in progress.of(connection, house.install.id) if each.name == answers.NAME), None)


def has_a_desk(house: House) -> None:
    rules(house, RULES)


@pytest.fixture
def desk(begin: Callable[[Prologue], House]) -> House:
    return begin(has_a_desk)
