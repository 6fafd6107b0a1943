"""Waiting, holding, timers, and whose choice counts when a lead is routed again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.store import codec
from rules import audit, explain
from rules.decide import is_waiting, owner_after
from rules.model import Decision, Mode, Past, Timer
from tests.rules.make import ANA, BOB, CARLA, NOW, USERS, account, decided, lead, scene

MINUTE = timedelta(minutes=1)

WAITS = """
- rule: Large
  when: [lead.country is France, lead.employees >= 1000]
  assign: user ana@example.com
  wait: {for: lead.employees, at most: 10 minutes}
- rule: Rest
  assign: user bob@example.com
"""


def story(decision: Decision) -> list[str]:
    return explain.story(decision, USERS).splitlines()


@pytest.mark.parametrize("mode", ["observe", "suggest", "act"])
def test_a_rule_waits_for_a_value_and_nobody_gets_the_lead_meanwhile(mode: Mode) -> None:
    decision = decided(lead(country="FR"), scene(WAITS, mode))
    until = NOW - timedelta(seconds=2) + 10 * MINUTE
    assert (decision.outcome, decision.route.assignee, decision.route.rule) == ("waiting", None, "Large")
    assert [each.key for each in decision.actions] == (["stamp"] if mode == "act" else [])
    assert is_waiting(decision.key)
    assert decision.route.until == until
    assert decision.timers == (Timer("ask", until),)
    assert decision.route.reason == (
        "Your rule “Large” waits for lead.employees, until 2026-03-02 09:09 UTC at the latest."
    )
    assert any("Result: it waits" in line for line in story(decision))
    assert "Then: the rules are asked again at 2026-03-02 09:09 UTC, or as soon as the lead changes." in story(decision)
    assert audit.entry(decision).outcome == "waiting"
    assert codec.load(codec.dump(decision)) == decision


def test_a_rule_that_does_not_hold_otherwise_does_not_wait() -> None:
    decision = decided(lead(country="Spain"), scene(WAITS))
    assert decision.route.rule == "Rest"
    assert decision.route.path[0].failed == "lead.country is France"


def test_a_rule_with_all_it_waits_for_is_asked_at_once() -> None:
    assert decided(lead(country="FR", employees=5000), scene(WAITS)).route.assignee == ANA
    assert decided(lead(country="FR", employees=5), scene(WAITS)).route.assignee == BOB


def test_after_the_deadline_the_rule_is_asked_as_it_is() -> None:
    first = decided(lead(country="FR"), scene(WAITS))
    late = decided(
        lead(country="FR"),
        scene(WAITS),
        previous=first.key,
        last_assignee=owner_after(first, "act"),
        past=Past(waited_since=NOW),
        now=NOW + 10 * MINUTE,
    )
    assert (late.route.rule, late.outcome, late.route.path[0].found) == ("Rest", "assigned", "empty")


def test_a_lead_that_still_waits_keeps_its_first_deadline() -> None:
    again = decided(
        lead(country="FR"), scene(WAITS), previous="L1-a-b", past=Past(waited_since=NOW), now=NOW + 4 * MINUTE
    )
    assert again.route.until == NOW + 10 * MINUTE


def test_a_lead_that_was_routed_before_does_not_wait_again() -> None:
    assert decided(lead(country="FR"), scene(WAITS), previous="L1-a-b", last_assignee="U9").route.rule == "Rest"


def test_the_decision_after_waiting_is_the_first_and_tells_its_taker() -> None:
    text = WAITS + "- rule: Never\n  when: event.first is false\n  assign: keep\n"
    waited = Past(waited_since=NOW)
    decision = decided(
        lead(country="FR", employees=5000, owner=ANA.id), scene(text), previous="L1-a-b", last_assignee=ANA.id,
        past=waited,
    )  # fmt: skip
    assert [action.key for action in decision.actions] == ["stamp", "task", "notify"]


def test_a_person_who_takes_a_waiting_lead_keeps_it() -> None:
    first = decided(lead(country="FR"), scene(WAITS))
    decision = decided(
        lead(country="FR", owner=CARLA.id), scene(WAITS), previous=first.key, last_assignee=owner_after(first, "act"),
        past=Past(waited_since=NOW),
    )  # fmt: skip
    assert (decision.route.rule, decision.outcome, decision.route.assignee) == ("", "kept", CARLA)


HOLDS = """
- rule: All
  assign: pool Day
