"""SOQL: what it finds, in which order, and what it refuses."""
# ruff: noqa: S608 - queries are what is tested here

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from simple_salesforce.exceptions import SalesforceError
from simple_salesforce.format import format_soql

from .clients import browser, content
from .org import INTEGRATION_USER, STANDARD_USER

if TYPE_CHECKING:
    from .server import Sandbox

LEADS: list[dict[str, Any]] = [
    {"LastName": "Adams", "Company": "Acme", "Email": "ann@acme.com", "NumberOfEmployees": 10, "Country": "France"},
    {"LastName": "Baker", "Company": "acme ltd", "Email": "BOB@acme.com", "NumberOfEmployees": 200, "Country": "Spain"},
    {"LastName": "O'Hara", "Company": "100% Sun", "Email": None, "NumberOfEmployees": None, "HasOptedOutOfEmail": True},
]


@pytest.fixture(scope="module")
def leads(shared: Sandbox, shared_sf: Any) -> Any:
    """A client of an org with three leads."""
    shared.load("Lead", LEADS)
    return shared_sf


def names(sf: Any, query: str) -> list[str]:
    return [record["LastName"] for record in sf.query(query)["records"]]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("Email = 'ANN@ACME.COM'", ["Adams"]),
        ("Email != 'ann@acme.com'", ["Baker", "O'Hara"]),
        ("Company LIKE 'acme%'", ["Adams", "Baker"]),
        ("Company LIKE '100\\% %'", ["O'Hara"]),
        ("LastName = 'O\\'Hara'", ["O'Hara"]),
        ("Email = null", ["O'Hara"]),
        ("Email != null AND NumberOfEmployees > 10", ["Baker"]),
        ("NumberOfEmployees >= 10 AND NumberOfEmployees <= 10", ["Adams"]),
        ("Country IN ('France', 'Spain')", ["Adams", "Baker"]),
        ("Country NOT IN ('France')", ["Baker", "O'Hara"]),
        ("NOT Country = 'France'", ["Baker", "O'Hara"]),
        ("(Country = 'France' OR HasOptedOutOfEmail = true) AND LastName != 'Adams'", ["O'Hara"]),
        ("CreatedDate = TODAY AND CreatedDate = LAST_N_DAYS:3", ["Adams", "Baker", "O'Hara"]),
        ("CreatedDate > 2020-01-01T00:00:00+01:00 AND CreatedDate < 2020-01-02T00:00:00Z", []),
        ("Owner.Name = 'Ada Admin'", ["Adams", "Baker", "O'Hara"]),
        ("OwnerId IN (SELECT Id FROM User WHERE Username LIKE 'standard%')", []),
        ("IsDeleted = false AND ConvertedDate = null", ["Adams", "Baker", "O'Hara"]),
    ],
)
def test_where_finds(leads: Any, where: str, found: list[str]) -> None:
    assert names(leads, f"SELECT LastName FROM Lead WHERE {where} ORDER BY LastName") == found


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("NumberOfEmployees", ["O'Hara", "Adams", "Baker"]),
        ("NumberOfEmployees DESC", ["O'Hara", "Baker", "Adams"]),
        ("NumberOfEmployees DESC NULLS LAST", ["Baker", "Adams", "O'Hara"]),
        ("Country ASC NULLS LAST, Id", ["Adams", "Baker", "O'Hara"]),
        ("LastName LIMIT 1 OFFSET 1", ["Baker"]),
    ],
)
def test_order_limit_and_offset(leads: Any, order: str, found: list[str]) -> None:
    assert names(leads, f"SELECT LastName FROM Lead ORDER BY {order}") == found


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id FROM", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Name = 'a' OR Name = 'b' AND Name = 'c'", "MALFORMED_QUERY"),
        ("SELECT Nonsense FROM Lead", "INVALID_FIELD"),
        ("SELECT Owner.Nonsense FROM Lead", "INVALID_FIELD"),
        ("SELECT Nonsense.Name FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Nonsense", "INVALID_TYPE"),
        ("SELECT Id FROM Lead WHERE NumberOfEmployees = '5'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Email = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE CreatedDate > 'yesterday'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE OwnerId = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Lead WHERE Id LIKE '00Q%'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Routing_Rule__c WHERE Definition__c = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Routing_Rule__c ORDER BY Definition__c", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("SELECT Id FROM CustomNotificationType", "INVALID_TYPE"),
    ],
)
def test_a_bad_query_is_refused_with_its_code(leads: Any, query: str, code: str) -> None:
    with pytest.raises(SalesforceError) as caught:
        leads.query(query)
    assert caught.value.status == 400
    assert content(caught)[0]["errorCode"] == code


def test_parents_come_nested_and_null_when_there_is_none(sandbox: Sandbox, sf: Any) -> None:
    (parent,) = sandbox.load("Account", [{"Name": "Holding"}])
    (account,) = sandbox.load("Account", [{"Name": "Acme", "ParentId": parent, "BillingCity": "Oslo"}])
    sandbox.load("Contact", [{"LastName": "A", "AccountId": account}, {"LastName": "B"}])
    query = "SELECT LastName, Account.Name, Account.Parent.Name, Account.BillingAddress FROM Contact ORDER BY LastName"
    first, second = sf.query(query)["records"]
    assert first["Account"]["Name"] == "Acme"
    assert first["Account"]["attributes"]["type"] == "Account"
    assert first["Account"]["Parent"]["Name"] == "Holding"
    assert first["Account"]["BillingAddress"]["city"] == "Oslo"
    assert second["Account"] is None


