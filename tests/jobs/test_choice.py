"""What counts as a lead is chosen anew: what we knew of leads is let go, and read again, before anything is decided."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from connector.index import Index
from connector.store import installs, progress
from jobs import choice, rulebook, setup
from jobs.drain import drain

if TYPE_CHECKING:
    from collections.abc import Collection

    from connector.crm import Routes
    from jobs.shift import Shift
    from tests.fakes import FakeCrm
    from tests.jobs.conftest import House


def choose(house: House, routes: Routes) -> None:
    with house.database.write() as connection:
        choice.choose(connection, house.install.id, routes, now=house.now)


def indexed(house: House) -> list[str]:
    with house.database.read() as connection:
        return sorted(Index(connection, house.install.id, house.keyring.seal(house.install.key)).page("lead", size=99))


def states(house: House) -> dict[str, str]:
    with house.database.read() as connection:
        return {each.name: each.state for each in progress.of(connection, house.install.id)}


def exchange(house: House, old: str, new: str) -> None:
    """Leads of this id are read from now on instead of those of another, which say the same."""
    record = house.crm.records.pop(("lead", old))
    fields = {name: value for name, value in record.fields.items() if name != "decision"}
    house.crm.add(replace(record, id=new, fields=fields, created_at=house.now, modified_at=house.now))


def test_leads_of_before_leave_the_index_and_those_of_now_are_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choice, "PAGE", 2)
    for number in range(5):
        house.lead(f"c{number}")
        house.post(house.event(f"c{number}"))
    house.drain()
    assert indexed(house) == [f"c{number}" for number in range(5)]
    house.later(hours=1)
    for number in range(5):
        exchange(house, f"c{number}", f"x{number}")
    choose(house, "leads")
    house.drain()
    assert indexed(house) == [f"x{number}" for number in range(5)]
    assert states(house)[choice.NAME] == states(house)[setup.NAME] == states(house)["backfill:lead"] == "done"


def test_a_lead_is_no_duplicate_of_its_own_contact(house: House) -> None:
    house.lead("c1", email="jane@acme.example")
    house.post(house.event("c1"))
    house.drain()
    house.later(hours=1)
    exchange(house, "c1", "x1")
    choose(house, "leads")
    house.post(house.event("x1"))
    house.drain()
    entry = next(each for each in house.crm.entries.values() if each.lead_id == "x1")
    assert entry.duplicate_status == "different"


def test_leads_from_before_the_choice_are_left_alone_when_somebody_edits_them(house: House) -> None:
    house.lead("x1")
    house.later(hours=1)
    choose(house, "leads")
    house.drain()
    house.crm.entries.clear()
    house.lead("x2")
    house.post(house.event("x1", change="updated"), house.event("x2", change="created"))
    house.drain()
    assert {each.lead_id for each in house.crm.entries.values()} == {"x2"}
    assert house.owner("x1") == "u0"


def test_a_shift_that_began_before_the_choice_leaves_everything_to_the_next(house: House) -> None:
    opened: list[str] = []

    def meanwhile(call: str) -> None:
        if call == "read" and not opened:
            opened.append(call)
            choose(house, "leads")

    house.lead("c1")
    house.post(house.event("c1"))
    house.crm.before = meanwhile
    drain(house.tools, house.install.id)
    assert states(house)[choice.NAME] == "waiting"
    assert house.rung == [house.install.id], "the next shift is rung for"
    house.drain()
    assert states(house)[choice.NAME] == "done"


def test_a_choice_in_the_middle_of_a_round_has_no_letter_answered_by_what_counted_before(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The letters that come from then on name other records than the CRM of this shift reads."""
    real, chosen = rulebook.refresh_if_old, list[str]()

    def refresh_if_old(shift: Shift) -> bool:
        if not chosen:
            chosen.append("leads")
            choose(house, "leads")
            house.post(house.event("x1"))
        return real(shift)

    monkeypatch.setattr(rulebook, "refresh_if_old", refresh_if_old)
    with house.database.write() as connection:
        progress.start(connection, house.install.id, "backfill:contact", now=house.now)
    house.drain()
    assert house.waiting()["waiting"] == 1
    house.lead("x1")
    house.drain()
    assert house.owner("x1") == "u1"


def test_leads_change_with_their_contacts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.lead("x1")
    house.lead("x2")

    def leads_of(_crm: FakeCrm, contact_ids: Collection[str]) -> dict[str, list[str]]:
        return {each: ["x1", "x2"] for each in contact_ids}

    monkeypatch.setattr(type(house.crm), "leads_of", leads_of)
    house.crm.can |= {"leads"}
    change = house.event("c1", kind="contact", change="updated")
    house.post(change)
    house.drain()
    assert {each.lead_id for each in house.crm.entries.values()} == {"x1", "x2"}
    decided = len(house.crm.entries)
    house.post(change)
    house.drain()
    assert len(house.crm.entries) == decided


def test_an_install_says_since_when_its_leads_are_routed(house: House) -> None:
    assert house.install.leads_since == house.install.created_at
    choose(house, "leads and contacts")
    with house.database.read() as connection:
        found = installs.by_id(connection, house.install.id)
    assert found is not None
    assert (found.routes, found.leads_since) == ("leads and contacts", house.now)
