"""What we write to Salesforce."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector.rows import RuleRow
from connector.salesforce.payloads import (
    LOOKUPS,
    audit_fields,
    cut,
    cut_json,
    lead_fields,
    notification,
    refusals,
    rule_fields,
    task_fields,
    with_refusals,
)
from rules.model import Notify, Stamp, Task, User
from tests.connector.salesforce.examples import ACCOUNT_ID, ANA, LEAD_ID, NOW, actions, decision, entry


def test_each_action_writes_its_own_part_of_the_lead() -> None:
    assert lead_fields(actions("d1"), namespace="acme") == {
        "assign": {"OwnerId": ANA.id},
        "link": {"acme__Switchyard_Account__c": ACCOUNT_ID},
        "stamp": {
            "acme__Switchyard_Rule__c": "Enterprise EMEA",
            "acme__Switchyard_Confidence__c": 0.988,
            "acme__Switchyard_Routed_At__c": "2026-11-22T10:00:00.000Z",
            "acme__Switchyard_Decision__c": "d1",
            "acme__Switchyard_Duplicate_Of__c": None,
        },
    }


def test_the_stamp_names_the_older_record_of_the_same_person_as_a_text() -> None:
    stamp = Stamp("d1", "r", 0.5, NOW, duplicate_of="00Q000000000009AAA")
    assert lead_fields([stamp])["stamp"]["Switchyard_Duplicate_Of__c"] == "00Q000000000009AAA"


def test_a_task_is_due_on_the_owners_day_and_reminds_to_the_minute() -> None:
    late = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    body = task_fields(Task(ANA.id, "S" * 300, "body", late), LEAD_ID, ANA)
    assert body["ActivityDate"] == "2026-11-22"
    assert body["ReminderDateTime"] == "2026-11-23T01:30:00.000Z"
    assert body["WhoId"] == LEAD_ID
    assert len(body["Subject"]) == 255
    assert {"Status", "Priority", "WhatId"}.isdisjoint(body)


@pytest.mark.parametrize("assignee", [None, replace(ANA, id="005000000000009AAA"), replace(ANA, zone="Mars/Base")])
def test_a_task_of_somebody_else_or_somewhere_unknown_is_due_on_the_utc_day(assignee: User | None) -> None:
    late = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
    assert task_fields(Task(ANA.id, "s", "b", late), LEAD_ID, assignee)["ActivityDate"] == "2026-11-23"


def test_an_audit_row_belongs_to_the_person_who_got_the_lead() -> None:
    body = audit_fields(entry(decision()), leave_out=frozenset())
    assert body["OwnerId"] == body["Assignee__c"] == ANA.id
    assert body["Lead__c"] == body["Record_Id__c"] == LEAD_ID
    assert body["Decision_Key__c"] == "d1"
    assert body["Confidence__c"] == 0.988
    assert body["Decided_At__c"] == "2026-11-22T10:00:00.000Z"
    assert body["Latency_Ms__c"] == 42
    assert "Duplicate_Of__c" not in body


@pytest.mark.parametrize(
    ("older", "lookup"), [("003000000000009AAA", "Contact__c"), ("00Q000000000009AAA", "Duplicate_Lead__c")]
)
def test_an_audit_row_looks_up_the_older_record_and_keeps_its_id_as_text(older: str, lookup: str) -> None:
    told = entry(decision(), duplicate_of=older)
    body = audit_fields(told, leave_out=frozenset())
    assert body["Duplicate_Of__c"] == body[lookup] == older
    assert {name for name, value in body.items() if value == older} == {"Duplicate_Of__c", lookup}
    assert lookup in LOOKUPS, "a merged record must not keep the decision from being recorded"
    assert lookup not in audit_fields(told, leave_out=frozenset({lookup}))


def test_a_queue_is_no_assignee_to_look_up() -> None:
    body = audit_fields(entry(decision(), assignee_id="00G000000000001AAA"), leave_out=frozenset())
    assert {"OwnerId", "Assignee__c"}.isdisjoint(body)


def test_the_audit_of_a_merge_into_a_contact_stands_with_the_contact() -> None:
    told = replace(entry(decision()), lead_id="003000000000001AAA")
    body = audit_fields(told, leave_out=frozenset())
    assert (body["Contact__c"], body["Record_Id__c"], "Lead__c" in body) == (told.lead_id, told.lead_id, False)


def test_audit_fields_get_the_namespace_and_their_length() -> None:
    body = audit_fields(
        entry(decision(), story="long story"),
        namespace="acme",
        lengths={"acme__Story__c": 5},
        leave_out=frozenset({"Lead__c"}),
    )
    assert body["acme__Story__c"] == "long…"
    assert "acme__Lead__c" not in body
    assert {name for name in body if not name.startswith("acme__")} == {"OwnerId"}


def test_a_rules_definition_is_never_cut() -> None:
    row = RuleRow("A", "rule", 1, "rule: A", error="e" * 20)
    body = rule_fields(row, namespace="acme", lengths={"acme__Error__c": 10, "acme__Definition__c": 3})
    assert body["Name"] == "A"
    assert body["acme__Definition__c"] == "rule: A"
    assert len(body["acme__Error__c"]) == 10


def test_a_notification_opens_the_lead() -> None:
    body = notification(Notify(ANA.id, "t" * 300, "b" * 800), LEAD_ID, "0ML1")
    assert (body["targetId"], body["recipientIds"], body["customNotifTypeId"]) == (LEAD_ID, [ANA.id], "0ML1")
    assert (len(body["title"]), len(body["body"])) == (250, 750)


@pytest.mark.parametrize(
    ("value", "length", "expected"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("abcd", None, "abcd"), (7, 1, 7), (None, 1, None)],
)
def test_texts_are_cut_with_an_ellipsis(value: object, length: int | None, expected: object) -> None:
    assert cut(value, length) == expected


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ('{"a": 1}', 100, {"a": 1}),
        (json.dumps({"a": 1, "b": "x" * 100, "c": "y" * 50}), 100, {"cut": True, "a": 1, "c": "y" * 50}),
        (json.dumps({"refused": {"task": "no"}, "b": "x" * 100}), 60, {"cut": True, "refused": {"task": "no"}}),
        ("no json " * 50, 60, {"cut": True}),
        ('["' + "x" * 100 + '"]', 60, {"cut": True}),
        (json.dumps({"refused": {"task": "n" * 100}}), 40, {"cut": True}),
    ],
)
def test_a_long_detail_stays_valid_json(text: str, length: int, expected: dict[str, object]) -> None:
    short = cut_json(text, length)
    assert len(short) <= length
    assert json.loads(short) == expected


def test_an_audit_row_tells_what_was_refused() -> None:
    told = with_refusals(entry(decision()), {"assign": "User is inactive", "task": "User is inactive"}, assigns=True)
    assert told.outcome == "refused"
    assert told.reason == "because\nUser is inactive"
    assert refusals(told.detail) == {"assign": "User is inactive", "task": "User is inactive"}
    assert json.loads(told.detail)["path"] == []


def test_a_refused_task_leaves_the_lead_assigned() -> None:
    assert with_refusals(entry(decision()), {"task": "no"}, assigns=True).outcome == "assigned"
    assert with_refusals(entry(decision()), {"task": "no"}, assigns=False).outcome == "refused"


def test_nothing_refused_changes_nothing() -> None:
    row = entry(decision())
    assert with_refusals(row, {}, assigns=True) is row


@pytest.mark.parametrize("detail", [None, "", "no json", "[]", "{}", '{"refused": 1}'])
def test_a_detail_without_refusals_has_none(detail: str | None) -> None:
    assert refusals(detail) == {}


def test_a_detail_that_is_no_object_is_kept_beside_the_refusals() -> None:
    told = with_refusals(entry(decision(), detail="[1]"), {"task": "no"}, assigns=True)
    assert json.loads(told.detail) == {"detail": [1], "refused": {"task": "no"}}
    broken = with_refusals(entry(decision(), detail="{"), {"task": "no"}, assigns=True)
    assert json.loads(broken.detail) == {"refused": {"task": "no"}}
