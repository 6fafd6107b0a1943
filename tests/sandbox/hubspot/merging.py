"""Merging two records, which cannot be undone.

Source: the changelog "Updated merge functionality for contacts and companies" and the page on errors. A new record
comes of it; values and associations of the primary record win, but for the lifecycle stage: the furthest stays.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.sandbox.hubspot.errors import ApiError
from tests.sandbox.hubspot.records import Record
from tests.sandbox.hubspot.standard import STAGES
from tests.sandbox.hubspot.store import now_ms

if TYPE_CHECKING:
    from tests.sandbox.hubspot.events import Actor
    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.standard import ObjectType

MOST_IDENTITIES = 250
# Of which property the other record's value is kept beside, and where.
BESIDE = {"0-1": ("email", "hs_additional_emails"), "0-2": ("domain", "hs_additional_domains")}


def merge(hub: Hub, kind: ObjectType, primary: Record, other: Record, actor: Actor) -> Record:
    """Merge two records into a new one: the primary's values win, gaps are filled, both old ids lead to the new.

    400 beyond 250 identities, and for companies while the Salesforce sync is on ([U] its words). One merge event tells
    of it; no deletion and no creation does.
    """
    now, portal = now_ms(), hub.portals.get(primary.portal)
    if kind.id == "0-2" and portal.salesforce_sync:
        raise ApiError(400, "Companies can't be merged while the Salesforce integration is enabled.")
    with hub.store.write() as tx:
        primary, other = hub.records.again(primary), hub.records.again(other)
        filled = sorted(other.props.keys() - primary.props.keys())
        props = _merged_values(primary, other)
        number = primary.id if portal.merge_keeps_id else hub.store.allocate("record")
        merged = Record(number, primary.portal, kind.id, props, min(primary.created, other.created), now)
        if number == primary.id:
            hub.records.shadow(primary, merged)
            tx.execute("DELETE FROM records WHERE id = ?", (number,))
        else:
            hub.records.shadow(None, merged)
        row = (number, merged.portal, kind.id, json.dumps(props), merged.created, now)
        tx.execute("INSERT INTO records VALUES(?, ?, ?, ?, ?, ?, 0)", row)
        for one in (primary, other):
            if one.id == number:
                continue
            hub.records.shadow(one, one)
            hub.associations.move(merged.portal, kind.id, one.id, number, keep_primary=one is primary)
            tx.execute("DELETE FROM records WHERE id = ?", (one.id,))
            tx.execute("UPDATE merged SET new = ? WHERE new = ?", (number, one.id))
            tx.execute("INSERT INTO merged VALUES(?, ?)", (one.id, number))
            # Both e-mail addresses lead to the merged contact from now on.
            tx.execute("UPDATE uniques SET id = ? WHERE id = ?", (number, one.id))
        tx.execute("DELETE FROM assoc WHERE from_id = ? AND to_id = ?", (number, number))  # from one to the other
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
    own, beside = BESIDE.get(primary.type, ("", ""))
    known = [each for one in (primary, other) for name in (beside, own) for each in one.props.get(name, "").split(";")]
    spare = [each for each in dict.fromkeys(known) if each and each != props.get(own)]
    if spare:
        props[beside] = ";".join(spare)
    stages = [stage for one in (primary, other) if (stage := one.props.get("lifecyclestage")) in STAGES]
    if stages:
        props["lifecyclestage"] = max(stages, key=STAGES.index)
    return props


def _identities(record: Record) -> list[str]:
    return [part for part in record.props.get("hs_merged_object_ids", "").split(";") if part] + [str(record.id)]
