"""What becomes of a group, case by case: survivor, values, owner, what forbids it, what is final, and its sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from rules.merging.abilities import HUBSPOT
from rules.merging.groups import Group
from rules.merging.plan import Plan, plan
from rules.merging.preview import MOST_SHOWN, preview
from tests.rules.make import USERS, lead
from tests.rules.merging.make import cases, group_of

PLANS = cases("plans")


def said(found: Plan, case: Mapping[str, Any]) -> str:
    return " ".join(preview(found, USERS, case.get("edit", {}).get("by", "")))


@pytest.mark.parametrize("case", PLANS, ids=lambda case: case["name"])
def test_a_group_becomes_what_the_case_says(case: Mapping[str, Any]) -> None:
    found = plan(*group_of(case))
    facts = {
        "survivor": found.survivor.id, "losers": [one.id for one in found.losers], "why": found.reason,
        "converts": list(found.converts), "account": found.convert_to_account, "owner": found.owner_id,
        "aside": [one.id for one in found.aside], "fields": list(found.values), "turn": found.gives_turn_back,
    }  # fmt: skip
    assert {name: facts[name] for name in facts if name in case} == {name: case[name] for name in facts if name in case}
    values = {name: found.values[name].value for name in case.get("values", {})}
    assert values == case.get("values", {})
    assert {name: found.values[name].from_id for name in case.get("from", {})} == case.get("from", {})
    assert len(found.blocked) == len(case.get("blocked", ())), found.blocked
    for words in case.get("blocked", ()):
        assert words in " ".join(found.blocked)
        assert words in said(found, case)
    for words in (*case.get("lost", ()), *case.get("says", ())):
        assert words in said(found, case)


def test_there_are_many_cases() -> None:
    assert len(PLANS) >= 60
    assert len({case["name"] for case in PLANS}) == len(PLANS)


def test_the_preview_says_who_stays_and_who_goes() -> None:
    case = {
        "policy": {"survivor": ["oldest"], "fields": {"phone": "newest"}},
        "records": {
            "C1": {"age": 60, "changed": 60, "name": "Ana Souza", "phone": "1"},
            "C2": {"age": 5, "changed": 5, "name": "A. Souza", "phone": "2"},
            "C3": {"age": 3, "changed": 9, "name": "Ana Souza", "phone": "1"},
        },
    }
    assert preview(plan(*group_of(case)), USERS)[:5] == (
        "Keeps Ana Souza (contact C1): it is the oldest (2026-01-01 09:00 UTC).",
        "Merges into it: A. Souza (contact) and Ana Souza (contact C3).",
        "phone: 2 (the newest, from A. Souza (contact)).",
        "Only in the snapshot from then on: phone 1.",
        "Turns in pools that the other records took are given back.",
    )


def test_a_long_preview_is_counted_and_not_told_whole() -> None:
    many = {f"F{number}__c": "new" for number in range(MOST_SHOWN + 3)}
    old = dict.fromkeys(many, "old")
    case = {
        "policy": {"survivor": ["oldest"], "fields": {"*": "newest"}},
        "records": {"L1": {"age": 9, "changed": 9, **old}, "L2": {"age": 1, "changed": 1, **many}},
    }
    told = preview(plan(*group_of(case)), USERS)
    assert "3 more fields get another value." in told
    assert next(line for line in told if line.startswith("Only in the snapshot")).endswith("and 3 more.")


def test_companies_that_the_sync_has_locked_are_left_alone() -> None:
    case = {
        "policy": {"objects": "account with account"},
        "pairs": {"A1-A2": "same by Ana"},
        "records": {"A1": {"name": "Acme"}, "A2": {"name": "Acme"}},
    }
    group, ground, edit = group_of(case)
    locked = replace(HUBSPOT, locked={"account": "blocked.locked.sync"})
    assert plan(group, replace(ground, abilities=HUBSPOT), edit).blocked == ()
    assert plan(group, replace(ground, abilities=locked), edit).blocked == (
        "companies cannot be merged while their sync with Salesforce is on",
    )


def test_an_opt_out_that_the_crm_keeps_itself_stops_nothing() -> None:
    case = next(each for each in PLANS if each["name"] == "an opt-out that cannot be written stops the merge")
    group, ground, edit = group_of(case)
    assert plan(group, replace(ground, abilities=replace(HUBSPOT, keeps_opt_outs=True)), edit).blocked == ()


def test_one_record_is_no_group() -> None:
    _, ground, _ = group_of({"records": {"L1": {}, "L2": {}}})
    with pytest.raises(ValueError, match="two records"):
        plan(Group((lead(),), {}), ground)
