"""What an org may refuse, error by error, through the local Salesforce: what lands, what waits, what people read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest

from connector.salesforce.fields import moment
from connector.salesforce.gateway import SalesforceCrm
from connector.work import CHANGED, Effect
from rules.actions import Withdraw
from rules.model import Decision, Task, User
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.examples import work
from tests.connector.salesforce.signed_in import Memory
from tests.connector.salesforce.test_performing import GRAPH, RECORD, audits, owner, routed, statuses, tasks


@pytest.fixture(scope="module")
def ana(sandbox: Any) -> User:
    org = LocalOrg(sandbox)
    return User(org.user(FirstName="Ana", LastName="Muster"), "Ana Muster", zone="Europe/Paris")


@pytest.fixture(scope="module")
def account(sandbox: Any) -> str:
    return LocalOrg(sandbox).create("Account", {"Name": "Muster"})[0]


@pytest.fixture(autouse=True)
def obedient_again(org: LocalOrg) -> Iterator[None]:
    yield
    org.control("DELETE", "refuse")
    org.control("DELETE", "locks")


def refuse(org: LocalOrg, sobject: str, code: str, **more: Any) -> None:
    org.control("POST", "refuse", {"sobject": sobject, "code": code, "times": 100} | more)


def said(effects: list[Effect], action: str) -> str:
    return next(effect.detail for effect in effects if effect.action == action)


def graphs(org: LocalOrg) -> int:
    return len([call for call in org.calls() if GRAPH in call["path"]])


def perform(org: LocalOrg, crm: SalesforceCrm, ana: User, account: str) -> tuple[Decision, list[Effect]]:
    (lead,) = org.leads(1)
    made = routed(lead, ana, account)
    return made, crm.apply("record", [work(made)])


@pytest.mark.parametrize("status", [400, 500])
def test_unable_to_lock_row_waits_whatever_its_status(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str, status: int
) -> None:
    other = org.create("Account", {"Name": "Locked"})[0]
    free, locked = org.leads(2)
    org.control("POST", "locks", {"ids": [other], "status": status})
    todo = [work(routed(free, ana, account)), work(routed(locked, ana, other))]
    effects = crm.apply("record", [*todo])
    assert set(statuses(effects, todo[0].decision.key).values()) == {"done"}
    assert statuses(effects, todo[1].decision.key) == dict.fromkeys(RECORD, "later")
    assert {(one.seconds, one.applied) for one in effects if one.status == "later"} == {(5.0, False)}
    assert graphs(org) == 1, "nothing is tried again at once"
    org.control("DELETE", "locks")
    assert set(statuses(crm.apply("record", [todo[1]]), todo[1].decision.key).values()) == {"done"}


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Leads of EMEA need a region"),
        ("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "LeadTrigger: execution of BeforeUpdate"),
        ("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"),
        ("OPERATION_WITH_INVALID_USER_TYPE_EXCEPTION", "Operation not valid for this user type"),
        ("INACTIVE_OWNER_OR_USER", "owner is inactive"),
        ("TRANSFER_REQUIRES_READ", "The new owner must have read permission"),
    ],
)
def test_a_lead_that_a_rule_of_the_org_refuses_leaves_its_words_in_the_audit(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str, *, code: str, message: str
) -> None:
    refuse(org, "Lead", code, message=message, where={"OwnerId": ana.id})
    made, effects = perform(org, crm, ana, account)
    assert statuses(effects, made.key) == dict.fromkeys(RECORD - {"audit"}, "refused") | {"audit": "done"}
    (audit,) = audits(org, made.lead.id)
    assert audit["Outcome__c"] == "refused"
    assert message in audit["Reason__c"]
    assert code in audit["Reason__c"]
    assert (tasks(org, made.lead.id), owner(org, made.lead.id)) == ([], org.queue_id())


@pytest.mark.parametrize("key", ["duplicateResut", "duplicateResult"])
def test_duplicates_detected_names_the_rule_in_both_spellings(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str, key: str
) -> None:
    found = {
        "allowSave": False,
        "duplicateRule": "Leads_by_Email",
        "matchResults": [{"matchRecords": [{"record": {"Id": "00Q000000000009AAA", "Email": "kim@muster.example"}}]}],
    }
    body = [{key: found, "errorCode": "DUPLICATES_DETECTED", "message": "Use one of these records?"}]
    refuse(org, "Lead", "DUPLICATES_DETECTED", body=body, where={"OwnerId": ana.id})
    made, effects = perform(org, crm, ana, account)
    assert statuses(effects, made.key)["assign"] == "refused"
    assert "[Leads_by_Email] (DUPLICATES_DETECTED)" in said(effects, "assign")
    assert "kim" not in said(effects, "assign")


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("STRING_TOO_LONG", "Switchyard_Rule__c"),
        ("INVALID_FIELD_FOR_INSERT_UPDATE", "Switchyard_Decision__c"),
        ("FIELD_FILTER_VALIDATION_EXCEPTION", "Switchyard_Account__c"),
        ("INVALID_CROSS_REFERENCE_KEY", "Switchyard_Account__c"),
    ],
)
def test_a_refused_field_of_ours_does_not_keep_the_lead_from_its_owner(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str, *, code: str, field: str
) -> None:
    action = "link" if "Account" in field else "stamp"
    (lead,) = org.leads(1)
    order = {"fields": [field], "times": 2 if code == "INVALID_FIELD_FOR_INSERT_UPDATE" else 1}
    refuse(org, "Lead", code, **order)
    made = routed(lead, ana, account)
    effects = crm.apply("record", [work(made)])
    assert statuses(effects, made.key) == dict.fromkeys(RECORD - {action}, "done") | {action: "refused"}
    assert (owner(org, lead), len(tasks(org, lead))) == (ana.id, 1)
    (audit,) = audits(org, lead)
    assert audit["Outcome__c"] == "assigned"
    assert code in audit["Story__c"]


def test_a_required_field_that_is_not_ours_refuses_the_lead(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    refuse(
        org,
        "Lead",
        "REQUIRED_FIELD_MISSING",
        fields=["Region__c"],
        message="Missing: [Region__c]",
        where={"OwnerId": ana.id},
    )
    made, effects = perform(org, crm, ana, account)
    assert statuses(effects, made.key)["assign"] == "refused"
    assert "[Region__c]" in said(effects, "assign")


@pytest.mark.parametrize("code", ["REQUIRED_FIELD_MISSING", "FIELD_CUSTOM_VALIDATION_EXCEPTION"])
def test_a_required_field_of_a_task_costs_the_task_only(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str, code: str
) -> None:
    refuse(org, "Task", code, fields=["Kind__c"], message="Required fields are missing: [Kind__c]")
    made, effects = perform(org, crm, ana, account)
    assert statuses(effects, made.key) == dict.fromkeys(RECORD - {"task"}, "done") | {"task": "refused"}
    assert owner(org, made.lead.id) == ana.id
    (audit,) = audits(org, made.lead.id)
    assert "[Kind__c]" in audit["Reason__c"]


def test_a_required_field_of_our_audit_stops_the_decision_and_says_which(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    """Without the audit row's key nothing would keep a decision from being performed twice."""
    text = "Required fields are missing: [Team__c]"
    refuse(org, "Routing_Audit__c", "REQUIRED_FIELD_MISSING", fields=["Team__c"], message=text)
    made, effects = perform(org, crm, ana, account)
    assert statuses(effects, made.key) == dict.fromkeys(RECORD, "refused")
    assert "[Team__c]" in said(effects, "audit")
    assert graphs(org) == 1, "leaving out more mends nothing"
    assert (tasks(org, made.lead.id), owner(org, made.lead.id)) == ([], org.queue_id())
    org.control("DELETE", "refuse")
    again = crm.apply("record", [work(made)])
    assert set(statuses(again, made.key).values()) == {"done"}


