"""The end of a grant, the master keys, and what the database shows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.fernet import Fernet
from sqlalchemy import select
from structlog.testing import capture_logs

from connector.crm import CrmName
from connector.errors import Revoked
from connector.store import base, installs
from connector.store.seal import KeyRing, Unreadable
from oauth.vault import rotate
from tests.oauth.grants import ready, works
from tests.oauth.house import House
from tests.sandbox.control import Fault

CRMS: tuple[CrmName, ...] = ("salesforce", "hubspot")


def test_disconnecting_tells_the_crm_and_destroys_key_and_rows(house: House, crm: CrmName) -> None:
    install, token = ready(house, crm)
    grant = house.vault._source(install).good()
    house.vault.disconnect(install)
    assert house.install(install.id) is None
    assert house.stored_token(install) is None
    assert not works(house, crm, token)
    with pytest.raises(Revoked):
        house.vault.provider(crm).refresh(grant)
    if crm == "hubspot":
        assert house.calls(crm, "/appinstalls/2026-09/external-install") == 1
        assert house.calls(crm, "/oauth/2026-09/token/revoke") == 1
    with pytest.raises(Revoked, match="removed"):
        house.vault.source(install).current()


def test_after_disconnecting_no_file_holds_the_key_or_a_token(house: House, crm: CrmName) -> None:
    install, _ = ready(house, crm)
    stored = house.stored_token(install)
    assert stored is not None
    folder = Path(house.values["data_dir"])
    house.vault.disconnect(install)
    found = {path.name: path.read_bytes() for path in folder.glob("switchyard.sqlite*")}
    assert set(found) == {"switchyard.sqlite", "switchyard.sqlite-wal", "switchyard.sqlite-shm"}
    for name, content in found.items():
        assert install.key not in content, name
        assert stored[0] not in content, name


def test_a_reader_does_not_hold_up_a_disconnect_but_the_log_is_then_emptied_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "FORGET_SECONDS", 0)
    install, _ = ready(house, "salesforce")
    with capture_logs() as logs, house.database.read() as connection:
        connection.execute(select(installs.install.c.id)).all()  # sees the state before the disconnect
        house.vault.disconnect(install)
    assert house.install(install.id) is None
    assert any("write-ahead log" in line["event"] for line in logs)
    assert house.database.forget()


def test_disconnecting_an_old_hubspot_install_gets_a_good_token_first(house: House) -> None:
    install, _ = ready(house, "hubspot")
    house.hubspot.hub.portals.get(house.portal)
    requests.post(f"{house.hubspot.url}/_control/expire", json={"portalId": house.portal}, timeout=10)
    house.clock.ahead = timedelta(hours=1)
    house.vault.disconnect(install)
    assert house.hubspot.hub.portals.granted(house.portal) is None
    assert house.install(install.id) is None


@pytest.mark.parametrize("fault", [{"status": 500, "body": "down"}, {"drop": "before"}], ids=str)
def test_a_crm_that_cannot_be_told_does_not_hold_up_a_disconnect(
    house: House, crm: CrmName, fault: dict[str, Any]
) -> None:
    install, _ = ready(house, crm)
    for control in (house.salesforce.control, house.hubspot.control):
        control.order(Fault(".*", times=9, **fault))
    house.vault.disconnect(install)
    assert house.install(install.id) is None


def test_a_revoked_install_can_be_disconnected(house: House, crm: CrmName) -> None:
    install, _ = ready(house, crm)
    with house.database.write() as connection:
        installs.set_status(connection, install.id, "revoked", "gone")
    house.vault.disconnect(install)
    assert house.install(install.id) is None


def test_master_keys_rotate_without_touching_the_tokens(house: House) -> None:
    stored = [ready(house, crm) for crm in CRMS]
    old, new = house.values["encryption_keys"], Fernet.generate_key().decode()
    sealed = [house.stored_token(install) for install, _ in stored]
    assert rotate(house.database, KeyRing(f"{new},{old}")) == 2
    assert [house.stored_token(install) for install, _ in stored] == sealed
    newest_only = house.another_vault(keyring=KeyRing(new))
    for (_, token), install in zip(stored, house.every(), strict=True):
        assert newest_only.source(install).current() == token
        with pytest.raises(Unreadable):
            house.another_vault(keyring=KeyRing(old)).source(install)


def test_rotation_changes_nothing_when_one_key_cannot_be_opened(house: House) -> None:
    ready(house, "hubspot")
    ready(house, "salesforce")
    with house.database.write() as connection:
        last = installs.every(connection)[-1]
        installs.set_key(connection, last.id, KeyRing(Fernet.generate_key().decode()).new_key())
    before = house.every()
    with pytest.raises(Unreadable):
        rotate(house.database, KeyRing(f"{Fernet.generate_key().decode()},{house.values['encryption_keys']}"))
    assert house.every() == before


def test_what_the_database_holds_of_a_token_is_sealed(house: House, crm: CrmName) -> None:
    install, token = ready(house, crm)
    refresh = house.vault._source(install).good().refresh_token
    house.database.close()
    files = [file.read_bytes() for file in Path(house.values["data_dir"]).glob("switchyard.sqlite*")]
    assert files
    for secret in (token.access_token, refresh):
        assert all(secret.encode() not in file for file in files)
