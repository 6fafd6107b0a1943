"""The step before a merge: what every record says, and what hangs on it, is written into the org.

For a batch: a call that reads the records of a kind, one for each five relations, and one that writes all parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connector.errors import Later, Next, Revoked
from connector.salesforce import snapshot_parts
from connector.salesforce.describe import Shapes
from connector.salesforce.fields import SNAPSHOT_OBJECT, object_name, packaged
from connector.salesforce.mergeable import MergeReader
from connector.salesforce.perform import INSTALL_HINT
from connector.salesforce.related import Found, Related, listed
from connector.salesforce.session import Session
from connector.work import Effect, Work
from rules.actions import Member, Snapshot

BATCH: Final = 100
"""Decisions of one step. Twice as many records are read at once, which one query can ask about."""
VERSION: Final = 1
"""Of the snapshot's format: an undo may read one that an older Switchyard wrote."""


class Snapshots:
    """Takes snapshots in one org."""

    def __init__(
        self, session: Session, shapes: Shapes, reader: MergeReader, related: Related, *, namespace: str
    ) -> None:
        self._session = session
        self._shapes = shapes
        self._reader = reader
        self._related = related
        self._namespace = namespace

    def take(self, work: Sequence[Work]) -> list[Effect]:
        """Write a snapshot for each decision that has one to take; the ref of the effect is its number of parts.

        What was written by an attempt whose answer was lost is found, and not written again. Raises Later or Revoked.
        """
        actions = {one.decision.key: _action(one) for one in work}
        open_work = [one for one in work if Snapshot.key in one.pending and actions[one.decision.key]]
        if not open_work:
            return []
        if self._shapes.get(packaged(SNAPSHOT_OBJECT, self._namespace)) is None:
            why = f"{packaged(SNAPSHOT_OBJECT, self._namespace)} is not there. {INSTALL_HINT}"
            return [_effect(one.decision.key, "refused", detail=why) for one in open_work]
        effects = self._found(open_work)
        done = {effect.decision_key for effect in effects}
        wanted = {one.decision.key: actions[one.decision.key] for one in open_work if one.decision.key not in done}
        return effects + self._taken({key: action.members for key, action in wanted.items() if action})

    def _found(self, work: Sequence[Work]) -> list[Effect]:
        """Return the snapshots that earlier attempts have written whole."""
        unsure = [one.decision.key for one in work if Snapshot.key in one.uncertain]
        kept = snapshot_parts.read(self._session, unsure, self._namespace) if unsure else {}
        return [
            _effect(key, "already", ref=str(len(snapshot_parts.parts(key, each.snapshot, self._namespace))))
            for key, each in kept.items()
            if each.snapshot is not None
        ]

    def _taken(self, wanted: Mapping[str, Sequence[Member]]) -> list[Effect]:
        rows, found = self._read([member for members in wanted.values() for member in members])
        effects: list[Effect] = []
        parts: dict[str, list[dict[str, Any]]] = {}
        told: dict[str, str] = {}
        for key, members in wanted.items():
            if gone := [member.id for member in members if member not in rows]:
                effects.append(_effect(key, "refused", detail=f"Not there any more: {', '.join(gone)}"))
                continue
            unread = [f"{each} of {member.id}" for member in members for each in found.unread.get(member.id, ())]
            told[key] = f"An undo will lack: {'; '.join(unread)}" if unread else ""
            parts[key] = snapshot_parts.parts(key, _snapshot(members, rows, found, unread), self._namespace)
        return effects + self._written(parts, told)

    def _read(self, members: Sequence[Member]) -> tuple[dict[Member, dict[str, Any]], Found]:
        rows: dict[Member, dict[str, Any]] = {}
        found = Found()
        for kind in sorted({member.kind for member in members}):
            ids = [member.id for member in members if member.kind == kind]
            rows.update({Member(kind, one): row for one, row in self._reader.rows(kind, ids).items()})
            part = self._related.of(object_name(kind, self._namespace), ids)
            found.rows.update(part.rows)
            found.unread.update(part.unread)
        return rows, found

    def _written(self, parts: Mapping[str, Sequence[Mapping[str, Any]]], told: Mapping[str, str]) -> list[Effect]:
        flat = [row for rows in parts.values() for row in rows]
        answers = iter(snapshot_parts.write(self._session, flat, self._namespace) if flat else [])
        return [_judged(key, [next(answers) for _ in rows], told[key]) for key, rows in parts.items()]


def _snapshot(
    members: Sequence[Member], rows: Mapping[Member, Mapping[str, Any]], found: Found, unread: Sequence[str]
) -> dict[str, Any]:
    """Return what is kept of a decision, as JSON: empty fields are left out."""
    told = [
        {
            "kind": member.kind,
            "id": member.id,
            "object": str(rows[member]["attributes"]["type"]),
            "row": {name: value for name, value in rows[member].items() if name != "attributes" and value is not None},
        }
        for member in members
    ]
    related = list(listed(found, {member.id for member in members}))
    return {"version": VERSION, "members": told, "related": related, "unread": list(unread)}


def _judged(key: str, answers: Sequence[str | Next], told: str) -> Effect:
    """Return what became of the parts of one decision: all of them, or none that counts."""
    refused = [each for each in answers if isinstance(each, Next)]
    for each in refused:
        if isinstance(each, Revoked):
            raise each
        if isinstance(each, Later):
            return _effect(key, "later", detail=str(each), seconds=each.seconds)
    if refused:
        return _effect(key, "refused", detail=str(refused[0]))
    return _effect(key, "done", ref=str(len(answers)), detail=told)


def _action(work: Work) -> Snapshot | None:
    return next((action for action in work.decision.actions if isinstance(action, Snapshot)), None)


def _effect(key: str, status: Any, *, ref: str = "", detail: str = "", seconds: float = 0.0) -> Effect:
    return Effect(key, Snapshot.key, status, ref=ref, detail=detail, seconds=seconds)
