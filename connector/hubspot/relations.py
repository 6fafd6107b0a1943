"""How the records that HubSpot merges are tied to others: read before a merge, and put back after it.

Associations are read and written from the record that is merged. Those of HubSpot leads are told from the lead's side:
only there it stands which contact or company is the primary one, and a lead that loses its last one is deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.errors import Ignored, Refused
from connector.hubspot import leads, reading
from connector.hubspot.fields import COMPANY, CONTACT, DEAL, LEAD, TASK
from connector.hubspot.history import DEALS_SCOPE
from connector.hubspot.objects import CUSTOM_SCOPES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from connector.hubspot.storage import Portal

    Json = Mapping[str, Any]

NOTE, MEETING, CALL, EMAIL, MESSAGE = "0-46", "0-47", "0-48", "0-49", "0-18"
_ALWAYS = (CONTACT, COMPANY, TASK, NOTE, CALL, MEETING, EMAIL, MESSAGE)
"""What is read with the scopes that every install has. [U] That meetings, e-mails and messages need none of their own:
an object that HubSpot does not let us read is noted in the snapshot, and an undo tells of it."""
MEMO = "hubspot.relations.unread.1"
_MEMO_SECONDS = 3_600.0
FROM_THERE = frozenset({LEAD})
"""Objects whose associations are told from their own side."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One record is associated with the record `id` of `object_type`, by `types` (category, type id), sorted."""

    object_type: str
    id: str
    types: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The relations of records by their ids, and the objects that HubSpot did not let us read."""

    of: Mapping[str, list[Relation]]
    unread: tuple[str, ...]


def neighbours(portal: Portal, object_type: str) -> list[str]:
    """Return the objects that records may be tied to, as far as the portal has granted them."""
    found = list(_ALWAYS)
    if DEALS_SCOPE in portal.scopes:
        found.append(DEAL)
    if portal.scopes >= leads.SCOPES:
        found.append(LEAD)
    if portal.scopes >= CUSTOM_SCOPES or portal.kind == "app_objects":
        schemas = portal.client.schemas().get("results") or ()
        found += [str(each["objectTypeId"]) for each in schemas if _is_tied(each, object_type)]
    return found


def _is_tied(schema: Json, object_type: str) -> bool:
    """Whether a custom object has an association with the object; one that says nothing of any may have."""
    told = schema.get("associations")
    return not told or any(object_type in {each.get("fromObjectTypeId"), each.get("toObjectTypeId")} for each in told)


def read(portal: Portal, object_type: str, ids: Sequence[str], others: Collection[str] | None = None) -> Found:
    """Read what records are tied to: one call for each other object (of `others`, else all), a thousand records each.

    Raises Later or Revoked.
    """
    found: dict[str, list[Relation]] = {each: [] for each in ids}
    unread = set(portal.memo.get(MEMO) or ())
    known = len(unread)
    every = neighbours(portal, object_type) if others is None else sorted(others)
    for other in every if ids else ():
        if other in unread:
            continue
        try:
            for record_id, relation in _between(portal, object_type, other, ids):
                found.setdefault(record_id, []).append(relation)
        except (Refused, Ignored):
            unread.add(other)
    if len(unread) > known:
        portal.memo.put(MEMO, sorted(unread), seconds=_MEMO_SECONDS)
    return Found(found, tuple(each for each in every if each in unread))


def _between(portal: Portal, object_type: str, other: str, ids: Sequence[str]) -> list[tuple[str, Relation]]:
    linked = reading.associations(portal.client, object_type, other, ids)
    if other not in FROM_THERE:
        pairs = [(record_id, str(each["toObjectId"]), each) for record_id in linked for each in linked[record_id]]
        return [(record_id, Relation(other, far, _types(each))) for record_id, far, each in pairs]
    far_ids = sorted({str(each["toObjectId"]) for others in linked.values() for each in others})
    back = reading.associations(portal.client, other, object_type, far_ids) if far_ids else {}
    mine = set(ids)
    return [
        (str(each["toObjectId"]), Relation(other, far, _types(each)))
        for far, others in back.items()
        for each in others
        if str(each["toObjectId"]) in mine
    ]


def _types(end: Json) -> tuple[tuple[str, int], ...]:
    told = end.get("associationTypes") or ()
    return tuple(sorted((str(each["category"]), int(each["typeId"])) for each in told))
