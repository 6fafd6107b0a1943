"""One condition is one readable line: ``lead.country in list "EMEA"``. It is parsed, evaluated and printed back.

A line is ``scope.field operator value``. Scopes are lead, account, match, duplicate and event. Every canonical field
has a type, and a value that does not fit it is a fault at once. After ``lead.`` and ``account.`` any other name is
taken for a custom field under its API name, unless it is so close to a canonical name that it must be a slip; a name
that holds ``__`` (Salesforce's mark of a custom field) always is one. A missing value is empty: ``is not`` and
``not in`` hold for it, as people expect, and every other comparison fails.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from rapidfuzz import fuzz, process

from rules import compare
from rules.compare import Operand
from rules.faults import RuleFault
from rules.fields import CANONICAL, FieldType, type_of
from rules.model import Value

OPERATORS: tuple[str, ...] = (
    "is not empty", "is empty", "is not", "is", "not in", "in", "contains", "starts with", "ends with",
    "==", "!=", ">=", "<=", ">", "<",
)  # fmt: skip
"""Longest first, as they are tried. ``==`` is ``is`` and ``!=`` is ``is not``."""

_UNARY = frozenset({"is empty", "is not empty"})
_EQUALITY = frozenset({"is", "is not", "==", "!=", "in", "not in"})
_ORDER = frozenset({">=", "<=", ">", "<"})
_ALLOWED: dict[FieldType, frozenset[str]] = {
    "text": frozenset(OPERATORS) - _ORDER,
    "country": frozenset(OPERATORS) - _ORDER,
    "number": _EQUALITY | _ORDER | _UNARY,
    "time": _EQUALITY | _ORDER | _UNARY,
    "bool": _EQUALITY | _UNARY,
    "any": frozenset(OPERATORS),
}
LONGEST_LINE = 2_000
"""The longest condition, in characters; more values than that belong in a list."""

_CLOSE = 85
_FIELD = re.compile(r"\s*(?P<field>[A-Za-z_]\w*(?:\.\w+)?)")
_OPERATOR = re.compile(
    r"\s*(?P<operator>"
    + "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in OPERATORS)
    + r")(?P<end>(?<=[=<>])|(?!\w))"
)
# In all patterns here, what stands beside a run of spaces cannot itself begin or end with one: so they stay linear.
_LIST_NAME = re.compile(r'list\s+(?P<name>"(?:[^"\\]|\\.)*"|[^"\[\]\s][^"\[\]]*)')
_ITEM = re.compile(r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'[^']*')\s*|(?P<bare>[^,"'\[\]\s][^,"'\[\]]*))(?:,|\Z)""")


@dataclass(frozen=True, slots=True)
class Condition:
    """One parsed line. ``operands`` of ``in list`` are empty until :meth:`bind` has put the list's values there."""

    field: str
    operator: str
    operands: tuple[Operand, ...] = ()
    list_name: str = ""
    line: str = dataclasses.field(default="", compare=False)

    def __str__(self) -> str:
        """Return the line exactly as it was written."""
        return self.line or self.canonical

    @property
    def canonical(self) -> str:
        """The line in its one canonical spelling; parsing it gives an equal condition."""
        if self.operator in _UNARY:
            return f"{self.field} {self.operator}"
        if self.list_name:
            return f"{self.field} {self.operator} list {_quoted(self.list_name)}"
        told = [_written(operand) for operand in self.operands]
        return f"{self.field} {self.operator} {'[' + ', '.join(told) + ']' if self.operator in _MANY else told[0]}"

    def bind(self, values: Sequence[str]) -> Condition:
        """Return the condition with the values of its list. Raises RuleFault when one does not fit the field."""
        return replace(self, operands=tuple(_read(self.field, value) for value in values))

    def holds(self, facts: Mapping[str, Value]) -> tuple[bool, str]:
        """Tell whether it holds for these facts (``scope.field`` -> value), and the value found, as text."""
        value = facts.get(self.field)
        return _TESTS[self.operator](type_of(self.field), value, self.operands), compare.shown(value)


