"""Fills the org fast: many rows in one go, without rules and, when silent, without events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import checks
from .activities import ACTIVITIES, date_last_activity
from .clock import now, stamp
from .events import Change
from .org import user_values
from .people import STANDARD
from .records import Actor, Unit, derive

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .org import Org
    from .schema import Sobject

_CHUNK = 10_000


def load(
    org: Org, name: str, rows: Iterable[Mapping[str, Any]], *, silent: bool = True
) -> tuple[list[str], dict[str, str]]:
    """Insert rows as they are; returns the ids in order, and each row's ``ExternalKey`` mapped to its id.

    Values are read (types, lengths, picklists) but links are not checked. Without `silent` every row makes a CREATE
    event, as if one person had imported them.
    """
    sobject = org.schema.get(name)
    ids: list[str] = []
    keys: dict[str, str] = {}
    chunk: list[Mapping[str, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) >= _CHUNK:
            ids += _insert(org, sobject, chunk, keys, silent=silent)
            chunk = []
    if chunk:
        ids += _insert(org, sobject, chunk, keys, silent=silent)
    return ids, keys


def _insert(
    org: Org, sobject: Sobject, rows: list[Mapping[str, Any]], keys: dict[str, str], *, silent: bool
) -> list[str]:
    blank = _blank(org, sobject)
    readers = {item.name: item for item in sobject.stored()}
    profile = org.people.profile(STANDARD) if sobject.name == "User" else ""
    with org.store.write():
        ids = org.store.new_ids(sobject, len(rows))
        full = []
        for given, record_id in zip(rows, ids, strict=True):
            row = dict(blank)
            values = user_values(dict(given), profile) if profile else given
            for name, value in values.items():
                if name == "ExternalKey":
                    keys[str(value)] = record_id
                    continue
                item = readers.get(name) or sobject.find(name)
                if item is None:
                    raise KeyError(f"{sobject.name}.{name}")
                row[item.name] = checks.read_value(item, value)
            derive(org.store, sobject, row)
            row["Id"] = record_id
            full.append(row)
        org.store.insert(sobject, full)
        _settle(org, sobject, full)
        if not silent:
            actor = Actor(blank.get("CreatedById") or "")
            unit = Unit(now())
            unit.changes = [Change(sobject, "CREATE", row["Id"], (), row) for row in full]
            org.records.publish(unit, actor)
    return ids


def _blank(org: Org, sobject: Sobject) -> dict[str, Any]:
    """What every loaded row starts from: defaults, the moment, and the administrator as owner and author."""
    admin = org.user_by_name("admin@acme.example")
    who = admin["Id"] if admin else None
    moment = stamp(now())
    row = {item.name: item.default for item in sobject.stored()}
    system = {
        "CreatedDate": moment,
        "LastModifiedDate": moment,
        "SystemModstamp": moment,
        "CreatedById": who,
        "LastModifiedById": who,
        "OwnerId": who,
    }
    return row | {name: value for name, value in system.items() if name in row}


def _settle(org: Org, sobject: Sobject, rows: list[dict[str, Any]]) -> None:
    """What follows from new users, queues and activities."""
    if sobject.name in ACTIVITIES:
        date_last_activity(org.store, org.schema, *rows)
    if sobject.name == "User":
        for row in rows:
            org.people.assign_profile(row["Id"], row["ProfileId"])
    if sobject.name == "Group":
        for row in rows:
            if row["Type"] == "Queue":
                org.people.put("QueueSobject", QueueId=row["Id"], SobjectType="Lead")
