"""From a change event to our events. PURE.

Source: Change Data Capture guide "ChangeEventHeader fields" and "Gap and overflow events". The header tells what
happened to which records; the body holds only the changed values and is not read: an event is a nudge.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from connector.salesforce.bitmaps import Fields, field_names
from connector.salesforce.fields import OBJECTS, REQUEST, REQUEST_REFUSED, canonical_name, plain
from connector.salesforce.headers import APP_TOKEN
from connector.salesforce.payloads import ERROR_FLAG, STANDING_FIELDS
from rules.model import WHOLE_KIND, Change, Event, Kind

_KINDS: Mapping[str, Kind] = MappingProxyType(
    {OBJECTS[kind]: kind for kind in ("lead", "contact", "account", "user", "rule")}
)
RESYNC_KINDS: tuple[Kind, ...] = tuple(_KINDS.values())
"""The kinds that a lost place in the stream concerns."""

_CHANGES: Mapping[str, Change] = {
    "CREATE": "created",
    "UPDATE": "updated",
    "DELETE": "deleted",
    "UNDELETE": "restored",
}
_BOOKKEEPING = frozenset(
    {
        "LastModifiedDate",
        "LastModifiedById",
        "SystemModstamp",
        "LastActivityDate",
        "LastTransferDate",
        "IsUnreadByOwner",
    }
)
"""What Salesforce itself changes along with any write, or with a change of owner."""
_WRITTEN: Mapping[Kind, frozenset[str]] = {
    "lead": frozenset({"OwnerId"}),
    "contact": frozenset({REQUEST, REQUEST_REFUSED}),
    "rule": frozenset({"Error__c", "Version__c", ERROR_FLAG, *STANDING_FIELDS.values()}),
}


def decode(
    header: Mapping[str, Any], fields: Fields, *, app: str = APP_TOKEN, namespace: str = ""
) -> tuple[Event, ...]:
    """Return one Event for each record a change event names; none for an entity we do not follow.

    `header` is the event's ChangeEventHeader, `fields` those of its schema, `app` our client token, `namespace` the
    package's prefix. A gap event keeps its change but names no fields (only the record tells); an overflow or a
    wildcard id (``00Q*``, a field's type was converted) becomes a ``resync`` of the kind.
    """
    kind = _KINDS.get(plain(str(header["entityName"]), namespace))
    if kind is None:
        return ()
    change = str(header["changeType"])
    ids = [str(one) for one in header.get("recordIds") or ()]
    if change == "GAP_OVERFLOW" or not ids:
        ids = [WHOLE_KIND]
    api_names = () if change.startswith("GAP_") else _changed(header, fields)
    ours = change == "UPDATE" and _is_echo(kind, header, api_names, app=app, namespace=namespace)
    at = datetime.fromtimestamp(int(header["commitTimestamp"]) / 1000, tz=UTC)
    changed = tuple(dict.fromkeys(canonical_name(kind, name, namespace) for name in api_names))
    return tuple(
        Event(
            key=f"{header['transactionKey']}:{header['sequenceNumber']}:{one}",
            kind=kind,
            record_id=WHOLE_KIND if WHOLE_KIND in one else one,
            change="resync" if WHOLE_KIND in one else _CHANGES.get(change.removeprefix("GAP_"), "updated"),
            at=at,
            changed=changed,
            ours=ours,
        )
        for one in ids
    )


def resync(reason: str, *, at: datetime) -> tuple[Event, ...]:
    """Return the events that ask for a comparison of every kind; `reason` (a key) makes them unique."""
    return tuple(Event(f"resync:{reason}:{kind}", kind, WHOLE_KIND, "resync", at) for kind in RESYNC_KINDS)


def client(origin: str) -> str:
    """Return the client token of a changeOrigin (``com/salesforce/api/rest/66.0;client=Switchyard``), or nothing."""
    for part in origin.split(";"):
        name, _, value = part.partition("=")
        if name == "client":
            return value.rstrip("/")
    return ""


def _changed(header: Mapping[str, Any], fields: Fields) -> tuple[str, ...]:
    """Name all fields that changed, were emptied, or changed by a few words only (diffs of long texts)."""
    bitmaps = [str(one) for part in ("changedFields", "nulledFields", "diffFields") for one in header.get(part) or ()]
    return field_names(bitmaps, fields)


def _is_echo(kind: Kind, header: Mapping[str, Any], api_names: tuple[str, ...], *, app: str, namespace: str) -> bool:
    """Whether an update only repeats what we wrote.

    [U] A customer's flow that runs inside our transaction carries our origin too, so the origin alone is not enough:
    every changed field must be one that we write.
    """
    if client(str(header.get("changeOrigin") or "")) != app or not api_names:
        return False
    written = _WRITTEN.get(kind)
    if written is None:
        return False
    names = {plain(name, namespace) for name in api_names}
    names = {name for name in names if not (kind == "lead" and name.startswith("Switchyard_"))}
    return names <= written | _BOOKKEEPING
