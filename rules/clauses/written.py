"""The values on the right of a condition: read as the field's type wants them, and written back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date

from rules.clauses import compare
from rules.clauses.compare import Operand
from rules.faults import RuleFault
from rules.fields import MONEY, TEXTUAL, FieldType, type_of
from rules.normalizing import numbers

_EXAMPLES: Mapping[FieldType, str] = {
    "number": "Write a number such as 5000 or 0.9, without quotes.",
    "bool": "Write yes or no.",
    "time": "Write a date such as 2026-01-31.",
}
_DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)
_DOUBTFUL = re.compile(r"-?[1-9]\d{0,2}\.\d{3}", re.ASCII)


def read_value(name: str, text: str) -> Operand:
    """Return a written value as the field's type wants it. Raises RuleFault when it does not fit."""
    kind = type_of(name)
    operand = compare.literal(text, text_only=kind in TEXTUAL)
    if kind == "bool" and (flag := compare.flag(operand)) is not None:
        return flag
    if kind == "number" and text[:1] not in {'"', "'"}:
        told = numbers.written(text, money=name in MONEY)
        operand = operand if told is None or isinstance(operand, bool) else told
    if compare.fits(kind, operand):
        return operand
    remedy = (_iso(text) if kind == "time" else "") or _EXAMPLES[kind]
    raise RuleFault(f"{name} is a {kind}, and “{compare.plain(operand)}” is not.", remedy=remedy)


def _iso(text: str) -> str:
    """Return what to write for a day such as ``31/12/2026``, which countries write in two orders; "" for none."""
    told = _DAY.fullmatch(text.strip())
    if not told:
        return ""
    first, second, year = map(int, told.groups())
    days: list[str] = []
    for month, day in ((second, first), (first, second)):
        try:
            days.append(date(year, month, day).isoformat())
        except ValueError:
            continue
    return f"Write {' or '.join(dict.fromkeys(days))}." if days else ""


def ordered(name: str, text: str) -> Operand:
    """Return a value that something is to be more or less than: ``50k`` is a number there in a custom field, too."""
    operand = read_value(name, text)
    if type_of(name) == "any" and isinstance(operand, str) and text[:1] not in {'"', "'"}:
        if remedy := _iso(text):
            raise RuleFault(f"“{text}” is no date that can be read.", remedy=remedy)
        told = numbers.written(text)
        return operand if told is None else told
    return operand


def dated(name: str, word: str, text: str) -> date:
    """Return the day or moment that something is to be before or after. Raises RuleFault when it is none."""
    operand = compare.literal(text) if text else ""
    if isinstance(operand, date):
        return operand
    remedy = _iso(text) or f"Write it like {name} {word} 2026-01-31."
    raise RuleFault(f"After “{word}” a date is missing.", remedy=remedy)


def quoted(text: str) -> str:
    """Return a text in quotes, as a rule may write it."""
    return json.dumps(text, ensure_ascii=False)


def written(name: str, operand: Operand) -> str:
    """Return an operand as a rule may write it, so that reading it gives the same."""
    if isinstance(operand, str):
        return quoted(operand)
    text = compare.plain(operand)
    return f"{text}0" if name in MONEY and _DOUBTFUL.fullmatch(text) else text
