"""Limits: who asks too often waits, nobody else does; signed webhooks and health are never counted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from connector.app import create_app
from connector.desk import keys
from connector.store import installs
from connector.store.installs import Install
from connector.web import limits
from tests.connector.web.conftest import ALICE, ORG
from tests.connector.web.kit import Browser, House, browser, settings

BOB = "005000000000002AAA"
FAR = {"REMOTE_ADDR": "203.0.113.7"}
NEAR = {"REMOTE_ADDR": "127.0.0.1"}
LIMITS = {"rate_limits": True, "rate_pages": 5, "rate_sign_in": 3, "rate_api": 4}


def limited(empty: Path, directory: Path, **changes: Any) -> House:
    path = directory / "switchyard.sqlite"
    path.write_bytes(empty.read_bytes())
    return House(settings(database_url=f"sqlite:///{path}", data_dir=directory, **(LIMITS | changes)))


@pytest.fixture
def house(empty: Path, tmp_path: Path) -> Iterator[House]:
    """Services with small limits; Redis is away, so this process counts alone."""
    services = limited(empty, tmp_path)
    yield services
    services.close()


@pytest.fixture
def app(house: House) -> Flask:
    return create_app(house)


def statuses(client: Browser, path: str, times: int, **more: Any) -> list[int]:
    return [client.get(path, **more).status_code for _ in range(times)]


def test_a_person_who_asks_too_often_waits_and_others_do_not(
    app: Flask, house: House, alice: Browser, acme: Install
) -> None:
    with house.database.write() as connection:
        installs.add_admin(connection, acme.id, BOB, house.now)
    bob, path = browser(app), f"/installs/{acme.id}/changes"
    bob.sign_in("salesforce", ORG, BOB)
    assert statuses(alice, path, 6) == [200] * 5 + [429]
    answer = alice.get(path)
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["RateLimit-Limit"] == "5"
    assert "<h1" in answer.text
    assert bob.get(path).status_code == 200
    assert alice.get("/static/console.css").status_code == 200
    assert alice.get("/health/live").status_code == 200


def test_ways_in_are_counted_by_address(anyone: Browser) -> None:
    path = "/oauth/salesforce/signin?environment=production"
    assert statuses(anyone, path, 4, environ_overrides=FAR) == [303] * 3 + [429]
    assert anyone.get("/support", environ_overrides=FAR).status_code == 429, "all ways in together"
    assert anyone.get(path, environ_overrides=FAR | {"REMOTE_ADDR": "203.0.113.8"}).status_code == 303


def test_behind_a_proxy_that_is_not_believed_nobody_pays_for_another(anyone: Browser) -> None:
    """All come from the proxy's address then: it is the proxy that counts them."""
    told = {"X-Forwarded-For": "203.0.113.7"}
    assert statuses(anyone, "/support", 9, environ_overrides=NEAR, headers=told) == [200] * 9


def test_what_a_proxy_says_of_addresses_counts_where_it_is_believed(empty: Path, tmp_path: Path) -> None:
    services = limited(empty, tmp_path, proxies=1)
    client = browser(create_app(services))
    told = {"X-Forwarded-For": "198.51.100.9, 203.0.113.7"}
    assert statuses(client, "/support", 4, environ_overrides=NEAR, headers=told) == [200] * 3 + [429]
    other = {"X-Forwarded-For": "203.0.113.7, 198.51.100.9"}
    assert client.get("/support", environ_overrides=NEAR, headers=other).status_code == 200, "the last one is true"
    services.close()


def test_the_api_is_counted_by_key_and_strangers_by_address(app: Flask, house: House, acme: Install) -> None:
    tokens = [
        keys.issue(house, acme, name=name, scopes=["read"], by=ALICE, expires=None).token for name in ("One", "Two")
    ]
    client, path = browser(app), "/api/v1/install"
    first, second = ({"Authorization": f"Bearer {each}"} for each in tokens)
    assert statuses(client, path, 5, headers=first, environ_overrides=FAR) == [200] * 4 + [429]
    refused = client.get(path, headers=first, environ_overrides=FAR)
    assert refused.mimetype == "application/problem+json"
    assert int(refused.headers["Retry-After"]) > 0
    assert client.get(path, headers=second, environ_overrides=FAR).headers["RateLimit-Remaining"] == "3"
    guesses = [
        client.get(path, headers={"Authorization": f"Bearer sy_{n:016}_{'0' * 48}"}, environ_overrides=FAR).status_code
        for n in range(4)
    ]
    assert guesses == [401] * 3 + [429], "other ids do not help who guesses"


def test_webhooks_are_never_counted(anyone: Browser) -> None:
    found = [anyone.post("/webhooks/hubspot", data=b"[]", environ_overrides=FAR).status_code for _ in range(9)]
    assert found == [401] * 9


def test_redis_is_told_no_id_of_a_person(house: House, app: Flask) -> None:
    with app.test_request_context("/", environ_overrides=FAR):
        assert "203" not in limits._person()
        assert len(limits._person()) == 32
