"""Performing decisions in the local Salesforce: exactly once, all or nothing, and the truth in the audit row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.errors import Later, Refused
from connector.salesforce.gateway import SalesforceCrm
from connector.work import Effect
from rules.model import Assign, Decision, Link, User
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.examples import decision, work
from tests.connector.salesforce.signed_in import Memory

RECORD = {"assign", "link", "stamp", "task", "audit"}
GRAPH = "composite/graph"


@pytest.fixture(scope="module")
def ana(sandbox: Any) -> User:
    org = LocalOrg(sandbox)
    return User(org.user(FirstName="Ana", LastName="Muster"), "Ana Muster", zone="Europe/Paris")


@pytest.fixture(scope="module")
def account(sandbox: Any) -> str:
    return LocalOrg(sandbox).create("Account", {"Name": "Muster"})[0]


def routed(lead_id: str, owner: User, account_id: str, key: str = "") -> Decision:
    """A decision to do everything that can be done."""
    made = decision(key=key or f"d-{lead_id}", lead_id=lead_id, owner=owner)
    actions = [Link(account_id) if isinstance(action, Link) else action for action in made.actions]
    return replace(made, actions=tuple(actions))


def statuses(effects: Sequence[Effect], key: str) -> dict[str, str]:
    return {effect.action: effect.status for effect in effects if effect.decision_key == key}


def tasks(org: LocalOrg, lead_id: str) -> list[dict[str, Any]]:
    return [row for row in org.rows("Task") if row["WhoId"] == lead_id]


def audits(org: LocalOrg, lead_id: str) -> list[dict[str, Any]]:
    return [row for row in org.rows("Routing_Audit__c") if row["Record_Id__c"] == lead_id]


def owner(org: LocalOrg, lead_id: str) -> str:
    return str(org.row("Lead", lead_id)["OwnerId"])


def test_a_decision_is_performed_whole_in_one_call(org: LocalOrg, crm: SalesforceCrm, ana: User, account: str) -> None:
    (lead,) = org.leads(1)
    made = routed(lead, ana, account)
    effects = crm.apply("record", [work(made)])
    assert statuses(effects, made.key) == dict.fromkeys(RECORD, "done")
    assert len([call for call in org.calls() if GRAPH in call["path"]]) == 1
    row = org.row("Lead", lead)
    assert row["OwnerId"] == ana.id
    assert row["Switchyard_Account__c"] == account
    assert (row["Switchyard_Decision__c"], row["Switchyard_Confidence__c"]) == (made.key, 0.988)
    (task,) = tasks(org, lead)
    assert (task["OwnerId"], task["Subject"], task["Status"]) == (ana.id, "Call Bob at Muster", "Not Started")
    (audit,) = audits(org, lead)
    assert (audit["OwnerId"], audit["Assignee__c"], audit["Lead__c"]) == (ana.id, ana.id, lead)
    refs = {effect.action: effect.ref for effect in effects}
    assert (refs["audit"], refs["task"]) == (audit["Id"], task["Id"])


def test_the_orgs_assignment_rule_does_not_undo_ours(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    (lead,) = org.leads(1)
    assert org.control("GET", "settings")["assignment_active"]
    crm.apply("record", [work(routed(lead, ana, account))])
    assert owner(org, lead) == ana.id


def test_a_queue_can_take_a_lead(org: LocalOrg, crm: SalesforceCrm, account: str) -> None:
    (lead,) = org.leads(1, OwnerId=org.user())
    queue = User(org.queue_id(), "Unassigned Leads", queue=True)
    made = replace(routed(lead, queue, account), actions=(Assign(queue.id),))
    assert statuses(crm.apply("record", [work(made)]), made.key) == {"assign": "done", "audit": "done"}
    assert owner(org, lead) == queue.id
    assert audits(org, lead)[0]["Assignee__c"] is None


def test_only_what_is_pending_is_done(org: LocalOrg, crm: SalesforceCrm, ana: User, account: str) -> None:
    (lead,) = org.leads(1)
    made = routed(lead, ana, account)
    effects = crm.apply("record", [work(made, pending={"audit"})])
    assert statuses(effects, made.key) == {"audit": "done"}
    assert owner(org, lead) == org.queue_id()
    assert tasks(org, lead) == []


def test_a_decision_performed_before_is_found_done(org: LocalOrg, crm: SalesforceCrm, ana: User, account: str) -> None:
    (lead,) = org.leads(1)
    made = routed(lead, ana, account)
    crm.apply("record", [work(made)])
    org.control("POST", "update", {"sobject": "Lead", "rows": [{"Id": lead, "OwnerId": org.queue_id()}]})
    effects = crm.apply("record", [work(made, uncertain=RECORD)])
    assert statuses(effects, made.key) == dict.fromkeys(RECORD, "already")
    assert next(effect.ref for effect in effects if effect.action == "audit") == audits(org, lead)[0]["Id"]
    assert owner(org, lead) == org.queue_id()
    assert len(tasks(org, lead)) == 1


@pytest.mark.parametrize("drop", ["before", "after"])
def test_an_answer_that_was_lost_is_made_good_exactly_once(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str, drop: str
) -> None:
    leads = org.leads(3)
    todo = [work(routed(lead, ana, account)) for lead in leads]
    org.fault(GRAPH, drop=drop)
    with pytest.raises(Later) as caught:
        crm.apply("record", todo)
    assert caught.value.applied
    effects = crm.apply("record", [replace(one, uncertain=one.pending) for one in todo])
    expected = "already" if drop == "after" else "done"
    assert {effect.status for effect in effects} == {expected}
    for lead in leads:
        assert owner(org, lead) == ana.id
        assert len(tasks(org, lead)) == len(audits(org, lead)) == 1


def test_a_locked_lead_waits_and_the_others_go_through(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    leads = org.leads(3)
    org.control("POST", "refuse", {"sobject": "Lead", "code": "UNABLE_TO_LOCK_ROW", "where": {"Id": leads[1]}})
    todo = [work(routed(lead, ana, account)) for lead in leads]
    effects = crm.apply("record", todo)
    assert statuses(effects, todo[1].decision.key) == dict.fromkeys(RECORD, "later")
    assert {effect.seconds for effect in effects if effect.status == "later"} == {5.0}
    assert statuses(effects, todo[0].decision.key) == statuses(effects, todo[2].decision.key)
    assert audits(org, leads[1]) == []
    assert set(statuses(crm.apply("record", [todo[1]]), todo[1].decision.key).values()) == {"done"}


def test_a_refused_lead_leaves_an_audit_row_that_says_so(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    good, bad = org.leads(2)
    refusal = {"code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Needs a region", "where": {"Id": bad}}
    org.control("POST", "refuse", {"sobject": "Lead", **refusal})
    todo = [work(routed(lead, ana, account)) for lead in (good, bad)]
    effects = crm.apply("record", todo)
    assert set(statuses(effects, todo[0].decision.key).values()) == {"done"}
    assert statuses(effects, todo[1].decision.key) == dict.fromkeys(RECORD - {"audit"}, "refused") | {"audit": "done"}
    (audit,) = audits(org, bad)
    assert audit["Outcome__c"] == "refused"
    assert "Needs a region" in audit["Reason__c"]
    assert set(json.loads(audit["Detail__c"])["refused"]) == RECORD - {"audit"}
    assert owner(org, bad) == org.queue_id()
    assert tasks(org, bad) == []
    assert len([call for call in org.calls() if GRAPH in call["path"]]) == 2


def test_a_refusal_is_remembered_by_the_audit_row_when_our_answer_was_lost(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    (lead,) = org.leads(1)
    refusal = {"code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Needs a region", "where": {"Id": lead}}
    org.control("POST", "refuse", {"sobject": "Lead", **refusal})
    made = routed(lead, ana, account)
    crm.apply("record", [work(made)])
    effects = crm.apply("record", [work(made, uncertain=RECORD)])
    assert statuses(effects, made.key) == dict.fromkeys(RECORD - {"audit"}, "refused") | {"audit": "already"}
    assert "Needs a region" in next(effect.detail for effect in effects if effect.action == "assign")


def test_a_retry_by_a_click_writes_the_lead_and_corrects_the_audit_row(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    (lead,) = org.leads(1)
    org.control(
        "POST", "refuse", {"sobject": "Lead", "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "where": {"Id": lead}}
    )
    made = routed(lead, ana, account)
    crm.apply("record", [work(made)])
    effects = crm.apply("record", [work(made, pending=RECORD - {"audit"})])
    assert statuses(effects, made.key) == dict.fromkeys(RECORD - {"audit"}, "done")
    (audit,) = audits(org, lead)
    assert audit["Outcome__c"] == "assigned"
    assert (owner(org, lead), len(tasks(org, lead))) == (ana.id, 1)


@pytest.mark.parametrize("drop", ["before", "after"])
def test_an_interrupted_retry_makes_one_task_only(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str, drop: str
) -> None:
    (lead,) = org.leads(1)
    made = replace(routed(lead, ana, account), decided_at=datetime.now(UTC))
    crm.apply("record", [work(made, pending={"audit"})])
    retry = work(made, pending=RECORD - {"audit"})
    org.fault(GRAPH, drop=drop)
    with pytest.raises(Later):
        crm.apply("record", [retry])
    effects = crm.apply("record", [replace(retry, uncertain=retry.pending)])
    expected = dict.fromkeys(RECORD - {"audit"}, "done") | ({"task": "already"} if drop == "after" else {})
    assert statuses(effects, made.key) == expected
    assert len(tasks(org, lead)) == 1
    assert next(effect.ref for effect in effects if effect.action == "task") == tasks(org, lead)[0]["Id"]


def test_a_refused_task_does_not_keep_the_lead_from_its_owner(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    (lead,) = org.leads(1)
    org.control("POST", "refuse", {"sobject": "Task", "code": "REQUIRED_FIELD_MISSING", "where": {"WhoId": lead}})
    made = routed(lead, ana, account)
    effects = crm.apply("record", [work(made)])
    assert statuses(effects, made.key) == dict.fromkeys(RECORD - {"task"}, "done") | {"task": "refused"}
    assert owner(org, lead) == ana.id
    (audit,) = audits(org, lead)
    assert audit["Outcome__c"] == "assigned"
    assert "REQUIRED_FIELD_MISSING" in audit["Reason__c"]


def test_an_owner_who_left_is_refused_and_the_row_says_so(org: LocalOrg, crm: SalesforceCrm, account: str) -> None:
    (lead,) = org.leads(1)
    gone = User(org.user(IsActive=False), "Gone")
    made = routed(lead, gone, account)
    effects = crm.apply("record", [work(made)])
    found = statuses(effects, made.key)
    assert (found["assign"], found["audit"]) == ("refused", "done")
    (audit,) = audits(org, lead)
    assert (audit["Outcome__c"], audit["Assignee__c"]) == ("refused", gone.id)
    assert audit["OwnerId"] != gone.id


def test_a_lead_that_is_gone_is_refused_and_the_row_keeps_its_id(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    (lead,) = org.leads(1)
    org.control("POST", "delete", {"sobject": "Lead", "ids": [lead]})
    made = routed(lead, ana, account)
    effects = crm.apply("record", [work(made)])
    assert statuses(effects, made.key) == dict.fromkeys(RECORD - {"audit"}, "refused") | {"audit": "done"}
    (audit,) = audits(org, lead)
    assert (audit["Lead__c"], audit["Outcome__c"]) == (None, "refused")


def test_a_converted_lead_is_refused(org: LocalOrg, crm: SalesforceCrm, ana: User, account: str) -> None:
    (lead,) = org.leads(1)
    org.control("POST", "convert", {"leadId": lead})
    made = routed(lead, ana, account)
    effects = crm.apply("record", [work(made)])
    assert statuses(effects, made.key)["assign"] == "refused"
    assert "CANNOT_UPDATE_CONVERTED_LEAD" in next(effect.detail for effect in effects if effect.action == "assign")


def test_who_cannot_own_audit_rows_is_remembered(org: LocalOrg, account: str) -> None:
    memo = Memory()
    crm = org.crm(memo=memo)
    first, second = org.leads(2)
    stranger = User(org.user(), "Sam")
    order = {"sobject": "Routing_Audit__c", "code": "TRANSFER_REQUIRES_READ", "where": {"OwnerId": stranger.id}}
    org.control("POST", "refuse", order | {"times": 1000})
    made = routed(first, stranger, account)
    assert set(statuses(crm.apply("record", [work(made)]), made.key).values()) == {"done"}
    assert audits(org, first)[0]["OwnerId"] != stranger.id
    before = crm.calls
    made = routed(second, stranger, account)
    assert set(statuses(crm.apply("record", [work(made)]), made.key).values()) == {"done"}
    assert crm.calls - before == 1


def test_a_stamp_field_that_became_read_only_does_not_stop_the_lead(org: LocalOrg, ana: User, account: str) -> None:
    memo = Memory()
    crm = org.crm(memo=memo)
    (lead,) = org.leads(1)
    crm.apply("record", [work(routed(lead, ana, account))])
    (other,) = org.leads(1)
    stale = {"code": "INVALID_FIELD_FOR_INSERT_UPDATE", "message": "Unable to update fields", "where": {"Id": other}}
    org.control("POST", "refuse", {"sobject": "Lead", **stale})
    org.control("POST", "permissions", {"user": INTEGRATION, "hide": ["Lead.Switchyard_Account__c"]})
    try:
        made = routed(other, ana, account)
        effects = crm.apply("record", [work(made)])
        assert statuses(effects, made.key) == dict.fromkeys(RECORD - {"link"}, "done") | {"link": "refused"}
        assert "Switchyard_Account__c" in next(effect.detail for effect in effects if effect.action == "link")
        assert owner(org, other) == ana.id
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "show": ["Lead.Switchyard_Account__c"]})


def test_a_later_call_of_a_step_that_fails_says_that_something_happened(
    org: LocalOrg, crm: SalesforceCrm, ana: User, account: str
) -> None:
    good, bad = org.leads(2)
    org.control(
        "POST", "refuse", {"sobject": "Lead", "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "where": {"Id": bad}}
    )
    lock = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    org.fault(GRAPH, status=403, body=lock, skip=1)
    todo = [work(routed(lead, ana, account)) for lead in (good, bad)]
    with pytest.raises(Later) as caught:
        crm.apply("record", todo)
    assert caught.value.applied
    assert caught.value.seconds == 900
    effects = crm.apply("record", [replace(one, uncertain=one.pending) for one in todo])
    assert set(statuses(effects, todo[0].decision.key).values()) == {"already"}
    assert len(tasks(org, good)) == 1


def test_an_org_without_the_package_is_refused_with_what_to_install(org: LocalOrg) -> None:
    crm = org.crm(salesforce_namespace="acme")
    with pytest.raises(Refused, match="Install"):
        crm.apply("record", [work()])


def test_a_thousand_leads_cost_twenty_nine_calls(org: LocalOrg, ana: User, account: str) -> None:
    memo, tokens = Memory(), org.sign_in()
    leads = org.leads(1000)
    calls = 0
    for start in range(0, 1000, 200):
        crm = org.crm(tokens, memo)
        batch = leads[start : start + 200]
        read = crm.read("lead", batch)
        assert len(read) == 200
        todo = [work(routed(lead, ana, account)) for lead in batch]
        for step in crm.steps:
            for place in range(0, len(todo), step.batch):
                some = [one for one in todo[place : place + step.batch] if one.pending & step.actions]
                part = [replace(one, pending=one.pending & step.actions) for one in some]
                if part:
                    assert {effect.status for effect in crm.apply(step.name, part)} == {"done"}
        crm.close()
        calls += crm.calls
    assert calls <= 29  # 5 reads, 15 graphs, 5 bells, and what is asked once
