"""What an org's objects look like: fields, types, lengths, and what the connected user may write.

A describe is slow-changing and large, so it is condensed and remembered; whoever is told INVALID_FIELD forgets it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from connector.crm import Memo
from connector.errors import Ignored

DESCRIBE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field as the connected user sees it; `length` is 0 where the type has none."""

    name: str
    type: str
    length: int
    createable: bool
    updateable: bool


@dataclass(frozen=True)
class ObjectShape:
    """One object as the connected user sees it; `fields` by API name."""

    name: str
    createable: bool
    updateable: bool
    fields: Mapping[str, FieldShape]

    @cached_property
    def by_lower(self) -> dict[str, str]:
        """Lower case -> API name, because people write names in any case."""
        return {name.lower(): name for name in self.fields}

    @cached_property
    def types(self) -> dict[str, str]:
        """API name -> Salesforce field type."""
        return {name: field.type for name, field in self.fields.items()}

    @cached_property
    def lengths(self) -> dict[str, int]:
        """API name -> greatest number of characters."""
        return {name: field.length for name, field in self.fields.items() if field.length}


def condense(body: Mapping[str, Any]) -> dict[str, Any]:
    """Keep of a describe's body what we use, as JSON."""
    fields = [
        [
            str(field["name"]),
            str(field.get("type", "")),
            int(field.get("length") or 0),
            bool(field.get("createable")),
            bool(field.get("updateable")),
        ]
        for field in body["fields"]
    ]
    return {
        "name": body["name"],
        "createable": bool(body.get("createable")),
        "updateable": bool(body.get("updateable")),
        "fields": fields,
    }


def expand(kept: Mapping[str, Any]) -> ObjectShape:
    """Return the shape that :func:`condense` kept."""
    fields = {row[0]: FieldShape(*row) for row in kept["fields"]}
    return ObjectShape(str(kept["name"]), bool(kept["createable"]), bool(kept["updateable"]), fields)


class Shapes:
    """The shapes of an org's objects, asked for once and remembered.

    `describe` makes the call for one object and returns its body; it raises Ignored when there is no such object.
    """

    def __init__(self, describe: Callable[[str], Mapping[str, Any]], memo: Memo) -> None:
        self._describe = describe
        self._memo = memo
        self._known: dict[str, ObjectShape] = {}

    def get(self, sobject: str) -> ObjectShape | None:
        """Return an object's shape, or None when the connected user has no such object."""
        if sobject in self._known:
            return self._known[sobject]
        kept = self._memo.get(_memo_name(sobject))
        if kept is None:
            try:
                kept = condense(self._describe(sobject))
            except Ignored:
                return None
            self._memo.put(_memo_name(sobject), kept, seconds=DESCRIBE_SECONDS)
        shape = self._known[sobject] = expand(kept)
        return shape

    def look(self, sobject: str) -> Mapping[str, Any] | None:
        """Return the whole describe of an object as it is now, with labels and choices; None when there is none.

        For pages that show it: it is large and not remembered, but its shape is.
        """
        try:
            body = self._describe(sobject)
        except Ignored:
            return None
        kept = condense(body)
        self._memo.put(_memo_name(sobject), kept, seconds=DESCRIBE_SECONDS)
        self._known[sobject] = expand(kept)
        return body

    def forget(self, sobject: str) -> None:
        """Drop an object's shape, because Salesforce has just contradicted it."""
        self._known.pop(sobject, None)
        self._memo.forget(_memo_name(sobject))


def _memo_name(sobject: str) -> str:
    """Return the name under which an object's shape is remembered."""
    return f"salesforce.describe.{sobject}"
