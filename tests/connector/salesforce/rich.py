"""An org that has what others lack: person accounts, three currencies, picklists of states, fields of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.connector.salesforce.conftest import REDIRECT, LocalOrg
from tests.sandbox.salesforce import start

OWN = {
    "Lead": [
        'Product_Line__c picklist(255) "Product Line" [[Motors|Pumps]]',
        'acme__Score__c double(18,2) "Acme Score"',
        "Region__c string(80)",
        "Notes__c textarea(32000)",
        "Born__c date",
    ],
    "Account": ['Employees_Global__c int(8) "Employees (Global)"', "Parent_Region__c reference ->Account/ParentRegion"],
}


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """An org with person accounts, three currencies, state and country picklists and fields of its own."""
    running = start(tmp_path_factory.mktemp("rich"), redirect_uris=[REDIRECT])
    yield running
    running.stop()


@pytest.fixture(scope="session")
def org(rich: Any) -> LocalOrg:
    local = LocalOrg(rich)
    for name in ("person_accounts", "state_codes"):
        local.control("POST", "feature", {"name": name})
    local.control("POST", "feature", {"name": "currencies", "rates": {"EUR": 1.0, "USD": 1.25, "JPY": 160.0}})
    for sobject, lines in OWN.items():
        local.control("POST", "fields", {"sobject": sobject, "lines": lines})
    return local
