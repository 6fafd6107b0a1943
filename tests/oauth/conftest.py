from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.crm import CrmName
from tests.oauth.house import PUBLIC_URL, House, environment
from tests.sandbox import hubspot, salesforce


@pytest.fixture(autouse=True)
def all_are_heard(heard: None) -> None:
    """What log lines hold is tested all over here."""


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[hubspot.Sandbox]:
    sandbox = hubspot.start(tmp_path_factory.mktemp("hubspot"), redirect_uris=[f"{PUBLIC_URL}/oauth/hubspot/callback"])
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="session")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[salesforce.Sandbox]:
    callback = f"{PUBLIC_URL}/oauth/salesforce/callback"
    sandbox = salesforce.start(tmp_path_factory.mktemp("salesforce"), redirect_uris=[callback])
    yield sandbox
    sandbox.stop()


@pytest.fixture
def house(tmp_path: Path, hub: hubspot.Sandbox, org: salesforce.Sandbox) -> Iterator[House]:
    portal = hub.hub.portals.add()
    house = House(environment(tmp_path, hub, org), hub, org, portal.id)
    for control in (hub.control, org.control):
        control.forget_orders()
        control.forget_calls()
    yield house
    hub.hub.settings.rotate_refresh = False
    house.database.close()


@pytest.fixture(params=["salesforce", "hubspot"])
def crm(request: pytest.FixtureRequest) -> CrmName:
    name: CrmName = request.param
    return name
