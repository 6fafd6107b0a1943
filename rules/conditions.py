"""One condition is one readable line: ``lead.country in list "EMEA"``. It is parsed, evaluated and printed back.

A line is ``scope.field operator value``. Scopes are lead, account, match, duplicate, contact, opportunity and event.
Every canonical field has a type, and a value that does not fit it is a fault at once. After ``lead.`` and ``account.``
any other name is taken for a custom field under its API name, unless it is so close to a canonical name that it must be
a slip; a name that holds ``__`` (Salesforce's mark of a custom field) always is one. A missing value is empty: ``is
not``, ``not in`` and ``does not contain`` hold for it, as people expect, and every other comparison fails.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Literal, TypeAlias

from rules.clauses import compare, listed, operators, patterns
from rules.clauses.checks import Values, check
from rules.clauses.compare import Operand
from rules.clauses.facts import Facts
from rules.clauses.names import known_field, known_operator, not_before
from rules.clauses.operators import ALLOWED, DATED, LISTABLE, MANY, OPERATORS, SPANS, SPELLINGS, UNARY
from rules.clauses.quick_checks import Check
from rules.clauses.written import dated, ordered, quoted, read_value, written
from rules.faults import RuleFault
from rules.fields import canonical, type_of
from rules.model import Value
from rules.normalizing import postal
from rules.times import moments
from rules.wording.said import strung

__all__ = ["LONGEST_LINE", "OPERATORS", "Block", "Condition", "Facts", "Part", "parse"]

LONGEST_LINE = 2_000
"""The longest condition, in characters; more values than that belong in a list."""

_FIELD = re.compile(r"\s*(?P<field>[A-Za-z_]\w*(?:\.\w+)?)")
_OPERATOR = operators.PATTERN
# What stands beside a run of spaces cannot itself begin or end with one: so the pattern stays linear.
_ENDS = re.compile(
    r"""(?P<first>"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']+(?:\s(?!and\s)[^\s"']+)*)\s+and\s+(?P<last>\S.*)""",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Condition:
    """One parsed line. ``operands`` of ``in list`` are empty until :meth:`bind` has put the list's values there.

    Operands are as the line says them: a postal range is its text, ``between`` has two, ``within last`` has ``7 days``.
    """

    field: str
    operator: str
    operands: tuple[Operand, ...] = ()
    list_name: str = ""
    line: str = dataclasses.field(default="", compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.operands, Values):
            object.__setattr__(self, "operands", Values(self.operands))

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "test"}

    def __str__(self) -> str:
        """Return the line exactly as it was written."""
        return self.line or self.canonical

    @property
    def canonical(self) -> str:
        """The line in its one canonical spelling; parsing it gives an equal condition."""
        head = f"{self.field} {self.operator}"
        if self.operator in UNARY:
            return head
        if self.list_name:
            return f"{head} list {quoted(self.list_name)}"
        if self.operator == "matches":
            return f'{head} "{self.operands[0]}"'
        if self.operator in SPANS:
            return f"{head} {self.operands[0]}"
        told = [written(self.field, operand) for operand in self.operands]
        if self.operator == "between":
            return f"{head} {told[0]} and {told[1]}"
        return f"{head} {'[' + ', '.join(told) + ']' if self.operator in MANY or len(told) > 1 else told[0]}"

    def bind(self, values: Sequence[str]) -> Condition:
        """Return the condition with the values of its list. Raises RuleFault when one does not fit the field."""
        return replace(self, operands=_checked(self.field, tuple(read_value(self.field, value) for value in values)))

    @cached_property
    def test(self) -> Check:
        """The condition as a call, ``test(facts) -> bool``: quick with Facts, right with any mapping."""
        values = self.operands if isinstance(self.operands, Values) else Values(self.operands)
        return check(self.field, type_of(self.field), self.operator, values)

    def found(self, facts: Mapping[str, Value]) -> str:
        """Return the value found, as text for people."""
        return compare.shown(facts.get("event.changed" if self.operator == "changed" else self.field))

    def holds(self, facts: Mapping[str, Value]) -> tuple[bool, str]:
        """Tell whether it holds for these facts (``scope.field`` -> value), and the value found, as text."""
        return self.test(facts), self.found(facts)


