"""One local Salesforce for all independent clients."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connector.salesforce.conftest import LocalOrg
from tests.sandbox.salesforce import start

HERE = Path(__file__).parent
REDIRECT = "https://localhost:8000/oauth/salesforce/callback"


@pytest.fixture(scope="session")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalOrg]:
    running = start(tmp_path_factory.mktemp("independent"), redirect_uris=[REDIRECT])
    yield LocalOrg(running)
    running.stop()
