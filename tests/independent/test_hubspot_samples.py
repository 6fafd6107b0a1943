"""Webhooks in the shapes that HubSpot's pages and public deliveries show, through our parser; the values are made up.

Deliveries and pages do not agree everywhere: pages print `eventType` and the change flag NEW, deliveries carry
`subscriptionType` and CREATED. Both are read.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.hubspot.events import OfPortal, parse
from rules.model import Event

APP = "4711001"
PORTAL = 24_000_001
AT = 1_787_000_000_000
WHEN = datetime.fromtimestamp(AT / 1000, UTC)

# What every item of a delivery carries.
COMMON = {
    "eventId": 3_100_000_001,
    "subscriptionId": 7_000_001,
    "portalId": PORTAL,
    "appId": int(APP),
    "occurredAt": AT,
    "attemptNumber": 0,
}
BY_US = {"changeSource": "INTEGRATION", "sourceId": APP}
BY_A_PERSON = {"changeSource": "CRM_UI", "sourceId": "userId:82001"}


def item(subscription: str, /, **more: Any) -> dict[str, Any]:
    """One item of a delivery."""
    return COMMON | {"subscriptionType": subscription} | more


def read(*items: dict[str, Any]) -> OfPortal:
    """Read a delivery of one portal, in which nothing may be left out."""
    delivery = parse(json.dumps(items).encode(), app_id=APP, received_at=WHEN)
    assert delivery.faults == []
    return delivery.portals[str(PORTAL)]


def only(*items: dict[str, Any]) -> Event:
    """Return the one event that a delivery means."""
    (event,) = read(*items).events
    return event


def test_a_property_change_of_a_person_is_read() -> None:
    changed = {"objectId": 501, "propertyName": "email", "propertyValue": "a@b.example"}
    event = only(item("contact.propertyChange", **changed, **BY_A_PERSON))
    assert (event.kind, event.record_id, event.change) == ("lead", "501", "updated")
    assert (event.changed, event.ours, event.at) == (("email",), False, WHEN)


def test_our_own_change_comes_back_as_an_echo() -> None:
    changed = {"objectId": 501, "propertyName": "hubspot_owner_id", "propertyValue": "41"}
    assert only(item("contact.propertyChange", **changed, **BY_US)).ours is True


def test_another_apps_change_is_no_echo_although_the_item_names_our_app() -> None:
    """`appId` is whom the delivery is for; `sourceId` is who made the change."""
    by_another = {"changeSource": "INTEGRATION", "sourceId": "998877"}
    assert only(item("contact.propertyChange", objectId=501, propertyName="city", **by_another)).ours is False


@pytest.mark.parametrize("flag", ["CREATED", "NEW"])
@pytest.mark.parametrize("named", ["subscriptionType", "eventType"])
def test_a_creation_is_read_as_deliveries_and_as_pages_write_it(named: str, flag: str) -> None:
    made = item("contact.creation", objectId=501, changeFlag=flag, **BY_A_PERSON)
    made[named] = made.pop("subscriptionType")
    event = only(made)
    assert (event.kind, event.record_id, event.change) == ("lead", "501", "created")


def test_a_generic_item_says_what_it_is_about_by_its_object_type() -> None:
    generic = {"objectTypeId": "0-2", "isSensitive": False, "propertyName": "domain", "propertyValue": "b.example"}
    event = only(item("object.propertyChange", objectId=601, **generic, **BY_A_PERSON))
    assert (event.kind, event.record_id, event.change) == ("account", "601", "updated")


@pytest.mark.parametrize(
    ("subscription", "flag", "change"),
    [("object.deletion", "DELETED", "deleted"), ("object.restore", "RESTORED", "restored")],
)
def test_deleted_and_restored_records_are_told_apart(subscription: str, flag: str, change: str) -> None:
    event = only(item(subscription, objectId=501, objectTypeId="0-1", changeFlag=flag, **BY_A_PERSON))
    assert (event.record_id, event.change) == ("501", change)


def test_a_merge_into_a_new_id_leaves_none_of_the_old_ones() -> None:
    merged = {"primaryObjectId": 501, "mergedObjectIds": [502], "newObjectId": 503, "numberOfPropertiesMoved": 4}
    found = read(item("contact.merge", objectId=501, changeFlag="MERGED", **merged, **BY_A_PERSON))
    assert {(each.record_id, each.change) for each in found.events} == {
        ("501", "merged"),
        ("502", "merged"),
        ("503", "updated"),
    }
    assert {(each.old_id, each.new_id) for each in found.mergers} == {("501", "503"), ("502", "503")}


def test_an_association_told_from_both_sides_is_one_change_of_the_contact() -> None:
    there = {"fromObjectId": 501, "toObjectId": 601, "fromObjectTypeId": "0-1", "toObjectTypeId": "0-2"}
    back = {"fromObjectId": 601, "toObjectId": 501, "fromObjectTypeId": "0-2", "toObjectTypeId": "0-1"}
    rest = {"associationRemoved": False, "isPrimaryAssociation": True, **BY_A_PERSON}
    found = read(
        item("object.associationChange", associationTypeId=1, objectTypeId="0-1", **there, **rest),
        item(
            "object.associationChange", associationTypeId=2, objectTypeId="0-2", **back, **rest, eventId=3_100_000_002
        ),
    )
    assert {(each.key, each.record_id) for each in found.events} == {(found.events[0].key, "501")}


def test_a_privacy_deletion_asks_to_forget() -> None:
    found = read(item("contact.privacyDeletion", objectId=501, **BY_A_PERSON))
    assert found.forget == ["501"]


def test_a_later_attempt_is_the_same_change() -> None:
    one = item("contact.propertyChange", objectId=501, propertyName="email", propertyValue="a@b.example", **BY_A_PERSON)
    assert only(one).key == only(one | {"attemptNumber": 7}).key
