"""A person whom the CRM has erased is forgotten: nothing of them is in any table or file, sealed or not."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

import pytest
from sqlalchemy import insert, select

from connector.errors import Later, Refused
from connector.index import Index
from connector.store import changes, decisions, erasures, forgetting, installs
from connector.store.schema import metadata
from connector.store.seal import Seal
from jobs import clock, policy, privacy
from tests.jobs.conftest import START, House
from tests.jobs.erased import FIELDS, OLD, ON_SQLITE, OTHER, PERSON, _glass, ask, do_and_answer, found, known, left, met

__all__ = ["_glass", "known", "met"]


@ON_SQLITE
def test_what_people_did_about_them_and_what_we_answered_is_forgotten_too(known: House) -> None:
    do_and_answer(known)
    assert {"change", "api_reply", "memo"} <= found(known).keys()
    ask(known)
    assert left(known) == {}
    with known.database.read() as connection:
        (kept,) = changes.page(connection, known.install.id, known.keyring.seal(known.install.key), limit=9)
    assert (kept.did, kept.about) == ("decision retried", ""), "that somebody did something stays"


def test_everything_about_a_person_is_forgotten_in_every_table_and_file(known: House) -> None:
    before = found(known)
    tables = {name for name, table in metadata.tables.items() if "lead_id" in table.c}
    assert tables | {"letter", "merger", "index_entry"} <= set(before), "the search finds what is there"
    assert known.settings.sweep_seconds < 60, "the clock comes by more than once a minute"
    ask(known)
    assert left(known) == {}
    (there,) = known.crm.forgotten
    assert {PERSON, OLD} <= there.leads
    assert there.audits
    assert there.tasks
    assert there.others


@ON_SQLITE
def test_the_index_no_longer_finds_them(known: House) -> None:
    ask(known)
    known.drain()
    seal = known.keyring.seal(known.install.key)
    with known.database.read() as connection:
        index = Index(connection, known.install.id, seal)
        assert index.get("lead", [PERSON, OLD]) == {}
        assert [each for each in index.people([known.crm.records["lead", PERSON]])[PERSON] if each.id == PERSON] == []


@ON_SQLITE
def test_a_lead_that_was_never_decided_about_is_forgotten_with_its_contact(house: House) -> None:
    """Where leads are routed that are records of their own, and this one came before us."""
    house.lead("lead-1", contact_id=PERSON, **FIELDS)
    house.lead("lead-2", contact_id="somebody-else-3", last_name="Other")
    with house.database.write() as connection:
        installs.set_routes(connection, house.install.id, "leads", now=house.now)
        index = Index(connection, house.install.id, house.keyring.seal(house.install.key))
        index.put([house.crm.records.pop(("lead", each)) for each in ("lead-1", "lead-2")])
    assert found(house)
    ask(house)
    assert left(house) == {}
    with house.database.read() as connection:
        index = Index(connection, house.install.id, house.keyring.seal(house.install.key))
        assert index.page("lead", size=9) == ["lead-2"]


@ON_SQLITE
def test_somebody_elses_decision_stays_without_what_it_said_of_them(known: House) -> None:
    ask(known)
    known.drain()
    with known.database.read() as connection:
        seal = known.keyring.seal(known.install.key)
        (stored,) = decisions.of_lead(connection, known.install.id, seal, OTHER)
    assert (stored.decision.duplicate.status, stored.decision.duplicate.of_id) == ("same", None)
    assert stored.decision.lead.fields["email"] == "pat@elsewhere.example"


@ON_SQLITE
@pytest.mark.parametrize("state", ["paused", "revoked", "quiet"])
def test_they_are_forgotten_here_even_when_no_drain_may_run(known: House, state: str) -> None:
    with known.database.write() as connection:
        if state == "quiet":
            error = Later("HubSpot's rate limit is reached", seconds=3600)
            policy.pause_install(connection, known.install.id, error, now=known.now)
        else:
            installs.set_status(connection, known.install.id, "paused" if state == "paused" else "revoked", "x")
    ask(known)
    known.drain()
    assert found(known, but=["erasure"]), "the drain did nothing"
    privacy.sweep(known.tools)
    known.database.forget()
    assert found(known, but=["erasure"]) == {}
    assert known.crm.forgotten == []


@ON_SQLITE
def test_what_the_crm_refuses_to_forget_is_tried_again_with_growing_pauses(known: House) -> None:
    def refuse(call: str) -> None:
        if call == "forget":
            raise Refused("HubSpot refused: no right to delete")

    known.crm.before = refuse
    ask(known)
    known.drain()
    assert found(known, but=["erasure"]) == {}, "our own rows are gone all the same"
    known.crm.before = lambda _call: None
    known.drain()
    assert known.crm.forgotten == [], "not before its time"
    known.later(seconds=policy.FIRST_PAUSE + 1)
    known.drain()
    known.database.forget()
    assert len(known.crm.forgotten) == 1
    assert found(known) == {}


@ON_SQLITE
def test_a_crm_that_is_away_is_asked_again_when_it_is_back(known: House) -> None:
    def away(call: str) -> None:
        if call == "forget":
            raise Later("HubSpot could not be reached", seconds=5)

    known.crm.before = away
    ask(known)
    known.drain()
    known.crm.before = lambda _call: None
    known.later(seconds=6)
    clock.sweep(known.tools)
    assert known.rung[-1] == known.install.id
    assert left(known) == {}


@ON_SQLITE
def test_a_person_who_is_asked_for_again_meanwhile_is_forgotten_again(known: House) -> None:
    ask(known)
    known.drain()
    known.lead(PERSON, **FIELDS)
    known.later(minutes=1)
    known.post(known.event(PERSON))
    known.drain()
    assert found(known)
    ask(known)
    assert left(known) == {}


@ON_SQLITE
def test_a_late_event_about_them_leaves_no_trace(known: House) -> None:
    ask(known)
    known.drain()
    known.crm.records.pop(("lead", PERSON))
    known.later(minutes=1)
    known.post(known.event(PERSON, change="deleted"), known.event(PERSON, change="updated"))
    assert left(known) == {}


@ON_SQLITE
def test_a_deletion_that_is_heard_before_the_erasure_leaves_no_trace_either(known: House) -> None:
    """HubSpot tells of both, in any order."""
    known.crm.records.pop(("lead", PERSON))
    known.later(minutes=1)
    known.post(known.event(PERSON, change="deleted"))
    known.drain()
    assert found(known)
    ask(known)
    assert left(known) == {}


@ON_SQLITE
def test_a_fault_of_ours_while_forgetting_holds_up_neither_leads_nor_other_people(
    known: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = forgetting.mentions

    def mentions(connection: Any, install_id: str, seal: Seal, ids: Collection[str]) -> forgetting.Mentions:
        if "damaged" in ids:
            raise ValueError("a row that this version cannot read")
        return real(connection, install_id, seal, ids)

    monkeypatch.setattr(forgetting, "mentions", mentions)
    ask(known, "damaged", PERSON)
    known.lead("l9")
    known.post(known.event("l9"))
    known.drain()
    known.database.forget()
    assert known.owner("l9") == "u1"
    assert found(known) == {}
    monkeypatch.setattr(forgetting, "mentions", real)
    known.later(seconds=policy.FIRST_PAUSE + 1)
    known.drain()
    with known.database.read() as connection:
        assert connection.execute(select(erasures.erasure)).all() == []


@ON_SQLITE
def test_the_clock_is_not_stopped_by_a_person_who_cannot_be_forgotten(
    known: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mentions(*_: Any) -> forgetting.Mentions:
        raise ValueError("a row that this version cannot read")

    monkeypatch.setattr(forgetting, "mentions", mentions)
    with known.database.write() as connection:
        installs.set_status(connection, known.install.id, "paused", "x")
    ask(known)
    privacy.sweep(known.tools)
    with known.database.read() as connection:
        assert erasures.due(connection, known.install.id, "here", now=known.now, limit=9) == []


@ON_SQLITE
def test_a_memo_that_cannot_be_opened_is_forgotten_as_well(known: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with known.database.write() as connection:
        values = {"install_id": known.install.id, "name": "torn", "sealed": b"torn", "until": START}
        connection.execute(insert(metadata.tables["memo"]).values(values))
    ask(known)
    assert left(known) == {}


@ON_SQLITE
@pytest.mark.parametrize("error", [Later("HubSpot is out of order", seconds=30), KeyError("a fault of ours")])
def test_new_leads_go_on_while_the_crm_cannot_forget(known: House, error: Exception) -> None:
    def away(call: str) -> None:
        if call == "forget":
            raise error

    known.crm.before = away
    ask(known)
    known.lead("l9")
    known.post(known.event("l9"))
    for _ in range(30):
        known.drain()
        known.later(seconds=10)
    assert known.owner("l9") == "u1"
    known.crm.before = lambda _call: None
    known.later(hours=1)
    known.drain()
    assert len(known.crm.forgotten) == 1


@ON_SQLITE
def test_a_lead_of_theirs_that_was_only_read_leaves_the_index(house: House) -> None:
    """Where leads are routed, a lead from before us takes its values from the contact, and has no decision."""
    house.lead("lead-of-kim", contact_id=PERSON, **FIELDS)
    house.crm.add(dataclasses.replace(house.crm.records["lead", "lead-of-kim"], kind="contact", id=PERSON))
    house.read_all("lead", "contact")
    assert "index_entry" in found(house)
    house.crm.records.clear()
    ask(house)
    assert left(house) == {}
