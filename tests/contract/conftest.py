"""The places for the whole session: the fake, a local Salesforce, and portals of a local HubSpot as processes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from connector.crm import Crm
from tests.contract.fake_place import FakePlace
from tests.contract.hubspot_leads_place import HubSpotLeadsPlace
from tests.contract.hubspot_place import HubSpotPlace
from tests.contract.hubspot_storages import AppObjectsPlace, NotesPlace
from tests.contract.place import Place
from tests.contract.salesforce_place import SalesforcePlace
from tests.local.world import World, begin

MADE: dict[str, Callable[[World, Path], Place]] = {
    "salesforce": SalesforcePlace,
    "hubspot": HubSpotPlace,
    "hubspot leads": HubSpotLeadsPlace,
    "hubspot notes": NotesPlace,
    "hubspot app objects": AppObjectsPlace,
}
SAME = frozenset({"test_fields", "test_history", "test_publishing", "test_requests", "test_responses"})
"""What a portal does alike whether it has contacts or leads routed."""

STORAGES = frozenset({"hubspot notes", "hubspot app objects"})
STORED = frozenset({"test_labels", "test_publishing", "test_recalling", "test_responses"})
STORED_TESTS = re.compile("rules|standing|audit|everything_is_well|doubles_nothing|undone_is_done|refused")
"""Where rules and audits stand makes no difference to other tests than these modules, and those with such a name."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test every place that it can tell from the others."""
    if "place" in metafunc.fixturenames:
        module = metafunc.module.__name__.rpartition(".")[2]
        stored = module in STORED or (
            module in {"test_reading", "test_performing"} and STORED_TESTS.search(metafunc.function.__name__)
        )
        left_out = ({"hubspot leads"} if module in SAME else set()) | (set() if stored else STORAGES)
        names = [name for name in ("fake", *MADE) if name not in left_out]
        metafunc.parametrize("place", names, indirect=True)


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
        return MADE[name](world, directory)

    return find


@pytest.fixture
def place(request: pytest.FixtureRequest, find_place: Callable[[str], Place]) -> Place:
    return find_place(request.param)


@pytest.fixture
def crm(place: Place) -> Iterator[Crm]:
    """The place, prepared."""
    opened = place.open()
    opened.prepare()
    yield opened
    opened.close()
