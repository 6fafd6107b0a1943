"""A person whom the CRM has erased is forgotten: nothing of them is in any table or file, sealed or not."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Float, Integer, LargeBinary, insert, select

from connector.desk import person
from connector.desk.faults import NotThere
from connector.errors import Later, Refused
from connector.index import Index
from connector.services import Services
from connector.store import changes, decisions, erasures, forgetting, installs, letters, progress, replies
from connector.store.base import Moment
from connector.store.memos import StoredMemo
from connector.store.schema import metadata
from connector.store.seal import Seal
from jobs import clock, policy, privacy
from rules.model import Basis, Evidence, Verdict
from tests.jobs.conftest import START, House, Prologue

PERSON, OLD, OTHER = "00Qcanary1personAA", "00Qcanary0personAA", "somebody-else-2"
FIELDS = {
    "email": "kim.birdwhistle@birdcage.example",
    "first_name": "Canarykim",
    "last_name": "Birdwhistle",
    "name": "Canarykim Birdwhistle",
    "company": "Birdcage Holdings",
    "phone": "+33 1 99 55 41 41",
}
CANARIES = (PERSON.lower(), OLD.lower(), "birdwhistle", "canarykim", "99 55 41")
GLASS = b"glass:"


@pytest.fixture(autouse=True)
def _glass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealed values lie in the database as plain text here, so that a search finds whatever is left of a person."""
    closed = Seal.open_bytes

    def open_bytes(seal: Seal, sealed: bytes, *, about: str) -> bytes:
        head = GLASS + about.encode() + b"|"
        return sealed[len(head) :] if sealed.startswith(GLASS) else closed(seal, sealed, about=about)

    monkeypatch.setattr(Seal, "close_bytes", lambda _seal, plain, *, about: GLASS + about.encode() + b"|" + plain)
    monkeypatch.setattr(Seal, "open_bytes", open_bytes)


ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""One database is enough where the first test has shown that both forget."""


def has_met_them(house: House) -> None:
    """It has had much to do with a person: under an old id, and as a duplicate of somebody else."""
    house.lead(OLD, **FIELDS)
    house.post(house.event(OLD))
    house.drain()
    house.later(minutes=1)
    house.crm.records.pop(("lead", OLD))
    house.lead(PERSON, **FIELDS)
    house.lead(OTHER, email="pat@elsewhere.example", last_name="Other", name="Pat Other", company="Elsewhere")
    house.post(house.event(OLD, change="merged"), house.event(PERSON), house.event(OTHER))
    house.drain()
    with house.database.write() as connection:
        erasures.note_mergers(connection, house.install.id, "lead", [(OLD, PERSON)], now=house.now)
        letters.receive(connection, house.install.id, [house.event(PERSON, change="restored")], now=house.now)
    _name_as_duplicate(house)


@pytest.fixture
def met(begin: Callable[[Prologue], House]) -> House:
    return begin(has_met_them)


@pytest.fixture
def known(met: House) -> House:
    """The same, and every table with a lead has a row about them."""
    _fill(met)
    return met


def _name_as_duplicate(house: House) -> None:
    """Have the other lead's decision call the person its duplicate, with their whole record."""
    with house.database.write() as connection:
        seal = house.keyring.seal(house.install.key)
        (stored,) = decisions.of_lead(connection, house.install.id, seal, OTHER)
        contact = house.crm.records["lead", PERSON]
        verdict = Verdict("same", "lead", PERSON, evidence=(Evidence("name", "Both are Canarykim Birdwhistle", 3.0),))
        basis = dataclasses.replace(stored.decision.basis or Basis(), contact=contact)
        changed = dataclasses.replace(stored.decision, duplicate=verdict, basis=basis)
        forgetting.rewrite(connection, house.install.id, seal, changed)


