"""Asking the local Salesforce what it knows about accounts: calls, hidden objects and fields, errors."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from connector.crm import (
    CONTACTS,
    HISTORY,
    LAST_ACTIVITY,
    LAST_LOST,
    LOST_OPPORTUNITIES,
    OPEN_OPPORTUNITIES,
    OPPORTUNITY,
)
from connector.errors import Later, Refused
from connector.salesforce import history, soql
from connector.salesforce.gateway import SalesforceCrm
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.signed_in import Memory

URL_BYTES = 16_384
LOST = frozenset({LOST_OPPORTUNITIES, LAST_LOST})
OCTOBER = datetime(2026, 10, 5, tzinfo=UTC)
LIMIT = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]


@pytest.fixture
def account(org: LocalOrg) -> str:
    """An account with a contact and an open opportunity."""
    (made,) = org.create("Account", {"Name": "Muster"})
    org.create("Contact", {"LastName": "Kim", "AccountId": made})
    org.create("Opportunity", deal(made, Amount=500.0))
    return made


@pytest.fixture
def change(org: LocalOrg) -> Iterator[Any]:
    """Hide things from the connected user for the length of a test."""
    undo: list[dict[str, Any]] = []

    def make(*, deny: list[str] | None = None, hide: list[str] | None = None) -> None:
        org.control("POST", "permissions", {"user": INTEGRATION, "deny": deny or [], "hide": hide or []})
        undo.append({"grant": deny or [], "show": hide or []})

    yield make
    for switches in reversed(undo):
        org.control("POST", "permissions", {"user": INTEGRATION, **switches})


def deal(account_id: str, **values: Any) -> dict[str, Any]:
    return {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2027-01-31", "AccountId": account_id} | values


def told(crm: SalesforceCrm, account_id: str, *wanted: str) -> dict[str, Any]:
    return crm.account_history([account_id], wanted=frozenset(wanted) or HISTORY)[account_id]


def paths(org: LocalOrg) -> list[str]:
    return [call["path"].rpartition("/")[2] for call in org.calls() if call["path"].startswith("/services/data")]


def test_two_hundred_accounts_take_one_call(org: LocalOrg, crm: SalesforceCrm, account: str) -> None:
    ids = org.load("Account", [{"Name": f"A {number}"} for number in range(199)])
    crm.account_history([account], wanted=HISTORY)
    org.reset()
    found = crm.account_history([*ids, account], wanted=HISTORY)
    assert paths(org) == ["composite"]
    assert list(found) == [*ids, account]
    assert (found[account][CONTACTS], found[account][OPEN_OPPORTUNITIES]) == (1, 1)


def test_more_accounts_than_one_call_holds_take_one_more(org: LocalOrg, crm: SalesforceCrm) -> None:
    ids = org.load("Account", [{"Name": f"A {number}"} for number in range(history.IDS + 1)])
    org.load("Contact", [{"LastName": "Kim", "AccountId": each} for each in ids])
    crm.account_history(ids[:1], wanted=HISTORY)
    before = crm.calls
    found = crm.account_history(ids, wanted=HISTORY)
    assert crm.calls - before == 2
    assert {each[CONTACTS] for each in found.values()} == {1}
    assert found.keys() == set(ids)


def test_the_queries_of_a_full_call_fit_into_a_url() -> None:
    ids = [f"001{number:015}" for number in range(history.IDS)]
    longest = soql.accounts(ids, ["LastActivityDate", *history._OF_PARENT], list(history.FIELDS.values()))
    for text in (longest, soql.open_opportunities(ids), history.lost_opportunities(ids), soql.contacts(ids)):
        assert len(quote(text)) + len("/services/data/v66.0/query?q=") < URL_BYTES


def test_an_id_of_fifteen_characters_is_answered_as_it_was_asked(crm: SalesforceCrm, account: str) -> None:
    short = account[:15]
    found = crm.account_history([short], wanted=frozenset({CONTACTS, OPPORTUNITY}))
    assert found[short][CONTACTS] == 1
    assert found[short]["opportunity.name"] == "Deal"


def test_an_overdue_opportunity_is_still_open(org: LocalOrg, crm: SalesforceCrm, account: str) -> None:
    org.create("Opportunity", deal(account, Name="Overdue", CloseDate="2020-02-01"))
    found = told(crm, account)
    assert (found[OPEN_OPPORTUNITIES], found["opportunity.name"]) == (2, "Overdue")
    assert found["opportunity.close_date"] == datetime(2020, 2, 1, tzinfo=UTC)


def test_the_lost_opportunities_of_two_hundred_accounts_take_one_call(org: LocalOrg, crm: SalesforceCrm) -> None:
    ids = org.load("Account", [{"Name": f"A {number}"} for number in range(200)])
    lost = {"StageName": "Closed Lost", "CloseDate": "2026-10-05"}
    org.load("Opportunity", [deal(each, **lost) for each in ids[:150] for _ in range(2)])
    org.load("Opportunity", [deal(each, StageName="Closed Won", CloseDate="2026-11-05") for each in ids])
    crm.account_history(ids[:1], wanted=LOST)
    org.reset()
    found = crm.account_history(ids, wanted=LOST)
    assert paths(org) == ["composite"]
    some, none = {LOST_OPPORTUNITIES: 2, LAST_LOST: OCTOBER}, {LOST_OPPORTUNITIES: 0, LAST_LOST: None}
    assert [found[each] for each in ids] == [some] * 150 + [none] * 50


def test_an_id_of_fifteen_characters_knows_its_lost_opportunities(
    org: LocalOrg, crm: SalesforceCrm, account: str
) -> None:
    org.create("Opportunity", deal(account, StageName="Closed Lost", CloseDate="2026-10-05"))
    assert told(crm, account[:15], *LOST) == {LOST_OPPORTUNITIES: 1, LAST_LOST: OCTOBER}


@pytest.mark.parametrize("hidden", sorted(history.LOST_LINKS))
def test_lost_opportunities_are_left_out_when_a_field_is_hidden(
    crm: SalesforceCrm, account: str, change: Any, hidden: str
) -> None:
    assert told(crm, account, *LOST) == {LOST_OPPORTUNITIES: 0, LAST_LOST: None}
    change(hide=[f"Opportunity.{hidden}"])
    assert told(crm, account, *LOST, OPEN_OPPORTUNITIES) == {OPEN_OPPORTUNITIES: 1}


def test_meetings_and_done_tasks_are_activities_and_open_tasks_are_none(
    org: LocalOrg, crm: SalesforceCrm, account: str
) -> None:
    org.create("Task", {"Subject": "Call", "ActivityDate": "2027-05-01", "WhatId": account})
    assert told(crm, account, LAST_ACTIVITY) == {LAST_ACTIVITY: None}
    org.create("Task", {"Subject": "Called", "ActivityDate": "2026-03-01", "WhatId": account, "Status": "Completed"})
    assert told(crm, account, LAST_ACTIVITY) == {LAST_ACTIVITY: datetime(2026, 3, 1, tzinfo=UTC)}
    org.create("Event", {"Subject": "Visit", "StartDateTime": "2026-04-01T09:00:00.000Z", "WhatId": account})
    assert told(crm, account, LAST_ACTIVITY) == {LAST_ACTIVITY: datetime(2026, 4, 1, tzinfo=UTC)}


def test_hidden_opportunities_are_left_out_and_the_check_says_so(
    org: LocalOrg, crm: SalesforceCrm, account: str, change: Any
) -> None:
    rights = ["Read", "ViewAllRecords", "ModifyAllRecords", "Edit", "Create", "Delete"]
    change(deny=[f"Opportunity.{right}" for right in rights])
    assert told(crm, account) == {CONTACTS: 1, LAST_ACTIVITY: None}
    (line,) = [each for each in crm.check() if not each.ok]
    assert line.name == "Read opportunities (optional)"
    assert "Opportunities > Edit > tick Read" in line.remedy
    told(crm, account)
    org.reset()
    told(crm, account)
    assert paths(org) == ["composite"], "that nothing is there to see is remembered"


def test_what_an_admin_has_granted_is_there_after_the_next_check(
    org: LocalOrg, crm: SalesforceCrm, account: str, change: Any
) -> None:
    change(deny=["Opportunity.Read"])
    assert OPEN_OPPORTUNITIES not in told(crm, account)
    org.control("POST", "permissions", {"user": INTEGRATION, "grant": ["Opportunity.Read"]})
    crm.check()
    assert told(crm, account)[OPEN_OPPORTUNITIES] == 1


def test_an_object_that_is_hidden_after_we_looked_is_left_out(crm: SalesforceCrm, account: str, change: Any) -> None:
    assert told(crm, account)[OPEN_OPPORTUNITIES] == 1
    change(deny=["Opportunity.Read"])
    assert told(crm, account) == {CONTACTS: 1, LAST_ACTIVITY: None}


def test_a_hidden_field_is_left_out_alone_and_the_check_says_so(crm: SalesforceCrm, account: str, change: Any) -> None:
    assert told(crm, account)["opportunity.amount"] == 500.0
    change(hide=["Opportunity.Amount", "Account.LastActivityDate"])
    found = told(crm, account)
    assert found["opportunity.name"] == "Deal"
    assert not {"opportunity.amount", LAST_ACTIVITY} & found.keys()
    (line,) = [each for each in crm.check() if not each.ok]
    assert "Amount" in line.detail
    assert "Read Access to Amount" in line.remedy


def test_without_view_all_the_check_says_what_is_not_counted(crm: SalesforceCrm, change: Any) -> None:
    change(deny=["Opportunity.ViewAllRecords", "Opportunity.ModifyAllRecords"])
    (line,) = [each for each in crm.check() if not each.ok]
    assert "not counted" in line.detail
    assert "View All Records" in line.remedy


def test_used_up_calls_are_later_whether_told_outside_or_inside(org: LocalOrg, crm: SalesforceCrm) -> None:
    (account,) = org.create("Account", {"Name": "Muster"})
    told(crm, account)
    org.fault("composite", status=403, body=LIMIT)
    with pytest.raises(Later) as caught:
        told(crm, account)
    assert caught.value.seconds == 900
    inside = {"body": LIMIT, "httpHeaders": {}, "httpStatusCode": 403, "referenceId": "accounts"}
    org.fault("composite", status=200, body={"compositeResponse": [inside]})
    with pytest.raises(Later) as caught:
        told(crm, account)
    assert caught.value.seconds == 900


def test_a_field_that_stays_missing_is_refused_after_looking_once_more(org: LocalOrg, crm: SalesforceCrm) -> None:
    (account,) = org.create("Account", {"Name": "Muster"})
    told(crm, account)
    gone = {"body": [{"errorCode": "INVALID_FIELD", "message": "No such column"}], "httpStatusCode": 400}
    org.fault("composite", times=2, status=200, body={"compositeResponse": [gone | {"referenceId": "accounts"}]})
    before = crm.calls
    with pytest.raises(Refused, match="hidden from the connected user"):
        told(crm, account)
    assert crm.calls - before == 5, "two tries, and three describes between them"


def test_another_process_uses_what_was_described(org: LocalOrg, account: str) -> None:
    memo = Memory()
    told(org.crm(memo=memo), account)
    org.reset()
    told(org.crm(memo=memo), account)
    assert paths(org) == ["composite"]
