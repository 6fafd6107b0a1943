"""The wiring: nothing is opened before it is needed, Redis away is no error, everything is closed at the end."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest
import redis

from connector import services as wiring
from connector.hubspot.gateway import HubSpotCrm
from connector.salesforce.gateway import SalesforceCrm
from connector.services import Services, drain, opened
from connector.settings import load
from connector.store import installs, letters, migrate, rulesets
from connector.store.installs import Install
from rules.model import Event
from rules.ruleset import Source
from tests.connector.test_settings import WHOLE
from tests.local.processes import free_port


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with SQLite, and a Redis that is away."""
    away = {"DATABASE_URL": "", "DATA_DIR": str(tmp_path), "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0"}
    return {name: value for name, value in (WHOLE | away).items() if name != "SENTRY_DSN"}


@pytest.fixture
def services(environ: dict[str, str]) -> Iterator[Services]:
    with opened(load(environ)) as made:
        migrate.upgrade(made.database)
        yield made


def install(services: Services, crm: str = "hubspot", tenant_id: str = "77") -> Install:
    with services.database.write() as connection:
        made, _ = installs.connect(
            connection,
            crm="salesforce" if crm == "salesforce" else "hubspot",
            tenant_id=tenant_id,
            name="Acme",
            base_url="https://api.example",
            scopes=frozenset({"oauth"}),
            new_key=services.keyring.new_key(),
            now=services.clock(),
        )
    return made


def test_redis_away_is_no_error(services: Services) -> None:
    services.ring("an-install")
    with pytest.raises(redis.RedisError):
        services.doorbell.ring("an-install")


def test_a_redis_that_hangs_up_is_asked_twice_and_no_more(environ: dict[str, str]) -> None:
    """A webhook waits for the ring: HubSpot gives it five seconds, so there is no time for pauses."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port, asked = door.getsockname()[1], []

        def hang_up() -> None:
            while True:
                try:
                    caller, _ = door.accept()
                except OSError:
                    return
                asked.append(1)
                caller.close()

        thread = threading.Thread(target=hang_up, daemon=True)
        thread.start()
        with opened(load(environ | {"REDIS_URL": f"redis://127.0.0.1:{port}/0"})) as services:
            services.ring("an-install")
        door.shutdown(socket.SHUT_RDWR)
        thread.join(20)
    assert len(asked) == 2


def test_an_install_is_found_by_its_org_or_portal(services: Services) -> None:
    made = install(services)
    assert services.install_of("hubspot", "77") == made
    assert services.install_of("salesforce", "77") is None


@pytest.mark.parametrize(("crm", "kind"), [("salesforce", SalesforceCrm), ("hubspot", HubSpotCrm)])
def test_each_install_gets_the_crm_it_is_of(services: Services, crm: str, kind: type) -> None:
    made = services.crm(install(services, crm, "00D000000000001AAA"))
    assert isinstance(made, kind)
    assert made.name == crm
    made.close()


def test_the_time_is_in_utc_and_the_holder_fits_and_is_unlike_any_other(services: Services) -> None:
    assert services.clock().tzinfo is UTC
    with opened(services.settings) as other:
        assert other.holder != services.holder
    assert services.tools.holder == services.holder


def test_redis_is_not_connected_until_somebody_rings(services: Services) -> None:
    assert "redis" not in services.__dict__
    services.ring("an-install")
    assert "redis" in services.__dict__


def test_the_drain_job_reads_the_environment_and_needs_no_redis(
    services: Services, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    made = install(services)
    with services.database.write() as connection:
        event = Event("e1", "lead", "l1", "created", services.clock())
        letters.receive(connection, made.id, [event], now=services.clock())
    asked: list[str] = []
    monkeypatch.setattr(wiring, "drain_install", lambda _tools, install_id: asked.append(install_id))
    drain(made.id)
    assert asked == [made.id]


def test_an_install_that_is_gone_is_drained_without_a_word(
    services: Services, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    drain("nobody")
    assert services.install_of("hubspot", "77") is None


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_a_crm_reads_the_fields_that_the_rules_in_force_name(
    services: Services, monkeypatch: pytest.MonkeyPatch, crm: str
) -> None:
    told: list[dict[str, str]] = []
    for kind in (SalesforceCrm, HubSpotCrm):
        monkeypatch.setattr(kind, "use_fields", lambda _self, names: told.append(dict(names)))
    made = install(services, crm)
    services.crm(made).close()
    sources = [Source("f", "- fields:\n    lead.score: Score__c\n"), Source("r", "- rule: broken")]
    with services.database.write() as connection:
        seal, now = services.seal(made), services.clock()
        rulesets.put(connection, made.id, seal, sources=sources, version="v1", now=now)
    services.crm(made).close()
    assert told == [{}, {"lead.score": "Score__c"}]
