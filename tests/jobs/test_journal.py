"""HubSpot's journal, read over real sockets: what webhooks lost comes in, once, and nobody else's address is called."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from connector.crm import Routes
from connector.errors import Later, Refused
from connector.hubspot.journal import Entries
from connector.services import Services
from connector.store import cursors, erasures, installs, letters
from connector.store.installs import Install
from jobs import journal
from tests.connector.web.kit import House, settings
from tests.local.processes import free_port
from tests.sandbox.hubspot import Sandbox, start

pytestmark = pytest.mark.usefixtures("quiet_logs")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = start(tmp_path_factory.mktemp("hubspot"))
    yield running
    running.stop()


@pytest.fixture
def house(sandbox: Sandbox, sqlite_template: Path, tmp_path: Path) -> Iterator[House]:
    """A house whose settings point at the sandbox, with the journal switched on; its clock is the real one's time."""
    path = tmp_path / "store.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    sandbox.reset()
    sandbox.install()
    made = House(
        settings(
            database_url=f"sqlite:///{path}",
            hubspot_api_url=sandbox.url,
            hubspot_client_id=sandbox.client_id,
            hubspot_client_secret=sandbox.client_secret,
            hubspot_journal=True,
        )
    )
    yield made
    made.close()


@pytest.fixture
def portal(house: House, sandbox: Sandbox) -> Install:
    return house.connect("hubspot", str(sandbox.portal), "Acme")


def order(sandbox: Sandbox, path: str, **body: object) -> dict[str, str]:
    answer = requests.post(f"{sandbox.url}/_control/{path}", json={"portalId": sandbox.portal} | body, timeout=10)
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


def tick(house: House) -> None:
    """A minute later the clock comes by."""
    house.now += journal.EVERY
    journal.tick(house.tools)


_NUMBERS = itertools.count()


def person(sandbox: Sandbox) -> str:
    email = f"kim.{next(_NUMBERS)}@globex.example"
    return order(sandbox, "create", object="contacts", properties={"email": email})["id"]


def test_what_happened_since_the_subscription_comes_in_once_behind_what_is_live(
    house: House, portal: Install, sandbox: Sandbox
) -> None:
    tick(house)
    lead = person(sandbox)
    tick(house)
    rows = house.letters(portal.id)
    assert {(row.kind, row.record_id, row.change) for row in rows} >= {
        ("lead", lead, "created"),
        ("lead", lead, "updated"),
    }
    assert {row.priority for row in rows} == {letters.BACKFILL}
    assert {"email"} <= {name for row in rows for name in row.changed.split()}
    assert house.rung
    tick(house)
    assert len(house.letters(portal.id)) == len(rows)


def test_it_goes_on_at_the_stored_place_after_a_restart(house: House, portal: Install, sandbox: Sandbox) -> None:
    tick(house)
    first = person(sandbox)
    tick(house)
    second = person(sandbox)
    again = House(house.settings)
    again.now = house.now
    tick(again)
    again.close()
    assert {row.record_id for row in house.letters(portal.id)} == {first, second}


def test_a_merge_and_a_privacy_deletion_are_read_from_it(house: House, portal: Install, sandbox: Sandbox) -> None:
    tick(house)
    one, two, three = (person(sandbox) for _ in range(3))
    new = order(sandbox, "merge", object="contacts", primary=one, other=two)["id"]
    order(sandbox, "gdpr-delete", object="contacts", id=three)
    tick(house)
    with house.database.read() as connection:
        assert {one, two} <= erasures.names_of(connection, portal.id, "lead", new) | {new}
        (found,) = erasures.due(connection, portal.id, "here", now=house.now, limit=9)
    assert found.record_id == three


def test_the_removal_of_the_app_revokes_the_install(house: House, portal: Install, sandbox: Sandbox) -> None:
    tick(house)
    order(sandbox, "uninstall")
    tick(house)
    found = house.install(portal.id)
    assert found is not None
    assert (found.status, found.reason) == ("revoked", journal.REMOVED)


def test_a_place_older_than_three_days_asks_for_a_comparison_and_begins_anew(
    house: House, portal: Install, sandbox: Sandbox
) -> None:
    tick(house)
    person(sandbox)
    tick(house)
    sandbox.hub.journal.age(4 * 24 * 3600 * 1000)
    tick(house)
    assert {(row.kind, row.change) for row in house.letters(portal.id)} >= {("lead", "resync"), ("account", "resync")}
    with house.database.read() as connection:
        assert cursors.get(connection, portal.id, journal.TOPIC) is None


def test_after_an_outage_of_four_days_nothing_is_read_from_an_old_place(
    house: House, portal: Install, sandbox: Sandbox
) -> None:
    tick(house)
    house.now += journal.KEPT
    tick(house)
    assert {row.change for row in house.letters(portal.id)} == {"resync"}


