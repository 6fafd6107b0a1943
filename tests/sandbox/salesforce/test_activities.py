"""Subqueries, large groups, and what tasks and events do to the records they are about."""
# ruff: noqa: S608 - queries are what is tested here

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from simple_salesforce.exceptions import SalesforceError

from .clients import content
from .org import INTEGRATION_USER

if TYPE_CHECKING:
    from .server import Sandbox


@pytest.fixture
def firms(sandbox: Sandbox) -> list[str]:
    """Three accounts: two open opportunities and a closed one, one open, none."""
    ids = sandbox.load("Account", [{"Name": name} for name in ("Two", "One", "None")])
    rows: list[dict[str, Any]] = [
        {"Name": "Late", "StageName": "Prospecting", "CloseDate": "2027-03-01", "AccountId": ids[0]},
        {"Name": "Soon", "StageName": "Qualification", "CloseDate": "2027-01-01", "AccountId": ids[0], "Amount": 9.5},
        {"Name": "Won", "StageName": "Closed Won", "CloseDate": "2026-01-01", "AccountId": ids[0]},
        {"Name": "Only", "StageName": "Prospecting", "CloseDate": "2027-02-01", "AccountId": ids[1]},
    ]
    sandbox.load("Opportunity", rows)
    return ids


def activity(sf: Any, sobject: str, record_id: str) -> str | None:
    found: str | None = getattr(sf, sobject).get(record_id)["LastActivityDate"]
    return found


def test_a_subquery_sorts_and_limits_the_children_of_each_parent(sf: Any, firms: list[str]) -> None:
    inner = "SELECT Name, Amount FROM Opportunities WHERE IsClosed = false ORDER BY CloseDate LIMIT 1"
    records = sf.query(f"SELECT Id, ({inner}) FROM Account ORDER BY Name")["records"]
    found = {record["Id"]: record["Opportunities"] for record in records}
    assert found[firms[2]] is None
    assert (found[firms[0]]["totalSize"], found[firms[0]]["done"]) == (1, True)
    soon = found[firms[0]]["records"][0]
    assert soon["attributes"]["type"] == "Opportunity"
    assert soon["attributes"]["url"].startswith("/services/data/v66.0/sobjects/Opportunity/006")
    assert (soon["Name"], soon["Amount"]) == ("Soon", 9.5)
    assert found[firms[1]]["records"][0]["Name"] == "Only"


def test_a_deleted_child_is_no_child(sandbox: Sandbox, sf: Any, firms: list[str]) -> None:
    sandbox.acts.delete("Opportunity", [row["Id"] for row in sandbox.rows("Opportunity")])
    records = sf.query("SELECT Id, (SELECT Id FROM Opportunities) FROM Account")["records"]
    assert [record["Opportunities"] for record in records] == [None, None, None]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT Id, (SELECT Id FROM Opportunity) FROM Account", "INVALID_TYPE"),
        ("SELECT Id, (SELECT Id FROM Opportunities) FROM Lead", "INVALID_TYPE"),
        ("SELECT Id, (SELECT Nonsense FROM Opportunities) FROM Account", "INVALID_FIELD"),
        ("SELECT Name, (SELECT Id FROM Contacts) FROM Account GROUP BY Name", "MALFORMED_QUERY"),
    ],
)
def test_a_bad_subquery_is_refused_with_its_code(sf: Any, query: str, code: str) -> None:
    with pytest.raises(SalesforceError) as caught:
        sf.query(query)
    assert content(caught)[0]["errorCode"] == code


def test_children_that_the_user_may_not_read_are_an_unknown_relationship(sandbox: Sandbox, sf: Any) -> None:
    user = sandbox.org.user_by_name(INTEGRATION_USER)
    assert user is not None
    sandbox.org.people.change(user["Id"], grant=[], deny=["Opportunity.Read"], hide=[], show=[])
    for query in ("SELECT Id, (SELECT Id FROM Opportunities) FROM Account", "SELECT Id FROM Opportunity"):
        with pytest.raises(SalesforceError) as caught:
            sf.query(query)
        assert content(caught)[0]["errorCode"] == "INVALID_TYPE"


def test_groups_have_rows_of_their_own_shape_for_those_that_have_any(sf: Any, firms: list[str]) -> None:
    where = "WHERE IsClosed = false GROUP BY AccountId ORDER BY AccountId"
    answer = sf.query(f"SELECT AccountId, COUNT(Id) FROM Opportunity {where}")
    aggregate = {"attributes": {"type": "AggregateResult"}}
    rows = [aggregate | {"AccountId": firms[0], "expr0": 2}, aggregate | {"AccountId": firms[1], "expr0": 1}]
    assert answer == {"totalSize": 2, "done": True, "records": rows}


def test_groups_have_no_second_page(sandbox: Sandbox, sf: Any) -> None:
    sandbox.load("Lead", [{"LastName": f"L{number}", "Company": "C"} for number in range(201)])
    headers = {"Sforce-Query-Options": "batchSize=200"}
    with pytest.raises(SalesforceError) as caught:
        sf.query("SELECT LastName, COUNT(Id) FROM Lead GROUP BY LastName", headers=headers)
    assert content(caught)[0]["errorCode"] == "EXCEEDED_ID_LIMIT"


def test_a_closed_task_dates_its_person_its_record_and_the_account(sandbox: Sandbox, sf: Any, firms: list[str]) -> None:
    (contact,) = sandbox.load("Contact", [{"LastName": "Kim", "AccountId": firms[2]}])
    task = {"WhoId": contact, "ActivityDate": "2026-05-01"}
    made = sf.Task.create(task | {"Status": "Not Started"})["id"]
    assert activity(sf, "Contact", contact) is None
    sf.Task.update(made, {"Status": "Completed"})
    assert sf.Task.get(made)["AccountId"] == firms[2]
    assert [activity(sf, "Contact", contact), activity(sf, "Account", firms[2])] == ["2026-05-01", "2026-05-01"]
    sf.Task.delete(made)
    assert [activity(sf, "Contact", contact), activity(sf, "Account", firms[2])] == [None, None]


def test_an_event_counts_on_its_day_even_one_to_come_and_rolls_up_by_what_it_is_about(
    sandbox: Sandbox, sf: Any, firms: list[str]
) -> None:
    (contact,) = sandbox.load("Contact", [{"LastName": "Kim", "AccountId": firms[1]}])
    deal = next(row["Id"] for row in sandbox.rows("Opportunity") if row["Name"] == "Won")
    before = sf.Account.get(firms[0])["LastModifiedDate"]
    sf.Event.create({"WhatId": deal, "WhoId": contact, "StartDateTime": "2028-06-01T09:00:00.000Z"})
    assert activity(sf, "Opportunity", deal) == activity(sf, "Account", firms[0]) == "2028-06-01"
    assert activity(sf, "Contact", contact) == "2028-06-01"
    assert activity(sf, "Account", firms[1]) is None
    assert sf.Account.get(firms[0])["LastModifiedDate"] == before


def test_loaded_activities_count_like_others(sandbox: Sandbox, sf: Any, firms: list[str]) -> None:
    rows = [{"WhatId": firms[0], "Status": "Completed", "ActivityDate": f"2026-0{month}-01"} for month in (3, 7, 5)]
    sandbox.load("Task", rows)
    assert activity(sf, "Account", firms[0]) == "2026-07-01"
