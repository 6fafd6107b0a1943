"""Parts of snapshots that are too old for a merge to be taken back by them: found by search, emptied and deleted.

For 200 of them five calls: a search, and two to empty and two to delete them. HubSpot keeps what is deleted for 90
days, so it is emptied first. Search is seconds behind what is written, which is no matter after days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.hubspot import erasing
from connector.hubspot.fields import milliseconds, text
from connector.hubspot.notetext import BODY, NOTE, TIME, read_note
from connector.hubspot.properties import DECISION_KEY
from connector.hubspot.snapshot_parts import decision_of, is_part
from connector.rows import Expired

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.objects import Places

    Json = Mapping[str, Any]

GONE = "Expired"
"""What is left of a part where an app may not delete its records (app objects)."""
PAGE = 200
"""Records that a search returns at most (HubSpot, "Search the CRM")."""
ID, MADE = "hs_object_id", "hs_createdate"
_WORDS = ("snapshot", "Switchyard")
"""Words of each part's note; whether it is one is read from it."""


@dataclass(frozen=True, slots=True)
class Old:
    """What is too old: taken before that, and of none of the decisions `but`. `after` is the last id of a page."""

    before: datetime
    but: frozenset[str]
    after: str | None


@dataclass(frozen=True, slots=True)
class _Parts:
    """Where parts are looked for, by any of `groups` of filters; `told` has a part's key, `empty` is written."""

    object_type: str
    groups: Sequence[Sequence[Json]]
    told: str
    key_of: Callable[[Any], str]
    empty: Mapping[str, str]


def records(client: HubSpotClient, places: Places, wanted: Old) -> Expired:
    """Delete the next parts among the records of the audit object.

    They have no outcome, and their title begins with the word Snapshot. Those of older versions do not say when the
    merge was decided: HubSpot knows when they were made.
    """
    names = (DECISION_KEY, "title", "outcome", "decided_at")
    key, title, outcome, decided = (f"{places.prefix}{name}" for name in names)
    ours, before = [_filter(title, "CONTAINS_TOKEN", "Snapshot"), _filter(outcome, "NOT_HAS_PROPERTY")], wanted.before
    dated = [*ours, _filter(decided, "LT", milliseconds(before))]
    undated = [*ours, _filter(decided, "NOT_HAS_PROPERTY"), _filter(MADE, "LT", milliseconds(before))]
    empty = {"title": GONE, "lead_id": "", "detail": ""}
    kept = {name: value for name, value in empty.items() if name not in places.lacking}
    return _page(client, _Parts(places.audit_type, (dated, undated), key, text, kept), wanted)


def notes(client: HubSpotClient, wanted: Old) -> Expired:
    """Delete the next parts among the notes. [U] That search finds the words of a note's body."""
    words = [_filter(BODY, "CONTAINS_TOKEN", word) for word in _WORDS]
    group = [*words, _filter(TIME, "LT", milliseconds(wanted.before))]
    return _page(client, _Parts(NOTE, (group,), BODY, _key_in_note, {BODY: GONE}), wanted)


def _page(client: HubSpotClient, parts: _Parts, wanted: Old) -> Expired:
    """Delete what a search finds, by id: its offsets would move with what is deleted."""
    behind = [_filter(ID, "GT", wanted.after)] if wanted.after else []
    query = {
        "filterGroups": [{"filters": [*group, *behind]} for group in parts.groups],
        "sorts": [{"propertyName": ID, "direction": "ASCENDING"}],
        "properties": [parts.told],
        "limit": PAGE,
    }
    found = client.search(parts.object_type, query).get("results") or ()
    keys = {str(each["id"]): parts.key_of((each.get("properties") or {}).get(parts.told)) for each in found}
    old = {each for each, key in keys.items() if is_part(key) and decision_of(key) not in wanted.but}
    erasing.empty(client, parts.object_type, old, parts.empty)
    erasing.archive(client, parts.object_type, old)
    return Expired(len(old), list(keys)[-1] if len(keys) == PAGE else None)


def _key_in_note(body: Any) -> str:
    return read_note(body).get("key", "")


def _filter(name: str, operator: str, value: str = "") -> Json:
    return {"propertyName": name, "operator": operator} | ({"value": value} if value else {})