- pool: Day
  members:
    - {user: ana@example.com, hours: "Mon-Fri 12:00-18:00 UTC"}
    - {user: bob@example.com, hours: "Mon-Fri 10:00-18:00 UTC"}
  hold: 4 hours
  overflow: user carla@example.com
"""


def test_a_pool_holds_the_lead_until_somebody_is_at_work() -> None:
    decision = decided(lead(), scene(HOLDS))
    opening = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    assert (decision.outcome, decision.route.assignee, decision.route.turn) == ("waiting", None, None)
    assert (decision.route.until, decision.timers) == (opening, (Timer("ask", opening),))
    assert decision.route.target == 'pool "Day"'
    assert "so the lead waits until 2026-03-02 10:00 UTC" in decision.route.reason
    assert [each.key for each in decision.actions] == ["stamp"]


def test_after_the_night_the_first_at_work_gets_it() -> None:
    decision = decided(
        lead(), scene(HOLDS), previous="L1-a-b", last_assignee="U9", past=Past(waited_since=NOW),
        now=datetime(2026, 3, 2, 10, 0, tzinfo=UTC),
    )  # fmt: skip
    assert (decision.outcome, decision.route.assignee) == ("assigned", BOB)


def test_nobody_is_held_for_longer_than_the_pool_says() -> None:
    early = NOW - timedelta(hours=4)
    assert decided(lead(), scene(HOLDS), now=early).route.assignee == CARLA
    waited = Past(waited_since=NOW - timedelta(hours=3, minutes=30))
    assert decided(lead(), scene(HOLDS), previous="L1-a-b", past=waited).route.assignee == CARLA


def test_without_hold_the_overflow_takes_it_at_once() -> None:
    decision = decided(lead(), scene(HOLDS.replace("  hold: 4 hours\n", "")))
    assert (decision.outcome, decision.route.assignee, decision.route.fallback) == ("assigned", CARLA, True)


TIMED = """
- rule: All
  assign: pool Day
  escalate:
    - {after: 15 minutes, remind: true}
    - {after: 2 working hours, to: manager}
    - {after: 3 hours, to: carla@example.com}
    - {after: 4 hours, reassign: true}
    - {after: 1 day, return: true}
  reroute: {idle: 3 days}
- pool: Day
  members: [{user: ana@example.com, hours: "Mon-Fri 08:00-10:00 UTC"}]
