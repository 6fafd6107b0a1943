"""All that is held about a person can be told: what is found there is what an erasure would take away."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import delete, select

from connector.desk import person
from connector.desk.faults import NotThere
from connector.services import Services
from connector.store.base import metadata
from tests.jobs.conftest import House
from tests.jobs.test_privacy import OLD, OTHER, PERSON, _glass, known, met

__all__ = ["_glass", "known", "met"]

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


SEALED = ("review", "asked")
"""Tables whose sealed part is opened here: what test_privacy fills in says nothing that could be read."""


def held(house: House, record_id: str) -> dict[str, object]:
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
    assert isinstance(rows, dict)
    with known.database.read() as connection:
        for table in metadata.sorted_tables:
            if "lead_id" in table.c and table.name not in {"decision", *SEALED}:
                count = len(connection.execute(select(table).where(table.c.lead_id.in_([PERSON, OLD]))).all())
                assert len(rows.get(table.name, ())) == count > 0, table.name


def test_of_somebody_unknown_nothing_is_told(known: House) -> None:
    nobody = "00Q000000000404AAA"
    with pytest.raises(NotThere, match=f"Nothing is held about {nobody}"):
        held(known, nobody)
