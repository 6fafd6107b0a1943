"""Three places for the whole session: the fake, a local Salesforce and a local HubSpot as processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from connector.crm import Crm
from tests.contract.fake_place import FakePlace
from tests.contract.hubspot_place import HubSpotPlace
from tests.contract.place import Place
from tests.contract.salesforce_place import SalesforcePlace
from tests.local.world import World, begin


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = begin(tmp_path_factory.mktemp("contract"))
    yield made
    made.stop()


@pytest.fixture(scope="session")
def find_place(world: World, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Place]:
    """Return a place by name; it is made once."""

    @cache
    def find(name: str) -> Place:
        if name == "fake":
            return FakePlace()
        directory = tmp_path_factory.mktemp(name)
        return SalesforcePlace(world, directory) if name == "salesforce" else HubSpotPlace(world, directory)

    return find


@pytest.fixture(params=["fake", "salesforce", "hubspot"])
def place(request: pytest.FixtureRequest, find_place: Callable[[str], Place]) -> Place:
    return find_place(request.param)


@pytest.fixture
def crm(place: Place) -> Iterator[Crm]:
    """The place, prepared."""
    opened = place.open()
    opened.prepare()
    yield opened
    opened.close()
