"""The standard objects, as one line a field.

``Name type(length) "Label" !``: ``!`` marks a required field, ``ro`` one that the API cannot write, ``once`` one that
only a create can write, ``->A|B/Relationship`` a reference, ``[a|b]`` picklist values, ``[[a|b]]`` restricted ones,
``=value`` a default (``+`` for a space), ``@Compound`` the compound field that the field is a part of, ``unique`` and
``ext`` what they say.
"""

from __future__ import annotations

import re

from .event_orders import EVENT_ORDERS
from .related_fields import RELATED_OBJECTS
from .schema import Field, Schema, Sobject
from .standard_fields import OBJECTS

_LENGTHS = {"id": 18, "reference": 18, "email": 80, "phone": 40, "url": 255, "picklist": 255, "string": 255}
_LINE = re.compile(
    r'(?P<name>\w+) (?P<type>[a-z]+)(?:\((?P<length>\d+)(?:,(?P<scale>\d+))?\))?(?: "(?P<label>[^"]+)")?(?P<rest>.*)'
)
_BOOLEANS = {"true": True, "false": False}


def standard_schema() -> Schema:
    """A fresh schema with the standard objects."""
    return Schema(_sobject(head, body) for head, body in {**OBJECTS, **RELATED_OBJECTS}.items())


def words(name: str) -> str:
    """``LastModifiedById`` as ``Last Modified By ID``: the label where no other is given."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"\bId\b", "ID", spaced)


def _sobject(head: str, body: str) -> Sobject:
    name, prefix, *marks = head.split()
    lines = [line.strip() for line in body.strip().splitlines() if line.strip()]
    indexes = tuple(word for mark in marks if mark.startswith("index=") for word in mark[6:].split(","))
    label = {"CustomNotificationType": "Custom Notification Type"}.get(name, words(name))
    fields = [field_from_line(line) for line in lines]
    return Sobject(
        name=name,
        label=label,
        plural=f"{label[:-1]}ies" if label.endswith("y") else f"{label}s",
        prefix=prefix,
        fields={item.name: item for item in fields},
        event_order=tuple(EVENT_ORDERS.get(name, "").split()),
        tooling="tooling" in marks,
        read_only="readonly" in marks,
        indexes=indexes,
    )


def field_from_line(line: str) -> Field:
    """Read one line of the table in :mod:`.standard_fields`."""
    match = _LINE.match(line)
    if match is None:
        raise ValueError(line)
    rest = match["rest"].split()
    kind = match["type"]
    default = next((mark[1:] for mark in rest if mark.startswith("=")), None)
    target = next((mark[2:] for mark in rest if mark.startswith("->")), "")
    references, _, relationship = target.partition("/")
    picks = re.search(r"\[+([^\]]+)\]", match["rest"])
    number = kind in {"int", "double", "currency", "percent"}
    return Field(
        name=match["name"],
        type=kind,
        label=match["label"] or words(match["name"]),
        length=0 if number else int(match["length"] or _LENGTHS.get(kind, 0)),
        precision=int(match["length"] or 18) if number else 0,
        scale=int(match["scale"] or 0),
        required="!" in rest,
        createable="ro" not in rest,
        updateable="ro" not in rest and "once" not in rest,
        default=_BOOLEANS.get(default, default.replace("+", " "))
        if default
        else (False if kind == "boolean" else None),
        references=tuple(references.split("|")) if references else (),
        relationship=relationship,
        values=tuple((value, value) for value in picks[1].split("|")) if picks else (),
        restricted="[[" in match["rest"],
        unique="unique" in rest,
        external_id="ext" in rest,
        compound=next((mark[1:] for mark in rest if mark.startswith("@")), ""),
    )
