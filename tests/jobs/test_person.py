"""All that is held about a person can be told: what is found there is what an erasure would take away."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import delete, select

from connector.desk import person
from connector.desk.faults import NotThere
from connector.services import Services
from connector.store import decisions, forgetting, pairs
from connector.store.base import metadata
from connector.store.pairs import Suggestion
from rules.actions import Member, Merge
from rules.labels import Label
from rules.model import Evidence
from tests.jobs.conftest import House
from tests.jobs.test_privacy import FIELDS, OLD, OTHER, PERSON, _glass, known, met

__all__ = ["_glass", "known", "met"]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


SEALED = ("review", "asked")
"""Tables whose sealed part is opened here: what test_privacy fills in says nothing that could be read."""


def held(house: House, record_id: str) -> dict[str, Any]:
    with house.database.write() as connection:
        for name in SEALED:
            connection.execute(delete(metadata.tables[name]))
    services = Services(house.settings)
    services.__dict__.update(database=house.database, keyring=house.keyring)
    return person.held(services, house.install, record_id)


def test_all_that_is_held_about_a_person_is_told(known: House) -> None:
    told = held(known, PERSON)
    text = json.dumps(told, default=str)
    assert told["ids"] == sorted([OLD, PERSON])
    assert "Birdwhistle" in text
    assert OTHER in text
    assert "pat@elsewhere.example" not in text, "what is known of others is theirs"


def test_every_table_that_names_a_lead_is_looked_through(known: House) -> None:
    told = held(known, PERSON)
    rows = told["rows"]
    with known.database.read() as connection:
        for table in metadata.sorted_tables:
            if "lead_id" in table.c and table.name not in {"decision", *SEALED}:
                count = len(connection.execute(select(table).where(table.c.lead_id.in_([PERSON, OLD]))).all())
                assert len(rows.get(table.name, ())) == count > 0, table.name


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


def test_of_somebody_unknown_nothing_is_told(known: House) -> None:
    nobody = "00Q000000000404AAA"
    with pytest.raises(NotThere, match=f"Nothing is held about {nobody}"):
        held(known, nobody)
