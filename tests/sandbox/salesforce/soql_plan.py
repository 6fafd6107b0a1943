"""A compiled query, and how its rows become REST records."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .schema import Field, Sobject
    from .soql_children import Children


@dataclass(frozen=True)
class Column:
    """Where a value of the row goes: its path in the record, and its field (None for aggregates)."""

    path: tuple[str, ...]
    item: Field | None


@dataclass(frozen=True)
class Plan:
    """A compiled query: SQL without LIMIT, its parameters, and how a row becomes a record."""

    sobject: Sobject
    sql: str
    count_sql: str
    parameters: list[Any]
    columns: list[Column]
    limit: int | None
    offset: int
    count_only: bool
    aggregate: bool
    parents: dict[tuple[str, ...], str]
    children: tuple[Children, ...] = ()

    def key(self, row: Sequence[Any]) -> str:
        """The id of the record that a row is (not of an aggregate's)."""
        return str(row[len(self.columns)])

    def record(self, row: Sequence[Any], version: str) -> dict[str, Any]:
        """One REST record."""
        if self.aggregate:
            record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
            for column, value in zip(self.columns, row, strict=False):
                record[column.path[-1]] = shown(column.item, value) if column.item else value
            return record
        key = len(self.columns)
        record = {"attributes": attributes(self.sobject.name, row[key], version)}
        for place, (path, kind) in enumerate(self.parents.items(), start=1):
            parent_id = row[key + place]
            target = _inside(record, path[:-1])
            if target is not None:
                target[path[-1]] = {"attributes": attributes(kind, parent_id, version)} if parent_id else None
        for column, value in zip(self.columns, row, strict=False):
            target = _inside(record, column.path[:-1])
            if target is not None:
                target[column.path[-1]] = shown(column.item, value)
        return record


def _inside(record: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any] | None:
    target: dict[str, Any] | None = record
    for name in path:
        target = target.get(name) if target is not None else None
    return target


def attributes(kind: str, record_id: str, version: str) -> dict[str, str]:
    """The ``attributes`` of a record."""
    name = {"Name": "User"}.get(kind, kind)
    return {"type": kind, "url": f"/services/data/v{version}/sobjects/{name}/{record_id}"}


def shown(item: Field | None, value: Any) -> Any:
    """A stored value as REST shows it."""
    if value is None or item is None:
        return value
    if item.type == "boolean":
        return bool(value)
    return json.loads(value) if item.type == "address" else value
