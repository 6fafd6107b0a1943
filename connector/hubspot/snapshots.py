"""Before a merge: all that the records say and are tied to, kept where the portal keeps its audits.

HubSpot cannot undo a merge. What an undo knows is what stands here: every property, the owner and the e-mail addresses
among them, and every association that we may read.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from connector.errors import Ignored, Later, Refused
from connector.hubspot import definitions, reading, relations, snapshot_parts
from connector.hubspot.batches import Done
from connector.hubspot.columns import columns, object_type
from connector.hubspot.effects import action
from connector.hubspot.fields import text
from connector.hubspot.relations import Relation
from connector.hubspot.schemas import RESTORED_PROPERTY
from connector.hubspot.snapshot_parts import Part
from connector.work import Effect
from rules.actions import Snapshot

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.hubspot.batches import Verdict
    from connector.hubspot.storage import Portal, Storage
    from connector.work import Work
    from rules.actions import Member

    Json = Mapping[str, Any]

SNAPSHOT_ACTIONS = frozenset({Snapshot.key})
MARKED = "hubspot.restored.1"
_MARKED_SECONDS = 86_400.0
NOT_MERGED = "HubSpot cannot merge leads, only contacts and companies"
GONE = "A record that was to be merged is gone: somebody deleted or merged it"
NO_MARK = "An undo could not mark the records that it makes anew, so nothing is merged"


@dataclass(frozen=True, slots=True)
class Kept:
    """One record as it was: its object and id, every property that has a value, and what it was tied to."""

    object_type: str
    id: str
    properties: Mapping[str, str]
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """All records of a merge as they were, the survivor first; `unread` are objects that could not be read."""

    records: tuple[Kept, ...]
    unread: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return asdict(self)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Picture:
        """Return what :meth:`told` told. Raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            tuple(
                Kept(
                    each["object_type"],
                    each["id"],
                    dict(each["properties"]),
                    tuple(
                        Relation(one["object_type"], one["id"], tuple((kind, int(key)) for kind, key in one["types"]))
                        for one in each["relations"]
                    ),
                )
                for each in told["records"]
            ),
            tuple(told["unread"]),
        )


def take(portal: Portal, storage: Storage, names: Mapping[str, str], work: Sequence[Work]) -> list[Effect]:
    """Keep all records of these merges as they are now: one Effect each, with the number of parts.

    A few calls for all of them. It may be repeated: what an earlier attempt kept is written anew, as nothing has been
    merged since. Raises Later or Revoked.
    """
    wanted = {item.decision.key: found.members for item in work if (found := action(item, Snapshot))}
    pictures, refused = _pictures(portal, names, wanted)
    parts = [
        Part(item.decision.key, number, piece, (first.object_type, first.id), item.decision.decided_at)
        for item in work
        if (picture := pictures.get(item.decision.key))
        for first in picture.records[:1]
        for number, piece in enumerate(snapshot_parts.pack(picture.told()), 1)
    ]
    uncertain = {item.decision.key for item in work if SNAPSHOT_ACTIONS & item.uncertain}
    verdicts = storage.keep_parts(parts, uncertain) if parts else {}
    return [_effect(item.decision.key, refused, [verdicts[p.key] for p in parts if p.decision == item.decision.key])
            for item in work]  # fmt: skip


def _effect(key: str, refused: Mapping[str, str], verdicts: Sequence[Verdict]) -> Effect:
    if key in refused:
        return Effect(key, Snapshot.key, "refused", detail=refused[key])
    for verdict in verdicts:
        if isinstance(verdict, Later):
            return Effect(key, Snapshot.key, "later", detail=str(verdict), seconds=verdict.seconds)
        if not isinstance(verdict, Done):
            return Effect(key, Snapshot.key, "refused", detail=verdict.words)
    return Effect(key, Snapshot.key, "done", ref=str(len(verdicts)))


def _pictures(
    portal: Portal, names: Mapping[str, str], wanted: Mapping[str, Sequence[Member]]
) -> tuple[dict[str, Picture], dict[str, str]]:
    """Read the records of all merges; return them by decision key, and of the others why not."""
    ids: dict[str, list[str]] = {}
    for members in wanted.values():
        for member in members:
            ids.setdefault(object_type(member.kind, portal.lead_type), []).append(member.id)
    kept: dict[tuple[str, str], Kept] = {}
    unread: set[str] = set()
    markless = {type_: why for type_ in ids if type_ and (why := _unmarked(portal, type_))}
    for type_ in ids.keys() - markless.keys() - {""}:
        found = _kept(portal, names, type_, list(dict.fromkeys(ids[type_])))
        kept |= {(type_, each.id): each for each in found[0]}
        unread.update(found[1])
    pictures, refused = {}, {}
    for key, members in wanted.items():
        places = [(object_type(member.kind, portal.lead_type), member.id) for member in members]
        if not all(type_ for type_, _ in places):
            refused[key] = NOT_MERGED
        elif why := next((markless[type_] for type_, _ in places if type_ in markless), ""):
            refused[key] = why
        elif not all(place in kept for place in places):
            refused[key] = GONE
        else:
            pictures[key] = Picture(tuple(kept[place] for place in places), tuple(sorted(unread)))
    return pictures, refused


def _kept(portal: Portal, names: Mapping[str, str], type_: str, ids: list[str]) -> tuple[list[Kept], Sequence[str]]:
    """Read records whole, with what they are tied to."""
    rows = reading.living(portal.client, type_, ids, columns(portal.client, type_, names).names)
    tied = relations.read(portal, type_, list(rows))
    return [Kept(type_, each, _filled(row), tuple(tied.of[each])) for each, row in rows.items()], tied.unread


def _filled(row: Json) -> dict[str, str]:
    properties: Mapping[str, Any] = row.get("properties") or {}
    return {name: str(value) for name, value in sorted(properties.items()) if text(value)}


def _unmarked(portal: Portal, type_: str) -> str:
    """Make sure that an undo can mark what it makes anew; return why it cannot, empty when it can.

    The mark is a unique property: by it a second attempt finds what the first one made, and HubSpot itself refuses to
    make it twice. An object may have ten of these, so a portal may have no room.
    """
    known = set(portal.memo.get(MARKED) or ())
    if type_ in known:
        return ""
    try:
        definitions.add(portal.client, type_, (RESTORED_PROPERTY,))
    except (Refused, Ignored) as error:
        return f"{NO_MARK}. {error}"
    portal.memo.put(MARKED, sorted({*known, type_}), seconds=_MARKED_SECONDS)
    return ""


def find(storage: Storage, about: Mapping[str, tuple[str, str]]) -> dict[str, Picture]:
    """Return the snapshots of decisions, as far as they are there and whole. `about`: the survivor as it is now."""
    found: dict[str, Picture] = {}
    for key, texts in storage.parts(about).items():
        told = snapshot_parts.unpack(texts)
        try:
            found |= {key: Picture.read(told)} if told else {}
        except (KeyError, TypeError, ValueError):
            continue  # somebody has written into it: as good as lost
    return found
