"""Forgetting people in the portal: what we wrote about somebody whose contact HubSpot has erased.

HubSpot erases the contact itself. Our audits and tasks are records of their own and would stay, with a name in them. A
record that is deleted can be restored for 90 days, so it is emptied first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from connector.errors import Refused
from connector.hubspot.answers import Fault
from connector.hubspot.batches import Batch, Row
from connector.hubspot.fields import TASK, chunks, text
from connector.hubspot.properties import DECISION_KEY, TASK_BODY
from connector.hubspot.reading import READ_SIZE, living, results
from connector.hubspot.snapshot_parts import part_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from collections.abc import Set as AbstractSet

    from connector.erased import Left
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.objects import Places

    Json = Mapping[str, Any]

ERASED = "Erased"
WRITE_SIZE = 100
SEARCH_VALUES = 100
"""Ids that one search asks for; HubSpot reads 3,000 characters of a search."""
SEARCH_SIZE = 200

EMPTY_AUDIT = {"title": ERASED, "lead_id": "", "reason": "", "story": "", "detail": "", "duplicate_of": ""}
"""An audit about the person: what is left says that there was a decision, and of whom not."""
WITHOUT_OTHERS = {"reason": "", "story": "", "detail": "", "duplicate_of": ""}
"""An audit about somebody else that names the person as a duplicate."""
EMPTY_TASK = {"hs_task_subject": ERASED, TASK_BODY: ""}
_NUMBER = re.compile(r"[0-9]+")


def tasks(client: HubSpotClient, ids: Collection[str]) -> None:
    """Empty and delete these tasks, two calls a hundred."""
    empty(client, TASK, ids, EMPTY_TASK)
    archive(client, TASK, ids)


def mentions(client: HubSpotClient, ids: Collection[str], people: AbstractSet[str]) -> None:
    """Take the lines that name these people out of tasks about others; the rest of each is still to be done."""
    changes: dict[str, Mapping[str, str]] = {}
    for task, found in living(client, TASK, sorted(ids), [TASK_BODY]).items():
        body = text((found.get("properties") or {}).get(TASK_BODY))
        kept = "\n".join(line for line in body.split("\n") if not people & set(_NUMBER.findall(line)))
        if kept != body:
            changes[task] = {TASK_BODY: kept}
    rewrite(client, TASK, changes)


def empty(client: HubSpotClient, object_type: str, ids: Collection[str], properties: Mapping[str, str]) -> None:
    """Write these values on records; those that are gone are passed over. Raises what stops another row."""
    rewrite(client, object_type, dict.fromkeys(ids, properties))


def rewrite(client: HubSpotClient, object_type: str, changes: Mapping[str, Mapping[str, str]]) -> None:
    """Write values on records, each its own; those that are gone are passed over. Raises what stops another row."""
    for part in chunks(sorted(changes), WRITE_SIZE):
        batch = Batch(lambda inputs: client.update(object_type, inputs), _id, repeatable=True)
        rows = [Row(each, {"id": each, "properties": changes[each]}, marks=frozenset({each})) for each in part]
        for verdict in batch.send(rows).values():
            if isinstance(verdict, Exception):
                raise verdict
            if isinstance(verdict, Fault) and not verdict.gone:
                raise Refused(verdict.words)


def archive(client: HubSpotClient, object_type: str, ids: Collection[str]) -> None:
    """Delete records that were emptied. Where the app may not delete (app objects), they stay, and are empty."""
    for part in chunks(sorted(ids), WRITE_SIZE):
        try:
            client.archive(object_type, [{"id": each} for each in part])
        except Refused:
            return


def by_key(client: HubSpotClient, audit_type: str, keys: Collection[str]) -> set[str]:
    """Return the ids of the audits of these decisions; what was written a moment ago is found as well."""
    found: set[str] = set()
    for part in chunks(sorted(keys), READ_SIZE):
        there = results(client, audit_type, part, [DECISION_KEY], id_property=DECISION_KEY)
        found |= {str(each["id"]) for each in there}
    return found


def parts(client: HubSpotClient, audit_type: str, keys: Collection[str]) -> set[str]:
    """Return the ids of the parts of these decisions' snapshots: they say all there was of everybody in a merge."""
    found: set[str] = set()
    number = 1
    while more := by_key(client, audit_type, [part_key(key, number) for key in keys]):
        found |= more
        number += 1
    return found


def naming(client: HubSpotClient, audit_type: str, name: str, ids: Collection[str]) -> set[str]:
    """Search audits of any age whose property `name` is one of these ids. Search is seconds behind what is written."""
    found: set[str] = set()
    for part in chunks(sorted(ids), SEARCH_VALUES):
        filters = [{"propertyName": name, "operator": "IN", "values": part}]
        query: dict[str, Any] = {"filterGroups": [{"filters": filters}], "properties": [], "limit": SEARCH_SIZE}
        after: str | None = "0"
        while after is not None:
            answer = client.search(audit_type, {**query, "after": after})
            found |= {str(each["id"]) for each in answer.get("results") or ()}
            after = (answer.get("paging") or {}).get("next", {}).get("after")
    return found


def audits(client: HubSpotClient, places: Places, left: Left) -> None:
    """Empty and delete the audit records about these people; empty what others' audits say of them.

    They are found by the keys of decisions: an id that we remember may be that of a note, from before a move.
    """
    audit_type, prefix = places.audit_type, places.prefix
    own = by_key(client, audit_type, left.keys) | parts(client, audit_type, left.keys)
    own |= naming(client, audit_type, f"{prefix}lead_id", left.leads)
    others = (left.others | naming(client, audit_type, f"{prefix}duplicate_of", left.leads)) - own
    empty(client, audit_type, own, _known(EMPTY_AUDIT, places.lacking))
    archive(client, audit_type, own)
    empty(client, audit_type, others, _known(WITHOUT_OTHERS, places.lacking))


def _known(properties: Mapping[str, str], lacking: Collection[str]) -> dict[str, str]:
    return {name: value for name, value in properties.items() if name not in lacking}


def _id(result: Json) -> str:
    return str(result["id"])
