"""A world for the session; each test gets a copy of an install that was set up once, with a grant of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from connector.rows import RuleRow
from connector.store import migrate
from rules.ruleset import split
from tests.contract.hubspot_place import HubSpotPlace
from tests.contract.salesforce_place import SalesforcePlace
from tests.faults.shop import DOMAIN, RealPlace, Shop
from tests.local.world import CrmName, World, begin

RULES = """
- rule: Account owner
  when: [match.status is matched]
  assign: account owner
  task: {subject: "Call {lead.name}", due: 30 minutes}
  notify: true
- rule: Everyone else
  assign: user bob
"""


@pytest.fixture(scope="session", autouse=True)
def unhurried() -> Iterator[None]:
    """Let a drain go on as long as it takes: a slow machine would end the one that sets the install up half-way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("jobs.drain.SHIFT_SECONDS", 60.0)
        yield


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = begin(tmp_path_factory.mktemp("faults"))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def prepared(world: World, tmp_path_factory: pytest.TempPathFactory) -> Callable[[CrmName], tuple[RealPlace, Path]]:
    """Return a CRM with one account of Ana's, and the data folder of an install that is set up; made once."""

    @cache
    def prepare(crm: CrmName) -> tuple[RealPlace, Path]:
        data = tmp_path_factory.mktemp(crm)
        place = SalesforcePlace(world, data) if crm == "salesforce" else HubSpotPlace(world, data)
        place.account("Globex", place.ana, DOMAIN)
        shop = Shop(world.settings(data), place, crm)
        migrate.upgrade(shop.database)
        opened = place.open()
        opened.prepare()
        text = RULES.replace("user bob", f'user "{place.bob.email}"')
        items = list(enumerate(split(text)))
        opened.put_rules([RuleRow(item.name, item.kind, number, item.text) for number, item in items])
        opened.close()
        shop.connect()
        shop.drain()
        shop.close()
        return place, data

    return prepare


@pytest.fixture
def open_shop(
    world: World, prepared: Callable[[CrmName], tuple[RealPlace, Path]], tmp_path: Path
) -> Iterator[Callable[..., Shop]]:
    """Open the install of a CRM; settings may be given as environment variables."""
    opened: list[Shop] = []

    def make(crm: CrmName, **settings: str) -> Shop:
        place, data = prepared(crm)
        shutil.copytree(data, tmp_path / "data")
        shop = Shop(world.settings(tmp_path / "data", **settings), place, crm)
        shop.connect()
        place.control.delete("calls")
        opened.append(shop)
        return shop

    yield make
    for shop in opened:
        shop.place.control.delete("faults")
        shop.take_rules_back()
        shop.close()
