"""Webhooks: what a delivery says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import String

from connector.hubspot.events import MAX_EVENTS, BadBatch, Delivery, Merger, parse
from connector.store.letters import letter
from rules.model import Event

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
OCCURRED = 1787843156000


def item(**changes: Any) -> dict[str, Any]:
    """A delivery's item as HubSpot sends it, with something changed (None leaves a field out)."""
    whole = {
        "eventId": 4101286121,
        "subscriptionId": 7562680,
        "portalId": 247187887,
        "appId": 50780459,
        "occurredAt": OCCURRED,
        "subscriptionType": "contact.propertyChange",
        "attemptNumber": 0,
        "objectId": 541935488729,
        "propertyName": "email",
        "propertyValue": "a@b.com",
        "changeSource": "CRM_UI",
        "sourceId": "userId:882761034",
    }
    return {name: value for name, value in (whole | changes).items() if value is not None}


def delivered(*items: Any) -> Delivery:
    return parse(json.dumps(items).encode(), app_id="50780459", received_at=NOW)


def read(*items: Any) -> dict[str, list[Event]]:
    found = delivered(*items)
    assert found.faults == []
    return {portal: each.events for portal, each in found.portals.items()}


def one(**changes: Any) -> Event:
    (events,) = read(item(**changes)).values()
    (event,) = events
    return event


def test_a_property_change_names_the_canonical_field() -> None:
    event = one(propertyName="firstname")
    assert (event.kind, event.record_id, event.change) == ("lead", "541935488729", "updated")
    assert event.changed == ("first_name",)
    assert event.at == datetime(2026, 8, 27, 13, 45, 56, tzinfo=UTC) or event.at.timestamp() * 1000 == OCCURRED
    assert not event.ours


def test_an_unknown_property_and_the_owner_keep_a_name() -> None:
    assert one(propertyName="favourite_colour").changed == ("favourite_colour",)
    assert one(propertyName="hubspot_owner_id").changed == ("owner_id",)


@pytest.mark.parametrize(
    ("subscription", "object_type", "kind", "change"),
    [
        ("contact.creation", None, "lead", "created"),
        ("contact.deletion", None, "lead", "deleted"),
        ("contact.privacyDeletion", None, "lead", "deleted"),
        ("contact.restore", None, "lead", "restored"),
        ("company.propertyChange", None, "account", "updated"),
        ("object.creation", "0-1", "lead", "created"),
        ("object.deletion", "0-2", "account", "deleted"),
        ("object.restore", "0-2", "account", "restored"),
        ("object.propertyChange", "0-1", "lead", "updated"),
    ],
)
def test_every_subscription_of_ours_is_understood(
    subscription: str, object_type: str | None, kind: str, change: str
) -> None:
    event = one(subscriptionType=subscription, objectTypeId=object_type)
    assert (event.kind, event.change) == (kind, change)
    assert one(subscriptionType=None, eventType=subscription, objectTypeId=object_type) == event


@pytest.mark.parametrize(
    ("subscription", "object_type"),
    [
        ("deal.creation", None),
        ("object.merge", "0-136"),
        ("object.creation", None),
        ("conversation.newMessage", None),
    ],
)
def test_other_subscriptions_are_passed_over(subscription: str, object_type: str | None) -> None:
    assert read(item(subscriptionType=subscription, objectTypeId=object_type, objectId=None)) == {}


def test_a_batch_is_split_by_the_portal_in_its_body() -> None:
    found = read(item(portalId=1), item(portalId=2, objectId=7), item(portalId=1, objectId=8))
    assert {portal: [event.record_id for event in events] for portal, events in found.items()} == {
        "1": ["541935488729", "8"],
        "2": ["7"],
    }


def test_only_a_change_by_this_app_is_ours() -> None:
    assert one(changeSource="INTEGRATION", sourceId="50780459").ours
    assert not one(changeSource="INTEGRATION", sourceId="25200").ours
    assert not one(changeSource="CRM_UI", sourceId="50780459").ours
    batch = parse(json.dumps([item(changeSource="INTEGRATION", sourceId="")]).encode(), app_id="", received_at=NOW)
    assert not batch.portals["247187887"].events[0].ours


