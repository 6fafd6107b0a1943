"""The database is lost while leads wait: their stamps tell that they do, and each is decided about once more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from connector.index import Index
from connector.store import assignments, decisions, installs, letters, progress, timers
from tests.jobs.conftest import House, Prologue
from tests.jobs.routes import POOL, change, come, outcomes, rules, tick

WAITING = f"""
- rule: Leads
  assign: pool "Desk"
  wait: {{for: lead.industry, at most: 1 day}}
{POOL}"""


def has_lost_it(house: House) -> None:
    """A lead began to wait, and then the database was lost."""
    rules(house, WAITING)
    come(house, "l1")
    assert outcomes(house, "l1") == ["waiting"]
    house.later(minutes=5)
    with house.database.write() as connection:
        for table in (timers.timer, decisions.decision, assignments.assignment, letters.letter):
            connection.execute(delete(table))
        connection.execute(update(installs.install).values(created_at=house.now))


@pytest.fixture
def lost(begin: Callable[[Prologue], House]) -> House:
    return begin(has_lost_it)


def comes(house: House) -> None:
    lead = house.crm.records[("lead", "l1")]
    house.crm.add(replace(lead, fields={**lead.fields, "industry": "Bank"}, modified_at=house.now))
    change(house, "l1")


def test_the_value_that_a_lead_waited_for_comes_after_the_loss(lost: House) -> None:
    comes(lost)
    assert (lost.owner("l1"), outcomes(lost, "l1")) == ("u1", ["waiting", "assigned"])


def test_a_lead_whose_value_never_comes_is_found_by_the_first_reading(lost: House) -> None:
    with lost.database.write() as connection:
        Index(connection, lost.install.id, lost.tools.seal(lost.install)).renew()
        progress.start(connection, lost.install.id, "backfill:lead", now=lost.now)
    lost.drain()
    assert lost.owner("l1") == "u0", "it waits again"
    tick(lost, days=1)
    assert lost.owner("l1") == "u1"


def test_whoever_took_the_lead_while_it_waited_keeps_it_after_the_loss(lost: House) -> None:
    lost.crm.add(replace(lost.crm.records[("lead", "l1")], owner_id="u2"))
    comes(lost)
    assert (lost.owner("l1"), outcomes(lost, "l1")) == ("u2", ["waiting", "kept"])


def test_without_its_audit_nobody_can_tell_who_took_it_so_the_owner_stays(lost: House) -> None:
    lost.crm.entries.clear()
    comes(lost)
    assert (lost.owner("l1"), outcomes(lost, "l1")) == ("u0", ["kept"])