@pytest.mark.parametrize(
    "host",
    [
        "http://169.254.169.254",
        "https://amazonaws.com.evil.example",
        "https://hubspot.com:8443",
        "https://a@hubspot.com",
    ],
)
def test_a_file_at_a_foreign_address_is_never_asked_for(
    house: House, portal: Install, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    tick(house)
    person(sandbox)
    monkeypatch.setattr(sandbox.hub.journal, "file_host", host)
    sandbox.control.forget_calls()
    reader = house.journal()
    assert reader is not None
    with pytest.raises(Refused, match="address that we do not know"):
        reader.after(portal.tenant_id, "", "contacts", now=house.now)
    reader.close()
    tick(house)
    assert house.letters(portal.id) == []
    found = house.install(portal.id)
    assert found is not None
    assert found.status == "active"


def test_a_refusal_of_the_app_itself_disables_no_customer(house: House, portal: Install, sandbox: Sandbox) -> None:
    for status in (400, 401, 403, 500):
        sandbox.control.forget_orders()
        body = {"pattern": "token|webhooks-journal", "times": 50, "status": status, "body": {"error": "invalid_client"}}
        requests.post(f"{sandbox.url}/_control/faults", json=body, timeout=10)
        tick(house)
    sandbox.control.forget_orders()
    found = house.install(portal.id)
    assert found is not None
    assert found.status == "active"
    tick(house)
    lead = person(sandbox)
    tick(house)
    assert {row.record_id for row in house.letters(portal.id)} == {lead}


def test_a_portal_is_asked_once_a_minute_and_the_app_has_one_token(
    house: House, portal: Install, sandbox: Sandbox
) -> None:
    tick(house)
    tick(house)
    sandbox.control.forget_calls()
    journal.tick(house.tools)
    assert [call.path for call in sandbox.control.calls()] == []
    tick(house)
    assert [call.path for call in sandbox.control.calls() if "token" in call.path] == []


def test_other_portals_share_of_the_minute_is_not_used_up_by_one(house: House, portal: Install) -> None:
    house.connect("hubspot", "49547190", "Other")
    times = iter([0.0, 0.0, journal.SECONDS + 1, journal.SECONDS + 1])
    reader = house.journal()
    assert reader is not None
    assert journal.sweep(house.tools, reader, clock=lambda: next(times)) == 1
    assert journal.sweep(house.tools, reader, clock=lambda: 0.0) == 1
    reader.close()


def test_it_is_off_unless_it_is_switched_on(house: House) -> None:
    off = Services(settings(redis_url=f"redis://127.0.0.1:{free_port()}/0"))
    assert off.journal() is None
    assert not settings().hubspot_journal
    with house.database.read() as connection:
        assert installs.every(connection) == []
    off.close()


def test_a_removal_before_the_portal_was_connected_again_revokes_nothing(
    house: House, portal: Install, sandbox: Sandbox
) -> None:
    """The journal is not read while an install is revoked, so the removal still stands there when it comes back."""
    tick(house)
    order(sandbox, "uninstall")
    with house.database.write() as connection:
        installs.set_status(connection, portal.id, "revoked", "The refresh was refused.")
    tick(house)
    sandbox.install()
    house.now = datetime.now(UTC) + timedelta(seconds=1)
    house.connect("hubspot", portal.tenant_id, "Acme", admin="7")
    lead = person(sandbox)
    tick(house)
    found = house.install(portal.id)
    assert found is not None
    assert found.status == "active"
    assert lead in {row.record_id for row in house.letters(portal.id)}


def test_a_file_that_cannot_be_read_has_none_before_it_read_again(
    house: House, portal: Install, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick(house)
    first = person(sandbox)
    tick(house)
    person(sandbox)
    with house.database.read() as connection:
        place = cursors.get(connection, portal.id, journal.TOPIC)
    reader = house.journal()
    assert reader is not None
    read: list[str] = []
    real = reader.after

    def after(portal_id: str, offset: str, routes: Routes, *, now: datetime) -> Entries | None:
        if len(read) % 2:
            read.append(offset)
            raise Later("A file was not given", seconds=30)
        read.append(offset)
        return real(portal_id, offset, routes, now=now)

    monkeypatch.setattr(reader, "after", after)
    assert place is not None
    for _ in range(2):
        house.now += journal.EVERY
        journal.sweep(house.tools, reader)
    reader.close()
    assert len(read) == 4
    assert read[2] == read[1] != read[0] == place[0].decode(), "it goes on where it stood"
    assert first in {row.record_id for row in house.letters(portal.id)}


def test_a_portal_whose_journal_is_nonsense_holds_up_no_other(
    house: House, portal: Install, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = house.connect("hubspot", "49547190", "Other")
    reader = house.journal()
    assert reader is not None
    real = reader.begin

    def begin(portal_id: str) -> str:
        if portal_id == portal.tenant_id:
            raise KeyError("access_token")
        return real(portal_id)

    monkeypatch.setattr(reader, "begin", begin)
    house.now += journal.EVERY
    assert journal.sweep(house.tools, reader) == 2
    reader.close()
    with house.database.read() as connection:
        assert cursors.get(connection, portal.id, journal.TOPIC) is not None
        assert cursors.get(connection, other.id, journal.TOPIC) is not None
