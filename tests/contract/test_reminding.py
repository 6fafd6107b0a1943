"""Reminders: a decision that only tells somebody is performed like any other, once, and leaves the lead as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connector.crm import Crm
from rules.model import AUDIT, Decision, Notify, Task, User
from tests.contract.decisions import NOW, decision, perform, statuses, work
from tests.contract.place import Place

TOLD = {"task", "notify", AUDIT}


def reminder(lead_id: str, owner: User, manager: User) -> Decision:
    """Tell `manager` about a lead that `owner` has."""
    actions = (
        Task(manager.id, "Nobody has called Kim", "Kim waits for 30 minutes.", NOW + timedelta(minutes=15)),
        Notify(manager.id, "Nobody has called Kim", "Ask who can."),
    )
    return replace(decision(lead_id, owner), actions=actions)


def test_a_manager_is_told_of_a_lead_that_somebody_else_owns(place: Place, crm: Crm) -> None:
    lead = place.open_lead(place.ana)
    made = reminder(lead, place.ana, place.bob)
    effects = perform(crm, work(made))
    assert statuses(effects, made) == dict.fromkeys(TOLD, "done")
    assert effects[(made.key, "task")].ref
    landed = place.landed(lead)
    assert (landed.owner_id, landed.account_id, landed.decision) == (place.ana.id, "", "")
    assert (landed.tasks, landed.bells, landed.audits) == ((place.bob.id,), 1, {made.key: "assigned"})


def test_a_repeated_reminder_doubles_nothing(place: Place, crm: Crm) -> None:
    lead = place.open_lead(place.ana)
    made = reminder(lead, place.ana, place.bob)
    perform(crm, work(made))
    before = place.landed(lead)
    found = statuses(perform(crm, work(made, uncertain=TOLD)), made)
    assert place.landed(lead) == before
    assert found["task"] == found[AUDIT] == "already"
    assert found["notify"] in {"already", "unknown"}


def test_a_reminder_that_was_interrupted_is_finished_once(place: Place, crm: Crm) -> None:
    lead = place.open_lead(place.ana)
    made = reminder(lead, place.ana, place.bob)
    first = next(each for each in crm.steps if Task.key in each.actions)
    crm.apply(first.name, [work(made)])
    perform(crm, work(made, uncertain=first.actions))
    landed = place.landed(lead)
    assert (landed.tasks, landed.bells, landed.audits) == ((place.bob.id,), 1, {made.key: "assigned"})


def test_a_reminder_does_not_hide_the_task_of_the_decision_before(place: Place, crm: Crm) -> None:
    lead = place.lead(last_name="Twice")
    first = decision(lead, place.ana)
    perform(crm, work(first))
    second = reminder(lead, place.ana, place.bob)
    perform(crm, work(second))
    again = perform(crm, work(first, uncertain={"task"} | TOLD), work(second, uncertain=TOLD))
    assert {again[(each.key, "task")].status for each in (first, second)} == {"already"}
    landed = place.landed(lead)
    assert sorted(landed.tasks) == sorted([place.ana.id, place.bob.id])
    assert landed.audits == {first.key: "assigned", second.key: "assigned"}


def test_a_reminder_about_a_lead_that_is_gone_is_refused_and_audited(place: Place, crm: Crm) -> None:
    lead = place.open_lead(place.ana)
    made = reminder(lead, place.ana, place.bob)
    place.delete(lead)
    effects = perform(crm, work(made))
    assert effects[(made.key, "task")].status == "refused"
    assert place.landed(lead).audits == {made.key: "refused"}
    assert place.landed(lead).bells == 0