def _fill(house: House) -> None:
    """Put a row about the person into every table with a lead that has none yet."""
    with house.database.write() as connection:
        key = connection.execute(select(metadata.tables["decision"].c.key).limit(1)).scalar_one()
        for table in metadata.sorted_tables:
            if "lead_id" not in table.c or _about(connection, table, PERSON):
                continue
            values = {column.name: _value(column.type) for column in table.c if column.autoincrement is not True}
            named = {"install_id": house.install.id, "lead_id": PERSON, "decision_key": key}
            connection.execute(insert(table).values(values | {k: v for k, v in named.items() if k in table.c}))
        for table in metadata.sorted_tables:
            assert "lead_id" not in table.c or _about(connection, table, PERSON), table.name


HELD: dict[str, str] = {
    **dict.fromkeys(
        ("asked", "assignment", "decision", "response", "review", "timer", "letter", "erasure", "pair_member"),
        "rows that name the record",
    ),
    **dict.fromkeys(("pair_label", "cleanup_tie", "alias", "merger"), "rows that name two records"),
    "ledger": "with its decision",
    "term": "with its decision: keyed hashes",
    "pair": "with its members",
    "memo": "opened: answers of the CRM that are remembered",
    "change": "opened: what people did about them",
    "api_reply": "opened: what our API answered about them",
    "index_entry": "opened: the record as read last",
}
"""What holds anything of a person, and how an export finds it."""
NOTHING: dict[str, str] = {
    **dict.fromkeys(("index_key", "index_fresh", "index_count", "index_contact"), "keyed hashes and numbers"),
    **dict.fromkeys(("index_book", "lease", "cursor", "progress", "stream", "ending", "shelf"), "our own work"),
    **dict.fromkeys(("api_usage", "api_limit", "tally", "rotation"), "numbers"),
    **dict.fromkeys(("install", "token", "note", "ruleset", "edition", "shelf_rule", "cleanup"), "of the customer"),
    **dict.fromkeys(("admin", "role_grant", "api_key", "support_leave", "absence", "pause"), "of the customer's users"),
}
"""What holds nothing of a lead, and what it holds instead."""


def test_every_table_has_an_answer_to_what_it_holds_of_a_person() -> None:
    """A new table fails here until somebody says how an export finds what it holds, or that it holds nothing."""
    assert set(metadata.tables) == HELD.keys() | NOTHING.keys()
    assert not HELD.keys() & NOTHING.keys()


@ON_SQLITE
def test_an_export_tells_of_each_table_that_holds_anything(met: House) -> None:
    _do_and_answer(met)
    tables = set(found(met)) & set(metadata.tables) - {"erasure"}
    assert tables <= HELD.keys(), "and nothing else holds any of the words that we look for"
    told = person.held(_services(met), met.install, PERSON)
    parts = {name for name, value in told.items() if value}
    assert {"records", "decisions", "named_in", "changes", "answers", "rows"} <= parts
    beside = {"decision", "ledger", "term", "index_entry", "memo", "change", "api_reply"}
    assert tables - beside <= told["rows"].keys()
    assert told["rows"].keys() >= {"merger", "letter", "assignment"}
    text = json.dumps(told, default=str)
    assert FIELDS["email"] in text
    assert OLD in told["ids"]


@ON_SQLITE
def test_what_people_did_about_them_and_what_we_answered_is_forgotten_too(known: House) -> None:
    _do_and_answer(known)
    assert {"change", "api_reply", "memo"} <= found(known).keys()
    ask(known)
    known.drain()
    known.database.forget()
    assert found(known) == {}
    with known.database.read() as connection:
        (kept,) = changes.page(connection, known.install.id, known.keyring.seal(known.install.key), limit=9)
    assert (kept.did, kept.about) == ("decision retried", ""), "that somebody did something stays"


@ON_SQLITE
def test_of_whoever_is_forgotten_nothing_is_exported_any_more(known: House) -> None:
    _do_and_answer(known)
    ask(known)
    known.drain()
    with pytest.raises(NotThere):
        person.held(_services(known), known.install, PERSON)


