"""Who has acted on a lead since we were done with it: the same sentences for the fake and both real adapters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.acts import Acted, Deed
from connector.crm import Crm
from tests.contract.decisions import decision, perform, work
from tests.contract.place import Place

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def left(crm: Crm, lead_id: str, task_ref: str = "") -> Deed:
    """What is there now, as a decision would have left it a minute ago."""
    lead = crm.read("lead", [lead_id])[lead_id]
    return Deed(datetime.now(UTC) - MINUTE, lead.owner_id or "", lead.text("status"), task_ref)


def told(crm: Crm, lead_id: str, deed: Deed) -> str:
    """What was done with one lead; empty when nothing was."""
    found = crm.acted({lead_id: deed})
    return found[lead_id].act if lead_id in found else ""


def when(crm: Crm, lead_id: str, deed: Deed) -> datetime | None:
    """When somebody first worked on one lead."""
    return crm.acted({lead_id: deed})[lead_id].at


def routed(place: Place, crm: Crm) -> tuple[str, Deed]:
    """A lead that we gave to Ana with everything that belongs to it."""
    lead_id = place.lead(last_name="Routed")
    made = decision(lead_id, place.ana)
    effects = perform(crm, work(made))
    return lead_id, left(crm, lead_id, effects[(made.key, "task")].ref)


def test_what_we_do_ourselves_is_no_act(place: Place, crm: Crm) -> None:
    lead_id = place.lead(last_name="Routed")
    before = left(crm, lead_id)
    made = decision(lead_id, place.ana)
    task_ref = perform(crm, work(made))[(made.key, "task")].ref
    assert task_ref
    assert told(crm, lead_id, replace(before, owner_id=place.ana.id, task_ref=task_ref)) == ""


def test_a_reminder_of_ours_is_no_act_either(place: Place, crm: Crm) -> None:
    lead_id, deed = routed(place, crm)
    reminder = decision(lead_id, place.bob)
    perform(crm, work(reminder, {"task", "audit"}))
    assert told(crm, lead_id, deed) == ""


def test_our_task_was_done(place: Place, crm: Crm) -> None:
    lead_id, deed = routed(place, crm)
    place.finish(deed.task_ref)
    assert told(crm, lead_id, deed) == "task done"


def test_the_status_was_changed(place: Place, crm: Crm) -> None:
    lead_id, deed = routed(place, crm)
    place.change_status(lead_id)
    assert told(crm, lead_id, deed) == "status changed"
    assert told(crm, lead_id, replace(deed, status=place.worked_status)) == ""


def test_the_owner_was_changed(place: Place, crm: Crm) -> None:
    lead_id, deed = routed(place, crm)
    place.give(lead_id, place.bob)
    assert told(crm, lead_id, deed) == "owner changed"


def test_a_call_was_logged_since_and_not_before(place: Place, crm: Crm) -> None:
    lead_id, deed = routed(place, crm)
    place.call(lead_id)
    assert told(crm, lead_id, deed) == "activity logged"
    assert told(crm, lead_id, replace(deed, since=datetime.now(UTC) + HOUR)) == ""


def test_the_lead_was_converted(place: Place, crm: Crm) -> None:
    lead_id, deed = routed(place, crm)
    place.convert(lead_id)
    assert told(crm, lead_id, deed) == "converted"


def test_the_lead_was_deleted(place: Place, crm: Crm) -> None:
    lead_id, deed = routed(place, crm)
    place.delete(lead_id)
    assert told(crm, lead_id, deed) == "gone"
    assert told(crm, "nonsense", deed) == "gone"


@pytest.mark.parametrize(
    ("acts", "weightiest"),
    [
        ((Place.call, Place.change_status), "status changed"),
        ((Place.call, Place.change_status, Place.convert), "converted"),
        ((Place.change_status, Place.convert, Place.delete), "gone"),
    ],
)
def test_of_several_acts_the_weightiest_is_told(
    place: Place, crm: Crm, acts: tuple[Callable[[Place, str], None], ...], weightiest: str
) -> None:
    lead_id, deed = routed(place, crm)
    for act in acts:
        getattr(place, act.__name__)(lead_id)
    assert told(crm, lead_id, deed) == weightiest


def test_a_task_done_weighs_less_than_another_owner_and_more_than_another_status(place: Place, crm: Crm) -> None:
    lead_id, deed = routed(place, crm)
    place.finish(deed.task_ref)
    place.change_status(lead_id)
    assert told(crm, lead_id, deed) == "task done"
    place.give(lead_id, place.bob)
    assert told(crm, lead_id, deed) == "owner changed"


def test_each_lead_is_measured_by_its_own_deed(place: Place, crm: Crm) -> None:
    leads = [place.open_lead(place.ana) for _ in range(3)]
    deeds = {each: left(crm, each) for each in leads}
    for each in leads[:2]:
        place.call(each)
    deeds[leads[1]] = replace(deeds[leads[1]], since=datetime.now(UTC) + HOUR)
    assert {one: found.act for one, found in crm.acted(deeds).items()} == {leads[0]: "activity logged"}


def test_two_hundred_leads_take_a_few_calls_and_none_takes_no_call(place: Place, crm: Crm) -> None:
    leads = [place.lead(last_name=f"Lead {number}") for number in range(3)]
    deeds = {each: left(crm, each, task_ref="1") for each in leads}
    crm.acted(deeds)
    nobody = {f"{number}": deeds[leads[0]] for number in range(197)}
    before, heard = crm.calls, place.heard()
    assert crm.acted({}) == {}
    assert (crm.calls, place.heard()) == (before, heard)
    assert crm.acted(deeds | nobody) == dict.fromkeys(nobody, Acted("gone"))
    assert crm.calls - before == place.heard() - heard <= 6


@pytest.mark.parametrize("act", [Place.call, Place.change_status, Place.convert])
def test_it_is_told_when_somebody_first_worked_on_the_lead(
    place: Place, crm: Crm, act: Callable[[Place, str], None]
) -> None:
    lead_id, deed = routed(place, crm)
    before = datetime.now(UTC)
    getattr(place, act.__name__)(lead_id)
    at = when(crm, lead_id, deed)
    assert at is not None
    assert before - SECOND <= at <= datetime.now(UTC) + SECOND


def test_it_is_told_when_our_task_was_done_whatever_was_done_with_the_lead_later(place: Place, crm: Crm) -> None:
    lead_id, deed = routed(place, crm)
    place.finish(deed.task_ref)
    done = when(crm, lead_id, deed)
    assert done is not None
    assert abs(done - datetime.now(UTC)) < MINUTE
    place.give(lead_id, place.bob)
    assert crm.acted({lead_id: deed}) == {lead_id: Acted("owner changed", done)}


def test_who_only_gives_a_lead_away_or_deletes_it_has_not_worked_on_it(place: Place, crm: Crm) -> None:
    given, there = routed(place, crm)
    place.give(given, place.bob)
    deleted, left_there = routed(place, crm)
    place.delete(deleted)
    found = crm.acted({given: there, deleted: left_there})
    assert found == {given: Acted("owner changed"), deleted: Acted("gone")}
