"""Values of a condition that are no fault and yet may be a slip: countries, states and languages nobody knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import pycountry
from babel import Locale
from rapidfuzz import fuzz, process

from rules import normalize
from rules.clauses import compare
from rules.conditions import Block, Condition, Part
from rules.fields import FieldType, type_of
from rules.normalizing import languages
from rules.normalizing.folding import fold

__all__ = ["Doubt", "doubts", "is_known", "meant"]


class Doubt(NamedTuple):
    """What is doubtful about a value, and what was perhaps meant ("" when nothing is close)."""

    field: str
    value: str
    message: str
    remedy: str = ""


def doubts(part: Part) -> tuple[Doubt, ...]:
    """Return the values of a condition or block that are no country, state or language that we know.

    They are compared as texts. Lists must be bound; parts of texts (``contains`` and so on) are no names.
    """
    if isinstance(part, Block):
        return tuple(doubt for inner in part.parts for doubt in doubts(inner))
    kind = type_of(part.field)
    if kind not in _KNOWS or part.operator not in {"is", "is not", "==", "!=", "in", "not in"}:
        return ()
    return tuple(_doubts(part, kind))


def _doubts(part: Condition, kind: FieldType) -> Iterable[Doubt]:
    for text in map(compare.plain, part.operands):
        if not is_known(kind, text):
            name = meant(kind, text)
            yield Doubt(
                part.field, text, f"“{text}” is no {kind} that we know.", f"Did you mean {name}?" if name else ""
            )


@lru_cache(maxsize=1 << 10)
def is_known(kind: FieldType, text: str) -> bool:
    """Tell whether a text is a country, a state or a language; of other kinds nothing is."""
    return kind in _KNOWS and bool(_KNOWS[kind][0](text))


def meant(kind: FieldType, text: str) -> str:
    """Return the name of the country, state or language that is closest to a text; "" when none is close."""
    names = _KNOWS[kind][1]()
    found = process.extractOne(fold(text), list(names), scorer=fuzz.ratio, score_cutoff=65)
    return names[found[0]] if found else ""


def _knows_state(text: str) -> bool:
    """Tell whether it is a state somewhere; many names and codes are used in several countries."""
    return bool(normalize.state(text)) or any(normalize.state(text, land.alpha_2) for land in pycountry.countries)


@lru_cache(maxsize=1)
def _countries() -> Mapping[str, str]:
    named = (normalize.country_name(each.alpha_2) for each in pycountry.countries)
    return {fold(name): name for name in named}


@lru_cache(maxsize=1)
def _states() -> Mapping[str, str]:
    return {fold(each.name): each.name for each in pycountry.subdivisions}


@lru_cache(maxsize=1)
def _languages() -> Mapping[str, str]:
    return {fold(str(name)): str(name) for name in Locale("en").languages.values()}


_KNOWS: Mapping[FieldType, tuple[Callable[[str], object], Callable[[], Mapping[str, str]]]] = {
    "country": (normalize.country, _countries),
    "state": (_knows_state, _states),
    "language": (languages.language, _languages),
}
"""Type -> whether a spelling is known, and the names that may have been meant by their folded form."""