@pytest.mark.parametrize(
    ("code", "field"),
    [("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Outcome__c"), ("STRING_TOO_LONG", "Rule__c")],
)
def test_an_audit_row_does_without_a_field_that_the_org_has_changed(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str, *, code: str, field: str
) -> None:
    refuse(org, "Routing_Audit__c", code, fields=[field], times=1)
    made, effects = perform(org, crm, ana, account)
    assert set(statuses(effects, made.key).values()) == {"done"}
    (audit,) = audits(org, made.lead.id)
    assert audit[field] is None
    assert audit["Decision_Key__c"] == made.key


def test_renamed_values_of_a_tasks_status_and_priority_are_left_to_the_org(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    """An org that calls them otherwise has its own defaults, so neither is ever named."""
    for name, value in (("Status", "Not Started"), ("Priority", "Normal")):
        org.control("POST", "picklist", {"sobject": "Task", "field": name, "rename": {value: f"Mine: {value}"}})
    try:
        made, effects = perform(org, crm, ana, account)
        assert statuses(effects, made.key)["task"] == "done"
        (task,) = tasks(org, made.lead.id)
        assert (task["Status"], task["Priority"]) == ("Mine: Not Started", "Mine: Normal")
    finally:
        for name, value in (("Status", "Not Started"), ("Priority", "Normal")):
            org.control("POST", "picklist", {"sobject": "Task", "field": name, "rename": {f"Mine: {value}": value}})


def test_a_hidden_field_of_a_task_makes_the_task_poorer(org: LocalOrg, ana: User, account: str) -> None:
    org.control("POST", "permissions", {"user": INTEGRATION, "hide": ["Task.Description"]})
    try:
        made, effects = perform(org, org.crm(), ana, account)
        assert set(statuses(effects, made.key).values()) == {"done"}
        (task,) = tasks(org, made.lead.id)
        assert (task["Description"], task["Subject"]) == (None, "Call Bob at Muster")
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "show": ["Task.Description"]})


