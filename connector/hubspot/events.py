"""Webhooks: what a delivery says. Pure: no I/O, no clock. Whether it is HubSpot's is told by signatures.py.

Source: HubSpot's page "Webhooks API" (payloads, retries).
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connector.hubspot.fields import COMPANY, CONTACT, LEAD, canonical_name
from rules.model import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.crm import Routes
    from rules.model import Change, Kind

MAX_EVENTS = 1000
"""HubSpot documents 100 events a delivery; more are taken, but not without end."""

_ID = re.compile(r"[0-9]{1,20}")
_EVENT_ID = re.compile(r"-?[0-9]{1,64}")
_PROPERTY = re.compile(r"[a-z0-9_]{1,100}")
KEY_LENGTH = 160
"""Longest key of a delivery's item; what a merge adds to it still fits into the inbox's 200 characters."""

_KINDS: dict[str, Kind] = {"contact": "lead", "company": "account"}
_OBJECT_KINDS: dict[str, Kind] = {"0-1": "lead", "0-2": "account", LEAD: "lead"}
_CHANGES: dict[str, Change] = {
    "creation": "created",
    "propertyChange": "updated",
    "deletion": "deleted",
    "privacyDeletion": "deleted",
    "restore": "restored",
    "merge": "merged",
}
_ASSOCIATION, _PRIVACY = "associationChange", "privacyDeletion"
_SIDES = (("fromObjectTypeId", "fromObjectId"), ("toObjectTypeId", "toObjectId"))
_TOLD_OF = {(CONTACT, COMPANY), (CONTACT, LEAD), (LEAD, COMPANY)}
"""The associations that change what we read, with their object types in order."""
_OLD_SIDES = {"CONTACT_TO_COMPANY": ("0-1", "0-2"), "COMPANY_TO_CONTACT": ("0-2", "0-1")}
"""The sides by ``associationType``, in deliveries that name no object types."""


class BadBatch(Exception):  # noqa: N818 - it is the batch that is bad
    """The body, or an item of it, cannot be understood. `str()` says why, without values."""


@dataclass(frozen=True, slots=True)
class Merger:
    """Record `old_id` was merged into `new_id`; everything that we know of the old one is about the new one."""

    kind: Kind
    old_id: str
    new_id: str


@dataclass(frozen=True, slots=True)
class OfPortal:
    """What a delivery says about one portal. `forget` holds the ids of contacts whose data must be erased.

    `of_leads` are the events of HubSpot's leads (0-136), `events` those of contacts and companies.
    """

    events: list[Event] = field(default_factory=list)
    of_leads: list[Event] = field(default_factory=list)
    mergers: list[Merger] = field(default_factory=list)
    forget: list[str] = field(default_factory=list)

    def meant(self, routes: Routes) -> list[Event]:
        """Return the events as this portal means them: what it has not routed is no lead."""
        if routes == "contacts":
            return self.events
        theirs = [replace(each, kind="contact") if each.kind == "lead" else each for each in self.events]
        return [*theirs, *self.of_leads]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a delivery says, by portal id. `faults` says of each item that was left out where it stood and why."""

    portals: dict[str, OfPortal] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def parse(body: bytes, *, app_id: str, received_at: datetime) -> Delivery:
    """Read a delivery; the portal of each item is taken from the signed body and nothing else.

    A delivery may mix portals. Subscriptions that we do not use are passed over. An item that makes no sense stands
    under `faults` and takes no other with it: HubSpot would send the same batch ten times, and then never again.
    Raises BadBatch when the body as a whole makes no sense.
    """
    try:
        batch = json.loads(body)
    except (ValueError, RecursionError):
        raise BadBatch("the body is not JSON") from None
    if not isinstance(batch, list):
        raise BadBatch("the body is not a JSON array")
    if len(batch) > MAX_EVENTS:
        raise BadBatch(f"the body holds {len(batch)} events; at most {MAX_EVENTS} are taken")
    found = Delivery()
    for position, item in enumerate(batch, start=1):
        try:
            _take(item, found, app_id, received_at)
        except BadBatch as error:
            found.faults.append(f"event {position}: {error}")
    return found


def _take(item: Any, found: Delivery, app_id: str, received_at: datetime) -> None:
    """Add one item to what was found, all of it or nothing. Raises BadBatch."""
    if not isinstance(item, dict):
        raise BadBatch("it is not an object")
    # HubSpot's pages print `eventType` in places where deliveries carry `subscriptionType`.
    subscription = item.get("subscriptionType") or item.get("eventType")
    if not isinstance(subscription, str):
        raise BadBatch("it has no subscriptionType")
    noun, _, verb = subscription.partition(".")
    if verb == _ASSOCIATION:
        events, of_leads = _association(item, _time(item, received_at), app_id)
        if events or of_leads:
            of_portal = _portal(found, item)
            of_portal.events.extend(events)
            of_portal.of_leads.extend(of_leads)
        return
    kind = _OBJECT_KINDS.get(str(item.get("objectTypeId"))) if noun == "object" else _KINDS.get(noun)
    change = _CHANGES.get(verb)
    is_lead = noun == "object" and item.get("objectTypeId") == LEAD
    if kind is None or change is None or (is_lead and change == "merged"):  # HubSpot merges no leads
        return
    at, ours = _time(item, received_at), _is_ours(item, app_id)
    if change == "merged":
        merged, mergers = _merge(item, kind, at, ours=ours)
        of_portal = _portal(found, item)
        of_portal.events.extend(merged)
        of_portal.mergers.extend(mergers)
        return
    property_name = _property(item)
    changed = (canonical_name(kind, property_name),) if property_name else ()
    record_id = _id(item, "objectId")
    event = Event(_key(item, subscription, record_id, at), kind, record_id, change, at, changed, ours)
    of_portal = _portal(found, item)
    (of_portal.of_leads if is_lead else of_portal.events).append(event)
    if verb == _PRIVACY:
        _portal(found, item).forget.append(record_id)


