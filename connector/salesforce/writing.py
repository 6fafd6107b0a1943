"""Many records written in one call, each with a verdict of its own.

Source: REST API guide "sObject Collections": 200 records a call, up to ten changes of object among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from connector.errors import Next
from connector.salesforce.answers import faults, judge_row
from connector.salesforce.session import Session

ROWS: Final = 200
OBJECTS: Final = 10
"""Objects of one call: Salesforce cuts a call where the object changes, and makes no more than ten such cuts."""
MOST_CHARACTERS: Final = 3_000_000
"""Characters of one call. Salesforce refuses a body of more than 6 MB. [U] That the limit is the same here."""


def write(
    session: Session, method: Literal["POST", "PATCH"], records: Sequence[Mapping[str, Any]], path: str = ""
) -> list[str | Next]:
    """Create (POST) or change (PATCH) records, each with its ``attributes.type``; return the id of each, or why not.

    `path` is ``/Object__c/Key__c`` for an upsert. Raises Later, Revoked or Refused for a whole call: records before
    it may have been written, so look before repeating.
    """
    order = sorted(range(len(records)), key=lambda place: str(records[place]["attributes"]["type"]))
    found: dict[int, str | Next] = {}
    for part in _calls(records, order):
        body = {"allOrNone": False, "records": [dict(records[place]) for place in part]}
        rows = session.call(method, f"composite/sobjects{path}", json=body)
        found.update({place: _verdict(row) for place, row in zip(part, rows, strict=True)})
    return [found[place] for place in range(len(records))]


def delete(session: Session, ids: Sequence[str]) -> list[str | Next]:
    """Delete records; return the id of each, or why not. Raises as :func:`write`."""
    found: list[str | Next] = []
    for start in range(0, len(ids), ROWS):
        params = {"ids": ",".join(ids[start : start + ROWS]), "allOrNone": "false"}
        found += [_verdict(row) for row in session.call("DELETE", "composite/sobjects", params=params)]
    return found


def _calls(records: Sequence[Mapping[str, Any]], order: Sequence[int]) -> Iterator[list[int]]:
    """Yield the places of the records of each call."""
    part: list[int] = []
    size, objects = 0, set[str]()
    for place in order:
        length, sobject = sum(map(_size, records[place].values())), str(records[place]["attributes"]["type"])
        if part and (
            len(part) == ROWS or size + length > MOST_CHARACTERS or (len(objects) == OBJECTS and sobject not in objects)
        ):
            yield part
            part, size, objects = [], 0, set()
        part.append(place)
        size += length
        objects.add(sobject)
    if part:
        yield part


def _size(value: Any) -> int:
    return len(value) if isinstance(value, str) else 20


def _verdict(row: Mapping[str, Any]) -> str | Next:
    return str(row["id"]) if row.get("success") else judge_row(faults(row.get("errors")))