def test_invalid_field_has_the_org_described_again(org: LocalOrg, ana: User, account: str) -> None:
    """A field that was hidden a moment ago is refused like one that never was; the memory of it is renewed."""
    memo = Memory()
    crm = org.crm(memo=memo)
    perform(org, crm, ana, account)
    org.control("POST", "permissions", {"user": INTEGRATION, "hide": ["Task.Description"]})
    try:
        (lead,) = org.leads(1)
        refuse(org, "Task", "INVALID_FIELD", message="No such column 'Description'", times=1)
        made = routed(lead, ana, account)
        effects = crm.apply("record", [work(made)])
        assert set(statuses(effects, made.key).values()) == {"done"}
        assert tasks(org, lead)[0]["Description"] is None
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "show": ["Task.Description"]})


def test_who_may_not_make_tasks_still_gives_leads(org: LocalOrg, ana: User, account: str) -> None:
    org.control("POST", "permissions", {"user": INTEGRATION, "deny": ["Task.Create"]})
    try:
        made, effects = perform(org, org.crm(), ana, account)
        assert statuses(effects, made.key) == dict.fromkeys(RECORD - {"task"}, "done") | {"task": "refused"}
        assert graphs(org) == 1
        assert "may not create tasks" in audits(org, made.lead.id)[0]["Reason__c"]
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "grant": ["Task.Create"]})


