"""The literals of a SOQL filter, as the columns store them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from .clock import now, parse_datetime, stamp
from .errors import SalesforceError
from .ids import to18
from .schema import NUMBER_TYPES

if TYPE_CHECKING:
    from .schema import Field
    from .soql import Value


def filter_value(item: Field, value: Value, operator: str) -> Any:
    """A literal as the column stores it; INVALID_FIELD when its kind does not fit the field."""
    if operator == "LIKE":
        if value.kind != "string" or item.type in {"id", "reference"} or item.type in NUMBER_TYPES:
            raise SalesforceError("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {item.type} field: LIKE")
        return value.value
    if value.kind == "null":
        return None
    if item.type == "boolean":
        return _fit(item, value, "boolean", quotes=False) and int(value.value)
    if item.type in NUMBER_TYPES:
        return _fit(item, value, "number", quotes=False) and value.value
    if item.type in {"date", "datetime"}:
        return _moment(item, value)
    _fit(item, value, "string", quotes=True)
    text = re.sub(r"\\([%_])", r"\1", value.value)
    if item.type in {"id", "reference"}:
        full = to18(text)
        if full is None:
            raise SalesforceError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
        return full
    return text


def _fit(item: Field, value: Value, kind: str, *, quotes: bool) -> bool:
    if value.kind != kind:
        word = "should be enclosed in quotes" if quotes else "should not be enclosed in quotes"
        raise SalesforceError(
            "INVALID_FIELD", f"value of filter criterion for field '{item.name}' must be of type {item.type} and {word}"
        )
    return True


def _moment(item: Field, value: Value) -> Any:
    if value.kind == "literal":
        return _span(value.value, dated=item.type == "date")
    if value.kind != item.type:
        kind = item.type.replace("datetime", "dateTime")
        text = f"value of filter criterion for field '{item.name}' must be of type {kind}"
        raise SalesforceError("INVALID_FIELD", f"{text} and should not be enclosed in quotes")
    if item.type == "date":
        return value.value
    moment = parse_datetime(value.value)
    if moment is None:
        raise SalesforceError("MALFORMED_QUERY", f"invalid datetime: {value.value}")
    return stamp(moment)


def _span(literal: str, *, dated: bool) -> tuple[str, str]:
    """The half-open span of a date literal, in UTC (a real org uses the user's time zone)."""
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    name, _, count = literal.partition(":")
    days = int(count or 0)
    month = today.replace(day=1)
    week = today - timedelta(days=(today.weekday() + 1) % 7)
    next_month = (month + timedelta(days=32)).replace(day=1)
    spans = {
        "TODAY": (today, today + timedelta(days=1)),
        "YESTERDAY": (today - timedelta(days=1), today),
        "TOMORROW": (today + timedelta(days=1), today + timedelta(days=2)),
        "LAST_N_DAYS": (today - timedelta(days=days), today + timedelta(days=1)),
        "NEXT_N_DAYS": (today + timedelta(days=1), today + timedelta(days=days + 1)),
        "THIS_WEEK": (week, week + timedelta(days=7)),
        "LAST_WEEK": (week - timedelta(days=7), week),
        "THIS_MONTH": (month, next_month),
        "LAST_MONTH": ((month - timedelta(days=1)).replace(day=1), month),
    }
    start, end = spans[name]
    if dated:
        return start.date().isoformat(), end.date().isoformat()
    return stamp(start), stamp(end)
