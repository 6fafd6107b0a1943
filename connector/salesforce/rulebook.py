"""Routing Rule records: read whole, written up to 200 a call, all of a call or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from connector.errors import Refused
from connector.rows import RuleRow
from connector.salesforce import soql
from connector.salesforce.answers import StaleSchema, faults, judge_row
from connector.salesforce.describe import Shapes
from connector.salesforce.fields import RULE_OBJECT, packaged
from connector.salesforce.payloads import (
    ERROR_FLAG,
    RULE_FIELDS,
    STANDING_FIELDS,
    rule_fields,
    rule_mark,
    rule_standing,
)
from connector.salesforce.perform import INSTALL_HINT
from connector.salesforce.session import Session

T = TypeVar("T")

ROWS = 200
"""Rows of one sObject Collections call."""
LAST = 1_000_000
"""The position of a record that has none."""


class Rulebook:
    """The rule records of one org; `namespace` is that of the package."""

    def __init__(self, session: Session, shapes: Shapes, *, namespace: str) -> None:
        self._session = session
        self._shapes = shapes
        self._namespace = namespace
        self._sobject = packaged(RULE_OBJECT, namespace)

    def rules(self) -> tuple[RuleRow, ...]:
        """Return the records by position, then id."""
        try:
            found = self._session.query(soql.rules(self._namespace, self._standing_fields()))
        except StaleSchema:
            self._shapes.forget(self._sobject)
            found = self._session.query(soql.rules(self._namespace, self._standing_fields()))
        rows = [_rule_row(row, self._namespace) for row in found]
        return tuple(sorted(rows, key=lambda row: (row.position, row.id or "")))

    def put(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        """Create or update records; return their ids in order. Raises Refused with why."""
        lengths = self._lengths()
        bodies = [
            {"attributes": {"type": self._sobject}, **rule_fields(row, namespace=self._namespace, lengths=lengths)}
            for row in rows
        ]
        ids = [row.id for row in rows]
        for places in _chunks([place for place, one in enumerate(ids) if one is None], ROWS):
            for place, made in zip(places, self._write("POST", [bodies[one] for one in places]), strict=True):
                ids[place] = made
        for places in _chunks([place for place, row in enumerate(rows) if row.id is not None], ROWS):
            self._write("PATCH", [bodies[one] | {"Id": ids[one]} for one in places])
        return tuple(str(one) for one in ids)

    def mark(self, rows: Sequence[RuleRow]) -> None:
        """Write only error and version of these records. Raises Refused with why."""
        lengths = self._lengths()
        self._patch([(row, rule_mark(row, namespace=self._namespace, lengths=lengths)) for row in rows])

    def mark_standings(self, rows: Sequence[RuleRow]) -> None:
        """Write only what members of pools have received. Raises Refused when the package is too old for that."""
        lengths = self._lengths()
        if len(self._standing_fields()) < len(STANDING_FIELDS):
            raise Refused(f"{self._sobject} has no fields for what members of a pool have received. {INSTALL_HINT}")
        self._patch([(row, rule_standing(row, namespace=self._namespace, lengths=lengths)) for row in rows])

    def _patch(self, marks: Sequence[tuple[RuleRow, Mapping[str, Any]]]) -> None:
        for part in _chunks(marks, ROWS):
            self._write("PATCH", [{"attributes": {"type": self._sobject}, **mark, "Id": row.id} for row, mark in part])

    def _standing_fields(self) -> list[str]:
        """Return those of the fields for the standing of a pool that the org has, by their names there."""
        shape = self._shapes.get(self._sobject)
        wanted = [packaged(api, self._namespace) for api in STANDING_FIELDS.values()]
        return [api for api in wanted if shape and api in shape.fields]

    def _known(self, bodies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Leave out the mark for list views where the org's package is too old for it."""
        shape, flag = self._shapes.get(self._sobject), packaged(ERROR_FLAG, self._namespace)
        too_old = shape is not None and flag not in shape.fields
        return [{name: value for name, value in body.items() if not (too_old and name == flag)} for body in bodies]

    def _lengths(self) -> Mapping[str, int]:
        """Return how many characters each field holds. Raises Refused when the connected user has no such object."""
        shape = self._shapes.get(self._sobject)
        if shape is None:
            raise Refused(f"{self._sobject} is missing or hidden from the connected user. {INSTALL_HINT}")
        return shape.lengths

    def _write(self, method: str, bodies: Sequence[Mapping[str, Any]]) -> list[str]:
        """Write up to 200 rows, all or none; return their ids. Raises what the first refused row says."""
        body = {"allOrNone": True, "records": self._known(bodies)}
        rows = self._session.call(method, "composite/sobjects", json=body)
        for body_sent, row in zip(bodies, rows, strict=True):
            found = [fault for fault in faults(row.get("errors")) if fault.code != "ALL_OR_NONE_OPERATION_ROLLED_BACK"]
            if not row.get("success") and found:
                verdict = judge_row(found)
                if isinstance(verdict, Refused):
                    verdict = Refused(f"{body_sent.get('Name') or body_sent.get('Id')}: {verdict}")
                raise verdict
        return [str(row["id"]) for row in rows]


def _chunks(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut into parts of at most `size`."""
    return (things[start : start + size] for start in range(0, len(things), size))


def _rule_row(row: Mapping[str, Any], namespace: str) -> RuleRow:
    """Turn a Routing Rule row into a RuleRow; a row without a position comes last."""
    values = {
        name: row.get(packaged(api, namespace) if api.endswith("__c") else api) for name, api in RULE_FIELDS.items()
    }
    position = values["position"]
    standing = {name: row.get(packaged(api, namespace)) for name, api in STANDING_FIELDS.items()}
    received, difference = standing["received"], standing["difference"]
    return RuleRow(
        id=str(row["Id"]),
        name=str(values["name"] or ""),
        kind=str(values["kind"] or ""),
        position=int(position) if position is not None else LAST,
        definition=str(values["definition"] or ""),
        state="draft" if values["state"] == "draft" else "live",
        error=str(values["error"] or ""),
        version=str(values["version"] or ""),
        standing=str(standing["standing"] or ""),
        received=int(received) if received is not None else None,
        difference=float(difference) if difference is not None else None,
    )