def test_full_storage_makes_every_decision_wait_and_nothing_happens(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    refuse(org, "Routing_Audit__c", "STORAGE_LIMIT_EXCEEDED", message="storage limit exceeded")
    leads = org.leads(2)
    todo = [work(routed(lead, ana, account)) for lead in leads]
    effects = crm.apply("record", todo)
    assert {(one.status, one.seconds, one.applied) for one in effects} == {("later", 900.0, False)}
    assert "free some or buy more" in effects[0].detail
    assert {owner(org, lead) for lead in leads} == {org.queue_id()}
    org.control("DELETE", "refuse")
    assert {one.status for one in crm.apply("record", todo)} == {"done"}


def test_rows_of_one_call_fail_and_succeed_each_for_itself(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    good, barred, locked, gone = org.leads(4)
    refuse(org, "Lead", "FIELD_CUSTOM_VALIDATION_EXCEPTION", where={"Id": barred})
    refuse(org, "Lead", "UNABLE_TO_LOCK_ROW", where={"Id": locked})
    org.control("POST", "delete", {"sobject": "Lead", "ids": [gone]})
    todo = [work(routed(lead, ana, account)) for lead in (good, barred, locked, gone)]
    effects = crm.apply("record", todo)
    found = {one.decision.lead.id: statuses(effects, one.decision.key)["assign"] for one in todo}
    assert found == {good: "done", barred: "refused", locked: "later", gone: "refused"}
    assert "ENTITY_IS_DELETED" in next(one.detail for one in effects if one.decision_key == todo[3].decision.key)
    assert [len(audits(org, lead)) for lead in (good, barred, locked)] == [1, 1, 0]


def test_more_than_five_hundred_nodes_go_in_several_calls(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    """An undo that withdraws many tasks makes a large graph; Salesforce takes 75 graphs of 500 nodes in all."""
    leads = org.leads(2)
    refs = {
        lead: org.load("Task", [{"WhoId": lead, "OwnerId": ana.id, "Subject": str(one)} for one in range(250)])
        for lead in leads
    }
    todo = []
    for lead, made in ((lead, routed(lead, ana, account)) for lead in leads):
        todo.append(work(replace(made, actions=(Withdraw(tuple(refs[lead])),), outcome="undone")))
    effects = crm.apply("record", todo)
    assert {one.status for one in effects} == {"done"}
    assert graphs(org) == 2
    assert {row["Id"] for row in org.rows("Task") if not row["IsDeleted"]}.isdisjoint(chain(*refs.values()))


def test_a_task_of_somebody_else_that_we_may_not_delete_keeps_the_lead_from_nobody(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    (lead,) = org.leads(1)
    (task,) = org.load("Task", [{"WhoId": lead, "OwnerId": org.user(FirstName="Cem"), "Subject": "Call"}])
    refuse(org, "Task", "INSUFFICIENT_ACCESS_OR_READONLY", where={"Id": task})
    made = routed(lead, ana, account)
    made = replace(made, actions=(*made.actions, Withdraw((task,))))
    effects = crm.apply("record", [work(made)])
    assert {one.action for one in effects if one.status == "refused"} == {Withdraw.key}
    assert {one.status for one in effects if one.action != Withdraw.key} == {"done"}
    assert (owner(org, lead), audits(org, lead)[0]["Outcome__c"]) == (ana.id, "assigned")
    assert "INSUFFICIENT_ACCESS_OR_READONLY" in audits(org, lead)[0]["Story__c"]
    assert len(tasks(org, lead)) == 2


def test_a_lead_cannot_speak_to_the_graph(org: LocalOrg, crm: SalesforceCrm, ana: User, account: str) -> None:
    """``@{audit.id}`` refers to another node of a graph, and what people fill into a form ends in ours."""
    (lead,) = org.leads(1)
    made = routed(lead, ana, account)
    hostile = tuple(
        replace(each, subject="Call @{audit.id}", body="@{nobody.id}") if isinstance(each, Task) else each
        for each in made.actions
    )
    effects = crm.apply("record", [work(replace(made, actions=hostile), story="@{audit.id} came in.")])
    assert {one.status for one in effects} == {"done"}
    (task,) = tasks(org, lead)
    assert (task["Subject"], task["Description"]) == ("Call @ {audit.id}", "@ {nobody.id}")
    assert audits(org, lead)[0]["Story__c"] == "@ {audit.id} came in."


def test_a_lead_that_somebody_changed_after_we_read_it_keeps_its_owner(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    (lead,) = org.leads(1)
    read_at = moment(org.row("Lead", lead)["SystemModstamp"])
    assert read_at is not None
    earlier = replace(work(routed(lead, ana, account)), unchanged_since=read_at - timedelta(seconds=2))
    effects = crm.apply("record", [earlier])
    assert {(one.status, one.detail, one.applied) for one in effects} == {("later", CHANGED, False)}
    assert owner(org, lead) == org.queue_id()
    assert audits(org, lead) == []
    effects = crm.apply("record", [replace(earlier, unchanged_since=read_at)])
    assert {one.status for one in effects} == {"done"}
