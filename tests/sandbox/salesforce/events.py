"""Change events: bodies, bitmaps and headers, made from record changes.

The bitmaps follow the page "Event Deserialization Considerations" of the Pub/Sub API guide: bit 0 is the header,
compound fields come as ``parent-bits``; that the parent's own bit stays 0 then is not confirmed.
"""

from __future__ import annotations

import difflib
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .avro import ADDRESS_PARTS, NAME_PARTS, event_fields
from .clock import millis

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .schema import Field, Sobject

_DIFF_FROM = 1000  # characters from which a changed long text is sent as a diff


@dataclass
class Change:
    """One record changed: `values` are its stored values after, `before` the old ones of the changed `names`."""

    sobject: Sobject
    kind: str
    record_id: str
    names: tuple[str, ...] = ()
    values: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)


@dataclass
class Event:
    """One change event before it is stored: header, body and the values that a channel may enrich it with."""

    entity: str
    header: dict[str, Any]
    body: dict[str, Any] = field(default_factory=dict)
    enriched: dict[str, Any] = field(default_factory=dict)
    uuid: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Commit:
    """What the events of one transaction share. `at` is in milliseconds."""

    key: str
    at: int
    number: int
    user: str
    origin: str


def event_value(item: Field, value: Any) -> Any:
    """A stored value as it stands in an event."""
    if value is None:
        return None
    if item.type in {"date", "datetime"}:
        return millis(value)
    return bool(value) if item.type == "boolean" else value


def _component(item: Field) -> str:
    """The name of a component field inside its compound: ``BillingStreet`` is ``Street``."""
    prefix = item.compound.removesuffix("Address") if item.compound.endswith("Address") else ""
    return item.name.removeprefix(prefix)


def event_body(sobject: Sobject, values: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The event's fields for the named stored fields; components stand inside their compound."""
    body: dict[str, Any] = {}
    wanted = set(names)
    for name in event_fields(sobject):
        parts = [item for item in sobject.parts(name) if item.name in wanted]
        if sobject.parts(name):
            inside = {_component(item): event_value(item, values.get(item.name)) for item in parts}
            if any(value is not None for value in inside.values()):
                body[name] = inside
        elif name in wanted:
            body[name] = event_value(sobject.fields[name], values.get(name))
    return {name: value for name, value in body.items() if value is not None}


def bitmaps(sobject: Sobject, names: Iterable[str]) -> list[str]:
    """The bitmap strings for the named stored fields, as in ``changedFields``."""
    wanted = set(names)
    top, nested = 0, []
    for position, name in enumerate(event_fields(sobject), start=1):
        parts = sobject.parts(name)
        if parts:
            order = NAME_PARTS if name == "Name" else tuple(ADDRESS_PARTS)
            bits = sum(1 << order.index(_component(item)) for item in parts if item.name in wanted)
            nested += [f"{position}-{_hex(bits)}"] if bits else []
        elif name in wanted:
            top |= 1 << position
    return ([_hex(top)] if top else []) + nested


def _hex(bits: int) -> str:
    return "0x" + bits.to_bytes(max(1, (bits.bit_length() + 7) // 8), "big").hex().upper()


def build_events(
    changes: list[Change], commit: Commit, *, merge_limit: int, overflow_limit: int, enriching: dict[str, set[str]]
) -> list[Event]:
    """The events of one transaction, in order; the same change to several records becomes one event.

    `enriching` names, for each entity, the stored fields that some channel adds to its events.
    """
    if len(changes) > overflow_limit:
        return [_overflow(sobject, commit, n) for n, sobject in enumerate(_distinct(changes), start=1)]
    events: list[Event] = []
    last: Change | None = None
    for change in changes:
        extra = enriching.get(change.sobject.name, set())
        if last is not None and _same(last, change, extra) and len(events[-1].header["recordIds"]) < merge_limit:
            events[-1].header["recordIds"].append(change.record_id)
            continue
        events.append(_event(change, commit, len(events) + 1, extra))
        last = change
    return events


def _distinct(changes: list[Change]) -> list[Sobject]:
    return list({change.sobject.name: change.sobject for change in changes}.values())


def _same(one: Change, other: Change, extra: set[str]) -> bool:
    if one.sobject is not other.sobject or one.kind != other.kind or one.names != other.names:
        return False
    if one.kind not in {"UPDATE", "DELETE"}:
        return False
    # What enriches an event must be true of every record in it.
    return all(one.values.get(name) == other.values.get(name) for name in {*one.names, *extra})


def header(sobject: Sobject, kind: str, ids: list[str], commit: Commit, sequence: int) -> dict[str, Any]:
    """A change event header without field lists."""
    return {
        "entityName": sobject.name,
        "recordIds": ids,
        "changeType": kind,
        "changeOrigin": commit.origin,
        "transactionKey": commit.key,
        "sequenceNumber": sequence,
        "commitTimestamp": commit.at,
        "commitNumber": commit.number,
        "commitUser": commit.user,
        "nulledFields": [],
        "diffFields": [],
        "changedFields": [],
    }


def _overflow(sobject: Sobject, commit: Commit, sequence: int) -> Event:
    return Event(sobject.name, header(sobject, "GAP_OVERFLOW", [], commit, sequence))


def _event(change: Change, commit: Commit, sequence: int, extra: set[str]) -> Event:
    sobject = change.sobject
    head = header(sobject, change.kind, [change.record_id], commit, sequence)
    values = dict(change.values)
    names: Iterable[str] = change.names
    if change.kind == "UPDATE":
        diffs = _diffs(change)
        values |= diffs
        head["changedFields"] = bitmaps(sobject, change.names)
        head["nulledFields"] = bitmaps(sobject, [n for n in change.names if values.get(n) is None])
        head["diffFields"] = bitmaps(sobject, diffs)
    elif change.kind in {"CREATE", "UNDELETE"}:
        names = [item.name for item in sobject.stored()]
    else:
        names = ()
    body = event_body(sobject, values, names)
    return Event(sobject.name, head, body, {name: change.values.get(name) for name in extra})


def _diffs(change: Change) -> dict[str, str]:
    """Changed long texts as unified diffs, where both sides are long."""
    found = {}
    for name in change.names:
        old, new = change.before.get(name), change.values.get(name)
        long = change.sobject.fields[name].long_text and old and new and min(len(old), len(new)) >= _DIFF_FROM
        if long:
            lines = difflib.unified_diff(str(old).splitlines(), str(new).splitlines(), lineterm="")
            found[name] = "\n".join(lines)
    return found
