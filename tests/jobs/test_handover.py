"""Whoever loses a lead by a decision of ours: their open tasks about it are taken back, what they did stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from connector.errors import Later, Refused
from connector.work import Effect, Step, Work
from jobs import routing, undo
from jobs.preview import Looking
from jobs.replay import replayed
from jobs.undo import Wish
from rules import detail
from rules.actions import Withdraw
from rules.model import AUDIT, AuditEntry, Decision, User
from tests.jobs.conftest import House, Prologue
from tests.jobs.killing import run_killed
from tests.jobs.routes import change, come, made, outcomes, rules, tick
from tests.jobs.test_recall import lose
from tests.jobs.test_timers import ESCALATING, REASSIGNING, has_a_manager

HOT = '- rule: Hot\n  when: [lead.status is Hot]\n  respect owner: {respect}\n  assign: user "bob@example.com"\n'
LEADS = '- rule: Leads\n  assign: user "ana@example.com"\n'
NEW, WAITING, NOBODY = "New lead: l1", "Still waiting for you: l1", "Nobody has acted yet: l1"


@pytest.fixture
def desk(begin: Callable[[Prologue], House]) -> House:
    """Leads go to Ana (u1) and Bob (u2) in turns; Cem (u4) is the manager of both."""
    return begin(has_a_manager)


@pytest.fixture
def asked(desk: House) -> list[str]:
    """What the CRM was asked, from now on."""
    calls: list[str] = []
    desk.crm.before = calls.append
    return calls


def tasks(house: House, lead_id: str = "l1") -> list[tuple[str, str]]:
    """Return who has which task about a lead that is not deleted."""
    return [(each.owner_id, each.subject) for each in house.crm.tasks_of(lead_id)]


def entry(house: House, lead_id: str = "l1") -> AuditEntry:
    """Return the audit of the newest decision about a lead."""
    return house.crm.entries[made(house, lead_id)[-1].decision.key]


def withdrawn(house: House, lead_id: str = "l1") -> list[tuple[str, ...]]:
    """Return what each decision about a lead took back."""
    every = (each for one in made(house, lead_id) for each in one.decision.actions)
    return [each.tasks for each in every if isinstance(each, Withdraw)]


def heat(house: House, lead_id: str = "l1", *, respect: bool = True) -> None:
    """The rules give a lead to Bob, now that it is hot."""
    rules(house, HOT.format(respect=str(respect).lower()) + LEADS)
    lead = house.crm.records[("lead", lead_id)]
    house.crm.add(replace(lead, fields={**lead.fields, "status": "Hot"}))
    change(house, lead_id)


def give(house: House, owner: str, lead_id: str = "l1") -> None:
    """A person gives a lead to somebody."""
    house.crm.add(replace(house.crm.records[("lead", lead_id)], owner_id=owner))
    change(house, lead_id)


def reject(house: House) -> None:
    with house.database.write() as connection:
        held_by = house.owner("l1") or ""
        assert routing.reject(connection, house.install.id, "l1", by=held_by, mode="act", now=house.now)
    house.drain()


def away(house: House) -> None:
    """The CRM performs nothing for ten minutes, from now on."""

    def down(call: str) -> None:
        if call.startswith("apply"):
            raise Later("The CRM is away", seconds=600)

    house.crm.before = down


def back(house: House) -> None:
    house.crm.before = lambda _call: None
    tick(house, seconds=601)


def test_an_escalation_takes_the_task_and_the_reminder_of_who_let_it_lapse(desk: House) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    tick(desk, minutes=15)
    tick(desk, minutes=15)
    assert tasks(desk) == [("u1", NEW), ("u1", WAITING), ("u4", NOBODY)]
    tick(desk, minutes=90)
    assert (desk.owner("l1"), tasks(desk)) == ("u2", [("u4", NOBODY), ("u2", NEW)]), "what the manager was told stays"
    assert withdrawn(desk) == [("task1", "task2")]
    assert "open tasks of Ana taken back (2)" in entry(desk).story
    assert {each.action: each.status for each in entry(desk).results}[Withdraw.key] == "planned"
    assert made(desk, "l1")[-1].ledger[Withdraw.key].state == "done"


def test_who_hands_a_lead_back_loses_its_task(desk: House) -> None:
    rules(desk, REASSIGNING)
    come(desk, "l1")
    reject(desk)
    assert (desk.owner("l1"), tasks(desk)) == ("u2", [("u2", NEW)])


def test_who_loses_a_lead_because_the_rules_say_otherwise_loses_its_task(desk: House) -> None:
    rules(desk, LEADS)
    come(desk, "l1")
    heat(desk)
    assert (desk.owner("l1"), tasks(desk)) == ("u2", [("u2", NEW)])


def test_a_lead_that_goes_to_and_fro_has_each_task_taken_back_once(desk: House, asked: list[str]) -> None:
    rules(desk, LEADS)
    come(desk, "l1")
    heat(desk)
    rules(desk, LEADS)
    for status in ("Cold", "Tepid"):
        lead = desk.crm.records[("lead", "l1")]
        desk.crm.add(replace(lead, fields={**lead.fields, "status": status}))
        change(desk, "l1")
    heat(desk)
    assert (desk.owner("l1"), tasks(desk)) == ("u2", [("u2", NEW)])
    assert withdrawn(desk) == [("task1",), ("task2",), ("task3",)]
    assert asked.count("tasks_now") == 3


@pytest.mark.parametrize("how", ["done", "edited"])
def test_what_somebody_has_finished_or_changed_stays(desk: House, how: str) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    tick(desk, minutes=15)
    getattr(desk.crm, how).add("task1")
    reject(desk)
    assert tasks(desk) == [("u1", NEW), ("u2", NEW)]
    assert withdrawn(desk) == [("task2",)]
    assert "open tasks of Ana taken back (1)" in entry(desk).story


def test_of_a_lead_that_a_person_gave_away_no_task_is_taken_back(desk: House, asked: list[str]) -> None:
    rules(desk, LEADS)
    come(desk, "l1")
    give(desk, "u4")
    assert tasks(desk) == [("u1", NEW)]
    heat(desk, respect=False)
    assert (desk.owner("l1"), tasks(desk)) == ("u2", [("u1", NEW), ("u2", NEW)]), "Cem had none; Ana lost it to Cem"
    assert "tasks_now" not in asked


def test_who_keeps_a_lead_keeps_its_task(desk: House, asked: list[str]) -> None:
    rules(desk, LEADS)
    come(desk, "l1")
    for status in ("Warm", "Warmer"):
        lead = desk.crm.records[("lead", "l1")]
        desk.crm.add(replace(lead, fields={**lead.fields, "status": status}))
        change(desk, "l1")
    assert (tasks(desk), withdrawn(desk)) == ([("u1", NEW)], [])
    assert "tasks_now" not in asked, "nobody loses anything: no call"


@pytest.mark.parametrize("mode", ["suggest", "observe"])
def test_where_owners_do_not_change_nothing_is_taken_back(desk: House, asked: list[str], mode: str) -> None:
    rules(desk, LEADS)
    come(desk, "l1")
    desk.mode(mode)  # type: ignore[arg-type]
    heat(desk)
    assert (desk.owner("l1"), tasks(desk)[0], withdrawn(desk)) == ("u1", ("u1", NEW), [])
    assert "tasks_now" not in asked


def test_leads_that_come_together_are_asked_about_together(desk: House, asked: list[str]) -> None:
    rules(desk, LEADS)
    names = [f"l{number}" for number in range(5)]
    for each in names:
        come(desk, each)
    rules(desk, HOT.format(respect="true") + LEADS)
    desk.later(seconds=1)
    for each in names:
        lead = desk.crm.records[("lead", each)]
        desk.crm.add(replace(lead, fields={**lead.fields, "status": "Hot"}))
    desk.post(*(desk.event(each, change="updated") for each in names))
    desk.drain()
    assert [tasks(desk, each) for each in names] == [[("u2", f"New lead: {each}")] for each in names]
    assert asked.count("tasks_now") == 1


@pytest.mark.parametrize("how", ["done", "edited"])
def test_a_task_that_was_touched_while_the_crm_was_away_stays(desk: House, how: str) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    tick(desk, minutes=15)
    away(desk)
    reject(desk)
    assert withdrawn(desk) == [("task1", "task2")]
    getattr(desk.crm, how).add("task1")
    back(desk)
    assert tasks(desk) == [("u1", NEW), ("u2", NEW)]
    assert withdrawn(desk) == [("task2",)], "what we hold says what was done"
    assert "open tasks of Ana taken back (1)" in entry(desk).story


def test_a_lead_that_a_person_gave_away_while_the_crm_was_away_keeps_its_tasks(desk: House) -> None:
    rules(desk, REASSIGNING)
    come(desk, "l1")
    away(desk)
    reject(desk)
    desk.crm.add(replace(desk.crm.records[("lead", "l1")], owner_id="u4"))
    back(desk)
    assert (desk.owner("l1"), tasks(desk)) == ("u4", [("u1", NEW)])


def test_what_an_attempt_before_has_taken_back_is_told(desk: House) -> None:
    rules(desk, REASSIGNING)
    come(desk, "l1")
    away(desk)
    reject(desk)
    desk.crm.deleted.add("task1")
    back(desk)
    assert tasks(desk) == [("u2", NEW)]
    assert "open tasks of Ana taken back (1)" in entry(desk).story


def test_a_task_that_the_crm_does_not_let_us_delete_keeps_the_lead_from_nobody(desk: House) -> None:
    rules(desk, REASSIGNING)
    come(desk, "l1")
    *_, record, bell = desk.crm.steps
    parts = ({Withdraw.key}, {AUDIT})
    back, audit = (Step(f"step{number}", frozenset(part), 2) for number, part in enumerate(parts))
    desk.crm.steps = (replace(record, actions=record.actions - {Withdraw.key, AUDIT}), back, bell, audit)

    def answer(work: Work, action: str) -> Effect | None:
        no = action == Withdraw.key
        return Effect(work.decision.key, action, "refused", detail="insufficient access rights") if no else None

    desk.crm.answer = answer
    reject(desk)
    assert (desk.owner("l1"), tasks(desk)) == ("u2", [("u1", NEW), ("u2", NEW)])
    assert [bell.user_id for _, bell in desk.crm.bells] == ["u1", "u2"], "who gets it is told in full"
    stored = made(desk, "l1")[-1]
    assert entry(desk).outcome == "assigned"
    assert (stored.state, stored.ledger[Withdraw.key].state) == ("settled", "refused"), "nobody needs to be told of it"
    assert "open tasks of Ana taken back (1) (refused: insufficient access rights)" in entry(desk).story


def test_where_tasks_cannot_be_read_the_lead_goes_on_all_the_same(desk: House) -> None:
    rules(desk, REASSIGNING)
    come(desk, "l1")

    def before(call: str) -> None:
        if call == "tasks_now":
            raise Refused("INVALID_TYPE: sObject type 'Task' is not supported")

    desk.crm.before = before
    reject(desk)
    assert (desk.owner("l1"), tasks(desk)) == ("u2", [("u1", NEW), ("u2", NEW)])


def test_a_crm_that_is_busy_when_asked_about_tasks_is_asked_again(desk: House) -> None:
    rules(desk, REASSIGNING)
    come(desk, "l1")
    busy = iter([True])

    def before(call: str) -> None:
        if call == "tasks_now" and next(busy, False):
            raise Later("The CRM is busy", seconds=30)

    desk.crm.before = before
    reject(desk)
    assert desk.owner("l1") == "u1"
    tick(desk, minutes=1)
    assert (desk.owner("l1"), tasks(desk)) == ("u2", [("u2", NEW)])
    assert outcomes(desk, "l1") == ["assigned", "assigned"]


def test_a_worker_killed_at_any_step_takes_tasks_back_once(desk: House, monkeypatch: pytest.MonkeyPatch) -> None:
    rules(desk, REASSIGNING)
    step, died = 0, True
    while died:
        step += 1
        lead_id = f"l{step}"
        come(desk, lead_id)
        loser = desk.owner(lead_id)
        desk.later(minutes=60)
        died = run_killed(desk, step, monkeypatch)
        winner = desk.owner(lead_id)
        assert winner != loser, f"killed at step {step}"
        assert {who for who, _ in tasks(desk, lead_id)} == {winner}, f"killed at step {step}"
        assert len(withdrawn(desk, lead_id)) == 1, f"killed at step {step}"
        assert "taken back (1)" in entry(desk, lead_id).story, f"killed at step {step}"
        give(desk, "u4", lead_id)  # so that its next timer is no matter of the next round
    assert step > 10, "a drain has more steps than this: the killing does not work"


def undone(house: House) -> Decision:
    """Have the newest decision about the lead taken back; return the undo."""
    house.later(seconds=1)
    wish = Wish("Kim", house.now, keys=(made(house, "l1")[-1].decision.key,))
    undo.ask(house.database, house.install.id, house.tools.seal(house.install), wish, clock=lambda: house.now)
    house.drain()
    tick(house, seconds=1)
    return made(house, "l1")[-1].decision


def test_an_undo_says_that_tasks_that_were_taken_back_do_not_return(desk: House) -> None:
    rules(desk, REASSIGNING)
    come(desk, "l1")
    reject(desk)
    made_undone = undone(desk)
    assert (made_undone.outcome, desk.owner("l1"), tasks(desk)) == ("undone", "u1", [])
    assert "owner back to Ana; " in entry(desk).reason
    assert "the tasks that were taken back from Ana stay deleted" in entry(desk).reason


def test_an_undo_of_what_took_nothing_back_says_nothing_of_it(desk: House) -> None:
    rules(desk, REASSIGNING)
    come(desk, "l1")
    desk.crm.done.add("task1")
    reject(desk)
    undone(desk)
    assert "stay deleted" not in entry(desk).reason


def test_the_audit_is_read_back_and_a_replay_says_the_same(desk: House) -> None:
    rules(desk, REASSIGNING)
    come(desk, "l1")
    reject(desk)
    stored = made(desk, "l1")[-1]
    users: dict[str, User] = {each.id: each for each in desk.crm.people}
    assert detail.read(entry(desk).detail, users).actions == stored.decision.actions
    look = Looking(desk.tools, desk.install, desk.crm, desk.tools.seal(desk.install))
    assert replayed(look, stored.decision.key).replay.same


def test_tasks_of_before_our_database_was_lost_are_taken_back_too(desk: House) -> None:
    rules(desk, ESCALATING)
    come(desk, "l1")
    tick(desk, minutes=15)
    found = lose(desk)
    reject(found)
    assert (found.owner("l1"), tasks(found)) == ("u2", [("u2", NEW)])
    again = lose(found)
    assert withdrawn(again) == [("task1", "task2")]
    states = [each.ledger[Withdraw.key].state for each in made(again, "l1") if Withdraw.key in each.ledger]
    assert states == ["done"], "so they are not asked about any more"


def test_it_is_told_in_the_language_of_who_gets_the_lead(desk: House) -> None:
    desk.crm.people = [replace(each, language="de") if each.id == "u2" else each for each in desk.crm.people]
    desk.post(desk.event("u2", kind="user"))
    rules(desk, REASSIGNING)
    come(desk, "l1")
    reject(desk)
    assert "offene Aufgaben von Ana zurückgenommen (1)" in entry(desk).story