Kind: TypeAlias = Literal["any", "all", "none", "not"]


@dataclass(frozen=True)
class Block:
    """Conditions under ``any:`` (one holds), ``all:`` (each does), ``none:`` (none does), ``not:`` (not all do)."""

    kind: Kind
    parts: tuple[Condition | Block, ...]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "test"}

    def __str__(self) -> str:
        """Return the block on one line."""
        return f"{self.kind}: ({'; '.join(map(str, self.parts))})"

    @cached_property
    def test(self) -> Check:
        """The block as a call, ``test(facts) -> bool``; it asks no more of its parts than it must."""
        parts = tuple(part.test for part in self.parts)
        sought, outcome = self.kind in {"any", "none"}, self.kind in {"any", "all"}

        def held(facts: Mapping[str, Value]) -> bool:
            for part in parts:
                if part(facts) is sought:
                    return sought is outcome
            return sought is not outcome

        return held

    def found(self, facts: Mapping[str, Value]) -> str:
        """Return the values found, as text for people, in the order of its parts."""
        return strung("; ", [part.found(facts) for part in self.parts])

    def holds(self, facts: Mapping[str, Value]) -> tuple[bool, str]:
        """Tell whether it holds for these facts, and the values found, in the order of its parts."""
        known = facts if isinstance(facts, Facts) else Facts(facts)
        return self.test(known), self.found(known)


Part: TypeAlias = Condition | Block


def parse(line: str, *, line_no: int = 1, column: int = 1) -> Condition:
    """Parse one line; `line_no` and `column` say where it begins. Raises RuleFault with place and remedy."""
    try:
        return _parse(line)
    except RuleFault as fault:
        at = column + fault.column - 1
        raise RuleFault(fault.message, line=line_no, column=at, remedy=fault.remedy) from None


def _parse(line: str) -> Condition:
    if len(line) > LONGEST_LINE:
        raise RuleFault(f"The line is longer than {LONGEST_LINE:,} characters.", remedy="Put its values in a list.")
    named = _FIELD.match(line)
    if not named:
        raise RuleFault("A condition begins with a field.", remedy="Write it like lead.country is France.")
    if named["field"] == "not":
        raise not_before(line, named.end())
    name = known_field(canonical(named["field"]), named.start("field") + 1)
    operator = _OPERATOR.match(line, named.end())
    if not operator:
        raise known_operator(line, named.end())
    word = " ".join(operator["operator"].split())
    at = operator.end() + len(line[operator.end() :]) - len(line[operator.end() :].lstrip()) + 1
    rest = line[operator.end() :].strip()
    listed.alone(rest, at)
    return replace(_condition(name, word, rest, at), line=line.strip())


def _condition(name: str, word: str, rest: str, at: int) -> Condition:
    kind, operator = type_of(name), SPELLINGS[word]
    if operator not in ALLOWED[kind] or (word in DATED and kind not in {"time", "any"}):
        fitting = ", ".join(sorted(ALLOWED[kind]))
        raise RuleFault(f"“{word}” does not fit {name} ({kind}).", column=at, remedy=f"Use one of: {fitting}.")
    try:
        if word in DATED:
            return Condition(name, operator, (dated(name, word, rest),))
        if many := LISTABLE.get(operator):
            named = many in MANY and rest.endswith('"') and listed.name_of(rest)
            if named or rest[:1] == "[" or word.endswith(" of"):
                return _listing(name, many, rest)
        return _READERS.get(operator, _binary)(name, operator, rest)
    except RuleFault as fault:
        raise RuleFault(fault.message, column=at + fault.column - 1, remedy=fault.remedy) from None