"""
MANAGED = {**USERS, ANA.id: replace(ANA, manager_id=BOB.id)}


def test_timers_count_the_clock_or_the_assignees_working_time() -> None:
    decision = decided(lead(), scene(TIMED, users=MANAGED))
    assert decision.timers == (
        Timer("remind", NOW + 15 * MINUTE, step=0),
        Timer("tell", datetime(2026, 3, 3, 9, 0, tzinfo=UTC), "manager", 1),
        Timer("tell", NOW + timedelta(hours=3), "carla@example.com", 2),
        Timer("reassign", NOW + timedelta(hours=4), step=3),
        Timer("return", NOW + timedelta(days=1), step=4),
        Timer("idle", NOW + timedelta(days=3)),
    )
    told = [line for line in explain.story(decision, MANAGED).splitlines() if line.startswith("Then: ")]
    assert told == [
        "Then: if nobody has acted by 2026-03-02 09:15 UTC, Ana is reminded.",
        "Then: if nobody has acted by 2026-03-02 12:00 UTC, Carla is told.",
        "Then: if nobody has acted by 2026-03-02 13:00 UTC, it goes to somebody else.",
        "Then: if nobody has acted by 2026-03-03 09:00 UTC, Bob is told.",
        "Then: if nobody has acted by 2026-03-03 09:00 UTC, it is routed anew without Ana.",
        "Then: if nobody has worked on it by 2026-03-05 09:00 UTC, the rules are asked again.",
    ]
    assert any("the manager of Ana is told" in line for line in explain.story(decision).splitlines())


def test_observe_plans_no_timers_and_suggest_does() -> None:
    assert decided(lead(), scene(TIMED, "observe")).timers == ()
    assert len(decided(lead(), scene(TIMED, "suggest")).timers) == 6


def test_a_queue_has_no_timers() -> None:
    text = '- rule: A\n  assign: queue "Inbound"\n  escalate: [{after: 5 minutes, remind: true}]\n'
    assert decided(lead(), scene(text)).timers == ()


def test_an_update_of_the_lead_does_not_begin_the_timers_anew() -> None:
    first = decided(lead(), scene(TIMED))
    again = decided(lead(owner=ANA.id, title="CEO"), scene(TIMED), previous=first.key, last_assignee=ANA.id)
    assert (again.outcome, again.timers) == ("kept", ())


def test_who_let_it_time_out_does_not_keep_it() -> None:
    text = TIMED.replace('08:00-10:00 UTC"}]', '08:00-10:00 UTC"}, {user: bob@example.com}]')
    first = decided(lead(), scene(text))
    assert first.route.assignee == ANA
    again = decided(
        lead(owner=ANA.id), scene(text), previous=first.key, last_assignee=ANA.id,
        past=Past(assignees=(ANA.id,), refused=frozenset({ANA.id})),
    )  # fmt: skip
    assert (again.outcome, again.route.assignee, len(again.timers)) == ("assigned", BOB, 6)


CHOSEN: dict[str, Any] = {"previous": "L1-a-b", "last_assignee": ANA.id}


def test_a_rule_may_overrule_a_persons_choice() -> None:
    text = (
        "- rule: Named\n  when: account.type is Named\n  assign: account owner\n  respect owner: false\n"
        "- rule: Rest\n  assign: user carla@example.com\n"
    )
    named = account(name="Acme", website="acme.com", type="Named", owner=BOB.id)
    who = lead(email="x@acme.com", owner=CARLA.id)
    assert decided(who, scene(text), accounts=[named], **CHOSEN).route.assignee == BOB
    kept = decided(who, scene(text), accounts=[replace(named, owner_id="U4")], **CHOSEN)
    assert (kept.outcome, kept.route.assignee, kept.route.rule) == ("kept", CARLA, "")


def test_rules_may_ask_what_was_changed_and_what_time_it_is() -> None:
    text = (
        "- rule: Moved\n  when: lead.country changed\n  assign: user ana@example.com\n"
        "- rule: Night\n  when: event.now < 2026-03-02\n  assign: user bob@example.com\n- rule: Rest\n  assign: keep\n"
    )
    assert decided(lead(country="FR"), scene(text), changed=("country",)).route.rule == "Moved"
    assert decided(lead(country="FR"), scene(text), changed=("city",)).route.rule == "Rest"
    assert decided(lead(), scene(text), now=NOW - timedelta(days=1)).route.rule == "Night"


@st.composite
def pools(draw: st.DrawFn) -> str:
    weights = [draw(st.integers(1, 5)) for _ in range(3)]
    caps = [draw(st.sampled_from(["", ", cap: 2 per day", ", cap: [1 per hour, 3 per week]"])) for _ in range(3)]
    names = ("ana", "bob", "carla")
    members = [
        f"    - {{user: {name}@example.com, weight: {weight}{cap}}}\n"
        for name, weight, cap in zip(names, weights, caps, strict=True)
    ]
    by = draw(st.sampled_from(["turns", "fewest open leads", "best fit"]))
    text = f"- rule: A\n  assign: pool P\n- pool: P\n  by: {by}\n  members:\n{''.join(members)}"
    return text + "  overflow: user gustavo@example.com\n- rule: Rest\n  assign: queue Inbound\n"


@given(pools(), st.lists(st.integers(0, 90), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_many_at_once_are_decided_as_one_by_one_with_everything_forgotten_between(text: str, gaps: list[int]) -> None:
    in_a_batch: dict[str, Any] = {}
    stored, now = "{}", NOW
    for number, gap in enumerate(gaps):
        now += timedelta(minutes=gap)
        who = lead(f"L{number}", language="fr")
        together = decided(who, scene(text), rotation=in_a_batch, now=now)
        alone = decided(who, scene(text), rotation=json.loads(stored), now=now)
        assert together == alone
        if together.route.turn:
            in_a_batch[together.route.turn.pool] = together.route.turn.after
            stored = json.dumps({**json.loads(stored), "P": alone.route.turn.after if alone.route.turn else {}})
        assert together.route.assignee is not None
