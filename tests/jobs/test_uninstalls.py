"""An install that its CRM has cut off keeps everything for a time of grace, and is then cleared away, key and all."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from connector.store import endings, installs, tokens
from connector.store.schema import metadata
from jobs import uninstalls
from jobs.shift import drain_lease, holding
from tests.jobs.conftest import House

ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
DAY = 24


def status(house: House, value: installs.Status) -> None:
    with house.database.write() as connection:
        installs.set_status(connection, house.install.id, value, "HubSpot no longer accepts our access.")


def test_an_uninstalled_portal_is_cleared_after_its_grace_and_its_key_is_in_no_file(house: House) -> None:
    seal = house.keyring.seal(house.install.key)
    with house.database.write() as connection:
        tokens.put(connection, house.install.id, seal.close({"refresh": "x"}, about="t"), expires_at=None)
    house.lead("l1")
    house.post(house.event("l1"))
    house.drain()
    status(house, "revoked")
    assert uninstalls.sweep(house.tools) == []
    house.later(hours=30 * DAY - 1)
    assert uninstalls.sweep(house.tools) == []
    assert house.status() == "revoked"
    house.later(hours=2)
    assert uninstalls.sweep(house.tools) == [house.install.id]
    with house.database.read() as connection:
        for table in metadata.sorted_tables:
            if table.name == "install" or "install_id" in table.c:
                mine = table.c.id if table.name == "install" else table.c.install_id
                assert connection.execute(select(table).where(mine == house.install.id)).all() == [], table.name
    if house.database.engine.dialect.name == "sqlite":
        path = Path(str(house.database.engine.url.database))
        assert house.install.key not in path.read_bytes()


@ON_SQLITE
def test_who_connects_again_in_time_loses_nothing_and_has_a_new_grace_later(house: House) -> None:
    status(house, "revoked")
    uninstalls.sweep(house.tools)
    house.later(hours=29 * DAY)
    status(house, "active")
    uninstalls.sweep(house.tools)
    with house.database.read() as connection:
        assert endings.since(connection, house.install.id) is None
    status(house, "revoked")
    house.later(hours=2 * DAY)
    uninstalls.sweep(house.tools)
    with house.database.read() as connection:
        assert endings.since(connection, house.install.id) == house.now
    assert house.status() == "revoked"


@ON_SQLITE
def test_a_drain_that_is_still_at_work_is_not_disturbed(house: House) -> None:
    status(house, "revoked")
    uninstalls.sweep(house.tools)
    house.later(hours=31 * DAY)
    with holding(house.tools, drain_lease(house.install.id)):
        assert uninstalls.sweep(house.tools) == []
    assert uninstalls.sweep(house.tools) == [house.install.id]


@ON_SQLITE
def test_a_paused_or_active_install_is_never_cleared(house: House) -> None:
    for value in ("active", "paused"):
        status(house, value)
        house.later(hours=400 * DAY)
        assert uninstalls.sweep(house.tools) == []
    assert house.status() == "paused"