def _binary(name: str, operator: str, rest: str) -> Condition:
    _needed(rest, name, operator)
    if rest[0] == "[":
        raise RuleFault(f"No list may follow “{operator}”.", remedy="Put a text that begins with a bracket in quotes.")
    read = ordered if operator in operators.ORDER else read_value
    return Condition(name, operator, _checked(name, (read(name, rest),)))


def _needed(rest: str, name: str, operator: str) -> None:
    if not rest:
        raise RuleFault(f"A value is missing after “{operator}”.", remedy=f"Write it like {name} {operator} …")


def _checked(name: str, operands: tuple[Operand, ...]) -> tuple[Operand, ...]:
    """Return the operands; postal codes and ranges that nothing can be are refused."""
    if type_of(name) == "postal":
        postal.codes(map(compare.plain, operands))
    return operands


def _unary(name: str, operator: str, rest: str) -> Condition:
    if rest:
        told = "empty" if operator.endswith("empty") else operator
        raise RuleFault(f"Nothing may follow “{operator}”.", remedy=f"Put a text that says “{told}” in quotes.")
    if operator == "changed" and not name.startswith("lead."):
        raise RuleFault(f"Nobody says whether {name} changed.", remedy="Ask it of a field of the lead.")
    return Condition(name, operator)


def _pattern(name: str, operator: str, rest: str) -> Condition:
    _needed(rest, name, operator)
    return Condition(name, operator, (patterns.read(rest),))


def _span(name: str, operator: str, rest: str) -> Condition:
    _needed(rest, name, operator)
    return Condition(name, operator, (moments.period(rest),))


def _between(name: str, operator: str, rest: str) -> Condition:
    ends = _ENDS.fullmatch(rest)
    if not ends:
        raise RuleFault("“between” needs two values.", remedy=f"Write it like {name} {operator} … and ….")
    first, last = ordered(name, ends["first"]), ordered(name, ends["last"].strip())
    if isinstance(first, str) and isinstance(last, str):
        postal.span(first, last)
    else:
        _risen(first, last, (ends["first"], ends["last"]))
    return Condition(name, operator, (first, last))


def _risen(first: Operand, last: Operand, told: tuple[str, str]) -> None:
    """Refuse what is no range of numbers or of dates, and one that runs backwards."""
    numeric = [isinstance(end, int | float) and not isinstance(end, bool) for end in (first, last)]
    timely = [isinstance(end, date) for end in (first, last)]
    if not (all(numeric) or all(timely)):
        message = f"“{told[0]}” and “{told[1]}” are no range."
        raise RuleFault(message, remedy="Write two numbers, dates or postal codes.")
    if (all(numeric) or type(first) is type(last)) and first > last:  # type: ignore[operator]
        message = f"The range from {told[0]} to {told[1]} runs backwards."
        raise RuleFault(message, remedy="Write the lower value first.")


def _membership(name: str, operator: str, rest: str) -> Condition:
    if list_name := listed.name_of(rest):
        return Condition(name, operator, list_name=list_name)
    if not (rest.startswith("[") and rest.endswith("]")):
        raise RuleFault(f"“{operator}” needs a list.", remedy=f'Write [A, B] or list "Name" after “{operator}”.')
    return Condition(name, operator, _checked(name, tuple(read_value(name, item) for item in listed.items(rest[1:-1]))))


def _listing(name: str, operator: str, rest: str) -> Condition:
    """Return the condition with the list that stands after an operator which takes one value, too."""
    if operator in {"in", "not in"} and listed.name_of(rest):
        return _membership(name, operator, rest)
    return Condition(name, operator, _checked(name, tuple(read_value(name, item) for item in listed.values(rest))))


def _parts(name: str, operator: str, rest: str) -> Condition:
    _needed(rest, name, operator)
    return _listing(name, operator, rest)


_READERS: Mapping[str, Callable[[str, str, str], Condition]] = {
    **dict.fromkeys(UNARY, _unary), **dict.fromkeys(MANY, _membership), **dict.fromkeys(SPANS, _span),
    "matches": _pattern, "between": _between, "contains all of": _parts,
}  # fmt: skip
