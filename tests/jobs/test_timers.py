"""Nobody has acted: who is told, who gets the lead instead, what stops a timer, and that each fires once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connector.acts import Act, Acted, Deed
from connector.errors import Later, Refused
from connector.store import installs
from connector.work import Effect
from jobs import clock
from jobs import timers as due_timers
from rules.model import User
from tests.jobs import routes
from tests.jobs.conftest import House, Prologue
from tests.jobs.killing import run_killed
from tests.jobs.routes import POOL, act, change, come, held, made, outcomes, rules, set_timers, states, tick

ESCALATING = f"""
- rule: Leads
  assign: pool "Desk"
  escalate:
    - {{after: 15 minutes, remind: true}}
    - {{after: 30 minutes, to: manager}}
    - {{after: 2 hours, reassign: true}}
{POOL}"""
REASSIGNING = f"""
- rule: Leads
  assign: pool "Desk"
  escalate: [{{after: 1 hour, reassign: true}}]
{POOL}"""


def has_a_manager(house: House) -> None:
    """Leads go to Ana and Bob in turns; Cem is the manager of both."""
    cem = User("u4", "Cem", "cem@example.com")
    house.crm.people = [replace(each, manager_id="u4") for each in house.crm.people] + [cem]
    house.post(house.event("u4", kind="user"))
    house.drain()


@pytest.fixture
def desk(begin: Callable[[Prologue], House]) -> House:
    return begin(has_a_manager)


def told(house: House) -> list[tuple[str, str]]:
    """Return who was told of what by task, later than by the assignment."""
    return [(task.owner_id, task.subject) for _, task in house.crm.tasks if not task.subject.startswith("New lead")]


def test_a_lead_nobody_acts_on_is_reminded_of_told_about_and_given_to_the_next(desk: House) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    assert desk.owner("l1") == "u1"
    tick(desk, minutes=14)
    assert told(desk) == []
    tick(desk, minutes=1)
    assert told(desk) == [("u1", "Still waiting for you: l1")]
    assert [bell.user_id for _, bell in desk.crm.bells] == ["u1", "u1"]  # of the lead, and that it still waits
    tick(desk, minutes=15)
    assert told(desk)[1:] == [("u4", "Nobody has acted yet: l1")]
    story = next(entry for entry in desk.crm.entries.values() if entry.outcome == "escalated")
    assert story.reason == "Nobody has acted for 30 minutes; Cem is told."
    assert (story.assignee_id, story.previous_owner_id) == ("u1", "u1")
    tick(desk, minutes=90)
    assert desk.owner("l1") == "u2"
    assert outcomes(desk, "l1") == ["assigned", "reminded", "escalated", "assigned"]
    assert held(desk, "l1") == [("u1", "timed out"), ("u2", "")]
    again = [each for each in set_timers(desk, "l1") if each.state == "waiting"]
    assert [(each.kind, each.due_at - desk.now) for each in again] == [
        ("remind", timedelta(minutes=15)), ("tell", timedelta(minutes=30)), ("reassign", timedelta(hours=2)),
    ]  # fmt: skip


def test_the_key_of_an_escalation_names_the_decision_and_fits_every_crm(desk: House) -> None:
    rules(desk, ESCALATING)
    lead_id = "00Q" + "5" * 15
    come(desk, lead_id)
    tick(desk, minutes=15)
    first, reminder = made(desk, lead_id)
    assert reminder.decision.key == f"{first.decision.key}-t0"
    assert len(reminder.decision.key) <= 80, "the length of Decision_Key__c"


@pytest.mark.parametrize(
    "deed", ["gone", "converted", "owner changed", "task done", "status changed", "activity logged"]
)
def test_whoever_acts_stops_all_timers_and_the_reason_is_kept(desk: House, deed: Act) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    desk.later(minutes=5)
    act(desk, deed)
    tick(desk, minutes=10)
    assert states(desk, "l1") == [(kind, "stopped", deed) for kind in ("remind", "tell", "reassign")]
    assert told(desk) == []
    tick(desk, hours=3)
    assert outcomes(desk, "l1") == ["assigned"]


@pytest.mark.parametrize("event", ["deleted", "merged"])
def test_a_lead_that_goes_stops_its_timers_at_once(desk: House, event: Any) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    del desk.crm.records[("lead", "l1")]
    change(desk, "l1", event)
    reason = "merged" if event == "merged" else "gone"
    assert states(desk, "l1") == [(kind, "stopped", reason) for kind in ("remind", "tell", "reassign")]
    assert held(desk, "l1") == [("u1", reason)]


def test_a_converted_lead_stops_its_timers_at_once(desk: House) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    act(desk, "converted")
    change(desk, "l1")
    assert {state for _, state, _ in states(desk, "l1")} == {"stopped"}
    assert held(desk, "l1") == [("u1", "converted")]


def test_an_update_that_leaves_the_lead_with_its_owner_leaves_the_timers(desk: House) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    before = set_timers(desk, "l1")
    desk.crm.add(replace(desk.crm.records[("lead", "l1")], fields={"last_name": "l1", "company": "Initech"}))
    desk.later(minutes=5)
    change(desk, "l1")
    assert outcomes(desk, "l1") == ["assigned", "kept"]
    assert set_timers(desk, "l1") == before
    assert held(desk, "l1") == [("u1", "")]


def test_a_reminder_is_never_the_decision_that_the_next_one_follows(desk: House) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    tick(desk, minutes=30)
    lead = desk.crm.records[("lead", "l1")]
    desk.crm.add(replace(lead, fields={**lead.fields, "company": "Initech"}))
    change(desk, "l1")
    last = made(desk, "l1")[-1].decision
    first = made(desk, "l1")[0].decision
    assert (last.outcome, last.basis.previous if last.basis else "") == ("kept", first.key)
    change(desk, "l1")
    assert len(outcomes(desk, "l1")) == 4, "nothing changed, so there is nothing to decide"


def test_without_a_manager_the_audit_says_so_and_the_next_timer_counts(house: House) -> None:
    rules(house, ESCALATING)
    come(house, "l1")
    tick(house, minutes=30)
    tick(house, seconds=1)
    kept = [entry for entry in house.crm.entries.values() if entry.outcome == "kept"]
    assert [entry.reason for entry in kept] == [
        "Nobody has acted for 30 minutes, but Ana has no manager who could be told."
    ]
    tick(house, hours=2)
    assert house.owner("l1") == "u2"


def test_when_nobody_else_can_take_it_it_stays_and_the_audit_says_so(desk: House) -> None:
    text = REASSIGNING.replace(", {user: bob@example.com}", "").replace(
        "reassign: true}", "reassign: true}, {after: 3 hours, to: bob@example.com}"
    )
    rules(desk, text)
    come(desk, "l1")
    tick(desk, hours=1)
    assert desk.owner("l1") == "u1"
    assert outcomes(desk, "l1") == ["assigned", "kept"]
    assert held(desk, "l1") == [("u1", "timed out")]
    assert states(desk, "l1") == [("reassign", "fired", ""), ("tell", "waiting", "")]
    tick(desk, hours=2)
    assert told(desk) == [("u2", "Nobody has acted yet: l1")]


def test_the_same_person_never_gets_back_what_they_let_lapse(desk: House) -> None:
    rules(desk, REASSIGNING)
    come(desk, "l1")
    tick(desk, hours=1)
    tick(desk, hours=1)
    assert held(desk, "l1") == [("u1", "timed out"), ("u2", "timed out")]
    assert desk.owner("l1") == "u2", "nobody is left"


def test_an_idle_lead_is_asked_about_again_and_again_until_somebody_acts(desk: House) -> None:
    text = '- rule: Special\n  when: [lead.status is Hot]\n  assign: user "cem@example.com"\n'
    text += f'- rule: Leads\n  assign: pool "Desk"\n  reroute: {{idle: 3 days}}\n{POOL}'
    rules(desk, text)
    come(desk, "l1")
    tick(desk, days=3)
    assert outcomes(desk, "l1") == ["assigned"], "whoever has it keeps it: no news, no audit"
    assert states(desk, "l1") == [("idle", "fired", ""), ("idle", "waiting", "")]
    rules(desk, text.replace("lead.status is Hot", "lead.last_name is l1"))
    tick(desk, days=3)
    assert desk.owner("l1") == "u4"
    assert states(desk, "l1")[-1] == ("idle", "stopped", "decided anew")


def test_a_timer_counts_only_in_the_mode_in_which_it_was_set(desk: House) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    desk.mode("observe")
    tick(desk, hours=3)
    assert {(state, reason) for _, state, reason in states(desk, "l1")} == {("stopped", "mode changed")}
    assert (desk.owner("l1"), told(desk)) == ("u1", [])


def test_in_suggest_people_are_told_too(desk: House) -> None:
    desk.mode("suggest")
    rules(desk, ESCALATING)
    come(desk, "l1")
    tick(desk, minutes=15)
    assert told(desk) == [("u1", "Still waiting for you: l1")]
    assert desk.owner("l1") == "u0"


def test_a_decision_that_is_not_performed_yet_holds_its_timers_back(desk: House) -> None:
    rules(desk, ESCALATING)
    desk.crm.answer = lambda work, action: Effect(work.decision.key, action, "later", detail="locked", seconds=3600)
    come(desk, "l1")
    tick(desk, minutes=20)
    desk.rung.clear()
    assert clock.sweep(desk.tools) == 0
    assert (told(desk), states(desk, "l1")[0]) == ([], ("remind", "waiting", ""))
    desk.crm.answer = lambda _work, _action: None
    tick(desk, hours=1)
    assert "u1" in [owner for owner, _ in told(desk)]


def test_a_lead_whose_owner_the_crm_refused_is_not_escalated(desk: House) -> None:
    rules(desk, ESCALATING)
    desk.crm.answer = lambda work, action: (
        Effect(work.decision.key, action, "refused", detail="NO") if action == "assign" else None
    )
    come(desk, "l1")
    desk.crm.answer = lambda _work, _action: None
    tick(desk, hours=1)
    assert {(state, reason) for _, state, reason in states(desk, "l1")} == {("stopped", "refused by the CRM")}
    assert told(desk) == []


def test_the_sweep_rings_for_a_timer_that_is_due(desk: House) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    desk.rung.clear()
    assert clock.sweep(desk.tools) == 0
    desk.later(minutes=15)
    assert clock.sweep(desk.tools) == 1
    assert desk.rung == [desk.install.id]


def test_a_crm_that_is_busy_delays_a_timer_and_loses_none(desk: House) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    busy = iter([True])

    def before(call: str) -> None:
        if call == "acted" and next(busy, False):
            raise Later("busy", seconds=60, applied=False)

    desk.crm.before = before
    tick(desk, minutes=15)
    assert told(desk) == []
    tick(desk, minutes=2)
    assert told(desk) == [("u1", "Still waiting for you: l1")]


def test_one_lead_that_cannot_be_asked_about_is_put_off_and_stops_nobody(
    desk: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    come(desk, "l2")
    real = desk.crm.acted

    def acted(leads: Mapping[str, Deed]) -> Mapping[str, Acted]:
        if "l1" in leads:
            raise Refused("No access to tasks.")
        return real(leads)

    monkeypatch.setattr(desk.crm, "acted", acted)
    tick(desk, minutes=15)
    assert told(desk) == [("u2", "Still waiting for you: l2")]
    assert [each.due_at for each in set_timers(desk, "l1") if each.kind == "remind"] == [desk.now + due_timers.PUT_OFF]
    monkeypatch.undo()
    tick(desk, minutes=15)
    assert ("u1", "Still waiting for you: l1") in told(desk)


def test_what_a_timer_waits_by_is_not_cleared_away(desk: House) -> None:
    rules(desk, REASSIGNING.replace("1 hour", "60 days"))
    come(desk, "l1")
    tick(desk, days=desk.settings.decision_days + 1)
    clock.clean(desk.tools)
    assert len(made(desk, "l1")) == 1
    tick(desk, days=60)
    assert desk.owner("l1") == "u2"


@pytest.mark.parametrize("kind", ["remind", "reassign"])
def test_a_worker_killed_at_any_step_fires_a_timer_once_and_never_not(
    desk: House, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    text = ESCALATING if kind == "remind" else REASSIGNING
    rules(desk, text)
    step = 0
    died = True
    while died:
        step += 1
        lead_id = f"l{step}"
        come(desk, lead_id)
        owner = desk.owner(lead_id)
        desk.later(minutes=15 if kind == "remind" else 60)
        died = run_killed(desk, step, monkeypatch)
        timer = set_timers(desk, lead_id)[0]
        assert (timer.kind, timer.state) == (kind, "fired"), f"killed at step {step}"
        if kind == "remind":
            assert outcomes(desk, lead_id) == ["assigned", "reminded"], f"killed at step {step}"
            assert [subject for _, subject in told(desk)].count(f"Still waiting for you: {lead_id}") == 1
        else:
            assert outcomes(desk, lead_id) == ["assigned", "assigned"], f"killed at step {step}"
            assert desk.owner(lead_id) in {"u1", "u2"} - {owner}, f"killed at step {step}"
            assert [ending for _, ending in held(desk, lead_id)] == ["timed out", ""]
        _over(desk, lead_id)
    assert step > 8, "a drain has more steps than this: the killing does not work"


def _over(house: House, lead_id: str) -> None:
    """Have somebody act, so that the lead's other timers are no matter of the next round."""
    lead = house.crm.records[("lead", lead_id)]
    house.crm.add(replace(lead, fields={**lead.fields, "converted": True}))
    change(house, lead_id)


def test_the_install_that_is_revoked_fires_nothing(desk: House) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    with desk.database.write() as connection:
        installs.set_status(connection, desk.install.id, "revoked", "Gone.")
    tick(desk, hours=1)
    assert clock.sweep(desk.tools) == 0
    assert told(desk) == []
    assert routes.got(desk) == {"u1": 1, "u2": 0}
