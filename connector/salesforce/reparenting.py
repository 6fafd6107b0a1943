"""Giving back what hung on the records of a merge: only what is still where the merge has put it.

A row of a plain relation gets its old parent again. A row that joins two records, and cannot be changed, is made anew
and the other one deleted; one that the merge dropped, because the survivor had the same, is made anew too. All of it is
read first, so that an attempt that was cut off is continued, not repeated.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simple_salesforce.format import format_soql

from connector.errors import Later, Next, Revoked
from connector.salesforce import asking, writing
from connector.salesforce.answers import StaleSchema
from connector.salesforce.describe import Shapes
from connector.salesforce.merge_fields import WHOLE
from connector.salesforce.related import JUNCTIONS, Relation
from connector.salesforce.session import Session
from connector.salesforce.undo_orders import Undo

_ACTIVITIES = frozenset({"Task", "Event"})


@dataclass(frozen=True, slots=True)
class _Child:
    """A row that hung on `parent`, and is to hang on `target`; `row` is what it said."""

    order: Undo
    relation: Relation
    parent: str
    target: str
    row: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.row["Id"])

    def is_astray(self, now: str) -> bool:
        """Whether it is where the merge has put it, or where a record was that lives under another id now."""
        places = {self.order.action.survivor_id[:15], self.parent[:15]}
        return now[:15] in places and now[:15] != self.target[:15]


class Reparenter:
    """Gives related records back in one org."""

    def __init__(self, session: Session, shapes: Shapes, *, version: str) -> None:
        self._session = session
        self._shapes = shapes
        self._version = version

    def give_back(self, orders: Sequence[Undo]) -> None:
        """Give back what hung on the records of these undos; what stays is noted in them."""
        found = [child for order in orders for child in _children(order)]
        places, hidden = self._places(found)
        children = [child for child in found if child.relation not in hidden]
        plain = [child for child in children if not self._is_joined(child)]
        joined = [child for child in children if self._is_joined(child)]
        moved = [child for child in joined if child.id in places and self._may_change(child)]
        self._move([*(child for child in plain if child.id in places), *moved], places)
        _tell_gone(child for child in plain if child.id not in places)
        self._replace([child for child in joined if child not in moved], places)
        for child in found:
            if child.relation in hidden:
                child.order.leave(
                    f"{child.relation.sobject} cannot be read any more, and stays: {hidden[child.relation]}"
                )

    def _is_joined(self, child: _Child) -> bool:
        return child.relation.sobject in JUNCTIONS

    def _may_change(self, child: _Child) -> bool:
        shape = self._shapes.get(child.relation.sobject)
        field = shape.fields.get(child.relation.field) if shape else None
        return field is not None and field.updateable

    def _places(self, children: Sequence[_Child]) -> tuple[dict[str, str], dict[Relation, Next]]:
        """Return on what each of the rows hangs now ("" = on nothing), and which relations cannot be read any more.

        A row that is gone is not there.
        """
        wanted: dict[Relation, list[str]] = {}
        for child in children:
            wanted.setdefault(child.relation, []).append(child.id)
        queries: dict[str, str] = {}
        asked: dict[str, Relation] = {}
        for relation, ids in wanted.items():
            for part in asking.parted(list(dict.fromkeys(ids)), asking.IDS):
                name = f"q{len(queries)}"
                text = f"SELECT Id, {relation.field} FROM {relation.sobject} WHERE Id IN {{}}"  # noqa: S608 - of describe
                queries[name], asked[name] = format_soql(text, list(part)), relation
        found: dict[str, str] = {}
        hidden: dict[Relation, Next] = {}
        for name, rows in asking.answered(self._session, self._version, queries).items():
            if isinstance(rows, Next):
                hidden[asked[name]] = rows
            else:
                found.update({str(row["Id"]): str(row[asked[name].field] or "") for row in rows})
        return found, hidden

    def _move(self, children: Sequence[_Child], places: Mapping[str, str]) -> None:
        """Change the parent of rows, 200 a call."""
        astray = [child for child in children if child.is_astray(places[child.id])]
        for child in children:
            if child not in astray and places[child.id][:15] != child.target[:15]:
                child.order.leave(f"{_name(child)} was given to another record since, and stays there.")
        _note(astray, self._wrote("PATCH", [_moved(child) for child in astray]), "stays where it is")

    def _replace(self, children: Sequence[_Child], places: Mapping[str, str]) -> None:
        """Make rows anew that the merge dropped, or that cannot change their parent, and delete what stands instead."""
        there = self._pairs(children)
        lacking = [
            child
            for child in children
            if (child.id not in places or child.is_astray(places[child.id])) and _pair(child) not in there
        ]
        failed = _note(lacking, self._wrote("POST", [self._anew(child) for child in lacking]), "is not made anew")
        instead = [
            child
            for child in children
            if child.id in places and child.is_astray(places[child.id]) and child not in failed
        ]
        _note(instead, writing.delete(self._session, [child.id for child in instead]), "stays on the survivor too")

    def _pairs(self, children: Sequence[_Child]) -> set[tuple[str, str, str]]:
        """Return which of the rows to be made are there: nobody is in one campaign twice."""
        targets: dict[Relation, set[str]] = {}
        for child in children:
            targets.setdefault(child.relation, set()).add(child.target)
        queries: dict[str, str] = {}
        asked: dict[str, Relation] = {}
        for relation, ids in targets.items():
            for part in asking.parted(sorted(ids), asking.IDS):
                name, other = f"q{len(queries)}", JUNCTIONS[relation.sobject]
                text = f"SELECT {relation.field}, {other} FROM {relation.sobject} WHERE {relation.field} IN {{}}"  # noqa: S608 - of describe
                queries[name], asked[name] = format_soql(text, list(part)), relation
        found: set[tuple[str, str, str]] = set()
        for name, rows in asking.answered(self._session, self._version, queries).items():
            if isinstance(rows, Next):
                raise rows  # the same object and fields could be read a moment ago
            relation = asked[name]
            other = JUNCTIONS[relation.sobject]
            found |= {(relation.sobject, str(row[relation.field])[:15], str(row[other])[:15]) for row in rows}
        return found

    def _anew(self, child: _Child) -> dict[str, Any]:
        shape = self._shapes.get(child.relation.sobject)
        known = shape.fields if shape else {}
        values = {
            name: value
            for name, value in child.row.items()
            if name in known and known[name].createable and known[name].type not in WHOLE
        }
        return {"attributes": {"type": child.relation.sobject}, **values, child.relation.field: child.target}

    def _wrote(self, method: Any, records: Sequence[Mapping[str, Any]]) -> list[str | Next]:
        return writing.write(self._session, method, records) if records else []


def _children(order: Undo) -> Iterable[_Child]:
    """Yield the rows that hung on the losers that are back, and what joined the survivor with something else."""
    survivor = order.action.merge.survivor.id
    for relation, parent, rows in order.related():
        target = order.now.get(parent, "")
        if parent == survivor and relation.sobject in JUNCTIONS:
            target = order.action.survivor_id
        if target:
            yield from (_Child(order, relation, parent, target, row) for row in rows)


def _moved(child: _Child) -> dict[str, Any]:
    """Return a row with its old parent; an activity of a lead names no account, which a conversion may have added."""
    record = {"attributes": {"type": child.relation.sobject}, "Id": child.id, child.relation.field: child.target}
    back = child.relation.sobject in _ACTIVITIES and child.parent in child.order.converted
    return record | ({"WhatId": None} if back and child.relation.field == "WhoId" else {})


def _note(children: Sequence[_Child], answers: Sequence[str | Next], what: str) -> list[_Child]:
    """Note what was refused and what has to wait; return the rows with which nothing was done."""
    failed: list[_Child] = []
    for child, answer in zip(children, answers, strict=True):
        if not isinstance(answer, Next):
            child.order.changed = True
            continue
        failed.append(child)
        if isinstance(answer, Later | Revoked | StaleSchema):
            child.order.stop(answer)
        else:
            child.order.leave(f"{_name(child)} {what}: {answer}")
    return failed


def _tell_gone(children: Iterable[_Child]) -> None:
    for child in children:
        child.order.leave(f"{_name(child)} was deleted since.")


def _pair(child: _Child) -> tuple[str, str, str]:
    other = str(child.row.get(JUNCTIONS[child.relation.sobject]) or "")
    return child.relation.sobject, child.target[:15], other[:15]


def _name(child: _Child) -> str:
    return f"{child.relation.sobject} {child.id} ({child.relation.field} {child.parent})"
