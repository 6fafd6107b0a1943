"""Setting up ends with what the permission check found, so that nobody has to think of making it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

import pytest

from connector.errors import Later, Refused
from connector.rows import Check
from connector.store import progress
from connector.store.progress import Progress
from jobs import setup
from tests.jobs.conftest import House

FINE = Check("Edit leads", ok=True, detail="can be edited")
NEEDED = Check("See all records of Lead", ok=False, detail="no View All", remedy="Setup > tick it")
OPTIONAL = Check("Convert leads (optional)", ok=False, detail="no", optional=True)


def set_up(house: House, check: Callable[[], tuple[Check, ...]], monkeypatch: pytest.MonkeyPatch) -> Progress:
    monkeypatch.setattr(house.crm, "check", check)
    with house.database.write() as connection:
        progress.start(connection, house.install.id, setup.NAME, now=house.now)
    house.drain()
    with house.database.read() as connection:
        return next(each for each in progress.of(connection, house.install.id) if each.name == setup.NAME)


def test_setup_names_the_needed_permissions_that_are_missing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    work = set_up(house, lambda: (FINE, NEEDED, OPTIONAL), monkeypatch)
    assert work.state == "done"
    assert work.reason == "Missing: See all records of Lead. The permission check says where to click."


def test_setup_says_nothing_when_only_optional_ones_are_missing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert set_up(house, lambda: (FINE, OPTIONAL), monkeypatch).reason == ""


@pytest.mark.parametrize("error", [Later("busy", seconds=5), Refused("no"), KeyError("a fault of ours")])
def test_a_check_that_cannot_be_made_does_not_hold_up_setup(
    house: House, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def check() -> NoReturn:
        raise error

    work = set_up(house, check, monkeypatch)
    assert (work.state, work.reason) == ("done", "")
