"""Leads that wait for an answer: when it is asked, and what the audit says in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.acts import Act
from connector.work import Effect, Step
from jobs import responses as answers
from rules.model import Mode
from tests.jobs.answering import RULES, calls, desk, look, told, waits, work
from tests.jobs.conftest import House
from tests.jobs.routes import act, change, come, made, rules, set_timers, tick

__all__ = ["desk"]

DUE = timedelta(minutes=30)
REMINDING = RULES.replace("  task", "  escalate: [{after: 15 minutes, remind: true}]\n  task")
TAKING = RULES.replace("  task", "  escalate: [{after: 20 minutes, reassign: true}]\n  task")


def test_at_the_decision_the_audit_says_by_when_an_answer_is_due(desk: House) -> None:
    come(desk, "l1", source="Web")
    (entry,) = desk.crm.entries.values()
    assert (entry.response_status, entry.response_due_at) == ("waiting", desk.now + DUE)
    assert (entry.pool, entry.entitled_share, entry.lead_source) == ("Desk", 50.0, "Web")
    assert entry.why_unmatched == "No account has anything in common with this lead."


@pytest.mark.parametrize("what", ["task done", "status changed", "activity logged", "converted"])
def test_who_works_on_a_lead_before_it_is_due_has_answered_in_time(desk: House, what: Act) -> None:
    come(desk, "l1")
    desk.later(minutes=12)
    act(desk, what)
    look(desk, minutes=18)
    assert told(desk, "l1") == ("in_time", 12.0)
    assert waits(desk, "l1").state == "told"


def test_whoever_got_a_lead_whose_task_was_refused_is_asked_about_all_the_same(desk: House) -> None:
    *before, record, bell = desk.crm.steps
    task = frozenset({"task"})
    desk.crm.steps = (*before, Step("record", record.actions - task, 2), Step("task", task, 2), bell)
    desk.crm.answer = lambda work, action: (
        Effect(work.decision.key, action, "refused", detail="A rule of the org") if action == "task" else None
    )
    come(desk, "l1")
    (stored,) = made(desk, "l1")
    assert (stored.state, desk.owner("l1") != "u0") == ("parked", True)
    desk.crm.answer = lambda _work, _action: None
    desk.later(minutes=12)
    act(desk, "activity logged")
    look(desk, minutes=18)
    assert told(desk, "l1") == ("in_time", 12.0)


def test_an_answer_after_the_due_time_is_late_and_told_with_its_minutes(desk: House) -> None:
    come(desk, "l1")
    look(desk, minutes=31)
    assert told(desk, "l1") == ("waiting", None)
    desk.later(minutes=14)
    act(desk, "activity logged")
    look(desk, hours=1)
    assert told(desk, "l1") == ("late", 45.0)


def test_an_answer_in_time_is_told_as_such_however_late_it_is_asked(desk: House) -> None:
    come(desk, "l1")
    desk.later(minutes=5)
    act(desk, "task done")
    look(desk, days=2)
    assert told(desk, "l1") == ("in_time", 5.0)


def test_who_never_answers_is_asked_about_six_times_in_a_week_and_never_again(desk: House) -> None:
    come(desk, "l1")
    heard = calls(desk)
    for _ in range(8 * 24):
        look(desk, hours=1)
    assert heard.count("acted") == 6
    assert heard.count("mark_responses") == 1
    assert told(desk, "l1") == ("never", None)
    assert made(desk, "l1")[0].decision.decided_at + DUE + timedelta(days=7) <= desk.now


@pytest.mark.parametrize(("minutes", "status"), [(10, "none"), (40, "late")])
def test_a_lead_that_a_person_gave_away_is_nobodys_to_answer_any_more(desk: House, minutes: int, status: str) -> None:
    come(desk, "l1")
    desk.later(minutes=minutes)
    desk.crm.add(replace(desk.crm.records[("lead", "l1")], owner_id="u2", modified_at=desk.now))
    change(desk, "l1")
    heard = calls(desk)
    look(desk, hours=1)
    assert told(desk, "l1") == (status, None)
    assert "acted" not in heard, "our own store knows"


def test_a_newer_decision_ends_the_waiting_of_the_older_one_and_waits_itself(house: House) -> None:
    rules(house, TAKING)
    come(house, "l1")
    tick(house, minutes=20)
    assert [each.decision.route.assignee.id for each in made(house, "l1") if each.decision.route.assignee] == [
        "u1", "u2",
    ]  # fmt: skip
    house.later(minutes=5)
    act(house, "activity logged")
    look(house, minutes=30)
    assert (told(house, "l1"), told(house, "l1", 1)) == (("none", None), ("in_time", 5.0))


def test_a_lead_that_nobody_had_answered_in_time_and_that_is_gone_then_is_late(desk: House) -> None:
    come(desk, "l1")
    look(desk, minutes=31)
    act(desk, "gone")
    look(desk, hours=2)
    assert told(desk, "l1") == ("late", None)


def test_a_lead_that_is_known_to_be_deleted_before_it_was_due_was_not_left_lying(desk: House) -> None:
    come(desk, "l1")
    act(desk, "gone")
    change(desk, "l1", "deleted")
    look(desk, hours=2)
    assert told(desk, "l1") == ("none", None)


def test_under_suggest_giving_the_lead_away_is_no_answer_and_working_on_it_is(house: House) -> None:
    house.mode("suggest")
    rules(house, RULES)
    come(house, "l1")
    assert told(house, "l1") == ("waiting", None)
    act(house, "owner changed")
    look(house, minutes=31)
    assert told(house, "l1") == ("waiting", None)
    house.later(minutes=2)
    act(house, "status changed")
    look(house, hours=1)
    assert told(house, "l1") == ("late", 33.0)


@pytest.mark.parametrize("mode", ["observe", "suggest", "act"])
def test_nothing_is_asked_in_observe(house: House, mode: Mode) -> None:
    rules(house, RULES)
    come(house, "l1")
    house.mode(mode)
    heard = calls(house)
    look(house, hours=1)
    assert ("acted" in heard) == (mode != "observe")


def test_a_page_that_was_asked_for_before_the_mode_became_observe_asks_nothing(desk: House) -> None:
    come(desk, "l1")
    desk.later(hours=1)
    assert answers.ask(desk.tools) == 1
    desk.mode("observe")
    heard = calls(desk)
    desk.drain()
    assert "acted" not in heard
    assert (found := work(desk)) is not None
    assert found.state == "done"


def test_what_a_timer_has_learned_is_written_without_asking_again(house: House) -> None:
    rules(house, REMINDING)
    come(house, "l1")
    house.later(minutes=4)
    act(house, "activity logged")
    tick(house, minutes=11)
    assert [each.reason for each in set_timers(house, "l1")] == ["activity logged"]
    assert waits(house, "l1").state == "found"
    heard = calls(house)
    look(house)
    assert (heard.count("acted"), heard.count("mark_responses")) == (0, 1)
    assert told(house, "l1") == ("in_time", 4.0)
