"""Taking back what was done: the same sentences for the fake and both real adapters."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from connector.crm import Crm
from connector.work import Effect, Made, TaskNow
from rules.actions import Unassign, Unlink, Unstamp, Withdraw
from rules.model import AUDIT, Action, Assign, Decision, Route, Stamp, Task
from tests.contract.decisions import DONE, NOW, decision, perform, refused, statuses, work
from tests.contract.place import Place


@dataclass
class Done:
    """A lead that was given to Ana, linked, stamped and told of, and what is to take that back."""

    made: Decision
    task: Effect
    before: str

    @property
    def lead(self) -> str:
        return self.made.lead.id

    def undo(self, *actions: Action) -> Decision:
        route = Route("", "undo", None, "Undone by Kim: owner back to where it was.")
        key = f"{self.made.key}-undo"
        return replace(self.made, key=key, outcome="undone", actions=actions, route=route, undoes=self.made.key)


@pytest.fixture
def done(place: Place, crm: Crm) -> Done:
    account = place.account("Muster", place.ana)
    lead = place.lead(last_name="Undo")
    before = place.landed(lead).owner_id
    made = decision(lead, place.ana, account_id=account)
    effects = perform(crm, work(made))
    assert set(statuses(effects, made).values()) == {"done"}
    return Done(made, effects[(made.key, Task.key)], before)


def back(place: Place, done: Done) -> tuple[Action, ...]:
    account = done.made.match.account
    assert account is not None
    return (Assign(place.bob.id), Unlink(account.account_id), Unstamp(), Withdraw((done.task.ref,)))


def test_owner_link_stamp_and_task_go_back_and_an_audit_tells_of_it(place: Place, crm: Crm, done: Done) -> None:
    undo = done.undo(*back(place, done))
    effects = perform(crm, work(undo))
    assert set(statuses(effects, undo).values()) == {"done"}
    landed = place.landed(done.lead)
    assert (landed.owner_id, landed.account_id, landed.decision, landed.tasks) == (place.bob.id, "", "", ())
    assert landed.audits == {done.made.key: "assigned", undo.key: "undone"}


def test_an_undo_that_is_repeated_changes_nothing_more(place: Place, crm: Crm, done: Done) -> None:
    undo = done.undo(*back(place, done))
    perform(crm, work(undo))
    before = place.landed(done.lead)
    everything = {action.key for action in undo.actions} | {AUDIT}
    effects = perform(crm, work(undo, uncertain=everything))
    assert set(statuses(effects, undo).values()) <= DONE
    assert place.landed(done.lead) == before


def test_what_an_interrupted_undo_left_undone_is_done(place: Place, crm: Crm, done: Done) -> None:
    undo = done.undo(*back(place, done))
    first, *_ = crm.steps
    crm.apply(first.name, [work(undo)])
    effects = perform(crm, work(undo, uncertain=first.actions))
    assert set(statuses(effects, undo).values()) <= DONE
    landed = place.landed(done.lead)
    assert (landed.owner_id, landed.account_id, landed.decision, landed.tasks) == (place.bob.id, "", "", ())
    assert landed.audits[undo.key] == "undone"


def test_the_stamp_of_the_decision_before_is_written_again(place: Place, crm: Crm, done: Done) -> None:
    perform(crm, work(done.undo(Stamp("the-one-before", "Earlier", 0.5, NOW))))
    assert place.landed(done.lead).decision == "the-one-before"


def test_a_task_that_was_deleted_meanwhile_stops_nothing(place: Place, crm: Crm, done: Done) -> None:
    place.drop(done.task.ref)
    undo = done.undo(*back(place, done))
    effects = perform(crm, work(undo))
    assert not refused(effects, work(undo))
    landed = place.landed(done.lead)
    assert (landed.owner_id, landed.tasks, landed.audits[undo.key]) == (place.bob.id, (), "undone")


def test_undoes_and_new_decisions_share_a_batch(place: Place, crm: Crm, done: Done) -> None:
    undo = done.undo(*back(place, done))
    new = decision(place.lead(last_name="New"), place.ana)
    perform(crm, work(undo), work(new))
    assert place.landed(done.lead).tasks == ()
    landed = place.landed(new.lead.id)
    assert (landed.owner_id, landed.tasks, landed.bells) == (place.ana.id, (place.ana.id,), 1)


def test_several_tasks_are_withdrawn_at_once(place: Place, crm: Crm, done: Done) -> None:
    again = replace(done.made, key=f"{done.made.key}-again", actions=(Task(place.ana.id, "Hurry", "", NOW),))
    more = perform(crm, work(again))[(again.key, Task.key)].ref
    assert len(place.landed(done.lead).tasks) == 2
    place.drop(more)
    undo = done.undo(Withdraw((more, done.task.ref)))
    assert statuses(perform(crm, work(undo)), undo)[Withdraw.key] in DONE
    assert place.landed(done.lead).tasks == ()


def test_who_has_left_does_not_get_the_lead_back_and_the_task_stays(place: Place, crm: Crm, done: Done) -> None:
    undo = done.undo(Assign(place.gone.id), Withdraw((done.task.ref,)))
    effects = perform(crm, work(undo))
    assert effects[(undo.key, "assign")].status == "refused"
    landed = place.landed(done.lead)
    assert (landed.owner_id, landed.tasks) == (place.ana.id, (place.ana.id,))
    assert landed.audits[undo.key] == "refused"


def test_only_a_crm_with_ownerless_leads_takes_the_owner_away(place: Place, crm: Crm, done: Done) -> None:
    undo = done.undo(Unassign())
    effects = perform(crm, work(undo))
    if crm.name == "hubspot":
        assert (statuses(effects, undo)[Unassign.key], place.landed(done.lead).owner_id) == ("done", "")
    assert AUDIT in statuses(effects, undo)


def test_tasks_are_told_as_they_are_now(place: Place, crm: Crm, done: Done) -> None:
    others = [decision(place.lead(last_name=f"Task {number}"), place.ana) for number in range(3)]
    effects = perform(crm, *map(work, others))
    refs = [effects[(each.key, Task.key)].ref for each in others]
    for change, ref in zip((place.finish, place.edit, place.drop), refs, strict=True):
        change(ref)
    asked = [Made(done.made, done.task.ref), *(Made(each, ref) for each, ref in zip(others, refs, strict=True))]
    found = crm.tasks_now(asked)
    states = [found[each.decision.key].state for each in asked]
    assert states == ["open", "done", "changed", "gone"]
    assert found[done.made.key] == TaskNow("open", done.task.ref)
    assert crm.tasks_now([]) == {}


def test_a_task_whose_id_was_never_learned_is_found(place: Place, crm: Crm, done: Done) -> None:
    assert crm.tasks_now([Made(done.made)]) == {done.made.key: TaskNow("open", done.task.ref)}
    assert place.landed(done.lead).tasks == (place.ana.id,)
