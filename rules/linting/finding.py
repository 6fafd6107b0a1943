"""What the linter says: a finding, and an example lead in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rules import normalize
from rules.clauses import compare
from rules.linting.axes import MISSING, Axis, OpaqueAxis
from rules.linting.ground import Ground
from rules.linting.regions import Box, bits
from rules.wording.called import country
from rules.wording.said import strung
from rules.wording.words import say, showable

Severity: TypeAlias = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a rule set that is wrong (error), most likely wrong (warning) or worth a look (note).

    `record` is the heading of the item (``rule "X"``, "" for the set as a whole), `code` the kind of finding, `line`
    where the item begins in the text, if that is known.
    """

    code: str
    severity: Severity
    record: str
    message: str
    remedy: str = ""
    line: int | None = None

    def __str__(self) -> str:
        """Return the finding as one line for people."""
        place = ", ".join(filter(None, (self.record, f"line {self.line}" if self.line else "")))
        told = f"{self.severity} [{self.code}] {place}: {self.message} {self.remedy}".rstrip()
        return told.replace(" : ", ": ", 1)


def heading(kind: str, name: str) -> str:
    """Return the heading of an item as it stands in the text."""
    return f'{kind} "{name}"'


def several(names: Iterable[str], most: int = _MOST_NAMED) -> str:
    """Return names as a list for people: ``A, B and 3 more``."""
    told = list(dict.fromkeys(names))
    if len(told) > most:
        return say("and", first=strung(", ", told[:most]), last=say("more", count=len(told) - most))
    return say("and", first=strung(", ", told[:-1]), last=told[-1]) if len(told) > 1 else strung("", told)


def example(box: Box, ground: Ground) -> str:
    """Return one lead of a box in plain words: ``a lead from Austria with 3,000 employees``."""
    order = {name: number for number, name in enumerate(_PHRASES)}
    axes = sorted(box, key=lambda name: (order.get(name, len(order)), name))
    told = [phrase for name in axes if (phrase := _phrase(ground.axes[name], box[name], ground))]
    return say("lint.a lead.which", which=strung(" ", told)) if told else say("lint.a lead")


_PHRASES: Mapping[str, str] = {"lead.country": "lint.country", "lead.employees": "lint.employees"}
"""Field -> the sentence by which its value, or its absence, is said of a lead; the first comes first."""


def _phrase(axis: Axis, cells: int, ground: Ground) -> str:
    if isinstance(axis, OpaqueAxis):
        return say("lint.condition.holds" if cells & 0b10 else "lint.condition.fails", condition=axis.field)
    sentence = _PHRASES.get(axis.field, "lint.field")
    if cells == MISSING & ground.full[axis.field]:
        return say(f"{sentence}.none", field=axis.field)
    named = cells & axis.named or (cells & ~MISSING if axis.kind in {"number", "time"} else 0)
    if not named:
        return say("lint.field.other", field=axis.field)
    return say(sentence, field=axis.field, value=value(axis, named))


def value(axis: Axis, cells: int) -> str:
    """Return the value of the lowest of some cells as people read it."""
    found = axis.samples[(cells & -cells).bit_length() - 1]
    if axis.kind == "country":
        code = normalize.country(compare.plain(found))
        return country(code) if code else showable(compare.plain(found))
    shown = compare.shown(found)
    return f"“{shown}”" if isinstance(found, str) else shown


def values(axis: Axis, cells: int) -> list[str]:
    """Return the values of all of some cells as people read them."""
    return [value(axis, cell) for cell in bits(cells)]
