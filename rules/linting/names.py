"""Conditions that say what nobody means: names that nobody knows, ``X or Y`` as one text, ``not:`` of several lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import reduce

from rules.clauses import compare
from rules.conditions import Block, Condition, Part
from rules.fields import ALIASES, CANONICAL, type_of
from rules.linting.axes import NEGATIVE, SAME
from rules.linting.doubts import is_known, meant
from rules.linting.finding import heading, several
from rules.linting.study import Study
from rules.matching.preferences import lines
from rules.wording.said import strung
from rules.wording.words import say

__all__ = ["fields_as_values", "joined_values", "several_in_not", "unknown_names"]


def unknown_names(study: Study) -> None:
    """Note every value of a condition or a used list that should be a country, state or language, and is none."""
    for record, line in _asked(study):
        kind = type_of(line.field)
        if NEGATIVE.get(line.operator, line.operator) not in SAME or kind not in {"country", "state", "language"}:
            continue
        said = [text for text in map(compare.plain, line.operands) if not _is_field(text)]
        unknown = [text for text in said if not is_known(kind, text)]
        if unknown:
            told = several(f"“{text}”" for text in unknown)
            message = say(f"lint.unknown.{kind}", values=told, field=line.field)
            remedy = say("lint.unknown.remedy" if kind != "country" else "lint.unknown.remedy.country")
            close = dict.fromkeys(filter(None, (meant(kind, text) for text in unknown[:_FEW])))
            guesses = [_meant(list(close))] if close and len(unknown) <= _FEW else []
            study.say(
                "unknown-name",
                "warning",
                heading("list", line.list_name) if line.list_name else record,
                message,
                strung(" ", [*guesses, remedy]),
            )


_FEW = 3
"""More guesses of what was meant are of no use."""


def _meant(names: Sequence[str]) -> str:
    told = reduce(lambda first, last: say("or", first=first, last=last), names)
    return say("lint.unknown.meant", names=told)


_JOINED = re.compile(r"(?P<first>\S(?:.*?\S)?)\s+(?:and|or)\s+(?P<last>\S.*)", re.IGNORECASE | re.DOTALL)


def _asked(study: Study) -> Iterator[tuple[str, Condition]]:
    for record, part in _parts(study):
        yield from ((record, line) for line in lines((part,)))


def _parts(study: Study) -> Iterator[tuple[str, Part]]:
    """Yield every condition and block that stands by itself, with the heading of its item."""
    for rule in study.ruleset.rules:
        yield from ((heading("rule", rule.name), part) for part in rule.when)
    for pool in study.ruleset.pools.values():
        for member in pool.members:
            yield from ((heading("pool", pool.name), part) for part in member.when)
    match = study.ruleset.match
    yield from (("match", part) for part in (*match.only, *(each.condition for each in match.prefer)) if part)
    if merging := study.ruleset.duplicates:
        yield from ((heading("duplicates", merging.name), line) for line in merging.lines)


def joined_values(study: Study) -> None:
    """Note every ``X or Y`` and ``X and Y`` after is and is not, which is one text and was perhaps meant as two."""
    for record, line in _asked(study):
        value = line.operands[0] if len(line.operands) == 1 else None
        if NEGATIVE.get(line.operator, line.operator) not in {"is", "=="} or not isinstance(value, str):
            continue
        kind = type_of(line.field)
        told = _JOINED.fullmatch(value)
        if not told or not line.line.endswith(value) or is_known(kind, value):
            continue
        listed = f"[{told['first']}, {told['last']}]"
        remedy = say("lint.joined.remedy", condition=f"{line.field} {line.operator} {listed}", value=value)
        study.say("or-in-value", "warning", record, say("lint.joined", value=value, field=line.field), remedy)


def fields_as_values(study: Study) -> None:
    """Note every name of a field that stands where a value is meant: it is compared as that text, and never holds."""
    for record, line in _asked(study):
        for name in dict.fromkeys(filter(_is_field, map(compare.plain, line.operands))):
            message = say("lint.as value", value=name, field=line.field)
            study.say("field-as-value", "warning", record, message, say("lint.as value.remedy"))


def _is_field(text: str) -> bool:
    scope, _, name = text.partition(".")
    return name in CANONICAL.get(scope, ()) or text.casefold() in ALIASES


def several_in_not(study: Study) -> None:
    """Note every ``not:`` with two lines or more, which holds as soon as one of them fails."""
    for record, part in _parts(study):
        if any(len(block.parts) > 1 for block in _blocks(part, "not")):
            message = say("lint.not")
            study.say("several-in-not", "note", record, message, say("lint.not.remedy"))


def _blocks(part: Part, kind: str) -> Iterator[Block]:
    if isinstance(part, Block):
        yield from ([part] if part.kind == kind else [])
        for each in part.parts:
            yield from _blocks(each, kind)
