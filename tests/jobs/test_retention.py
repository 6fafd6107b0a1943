"""Nothing is kept for ever without a reason: each table either goes by a time that is written down, or says why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Table, func, select, update

from connector.settings import Settings
from connector.store import (
    api_keys,
    asked,
    assignments,
    cleanups,
    decisions,
    pauses,
    progress,
    replies,
    tallies,
    timers,
)
from connector.store.memos import StoredMemo
from connector.store.schema import metadata
from jobs import clock, simulation, undo
from tests.connector.store.kit import NOW, Tenant
from tests.connector.store.test_installs import furnish
from tests.jobs.conftest import House

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "security.md"
SLACK = timedelta(hours=2)
"""Numbers are counted by the hour, and what is furnished ends within one."""
After = Callable[[Settings], timedelta]


def days(name: str) -> After:
    """Return what reads a setting."""
    return lambda settings: timedelta(days=getattr(settings, name))


def fixed(kept: timedelta) -> After:
    return lambda _settings: kept


GOES: Mapping[str, After] = {
    "decision": days("decision_days"),
    "ledger": days("decision_days"),
    "term": days("decision_days"),
    "timer": days("decision_days"),
    "response": days("decision_days"),
    "assignment": days("assignment_days"),
    "alias": days("assignment_days"),
    "merger": days("assignment_days"),
    "change": days("change_days"),
    "api_key": days("change_days"),
    "asked": fixed(asked.KEPT),
    "cleanup": fixed(cleanups.KEPT),
    "cleanup_tie": fixed(cleanups.KEPT),
    "tally": fixed(tallies.KEPT),
    "api_usage": fixed(timedelta(days=clock.USAGE_DAYS)),
    "support_leave": fixed(timedelta(days=clock.LEAVE_DAYS)),
    "api_reply": fixed(replies.KEPT),
    # These say themselves until when they are good.
    "memo": fixed(timedelta(minutes=1)),
    "pause": fixed(timedelta(hours=1)),
    "absence": fixed(timedelta(days=1) - (NOW - NOW.replace(hour=0, minute=0))),
}
"""Table -> how long after it is over a row is deleted by the clock."""
WORKS: Mapping[str, After] = {
    f"{undo.PREFIX}1": fixed(timedelta(days=clock.UNDO_DAYS)),
    f"{cleanups.PREFIX}1": fixed(cleanups.KEPT),
    f"{cleanups.SUGGESTS}1": fixed(cleanups.KEPT),
    f"{simulation.PREFIX}1": fixed(simulation.KEPT),
}
"""Rows of `progress` that come and come; those of other names are there once, and say how an install stands."""
STAYS: Mapping[str, str] = {
    "install": "the connection itself: until it is disconnected, or GRACE_DAYS after the CRM cut us off",
    "ending": "since when the CRM has cut us off: until the install goes by it, or is connected again",
    "admin": "who administers the install, by their id: they sign in by it",
    "role_grant": "who was made a manager, by their id: until it is taken back",
    "token": "one, replaced at each refresh",
    "note": "choices of the install; nothing of a person",
    "cursor": "the place in the event stream, one for each",
    "stream": "how the event stream stands, one row",
    "progress": "one row for each kind of long work; those that come and come go (WORKS)",
    "rotation": "whose turn it is: numbers for each member of a pool, as long as there is the pool",
    "ruleset": "the rules in force, one row",
    "edition": "the last 200 sets of rules; nothing of a lead",
    "shelf": "where the rules stand, one row",
    "shelf_rule": "the rules of a portal that has no objects for them",
    "letter": "until it is answered; parked ones until somebody acts, who would else never learn of the lead",
    "erasure": "who is still to be forgotten, by id: until they are, here and in the CRM",
    "review": "the question and its answer, which teaches: until the lead is gone or forgotten",
    "pair": "the question and its answer: until a record is gone or forgotten, so that it is not asked again",
    "pair_member": "of which records a pair is; goes with it",
    "pair_label": "that people said that two records are not one: it wins over the evidence for good",
    "api_limit": "what the CRM last said of its calls, one row",
    "index_book": "which index an install has",
    "index_entry": "the index: until the record is gone from the CRM",
    "index_key": "keyed hashes of an index entry; go with it",
    "index_fresh": "as index_key, before they are put together",
    "index_count": "how many records share a hash; no record",
    "index_contact": "how many contacts of an account use one domain; goes with them",
    "lease": "which process works for whom, until its lease is over; reused",
}  # fmt: skip
"""Table -> why its rows stay for as long as the install is connected."""


TOLD: Mapping[str, timedelta] = {
    "reports": tallies.KEPT,
    "runs of the clean-up": cleanups.KEPT,
    "requests from cards": asked.KEPT,
    "what came of undoes and simulations": timedelta(days=clock.UNDO_DAYS),
    "leaves for support": timedelta(days=clock.LEAVE_DAYS),
    "how many calls were made": timedelta(days=clock.USAGE_DAYS),
}
"""What the document says without a setting."""


def rows(house: House, table: Table) -> int:
    with house.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def names(house: House) -> set[str]:
    with house.database.read() as connection:
        return {each.name for each in progress.of(connection, house.install.id)}


@pytest.fixture
def full(house: House) -> House:
    """An install with a row in every table, all of it over."""
    house.now, who = NOW, house.install
    with house.database.write() as connection:
        furnish(connection, Tenant(who, house.tools.seal(who)))
        connection.execute(update(decisions.decision).values(state="settled", settled_at=NOW))
        connection.execute(update(timers.timer).values(state="fired"))
        connection.execute(update(assignments.assignment).values(ended_at=NOW, ending="replaced"))
        connection.execute(update(pauses.pause).values(until=NOW + timedelta(hours=1)))
        connection.execute(update(api_keys.api_key).values(revoked_at=NOW))
        for name in WORKS:
            progress.start(connection, who.id, name, now=NOW)
            progress.move(connection, who.id, name, now=NOW, state="done")
    StoredMemo(house.database, who.id, house.tools.seal(who), lambda: house.now).put("users", ["Ana"], seconds=60)
    return house


def test_of_every_table_it_is_said_how_long_it_keeps_what_it_holds() -> None:
    tables = {each.name for each in metadata.sorted_tables}
    assert GOES.keys() | STAYS.keys() == tables, "say in GOES by what time a new table is purged, or in STAYS why not"
    assert not GOES.keys() & STAYS.keys()


@SQLITE
@pytest.mark.parametrize("name", GOES)
def test_what_is_over_stays_for_its_time_and_then_goes(full: House, name: str) -> None:
    table, kept = metadata.tables[name], GOES[name](full.settings)
    assert rows(full, table), "nothing was furnished"
    if kept > SLACK:
        full.now = NOW + kept - SLACK
        clock.clean(full.tools)
        assert rows(full, table), f"it went before {kept}"
    full.now = NOW + kept + SLACK
    clock.clean(full.tools)
    assert not rows(full, table), f"it stays for longer than {kept}"


@SQLITE
@pytest.mark.parametrize("name", WORKS)
def test_long_work_that_is_over_goes(full: House, name: str) -> None:
    kept = WORKS[name](full.settings)
    full.now = NOW + kept - SLACK
    clock.clean(full.tools)
    assert name in names(full)
    full.now = NOW + kept + SLACK
    clock.clean(full.tools)
    assert name not in names(full)


@SQLITE
def test_what_stays_is_there_after_ten_years(full: House) -> None:
    before = {name: rows(full, metadata.tables[name]) for name in STAYS if name != "progress"}
    full.now = NOW + timedelta(days=3650)
    clock.clean(full.tools)
    assert {name: rows(full, metadata.tables[name]) for name in before} == before
    assert all(count for name, count in before.items() if name != "lease"), "nothing was furnished"


def test_the_document_names_every_setting_with_its_days() -> None:
    """docs/security.md, "How long things are kept": a row each, with the default."""
    told = DOCUMENT.read_text().partition("## How long things are kept")[2].partition("\n## ")[0]
    lines = [line for line in told.splitlines() if line.startswith("|")]
    settings = {name: each for name, each in Settings.model_fields.items() if name.endswith("_days")}
    assert len(settings) >= 5
    for name, each in settings.items():
        mine = [line for line in lines if f"`{name.upper()}`" in line]
        assert any(re.search(rf"\b{each.default:g} days\b", line) for line in mine), f"{name} is not told"
    for what, kept in TOLD.items():
        (line,) = [line for line in lines if line.startswith(f"| {what}")]
        assert f"| {kept.days} days |" in line
