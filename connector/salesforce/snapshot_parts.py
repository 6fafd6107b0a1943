"""What records said before a merge, as rows in the org: written in parts, read back whole or not at all.

Each part is a record of the package's own object: its external key is the decision's key and the part's number, so
that writing twice makes nothing twice. The same object holds a marker for each record that an undo had to make anew.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from simple_salesforce.format import format_soql

from connector.errors import Next
from connector.salesforce import writing
from connector.salesforce.asking import parted
from connector.salesforce.fields import SNAPSHOT_OBJECT, packaged
from connector.salesforce.session import Session

PART_KEY, DECISION_KEY, CONTENT = "Part_Key__c", "Decision_Key__c", "Content__c"
PART: Final = 120_000
"""Characters of one part: its field holds 131,072. A row counts as 2 kB of the org's storage however long its text."""
KEYS: Final = 50
"""Decisions of one query: their keys of up to 80 characters stand in it."""
_FRAME = re.compile(r"(\d+) ([0-9a-f]{64})\|(.*)\|", re.DOTALL)
_PART, _MADE = "#", ">"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a merge: the snapshot, None when a part of it is missing.

    `made` names the records that were made instead of lost ones: old id -> new id.
    """

    snapshot: Mapping[str, Any] | None = None
    made: Mapping[str, str] = field(default_factory=dict)


def parts(key: str, snapshot: Mapping[str, Any], namespace: str) -> list[dict[str, Any]]:
    """Return the rows that hold a snapshot.

    The text is plain ASCII, so a character is a character however Salesforce counts; every part is framed, because
    Salesforce cuts white space off both ends of a text.
    """
    text = json.dumps(snapshot, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()
    pieces = [text[start : start + PART] for start in range(0, len(text), PART)]
    return [
        row(f"{key}{_PART}{number:04d}", key, f"{len(pieces)} {digest}|{piece}|", namespace)
        for number, piece in enumerate(pieces)
    ]


def row(part_key: str, key: str, content: str, namespace: str) -> dict[str, Any]:
    """Return one row of our object."""
    values = {PART_KEY: part_key, DECISION_KEY: key, CONTENT: content}
    named = {packaged(name, namespace): value for name, value in values.items()}
    return {"attributes": {"type": packaged(SNAPSHOT_OBJECT, namespace)}} | named


def marker(key: str, old_id: str, content: str, namespace: str) -> dict[str, Any]:
    """Return the row that says which record was made instead of `old_id`, which nobody could bring back."""
    return row(f"{key}{_MADE}{old_id}", key, content, namespace)


def write(session: Session, rows: Sequence[Mapping[str, Any]], namespace: str) -> list[str | Next]:
    """Write rows by their keys; return the id of each, or why not. Raises as :func:`writing.write`."""
    path = f"/{packaged(SNAPSHOT_OBJECT, namespace)}/{packaged(PART_KEY, namespace)}"
    return writing.write(session, "PATCH", rows, path)


def read(session: Session, keys: Sequence[str], namespace: str) -> dict[str, Kept]:
    """Return what is kept of each of these decisions. Raises Later, Revoked or Refused."""
    found: dict[str, dict[str, str]] = {key: {} for key in keys}
    part_key, key_field, content = (packaged(name, namespace) for name in (PART_KEY, DECISION_KEY, CONTENT))
    for some in parted(list(found), KEYS):
        query = (
            f"SELECT {part_key}, {key_field}, {content} FROM {packaged(SNAPSHOT_OBJECT, namespace)} "  # noqa: S608
            f"WHERE {key_field} IN {{}}"
        )
        for each in session.query(format_soql(query, list(some))):
            rows = found.get(str(each[key_field]), {})
            rows[str(each[part_key])] = str(each[content] or "")
    return {key: Kept(_joined(key, rows), dict(_made(key, rows))) for key, rows in found.items()}


def _joined(key: str, rows: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Put the parts together; None when one is missing or is of an attempt that wrote another text.

    Of an attempt that wrote more parts than the last one, those behind the last are left over: nobody reads them.
    """
    first = _FRAME.fullmatch(rows.get(f"{key}{_PART}0000", ""))
    if first is None:
        return None
    framed = [_FRAME.fullmatch(rows.get(f"{key}{_PART}{number:04d}", "")) for number in range(int(first[1]))]
    text = "".join(each[3] for each in framed if each is not None)
    if hashlib.sha256(text.encode()).hexdigest() != first[2]:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):  # somebody wrote it anew, with its sum
        return None
    snapshot: Mapping[str, Any] | None = found if isinstance(found, dict) else None
    return snapshot


def _made(key: str, rows: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the records that were made anew."""
    for name, content in rows.items():
        old_id = name.removeprefix(f"{key}{_MADE}")
        if old_id != name and content:
            yield old_id, content
