"""Reports in the console: what a period came to, by the viewer's own days, as pages and as files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from connector.store import counting, decisions, usage
from connector.store.installs import Install
from connector.store.ledger import Entry
from rules.model import Decision, Match, Record, User
from rules.response import Response
from tests.connector.web.kit import DONE, Browser, House, browser, decision
from tests.connector.web.test_console import main, section

MINUTE = timedelta(minutes=1)


def settle(house: House, install: Install, *made: Decision, at: datetime, seconds: float = 2.0) -> None:
    """Store decisions and settle them so many seconds later, as a drain does."""
    house.decide(install, *made, at=at, ledger=DONE, settled=False)
    done = at + timedelta(seconds=seconds)
    seal = house.seal(install)
    with house.database.write() as connection:
        fresh = decisions.settle(connection, install.id, [each.key for each in made], now=done)
        stored = decisions.by_keys(connection, install.id, seal, fresh)
        counting.count(connection, install.id, seal, stored.values(), now=done)


def came(key: str, at: datetime, source: str = "Web", **changes: object) -> Decision:
    made = decision(key, received_at=at, decided_at=at, **changes)
    return replace(made, lead=replace(made.lead, id=f"lead-{key}", fields={**made.lead.fields, "source": source}))


@pytest.fixture
def own(acme: Install) -> str:
    return f"/installs/{acme.id}/reports"


def test_without_decisions_there_is_a_sentence_and_no_empty_chart(alice: Browser, own: str) -> None:
    page = alice.page(own)
    assert "Nothing was decided in this period." in main(page)
    assert page.select("table[data-chart]") == []


def test_a_week_is_told(app: Flask, house: House, alice: Browser, acme: Install, own: str) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = True
    settle(house, acme, came("d1", house.now), came("d2", house.now, "Fair"), at=house.now, seconds=2)
    settle(house, acme, came("d3", house.now, match=Match("none")), at=house.now - 3 * 24 * 60 * MINUTE, seconds=2)
    page = alice.page(own)
    assert "Leads given 3" in section(page, "speed").replace("3 Leads given", "Leads given 3")
    assert "Web" in section(page, "sources")
    assert "Ana Diaz" in section(page, "load")
    assert "No account has anything in common with it" in section(page, "unmatched")
    assert "Enterprise EMEA" in section(page, "rules")
