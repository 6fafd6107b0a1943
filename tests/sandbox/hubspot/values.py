"""Checks and normalises what is written into a property, as the CRM does.

HubSpot stores every value as text. A refused value is a problem ``(code, property, message)``; codes other than
PROPERTY_DOESNT_EXIST and INVALID_INTEGER are [U]: take them as "some code", not as these words.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.sandbox.hubspot.standard import Property

Problem = tuple[str, str, str]
EMAIL = re.compile(r"[^@\s,;<>\"()\[\]\\]+@(?:[^@\s.,;<>()]+\.)+[^@\s.,;<>()]{2,}")
LONGEST_TEXT = 65_536
DAY_MS = 86_400_000


class RefusedError(Exception):
    """One value is wrong; holds the problem."""

    def __init__(self, code: str, name: str, message: str) -> None:
        super().__init__(message)
        self.problem: Problem = (code, name, message)


def text_of(value: Any) -> str:
    """Return the text that JSON primitives are stored as; ``""`` and null both clear a property."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def iso(ms: int) -> str:
    """Return Unix milliseconds the way HubSpot prints a moment."""
    moment = datetime.fromtimestamp(ms / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def moment_ms(text: str) -> int:
    """Read Unix milliseconds or ISO 8601 text; ValueError if it is neither."""
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    moment = datetime.fromisoformat(text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def normal(prop: Property, raw: Any) -> str:
    """Return the text to store for `raw` in `prop`; raises :class:`RefusedError`."""
    text = text_of(raw)
    if text == "":
        return ""
    if prop.name == "email":
        return _email(prop, text)
    if prop.name == "hs_task_reminders":
        return _reminder(prop, text)
    check = _BY_TYPE.get(prop.type)
    return check(prop, text) if check else _text(prop, text)


def comparable(prop: Property, text: str) -> str:
    """Return a search value in the form in which values of `prop` are stored; text that cannot be read stays."""
    try:
        return normal(prop, text) if prop.type in {"date", "datetime", "number", "bool"} else text
    except RefusedError:
        return text


def _text(prop: Property, text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise RefusedError(
            "PROPERTY_VALUE_TOO_LONG", prop.name, f'"{prop.name}" is longer than {LONGEST_TEXT} characters.'
        )
    return text


def _email(prop: Property, text: str) -> str:
    email = text.strip().lower()
    if not EMAIL.fullmatch(email):
        raise RefusedError("INVALID_EMAIL", prop.name, f"Email address {text} is invalid")
    return email


def _reminder(prop: Property, text: str) -> str:
    if not all(part.isdigit() for part in text.split(";")):
        raise RefusedError("INVALID_LONG", prop.name, f"{text} was not a valid long.")
    return text


def _number(prop: Property, text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if number != number or number in {float("inf"), float("-inf")}:  # noqa: PLR0124  (the test for not-a-number)
        raise RefusedError("INVALID_INTEGER", prop.name, f"{text} was not a valid number.")
    return text.strip() if re.fullmatch(r"-?\d+", text.strip()) else repr(number).removesuffix(".0")


def _datetime(prop: Property, text: str) -> str:
    try:
        return iso(moment_ms(text))
    except (ValueError, OverflowError, OSError):
        raise RefusedError("INVALID_DATE", prop.name, f"{text} was not a valid date.") from None


def _date(prop: Property, text: str) -> str:
    try:
        if re.fullmatch(r"-?\d+", text):
            if int(text) % DAY_MS:
                raise RefusedError("INVALID_DATE", prop.name, f"{text} is not at midnight.")
            return iso(int(text))[:10]
        return date.fromisoformat(text[:10]).isoformat()
    except (ValueError, OverflowError, OSError):
        raise RefusedError("INVALID_DATE", prop.name, f"{text} was not a valid date.") from None


def _bool(prop: Property, text: str) -> str:
    lowered = text.lower()
    if lowered not in {"true", "false"}:
        raise RefusedError("INVALID_OPTION", prop.name, f"{text} was not one of the allowed options: [true, false]")
    return lowered


def _choice(prop: Property, text: str) -> str:
    parts = [part for part in text.split(";") if part] if prop.field_type == "checkbox" else [text]
    # HubSpot fills some lists from elsewhere (owners, pipelines): those have no options here and take any value.
    wrong = [part for part in parts if prop.values and part not in prop.values]
    if wrong:
        allowed = ", ".join(sorted(prop.values))
        raise RefusedError("INVALID_OPTION", prop.name, f"{wrong[0]} was not one of the allowed options: [{allowed}]")
    return text


_BY_TYPE = {"number": _number, "datetime": _datetime, "date": _date, "bool": _bool, "enumeration": _choice}
