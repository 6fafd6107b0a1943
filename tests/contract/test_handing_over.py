"""A lead goes from one to another, and the first one's task with it: the same sentences for the fake and both CRMs."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from connector.crm import Crm
from connector.work import Effect
from rules.actions import Withdraw
from rules.model import AUDIT, Decision, Task, User
from tests.contract.decisions import DONE, decision, perform, refused, statuses, work
from tests.contract.place import Place


@dataclass
class Given:
    """A lead that Ana has by us, and her task."""

    lead: str
    key: str
    task: Effect

    def to(self, user: User) -> Decision:
        """Decide to give it to somebody else, with what Ana was to do."""
        made = decision(self.lead, user)
        return replace(made, actions=(*made.actions, Withdraw((self.task.ref,))))


def give(place: Place, crm: Crm, *names: str) -> list[Given]:
    made = [decision(place.lead(last_name=each), place.ana) for each in names]
    effects = perform(crm, *map(work, made))
    return [Given(each.lead.id, each.key, effects[(each.key, Task.key)]) for each in made]


@pytest.fixture
def given(place: Place, crm: Crm) -> Given:
    (only,) = give(place, crm, "Over")
    return only


def test_owner_task_and_bell_are_the_new_ones_and_the_old_task_is_gone(place: Place, crm: Crm, given: Given) -> None:
    made = given.to(place.bob)
    effects = perform(crm, work(made))
    assert set(statuses(effects, made).values()) == {"done"}
    landed = place.landed(given.lead)
    assert (landed.owner_id, landed.tasks) == (place.bob.id, (place.bob.id,))
    assert landed.bells == (1 if crm.name == "hubspot" else 2), "HubSpot rings by the task, and stops with it"
    assert landed.audits == {given.key: "assigned", made.key: "assigned"}


def test_what_is_repeated_changes_nothing_more(place: Place, crm: Crm, given: Given) -> None:
    made = given.to(place.bob)
    perform(crm, work(made))
    before = place.landed(given.lead)
    everything = {action.key for action in made.actions} | {AUDIT}
    effects = perform(crm, work(made, uncertain=everything))
    assert set(statuses(effects, made).values()) <= DONE | {"unknown"}
    assert place.landed(given.lead) == before


def test_what_an_interrupted_attempt_left_undone_is_done(place: Place, crm: Crm) -> None:
    steps = [step for step in crm.steps if step.name not in {"snapshot", "merge", "unmerge"}]
    for last, given in enumerate(give(place, crm, *(step.name for step in steps))):
        made = given.to(place.bob)
        for step in steps[: last + 1]:
            crm.apply(step.name, [work(made)])
        begun = frozenset().union(*(step.actions for step in steps[: last + 1]))
        effects = perform(crm, work(made, uncertain=begun & ({each.key for each in made.actions} | {AUDIT})))
        assert set(statuses(effects, made).values()) <= DONE | {"unknown"}
        landed = place.landed(given.lead)
        assert (landed.owner_id, landed.tasks, landed.audits[made.key]) == (place.bob.id, (place.bob.id,), "assigned")


def test_a_task_that_was_deleted_meanwhile_stops_nothing(place: Place, crm: Crm, given: Given) -> None:
    place.drop(given.task.ref)
    made = given.to(place.bob)
    effects = perform(crm, work(made))
    assert not refused(effects, work(made))
    landed = place.landed(given.lead)
    assert (landed.owner_id, landed.tasks, landed.audits[made.key]) == (place.bob.id, (place.bob.id,), "assigned")


def test_where_the_new_owner_is_refused_the_old_one_keeps_lead_and_task(place: Place, crm: Crm, given: Given) -> None:
    made = given.to(place.gone)
    effects = perform(crm, work(made))
    assert effects[(made.key, "assign")].status == "refused"
    landed = place.landed(given.lead)
    assert (landed.owner_id, landed.tasks) == (place.ana.id, (place.ana.id,))
    assert landed.audits[made.key] == "refused"


def test_many_tasks_are_taken_back_by_no_more_than_one_call(place: Place, crm: Crm) -> None:
    leads = give(place, crm, *(f"Over {number}" for number in range(20)))
    plain, taking = leads[:10], leads[10:]
    before = place.heard()
    perform(crm, *(work(decision(each.lead, place.bob)) for each in plain))
    usual = place.heard() - before
    effects = perform(crm, *(work(each.to(place.bob)) for each in taking))
    assert place.heard() - before - usual <= usual + (crm.name == "hubspot")
    assert {effect.status for effect in effects.values()} == {"done"}
    assert [place.landed(each.lead).tasks for each in plain] == [(place.ana.id, place.bob.id)] * 10
    assert [place.landed(each.lead).tasks for each in taking] == [(place.bob.id,)] * 10
