"""Webhooks: is this delivery really HubSpot's, and what does it say? Pure: no I/O, no clock.

Sources: HubSpot's pages "Validating requests" (signature v3) and "Webhooks API" (payloads, retries).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connector.hubspot.fields import canonical_name
from rules.model import Event

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rules.model import Change, Kind

MAX_AGE_SECONDS = 300
"""HubSpot asks receivers to reject older deliveries; we hold the same distance into the future."""

MAX_EVENTS = 1000
"""HubSpot documents 100 events a delivery; more are taken, but not without end."""

_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
_ENCODED = re.compile("|".join(_DECODED), re.IGNORECASE)
_TIMESTAMP = re.compile(r"[0-9]{1,16}")
_ID = re.compile(r"[0-9]{1,20}")
_EVENT_ID = re.compile(r"-?[0-9]{1,64}")
_PROPERTY = re.compile(r"[a-z0-9_]{1,100}")
KEY_LENGTH = 160
"""Longest key of a delivery's item; what a merge adds to it still fits into the inbox's 200 characters."""

_KINDS: dict[str, Kind] = {"contact": "lead", "company": "account"}
_OBJECT_KINDS: dict[str, Kind] = {"0-1": "lead", "0-2": "account"}
_CHANGES: dict[str, Change] = {
    "creation": "created",
    "propertyChange": "updated",
    "deletion": "deleted",
    "privacyDeletion": "deleted",
    "restore": "restored",
    "merge": "merged",
}


class BadSignature(Exception):  # noqa: N818 - it is the signature that is bad
    """The delivery is not HubSpot's, or is too old to be believed."""


class BadBatch(Exception):  # noqa: N818 - it is the batch that is bad
    """The body cannot be understood; nothing of it was taken. `str()` says why, without values."""


def verify(
    *, method: str, url: str, body: bytes, signature: str | None, timestamp: str | None, secret: str, now: datetime
) -> None:
    """Check signature v3: base64(HMAC-SHA256(secret, METHOD + URL + body + timestamp)). Raises BadSignature.

    `url` is the full public https URL with its query, as configured, never as a proxy header tells it. `signature`
    and `timestamp` (Unix ms) are the X-HubSpot-Signature-v3 and X-HubSpot-Request-Timestamp headers as they came.
    """
    if not secret:
        raise BadSignature("no client secret is configured, so nothing can be verified")
    if not signature or not timestamp:
        raise BadSignature("the signature or its timestamp is missing")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise BadSignature("the timestamp is not a number")
    if abs(now.timestamp() * 1000 - int(timestamp)) > MAX_AGE_SECONDS * 1000:
        raise BadSignature("the timestamp is more than 5 minutes away from our clock")
    signed = _bytes(method.upper() + _decode(url)) + body + timestamp.encode("ascii")
    expected = base64.b64encode(hmac.new(_bytes(secret), signed, hashlib.sha256).digest())
    if not hmac.compare_digest(expected, _bytes(signature)):
        raise BadSignature("the signature does not match")


def _decode(url: str) -> str:
    """Undo exactly the percent codes that HubSpot undoes before signing; %20, %26 and the rest stay."""
    return _ENCODED.sub(lambda found: _DECODED[found.group().upper()], url)


def _bytes(text: str) -> bytes:
    """Encode any header text; what is no UTF-8 can only fail to match."""
    return text.encode("utf-8", "surrogatepass")


def parse(body: bytes, *, app_id: str, received_at: datetime) -> dict[str, list[Event]]:
    """Read a delivery into events by portal id; the portal is taken from the signed body and nothing else.

    A delivery may mix portals. Subscriptions that we do not use are passed over. Raises BadBatch when the body is
    malformed anywhere: then nothing of it is taken, and HubSpot delivers it again.
    """
    try:
        batch = json.loads(body)
    except (ValueError, RecursionError):
        raise BadBatch("the body is not JSON") from None
    if not isinstance(batch, list):
        raise BadBatch("the body is not a JSON array")
    if len(batch) > MAX_EVENTS:
        raise BadBatch(f"the body holds {len(batch)} events; at most {MAX_EVENTS} are taken")
    found: dict[str, list[Event]] = {}
    for position, item in enumerate(batch, start=1):
        try:
            events = list(_events(item, app_id, received_at))
            if events:
                found.setdefault(_id(item, "portalId"), []).extend(events)
        except BadBatch as error:
            raise BadBatch(f"event {position}: {error}") from None
    return found


def _events(item: Any, app_id: str, received_at: datetime) -> Iterator[Event]:
    """Read one item; a merge yields several events, an unused subscription none."""
    if not isinstance(item, dict):
        raise BadBatch("it is not an object")
    # HubSpot's pages print `eventType` in places where deliveries carry `subscriptionType`.
    subscription = item.get("subscriptionType") or item.get("eventType")
    if not isinstance(subscription, str):
        raise BadBatch("it has no subscriptionType")
    noun, _, verb = subscription.partition(".")
    kind = _OBJECT_KINDS.get(str(item.get("objectTypeId"))) if noun == "object" else _KINDS.get(noun)
    change = _CHANGES.get(verb)
    if kind is None or change is None:
        return
    at = _time(item, received_at)
    ours = bool(app_id) and item.get("changeSource") == "INTEGRATION" and str(item.get("sourceId")) == app_id
    if change == "merged":
        yield from _merge(item, kind, at, ours=ours)
        return
    property_name = _property(item)
    changed = (canonical_name(kind, property_name),) if property_name else ()
    record_id = _id(item, "objectId")
    yield Event(_key(item, subscription, record_id, at), kind, record_id, change, at, changed, ours)


def _merge(item: Mapping[str, Any], kind: Kind, at: datetime, *, ours: bool) -> Iterator[Event]:
    """A merge: every id that is no longer the record's own is gone, and the record that remains has changed.

    `newObjectId` may be an id that was never seen before; the primary's id is then gone too.
    """
    primary = _id(item, "primaryObjectId") if "primaryObjectId" in item else _id(item, "objectId")
    remaining = _id(item, "newObjectId") if item.get("newObjectId") is not None else primary
    listed = item.get("mergedObjectIds", [])
    if not isinstance(listed, list):
        raise BadBatch("mergedObjectIds is not a list")
    key = _key(item, str(item.get("subscriptionType") or item.get("eventType")), remaining, at)
    gone = dict.fromkeys([primary, *(_as_id(value, "mergedObjectIds") for value in listed)])
    for record_id in gone:
        if record_id != remaining:
            yield Event(f"{key}/merged/{record_id}", kind, record_id, "merged", at, (), ours)
    yield Event(f"{key}/into", kind, remaining, "updated", at, (), ours)


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
