"""How values are compared in conditions, and how they are written and shown."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import TypeAlias

from rules import normalize
from rules.faults import UNSTORABLE, RuleFault
from rules.fields import FieldType
from rules.model import Value
from rules.words import showable

Operand: TypeAlias = str | int | float | bool | date
"""What may stand on the right of an operator."""

_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,17})\.\d{1,12}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_WORDS = {"true": True, "yes": True, "false": False, "no": False}


def literal(text: str, *, text_only: bool = False) -> Operand:
    """Read a value as written in a rule: quoted text, number, true/false, date, or plain text. Raises RuleFault."""
    if text[:1] in {'"', "'"}:
        return _unquoted(text)
    if text_only:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _DATE.fullmatch(text):
        return _day(text)
    return text.casefold() == "true" if text.casefold() in {"true", "false"} else text


def _unquoted(text: str) -> str:
    quote = text[0]
    if len(text) < 2 or text[-1] != quote:  # noqa: PLR2004 - a quote on each side
        raise RuleFault("A quote is not closed.", remedy="A # in the text needs single quotes around the whole line.")
    if quote == "'":
        return text[1:-1]
    try:
        found = str(json.loads(text, strict=False))
    except json.JSONDecodeError:
        raise RuleFault(
            "The quoted text cannot be read.", remedy='Write \\" for a quote and \\\\ for a backslash.'
        ) from None
    if UNSTORABLE.search(found):
        raise RuleFault("An escape in the quoted text stands for no character.", remedy="Write the character itself.")
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RuleFault(f"There is no day {text}.", remedy="Write a date such as 2026-01-31.") from None


def fits(kind: FieldType, operand: Operand) -> bool:
    """Tell whether an operand can be compared with a field of this type."""
    if kind == "any":
        return True
    if isinstance(operand, bool):
        return kind == "bool"
    if isinstance(operand, int | float):
        return kind == "number"
    return kind == "time" if isinstance(operand, date) else kind in {"text", "country"}


def is_empty(value: Value) -> bool:
    """Tell whether there is nothing there: missing, or only space."""
    return value is None or (isinstance(value, str) and not value.strip())


def same(kind: FieldType, value: Value, operand: Operand) -> bool:
    """Tell whether a value equals an operand; countries by ISO code, texts without regard to case."""
    if is_empty(value):
        return False
    if kind == "country":
        one, other = normalize.country(plain(value)), normalize.country(plain(operand))
        return one == other if one and other else folded(value) == folded(operand)
    if isinstance(operand, str):
        return folded(value) == folded(operand)
    found = order(value, operand)
    return found == 0 if found is not None else folded(value) == folded(operand)


def order(value: Value, operand: Operand) -> int | None:
    """Return -1, 0 or 1 as the value is before, at or after the operand; None when they cannot be compared.

    A text (a custom field may come as text) is read as the operand's type first. A moment is compared with a day by
    its day in UTC.
    """
    if isinstance(operand, bool):
        flag = value if isinstance(value, bool) else _WORDS.get(folded(value))
        return None if flag is None else int(flag) - int(operand)
    if isinstance(operand, int | float):
        number = _number(value)
        return None if number is None else (number > operand) - (number < operand)
    if isinstance(operand, date):
        day = _as_day(value)
        return None if day is None else (day > operand) - (day < operand)
    if is_empty(value):
        return None
    return (folded(value) > folded(operand)) - (folded(value) < folded(operand))


def _number(value: Value) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    text = value.strip() if isinstance(value, str) else ""
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def _as_day(value: Value) -> date | None:
    if isinstance(value, datetime):
        return _utc_day(value)
    if isinstance(value, date):
        return value
    try:
        return datetime.fromisoformat(value.strip()).date() if isinstance(value, str) else None
    except ValueError:
        return None


def _utc_day(moment: datetime) -> date:
    try:
        return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()
    except OverflowError:  # the first or the last day there is, in a zone where UTC has another one
        return moment.date()


def folded(value: Value) -> str:
    """Return a value as text for comparing: without regard to case, width, accents and double spaces."""
    return normalize.fold_whole(plain(value))


def plain(value: Value) -> str:
    """Return a value as it would be written in a rule, without quotes."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.12f}".rstrip("0").rstrip(".") if value.is_integer() is False else f"{value:.1f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def shown(value: Value) -> str:
    """Return a value for people: ``5,000``, ``yes``, ``2026-01-31 10:00 UTC``, ``empty``; a long text is cut."""
    if is_empty(value):
        return "empty"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}" if isinstance(value, int) or not value.is_integer() else f"{int(value):,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} {value.tzname() or ''}".strip()
    return showable(str(value).strip())
