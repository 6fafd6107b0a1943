"""From a plan to a decision: what it does, whom it tells, and what its audit says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

from rules import audit, detail
from rules.actions import Member, Merge, Notify, Snapshot, Task, Unmerge
from rules.decide import is_merging
from rules.merging import course
from rules.merging.course import Coming, Occasion
from rules.merging.likely import Likely
from rules.merging.plan import plan
from rules.model import ActionResult, Decision, Evidence, User
from rules.replay import replay
from rules.ruleset import RuleSet
from rules.undo import Now, undoing, undone
from tests.rules.make import NOW
from tests.rules.merging.make import group_of

CASE: Mapping[str, Any] = {
    "records": {
        "L1": {"name": "Kim Lee", "phone": "1", "age": 9, "owner": "U1"},
        "L2": {"name": "Kim Lee", "title": "Buyer", "age": 1, "owner": "U2"},
    },
    "policy": {"mode": "act", "survivor": "oldest"},
}
ANA = User("U1", "Ana", language="de")
WHY = Likely(0.9999, 9.0, (Evidence("same_email", "Both have the e-mail address kim@globex.com.", 9.0),))
OCCASION = Occasion(RuleSet(), {"U1": ANA}, "act", NOW - timedelta(seconds=2), NOW)


def made(
    occasion: Occasion = OCCASION, coming: Coming = course.NOBODY, case: Mapping[str, Any] = MappingProxyType({})
) -> Decision:
    group, ground, _ = group_of({**CASE, **case})
    found = plan(group, ground)
    return course.merged(found, found.survivor, occasion, why=WHY, coming=coming)


def test_a_merge_is_about_the_record_that_is_kept_and_routes_nothing() -> None:
    decision = made()
    assert (decision.outcome, decision.lead.id, is_merging(decision.key)) == ("merged", "L1", True)
    snapshot, merge = decision.actions
    assert snapshot == Snapshot((Member("lead", "L1"), Member("lead", "L2")))
    assert merge == Merge(Member("lead", "L1"), (Member("lead", "L2"),), {"title": "Buyer"})
    assert (decision.duplicate.of_id, decision.duplicate.confidence) == ("L2", 0.9999)


def test_whoever_has_the_person_is_told_in_their_language_that_they_came_again() -> None:
    decision = made(coming=Coming(ANA, timedelta(hours=2)))
    task, notice = decision.actions[2:]
    assert isinstance(task, Task)
    assert isinstance(notice, Notify)
    assert (task.owner_id, task.subject, task.due_at) == ("U1", "Wieder da: Kim Lee", NOW + timedelta(hours=2))
    assert notice.user_id == "U1"


@pytest.mark.parametrize("who", [replace(ANA, active=False), replace(ANA, queue=True), None])
def test_nobody_is_told_who_cannot_act(who: User | None) -> None:
    assert [each.key for each in made(coming=Coming(who)).actions] == ["snapshot", "merge"]


def test_what_a_person_must_look_at_is_merged_only_after_they_did() -> None:
    told = {"policy": {**CASE["policy"], "unless": ["owners differ"]}}
    with pytest.raises(ValueError, match="different owners"):
        made(case=told)
    assert made(replace(OCCASION, by="Kim"), case=told).route.reason.startswith("Angenommen von Kim.")


def test_the_same_records_at_another_time_are_another_decision() -> None:
    keys = {made(replace(OCCASION, cause=each)).key for each in ("created:L2", "merge:x:L2")}
    keys.add(made(replace(OCCASION, now=NOW + timedelta(seconds=1))).key)
    assert len(keys) == 3


def test_the_audit_says_who_was_kept_what_went_in_and_why_and_what_was_not_done() -> None:
    decision = made(replace(OCCASION, users={"U1": replace(ANA, language="en")}))
    left = ActionResult("merge", "done", "{}", "a campaign was left")
    entry = audit.entry(decision, [ActionResult("snapshot", "done", "2"), left])
    for told in (
        "Both have the e-mail address kim@globex.com.",
        "Keeps Kim Lee (lead L1): it is the oldest",
        "Merges into it: Kim Lee (lead L2).",
        "Result: one record.",
        "snapshot kept, records merged",
        "Not done: a campaign was left",
    ):
        assert told in entry.story, entry.story
    assert json.loads(entry.detail)["merging"] == list(decision.merging)


def test_a_merge_and_its_undo_are_read_back_from_their_audits() -> None:
    merge = made()
    undo = undone(
        merge,
        undoing(merge, {"snapshot", "merge"}, Now(merge.lead), {}),
        lead=merge.lead, ruleset=RuleSet(), by="Kim", asked=NOW, now=NOW,
    )  # fmt: skip
    done = merge.actions[1]
    assert isinstance(done, Merge)
    assert undo.actions == (Unmerge(merge.key, done, "L1"),)
    assert is_merging(undo.key)
    for each in (merge, undo):
        again = detail.read(audit.entry(each).detail, {})
        assert (again.actions, again.merging, again.lead.id) == (each.actions, each.merging, "L1")
        assert replay(again, RuleSet(), {}).again is None


def test_nothing_goes_back_of_a_merge_that_was_not_done_or_whose_survivor_is_gone() -> None:
    merge = made()
    assert undoing(merge, {"snapshot"}, Now(merge.lead), {}).back == ()
    gone = undoing(merge, {"snapshot", "merge"}, Now(None), {})
    assert (gone.back, gone.actions) == ((), ())
    assert "is gone" in gone.left[0]
