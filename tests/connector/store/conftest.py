from __future__ import annotations

import pytest

from connector.store.base import Database
from tests.connector.store.kit import Tenant, tenant


@pytest.fixture
def alice(database: Database) -> Tenant:
    return tenant(database, "alice")


@pytest.fixture
def charlie(database: Database) -> Tenant:
    return tenant(database, "charlie")
