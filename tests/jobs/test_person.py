"""All that is held about a person can be told: what is found there is what an erasure would take away."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select

from connector.desk import person
from connector.desk.faults import NotThere
from connector.store import decisions, forgetting, pairs
from connector.store.pairs import Suggestion
from connector.store.schema import metadata
from rules.actions import Member, Merge
from rules.labels import Label
from rules.model import Evidence
from tests.jobs.conftest import House
from tests.jobs.erased import (
    FIELDS,
    OLD,
    ON_SQLITE,
    OTHER,
    PERSON,
    _glass,
    ask,
    do_and_answer,
    found,
    known,
    met,
    services_of,
)

__all__ = ["_glass", "known", "met"]

SEALED = ("review", "asked")
"""Tables whose sealed part is opened here: what erased.py fills in says nothing that could be read."""


def held(house: House, record_id: str) -> dict[str, Any]:
    with house.database.write() as connection:
        for name in SEALED:
            connection.execute(delete(metadata.tables[name]))
    return person.held(services_of(house), house.install, record_id)


@ON_SQLITE
def test_all_that_is_held_about_a_person_is_told(known: House) -> None:
    told = held(known, PERSON)
    text = json.dumps(told, default=str)
    assert told["ids"] == sorted([OLD, PERSON])
    assert "Birdwhistle" in text
    assert OTHER in text
    assert "pat@elsewhere.example" not in text, "what is known of others is theirs"


@ON_SQLITE
def test_every_table_that_names_a_lead_is_looked_through(known: House) -> None:
    told = held(known, PERSON)
    rows = told["rows"]
    with known.database.read() as connection:
        for table in metadata.sorted_tables:
            if "lead_id" in table.c and table.name not in {"decision", *SEALED}:
                count = len(connection.execute(select(table).where(table.c.lead_id.in_([PERSON, OLD]))).all())
                assert len(rows.get(table.name, ())) == count > 0, table.name


@ON_SQLITE
def test_who_said_what_of_them_and_somebody_else_is_told_whatever_became_of_it(met: House) -> None:
    two = (Member("lead", PERSON), Member("lead", OTHER))
    seen = Suggestion(two, 0.8, (Evidence("name", "Both are Canarykim", 2.0),), names=("Canarykim", ""))
    seal, about = met.keyring.seal(met.install.key), (met.install.id, met.keyring.seal(met.install.key))
    with met.database.write() as connection:
        pairs.suggest(connection, *about, [seen], now=met.now)
        (asked,) = pairs.open_(connection, *about, limit=9)
        said = replace(asked, state="rejected", answer=pairs.Answer("Ana"), decided_at=met.now)
        assert pairs.move(connection, met.install.id, seal, asked, said)
        pairs.label(connection, *about, two, same=False, by="Ana", at=met.now)
    told = held(met, PERSON)["questions"]
    (duplicate,) = [each["duplicate"] for each in told if "duplicate" in each]
    assert (duplicate["state"], duplicate["answer"]["by"]) == ("rejected", "Ana")
    assert duplicate["suggestion"]["evidence"][0]["text"] == "Both are Canarykim"
    (label,) = [each["said"] for each in told if "said" in each]
    assert (label["ids"], label["same"], label["by"]) == (sorted([PERSON, OTHER]), False, "Ana")
    json.dumps(told)


@ON_SQLITE
def test_what_a_decision_about_somebody_else_says_of_them_is_told(met: House) -> None:
    seal, pair = met.keyring.seal(met.install.key), (Member("lead", PERSON), Member("lead", OTHER))
    with met.database.write() as connection:
        (stored,) = decisions.of_lead(connection, met.install.id, seal, OTHER)
        merge = Merge(pair[1], (pair[0],), {"phone": FIELDS["phone"]})
        said = Label("same", pair, "Ana", met.now)
        changed = replace(stored.decision, actions=(merge,), merging=("Both are Canarykim",), label=said)
        forgetting.rewrite(connection, met.install.id, seal, changed)
    (told,) = held(met, PERSON)["named_in"]
    assert told["contact"]["id"] == PERSON
    assert (told["said"]["verdict"], told["said"]["by"]) == ("same", "Ana")
    assert told["merged"][0]["values"] == {"phone": FIELDS["phone"]}
    assert told["why"][0] == "Both are Canarykim"
    assert "pat@elsewhere.example" not in json.dumps(told)


@ON_SQLITE
def test_of_somebody_unknown_nothing_is_told(known: House) -> None:
    nobody = "00Q000000000404AAA"
    with pytest.raises(NotThere, match=f"Nothing is held about {nobody}"):
        held(known, nobody)


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
    do_and_answer(met)
    tables = set(found(met)) & set(metadata.tables) - {"erasure"}
    assert tables <= HELD.keys(), "and nothing else holds any of the words that we look for"
    told = person.held(services_of(met), met.install, PERSON)
    parts = {name for name, value in told.items() if value}
    assert {"records", "decisions", "named_in", "changes", "answers", "rows"} <= parts
    beside = {"decision", "ledger", "term", "index_entry", "memo", "change", "api_reply"}
    assert tables - beside <= told["rows"].keys()
    assert told["rows"].keys() >= {"merger", "letter", "assignment"}
    text = json.dumps(told, default=str)
    assert FIELDS["email"] in text
    assert OLD in told["ids"]


@ON_SQLITE
def test_of_whoever_is_forgotten_nothing_is_exported_any_more(known: House) -> None:
    do_and_answer(known)
    ask(known)
    known.drain()
    with pytest.raises(NotThere):
        person.held(services_of(known), known.install, PERSON)