def test_the_key_is_the_same_for_every_attempt_and_differs_for_every_change() -> None:
    first = one()
    assert one(attemptNumber=3, propertyValue="x", subscriptionId=1) == first
    others = [
        one(subscriptionType="contact.creation"),
        one(objectId=1),
        one(propertyName="phone"),
        one(eventId=1),
        one(occurredAt=OCCURRED + 1),
        one(subscriptionType="object.propertyChange", objectTypeId="0-1"),
        one(subscriptionType="object.propertyChange", objectTypeId="0-2"),
    ]
    assert len({first.key, *(event.key for event in others)}) == len(others) + 1


def test_the_longest_keys_fit_into_the_inbox_and_stay_apart() -> None:
    longest = {"eventId": "4" * 64, "objectId": 10**20 - 1, "subscriptionType": "object.propertyChange"}
    first, second = (one(**longest, objectTypeId="0-1", propertyName="e" * 99 + last) for last in "ab")
    merge = longest | {"subscriptionType": "object.merge", "objectTypeId": "0-1", "propertyName": "e" * 100}
    merged = read(item(**merge, primaryObjectId=10**20 - 1, mergedObjectIds=[10**20 - 2], newObjectId=10**20 - 3))
    keys = [first.key, second.key, *(event.key for event in merged["247187887"])]
    assert len(set(keys)) == 5
    column = letter.c.event_key.type
    assert isinstance(column, String)
    assert max(map(len, keys)) <= (column.length or 0)
    assert one(**longest, objectTypeId="0-1", propertyName="e" * 99 + "a", attemptNumber=3).key == first.key


def test_half_a_character_in_a_value_that_is_not_read_does_not_stop_the_line() -> None:
    assert one(propertyValue="\ud800").changed == ("email",)


def test_a_merge_says_which_ids_are_gone_and_which_record_remains() -> None:
    merge = item(
        subscriptionType="object.merge",
        objectTypeId="0-1",
        objectId=3,
        propertyName=None,
        primaryObjectId=1,
        mergedObjectIds=[2, 4],
        newObjectId=3,
    )
    events = read(merge)["247187887"]
    assert [(event.record_id, event.change) for event in events] == [
        ("1", "merged"),
        ("2", "merged"),
        ("4", "merged"),
        ("3", "updated"),
    ]
    assert len({event.key for event in events}) == 4
    assert read(merge | {"attemptNumber": 2})["247187887"] == events


def test_a_merge_that_keeps_the_primary_id_does_not_call_it_gone() -> None:
    merge = item(subscriptionType="contact.merge", objectId=1, primaryObjectId=1, mergedObjectIds=[2], newObjectId=1)
    events = read(merge)["247187887"]
    assert [(event.record_id, event.change) for event in events] == [("2", "merged"), ("1", "updated")]


def test_without_a_time_the_receipt_counts() -> None:
    assert one(occurredAt=None).at == NOW


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b'{"portalId": 1}', "not a JSON array"),
        (json.dumps([item()] * (MAX_EVENTS + 1)).encode(), f"at most {MAX_EVENTS}"),
    ],
)
def test_a_body_that_makes_no_sense_is_refused_with_a_plain_reason(body: bytes, reason: str) -> None:
    with pytest.raises(BadBatch, match=reason):
        parse(body, app_id="50780459", received_at=NOW)


def text(found: Any) -> bytes:
    """An item as JSON, with half characters as they may come."""
    return json.dumps(found).encode()


MALFORMED: list[tuple[bytes, str]] = [
    (b'"x"', "it is not an object"),
    (b"[]", "it is not an object"),
    (b"{}", "it has no subscriptionType"),
    (text(item(portalId=None)), "portalId is missing or not an id"),
    (text(item(portalId="../etc")), "portalId is missing or not an id"),
    (text(item(portalId=True)), "portalId is missing or not an id"),
    (text(item(objectId=None)), "objectId is missing or not an id"),
    (text(item(objectId=1.5)), "objectId is missing or not an id"),
    (text(item(objectId="\ud800")), "objectId is missing or not an id"),
    (text(item(occurredAt="soon")), "occurredAt is not a number"),
    (text(item(occurredAt=10**18)), "occurredAt is not a time"),
    (text(item(subscriptionType="contact.merge", mergedObjectIds="2")), "mergedObjectIds is not a list"),
    (text(item(subscriptionType="contact.merge", mergedObjectIds=["x"])), "mergedObjectIds is missing or not an id"),
    (text(item(eventId="4" * 65)), "eventId is not a number"),
    (text(item(eventId=10**64)), "eventId is not a number"),
    (text(item(eventId="a/b")), "eventId is not a number"),
    (text(item(eventId=True)), "eventId is not a number"),
    (text(item(eventId={"a": "b"})), "eventId is not a number"),
    (text(item(eventId="\ud800")), "eventId is not a number"),
    (text(item(propertyName="\ud800")), "propertyName is not the name of a property"),
    (text(item(propertyName="e mail")), "propertyName is not the name of a property"),
    (text(item(propertyName="email\n")), "propertyName is not the name of a property"),
    (text(item(propertyName="Email")), "propertyName is not the name of a property"),
    (text(item(propertyName="e" * 101)), "propertyName is not the name of a property"),
    (text(item(propertyName=["email"])), "propertyName is not the name of a property"),
    (text(item(subscriptionType="contact.associationChange", associationType="CONTACT_TO_COMPANY")), "fromObjectId"),
]


