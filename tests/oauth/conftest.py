from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from connector.crm import CrmName
from tests.oauth.house import PUBLIC_URL, House, environment
from tests.sandbox import hubspot, salesforce


@pytest.fixture(autouse=True)
def heard(quiet_logs: None) -> Iterator[None]:
    """Log lines reach `capture_logs` here: what they hold is part of what is tested."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    yield
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


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
