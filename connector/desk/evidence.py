"""Evidence for people: what speaks for and against, beside the heaviest piece of it; and two records side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rules import normalize
from rules.clauses import compare
from rules.model import Evidence, Record

Verdict: TypeAlias = Literal["same", "different", "one"]
"""Both say the same, something else, or only one says anything."""


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence; `share` (0 to 1) is its weight beside the heaviest one that is shown."""

    text: str
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class Line:
    """What a lead and an account say of the same thing; `about` names it (``company``, ``domain``, ``phone``)."""

    about: str
    lead: str
    account: str
    verdict: Verdict


def heaviest(found: Iterable[Evidence]) -> float:
    """Return the weight beside which others are drawn, never 0."""
    return max((abs(each.weight) for each in found), default=0.0) or 1.0


def clues(found: Iterable[Evidence], beside: float | None = None) -> tuple[Clue, ...]:
    """Return evidence with its shares, what speaks for it first."""
    ordered = sorted(found, key=lambda each: -each.weight)
    most = beside or heaviest(ordered)
    return tuple(Clue(each.text, each.weight, abs(each.weight) / most) for each in ordered)


def side_by_side(lead: Record, account: Record) -> tuple[Line, ...]:
    """Return what a lead and an account say, thing by thing; what neither says is left out."""
    found = []
    for about, ours, theirs, same in _THINGS:
        one, other = _first(lead, ours), _first(account, theirs)
        if one or other:
            found.append(Line(about, one, other, _verdict(same(one), same(other)) if one and other else "one"))
    return tuple(found)


def _verdict(one: object, other: object) -> Verdict:
    return "same" if one == other else "different"


def _first(record: Record, names: tuple[str, ...]) -> str:
    values = (record.fields.get(name) for name in names)
    return next((compare.shown(value) for value in values if not compare.is_empty(value)), "")


def _folded(text: str) -> str:
    return compare.folded(text)


def _company(text: str) -> str:
    return normalize.company(text) or compare.folded(text)


def _domain(text: str) -> str:
    return normalize.domain(text.rpartition("@")[2]) or compare.folded(text)


def _phone(text: str) -> str:
    return normalize.phone(text) or compare.folded(text)


def _country(text: str) -> str:
    return normalize.country(text) or compare.folded(text)


_THINGS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], Callable[[str], str]], ...] = (
    ("company", ("company",), ("name",), _company),
    ("domain", ("email", "website"), ("domain", "website"), _domain),
    ("phone", ("phone", "mobile"), ("phone",), _phone),
    ("country", ("country",), ("country",), _country),
    ("state", ("state",), ("state",), _folded),
    ("city", ("city",), ("city",), _folded),
    ("postal_code", ("postal_code",), ("postal_code",), _folded),
    ("industry", ("industry",), ("industry",), _folded),
    ("employees", ("employees",), ("employees",), _folded),
)
"""What it is about, which fields of a lead and of an account say it (the first that does), and how they compare."""
