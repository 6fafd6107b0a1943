"""Undoing a merge: what the losers were tied to goes back to them, and off the record that was kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector.errors import Ignored, Later, Refused
from connector.hubspot import relations
from connector.hubspot.batches import Batch, Done, Row
from connector.hubspot.fields import chunks
from connector.hubspot.relations import FROM_THERE

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from connector.hubspot.batches import Verdict
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.relations import Relation
    from connector.hubspot.snapshots import Picture
    from connector.hubspot.storage import Portal

    Json = Mapping[str, Any]
    Types = tuple[tuple[str, int], ...]

MOST_ADDED, MOST_REMOVED = 2000, 100
"""Inputs of one call (HubSpot, "Associate records")."""


@dataclass(frozen=True, slots=True)
class Parted:
    """A merge that is being undone: the survivor's id now, and the losers' new ids by their old ones."""

    key: str
    object_type: str
    picture: Picture
    survivor: str
    made: Mapping[str, str]

    def now(self, record_id: str) -> str:
        """Return under which id a record of the merge lives now; any other has its own."""
        if record_id == self.picture.records[0].id:
            return self.survivor
        return self.made.get(record_id, record_id)


@dataclass(frozen=True, slots=True)
class Tie:
    """One association to be made or removed, between a record of the merge and another one."""

    key: str
    other_type: str
    record: str
    far: str
    types: Types

    @property
    def ends(self) -> tuple[str, str]:
        """From which record to which it is written."""
        return (self.far, self.record) if self.other_type in FROM_THERE else (self.record, self.far)

    @property
    def input(self) -> dict[str, Any]:
        """Return it as HubSpot takes it."""
        types = [{"associationCategory": category, "associationTypeId": key} for category, key in self.types]
        return {"from": {"id": self.ends[0]}, "to": {"id": self.ends[1]}, "types": types}


def part(portal: Portal, undone: Sequence[Parted]) -> dict[str, list[str]]:
    """Tie the losers to what they were tied to, then untie the survivors from it; return what was left, by key.

    A tie is taken off a survivor only after its loser has it: a lead without any is deleted by HubSpot. Some calls for
    each object that they are tied to, however many records there are. May be repeated. Raises Later or Revoked.
    """
    left: dict[str, list[str]] = {each.key: [] for each in undone}
    for object_type in dict.fromkeys(each.object_type for each in undone):
        mine = [each for each in undone if each.object_type == object_type]
        wanted = [tie for each in mine for tie in _wanted(each)]
        failed = _add(portal.client, object_type, wanted)
        for key in sorted({tie.key for tie in failed}):
            count = sum(tie.key == key for tie in failed)
            left[key].append(f"{count} related records could not be given back: they are gone, or HubSpot refused")
        kept = {(tie.key, tie.other_type, tie.far) for tie in failed}
        for tie in _unwanted(portal, object_type, mine, {tie.other_type for tie in wanted}, kept):
            left[tie.key].append(f"The tie to {tie.far} could not be taken off the record that was kept")
    return left


def _wanted(undone: Parted) -> list[Tie]:
    """Return what the losers were tied to."""
    return [
        Tie(undone.key, each.object_type, undone.made[loser.id], undone.now(each.id), each.types)
        for loser in undone.picture.records[1:]
        if loser.id in undone.made
        for each in loser.relations
        if undone.now(each.id) != undone.made[loser.id]
    ]


def _add(client: HubSpotClient, object_type: str, ties: Sequence[Tie]) -> list[Tie]:
    """Make associations, two thousand a call; return those that failed."""
    failed: list[Tie] = []
    for other in dict.fromkeys(tie.other_type for tie in ties):
        near, far = (other, object_type) if other in FROM_THERE else (object_type, other)
        for some in chunks([tie for tie in ties if tie.other_type == other], MOST_ADDED):
            by_key = {":".join(tie.ends): tie for tie in some}
            rows = [Row(key, tie.input, frozenset({key}), frozenset(tie.ends)) for key, tie in by_key.items()]
            verdicts = _sent(client, near, far, rows)
            failed += [by_key[key] for key, verdict in verdicts.items() if not isinstance(verdict, Done)]
    return failed


def _sent(client: HubSpotClient, near: str, far: str, rows: Sequence[Row]) -> dict[str, Verdict]:
    batch = Batch(lambda inputs: client.associate(near, far, inputs), _ends, repeatable=True)
    try:
        verdicts = batch.send(rows)
    except (Refused, Ignored) as refusal:
        return {row.key: Later(str(refusal), seconds=0) for row in rows}
    for verdict in verdicts.values():
        if isinstance(verdict, Later):
            raise verdict
    return verdicts


def _ends(result: Json) -> str:
    near = result.get("fromObjectId") or (result.get("from") or {}).get("id")
    far = result.get("toObjectId") or (result.get("to") or {}).get("id")
    return f"{near}:{far}"


def _unwanted(
    portal: Portal,
    object_type: str,
    undone: Sequence[Parted],
    others: Collection[str],
    kept: Collection[tuple[str, str, str]],
) -> list[Tie]:
    """Take off the survivors what only their losers were tied to; return what HubSpot refused."""
    if not others:
        return []
    now = relations.read(portal, object_type, [each.survivor for each in undone], others).of
    ties = [tie for each in undone for tie in _surplus(each, now[each.survivor]) if _place(tie) not in kept]
    failed: list[Tie] = []
    for other in dict.fromkeys(tie.other_type for tie in ties):
        near, far = (other, object_type) if other in FROM_THERE else (object_type, other)
        for some in chunks([tie for tie in ties if tie.other_type == other], MOST_REMOVED):
            try:
                portal.client.dissociate(near, far, [tie.input for tie in some])
            except (Refused, Ignored):
                failed += some
    return failed


def _place(tie: Tie) -> tuple[str, str, str]:
    return tie.key, tie.other_type, tie.far


def _surplus(undone: Parted, now: Sequence[Relation]) -> list[Tie]:
    """Return what the survivor is tied to by now as a loser was, and was not before."""
    survivor, *losers = undone.picture.records
    before = {(each.object_type, each.id): set(each.types) for each in survivor.relations}
    theirs = {(each.object_type, each.id) for loser in losers if loser.id in undone.made for each in loser.relations}
    return [
        Tie(undone.key, each.object_type, undone.survivor, each.id, tuple(sorted(surplus)))
        for each in now
        if (each.object_type, each.id) in theirs
        and (surplus := set(each.types) - before.get((each.object_type, each.id), set()))
    ]
