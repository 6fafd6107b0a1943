"""Conditions that say what nobody means: names that nobody knows, ``X or Y`` as one text, ``not:`` of several lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rules import compare
from rules.conditions import Block, Condition, Part
from rules.doubts import is_known, meant
from rules.fields import type_of
from rules.lint_axes import NEGATIVE, SAME
from rules.lint_finding import heading, several
from rules.lint_study import Study
from rules.preferences import lines

__all__ = ["joined_values", "several_in_not", "unknown_names"]


def unknown_names(study: Study) -> None:
    """Note every value of a condition or a used list that should be a country, state or language, and is none."""
    for record, line in _asked(study):
        kind = type_of(line.field)
        if NEGATIVE.get(line.operator, line.operator) not in SAME or kind not in {"country", "state", "language"}:
            continue
        unknown = [text for text in map(compare.plain, line.operands) if not is_known(kind, text)]
        if unknown:
            told = several(f"“{text}”" for text in unknown)
            message = f"{told} is no {kind} that we know, and is compared as text ({line.field})."
            remedy = "Check the spelling, or write a code." if kind != "country" else _COUNTRY
            close = dict.fromkeys(filter(None, (meant(kind, text) for text in unknown[:_FEW])))
            guess = f"Did you mean {' or '.join(close)}?" if close and len(unknown) <= _FEW else ""
            study.say(
                "unknown-name",
                "warning",
                heading("list", line.list_name) if line.list_name else record,
                message,
                f"{guess} {remedy}".strip(),
            )


_FEW = 3
"""More guesses of what was meant are of no use."""
_COUNTRY = "Check the spelling, write an ISO code, or make a list of countries for a region."


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
        remedy = f'Write {line.field} {line.operator} {listed}, or "{value}" in quotes for the one text.'
        study.say("or-in-value", "warning", record, f"“{value}” is one value ({line.field}), and not two.", remedy)


def several_in_not(study: Study) -> None:
    """Note every ``not:`` with two lines or more, which holds as soon as one of them fails."""
    for record, part in _parts(study):
        if any(len(block.parts) > 1 for block in _blocks(part, "not")):
            message = "not: with several lines holds as soon as one of them does not."
            study.say("several-in-not", "note", record, message, "Write none: where none of them may hold.")


def _blocks(part: Part, kind: str) -> Iterator[Block]:
    if isinstance(part, Block):
        yield from ([part] if part.kind == kind else [])
        for each in part.parts:
            yield from _blocks(each, kind)