def test_an_owner_may_be_a_user_or_a_queue(sandbox: Sandbox, sf: Any) -> None:
    queue = sandbox.org.settings.assignment_owner
    sandbox.load("Lead", [{"LastName": "A", "Company": "A"}, {"LastName": "B", "Company": "B", "OwnerId": queue}])
    query = "SELECT Owner.Name, Owner.Type FROM Lead ORDER BY LastName"
    owners = [(r["Owner"]["Name"], r["Owner"]["Type"]) for r in sf.query(query)["records"]]
    assert owners == [("Ada Admin", "User"), ("Unassigned Leads", "Queue")]


def test_count_answers_with_a_total_only(leads: Any) -> None:
    assert leads.query("SELECT COUNT() FROM Lead WHERE Company LIKE 'acme%'") == {
        "totalSize": 2,
        "done": True,
        "records": [],
    }


def test_groups_are_aggregate_results(leads: Any) -> None:
    records = leads.query("SELECT Country, COUNT(Id) n FROM Lead GROUP BY Country ORDER BY Country")["records"]
    assert [(r["Country"], r["n"]) for r in records] == [(None, 1), ("France", 1), ("Spain", 1)]


def test_pages_follow_each_other_and_can_be_asked_for_again(sandbox: Sandbox, sf: Any) -> None:
    sandbox.load("Lead", [{"LastName": f"L{n:04}", "Company": "C"} for n in range(450)])
    headers = {"Sforce-Query-Options": "batchSize=200"}
    first = sf.query("SELECT LastName FROM Lead ORDER BY LastName", headers=headers)
    assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)
    second = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    again = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert [r["LastName"] for r in second["records"]] == [r["LastName"] for r in again["records"]]
    last = sf.query_more(second["nextRecordsUrl"], identifier_is_url=True)
    assert (last["done"], len(last["records"])) == (True, 50)
    assert last["records"][-1]["LastName"] == "L0449"


def test_batch_size_has_bounds(sandbox: Sandbox, sf: Any) -> None:
    sandbox.load("Lead", [{"LastName": "L", "Company": "C"} for _ in range(201)])
    page = sf.query("SELECT Id FROM Lead", headers={"Sforce-Query-Options": "batchSize=1"})
    assert len(page["records"]) == 200


def test_pages_show_the_moment_of_the_query(sandbox: Sandbox, sf: Any) -> None:
    sandbox.load("Lead", [{"LastName": f"L{n:04}", "Company": "C"} for n in range(300)])
    page = sf.query("SELECT LastName FROM Lead ORDER BY Id", headers={"Sforce-Query-Options": "batchSize=200"})
    sandbox.acts.delete("Lead", [row["Id"] for row in sandbox.rows("Lead")])
    assert len(sf.query_more(page["nextRecordsUrl"], identifier_is_url=True)["records"]) == 100


def test_an_unknown_locator_is_refused(sf: Any) -> None:
    with pytest.raises(SalesforceError) as caught:
        sf.query_more("01gNONSENSE-200")
    assert content(caught)[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_a_uri_over_sixteen_kilobytes_is_refused(sf: Any) -> None:
    with pytest.raises(SalesforceError) as caught:
        sf.query(format_soql("SELECT Id FROM Lead WHERE LastName IN {}", ["x" * 40] * 500))
    assert caught.value.status == 414


def test_notification_types_are_tooling_objects(sf: Any) -> None:
    query = "SELECT Id FROM CustomNotificationType WHERE DeveloperName = 'Switchyard_Lead_Assigned'"
    found = sf.toolingexecute(f"query/?q={query.replace(' ', '+')}")
    assert found["records"][0]["Id"].startswith("0ML")


def test_permissions_can_be_asked_for(sandbox: Sandbox, sf: Any) -> None:
    query = "SELECT PermissionsSendCustomNotifications, PermissionsApiEnabled FROM UserPermissionAccess LIMIT 1"
    assert sf.query(query)["records"][0]["PermissionsSendCustomNotifications"] is True
    user = sandbox.org.user_by_name(INTEGRATION_USER)
    assert user is not None
    form = {"user": INTEGRATION_USER, "deny": ["SendCustomNotifications", "Lead.ViewAllRecords"]}
    browser(sandbox).post(f"{sandbox.url}/_control/permissions", json=form, timeout=10).raise_for_status()
    assert sf.query(query)["records"][0]["PermissionsSendCustomNotifications"] is False
    held = f"SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = '{user['Id']}'"
    grants = sf.query(
        "SELECT SobjectType, PermissionsEdit, PermissionsViewAllRecords FROM ObjectPermissions "
        f"WHERE ParentId IN ({held})"
    )["records"]
    lead = next(row for row in grants if row["SobjectType"] == "Lead")
    assert (lead["PermissionsEdit"], lead["PermissionsViewAllRecords"]) == (True, False)
    assert any(row["SobjectType"] == "Routing_Audit__c" for row in grants)


def test_an_administrator_is_told_from_others_by_profile(sandbox: Sandbox, sf: Any) -> None:
    query = "SELECT Username, Profile.Name, Profile.PermissionsModifyAllData FROM User ORDER BY Username"
    people = {r["Username"]: r["Profile"] for r in sf.query(query)["records"]}
    assert people["admin@acme.example"]["PermissionsModifyAllData"] is True
    assert people[STANDARD_USER]["Name"] == "Standard User"


def test_a_hidden_field_looks_like_a_missing_one(sandbox: Sandbox, sf: Any) -> None:
    user = sandbox.org.user_by_name(INTEGRATION_USER)
    assert user is not None
    sandbox.org.people.change(user["Id"], grant=[], deny=[], hide=["Lead.Email"], show=[])
    with pytest.raises(SalesforceError) as caught:
        sf.query("SELECT Email FROM Lead")
    assert content(caught)[0]["errorCode"] == "INVALID_FIELD"
    assert "Email" not in {field["name"] for field in sf.Lead.describe()["fields"]}
