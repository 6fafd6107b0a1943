"""After a lead has been routed, nothing of it can be read in the database, nor any token."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import select

from connector.store import reviews, tokens
from connector.store.schema import metadata
from rules.model import Candidate, Evidence, Match, Record
from tests.connector.store import kit
from tests.jobs.conftest import House, after, begin, house, numbers

__all__ = ["after", "begin", "house", "numbers"]

LEAD = {
    "email": "canary.kim@birdcage.example",
    "first_name": "Canarykim",
    "last_name": "Birdwhistle",
    "name": "Canarykim Birdwhistle",
    "company": "Birdcage Holdings",
    "phone": "+33 1 99 55 41 41",
    "street": "7 Finch Lane",
    "city": "Warblerton",
    "Custom_Note__c": "prefers-budgerigars",
}
ACCOUNT = {"name": "Birdcage Holdings", "website": "https://www.birdcage.example", "phone": "+33 1 99 55 41 40"}
TOKEN = "00Dxx-canary-refresh-token"
WORDS = ("canary", "birdwhistle", "birdcage", "finch lane", "warblerton", "budgerigar", "995541", "99 55 41")


def test_no_field_and_no_token_is_readable_in_the_database(house: House) -> None:
    seal = house.keyring.seal(house.install.key)
    with house.database.write() as connection:
        tokens.put(connection, house.install.id, seal.close({"refresh": TOKEN}, about="token"), expires_at=None)
    house.account("a1", **ACCOUNT)
    house.post(house.event("a1", kind="account"))
    house.lead("l1", **LEAD)
    house.post(house.event("l1"))
    house.drain()
    assert house.crm.records[("lead", "l1")].fields["account_id"] == "a1", "it was matched, so it is in the index"
    unsure = Match("review", Candidate("a1", ACCOUNT["name"], None, 0.7, (Evidence("name", "Birdcage twice", 1.0),)))
    with house.database.write() as connection:
        made = [kit.decision(f"d{n}", f"l{n}", lead=Record("lead", f"l{n}", LEAD), match=unsure) for n in (8, 9)]
        reviews.follow(connection, house.install.id, seal, made, now=house.now)
        said: dict[str, Any] = {"account_id": "a1", "verdict": "never", "by": "Canarykim"}
        assert reviews.answer(connection, house.install.id, seal, lead_id="l9", now=house.now, **said)
    for name, content in stored(house).items():
        for text in (content.lower(), content.lower().replace(b"\x00", b"")):
            found = [word for word in WORDS if re.search(re.escape(word).encode(), text)]
            assert found == [], name


def stored(house: House) -> dict[str, bytes]:
    """Return all that the database holds: the files of SQLite, open and closed; the rows of PostgreSQL."""
    if house.database.engine.dialect.name == "postgresql":
        with house.database.read() as connection:
            rows = {name: connection.execute(select(table)).all() for name, table in metadata.tables.items()}
        assert rows["decision"], "there is something to search"
        return {name: repr(found).encode() for name, found in rows.items()}
    path = Path(str(house.database.engine.url.database))
    wal = path.with_name(f"{path.name}-wal")
    assert wal.exists(), "the open write-ahead log is looked at too"
    files = {each.name: each.read_bytes() for each in (path, wal)}
    house.database.close()
    files["closed"] = path.read_bytes()
    assert b"ix_decision_install_id_lead_id_created_at" in files["closed"], "the search would find plain text"
    return files
