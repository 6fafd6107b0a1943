"""The app event on timelines: told once per decision, in one call, and never in the way of anything."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from connector.hubspot.timeline import MEMO
from tests.connector.hubspot.conftest import LeadPortal, Portal, settings, work

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connector.crm import Crm
    from connector.work import Work

EVENTS = "/integrators/timeline/2026-03/events/batch"


@pytest.fixture
def told(leading: LeadPortal) -> Iterator[LeadPortal]:
    """A portal whose app may tell events, with contacts routed."""
    leading.routes = "contacts"
    leading.memo.values.clear()
    leading.calls()
    yield leading
    leading.routes = "leads"
    leading.memo.values.clear()


def opened(portal: Portal, **changes: Any) -> Crm:
    return portal.crm(settings=settings(hubspot_app_events=True), **changes)


def decided(portal: Portal, count: int) -> list[Work]:
    owner = portal.owner()
    return [work(person, owner, actions=()) for person in portal.people(count)]


def events(portal: Portal, items: list[Work]) -> list[dict[str, Any]]:
    """Return what the timelines say of these decisions."""
    keys = {item.decision.key for item in items}
    return [each for each in portal.sandbox.hub.timeline.of(portal.id) if each["id"] in keys]


def audited(crm: Crm, items: list[Work]) -> set[str]:
    return {effect.status for effect in crm.apply("audit", items)}


def test_every_decision_is_told_on_the_timeline_of_its_contact_in_one_call(told: LeadPortal) -> None:
    items = decided(told, 40)
    told.calls()
    assert audited(opened(told), items) == {"done"}
    assert [call for call in told.calls() if "timeline" in call] == [f"POST {EVENTS}"]
    found = events(told, items)
    assert [each["objectId"] for each in found] == [item.decision.lead.id for item in items]
    assert found[0]["properties"] == {
        "outcome": "assigned",
        "owner": "Ana Lee",
        "confidence": "0.9000",
        "rule": "EMEA",
        "reason": "First free",
        "decision": items[0].decision.key,
    }
    assert (found[0]["eventTypeName"], found[0]["timestamp"]) == ("routed", "2026-11-22T09:00:00.000Z")


def test_a_decision_that_is_told_again_stands_there_once_409(told: LeadPortal) -> None:
    crm, items = opened(told), decided(told, 3)
    audited(crm, items[:2])
    again = [replace(item, uncertain=item.pending) for item in items]
    assert audited(crm, again) == {"already", "done"}
    assert sorted(each["id"] for each in events(told, items)) == sorted(item.decision.key for item in items)
    assert told.memo.get(MEMO) is None


def test_nothing_is_told_where_it_is_not_switched_on(told: LeadPortal) -> None:
    items = decided(told, 1)
    assert audited(told.crm(), items) == {"done"}
    assert events(told, items) == []


def test_waits_and_reminders_are_not_told(told: LeadPortal) -> None:
    one, two = decided(told, 2)
    items = [
        replace(one, entry=replace(one.entry, outcome="waiting")),
        replace(two, entry=replace(two.entry, outcome="reminded")),
    ]
    assert audited(opened(told), items) == {"done"}
    assert events(told, items) == []


def test_one_contact_that_is_gone_costs_only_its_own_event(told: LeadPortal) -> None:
    crm, items = opened(told), decided(told, 20)
    told.order("delete", object="contacts", id=items[7].decision.lead.id)
    told.calls()
    assert audited(crm, items) == {"done"}
    assert len(events(told, items)) == 19
    assert len([call for call in told.calls() if "timeline" in call]) <= 16


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"status": 403, "body": {"category": "MISSING_SCOPES"}}, "MISSING_SCOPES"),
        ({"status": 400, "body": {"category": "VALIDATION_ERROR"}}, "VALIDATION_ERROR"),
        ({"status": 503, "body": {}}, "out of order"),
        ({"status": 429, "body": {"policyName": "TEN_SECONDLY_ROLLING"}}, "rate limit"),
        ({"drop": "after"}, "did not answer"),
    ],
)
def test_a_failure_holds_nothing_up_and_is_not_asked_for_again_at_once(
    told: LeadPortal, fault: dict[str, Any], said: str
) -> None:
    crm, (first, second) = opened(told), decided(told, 2)
    told.fault(EVENTS, **fault)
    assert audited(crm, [first]) == {"done"}
    assert audited(crm, [second]) == {"done"}
    assert events(told, [second]) == [], "nothing is sent for a while"
    (line,) = [each for each in crm.check() if each.name == "App events (optional)"]
    assert not line.ok
    assert line.optional
    assert said in line.detail
    told.memo.forget(MEMO)
    (line,) = [each for each in crm.check() if each.name == "App events (optional)"]
    assert line.ok


def test_a_lead_is_told_on_the_timeline_of_its_contact(told: LeadPortal) -> None:
    told.routes = "leads"
    owner, (person,) = told.owner(), told.people(1)
    with_contact = work(told.lead(person), owner, fields={"contact_id": person}, actions=())
    without = work(told.lead(person), owner, actions=())
    assert audited(opened(told), [with_contact, without]) == {"done"}
    assert [each["objectId"] for each in events(told, [with_contact, without])] == [person]