@dataclass(frozen=True, slots=True)
class Block:
    """Conditions under ``any:`` (one holds), ``all:`` (each holds) or ``not:`` (not all of them hold)."""

    kind: Literal["any", "all", "not"]
    parts: tuple[Condition | Block, ...]

    def __str__(self) -> str:
        """Return the block on one line."""
        return f"{self.kind}: ({'; '.join(map(str, self.parts))})"

    def holds(self, facts: Mapping[str, Value]) -> tuple[bool, str]:
        """Tell whether it holds for these facts, and the values found, in the order of its parts."""
        results = [part.holds(facts) for part in self.parts]
        held = [ok for ok, _ in results]
        outcome = {"any": any(held), "all": all(held), "not": not all(held)}[self.kind]
        return outcome, "; ".join(found for _, found in results)


Part: TypeAlias = Condition | Block
_MANY = frozenset({"in", "not in"})


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
    name = _known(named["field"], named.start("field") + 1)
    operator = _OPERATOR.match(line, named.end())
    if not operator:
        raise _unknown_operator(line, named.end())
    word = " ".join(operator["operator"].split())
    at = operator.end() + len(line[operator.end() :]) - len(line[operator.end() :].lstrip()) + 1
    rest = line[operator.end() :].strip()
    found = _condition(name, word, rest, at)
    return replace(found, line=line.strip())


def _condition(name: str, operator: str, rest: str, at: int) -> Condition:
    kind = type_of(name)
    if operator not in _ALLOWED[kind]:
        fitting = ", ".join(sorted(_ALLOWED[kind]))
        raise RuleFault(f"“{operator}” does not fit {name} ({kind}).", column=at, remedy=f"Use one of: {fitting}.")
    read = _unary if operator in _UNARY else _membership if operator in _MANY else _binary
    try:
        return read(name, operator, rest)
    except RuleFault as fault:
        raise RuleFault(fault.message, column=at + fault.column - 1, remedy=fault.remedy) from None


def _binary(name: str, operator: str, rest: str) -> Condition:
    if not rest:
        raise RuleFault(f"A value is missing after “{operator}”.", remedy=f"Write it like {name} {operator} …")
    return Condition(name, operator, (_read(name, rest),))


def _unary(name: str, operator: str, rest: str) -> Condition:
    if rest:
        raise RuleFault(f"Nothing may follow “{operator}”.", remedy="Put a text that says “empty” in quotes.")
    return Condition(name, operator)


def _membership(name: str, operator: str, rest: str) -> Condition:
    if listed := _LIST_NAME.fullmatch(rest):
        return Condition(name, operator, list_name=str(compare.literal(listed["name"].strip(), text_only=True)))
    if not (rest.startswith("[") and rest.endswith("]")):
        raise RuleFault(f"“{operator}” needs a list.", remedy=f'Write [A, B] or list "Name" after “{operator}”.')
    return Condition(name, operator, tuple(_read(name, item) for item in _items(rest[1:-1])))


def _items(inner: str) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(inner):
        item = _ITEM.match(inner, at)
        if not item:
            raise RuleFault(
                "The list cannot be read here.", column=at + 2, remedy="Separate values by commas; quote commas."
            )
        found.append(item["quoted"] or item["bare"].strip())
        at = item.end()
    if not found:
        raise RuleFault("The list is empty.", remedy="Write at least one value.")
    return found


def _read(name: str, written: str) -> Operand:
    """Return a written value as the field's type wants it, or refuse it."""
    kind = type_of(name)
    operand = compare.literal(written, text_only=kind in {"text", "country"})
    if compare.fits(kind, operand):
        return operand
    raise RuleFault(f"{name} is a {kind}, and “{compare.plain(operand)}” is not.", remedy=_EXAMPLES[kind])


_EXAMPLES: dict[FieldType, str] = {
    "number": "Write a number such as 5000 or 0.9, without quotes.",
    "bool": "Write true or false.",
    "time": "Write a date such as 2026-01-31.",
}


