"""The cells of fields that hold texts: names, countries, states, languages, postal codes, flags.

For names there is one cell for each that a rule names and one for each other way in which the patterns of the rules can
hold. Where two spellings may both hold for one value (languages, postal codes), texts are tried that show every case.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

from rules import normalize
from rules.clauses import compare
from rules.conditions import Condition
from rules.fields import FieldType
from rules.linting.axes import CLOSED, MISSING, NEGATIVE, NEVER_MISSING, PATTERNS, SAME, Axis
from rules.model import Value
from rules.normalizing import languages, postal

__all__ = ["TextAxis", "TriedAxis", "flags", "language", "postal_codes", "texts"]

MOST_PATTERNS = 10
"""Patterns on one field that are followed together (all combinations); beyond it each stands for itself."""
MOST_TRIED = 1_000
"""Texts that are tried for one field; where more are needed, its conditions each stand for themselves."""

_Pattern: TypeAlias = tuple[str, str]
"""How a part of a text is asked for (``contains``, ``starts with``, ``ends with``), and the part."""


@dataclass(frozen=True)
class TextAxis(Axis):
    """Texts, countries, states and flags. `index` finds the cell of a named value, `patterns` are those followed."""

    index: Mapping[str, int] = field(default_factory=dict)
    patterns: frozenset[_Pattern] = frozenset()

    def positive(self, operator: str, condition: Condition) -> int | None:
        """Return the cells of an equality, or of a pattern that is followed."""
        if operator in SAME:
            found = [self.index.get(key_of(self.kind, operand)) for operand in condition.operands]
            return None if None in found else sum(1 << cell for cell in set(found) if cell is not None)
        if not self.patterns.issuperset(_patterns(operator, condition)):
            return None
        negative = condition.operator != operator
        held = [condition.test({self.field: sample}) != negative for sample in self.samples]
        return sum(1 << number for number, holds in enumerate(held) if holds)


@dataclass(frozen=True)
class TriedAxis(Axis):
    """Texts that are tried, one after the other; `operators` are those for which they show every case."""

    operators: frozenset[str] = SAME

    def positive(self, operator: str, condition: Condition) -> int | None:
        """Return the cells of an operator by asking the condition about every text."""
        if operator not in self.operators or any(not isinstance(operand, str) for operand in condition.operands):
            return None
        negative = condition.operator != operator
        held = [condition.test({self.field: sample}) != negative for sample in self.samples]
        return sum(1 << number for number, holds in enumerate(held) if holds)


def key_of(kind: FieldType, operand: Value) -> str:
    """Return what two values have in common when they are the same: a code, or the folded text.

    A state without a code of its own ("WA" is one in two countries) has none: what it is depends on the country.
    """
    text = compare.plain(operand)
    if kind == "country" and (code := normalize.country(text)):
        return f"\0{code}"  # no text can be that
    if kind == "state":
        return f"\0{code}" if (code := normalize.state(text)) else "\0"
    if kind in {"bool", "any"} and (flag := compare.flag(operand)) is not None:
        return f"\0{flag}"
    return compare.folded(operand)


def flags(name: str) -> TextAxis:
    """Return the axis of a field that is yes or no."""
    full = 0b110 if name in NEVER_MISSING else 0b111
    return TextAxis(name, "bool", (None, True, False), full, 0b110, {key_of("bool", True): 1, key_of("bool", False): 2})


def _operands(conditions: Iterable[Condition]) -> list[Value]:
    """Return what a field is compared with for equality."""
    same = [line for line in conditions if NEGATIVE.get(line.operator, line.operator) in SAME]
    return [operand for line in same for operand in line.operands]


def texts(name: str, kind: FieldType, conditions: Sequence[Condition]) -> TextAxis:
    """Return the axis of a field of texts, countries or states."""
    index: dict[str, int] = {}
    samples: list[Value] = [None]
    for operand in (*CLOSED.get(name, ()), *_operands(conditions)):
        key = key_of(kind, operand)
        if key != "\0" and index.setdefault(key, len(samples)) == len(samples):
            samples.append(compare.plain(operand))
    named = (1 << len(samples)) - 2
    patterns = _followed(kind, conditions)
    full = 0 if name in NEVER_MISSING else MISSING
    if name in CLOSED:
        full |= (1 << (len(CLOSED[name]) + 1)) - 2
    else:
        samples += _others(patterns, known=index)
        full |= (1 << len(samples)) - 2
    return TextAxis(name, kind, tuple(samples), full, named, index, frozenset(patterns))


def _followed(kind: FieldType, conditions: Iterable[Condition]) -> list[_Pattern]:
    """Return the patterns on a field of texts; none when there are too many.

    Nor where the field is compared with a yes or no: all words for one of these are in one cell, patterns part them.
    """
    flags = kind == "any" and any(compare.flag(operand) is not None for operand in _operands(conditions))
    found = {
        each: None
        for line in conditions
        if (operator := NEGATIVE.get(line.operator, line.operator)) in PATTERNS
        for each in _patterns(operator, line)
    }
    return list(found) if kind in {"text", "any"} and not flags and len(found) <= MOST_PATTERNS else []


def _patterns(operator: str, condition: Condition) -> list[_Pattern]:
    """Return the parts of a text that a condition asks for, each with how it asks."""
    plain = "contains" if operator == "contains all of" else operator
    return [(plain, compare.folded(operand)) for operand in condition.operands]


def _others(patterns: Sequence[_Pattern], known: Mapping[str, int]) -> list[str]:
    """Return a text, none of those named, for every way in which these patterns can hold or not.

    All that are to hold stand side by side with a sign between them that none has; what then holds beside them holds
    for every text with these, so a combination that this text does not show cannot be.
    """
    taken = "".join([*(part for _, part in patterns), *known])
    sign = next(mark for mark in map(chr, range(0x2801, 0x2900)) if mark not in taken)
    found = []
    for wanted in product((False, True), repeat=len(patterns)):
        text = _joined([each for each, on in zip(patterns, wanted, strict=True) if on], sign)
        if all(_shows(text, each) == on for each, on in zip(patterns, wanted, strict=True)):
            found.append(text)
    return found


def _shows(text: str, pattern: _Pattern) -> bool:
    operator, part = pattern
    if operator == "contains":
        return part in text
    return text.startswith(part) if operator == "starts with" else text.endswith(part)


def _joined(parts: Sequence[_Pattern], sign: str) -> str:
    starts = max((part for operator, part in parts if operator == "starts with"), key=len, default="")
    ends = max((part for operator, part in parts if operator == "ends with"), key=len, default="")
    inner = [part for operator, part in parts if operator == "contains"]
    return sign.join([starts, *inner, "", ends])


def language(name: str, conditions: Sequence[Condition]) -> TriedAxis:
    """Return the axis of a language: ``fr-CA`` is French too, so every tag and every pair of tags is tried."""
    tags = {languages.language(compare.plain(operand)): compare.plain(operand) for operand in _operands(conditions)}
    told = [text for tag, text in tags.items() if tag]
    codes = {tag.partition("-")[0]: tag.partition("-")[2] for tag in tags if tag}
    pairs = [
        f"{one}-{other.partition('-')[2]}"
        for one in tags
        for other in tags
        if one != other and one.partition("-")[0] == other.partition("-")[0] and "-" in one and "-" in other
    ]
    unknown = next(code for code in ("eo", "la", "yi", "vo", "ia") if code not in codes)
    samples = (None, *told, *pairs, unknown)
    operators = SAME if len(samples) <= MOST_TRIED and all(tags) else frozenset[str]()
    return TriedAxis(name, "language", samples, (1 << len(samples)) - 1, (1 << (len(told) + 1)) - 2, operators)


def postal_codes(name: str, conditions: Sequence[Condition]) -> TriedAxis:
    """Return the axis of postal codes: ends of ranges and beginnings are tried, and what is next to them."""
    asked = [line for line in conditions if NEGATIVE.get(line.operator, line.operator) in SAME | {"between"}]
    written = [compare.plain(operand) for line in asked for operand in line.operands]
    heads = {head for text in written for head in _ends(text)}
    sizes = {len(head) for head in heads}
    tried = {
        near + "0" * (size - len(near))
        for head in heads
        for near in (head, *_neighbours(head))
        for size in (*sizes, max(sizes, default=0) + 1)
        if size >= len(near)
    }
    plain = all(head.isdigit() for head in heads if len(head) != max(sizes)) and len(tried) <= MOST_TRIED
    samples = (None, *sorted(tried), "zz zzz")
    operators = SAME | {"between"} if plain else frozenset[str]()
    return TriedAxis(name, "postal", samples, (1 << len(samples)) - 1, (1 << (len(tried) + 1)) - 2, operators)


def _ends(text: str) -> list[str]:
    """Return the codes that stand in an operand: one, or the two ends of a range."""
    parts = text.replace("\u2013", "-").split("-")
    whole = [postal.code(text)] if len(parts) == 1 or not text.rstrip("*").strip().isascii() else []
    return [code for code in (*whole, *map(postal.code, parts), postal.code(text)) if code]


def _neighbours(code: str) -> list[str]:
    """Return the codes of the same shape right before and after one."""
    signs = {True: "0123456789", False: "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
    found = []
    for step in (-1, 1):
        turned, carry = list(code), True
        for at in range(len(code) - 1, -1, -1):
            row = signs[code[at].isdigit()]
            if not carry or code[at] not in row:
                break
            place = row.index(code[at]) + step
            carry = not 0 <= place < len(row)
            turned[at] = row[place % len(row)]
        if not carry:
            found.append("".join(turned))
    return found
