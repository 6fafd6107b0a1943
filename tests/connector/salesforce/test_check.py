"""The permission check against the local Salesforce: each need, and what to click when it is missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.errors import Refused, Revoked
from connector.rows import Check
from connector.salesforce.gateway import SalesforceCrm
from connector.salesforce.session import Session
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.signed_in import Memory

SETUP = "Setup > "
EVERY_RIGHT = ("Read", "Create", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")


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


def rights(sobject: str, *names: str) -> list[str]:
    return [f"{sobject}.{name}" for name in names]


def test_all_is_well_after_a_right_install(crm: SalesforceCrm) -> None:
    checks = crm.check()
    assert failing(checks) == []
    assert len(checks) == len({check.name for check in checks}) == 27
    assert sum(check.optional for check in checks) == 11


def test_every_line_says_what_does_not_work_without_it(crm: SalesforceCrm) -> None:
    for check in crm.check():
        assert check.without, check.name
        assert check.optional == check.name.endswith(" (optional)")


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
        ({"hide": ["Lead.Switchyard_Request__c"]}, "Switchyard's fields on the lead", "Switchyard Integration"),
        ({"hide": ["Routing_Audit__c.Story__c"]}, "The object Routing_Audit__c", "Switchyard Integration"),
        (
            {"deny": rights("Routing_Rule__c", "ViewAllRecords", "ModifyAllRecords")},
            "The object Routing_Rule__c",
            "Switchyard Integration",
        ),
        ({"deny": ["Task.Create"]}, "Create tasks", "Edit Tasks"),
        ({"deny": ["Routing_Rule__c.Edit"]}, "The object Routing_Rule__c", "Switchyard Integration"),
        ({"deny": ["Routing_Audit__c.Create"]}, "The object Routing_Audit__c", "Switchyard Integration"),
    ],
)
def test_a_missing_permission_is_named_with_where_to_click(
    crm: SalesforceCrm, change: Any, switches: dict[str, list[str]], name: str, remedy: str
) -> None:
    change(**switches)
    (found,) = failing(crm.check())
    assert found.name == name
    assert remedy in found.remedy
    assert found.remedy.startswith(SETUP)
    assert found.detail
    assert not found.optional


@pytest.mark.parametrize(
    ("switches", "name", "remedy"),
    [
        ({"deny": ["ViewAllUsers"]}, "See all users", "View All Users"),
        ({"deny": ["ConvertLeads"]}, "Convert leads", "Convert Leads"),
        ({"deny": rights("Contact", "Create", "ModifyAllRecords")}, "Convert leads", "Contacts > Edit > tick Create"),
        (
            {"deny": rights("Account", "Delete", "ModifyAllRecords")},
            "Merge duplicates",
            "Accounts > Edit > tick Edit and Delete",
        ),
        ({"deny": ["Task.Delete"]}, "Edit and delete tasks", "Edit Tasks"),
        ({"deny": ["Routing_Snapshot__c.Create"]}, "The object Routing_Snapshot__c", "Switchyard Integration"),
        ({"deny": rights("Event", *EVERY_RIGHT)}, "Read events of the calendar", "Access Activities"),
        ({"hide": ["Lead.Email", "Lead.Phone"]}, "Read the fields of Lead", "Read Access of Email, Phone"),
        ({"hide": ["Account.Website"]}, "Read the fields of Account", "Accounts > Edit > tick Read Access of Website"),
        ({"hide": ["Opportunity.IsWon"]}, "Read opportunities", "Read Access to IsWon"),
    ],
)
def test_what_is_optional_may_be_missing_and_says_where_to_click(
    crm: SalesforceCrm, change: Any, switches: dict[str, list[str]], name: str, remedy: str
) -> None:
    change(**switches)
    (found,) = failing(crm.check())
    assert found.name == f"{name} (optional)"
    assert remedy in found.remedy
    assert found.remedy.startswith(SETUP)
    assert found.optional


def test_a_lead_that_may_not_be_edited_is_named_with_where_to_click(crm: SalesforceCrm, change: Any) -> None:
    change(deny=rights("Lead", "Edit", "Delete", "ModifyAllRecords"))
    found = {check.name: check for check in failing(crm.check())}
    assert found.keys() == {"Edit leads", "Merge duplicates (optional)"}
    assert "Leads > Edit > tick Edit" in found["Edit leads"].remedy


def test_without_view_setup_nothing_is_taken_for_granted(crm: SalesforceCrm, change: Any) -> None:
    change(deny=["ViewSetup"])
    found = {check.name: check for check in failing(crm.check())}
    assert "View Setup and Configuration" in found
    assert {f"See all records of {name}" for name in ("Lead", "Contact", "Account")} < found.keys()
    assert "cannot be told" in found["See all records of Lead"].detail
    assert "cannot be told" in found["Merge duplicates (optional)"].detail
    assert (
        "System Permissions > Edit > tick View Setup and Configuration" in found["View Setup and Configuration"].remedy
    )


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
        "The permission set Switchyard Integration",
        "The object acme__Routing_Rule__c",
        "The object acme__Routing_Audit__c",
        "The object acme__Routing_Snapshot__c (optional)",
        "Switchyard's fields on the lead",
        "The notification type Switchyard_Lead_Assigned",
        "The change event channel /data/acme__Switchyard__chn",
    }
    assert all("Installed Packages: install Switchyard" in each.remedy for each in missing.values())
    assert "approve uninstalled apps" in missing["The permission set Switchyard Integration"].detail


def test_a_package_whose_permission_set_nobody_assigned_is_told_apart_from_one_that_is_missing(
    sandbox: Any, org: LocalOrg, crm: SalesforceCrm
) -> None:
    (held,) = sandbox.org.store.all(
        "SELECT a.* FROM PermissionSetAssignment a JOIN PermissionSet p ON p.Id = a.PermissionSetId "
        "WHERE p.Name = 'Switchyard_Integration'"
    )
    with sandbox.org.store.write() as connection:
        connection.execute("DELETE FROM PermissionSetAssignment WHERE Id = ?", (held["Id"],))
    sandbox.org.people.forget()
    try:
        missing = {check.name: check for check in failing(crm.check())}
    finally:
        sandbox.org.people.put("PermissionSetAssignment", **dict(held))
        sandbox.org.people.forget()
    line = missing["The permission set Switchyard Integration"]
    assert line.detail == "the connected user does not have it"
    assert "add Switchyard Integration > Save" in line.remedy
    assert "Installed Packages" not in line.remedy
    assert "The object Routing_Audit__c" in missing


def test_an_older_package_says_that_it_is_to_be_updated(org: LocalOrg) -> None:
    tokens = org.sign_in()
    described = Session(tokens, settings=org.settings()).call("GET", "sobjects/Routing_Audit__c/describe")
    older = [field for field in described["fields"] if field["name"] != "Trace_Id__c"]
    org.fault("sobjects/Routing_Audit__c/describe", status=200, body=described | {"fields": older})
    (found,) = failing(org.crm(tokens).check())
    assert found.detail == "missing or read-only: Trace_Id__c"
    assert "Installed Packages > Switchyard: install its newest version" in found.remedy


def test_an_edition_without_change_events_is_named(sandbox: Any, crm: SalesforceCrm) -> None:
    def set_to(edition: str) -> None:
        with sandbox.org.store.write() as connection:
            connection.execute("UPDATE Organization SET OrganizationType = ?", (edition,))

    set_to("Professional Edition")
    try:
        (found,) = failing(crm.check())
    finally:
        set_to("Enterprise Edition")
    assert found.name == "An edition with change events"
    assert found.detail == "Professional Edition has none"


def test_an_org_whose_tenant_has_no_pubsub_licence_is_told_so(org: LocalOrg, sandbox: Any, change: Any) -> None:
    crm = org.crm(salesforce_channel="/data/Nobody__chn")
    (found,) = failing(crm.check())
    assert found.name == "The change event channel /data/Nobody__chn"
    assert "topic.not.found" in found.detail


def test_prepare_is_content_with_the_package_and_refuses_without(org: LocalOrg, crm: SalesforceCrm) -> None:
    crm.prepare()
    crm.prepare()
    with pytest.raises(Refused, match="acme__Routing_Rule__c, acme__Routing_Audit__c"):
        org.crm(salesforce_namespace="acme").prepare()


def test_a_shut_api_is_the_one_line_that_counts(crm: SalesforceCrm, change: Any) -> None:
    change(deny=["ApiEnabled"])
    (found,) = crm.check()
    assert (found.name, found.ok) == ("Use the API", False)
    assert "System Permissions > Edit > tick API Enabled > Save" in found.remedy


def test_a_sign_in_that_is_gone_is_raised_not_listed(org: LocalOrg, crm: SalesforceCrm) -> None:
    org.fault("userinfo", status=403, body="Bad_OAuth_Token", times=2)
    with pytest.raises(Revoked):
        crm.check()


def test_the_check_makes_no_more_calls_than_an_admin_would_wait_for(org: LocalOrg, crm: SalesforceCrm) -> None:
    crm.check()
    assert len(org.calls()) <= 20


def test_the_page_for_administrators_lists_every_line(crm: SalesforceCrm) -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "salesforce" / "permissions.md").read_text(encoding="utf-8")
    needed, optional = page.split("## Needed")[1].split("## Optional")
    for check in crm.check():
        assert f"| {check.name} |" in (optional if check.optional else needed), check.name
    assert page.count("(optional) |") == 11
