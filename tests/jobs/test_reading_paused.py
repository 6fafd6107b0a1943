"""A first reading of the CRM that somebody pauses: it rests, and reads the page again that was under way."""

from __future__ import annotations

import pytest

from connector.store import progress
from connector.store.progress import Progress
from jobs import backfill
from tests.jobs.conftest import House


def stands(house: House) -> Progress:
    with house.database.read() as connection:
        return next(each for each in progress.of(connection, house.install.id) if each.name == "backfill:account")


def test_a_pause_during_a_page_is_kept_and_nothing_of_that_page_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.account("a1", name="Globex Corporation", website="globex.com")
    name, real = backfill.name("account"), house.crm.scan

    def scan(*given: object, **more: object) -> object:
        with house.database.write() as connection:
            progress.pause(connection, house.install.id, [name], now=house.now)
        return real(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(house.crm, "scan", scan)
    with house.database.write() as connection:
        progress.start(connection, house.install.id, name, now=house.now)
    house.drain()
    assert (stands(house).state, stands(house).done) == ("paused", 0)
    house.drain()
    assert stands(house).state == "paused", "it rests"
    monkeypatch.setattr(house.crm, "scan", real)
    with house.database.write() as connection:
        progress.resume(connection, house.install.id, [name], now=house.now)
    house.drain()
    assert (stands(house).state, stands(house).done) == ("done", 1)
