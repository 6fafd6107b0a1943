"""The checks that rule sets are full of, each of them one call: a rule set of 500 rules asks 2,000 times per lead.

They differ in one expression only. A common frame with that expression as a function would take twice the time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from rules.clauses.facts import learn
from rules.clauses.meanings import MEANINGS, Given

Check: TypeAlias = Callable[[Given], bool]
_MISSES = (KeyError, AttributeError)
"""The meaning was not worked out yet; or these are no Facts, which could keep it."""


def asked(field: str, name: str, test: Callable[[Any], bool]) -> Check:
    """Return the check that puts a meaning of the field's value to a test; nothing there fails it."""
    key, reading = f"{field}\n{name}", MEANINGS[name](field)

    def held(facts: Given) -> bool:
        try:
            found = facts.read[key]  # type: ignore[attr-defined]
        except _MISSES:
            found = learn(facts, key, reading)
        return found is not None and test(found)

    return held


def inside(field: str, name: str, wanted: frozenset[Any]) -> Check:
    """Return the check that a meaning of the field's value is in a set."""
    key, reading = f"{field}\n{name}", MEANINGS[name](field)

    def held(facts: Given) -> bool:
        try:
            return facts.read[key] in wanted  # type: ignore[attr-defined]
        except _MISSES:
            return learn(facts, key, reading) in wanted

    return held


def outside(field: str, name: str, wanted: frozenset[Any]) -> Check:
    """Return the check that a meaning of the field's value is not in a set."""
    key, reading = f"{field}\n{name}", MEANINGS[name](field)

    def held(facts: Given) -> bool:
        try:
            return facts.read[key] not in wanted  # type: ignore[attr-defined]
        except _MISSES:
            return learn(facts, key, reading) not in wanted

    return held


def containing(field: str, wanted: str) -> Check:
    """Return the check that the folded text of a field has a part."""
    key, reading = f"{field}\ntext", MEANINGS["text"](field)

    def held(facts: Given) -> bool:
        try:
            found = facts.read[key]  # type: ignore[attr-defined]
        except _MISSES:
            found = learn(facts, key, reading)
        return found is not None and wanted in found

    return held


def _at_least(key: str, reading: Callable[[Given], Any], value: float) -> Check:
    def held(facts: Given) -> bool:
        try:
            return facts.read[key] >= value  # type: ignore[attr-defined, no-any-return]
        except _MISSES:
            return learn(facts, key, reading) >= value  # type: ignore[no-any-return]

    return held


def _at_most(key: str, reading: Callable[[Given], Any], value: float) -> Check:
    def held(facts: Given) -> bool:
        try:
            return facts.read[key] <= value  # type: ignore[attr-defined, no-any-return]
        except _MISSES:
            return learn(facts, key, reading) <= value  # type: ignore[no-any-return]

    return held


def _above(key: str, reading: Callable[[Given], Any], value: float) -> Check:
    def held(facts: Given) -> bool:
        try:
            return facts.read[key] > value  # type: ignore[attr-defined, no-any-return]
        except _MISSES:
            return learn(facts, key, reading) > value  # type: ignore[no-any-return]

    return held


def _below(key: str, reading: Callable[[Given], Any], value: float) -> Check:
    def held(facts: Given) -> bool:
        try:
            return facts.read[key] < value  # type: ignore[attr-defined, no-any-return]
        except _MISSES:
            return learn(facts, key, reading) < value  # type: ignore[no-any-return]

    return held


_ORDERS: Mapping[str, Callable[[str, Callable[[Given], Any], float], Check]] = {
    ">=": _at_least, "<=": _at_most, ">": _above, "<": _below,
}  # fmt: skip


def counted(field: str, operator: str, value: float) -> Check:
    """Return the check of a number against another one; where there is no number, it is NaN, and no order holds."""
    return _ORDERS[operator](f"{field}\nleast", MEANINGS["least"](field), value)
