"""Rule records and audit rows in the local Salesforce."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from connector.acts import ResponseRow
from connector.errors import Later, Refused
from connector.rows import RuleRow
from connector.salesforce import payloads
from connector.salesforce.gateway import SalesforceCrm
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.examples import NOW, decision, work
from tests.connector.salesforce.signed_in import Memory


def rule(name: str, position: int, **parts: object) -> RuleRow:
    return replace(RuleRow(name, "rule", position, f"rule: {name}"), **parts)  # type: ignore[arg-type]


def ticked(org: LocalOrg, ids: Sequence[str]) -> list[bool]:
    """Return, for each record, whether it is ticked as one with an error."""
    found = {row["Id"]: row["Has_Error__c"] for row in org.rows("Routing_Rule__c")}
    return [bool(found[one]) for one in ids]


def test_rules_come_back_as_they_were_put_by_position(crm: SalesforceCrm) -> None:
    rows = [rule("Second", 902, error="line 1: no"), rule("First", 901, state="draft", version="v7")]
    before = crm.calls
    ids = crm.put_rules(rows)
    assert crm.calls - before == 2  # one describe, one write
    assert len(set(ids)) == 2
    mine = [row for row in crm.rules() if row.id in ids]
    assert mine == [replace(rows[1], id=ids[1]), replace(rows[0], id=ids[0])]


def test_rules_are_created_and_updated_in_one_go(crm: SalesforceCrm) -> None:
    (old,) = crm.put_rules([rule("Old", 911, error="bad")])
    ids = crm.put_rules([rule("New", 912), rule("Old", 910, id=old)])
    assert ids[1] == old
    mine = [row for row in crm.rules() if row.id in ids]
    assert [(row.name, row.position, row.error) for row in mine] == [("Old", 910, ""), ("New", 912, "")]


def test_more_rules_than_one_call_holds_keep_their_order(crm: SalesforceCrm) -> None:
    rows = [rule(f"R{number}", 1000 + number) for number in range(250)]
    ids = crm.put_rules(rows)
    names = {row.id: row.name for row in crm.rules()}
    assert [names[one] for one in ids] == [row.name for row in rows]


def test_a_package_without_the_fields_for_standings_refuses_them_and_its_rules_are_read(org: LocalOrg) -> None:
    memo = Memory()
    crm = org.crm(memo=memo)
    (one,) = crm.put_rules([rule("Desk", 930, kind="pool")])
    told = replace(rule("Desk", 930, kind="pool"), id=one, standing="Ana: received 1", received=1, difference=0.5)
    crm.mark_standings([told])
    hidden = [f"Routing_Rule__c.{name}__c" for name in ("Standing", "Received", "Largest_Difference")]
    org.control("POST", "permissions", {"user": INTEGRATION, "hide": hidden})
    try:
        bare = replace(told, standing="", received=None, difference=None)
        assert bare in crm.rules(), "what was remembered of the object is looked up again"
        before = crm.calls
        with pytest.raises(Refused, match="no fields for what members of a pool have received"):
            crm.mark_standings([told])
        assert crm.calls == before
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "show": hidden})
    crm.prepare()
    assert told in crm.rules()


def test_rules_with_errors_are_ticked_for_list_views_where_the_package_has_the_box(org: LocalOrg) -> None:
    crm = org.crm(memo=Memory())
    bad, good = crm.put_rules([rule("Bad", 941, error="line 1: no"), rule("Good", 942)])
    assert ticked(org, [bad, good]) == [True, False]
    crm.mark_rules([replace(rule("Bad", 941), id=bad), replace(rule("Good", 942, error="line 2: no"), id=good)])
    assert ticked(org, [bad, good]) == [False, True]
    hidden = ["Routing_Rule__c.Has_Error__c"]
    org.control("POST", "permissions", {"user": INTEGRATION, "hide": hidden})
    try:
        old = org.crm(memo=Memory())
        old.mark_rules([replace(rule("Bad", 941, error="line 3: no"), id=bad)])
        assert [row.error for row in old.rules() if row.id == bad] == ["line 3: no"]
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "show": hidden})


def test_one_bad_rule_refuses_all_and_is_named(crm: SalesforceCrm) -> None:
    before = len(crm.rules())
    with pytest.raises(Refused, match="Odd: "):
        crm.put_rules([rule("Good", 920), rule("Odd", 921, kind="poem")])
    assert len(crm.rules()) == before


def test_no_rules_cost_no_write(crm: SalesforceCrm) -> None:
    assert crm.put_rules([]) == ()


def test_audit_rows_of_a_lead_come_newest_first(org: LocalOrg, crm: SalesforceCrm) -> None:
    lead, other = org.leads(2)
    for key in ("first", "second"):
        crm.apply("record", [work(decision(key=f"{key} {lead}", lead_id=lead, actions=()))])
    crm.apply("record", [work(decision(key=f"other {other}", lead_id=other, actions=()))])
    rows = crm.audits(lead)
    assert [row["key"] for row in rows] == [f"second {lead}", f"first {lead}"]
    row = rows[0]
    assert row["lead_id"] == lead
    assert row["outcome"] == "assigned"
    assert row["story"] == "A lead came in."
    assert row["confidence"] == "0.988"
    assert row["decided_at"].startswith("2026-11-22T10:00:00")
    assert row["title"].startswith("RA-")
    assert "duplicate_of" not in row


LATER_FIELDS = [f"Routing_Audit__c.{api}" for api in payloads.REPORT_FIELDS.values()]


def test_the_first_package_has_no_fields_for_answers_and_loses_nothing_else(org: LocalOrg) -> None:
    memo, (lead,) = Memory(), org.leads(1)
    org.control("POST", "permissions", {"user": INTEGRATION, "hide": LATER_FIELDS})
    try:
        crm = org.crm(memo=memo)
        made = decision(key=f"old {lead}", lead_id=lead, actions=())
        told: dict[str, Any] = {"response_status": "waiting", "response_due_at": NOW, "pool": "Desk"}
        told["entitled_share"] = 50.0
        (effect,) = crm.apply("record", [work(made, **told)])
        assert effect.status == "done"
        (row,) = crm.audits(lead)
        assert (row["outcome"], told.keys() & row.keys()) == ("assigned", set())
        before = crm.calls
        with pytest.raises(Refused, match="no fields for when a lead was answered"):
            crm.mark_responses([ResponseRow(made.key, effect.ref, "late")])
        assert crm.calls == before
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "show": LATER_FIELDS})
    crm.prepare()
    assert all(each.ok for each in crm.check() if "Routing_Audit__c" in each.name)


def test_what_is_reported_by_stands_in_the_audit_row(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1)
    told: dict[str, Any] = {
        "lead_source": "Web", "pool": "Desk", "entitled_share": 66.67, "why_unmatched": "No account is alike. " * 20,
        "response_status": "waiting", "response_due_at": NOW,
    }  # fmt: skip
    crm.apply("record", [work(decision(key=f"new {lead}", lead_id=lead, actions=()), **told)])
    (row,) = crm.audits(lead)
    assert (row["lead_source"], row["pool"], row["entitled_share"]) == ("Web", "Desk", "66.67")
    assert (row["response_status"], row["response_due_at"][:16]) == ("waiting", "2026-11-22T10:00")
    assert (len(row["why_unmatched"]), row["why_unmatched"][-1]) == (255, "…")


def test_a_field_for_answers_that_is_taken_away_is_looked_for_again(org: LocalOrg) -> None:
    crm, (lead,) = org.crm(memo=Memory()), org.leads(1)
    made = decision(key=f"away {lead}", lead_id=lead, actions=())
    (effect,) = crm.apply("record", [work(made)])
    row = ResponseRow(made.key, effect.ref, "late")
    stale = [{"errorCode": "INVALID_FIELD", "message": "No such column", "fields": ["Response_Status__c"]}]
    org.fault("composite/sobjects", status=400, body=stale)
    assert crm.mark_responses([row]) == {}, "the object is described anew, and the call repeated once"
    org.control("POST", "permissions", {"user": INTEGRATION, "hide": LATER_FIELDS})
    try:
        assert [each["key"] for each in crm.audits(lead)] == [made.key]
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "show": LATER_FIELDS})


def test_an_answer_that_a_rule_of_the_org_refuses_is_told_and_holds_up_no_other(org: LocalOrg) -> None:
    crm, leads = org.crm(memo=Memory()), org.leads(2)
    made = [decision(key=f"rule {each}", lead_id=each, actions=()) for each in leads]
    refs = {each.decision_key: each.ref for each in crm.apply("record", [work(each) for each in made])}
    odd, fine = (ResponseRow(each.key, refs[each.key], "late") for each in made)
    refusal = {"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "No.", "fields": []}
    answer = [{"id": odd.ref, "success": False, "errors": [refusal]}, {"id": fine.ref, "success": True, "errors": []}]
    org.fault("composite/sobjects", status=200, body=answer)
    assert crm.mark_responses([odd, fine]) == {odd.key: "No. (FIELD_CUSTOM_VALIDATION_EXCEPTION)"}


def test_an_answer_whose_record_is_locked_is_told_later(org: LocalOrg) -> None:
    crm, (lead,) = org.crm(memo=Memory()), org.leads(1)
    made = decision(key=f"locked {lead}", lead_id=lead, actions=())
    (effect,) = crm.apply("record", [work(made)])
    lock = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "unable to obtain exclusive access", "fields": []}
    org.fault("composite/sobjects", status=200, body=[{"success": False, "errors": [lock]}])
    with pytest.raises(Later):
        crm.mark_responses([ResponseRow(made.key, effect.ref, "late")])


def test_a_lead_without_audit_rows_has_none(crm: SalesforceCrm) -> None:
    assert crm.audits("00Q000000000000AAA") == ()
