"""Asking the local Salesforce who has acted on leads, and how many are open: calls, what counts, errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from connector.acts import Acted, Deed
from connector.errors import Later
from connector.salesforce import soql
from connector.salesforce.fields import moment
from connector.salesforce.gateway import SalesforceCrm
from connector.salesforce.history import IDS
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg

URL_BYTES = 16_384
STATUS = "Open - Not Contacted"
LIMIT = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]


@pytest.fixture
def hide(org: LocalOrg) -> Iterator[Any]:
    """Take something from the connected user for the length of a test."""
    undo: list[dict[str, Any]] = []

    def make(*, deny: list[str] | None = None, hide: list[str] | None = None) -> None:
        org.control("POST", "permissions", {"user": INTEGRATION, "deny": deny or [], "hide": hide or []})
        undo.append({"grant": deny or [], "show": hide or []})

    yield make
    for switches in undo:
        org.control("POST", "permissions", {"user": INTEGRATION, **switches})


def deed(org: LocalOrg, lead_id: str, task_ref: str = "") -> Deed:
    """What is there now, as it was left a minute ago."""
    row = org.row("Lead", lead_id)
    return Deed(datetime.now(UTC) - timedelta(minutes=1), row["OwnerId"], row["Status"], task_ref)


def told(org: LocalOrg, crm: SalesforceCrm, lead_id: str) -> str:
    return acts(crm, {lead_id: deed(org, lead_id)}).get(lead_id, "")


def acts(crm: SalesforceCrm, deeds: dict[str, Deed]) -> dict[str, str]:
    return {one: found.act for one, found in crm.acted(deeds).items()}


def paths(org: LocalOrg) -> list[str]:
    return [call["path"].rpartition("/")[2] for call in org.calls() if call["path"].startswith("/services/data")]


def test_two_hundred_leads_with_their_tasks_take_one_call(org: LocalOrg, crm: SalesforceCrm) -> None:
    leads = org.leads(200)
    tasks = org.load("Task", [{"Subject": "Call", "WhoId": each} for each in leads])
    (done,) = org.create("Task", {"Subject": "Call", "WhoId": leads[7]})
    owner = org.queue_id()
    since = datetime.now(UTC) - timedelta(minutes=1)
    deeds = {each: Deed(since, owner, STATUS, task) for each, task in zip(leads, tasks, strict=True)}
    crm.acted({leads[0]: deeds[leads[0]]})
    org.control("POST", "update", {"sobject": "Task", "rows": [{"Id": done, "Status": "Completed"}]})
    org.control("POST", "update", {"sobject": "Task", "rows": [{"Id": tasks[9], "Status": "Completed"}]})
    org.reset()
    assert acts(crm, deeds) == {leads[7]: "activity logged", leads[9]: "task done"}
    assert paths(org) == ["composite"]


def test_the_queries_of_a_full_call_fit_into_a_url() -> None:
    ids = [f"00Q{number:015}" for number in range(IDS)]
    since = datetime.now(UTC)
    asked = (
        soql.leads(ids, ["OwnerId", "Status", "IsConverted"]),
        soql.done_tasks(ids, "CompletedDateTime"),
        soql.activities("Task", ids, since, "CompletedDateTime", "IsClosed = true"),
        soql.open_leads(ids),
    )
    for text in asked:
        assert len(quote(text)) + len("/services/data/v66.0/query?q=") < URL_BYTES


def test_more_leads_than_one_call_holds_take_one_more(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1)
    left = deed(org, lead)
    crm.acted({lead: left})
    before = crm.calls
    found = crm.acted({f"00Q{number:012}": left for number in range(IDS)} | {lead: left})
    assert crm.calls - before == 2
    assert lead not in found
    assert set(found.values()) == {Acted("gone")}


def test_a_meeting_is_an_act_and_an_open_task_of_anybody_is_none(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1)
    org.create("Task", {"Subject": "Follow up", "WhoId": lead})
    assert told(org, crm, lead) == ""
    org.create("Event", {"Subject": "Demo", "WhoId": lead, "StartDateTime": "2028-06-01T09:00:00.000Z"})
    assert told(org, crm, lead) == "activity logged"


def test_a_task_that_was_done_counts_from_when_it_was_closed_however_often_it_is_edited(
    org: LocalOrg, crm: SalesforceCrm
) -> None:
    (lead,) = org.leads(1)
    left = deed(org, lead)
    (task,) = org.create("Task", {"Subject": "Called", "WhoId": lead, "Status": "Completed"})
    closed = moment(org.row("Task", task)["CompletedDateTime"])
    assert closed is not None
    org.control("POST", "update", {"sobject": "Task", "rows": [{"Id": task, "Subject": "Called twice"}]})
    assert crm.acted({lead: left}) == {lead: Acted("activity logged", closed)}
    assert crm.acted({lead: replace(left, task_ref=task)}) == {lead: Acted("task done", closed)}


def test_of_several_activities_the_first_is_told(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1)
    left = deed(org, lead)
    early, late = (left.since + timedelta(seconds=number) for number in (10, 40))
    rows = [
        {"Subject": "Called", "WhoId": lead, "Status": "Completed", "CompletedDateTime": at.isoformat()}
        for at in (late, early)
    ]
    org.load("Task", rows)
    assert crm.acted({lead: left})[lead].at == early.replace(microsecond=early.microsecond // 1000 * 1000)


def test_an_activity_from_before_the_decision_tells_no_time(org: LocalOrg, crm: SalesforceCrm) -> None:
    one, other = org.leads(2)
    older = deed(org, other)
    (task,) = org.create("Task", {"Subject": "Called", "WhoId": one, "Status": "Completed"})
    closed = moment(org.row("Task", task)["CompletedDateTime"])
    assert closed is not None
    newer = replace(older, since=closed)
    assert crm.acted({one: newer, other: older}) == {}


def test_an_org_without_the_time_of_closing_tells_that_of_the_last_change(
    org: LocalOrg, crm: SalesforceCrm, hide: Any
) -> None:
    (lead,) = org.leads(1)
    left = deed(org, lead)
    (task,) = org.create("Task", {"Subject": "Called", "WhoId": lead, "Status": "Completed"})
    hide(hide=["Task.CompletedDateTime"])
    changed = moment(org.row("Task", task)["LastModifiedDate"])
    assert crm.acted({lead: replace(left, task_ref=task)}) == {lead: Acted("task done", changed)}


def test_a_deleted_task_of_ours_is_no_act(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1)
    (task,) = org.create("Task", {"Subject": "Call", "WhoId": lead})
    org.control("POST", "delete", {"sobject": "Task", "ids": [task]})
    assert crm.acted({lead: deed(org, lead, task)}) == {}


def test_a_lead_that_was_merged_away_is_gone_and_the_other_one_is_not(org: LocalOrg, crm: SalesforceCrm) -> None:
    kept, merged = org.leads(2)
    deeds = {each: deed(org, each) for each in (kept, merged)}
    org.control("POST", "merge", {"sobject": "Lead", "masterId": kept, "mergedIds": [merged]})
    assert crm.acted(deeds) == {merged: Acted("gone")}


def test_an_id_of_fifteen_characters_is_answered_as_it_was_asked(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1)
    left = deed(org, lead)
    short = Deed(left.since, left.owner_id[:15], left.status, "")
    assert crm.acted({lead[:15]: short}) == {}
    org.create("Task", {"Subject": "Called", "WhoId": lead, "Status": "Completed"})
    assert acts(crm, {lead[:15]: short}) == {lead[:15]: "activity logged"}


def test_what_the_connected_user_may_not_see_does_not_count(org: LocalOrg, crm: SalesforceCrm, hide: Any) -> None:
    (lead,) = org.leads(1)
    left = deed(org, lead)
    org.create("Task", {"Subject": "Called", "WhoId": lead, "Status": "Completed"})
    assert acts(crm, {lead: left}) == {lead: "activity logged"}
    hide(deny=["Task.Read"])
    assert crm.acted({lead: left}) == {}, "though the task object was seen a moment ago"
    hide(hide=["Lead.Status"])
    org.control("POST", "update", {"sobject": "Lead", "rows": [{"Id": lead, "Status": "Working - Contacted"}]})
    assert crm.acted({lead: left}) == {}


def test_used_up_calls_are_later_whether_told_outside_or_inside(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1)
    left = {lead: deed(org, lead)}
    crm.acted(left)
    inside = {"body": LIMIT, "httpHeaders": {}, "httpStatusCode": 403, "referenceId": "leads"}
    for fault in ({"status": 403, "body": LIMIT}, {"status": 200, "body": {"compositeResponse": [inside]}}):
        org.fault("composite", **fault)
        with pytest.raises(Later) as caught:
            crm.acted(left)
        assert caught.value.seconds == 900


def test_the_open_leads_of_two_hundred_users_take_one_call(org: LocalOrg, crm: SalesforceCrm) -> None:
    rows = [{"Username": f"many{number}@acme.example", "LastName": "Ana"} for number in range(200)]
    users = org.load("User", rows)
    org.load("Lead", [{"LastName": "Open", "Company": "Muster", "OwnerId": users[3]}] * 5)
    org.reset()
    found = crm.open_leads(users)
    assert paths(org) == ["query"]
    assert found == dict.fromkeys(users, 0) | {users[3]: 5}
    assert crm.open_leads([users[3][:15]]) == {users[3][:15]: 5}


def test_counting_open_leads_waits_when_the_calls_are_used_up(org: LocalOrg, crm: SalesforceCrm) -> None:
    org.fault("query", status=403, body=LIMIT)
    with pytest.raises(Later):
        crm.open_leads([org.user()])
