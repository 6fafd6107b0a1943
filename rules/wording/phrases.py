"""The conditions of a rule as parts of a sentence: "leads in France with 5,000+ employees"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from rules.clauses import compare
from rules.clauses.operators import UNARY
from rules.conditions import Block, Condition, Part
from rules.model import Value
from rules.wording.called import country_said, field_label
from rules.wording.said import PHRASES, Said, strung
from rules.wording.words import operator_word, say

_SHOWN = 3
_NAMED = frozenset({"is", "is not", "==", "!=", "in", "not in"})
_NEGATIVE = frozenset({"is not", "!=", "not in"})


def leads(when: Sequence[Part], facts: Mapping[str, Value], *, first: bool) -> str:
    """Return which leads a rule is for, told by the values of this one; `first` when no rule was asked before."""
    if not when:
        return say("leads.all" if first else "leads.other")
    return say("leads", phrases=together([phrase(part, facts) for part in when[:_SHOWN]]))


def together(told: Sequence[str]) -> str:
    """Return conditions in words as one part of a sentence: those that begin alike are joined by "and"."""
    text = str(told[0])
    for before, after in pairwise(told):
        alike = before.split()[0] == after.split()[0]
        text = say("and", first=text, last=after) if alike else f"{text} {after}"
    return Said(text, PHRASES, {"parts": tuple(told)}) if len(told) > 1 else told[0]


def phrase(part: Part, facts: Mapping[str, Value]) -> str:
    """Return one condition in words. A list of values is told by the one that was found."""
    if isinstance(part, Block):
        return _block(part, facts)
    value = _value(part, facts)
    name = part.field.partition(".")[2]
    if part.operator in UNARY:
        return say("phrase.no value", field=field_label(part.field), operator=operator_word(part.operator))
    if name == "country" and part.operator in _NAMED:
        return say("phrase.country.not" if part.operator in _NEGATIVE else "phrase.country", value=value)
    if name == "employees" and f"phrase.employees.{part.operator}" in _EMPLOYEES:
        return say(f"phrase.employees.{part.operator}", value=value)
    if name == "employees" and part.operator == "between":
        first, last = map(compare.shown, part.operands)
        return say("phrase.employees.between", first=first, last=last)
    return _of_verdicts(part) or _plain(part, value)


def _block(block: Block, facts: Mapping[str, Value]) -> str:
    """Tell a block by what holds in it: of alternatives, the first that does."""
    if block.kind == "any" and (held := next((part for part in block.parts if part.test(facts)), None)):
        return phrase(held, facts)
    if block.kind == "all" and len(block.parts) <= _SHOWN:
        return together([phrase(part, facts) for part in block.parts])
    return say("phrase.block", block=block)


_EMPLOYEES = frozenset(f"phrase.employees.{operator}" for operator in (">=", ">", "<=", "<"))


def _of_verdicts(part: Condition) -> str:
    match (part.field, part.operator, part.operands):
        case ("match.status", "is" | "==", ("matched",)):
            return say("phrase.match.matched")
        case ("duplicate.status", "is" | "==", ("same",)):
            return say("phrase.duplicate.same")
        case ("match.confidence", ">=", (int() | float() as least,)):
            return say("phrase.match.confidence", value=f"{least:.0%}")
    return ""


def _plain(part: Condition, value: str) -> str:
    operator = "contains" if part.operator == "contains all of" else part.operator
    return say("phrase.any field", field=field_label(part.field), operator=operator_word(operator), value=value)


def _value(part: Condition, facts: Mapping[str, Value]) -> str:
    if part.operator in {"in", "is", "=="}:
        return _shown(part, facts.get(part.field))
    if part.list_name:
        return part.list_name
    if part.operator == "between":
        first, last = map(compare.shown, part.operands)
        return say("phrase.range", first=first, last=last)
    told = [_shown(part, operand) for operand in part.operands]
    between = "and" if part.operator == "contains all of" else "or"
    return say(between, first=strung(", ", told[:-1]), last=told[-1]) if len(told) > 1 else strung("", told)


def _shown(part: Condition, value: Value) -> str:
    """Return a value as people read it; a country by its name, however it was written."""
    shown = compare.shown(value)
    return country_said(shown) if part.field.endswith(".country") else shown
