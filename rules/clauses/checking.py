"""Rules as they are asked: conditions that remember what they have said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rules.conditions import Block, Condition
from rules.model import RuleTrace, Value
from rules.parts import Rule
from rules.wording.said import alike

_REMEMBERED = 64
"""How many values a condition remembers its answer for: more than most fields that rules ask about have."""


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a rule, and the traces it has left before.

    Most of 500 rules fail at a value that many leads have. A trace is a plain value, so it is made once and used again:
    making it anew for every rule and lead would cost more than asking the conditions.
    """

    rule: str
    part: Condition | Block
    test: Callable[[Mapping[str, Value]], bool]
    key: str
    traces: dict[str, RuleTrace]

    @classmethod
    def of(cls, rule: str, part: Condition | Block) -> Check:
        """Prepare a condition; `key` is the same for conditions that find the same text in the same facts."""
        return cls(rule, part, part.test, _key(part), {})

    def trace(self, facts: Mapping[str, Value], told: dict[str, str]) -> RuleTrace:
        """Return the trace of this condition having failed. `told` remembers what was found in these facts."""
        found = told.get(self.key)
        if found is None:
            found = told[self.key] = self.part.found(facts)
        trace = self.traces.get(found)
        if trace is None or not alike(trace.found, found):
            trace = RuleTrace(self.rule, held=False, failed=str(self.part), found=found)
            if len(self.traces) < _REMEMBERED:
                self.traces[found] = trace
        return trace


def _key(part: Condition | Block) -> str:
    if isinstance(part, Condition):
        return f"{part.field} {part.operator == 'changed'}"
    return "; ".join(map(_key, part.parts))


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule as it is asked: its conditions, and `early` those that are asked while it waits for a value."""

    rule: Rule
    checks: tuple[Check, ...]
    early: tuple[Check, ...]

    @classmethod
    def of(cls, rule: Rule) -> Gate:
        """Prepare a rule."""
        checks = tuple(Check.of(rule.name, part) for part in rule.when)
        if rule.wait is None:
            return cls(rule, checks, checks)
        awaited = frozenset(rule.wait.fields)
        return cls(rule, checks, tuple(check for check in checks if not awaited & _fields(check.part)))


def _fields(part: Condition | Block) -> frozenset[str]:
    if isinstance(part, Condition):
        return frozenset({part.field})
    return frozenset().union(*map(_fields, part.parts))