def _portal(found: Delivery, item: Mapping[str, Any]) -> OfPortal:
    return found.portals.setdefault(_id(item, "portalId"), OfPortal())


def _is_ours(item: Mapping[str, Any], app_id: str) -> bool:
    """Whether our own call made this change. What a workflow makes of it is told apart by the record alone."""
    return bool(app_id) and item.get("changeSource") == "INTEGRATION" and str(item.get("sourceId")) == app_id


def _association(item: Mapping[str, Any], at: datetime, app_id: str) -> tuple[list[Event], list[Event]]:
    """A contact was linked to a company, or no longer is: the contact has another account. Or a lead to either.

    HubSpot tells each change from both sides, and of a primary company twice more: all of them have one key, without
    the event's own number. Other associations are passed over. Returns the events of contacts, and those of leads.
    """
    named = str(item.get("associationType"))
    types = _OLD_SIDES.get(named) or tuple(str(item.get(type_name)) for type_name, _ in _SIDES)
    if tuple(sorted(types)) not in _TOLD_OF:
        return [], []
    ids = {type_id: _id(item, id_name) for type_id, (_, id_name) in zip(types, _SIDES, strict=True)}
    removed = "removed" if item.get("associationRemoved") is True else "made"
    made = f"{removed}/{round(at.timestamp() * 1000)}"
    ours = _is_ours(item, app_id)
    if LEAD in ids:
        (other,) = ids.keys() - {LEAD}
        changed = ("account_id",) if other == COMPANY else ()
        key = f"{_ASSOCIATION}/{LEAD}/{ids[LEAD]}/{ids[other]}/{made}"
        return [], [Event(key, "lead", ids[LEAD], "updated", at, changed, ours)]
    key = f"{_ASSOCIATION}/{ids[CONTACT]}/{ids[COMPANY]}/{made}"
    return [Event(key, "lead", ids[CONTACT], "updated", at, ("account_id",), ours)], []


def _merge(item: Mapping[str, Any], kind: Kind, at: datetime, *, ours: bool) -> tuple[list[Event], list[Merger]]:
    """A merge: every id that is no longer the record's own is gone, and the record that remains has changed.

    `newObjectId` may be an id that was never seen before; the primary's id is then gone too.
    """
    primary = _id(item, "primaryObjectId") if "primaryObjectId" in item else _id(item, "objectId")
    remaining = _id(item, "newObjectId") if item.get("newObjectId") is not None else primary
    listed = item.get("mergedObjectIds", [])
    if not isinstance(listed, list):
        raise BadBatch("mergedObjectIds is not a list")
    key = _key(item, str(item.get("subscriptionType") or item.get("eventType")), remaining, at)
    every = dict.fromkeys([primary, *(_as_id(value, "mergedObjectIds") for value in listed)])
    gone = [record_id for record_id in every if record_id != remaining]
    events = [Event(f"{key}/merged/{each}", kind, each, "merged", at, (), ours) for each in gone]
    events.append(Event(f"{key}/into", kind, remaining, "updated", at, (), ours))
    return events, [Merger(kind, each, remaining) for each in gone]


def _key(item: Mapping[str, Any], subscription: str, record_id: str, at: datetime) -> str:
    """Name the change, the same for every attempt to deliver it. HubSpot's eventId alone is not unique."""
    object_type = f":{item['objectTypeId']}" if subscription.startswith("object.") else ""
    moment = item.get("occurredAt", round(at.timestamp() * 1000))
    parts = (subscription + object_type, record_id, _property(item), _event_id(item), moment)
    key = "/".join(str(part) for part in parts)
    if len(key) <= KEY_LENGTH:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: KEY_LENGTH - len(digest) - 1]}/{digest}"


def _property(item: Mapping[str, Any]) -> str:
    """Return the internal name of the changed property; empty when the item names none."""
    name = item.get("propertyName")
    if name is None or name == "":
        return ""
    if not isinstance(name, str) or not _PROPERTY.fullmatch(name):
        raise BadBatch("propertyName is not the name of a property")
    return name


def _event_id(item: Mapping[str, Any]) -> str:
    """Return HubSpot's number of the event, a number or text; empty when there is none."""
    value = item.get("eventId")
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or not isinstance(value, int | str) or not _EVENT_ID.fullmatch(str(value)):
        raise BadBatch("eventId is not a number")
    return str(value)


def _time(item: Mapping[str, Any], received_at: datetime) -> datetime:
    """Return `occurredAt` (Unix ms), or the time of receipt when it is missing."""
    value = item.get("occurredAt")
    if value is None:
        return received_at
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadBatch("occurredAt is not a number")
    try:
        return datetime.fromtimestamp(value / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        raise BadBatch("occurredAt is not a time") from None


def _id(item: Mapping[str, Any], name: str) -> str:
    return _as_id(item.get(name), name)


def _as_id(value: Any, name: str) -> str:
    """Return a record or portal id as digits, as HubSpot sends it (a number, sometimes text)."""
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not _ID.fullmatch(text):
        raise BadBatch(f"{name} is missing or not an id")
    return text
