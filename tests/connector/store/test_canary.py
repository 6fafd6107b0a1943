"""After a lead has been routed, nothing of it can be read in the SQLite files, nor any token."""

from __future__ import annotations

import re
from pathlib import Path

from connector.store import tokens
from tests.jobs.conftest import House, house

__all__ = ["house"]

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


def test_no_field_and_no_token_is_readable_in_the_files(house: House, tmp_path: Path) -> None:
    seal = house.keyring.seal(house.install.key)
    with house.database.write() as connection:
        tokens.put(connection, house.install.id, seal.close({"refresh": TOKEN}, about="token"), expires_at=None)
    house.account("a1", **ACCOUNT)
    house.post(house.event("a1", kind="account"))
    house.lead("l1", **LEAD)
    house.post(house.event("l1"))
    house.drain()
    assert house.crm.records[("lead", "l1")].fields["account_id"] == "a1", "it was matched, so it is in the index"
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    assert "switchyard.sqlite-wal" in files, "the open write-ahead log is looked at too"
    house.database.close()
    files["closed"] = (tmp_path / "switchyard.sqlite").read_bytes()
    assert b"ix_decision_install_id_lead_id_created_at" in files["closed"], "the search would find plain text"
    for name, content in files.items():
        for text in (content.lower(), content.lower().replace(b"\x00", b"")):
            found = [word for word in WORDS if re.search(re.escape(word).encode(), text)]
            assert found == [], name