@pytest.mark.parametrize(("bad", "reason"), MALFORMED)
def test_one_malformed_item_does_not_lose_the_others(bad: bytes, reason: str) -> None:
    good = [text(item(objectId=7)), text(item(objectId=8, portalId=2))]
    found = parse(b"[" + b",".join([good[0], bad, good[1]]) + b"]", app_id="50780459", received_at=NOW)
    assert {portal: [each.record_id for each in of.events] for portal, of in found.portals.items()} == {
        "247187887": ["7"],
        "2": ["8"],
    }
    (fault,) = found.faults
    assert fault.startswith("event 2: ")
    assert reason in fault
    assert not any(of.mergers or of.forget for of in found.portals.values())


def test_more_than_a_hundred_events_are_taken() -> None:
    assert len(read(*(item(objectId=number) for number in range(150)))["247187887"]) == 150


def association(**changes: Any) -> dict[str, Any]:
    """What HubSpot tells when contact 5 was linked to company 9, from the contact's side."""
    told = {
        "subscriptionType": "object.associationChange",
        "objectTypeId": "0-1",
        "objectId": None,
        "propertyName": None,
        "propertyValue": None,
        "fromObjectId": 5,
        "toObjectId": 9,
        "fromObjectTypeId": "0-1",
        "toObjectTypeId": "0-2",
        "associationRemoved": False,
        "isPrimaryAssociation": False,
    }
    return item(**(told | changes))


OTHER_SIDE = {
    "objectTypeId": "0-2",
    "fromObjectTypeId": "0-2",
    "toObjectTypeId": "0-1",
    "fromObjectId": 9,
    "toObjectId": 5,
}


def test_an_association_told_twice_from_both_sides_and_as_primary_too_is_one_event_of_the_contact() -> None:
    both = [association(eventId=1), association(eventId=2) | OTHER_SIDE]
    primary = [each | {"isPrimaryAssociation": True, "eventId": 3} for each in both]
    events = read(*both, *primary)["247187887"]
    assert {(event.kind, event.record_id, event.change, event.changed) for event in events} == {
        ("lead", "5", "updated", ("account_id",))
    }
    assert len({event.key for event in events}) == 1
    assert read(association(associationRemoved=True))["247187887"][0].key != events[0].key


def test_an_association_is_understood_by_its_old_name_too() -> None:
    old = (
        association(associationType="COMPANY_TO_CONTACT")
        | OTHER_SIDE
        | {"subscriptionType": "company.associationChange"}
    )
    for name in ("objectTypeId", "fromObjectTypeId", "toObjectTypeId"):
        old.pop(name)
    (event,) = read(old)["247187887"]
    assert event == read(association())["247187887"][0]


def test_associations_of_other_objects_are_passed_over() -> None:
    assert read(association() | {"toObjectTypeId": "0-3"}) == {}
    assert read(item(subscriptionType="contact.associationChange", associationType="CONTACT_TO_DEAL")) == {}
    assert read(item(subscriptionType="contact.associationChange", objectId=None)) == {}


def test_a_merge_maps_every_old_id_to_the_new_one() -> None:
    merge = item(subscriptionType="contact.merge", primaryObjectId=1, mergedObjectIds=[2, 4], newObjectId=3)
    assert delivered(merge).portals["247187887"].mergers == [Merger("lead", old, "3") for old in ("1", "2", "4")]


def test_a_privacy_deletion_is_a_deletion_and_asks_to_forget() -> None:
    found = delivered(item(subscriptionType="contact.privacyDeletion", objectId=7, propertyName=None)).portals[
        "247187887"
    ]
    assert ([event.change for event in found.events], found.forget) == (["deleted"], ["7"])
    assert delivered(item(subscriptionType="contact.deletion", objectId=7)).portals["247187887"].forget == []
