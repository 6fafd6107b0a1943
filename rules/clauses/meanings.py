"""What a value means to a kind of condition: a folded text, the code of a country, a number, a moment.

Each function takes the name of a field and returns a reader of facts, which answers None when there is nothing there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from rules import normalize
from rules.clauses import compare
from rules.faults import UNSTORABLE
from rules.model import Value
from rules.normalizing import languages, numbers, postal
from rules.normalizing.folding import LONGEST, fold
from rules.times import moments

Given: TypeAlias = Mapping[str, Value]
Reading: TypeAlias = Callable[[Given], Any]
Meaning: TypeAlias = Callable[[str], Reading]


def _of_value(meaning: Callable[[Value], Any]) -> Meaning:
    """Return the reader of a meaning that only the value itself has a part in."""

    def of(field: str) -> Reading:
        def read(facts: Given) -> Any:
            value = facts.get(field)
            return None if compare.is_empty(value) else meaning(value)

        return read

    return of


def country_key(text: str) -> str:
    """Return the code of a country, or the folded text of what is none that we know."""
    return normalize.country(text) or unknown(text)


def state_key(text: str, land: str) -> str:
    """Return the code of a state in a country (by its code, "" when it is not known), or the folded text."""
    return normalize.state(text, land) or unknown(text)


def language_keys(text: str) -> frozenset[str]:
    """Return the tags of a language, or the folded text of what is none that we know."""
    return languages.tags(text) or frozenset({unknown(text)})


def unknown(text: str) -> str:
    """Return what stands for a spelling that we do not know; it is no code."""
    return "~" + fold(text)


def _searched(value: Value) -> tuple[bytes, ...]:
    """Return what a pattern is looked for in: the text as it is, and folded where that is another one.

    Not more than LONGEST characters: the worst of patterns takes 2 seconds for a whole long text field.
    """
    text = UNSTORABLE.sub("\ufffd", compare.plain(value)[:LONGEST])
    plain = UNSTORABLE.sub("\ufffd", compare.folded(text))
    return (text.encode(),) if text.isascii() and plain == text.lower() else (text.encode(), plain.encode())


def state(field: str) -> Reading:
    """Read a state as its key, the country that the same record names (its code, or ""), and the text."""
    land_field = f"{field.partition('.')[0]}.country"

    def read(facts: Given) -> tuple[str, str, str] | None:
        value = facts.get(field)
        if compare.is_empty(value):
            return None
        text, land = compare.plain(value), normalize.country(compare.plain(facts.get(land_field)))
        return state_key(text, land), land, text

    return read


def _least(field: str) -> Reading:
    """Read a number for comparing; NaN when there is none, so that no comparison holds."""

    def read(facts: Given) -> float:
        found = numbers.least(facts.get(field))
        return math.nan if found is None else found

    return read


def _changes(_field: str) -> Reading:
    def read(facts: Given) -> frozenset[str]:
        told = facts.get("event.changed")
        return frozenset(part.strip() for part in told.split(",")) if isinstance(told, str) else frozenset()

    return read


MEANINGS: Mapping[str, Meaning] = {
    "text": _of_value(compare.folded),
    "country": _of_value(lambda value: country_key(compare.plain(value))),
    "state": state,
    "language": _of_value(lambda value: language_keys(compare.plain(value))),
    "postal": _of_value(lambda value: postal.code(compare.plain(value)) or None),
    "number": _of_value(numbers.number),
    "least": _least,
    "moment": _of_value(moments.moment),
    "flag": _of_value(compare.flag),
    "searched": _of_value(_searched),
    "changes": _changes,
}
"""What conditions can make of a value, by a name."""
