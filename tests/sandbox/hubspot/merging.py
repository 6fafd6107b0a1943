"""Merging two records, which cannot be undone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.sandbox.hubspot.errors import ApiError
from tests.sandbox.hubspot.records import Record
from tests.sandbox.hubspot.store import now_ms

if TYPE_CHECKING:
    from tests.sandbox.hubspot.events import Actor
    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.standard import ObjectType

MOST_IDENTITIES = 250


def merge(hub: Hub, kind: ObjectType, primary: Record, other: Record, actor: Actor) -> Record:
    """Merge two records into a new one: the primary's values win, gaps are filled, both old ids lead to the new.

    400 beyond 250 identities. One merge event tells of it; no deletion and no creation does.
    """
    now = now_ms()
    with hub.store.write() as tx:
        primary, other = hub.records.again(primary), hub.records.again(other)
        filled = sorted(other.props.keys() - primary.props.keys())
        props = _merged_values(primary, other)
        number = hub.store.allocate("record")
        merged = Record(number, primary.portal, kind.id, props, min(primary.created, other.created), now)
        row = (number, merged.portal, kind.id, json.dumps(props), merged.created, now)
        tx.execute("INSERT INTO records VALUES(?, ?, ?, ?, ?, ?, 0)", row)
        hub.records.shadow(None, merged)
        for one in (primary, other):
            hub.records.shadow(one, one)
            hub.associations.move(merged.portal, kind.id, one.id, number, keep_primary=one is primary)
            tx.execute("DELETE FROM records WHERE id = ?", (one.id,))
            tx.execute("UPDATE merged SET new = ? WHERE new = ?", (number, one.id))
            tx.execute("INSERT INTO merged VALUES(?, ?)", (one.id, number))
            # Both e-mail addresses lead to the merged contact from now on.
            tx.execute("UPDATE uniques SET id = ? WHERE id = ?", (number, one.id))
        hub.associations.recalculate_around(number)
        hub.events.happened(
            "merge",
            merged.portal,
            kind.id,
            number,
            actor,
            primaryObjectId=primary.id,
            mergedObjectIds=[other.id],
            newObjectId=number,
            numberOfPropertiesMoved=len(filled),
        )
    return hub.records.many(merged.portal, kind.id, [number])[number]


def _merged_values(primary: Record, other: Record) -> dict[str, str]:
    props = other.props | primary.props
    identities = [part for one in (primary, other) for part in _identities(one)]
    if len(identities) > MOST_IDENTITIES:
        raise ApiError(400, "Cannot have more than 250 identities on a profile")
    props["hs_merged_object_ids"] = ";".join(identities)
    names = ("hs_additional_emails", "email")
    known = [email for one in (primary, other) for name in names for email in one.props.get(name, "").split(";")]
    spare = [email for email in dict.fromkeys(known) if email and email != props.get("email")]
    if spare:
        props["hs_additional_emails"] = ";".join(spare)
    return props


def _identities(record: Record) -> list[str]:
    return [part for part in record.props.get("hs_merged_object_ids", "").split(";") if part] + [str(record.id)]
