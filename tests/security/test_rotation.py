"""Every key can be changed while everything is in use: what the old one made is read, then the old one can go."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet
from pydantic import SecretStr

from connector import cli
from connector.api import pages
from connector.api.problems import Trouble
from connector.app import create_app
from connector.settings import SettingsError, load
from connector.store import decisions, installs
from connector.store.seal import KeyRing, Unreadable
from oauth.vault import rotate
from tests.connector.test_cli import environ, services
from tests.connector.test_settings import WHOLE
from tests.connector.web.conftest import ALICE, ORG, acme, empty, house
from tests.connector.web.kit import (
    KEY,
    PUBLIC_URL,
    SECRET,
    Browser,
    House,
    batch,
    browser,
    change,
    decision,
    settings,
    signed,
)

__all__ = ["acme", "empty", "environ", "house", "services"]

OLD, NEW = "o" * 32, "n" * 32
ROUNDS = 15


def reopened(house: House, **changed: SecretStr) -> House:
    """The same house after a restart with changed settings."""
    made = House(settings(database_url=house.settings.database, data_dir=house.settings.data_dir, **changed))
    made.now = house.now
    return made


@pytest.mark.threat("T25")
def test_the_sealing_key_changes_under_load_and_nothing_is_lost(house: House) -> None:
    new = Fernet.generate_key().decode()
    here = reopened(house, encryption_keys=SecretStr(f"{new},{KEY}"))
    mine = here.connect("salesforce", ORG, "Acme", admin=ALICE)
    faults: list[Exception] = []
    half_way = threading.Event()

    def work() -> None:
        try:
            for number in range(ROUNDS):
                here.decide(here.install(mine.id) or mine, decision(f"d{number}"))
                if number == ROUNDS // 2:
                    half_way.set()
        except Exception as error:  # noqa: BLE001 - told below
            faults.append(error)
            half_way.set()

    with here.database.write() as connection:
        installs.set_key(connection, mine.id, KeyRing(KEY).new_key())  # made by a process that knew only the old key
    worker = threading.Thread(target=work)
    worker.start()
    half_way.wait(60)
    assert rotate(here.database, here.keyring) == 1
    worker.join(60)
    assert faults == []
    after = reopened(house, encryption_keys=SecretStr(new))
    found = after.install(mine.id)
    assert found is not None
    with after.database.read() as connection:
        read = decisions.recent(connection, mine.id, after.seal(found), limit=100)
    assert {each.decision.key for each in read} == {f"d{number}" for number in range(ROUNDS)}
    with pytest.raises(Unreadable):
        KeyRing(KEY).seal(found.key)
    here.close()
    after.close()


@pytest.mark.threat("T25")
def test_check_names_the_installs_that_no_key_opens(services: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with services.database.write() as connection:
        made, _ = installs.connect(
            connection, crm="hubspot", tenant_id="1", name="Acme", base_url="https://x.example", scopes=frozenset(),
            new_key=services.keyring.new_key(), now=services.clock(),
        )  # fmt: skip
    monkeypatch.setenv("ENCRYPTION_KEYS", Fernet.generate_key().decode())
    output = CliRunner().invoke(cli.main, ["check"], env={"COLUMNS": "400"}).output
    assert f"No key of ENCRYPTION_KEYS opens the data of 1 installs ({made.id})" in " ".join(output.split())


@pytest.mark.threat("T25")
def test_sessions_forms_and_cursors_outlive_a_new_session_secret_and_end_with_the_old_one(
    house: House, acme: object
) -> None:
    before = reopened(house, session_secret=SecretStr(OLD))
    alice = browser(create_app(before))
    alice.sign_in("salesforce", ORG, ALICE)
    token = alice.token()
    cookie = alice.get_cookie("__Host-switchyard", domain="route.example.com")
    assert cookie is not None
    install = before.install_of("salesforce", ORG)
    assert install is not None
    with create_app(before).app_context():
        cursor = pages.cursor(install.id, "changes", [7])

    def comes_back(secret: str) -> tuple[int, int, object]:
        there = reopened(house, session_secret=SecretStr(secret))
        app = create_app(there)
        again: Browser = browser(app)
        again.set_cookie("__Host-switchyard", cookie.value, domain="route.example.com", secure=True)
        looked = again.get(f"/installs/{install.id}", base_url=PUBLIC_URL).status_code
        done = again.post(f"/installs/{install.id}/first-steps", data={"csrf_token": token}).status_code
        with app.app_context():
            try:
                place: object = pages.place(install.id, "changes", str(cursor))
            except Trouble:
                place = "refused"
        there.close()
        return looked, done, place

    assert comes_back(f"{NEW},{OLD}") == (200, 303, [7])
    assert comes_back(NEW) == (303, 400, "refused")
    before.close()


@pytest.mark.threat("T25")
@pytest.mark.parametrize(
    ("known", "signer", "status"),
    [
        (f"new-secret,{SECRET}", SECRET, 204),
        (f"new-secret,{SECRET}", "new-secret", 204),
        ("new-secret", SECRET, 401),
        (f"new-secret,{SECRET}", f"new-secret,{SECRET}", 401),
    ],
)
def test_hubspot_may_sign_by_the_old_secret_as_long_as_we_know_it(
    house: House, known: str, signer: str, status: int
) -> None:
    there = reopened(house, hubspot_client_secret=SecretStr(known))
    there.connect("hubspot", "1", "Portal")
    body = batch(change(1))
    client = browser(create_app(there))
    assert client.post("/webhooks/hubspot", data=body, headers=signed(body, secret=signer)).status_code == status
    assert there.settings.hubspot_secrets[0] == "new-secret"
    there.close()


@pytest.mark.parametrize("secret", [f"{NEW},short", ",", f"{OLD},,x"])
def test_a_session_secret_that_is_too_short_is_refused_wherever_it_stands(secret: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SESSION_SECRET is too short"):
        load(WHOLE | {"SESSION_SECRET": secret, "DATA_DIR": str(tmp_path)})
