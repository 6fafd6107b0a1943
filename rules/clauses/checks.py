"""From a parsed condition to a check: one call that says whether it holds for the facts of a lead.

What stands in the rule is read once, when the condition is first asked; what stands in the lead once per lead (see
rules.clauses.facts). So a check costs little more than looking up one name in a set.
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from rules.clauses import compare, patterns
from rules.clauses.compare import Operand
from rules.clauses.facts import learn
from rules.clauses.meanings import MEANINGS, Given, country_key, state_key, unknown
from rules.clauses.quick_checks import Check, asked, containing, counted, inside, outside
from rules.fields import FieldType
from rules.normalizing import postal
from rules.normalizing.languages import language
from rules.times.moments import Moment, moment, shifted

T = TypeVar("T")


class Values(tuple[Operand, ...]):  # noqa: SLOT001 - what they mean is kept in their __dict__
    """The operands of a condition, with what they mean; conditions that share them share that too."""

    def meaning(self, name: str, make: Callable[[], T]) -> T:
        """Return what `make` makes of them, made once under this name."""
        kept = self.__dict__
        if name not in kept:
            kept[name] = make()
        found: T = kept[name]
        return found

    def __reduce__(self) -> tuple[type[Values], tuple[tuple[Operand, ...]]]:
        return Values, (tuple(self),)


def check(field: str, kind: FieldType, operator: str, values: Values) -> Check:
    """Return the check of a condition, for operators by their canonical names."""
    if operator in {"is", "==", "in"}:
        return _among(field, kind, values)
    if operator in {"is not", "!=", "not in"}:
        return (
            _among(field, kind, values, member=outside)
            if _is_plain(kind, values)
            else _not(_among(field, kind, values))
        )
    if operator in _ORDERS:
        return _ordered(field, operator, values[0])
    return _OTHERS[operator](field, kind, values)


def _not(positive: Check) -> Check:
    return lambda facts: not positive(facts)


def _both(one: Check, other: Check) -> Check:
    return lambda facts: one(facts) and other(facts)


def _any(checks: tuple[Check, ...]) -> Check:
    return checks[0] if len(checks) == 1 else lambda facts: any(each(facts) for each in checks)


def _all(checks: tuple[Check, ...]) -> Check:
    return checks[0] if len(checks) == 1 else lambda facts: all(each(facts) for each in checks)


def _is_plain(kind: FieldType, values: Values) -> bool:
    """Tell whether one look into one set is enough."""
    if kind == "any" and any(compare.flag(value) is not None for value in values):
        return False
    return kind == "country" or (kind in {"text", "any"} and all(isinstance(value, str) for value in values))


def _among(
    field: str, kind: FieldType, values: Values, member: Callable[[str, str, frozenset[Any]], Check] = inside
) -> Check:
    texts = map(compare.plain, values)
    if kind == "country":
        return member(field, "country", values.meaning("country", lambda: frozenset(map(country_key, texts))))
    if kind == "language":
        wanted = values.meaning("language", lambda: frozenset(map(_language, texts)))
        return asked(field, "language", lambda found: not wanted.isdisjoint(found))
    if kind == "postal":
        return asked(field, "postal", values.meaning("postal", lambda: postal.codes(texts)).holds)
    if kind == "state":
        return asked(field, "state", values.meaning("state", lambda: _states(tuple(texts))))
    if _is_plain(kind, values):
        return member(field, "text", values.meaning("text", lambda: frozenset(map(compare.folded, values))))
    return _any(values.meaning(f"among {field}", lambda: tuple(_typed(field, kind, values))))


def _language(text: str) -> str:
    """Return the one tag of what a rule calls a language, or what stands for a spelling that we do not know."""
    return language(text) or unknown(text)


def _states(texts: tuple[str, ...]) -> Callable[[tuple[str, str, str]], bool]:
    """Return the test of a state. Names are read with the lead's country; without one, with that of the rule."""
    wanted = lru_cache(maxsize=32)(lambda land: frozenset(state_key(text, land) for text in texts))
    lands = lru_cache(maxsize=1)(lambda: {key[:2] for key in wanted("") if key[0] != "~"})

    def held(found: tuple[str, str, str]) -> bool:
        key, land, text = found
        if key in wanted(land):
            return True
        return not land and key[0] == "~" and any(state_key(text, each) in wanted("") for each in lands())

    return held


def _typed(field: str, kind: FieldType, values: Iterable[Operand]) -> Iterable[Check]:
    """Yield one check for the values of each type that there is; a custom field has the type of what is written.

    There, what stands for yes or no in a rule also holds for whatever stands for it in the CRM.
    """
    sorts: dict[str, set[Any]] = {}
    for value in values:
        sorts.setdefault(_sort(value), set()).add(compare.folded(value) if isinstance(value, str) else value)
        if kind == "any" and (flag := compare.flag(value)) is not None:
            sorts.setdefault("flag", set()).add(flag)
    for name, found in sorts.items():
        wanted = frozenset(found)
        if name == "day":
            yield asked(field, "moment", _day_in(wanted))
        elif name == "moment":
            yield asked(field, "moment", _moment_in(wanted))
        else:
            yield inside(field, name, wanted)


