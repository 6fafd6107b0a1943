"""Whom an escalation tells, in which words, and that it changes nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rules import audit, detail
from rules.escalate import escalation
from rules.model import Decision, Match, Notify, Record, Route, Task, Timer, User, Verdict
from rules.wording import catalogue
from rules.wording.words import say

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ANA = User("u1", "Ana", "ana@example.com", manager_id="u4")
CEM = User("u4", "Cem", "cem@example.com")
GONE = User("u5", "Gone", "gone@example.com", active=False)
USERS = {each.id: each for each in (ANA, CEM, GONE)}


def decided(*timers: Timer) -> Decision:
    return Decision(
        key="l1-aaaaaaaaaaaa-bbbbbbbbbbbb",
        lead=Record("lead", "l1", {"name": "Kim Lee", "company": "Globex"}, owner_id="u1"),
        mode="act",
        outcome="assigned",
        duplicate=Verdict("different"),
        match=Match("none"),
        route=Route("Leads", 'pool "Desk"', ANA, "It was Ana's turn."),
        actions=(),
        ruleset_version="v1",
        received_at=NOW,
        decided_at=NOW,
        timers=timers,
    )


def after(minutes: float, kind: str = "tell", to: str = "") -> Timer:
    return Timer(kind, NOW + timedelta(minutes=minutes), to)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("timer", "told", "reason", "outcome"),
    [
        (after(15, "remind"), "u1", "Nobody has acted for 15 minutes; Ana is reminded.", "reminded"),
        (after(60, to="manager"), "u4", "Nobody has acted for 1 hour; Cem is told.", "escalated"),
        (after(2880, to="CEM@example.com"), "u4", "Nobody has acted for 2 days; Cem is told.", "escalated"),
        (after(1, to="x@y.example"), "", ("Nobody has acted for 1 minute, but there is no user x@y.example who could "
         "be told."), "kept"),
        (after(90, to="gone@example.com"), "", ("Nobody has acted for 90 minutes, but Gone, who should be told, is "
         "not active."), "kept"),
    ],
)  # fmt: skip
def test_who_is_told_and_why(timer: Timer, told: str, reason: str, outcome: str) -> None:
    made = escalation(decided(after(5, "remind"), timer), 1, USERS, timer.due_at)
    assert (made.route.reason, made.outcome) == (reason, outcome)
    assert made.key == "l1-aaaaaaaaaaaa-bbbbbbbbbbbb-t1"
    assert [type(each) for each in made.actions] == ([Task, Notify] if told else [])
    assert {each.owner_id for each in made.actions if isinstance(each, Task)} == ({told} if told else set())
    assert (made.timers, made.route.turn, made.received_at) == ((), None, timer.due_at)


def test_the_task_says_who_has_the_lead_and_why() -> None:
    task, bell = escalation(decided(after(30, to="manager")), 0, USERS, NOW + timedelta(minutes=31)).actions
    assert isinstance(task, Task)
    assert isinstance(bell, Notify)
    assert task.subject == bell.title == "Nobody has acted yet: Kim Lee, Globex"
    assert task.body == "Nobody has acted for 30 minutes; Cem is told.\nAna has the lead. It was Ana's turn."


def test_a_manager_reads_all_of_it_in_their_own_language() -> None:
    """Also why the lead went where it went, and the match, which were told to whoever got it in another language."""
    reason = say("reason.pool", rule="Leads", leads=say("leads.other"), pool="Desk", user="Ana")
    made = decided(after(30, to="manager"))
    made = replace(made, route=replace(made.route, reason=reason), match=Match("none", reason=say("match.nothing")))
    users = {**USERS, "u4": replace(CEM, language="de")}
    told = escalation(made, 0, users, NOW + timedelta(minutes=30))
    assert isinstance(told.actions[0], Task)
    with catalogue.speaking("de"):
        german, nothing = (
            say("reason.pool", rule="Leads", leads=say("leads.other"), pool="Desk", user="Ana"),
            say("match.nothing"),
        )
    assert german != reason
    assert told.actions[0].body.endswith(f" {german}")
    assert told.match.reason == nothing != made.match.reason


def test_a_manager_is_the_one_of_now_and_may_be_missing() -> None:
    moved = {**USERS, "u1": replace(ANA, manager_id=None)}
    made = escalation(decided(after(30, to="manager")), 0, moved, NOW)
    assert made.route.reason == "Nobody has acted for 30 minutes, but Ana has no manager who could be told."
    assert made.actions == ()


def test_its_audit_tells_it() -> None:
    made = escalation(decided(after(30, to="manager")), 0, USERS, NOW + timedelta(minutes=30))
    entry = audit.entry(made, users=USERS)
    assert (entry.outcome, entry.assignee_id, entry.latency_ms) == ("escalated", "u1", 0)
    assert "Result: Nobody has acted for 30 minutes; Cem is told." in entry.story


def test_its_audit_is_read_back_as_the_same_leads() -> None:
    made = escalation(decided(after(30, to="manager")), 0, USERS, NOW + timedelta(minutes=30))
    read = detail.read(audit.detail(made), USERS)
    assert (read.key, read.lead) == (made.key, made.lead)


def test_a_long_name_fits_a_subject() -> None:
    long = replace(decided(after(15, "remind")), lead=Record("lead", "l1", {"name": "x" * 400}))
    task = escalation(long, 0, USERS, NOW).actions[0]
    assert isinstance(task, Task)
    assert len(task.subject) == 255
