"""One decision as one graph, and what Salesforce's answers make of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.errors import Revoked
from connector.salesforce import graph as graphs
from connector.salesforce import results
from connector.salesforce.describe import FieldShape, ObjectShape
from connector.salesforce.graph import Attempt, Org
from connector.salesforce.payloads import AUDIT_FIELDS
from connector.work import Effect, Work
from tests.connector.salesforce.examples import ANA, LEAD_ID, decision, work

STAMPS = ("Rule__c", "Confidence__c", "Routed_At__c", "Decision__c")


def shape(name: str, *fields: str, hidden: tuple[str, ...] = ()) -> ObjectShape:
    known = {one: FieldShape(one, "string", 0, one not in hidden, one not in hidden) for one in fields}
    return ObjectShape(name, createable=True, updateable=True, fields=known)


def org(*, hidden: tuple[str, ...] = (), namespace: str = "") -> Org:
    prefix = f"{namespace}__" if namespace else ""
    row = ("OwnerId", *(f"{prefix}{name}" for name in ("Lead__c", *AUDIT_FIELDS.values())))
    names = ("OwnerId", *(f"{prefix}Switchyard_{part}" for part in ("Account__c", *STAMPS)))
    task = shape("Task", "WhoId", "OwnerId", "Subject", "Description", "ActivityDate", hidden=hidden)
    lead, audit = shape("Lead", *names, hidden=hidden), shape("Routing_Audit__c", *row, hidden=hidden)
    return Org("66.0", namespace, lead, audit, task)


def nodes(attempt: Attempt, here: Org) -> dict[str, dict[str, Any]]:
    made = graphs.graph(attempt, here, "g0")
    assert made is not None
    return {node["referenceId"]: node for node in made["compositeRequest"]}


def refused(node: str, code: str, message: str = "no") -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for reference in ("audit", "lead", "task"):
        halted = {"errorCode": "PROCESSING_HALTED", "message": "The transaction was rolled back"}
        error = {"errorCode": code, "message": message, "fields": []} if reference == node else halted
        rows.append({"referenceId": reference, "httpStatusCode": 400, "httpHeaders": {}, "body": [error]})
    return {"graphId": "g0", "graphResponse": {"compositeResponse": rows}, "isSuccessful": False}


DONE = {
    "graphId": "g0",
    "isSuccessful": True,
    "graphResponse": {
        "compositeResponse": [
            {"referenceId": "audit", "httpStatusCode": 201, "body": {"id": "a01", "success": True, "errors": []}},
            {"referenceId": "lead", "httpStatusCode": 204, "body": None},
            {"referenceId": "task", "httpStatusCode": 201, "body": {"id": "00T1", "success": True, "errors": []}},
        ]
    },
}
RECORD = {"assign", "link", "stamp", "task", "audit"}


def statuses(attempt: Attempt) -> dict[str, str]:
    return {name: effect.status for name, effect in attempt.effects.items()}


def start(one: Work | None = None, here: Org | None = None) -> Attempt:
    return graphs.screen(Attempt(one or work()), here or org())


def test_the_audit_row_comes_first_and_the_lead_is_written_once() -> None:
    made = nodes(start(), org())
    assert list(made) == ["audit", "lead", "task"]
    assert (made["audit"]["method"], made["audit"]["url"]) == ("POST", "/services/data/v66.0/sobjects/Routing_Audit__c")
    assert (made["lead"]["method"], made["lead"]["url"]) == ("PATCH", f"/services/data/v66.0/sobjects/Lead/{LEAD_ID}")
    assert {"OwnerId", "Switchyard_Account__c", "Switchyard_Decision__c"} <= made["lead"]["body"].keys()
    assert made["task"]["body"]["WhoId"] == LEAD_ID


def test_nodes_carry_the_headers_that_they_do_not_inherit() -> None:
    made = nodes(start(), org())
    assert made["lead"]["httpHeaders"]["Sforce-Auto-Assign"] == "FALSE"
    assert {made[one]["httpHeaders"]["Sforce-Call-Options"] for one in ("audit", "lead")} == {"client=Switchyard"}
    assert "httpHeaders" not in made["task"]


def test_no_node_refers_to_another_so_no_graph_is_deeper_than_one() -> None:
    assert "@{" not in json.dumps(graphs.graph(start(), org(), "g0"))


def test_a_call_holds_seventy_five_graphs_and_five_hundred_nodes() -> None:
    small, large = ({"compositeRequest": [dict[str, Any]()] * count} for count in (3, 120))
    assert [len(part) for part in graphs.calls([small] * 80)] == [75, 5]
    assert [len(part) for part in graphs.calls([large] * 9)] == [4, 4, 1]
    assert list(graphs.calls([])) == []


def test_an_observed_decision_is_an_audit_row_alone() -> None:
    made = nodes(start(work(decision(actions=(), mode="observe"))), org())
    assert list(made) == ["audit"]


def test_the_namespace_reaches_every_field_and_object_of_the_package() -> None:
    here = org(namespace="acme")
    made = nodes(start(here=here), here)
    assert made["audit"]["url"].endswith("/sobjects/acme__Routing_Audit__c")
    assert "acme__Switchyard_Account__c" in made["lead"]["body"]
    assert "acme__Decision_Key__c" in made["audit"]["body"]


def test_a_retry_after_a_refusal_updates_the_audit_row_by_its_key() -> None:
    one = work(decision(key="a/b c"), pending={"assign", "task"})
    node = nodes(start(one), org())["audit"]
    assert node["method"] == "PATCH"
    assert node["url"].endswith("/sobjects/Routing_Audit__c/Decision_Key__c/a%2Fb%20c")
    assert "Decision_Key__c" not in node["body"]


def test_a_success_settles_everything_with_the_ids_of_what_was_made() -> None:
    found = results.read_answer(start(), DONE)
    assert statuses(found) == dict.fromkeys(RECORD, "done")
    assert (found.effects["audit"].ref, found.effects["task"].ref) == ("a01", "00T1")
    assert found.effects["assign"] == Effect("d1", "assign", "done")
    assert graphs.graph(found, org(), "g0") is None


def test_a_lock_puts_everything_off() -> None:
    found = results.read_answer(start(), refused("lead", "UNABLE_TO_LOCK_ROW"))
    assert statuses(found) == dict.fromkeys(RECORD, "later")
    assert {(effect.seconds, effect.applied) for effect in found.effects.values()} == {(5.0, False)}


def test_a_shut_door_is_raised() -> None:
    with pytest.raises(Revoked):
        results.read_answer(start(), refused("audit", "API_DISABLED_FOR_ORG"))


def test_a_known_key_waits_for_what_the_row_says() -> None:
    message = "duplicate value found: Decision_Key__c duplicates value on record with id: a01000000000001"
    found = results.read_answer(start(), refused("audit", "DUPLICATE_VALUE", message))
    assert found.duplicate == "a01000000000001"
    assert graphs.graph(found, org(), "g0") is None
    settled = results.found_before(found, "a01000000000001AAA", {})
    assert statuses(settled) == dict.fromkeys(RECORD, "already")
    assert settled.effects["audit"].ref == "a01000000000001AAA"


def test_a_known_key_with_refusals_repeats_them() -> None:
    found = results.found_before(start(), "a01", {"task": "Tasks need a type"})
    assert statuses(found) == dict.fromkeys(RECORD - {"task"}, "already") | {"task": "refused"}
    assert found.effects["task"].detail == "Tasks need a type"


def test_a_refused_task_does_not_keep_the_lead_from_its_owner() -> None:
    found = results.read_answer(start(), refused("task", "REQUIRED_FIELD_MISSING", "Type is missing"))
    assert statuses(found) == {"task": "refused"}
    made = nodes(found, org())
    assert list(made) == ["audit", "lead"]
    assert made["audit"]["body"]["Outcome__c"] == "assigned"
    assert "Type is missing" in made["audit"]["body"]["Story__c"]


def test_a_refused_lead_leaves_an_audit_row_that_says_so() -> None:
    found = results.read_answer(start(), refused("lead", "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Needs a region"))
    assert statuses(found) == dict.fromkeys(RECORD - {"audit"}, "refused")
    made = nodes(found, org())
    assert list(made) == ["audit"]
    assert made["audit"]["body"]["Outcome__c"] == "refused"
    assert "Needs a region" in made["audit"]["body"]["Reason__c"]


def test_a_lead_refused_again_leaves_the_audit_row_as_it_is() -> None:
    one = work(pending={"assign", "task"})
    found = results.read_answer(start(one), refused("lead", "FIELD_CUSTOM_VALIDATION_EXCEPTION"))
    assert statuses(found) == {"assign": "refused", "task": "refused"}
    assert graphs.graph(found, org(), "g0") is None


def test_an_audit_row_that_its_owner_cannot_own_stays_with_us() -> None:
    found = results.read_answer(start(), refused("audit", "TRANSFER_REQUIRES_READ"))
    body = nodes(found, org())["audit"]["body"]
    assert "OwnerId" not in body
    assert body["Assignee__c"] == ANA.id


def test_an_audit_row_does_not_point_to_what_is_gone() -> None:
    found = results.read_answer(start(), refused("audit", "INVALID_CROSS_REFERENCE_KEY"))
    body = nodes(found, org())["audit"]["body"]
    assert {"Lead__c", "Account__c", "Assignee__c", "OwnerId"}.isdisjoint(body)
    assert body["Record_Id__c"] == LEAD_ID


def test_an_audit_row_that_cannot_be_written_at_all_refuses_everything() -> None:
    found = results.read_answer(start(), refused("audit", "INVALID_CROSS_REFERENCE_KEY"))
    found = results.read_answer(found, refused("audit", "REQUIRED_FIELD_MISSING"))
    assert statuses(found) == dict.fromkeys(RECORD, "refused")


def test_a_graph_that_fails_without_a_reason_ends() -> None:
    answer = refused("nobody", "X")
    assert statuses(results.read_answer(start(), answer)) == dict.fromkeys(RECORD, "refused")


def test_a_hidden_link_field_does_not_stop_the_lead() -> None:
    here = org(hidden=("Switchyard_Account__c", "Switchyard_Rule__c"))
    found = start(here=here)
    assert statuses(found) == {"link": "refused"}
    assert "Switchyard_Account__c" in found.effects["link"].detail
    body = nodes(found, here)["lead"]["body"]
    assert "OwnerId" in body
    assert "Switchyard_Rule__c" not in body
    assert "Switchyard_Decision__c" in body


def test_a_hidden_audit_field_makes_the_row_poorer_only() -> None:
    here = org(hidden=("Story__c", "Decision_Key__c"))
    body = nodes(start(here=here), here)["audit"]["body"]
    assert "Story__c" not in body
    assert body["Decision_Key__c"] == "d1"


def test_an_unknown_field_means_describe_again() -> None:
    assert results.is_stale(refused("lead", "INVALID_FIELD_FOR_INSERT_UPDATE"))
    assert not results.is_stale(refused("lead", "REQUIRED_FIELD_MISSING"))
    assert not results.is_stale(DONE)
