"""What the tests of forgetting are made of: a person whom every table knows, and a search for what is left of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Float, Integer, LargeBinary, insert, select

from connector.services import Services
from connector.store import changes, decisions, erasures, forgetting, letters, replies
from connector.store.base import Moment
from connector.store.memos import StoredMemo
from connector.store.schema import metadata
from connector.store.seal import Seal
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
def _glass(after: Callable[[Prologue | None], object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealed values lie in the database as plain text here, so that a search finds whatever is left of a person."""
    after(None)  # the house that all files copy is sealed as ever
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


def do_and_answer(house: House) -> None:
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


def services_of(house: House) -> Services:
    """The services over this house's database; its keys are the house's."""
    made = Services(house.settings)
    made.database.close()
    made.database, made.keyring = house.database, house.keyring
    return made


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


def left(house: House) -> dict[str, list[str]]:
    """Let a worker do what it has to, and search for what is left."""
    house.drain()
    house.database.forget()
    return found(house)


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
