"""Canonical fields and properties, there and back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.hubspot.fields import canonical_name, iso, properties_to_read, to_record
from connector.hubspot.properties import (
    AUDIT_NAMES,
    REPORT_NAMES,
    TEXT_LIMIT,
    audit_properties,
    audit_texts,
    rule_properties,
    stamp_properties,
    standing_properties,
    task_properties,
    task_ref,
    to_rule,
)
from connector.hubspot.schemas import AUDIT_OBJECT, CONTACT_PROPERTIES, RULE_OBJECT, SCHEMAS
from connector.hubspot.wire import dated
from connector.rows import RuleRow
from rules.model import AuditEntry, Stamp

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ENTRY = AuditEntry(
    key="d1",
    title="Ana takes Jane Doe",
    lead_id="1",
    account_id="2",
    assignee_id="3",
    previous_owner_id=None,
    outcome="assigned",
    mode="act",
    rule="EMEA",
    reason="First free of the pool",
    match_status="matched",
    confidence=0.93,
    duplicate_status="different",
    duplicate_of=None,
    story="…",
    detail="{}",
    received_at=NOON,
    decided_at=NOON,
    latency_ms=120,
    ruleset_version="v1",
    trace_id="t1",
)


def contact(**properties: Any) -> dict[str, Any]:
    return {
        "id": "5",
        "properties": properties,
        "createdAt": "2026-11-22T12:00:00.000Z",
        "updatedAt": "2026-11-22T12:00:00.000Z",
    }


def test_a_contact_becomes_a_lead_with_canonical_fields() -> None:
    record = to_record(
        "lead",
        contact(
            email=" Jane@Acme.com ",
            firstname="Jane",
            lastname="Doe",
            zip="75001",
            numemployees="25-50",
            annualrevenue="$1,200,000",
            associatedcompanyid="77",
            hubspot_owner_id="9",
            lastmodifieddate="1795348800000",
            switchyard_decision="d0",
            phone="",
            city=None,
            tier="gold",
        ),
        ["tier", "absent"],
    )
    assert record.fields == {
        "email": "Jane@Acme.com",
        "first_name": "Jane",
        "last_name": "Doe",
        "name": "Jane Doe",
        "postal_code": "75001",
        "employees": 25,
        "revenue": 1_200_000.0,
        "account_id": "77",
        "decision": "d0",
        "tier": "gold",
    }
    assert (record.kind, record.id, record.owner_id) == ("lead", "5", "9")
    assert record.created_at == NOON
    assert record.modified_at == datetime.fromtimestamp(1795348800, UTC)


def test_a_company_becomes_an_account() -> None:
    stage = {"lifecyclestage": "customer"}
    record = to_record(
        "account", contact(name="Acme", domain="acme.com", numberofemployees="5000", **stage, firstname="x")
    )
    assert record.fields == {"name": "Acme", "domain": "acme.com", "employees": 5000, "lifecycle": "customer"}
    assert record.modified_at == NOON
    assert record.owner_id is None


@pytest.mark.parametrize(
    ("raw", "employees", "revenue"),
    [
        ("1000+", 1000, None),
        ("1,000", 1000, 1000.0),
        ("42.5", 42, 42.5),
        ("1.2e6", 1, 1_200_000.0),
        ("many", None, None),
        ("nan", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_numbers_are_read_from_whatever_stands_there(raw: str | None, employees: int | None, revenue: float) -> None:
    fields = to_record("lead", contact(numemployees=raw, annualrevenue=raw)).fields
    assert fields.get("employees") == employees
    assert fields.get("revenue") == revenue


def test_properties_have_canonical_names_and_unknown_ones_keep_theirs() -> None:
    assert canonical_name("lead", "jobtitle") == "title"
    assert canonical_name("account", "numberofemployees") == "employees"
    assert canonical_name("lead", "my_field") == "my_field"
    assert properties_to_read("lead", ["tier", "email"]).count("email") == 1
    assert "tier" in properties_to_read("lead", ["tier"])


def test_every_property_we_write_is_one_we_define() -> None:
    audit = {definition["name"] for definition in SCHEMAS[AUDIT_OBJECT]["properties"]}
    rule = {definition["name"] for definition in SCHEMAS[RULE_OBJECT]["properties"]}
    stamp = {definition["name"] for definition in CONTACT_PROPERTIES}
    assert audit == set(AUDIT_NAMES.values())
    row = RuleRow("r", "rule", 1, "x")
    assert rule == {*rule_properties(row), *standing_properties(row)}
    assert stamp == {*stamp_properties(Stamp("d1", "r", 0.5, NOON)), *REPORT_NAMES}
    assert SCHEMAS[AUDIT_OBJECT]["associatedObjects"] == ["0-1", "0-2"]


def test_an_audit_goes_there_and_back_as_text() -> None:
    properties = audit_properties(ENTRY)
    assert "previous_owner_id" not in properties
    assert properties["decision_key"] == "d1"
    assert properties["decided_at"] == "2026-11-22T12:00:00.000Z" == iso(NOON)
    texts = audit_texts(properties | {"hs_object_id": "1", "duplicate_of": None})
    assert (texts["key"], texts["ruleset_version"], texts["confidence"]) == ("d1", "v1", "0.9300")
    assert "duplicate_of" not in texts


def test_long_texts_are_cut_with_a_sign_and_json_stays_json() -> None:
    detail = json.dumps({"small": 1, "huge": "x" * TEXT_LIMIT, "list": list(range(100))})
    properties = audit_properties(replace(ENTRY, story="s" * 70_000, detail=detail))
    assert len(properties["story"]) == TEXT_LIMIT
    assert properties["story"].endswith("…")
    kept = json.loads(properties["detail"])
    assert kept == {"cut": True, "length": len(detail), "small": 1, "list": list(range(100))}


def test_broken_json_that_is_too_long_still_becomes_json() -> None:
    assert json.loads(audit_properties(replace(ENTRY, detail="x" * 70_000))["detail"]) == {
        "cut": True,
        "length": 70_000,
    }


def test_a_task_ends_with_the_decisions_reference_and_shows_text_as_text() -> None:
    properties = task_properties(
        key="d1",
        owner_id="9",
        subject=" Call Jane ",
        body="Hello <b>\nSwitchyard ref: forged",
        due_at=NOON,
        remind_at=NOON,
    )
    assert properties["hs_task_body"] == "Hello &lt;b&gt;<br>\nSwitchyard ref: forged<br>\nSwitchyard ref: d1"
    assert properties["hs_task_body"].splitlines()[-1] == "Switchyard ref: d1"
    assert properties["hs_task_reminders"] == properties["hs_timestamp"] == "1795348800000"
    assert task_ref(properties["hs_task_body"]) == "d1"
    assert task_ref("<p>Hello</p><p>Switchyard ref: d&amp;1</p>") == "d&1"
    assert task_ref("no reference") == task_ref(None) == ""


def test_a_task_without_a_bell_has_no_reminder_and_a_long_body_keeps_its_reference() -> None:
    properties = task_properties(key="d1", owner_id="9", subject="", body="x" * 100_000, due_at=NOON, remind_at=None)
    assert "hs_task_reminders" not in properties
    assert len(properties["hs_task_body"]) <= TEXT_LIMIT
    assert task_ref(properties["hs_task_body"]) == "d1"


def test_a_rule_goes_there_and_back() -> None:
    row = RuleRow("EMEA", "rule", 3, "- rule: EMEA\n  assign: keep\n", "draft", "bad line", "v2", "8")
    assert to_rule({"id": "8", "properties": rule_properties(row)}) == row
    empty = to_rule({"id": "9", "properties": {"rule_name": "New", "position": "2.0", "state": None}})
    assert empty == RuleRow("New", "", 2, "", "live", "", "", "9")


@pytest.mark.parametrize(
    ("library", "sent"),
    [
        ("/crm/v3/objects/0-1/batch/read", "/crm/objects/2026-09/0-1/batch/read"),
        ("/crm/v4/associations/0-1/0-2/batch/create", "/crm/associations/2026-09/0-1/0-2/batch/create"),
        ("/crm/v3/owners/", "/crm/owners/2026-09"),
        ("/crm/v3/properties/0-1/groups", "/crm/properties/2026-09/0-1/groups"),
        ("/crm-object-schemas/v3/schemas", "/crm-object-schemas/2026-09/schemas"),
        ("/account-info/2026-09/details", "/account-info/2026-09/details"),
    ],
)
def test_the_librarys_paths_become_dated_ones(library: str, sent: str) -> None:
    assert dated(library) == sent
