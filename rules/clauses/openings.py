"""What the first condition of every rule says of a lead's value: asked of all rules at once, and remembered.

Most of 500 rules fail at their first condition, and most of these ask for one of a few fields, a country or an
industry, in which many leads have the same value. So it is asked once for each value and not for each lead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rules.clauses.checking import Check, Gate
from rules.conditions import Condition
from rules.fields import FieldType, type_of
from rules.model import RuleTrace, Value


@dataclass(frozen=True, slots=True)
class Answers:
    """What first conditions say of a lead: `open` are the places of the rules that may hold yet.

    `traces` has, by the place of every other rule, the trace of its first condition having failed.
    """

    open: tuple[int, ...]
    traces: list[RuleTrace]


_BY_VALUE: frozenset[FieldType] = frozenset({"text", "number", "bool", "country", "language", "any"})
"""Types of fields whose conditions look at nothing but the value (a state is one of a country)."""
_BEYOND = frozenset({"within last", "within next", "changed"})
"""Operators that look beyond the value: at the moment, at the event."""
_Key: TypeAlias = "tuple[type, Value]"
"""A value with its class, for 1 and True are equal and no condition takes them for the same."""
_NONE = RuleTrace("", held=False)
_REMEMBERED = 256
"""Values of a field that are remembered: more than there are countries, fewer than there are names of companies."""


class Openings:
    """The first conditions of some rules, in their order."""

    def __init__(self, gates: Sequence[Gate]) -> None:
        self.gates = tuple(gates)
        asked: dict[str, list[tuple[int, Check]]] = {}
        for place, gate in enumerate(gates):
            if field := _field(gate):
                asked.setdefault(field, []).append((place, gate.checks[0]))
        self._asked = tuple(asked.items())
        self._said: list[dict[_Key, Mapping[int, RuleTrace]]] = [{} for _ in asked]
        self._known: dict[tuple[_Key, ...], Answers] = {}

    def answers(self, facts: Mapping[str, Value], told: dict[str, str]) -> Answers:
        """Return what the rules' first conditions say of these facts; `told` remembers how values are shown."""
        keys = tuple([(value.__class__, value) for value in [facts.get(field) for field, _ in self._asked]])
        found = self._known.get(keys)
        if found is None:
            found = self._together([self._ask(number, key, facts, told) for number, key in enumerate(keys)])
            if len(self._known) < _REMEMBERED:
                self._known[keys] = found
        return found

    def _ask(self, number: int, key: _Key, facts: Mapping[str, Value], told: dict[str, str]) -> Mapping[int, RuleTrace]:
        """Return the traces of the first conditions on one field that fail for its value, by the places of rules."""
        known = self._said[number]
        found = known.get(key)
        if found is None:
            asked = self._asked[number][1]
            found = {place: check.trace(facts, told) for place, check in asked if not check.test(facts)}
            if len(known) < _REMEMBERED:
                known[key] = found
        return found

    def _together(self, said: Sequence[Mapping[int, RuleTrace]]) -> Answers:
        failed = {place: trace for each in said for place, trace in each.items()}
        places = range(len(self.gates))
        return Answers(
            tuple([each for each in places if each not in failed]), [failed.get(each, _NONE) for each in places]
        )


def _field(gate: Gate) -> str:
    """Return the field that a rule's first condition asks for, if the answer hangs on its value alone."""
    part = gate.checks[0].part if gate.checks else None
    if not isinstance(part, Condition) or gate.rule.wait is not None or part.operator in _BEYOND:
        return ""
    return part.field if type_of(part.field) in _BY_VALUE else ""
