"""Reads the values of a write: types, lengths, picklists, required fields; the errors are Salesforce's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .clock import parse_date, parse_datetime, stamp
from .errors import SalesforceError
from .ids import to18
from .schema import NUMBER_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .schema import Field, Sobject

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s.,;<>]{2,}\Z")
_IGNORED = {"attributes", "externalkey"}


def read_values(sobject: Sobject, given: Mapping[str, Any], *, creating: bool, trusted: bool = False) -> dict[str, Any]:
    """The stored form of the values in a request body, by field name.

    `trusted` lets a control call write what only the system can (``IsConverted``, ``CreatedDate``).
    """
    values: dict[str, Any] = {}
    locked: list[str] = []
    for name, value in given.items():
        if name.lower() in _IGNORED:
            continue
        item = sobject.find(name)
        if item is None:
            raise SalesforceError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
        if not trusted and not (item.createable if creating else item.updateable):
            locked.append(item.name)
            continue
        values[item.name] = read_value(item, value)
    if locked:
        message = (
            f"Unable to create/update fields: {', '.join(locked)}. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set."
        )
        raise SalesforceError("INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=tuple(locked))
    require(sobject, values, creating=creating)
    return values


def require(sobject: Sobject, values: Mapping[str, Any], *, creating: bool) -> None:
    """Refuse values that leave a required field empty. An owner and fields with a default fill themselves."""
    missing = [
        item.name
        for item in sobject.fields.values()
        if item.required
        and item.name != "OwnerId"
        and (values.get(item.name) is None if item.name in values else creating and item.default is None)
    ]
    if missing:
        text = ", ".join(missing)
        raise SalesforceError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{text}]", fields=tuple(missing))


def read_value(item: Field, value: Any) -> Any:
    """The stored form of one value; None for null and for blank text."""
    if value is None:
        return item.default if item.type == "boolean" else None
    if item.type == "boolean":
        if not isinstance(value, bool):
            raise _unreadable(item, value)
        return int(value)
    if item.type in NUMBER_TYPES:
        return _number(item, value)
    if not isinstance(value, str):
        raise _unreadable(item, value)
    text = value.strip()
    if not text:
        return None
    if item.type in {"reference", "id"}:
        return _reference(item, text)
    if item.type == "date":
        day = parse_date(text[:10])
        if day is None:
            raise _unreadable(item, value)
        return day.isoformat()
    if item.type == "datetime":
        return _datetime(item, text)
    return _text(item, text)


def parse_text(sobject: Sobject, name: str, text: str) -> Any:
    """The value of an XML text, by the type of its field."""
    item = sobject.find(name)
    if item is not None and item.type == "boolean":
        return text == "true"
    return text


def _unreadable(item: Field, value: Any) -> SalesforceError:
    wanted = {"textarea": "string", "picklist": "string", "reference": "ID"}.get(item.type, item.type)
    token = {bool: "VALUE_TRUE", int: "VALUE_NUMBER_INT", float: "VALUE_NUMBER_FLOAT", str: "VALUE_STRING"}
    kind = token.get(type(value), "START_OBJECT" if isinstance(value, dict) else "START_ARRAY")
    message = f"Cannot deserialize instance of {wanted} from {kind} value {value}"
    return SalesforceError("JSON_PARSER_ERROR", message)


def _number(item: Field, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _unreadable(item, value)
    try:
        number = float(value)
    except ValueError:
        raise _unreadable(item, value) from None
    whole = item.precision - item.scale
    if abs(round(number, item.scale)) >= 10**whole:
        message = f"{item.label}: value outside of valid range on numeric field: {value}"
        raise SalesforceError("NUMBER_OUTSIDE_VALID_RANGE", message, fields=(item.name,))
    return int(number) if item.type == "int" else round(number, item.scale)


def _reference(item: Field, text: str) -> str:
    full = to18(text)
    if full is None:
        raise SalesforceError("MALFORMED_ID", f"{item.label}: id value of incorrect type: {text}", fields=(item.name,))
    return full


def _datetime(item: Field, text: str) -> str:
    moment = parse_datetime(text)
    if moment is not None:
        return stamp(moment)
    day = parse_date(text)
    if day is None:
        raise _unreadable(item, text)
    return f"{day.isoformat()}T00:00:00.000+0000"


def _text(item: Field, text: str) -> str:
    if item.restricted and item.values:
        stored = next((value for value, _ in item.values if value.lower() == text.lower()), None)
        if stored is None:
            message = f"{item.label}: bad value for restricted picklist field: {text}"
            raise SalesforceError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, fields=(item.name,))
        return stored
    if item.length and len(text) > item.length:
        message = f"{item.label}: data value too large: {text[:80]} (max length={item.length})"
        raise SalesforceError("STRING_TOO_LONG", message, fields=(item.name,))
    if item.type == "email" and not _EMAIL.match(text):
        raise SalesforceError(
            "INVALID_EMAIL_ADDRESS", f"{item.label}: invalid email address: {text}", fields=(item.name,)
        )
    return text
