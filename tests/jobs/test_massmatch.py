"""A mass match goes through every lead, behind what happens now, and survives whatever stops it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.index import Index
from connector.store import letters, pairs, progress
from connector.store.progress import Progress
from jobs import massmatch, rematch
from jobs.massmatch import Which, Work
from jobs.suggest import suggestions
from rules.actions import Member
from rules.model import Kind, Record, Value
from tests.jobs.conftest import START, House, Prologue
from tests.jobs.test_reviews import matches

LONG_AGO = START - timedelta(days=400)


def has_leads_from_before(house: House) -> None:
    """There are leads from before it was connected: two of Globex, one of nobody, one converted, one linked."""
    house.account("a1", name="Globex Corporation", website="globex.com", owner="u2")
    leads: dict[str, dict[str, Value]] = {
        "l1": {"email": "kim@globex.com", "company": "Globex Corporation"},
        "l2": {"email": "ray@globex.com", "company": "Globex Corporation"},
        "l3": {"email": "sue@nowhere.example", "company": "Nowhere"},
        "l4": {"email": "joe@globex.com", "company": "Globex Corporation", "converted": True},
        "l5": {"email": "ann@globex.com", "company": "Globex Corporation", "account_id": "a1"},
    }
    for lead_id, more in leads.items():
        house.crm.add(Record("lead", lead_id, more, owner_id="u0", created_at=LONG_AGO, modified_at=LONG_AGO))
    house.read_all("account", "contact", "lead")
    house.later(minutes=1)
    assert not house.crm.entries


@pytest.fixture
def full(begin: Callable[[Prologue], House], monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(massmatch, "PAGE", 2)
    return begin(has_leads_from_before)


def start(house: House, work: Work = "match", which: Which = "all") -> str:
    with house.database.write() as connection:
        return massmatch.start(connection, house.install.id, work=work, which=which, now=house.now)


def stands(house: House, name: str) -> Progress:
    with house.database.read() as connection:
        return next(each for each in progress.of(connection, house.install.id) if each.name == name)


def test_leads_from_before_get_their_account_and_keep_their_owner(full: House) -> None:
    name = start(full)
    full.drain()
    assert {each: full.crm.records[("lead", each)].text("account_id") for each in ("l1", "l2", "l3", "l4")} == {
        "l1": "a1", "l2": "a1", "l3": "", "l4": ""
    }  # fmt: skip
    assert {full.owner(f"l{number}") for number in range(1, 6)} == {"u0"}
    assert full.crm.tasks == []
    assert {entry.lead_id for entry in full.crm.entries.values()} == {"l1", "l2"}, "nothing came of the others"
    done = stands(full, name)
    assert (done.state, done.done, done.total, done.reason) == (
        "done", 5, 5, "4 leads were asked to be matched again."
    )  # fmt: skip


def test_a_second_one_makes_no_decision(full: House) -> None:
    start(full)
    full.drain()
    full.later(minutes=1)
    start(full)
    full.drain()
    assert len(full.crm.entries) == 2
    assert full.waiting() == {"waiting": 0, "parked": 0}


def test_a_try_changes_nothing_and_says_what_would_come_of_it(full: House) -> None:
    name = start(full, "try")
    before = dict(full.crm.records)
    full.drain()
    assert full.crm.records == before
    assert not full.crm.entries
    assert stands(full, name).reason == ("Tried, nothing was changed: 3 matched, 0 for review, 1 without an account.")


def test_only_leads_without_an_account_are_asked_when_that_is_wanted(full: House) -> None:
    start(full)
    full.drain()
    name = start(full, "try", "unmatched")
    full.drain()
    told = stands(full, name)
    assert (told.done, json.loads(told.after or "{}")["counts"]) == (5, {"none": 1})


def test_live_letters_go_first(full: House, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    real = full.crm.read

    def read(kind: Kind, ids: list[str], **more: Any) -> dict[str, Record]:
        order.extend(ids)
        return real(kind, ids, **more)

    monkeypatch.setattr(full.crm, "read", read)
    with full.database.write() as connection:
        events = rematch.asks(["l1", "l2"], now=full.now)
        letters.receive(connection, full.install.id, events, now=full.now, priority=letters.BACKFILL)
    full.lead("new")
    full.post(full.event("new"))
    full.drain()
    assert order[0] == "new"


def test_it_goes_on_where_it_stood_after_a_pause_and_after_a_crash(
    full: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = start(full, "try")
    page, places = massmatch.page, []

    def once(*all_: object) -> None:
        page(*all_)  # type: ignore[arg-type]
        places.append(stands(full, name).done)
        with full.database.write() as connection:
            progress.pause(connection, full.install.id, massmatch.NAMES, now=full.now)

    monkeypatch.setattr(massmatch, "page", once)
    full.drain()
    assert (stands(full, name).state, places) == ("paused", [2])
    full.drain()
    assert places == [2], "it rests"
    with full.database.write() as connection:
        assert progress.resume(connection, full.install.id, massmatch.NAMES, now=full.now) == 1

    def dies(*all_: object) -> None:
        raise RuntimeError("the worker dies")

    monkeypatch.setattr(massmatch, "page", dies)
    full.drain()
    full.later(minutes=2)
    monkeypatch.setattr(massmatch, "page", page)
    full.drain()
    done = stands(full, name)
    assert (done.state, done.done) == ("done", 5)
    assert sum(json.loads(done.after or "{}")["counts"].values()) == 4, "nobody was counted twice"


def test_a_pause_during_a_page_holds_and_posts_nothing(full: House, monkeypatch: pytest.MonkeyPatch) -> None:
    name = start(full)
    told = massmatch.told

    def meanwhile(kind, counts):  # type: ignore[no-untyped-def]
        with full.database.write() as connection:
            progress.pause(connection, full.install.id, massmatch.NAMES, now=full.now)
        return told(kind, counts)

    monkeypatch.setattr(massmatch, "told", meanwhile)
    monkeypatch.setattr(massmatch, "PAGE", 9)
    full.drain()
    assert (stands(full, name).state, stands(full, name).done) == ("paused", 0)
    assert not full.crm.entries


def test_a_lead_that_changed_meanwhile_is_routed_as_ever(full: House) -> None:
    start(full)
    full.drain()
    lead = full.crm.records[("lead", "l1")]
    full.later(minutes=1)
    full.crm.add(replace(lead, fields={**lead.fields, "title": "CEO"}, modified_at=full.now))
    full.post(full.event("l1", change="updated"))
    full.drain()
    assert matches(full)[-1] == ("matched", "a1")
    assert full.owner("l1") == "u0"


def test_accounts_that_may_be_one_are_suggested_with_evidence(house: House) -> None:
    records = [
        Record("account", "a1", {"name": "Globex Corporation", "website": "globex.com"}),
        Record("account", "a2", {"name": "Globex Corp.", "website": "https://www.globex.com"}),
        Record("account", "a3", {"name": "Initech", "website": "initech.example"}),
        Record("account", "a4", {"name": "Initech GmbH", "website": "initech.example", "parent_id": "a3"}),
        Record("account", "a5", {"name": "Umbrella"}),
    ]
    seal, seen = house.tools.seal(house.install), []
    with house.database.write() as connection:
        Index(connection, house.install.id, seal).put(records)
    found = suggestions(
        house.database, house.install.id, seal, limit=5, least=0.3, seen=lambda *place: seen.append(place)
    )
    assert [{each.one[0], each.other[0]} for each in found] == [{"a1", "a2"}], "parent and child are no news"
    assert found[0].evidence
    assert seen == [(5, 5)]
    two = [Member("account", each) for each in ("a1", "a2")]
    with house.database.write() as connection:
        pairs.label(connection, house.install.id, seal, two, same=False, by="Ana", at=house.now)
    found = suggestions(house.database, house.install.id, seal, limit=5, least=0.3)
    assert found == [], "a person said that they are not the same"


def test_contacts_without_an_account_get_one_suggested(house: House) -> None:
    records = [
        Record("account", "a1", {"name": "Globex Corporation", "website": "globex.com"}),
        Record("account", "a3", {"name": "Initech", "website": "initech.example"}),
        Record("contact", "c1", {"name": "Kim Lee", "email": "kim@globex.com"}),
        Record("contact", "c2", {"name": "Ray Ito", "email": "ray@globex.com", "account_id": "a1"}),
        Record("contact", "c3", {"name": "Sue", "email": "sue@nowhere.example"}),
    ]
    seal = house.tools.seal(house.install)
    with house.database.write() as connection:
        Index(connection, house.install.id, seal).put(records)
    found = suggestions(house.database, house.install.id, seal, limit=5, least=0.3, kind="contact")
    assert [(each.one, each.other) for each in found] == [(("c1", "Kim Lee"), ("a1", "Globex Corporation"))]
