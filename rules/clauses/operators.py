"""The operators of conditions: how they are written, and which types of fields each of them fits."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rules.fields import FieldType

OPERATORS: tuple[str, ...] = (
    "does not contain", "contains all of", "is not empty", "within last", "within next", "starts with", "ends with",
    "is empty", "contains", "between", "changed", "matches", "is not", "not in", "is", "in", "==", "!=", ">=", "<=",
    ">", "<",
)  # fmt: skip
"""As they are printed, longest first. ``==`` is ``is`` and ``!=`` is ``is not``."""

_LISTED = {"is one of": "in", "is any of": "in", "is in": "in", "equals any of": "in", "one of": "in", "any of": "in"}
_UNLISTED = {
    "is none of": "not in", "is not one of": "not in", "is not any of": "not in", "is not in": "not in",
    "none of": "not in",
}  # fmt: skip
_SAME = {
    "=": "==", "equals": "is", "equal to": "is", "is equal to": "is", "does not equal": "is not",
    "is not equal to": "is not", "doesn't equal": "is not", "isn't": "is not", "<>": "!=", "=>": ">=", "=<": "<=",
}  # fmt: skip
_PARTS = {
    "includes": "contains", "does not include": "does not contain",
    "doesn't include": "does not contain", "doesn't contain": "does not contain", "contains any of": "contains",
    "contains one of": "contains", "includes any of": "contains", "includes all of": "contains all of",
    "contains none of": "does not contain", "does not contain any of": "does not contain",
    "begins with": "starts with", "starts with any of": "starts with", "ends with any of": "ends with",
}  # fmt: skip
_AMOUNTS = {
    word if verb else word.removeprefix("is "): operator
    for verb in (True, False)
    for word, operator in {
        "is at least": ">=", "is at most": "<=", "is more than": ">", "is greater than": ">", "is less than": "<",
        "is fewer than": "<", "is over": ">", "is above": ">", "is under": "<", "is below": "<",
    }.items()
}  # fmt: skip
DATED: Mapping[str, str] = {"before": "<", "is before": "<", "after": ">", "is after": ">"}
"""Spellings that only a date may follow."""
_SPANS = {
    f"{verb}{word} {the}{way}": f"within {way}"
    for verb in ("is ", "")
    for word in ("within", "in")
    for the in ("the ", "")
    for way in ("last", "next")
}
SPELLINGS: Mapping[str, str] = {
    **_LISTED, **_UNLISTED, **_SAME, **_PARTS, **_AMOUNTS, **DATED, **_SPANS, "is between": "between",
    "has changed": "changed", **{name: name for name in OPERATORS},
}  # fmt: skip
"""What may be written -> the operator that it is."""

PATTERN = re.compile(
    r"\s*(?P<operator>"
    + "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in sorted(SPELLINGS, key=len, reverse=True))
    + r")(?P<end>(?<=[=<>])|(?!\w))"
)

UNARY = frozenset({"is empty", "is not empty", "changed"})
MANY = frozenset({"in", "not in", "contains all of"})
"""A list follows these, and nothing else."""
LISTABLE: Mapping[str, str] = {
    "is": "in", "==": "in", "is not": "not in", "!=": "not in", "contains": "contains",
    "does not contain": "does not contain", "starts with": "starts with", "ends with": "ends with",
}  # fmt: skip
"""A list may follow these -> the operator that it makes of them."""
SPANS = frozenset({"within last", "within next"})
ORDER = frozenset({">=", "<=", ">", "<"})
_EQUALITY = frozenset({"is", "is not", "==", "!=", "in", "not in"})
_TEXTS = frozenset({"contains", "contains all of", "does not contain", "starts with", "ends with", "matches"})
_OF_TEXT = _EQUALITY | _TEXTS | UNARY
ALLOWED: Mapping[FieldType, frozenset[str]] = {
    "text": _OF_TEXT,
    "country": _OF_TEXT,
    "state": _OF_TEXT,
    "language": _OF_TEXT,
    "postal": _OF_TEXT | {"between"},
    "number": _EQUALITY | ORDER | UNARY | {"between"},
    "time": _EQUALITY | ORDER | UNARY | SPANS | {"between"},
    "bool": _EQUALITY | UNARY,
    "any": frozenset(OPERATORS),
}
