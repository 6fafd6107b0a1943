"""Asking the local HubSpot who has acted on contacts, and how many are open leads: calls, what counts, limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from connector.acts import Acted, Deed
from connector.errors import Later
from connector.hubspot import acts

if TYPE_CHECKING:
    from tests.connector.hubspot.conftest import Portal

CONTACTS, TASKS, SEARCH = (
    "POST /crm/objects/2026-09/0-1/batch/read",
    "POST /crm/objects/2026-09/0-27/batch/read",
    "POST /crm/objects/2026-09/0-1/search",
)
MINUTE = timedelta(minutes=1)


def deed(**parts: Any) -> Deed:
    """A contact without owner and status, left a minute ago."""
    return replace(Deed(datetime.now(UTC) - MINUTE, owner_id="", status="", task_ref=""), **parts)


def told(portal: Portal, contact: str, **parts: Any) -> str:
    found = portal.crm().acted({contact: deed(**parts)})
    return found[contact].act if contact in found else ""


def ago(minutes: float) -> str:
    return (datetime.now(UTC) - minutes * MINUTE).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_two_hundred_contacts_with_their_tasks_take_four_calls(portal: Portal) -> None:
    people = portal.people(200)
    done = {"hs_timestamp": ago(1), "hs_task_status": "COMPLETED"}
    tasks = portal.load(
        "tasks", [done | ({} if number == 7 else {"hs_task_status": "WAITING"}) for number in range(200)]
    )
    deeds = {each: deed(task_ref=task) for each, task in zip(people, tasks, strict=True)}
    assert {one: found.act for one, found in portal.crm().acted(deeds).items()} == {people[7]: "task done"}
    assert portal.calls() == [CONTACTS, CONTACTS, TASKS, TASKS]


def test_without_tasks_only_the_contacts_are_read(portal: Portal) -> None:
    (person,) = portal.people(1)
    assert told(portal, person) == ""
    assert portal.calls() == [CONTACTS]


def test_a_task_that_is_gone_or_no_id_is_no_act(portal: Portal) -> None:
    one, two = portal.people(2)
    (task,) = portal.load("tasks", [{"hs_timestamp": ago(1), "hs_task_status": "COMPLETED"}])
    portal.order("delete", object="tasks", id=task)
    assert portal.crm().acted({one: deed(task_ref=task), two: deed(task_ref="nonsense")}) == {}


@pytest.mark.parametrize("name", [acts.COMPLETED_AT, acts.TASK_CHANGED_AT])
def test_a_task_was_done_when_it_says_so_else_when_it_was_last_changed(portal: Portal, name: str) -> None:
    (person,) = portal.people(1)
    (task,) = portal.load("tasks", [{"hs_timestamp": ago(1)}])
    told_at = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    properties = {"hs_task_status": "COMPLETED", "hs_timestamp": ago(99), name: told_at.isoformat()}
    portal.fault("0-27/batch/read", status=200, body={"results": [{"id": task, "properties": properties}]})
    assert portal.crm().acted({person: deed(task_ref=task)}) == {person: Acted("task done", told_at)}


def test_of_a_call_and_another_status_the_first_time_is_told(portal: Portal) -> None:
    (person,) = portal.people(1)
    first, last = datetime.now(UTC).replace(microsecond=0) - MINUTE / 2, datetime.now(UTC).replace(microsecond=0)
    properties = {"notes_last_contacted": first.isoformat(), "hs_lead_status": "OPEN"}
    properties["lastmodifieddate"] = last.isoformat()
    body = {"results": [{"id": person, "properties": properties, "archived": False}]}
    portal.fault("0-1/batch/read", status=200, body=body)
    assert portal.crm().acted({person: deed()}) == {person: Acted("status changed", first)}


def test_a_status_that_was_empty_and_is_filled_has_changed(portal: Portal) -> None:
    (person,) = portal.load("contacts", [{"lastname": "Kim", "hs_lead_status": "OPEN"}])
    assert told(portal, person) == "status changed"
    assert told(portal, person, status="OPEN") == ""


def test_an_owner_who_was_taken_away_has_changed(portal: Portal) -> None:
    (person,) = portal.people(1)
    assert told(portal, person, owner_id=portal.owner()) == "owner changed"


def test_a_call_before_we_were_done_is_no_act(portal: Portal) -> None:
    before, after = portal.load(
        "contacts",
        [{"lastname": "A", "notes_last_contacted": ago(9)}, {"lastname": "B", "notes_last_contacted": ago(0)}],
    )
    assert (told(portal, before), told(portal, after)) == ("", "activity logged")


def test_what_the_contact_does_is_no_act_and_neither_is_a_note(portal: Portal) -> None:
    (person,) = portal.people(1)
    properties = {"hs_last_sales_activity_timestamp": ago(0), "notes_last_updated": ago(0), "hs_lead_status": None}
    body = {"results": [{"id": person, "properties": properties, "archived": False}]}
    portal.fault("0-1/batch/read", status=200, body=body)
    assert told(portal, person) == ""


@pytest.mark.parametrize("name", acts.BECAME)
def test_who_became_an_opportunity_or_customer_since_is_converted(portal: Portal, name: str) -> None:
    (person,) = portal.people(1)
    for minutes, act in ((9, ""), (0, "converted")):
        body = {"results": [{"id": person, "properties": {name: ago(minutes)}, "archived": False}]}
        portal.fault("0-1/batch/read", status=200, body=body)
        assert told(portal, person) == act


def test_both_contacts_of_a_merge_are_gone(portal: Portal) -> None:
    one, two, three = portal.people(3)
    portal.order("merge", object="contacts", primary=one, other=two)
    deeds = {each: deed() for each in (one, two, three)}
    assert portal.crm().acted(deeds) == {one: Acted("gone"), two: Acted("gone")}


def test_a_reached_rate_limit_is_later(portal: Portal) -> None:
    (person,) = portal.people(1)
    portal.fault("0-1/batch/read", status=429, body={"policyName": "TEN_SECONDLY_ROLLING"})
    with pytest.raises(Later) as caught:
        told(portal, person)
    assert caught.value.seconds == 10


def leads(portal: Portal, owner: str, *rows: dict[str, str]) -> None:
    portal.load("contacts", [{"hubspot_owner_id": owner, **row} for row in rows])


def test_leads_are_open_before_an_opportunity_and_unless_unqualified(portal: Portal) -> None:
    owner = portal.owner()
    mine = ["subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer"]
    leads(portal, owner, {}, *[{"lifecyclestage": stage} for stage in mine])
    assert portal.crm().open_leads([owner]) == {owner: 3}
    leads(portal, owner, *[{"lifecyclestage": "lead", "hs_lead_status": each} for each in ("UNQUALIFIED", "NEW")])
    assert portal.crm().open_leads([owner]) == {owner: 4}
    assert portal.calls() == [SEARCH, SEARCH]


def test_four_owners_are_counted_at_once_and_the_others_by_asking_again(portal: Portal) -> None:
    portal.order("limits", search=None)
    owners = portal.load("owners", [{"email": f"o{number}@example.com"} for number in range(6)])
    crm = portal.crm()
    assert list(crm.open_leads(owners)) == owners[:4]
    assert list(crm.open_leads(owners[4:])) == owners[4:]
    assert crm.calls == 6


def test_when_search_has_enough_what_was_counted_is_the_answer(portal: Portal) -> None:
    portal.order("limits", search=2)
    owners = portal.load("owners", [{"email": f"o{number}@example.com"} for number in range(4)])
    assert list(portal.crm().open_leads(owners)) == owners[:2]


def test_when_search_answers_nobody_it_is_later(portal: Portal) -> None:
    owner = portal.owner()
    portal.fault("0-1/search", status=429, body={"policyName": "SECONDLY"})
    with pytest.raises(Later) as caught:
        portal.crm().open_leads([owner])
    assert caught.value.seconds == 1