def _day_in(days: frozenset[Any]) -> Callable[[Moment], bool]:
    return lambda at: at.day in days


def _moment_in(moments: frozenset[Any]) -> Callable[[Moment], bool]:
    return lambda at: at.at in moments and not at.is_day


def _sort(value: Operand) -> str:
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | float):
        return "number"
    return "moment" if isinstance(value, datetime) else "day"


def _ordered(field: str, operator: str, value: Operand) -> Check:
    order = _ORDERS[operator]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return counted(field, operator, value)
    match _sort(value):
        case "text":
            text = compare.folded(value)
            return asked(field, "text", lambda found: order(found, text))
        case "day":
            return asked(field, "moment", lambda found: order(found.day, value))
        case "moment":
            return asked(field, "moment", lambda found: order(found.at, value))
    return asked(field, "flag", lambda found: order(found, value))


_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": python.ge, "<=": python.le, ">": python.gt, "<": python.lt,
}  # fmt: skip


def _between(field: str, _kind: FieldType, values: Values) -> Check:
    first, last = values
    if isinstance(first, str) and isinstance(last, str):
        return asked(field, "postal", postal.between(*postal.span(first, last)).holds)
    return _both(_ordered(field, ">=", first), _ordered(field, "<=", last))


def _texts(
    test: Callable[[str, str], bool], together: Callable[[tuple[Check, ...]], Check] = _any
) -> Callable[[str, FieldType, Values], Check]:
    """Return the maker of checks on parts of a text; of several parts any will do, unless `together` says otherwise."""

    def one(field: str, kind: FieldType, text: str) -> Check:
        bare = postal.code(text) if kind == "postal" else ""
        wanted, name = (bare, "postal") if bare else (compare.folded(text), "text")
        return asked(field, name, lambda found: test(found, wanted))

    def made(field: str, kind: FieldType, values: Values) -> Check:
        return together(tuple(one(field, kind, compare.plain(value)) for value in values))

    return made


def _matches(field: str, _kind: FieldType, values: Values) -> Check:
    search = values.meaning("pattern", lambda: patterns.compiled(str(values[0]))).search
    return asked(field, "searched", lambda texts: any(search(text) is not None for text in texts))


def _within(sign: int) -> Callable[[str, FieldType, Values], Check]:
    """Return the maker of ``within last`` (-1) and ``within next`` (1): between now and then, both included."""

    def made(field: str, _kind: FieldType, values: Values) -> Check:
        span, end_key = str(values[0]), f"event.now\n{sign} {values[0]}"
        key, reading = f"{field}\nmoment", MEANINGS["moment"](field)

        def ends(facts: Given) -> tuple[datetime, datetime] | None:
            now = moment(facts.get("event.now"))
            if now is None:
                return None
            then = shifted(now.at, span, sign)
            return min(now.at, then), max(now.at, then)

        def held(facts: Given) -> bool:
            read = getattr(facts, "read", {})
            between = read.get(end_key) or learn(facts, end_key, ends)
            found = read.get(key) or learn(facts, key, reading)
            return between is not None and found is not None and _is_within(found, *between)

        return held

    return made


def _is_within(found: Moment, first: datetime, last: datetime) -> bool:
    return first.date() <= found.day <= last.date() if found.is_day else first <= found.at <= last


def _changed(field: str, _kind: FieldType, _values: Values) -> Check:
    name = field.partition(".")[2]
    return asked(field, "changes", lambda found: name in found)


def _empty(field: str, _kind: FieldType, _values: Values) -> Check:
    return lambda facts: compare.is_empty(facts.get(field))


_having = _texts(lambda text, part: part in text)


def _contains(field: str, kind: FieldType, values: Values) -> Check:
    if kind == "postal" or len(values) > 1:
        return _having(field, kind, values)
    return containing(field, compare.folded(compare.plain(values[0])))


_OTHERS: Mapping[str, Callable[[str, FieldType, Values], Check]] = {
    "contains": _contains,
    "does not contain": lambda field, kind, values: _not(_contains(field, kind, values)),
    "contains all of": _texts(lambda text, part: part in text, _all),
    "starts with": _texts(str.startswith),
    "ends with": _texts(str.endswith),
    "matches": _matches,
    "between": _between,
    "within last": _within(-1),
    "within next": _within(1),
    "changed": _changed,
    "is empty": _empty,
    "is not empty": lambda field, kind, values: _not(_empty(field, kind, values)),
}
