"""How values are read and written in conditions, and how they are shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TypeAlias

from rules import normalize
from rules.faults import UNSTORABLE, RuleFault
from rules.fields import TEXTUAL, FieldType
from rules.model import Value
from rules.times import moments
from rules.wording.words import amount, say, showable

Operand: TypeAlias = str | int | float | bool | date
"""What may stand on the right of an operator; a moment is a datetime in UTC."""

FLAGS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "1", "checked", "on"), True),
    **dict.fromkeys(("false", "no", "0", "unchecked", "off"), False),
}
"""What stands for yes and no, in rules and in the CRMs."""
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,17})\.\d{1,12}", re.ASCII)


def literal(text: str, *, text_only: bool = False) -> Operand:
    """Read a value as written in a rule: quoted text, number, true/false, date, or plain text. Raises RuleFault."""
    if text[:1] in {'"', "'"}:
        return unquoted(text)
    if text_only:
        return text
    if _INTEGER.fullmatch(text):
        return int(text)
    if _DECIMAL.fullmatch(text):
        return float(text)
    if (at := moments.written(text)) is not None:
        return at
    return text.casefold() == "true" if text.casefold() in {"true", "false"} else text


def unquoted(text: str) -> str:
    """Return what stands between quotes, double ones with the escapes of JSON. Raises RuleFault."""
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


def fits(kind: FieldType, operand: Operand) -> bool:
    """Tell whether an operand can be compared with a field of this type."""
    if kind == "any":
        return True
    if isinstance(operand, bool):
        return kind == "bool"
    if isinstance(operand, int | float):
        return kind == "number"
    return kind == "time" if isinstance(operand, date) else kind in TEXTUAL


def flag(value: Value) -> bool | None:
    """Return the yes or no that a value is, in any of the words of FLAGS; None when it is neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in {0, 1} else None
    return FLAGS.get(folded(value)) if isinstance(value, str) and len(value) < 20 else None  # noqa: PLR2004 - a word


def is_empty(value: Value) -> bool:
    """Tell whether there is nothing there: missing, or only space."""
    return value is None or (isinstance(value, str) and not value.strip())


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
        return say("value.empty")
    if isinstance(value, bool):
        return say("value.yes" if value else "value.no")
    if isinstance(value, int | float):
        return amount(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} {value.tzname() or ''}".strip()
    return showable(str(value).strip())