def _do_and_answer(house: House) -> None:
    """Note that somebody tried a decision about the person again, an answer of our API, and one of the CRM's."""
    seal = house.keyring.seal(house.install.key)
    with house.database.write() as connection:
        about = f"{PERSON}-1-2"
        changes.add(
            connection, house.install.id, seal, by="u1", did="decision retried", about=about, before="", now=house.now
        )
        replies.claim(connection, house.install.id, seal, "k", "r", now=house.now)
        replies.keep(connection, house.install.id, seal, "k", replies.Reply(200, f"about {PERSON}"))
    memo = StoredMemo(house.database, house.install.id, seal, lambda: house.now)
    memo.put("answer", {"id": PERSON, "name": FIELDS["name"]}, seconds=60)


def _services(house: House) -> Services:
    """The services over this house's database; its keys are the house's."""
    made = Services(house.settings)
    made.database.close()
    made.database, made.keyring = house.database, house.keyring
    return made


def _about(connection: Any, table: Any, lead_id: str) -> bool:
    return connection.execute(select(table).where(table.c.lead_id == lead_id)).first() is not None


def _value(type_: Any) -> Any:
    if isinstance(type_, Moment):
        return START
    if isinstance(type_, LargeBinary):
        return GLASS + b"|{}"
    if isinstance(type_, JSON):
        return []
    return 0 if isinstance(type_, Integer | Float) else "x"


def ask(house: House, *people: str) -> None:
    with house.database.write() as connection:
        erasures.ask(connection, house.install.id, people or [PERSON], now=house.now)


def found(house: House, *, but: Collection[str] = ()) -> dict[str, list[str]]:
    """Search every table, and the files of SQLite, for the canaries; tables of `but` are left out."""
    with house.database.read() as connection:
        content = {
            name: repr(connection.execute(select(table)).all()).lower()
            for name, table in metadata.tables.items()
            if name not in but
        }
    if house.database.engine.dialect.name == "sqlite" and not but:
        path = Path(str(house.database.engine.url.database))
        for each in (path, path.with_name(f"{path.name}-wal")):
            content[each.name] = each.read_bytes().decode("latin-1").lower()
    hits = {name: [word for word in CANARIES if word in text] for name, text in content.items()}
    return {name: words for name, words in hits.items() if words}


def test_everything_about_a_person_is_forgotten_in_every_table_and_file(known: House) -> None:
    before = found(known)
    tables = {name for name, table in metadata.tables.items() if "lead_id" in table.c}
    assert tables | {"letter", "merger", "index_entry"} <= set(before), "the search finds what is there"
    assert known.settings.sweep_seconds < 60, "the clock comes by more than once a minute"
    ask(known)
    known.drain()
    known.database.forget()
    assert found(known) == {}
    (left,) = known.crm.forgotten
    assert {PERSON, OLD} <= left.leads
    assert left.audits
    assert left.tasks
    assert left.others


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
    house.drain()
    house.database.forget()
    assert found(house) == {}
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
    known.drain()
    known.database.forget()
    assert found(known) == {}


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
    known.drain()
    known.database.forget()
    assert found(known) == {}


@ON_SQLITE
def test_a_late_event_about_them_leaves_no_trace(known: House) -> None:
    ask(known)
    known.drain()
    known.crm.records.pop(("lead", PERSON))
    known.later(minutes=1)
    known.post(known.event(PERSON, change="deleted"), known.event(PERSON, change="updated"))
    known.drain()
    known.database.forget()
    assert found(known) == {}


@ON_SQLITE
def test_a_deletion_that_is_heard_before_the_erasure_leaves_no_trace_either(known: House) -> None:
    """HubSpot tells of both, in any order."""
    known.crm.records.pop(("lead", PERSON))
    known.later(minutes=1)
    known.post(known.event(PERSON, change="deleted"))
    known.drain()
    assert found(known)
    ask(known)
    known.drain()
    known.database.forget()
    assert found(known) == {}


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
    known.drain()
    known.database.forget()
    assert found(known) == {}


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
    with house.database.write() as connection:
        for kind in ("lead", "contact"):
            progress.start(connection, house.install.id, f"backfill:{kind}", now=house.now)
    house.drain()
    assert "index_entry" in found(house)
    house.crm.records.clear()
    ask(house)
    house.drain()
    house.database.forget()
    assert found(house) == {}
