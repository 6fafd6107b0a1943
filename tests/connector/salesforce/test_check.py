"""The permission check against the local Salesforce: each need, and what to click when it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connector.crm import Check
from connector.errors import Refused, Revoked
from connector.salesforce.gateway import SalesforceCrm
from connector.salesforce.session import Session
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.signed_in import Memory


@pytest.fixture
def change(org: LocalOrg) -> Iterator[Any]:
    """Change permissions of the connected user for the length of a test."""
    undo: list[dict[str, Any]] = []
    opposite = {"grant": "deny", "deny": "grant", "hide": "show", "show": "hide"}

    def make(**switches: list[str]) -> None:
        org.control("POST", "permissions", {"user": INTEGRATION, **switches})
        undo.append({opposite[name]: names for name, names in switches.items()})

    yield make
    for switches in reversed(undo):
        org.control("POST", "permissions", {"user": INTEGRATION, **switches})


def failing(checks: tuple[Check, ...]) -> list[Check]:
    return [check for check in checks if not check.ok]


def test_all_is_well_after_a_right_install(crm: SalesforceCrm) -> None:
    checks = crm.check()
    assert failing(checks) == []
    assert len(checks) == 13
    assert len({check.name for check in checks}) == 13


@pytest.mark.parametrize(
    ("switches", "name", "remedy"),
    [
        ({"deny": ["Lead.ViewAllRecords", "Lead.ModifyAllRecords"]}, "See all records of Lead", "View All Records"),
        (
            {"deny": ["Contact.ViewAllRecords", "Contact.ModifyAllRecords"]},
            "See all records of Contact",
            "View All Records",
        ),
        (
            {"deny": ["Account.ViewAllRecords", "Account.ModifyAllRecords"]},
            "See all records of Account",
            "View All Records",
        ),
        ({"deny": ["TransferAnyLead", "Lead.ModifyAllRecords"]}, "Transfer leads", "Transfer Leads"),
        ({"deny": ["SendCustomNotifications"]}, "Send notifications", "Send Custom Notifications"),
        ({"hide": ["Lead.Switchyard_Rule__c"]}, "Switchyard's fields on the lead", "Switchyard Integration"),
        ({"hide": ["Routing_Audit__c.Story__c"]}, "The object Routing_Audit__c", "Switchyard Integration"),
    ],
)
def test_a_missing_permission_is_named_with_where_to_click(
    crm: SalesforceCrm, change: Any, switches: dict[str, list[str]], name: str, remedy: str
) -> None:
    change(**switches)
    (found,) = failing(crm.check())
    assert found.name == name
    assert remedy in found.remedy
    assert found.remedy.startswith("Setup > ")
    assert found.detail


@pytest.mark.parametrize(
    ("sobject", "verb", "name", "remedy"),
    [
        ("Lead", "updateable", "Edit leads", "Edit"),
        ("Task", "createable", "Create tasks", "Edit Tasks"),
        ("Routing_Rule__c", "updateable", "The object Routing_Rule__c", "Switchyard Integration"),
        ("Routing_Audit__c", "createable", "The object Routing_Audit__c", "Switchyard Integration"),
    ],
)
def test_an_object_that_may_not_be_written_is_named_with_where_to_click(
    org: LocalOrg, sobject: str, verb: str, name: str, remedy: str
) -> None:
    tokens = org.sign_in()
    described = Session(tokens, settings=org.settings()).call("GET", f"sobjects/{sobject}/describe")
    org.fault(f"sobjects/{sobject}/describe", status=200, body=described | {verb: False})
    (found,) = failing(org.crm(tokens).check())
    assert found.name == name
    assert remedy in found.remedy


def test_view_all_data_is_as_good_as_view_all_on_each_object(crm: SalesforceCrm, change: Any) -> None:
    change(deny=["Lead.ViewAllRecords", "Lead.ModifyAllRecords"], grant=["ViewAllData"])
    assert failing(crm.check()) == []


def test_a_check_does_not_believe_its_memory(org: LocalOrg, change: Any) -> None:
    memo = Memory()
    crm = org.crm(memo=memo)
    assert failing(crm.check()) == []
    change(hide=["Lead.Switchyard_Rule__c"])
    assert [check.name for check in failing(crm.check())] == ["Switchyard's fields on the lead"]


def test_an_org_without_the_package_fails_with_what_to_install(org: LocalOrg) -> None:
    crm = org.crm(salesforce_namespace="acme")
    missing = {check.name: check for check in failing(crm.check())}
    assert set(missing) == {
        "The object acme__Routing_Rule__c",
        "The object acme__Routing_Audit__c",
        "Switchyard's fields on the lead",
        "The notification type Switchyard_Lead_Assigned",
        "The change event channel /data/acme__Switchyard__chn",
    }
    assert "Installed Packages" in missing["The object acme__Routing_Rule__c"].remedy


def test_prepare_is_content_with_the_package_and_refuses_without(org: LocalOrg, crm: SalesforceCrm) -> None:
    crm.prepare()
    crm.prepare()
    with pytest.raises(Refused, match="acme__Routing_Rule__c, acme__Routing_Audit__c"):
        org.crm(salesforce_namespace="acme").prepare()


def test_a_shut_api_is_raised_not_listed(org: LocalOrg, crm: SalesforceCrm, change: Any) -> None:
    change(deny=["ApiEnabled"])
    with pytest.raises(Revoked):
        crm.check()
