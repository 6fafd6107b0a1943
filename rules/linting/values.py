"""Lint: values that no record can have, because the CRM's own list of choices does not hold them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from rules.assembly import conditions_of
from rules.clauses import compare
from rules.conditions import Condition
from rules.fields import type_of
from rules.linting.finding import Finding, Severity, heading, several
from rules.matching.preferences import lines
from rules.ruleset import RuleSet
from rules.wording.words import showable

__all__ = ["Choices", "unknown_values"]

_WHOLE = frozenset({"is", "is not", "==", "!=", "in", "not in"})
"""Operators that compare a whole value; of others a part of one is enough."""
_PLAIN = frozenset({"text", "any"})
"""Types whose values are compared as they stand: countries and the like are known by many names."""
_CLOSE = 75


@dataclass(frozen=True, slots=True)
class Choices:
    """What a field of the CRM may hold: value -> label. `restricted`: not even programs can write another."""

    label: str
    values: Mapping[str, str]
    restricted: bool = False


def unknown_values(ruleset: RuleSet, choices: Mapping[str, Choices]) -> tuple[Finding, ...]:
    """Return a finding for each value in a condition that is not among the choices of its field.

    `choices` are by field (``lead.industry``, ``lead.product_line__c``) in lower case.
    """
    found = (
        _finding(record, line, str(value), choices[line.field.casefold()])
        for record, line in _lines(ruleset)
        if line.field.casefold() in choices and line.operator in _WHOLE and type_of(line.field) in _PLAIN
        for value in _strange(line, choices[line.field.casefold()])
    )
    return tuple(dict.fromkeys(found))


def _lines(ruleset: RuleSet) -> Iterator[tuple[str, Condition]]:
    """Yield every condition with the heading of the item in which it stands."""
    for rule in ruleset.rules:
        yield from ((heading("rule", rule.name), line) for line in lines(conditions_of(rule)))
    for pool in ruleset.pools.values():
        yield from ((heading("pool", pool.name), line) for line in lines(conditions_of(pool)))
    yield from (("match", line) for line in ruleset.match.lines)


def _strange(line: Condition, choices: Choices) -> Iterable[str]:
    known = {compare.folded(value) for value in choices.values}
    return [value for value in line.operands if isinstance(value, str) and compare.folded(value) not in known]


def _finding(record: str, line: Condition, value: str, choices: Choices) -> Finding:
    severity: Severity = "warning" if choices.restricted else "note"
    rest = "" if choices.restricted else ", unless a program wrote it"
    message = f"{line.field}: no record has the value “{showable(value)}” in {showable(choices.label)}{rest}."
    return Finding("unknown value", severity, record, message, _remedy(value, choices))


def _remedy(value: str, choices: Choices) -> str:
    folded = compare.folded(value)
    for own, label in choices.values.items():
        if compare.folded(label) == folded:
            return f"That is the label of “{showable(own)}”: write the value."
    near = process.extractOne(value, list(choices.values), scorer=fuzz.ratio, score_cutoff=_CLOSE)
    if near:
        return f"Did you mean “{showable(near[0])}”?"
    return f"Values are {several((showable(each) for each in choices.values), most=10)}."
