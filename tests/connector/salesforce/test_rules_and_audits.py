"""Rule records and audit rows in the local Salesforce."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from connector.crm import RuleRow
from connector.errors import Refused
from connector.salesforce.gateway import SalesforceCrm
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.examples import decision, work
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


def test_a_lead_without_audit_rows_has_none(crm: SalesforceCrm) -> None:
    assert crm.audits("00Q000000000000AAA") == ()