def _known(name: str, at: int) -> str:
    """Return the field's name, or raise RuleFault with the name that was probably meant."""
    scope, _, own = name.partition(".")
    if scope not in CANONICAL or not own:
        raise RuleFault(f"There is no field {name}.", column=at, remedy=_meant_scope(scope, own))
    if own in CANONICAL[scope]:
        return name
    meant = process.extractOne(own.casefold(), list(CANONICAL[scope]), scorer=fuzz.ratio)
    close = meant is not None and (meant[1] >= _CLOSE or sorted(own.casefold()) == sorted(meant[0]))
    if scope in {"lead", "account"} and ("__" in own or not close):
        return name
    hint = f"Did you mean {scope}.{meant[0]}?" if close else f"Known are: {', '.join(CANONICAL[scope])}."
    raise RuleFault(f"There is no field {name}.", column=at, remedy=hint)


def _meant_scope(scope: str, own: str) -> str:
    if not own:
        known = [f"{each}.{scope}" for each in CANONICAL if scope in CANONICAL[each]]
        return f"Did you mean {known[0]}?" if known else "Fields begin with lead. or account."
    meant = process.extractOne(scope.casefold(), list(CANONICAL), scorer=fuzz.ratio, score_cutoff=60)
    return f"Did you mean {meant[0]}.{own}?" if meant else "Fields begin with lead. or account."


def _unknown_operator(line: str, at: int) -> RuleFault:
    written = " ".join(line[at:].split()[:2])
    if not written:
        return RuleFault("An operator is missing.", column=at + 1, remedy=f"Use one of: {', '.join(OPERATORS)}.")
    first = written.split()[0]
    meant = process.extractOne(written, OPERATORS, scorer=fuzz.ratio) if len(written) < 16 else None  # noqa: PLR2004
    alone = process.extractOne(first, OPERATORS, scorer=fuzz.ratio)
    best = max(filter(None, (meant, alone)), key=lambda found: found[1])
    hint = f"Did you mean “{best[0]}”?" if best[1] > 50 else f"Use one of: {', '.join(OPERATORS)}."  # noqa: PLR2004
    column = at + 1 + len(line[at:]) - len(line[at:].lstrip())
    return RuleFault(f"There is no operator “{first}”.", column=column, remedy=hint)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _written(operand: Operand) -> str:
    return _quoted(operand) if isinstance(operand, str) else compare.plain(operand)


_Test: TypeAlias = Callable[[FieldType, Value, tuple[Operand, ...]], bool]


def _any_same(kind: FieldType, value: Value, operands: tuple[Operand, ...]) -> bool:
    return any(compare.same(kind, value, operand) for operand in operands)


def _none_same(kind: FieldType, value: Value, operands: tuple[Operand, ...]) -> bool:
    return not _any_same(kind, value, operands)


def _ordered(test: Callable[[int], bool]) -> _Test:
    def held(_kind: FieldType, value: Value, operands: tuple[Operand, ...]) -> bool:
        order = compare.order(value, operands[0])
        return order is not None and test(order)

    return held


def _texts(test: Callable[[str, str], bool]) -> _Test:
    def held(_kind: FieldType, value: Value, operands: tuple[Operand, ...]) -> bool:
        return not compare.is_empty(value) and test(compare.folded(value), compare.folded(operands[0]))

    return held


_TESTS: dict[str, _Test] = {
    "is": _any_same,
    "==": _any_same,
    "in": _any_same,
    "is not": _none_same,
    "!=": _none_same,
    "not in": _none_same,
    "contains": _texts(lambda text, part: part in text),
    "starts with": _texts(str.startswith),
    "ends with": _texts(str.endswith),
    ">=": _ordered(lambda order: order >= 0),
    "<=": _ordered(lambda order: order <= 0),
    ">": _ordered(lambda order: order > 0),
    "<": _ordered(lambda order: order < 0),
    "is empty": lambda _kind, value, _operands: compare.is_empty(value),
    "is not empty": lambda _kind, value, _operands: not compare.is_empty(value),
}
