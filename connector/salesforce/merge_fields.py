"""The fields of records that are merged: which are read, by which names, and what stands in them. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from connector.salesforce.describe import FieldShape, ObjectShape
from connector.salesforce.fields import CODES, OWNER, api_names, moment, timestamp
from rules.merging.policy import own_name
from rules.model import Kind, Value

WHOLE = frozenset({"address", "location", "base64", "anyType", "complexvalue", "encryptedstring"})
"""Types that are not read: they are told by their parts, are no values, or come masked and would be written so."""
NUMBERS = frozenset({"int", "double", "currency", "percent"})
_SYSTEM = frozenset({"Id", OWNER})
_NO_RATES: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Names:
    """The fields of a kind: `extra` maps the names that a record has beside our usual ones to API names.

    `written` maps names as of `own_name` to the field that a value is written to.
    """

    extra: Mapping[str, str]
    written: Mapping[str, FieldShape]


def read_names(shape: ObjectShape) -> list[str]:
    """Return the API names of all fields that can be read as one value."""
    return [name for name, field in shape.fields.items() if field.type not in WHOLE]


def names_of(kind: Kind, shape: ObjectShape, mapped: Mapping[str, str], namespace: str) -> Names:
    """Return every field of a kind by our name where we have one, else by its API name.

    `mapped` are names of ours that stand for another field than usual. Standard fields that nobody can write and that
    we have no name for are Salesforce's own affair and left out.
    """
    ours = {name: api for name, api in (api_names(kind, namespace) | dict(mapped)).items() if api in shape.fields}
    spoken_for = {*ours.values(), *(CODES[api] for api in ours.values() if api in CODES)}
    others = {
        name: name
        for name, field in shape.fields.items()
        if name not in spoken_for | _SYSTEM
        and own_name(name) not in ours  # the usual field of a name that stands for another one
        and field.type not in WHOLE
        and (field.updateable or name.endswith("__c"))
    }
    meant = {name: shape.fields[_written_to(api, shape)] for name, api in (others | ours).items()}
    return Names({**others, **mapped}, {own_name(name): field for name, field in meant.items() if field.updateable})


def value_for(field: FieldShape, value: Value, rates: Mapping[str, float] = _NO_RATES, currency: str = "") -> Any:
    """Return a value of ours as the API wants it.

    In an org with several currencies amounts come in the corporate one and go back in the record's `currency`; `rates`
    are units of each for one of the corporate.
    """
    if value is None or value == "":
        return None
    if field.type == "boolean":
        return value if isinstance(value, bool) else str(value).casefold() == "true"
    if isinstance(value, datetime):
        return value.date().isoformat() if field.type == "date" else timestamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if field.type in NUMBERS and not isinstance(value, str):
        number = value * rates.get(currency, 1.0) if field.type == "currency" else value
        return int(number) if field.type == "int" else round(float(number), 6)
    return str(value)


def same(field: FieldShape, one: Any, other: Any) -> bool:
    """Tell whether two values of a field, as the API tells them, mean the same."""
    empty = [value in (None, "") for value in (one, other)]
    if any(empty):
        return all(empty)
    if field.type in NUMBERS:
        return abs(float(one) - float(other)) < 1e-6  # noqa: PLR2004 - six digits are kept
    if field.type == "datetime":
        return moment(one) == moment(other)
    if field.type == "boolean":
        return bool(one) == bool(other)
    return _plain(one) == _plain(other)


def _plain(value: Any) -> str:
    """Return a text without what Salesforce may do to it: line ends, and space at both ends."""
    return str(value).replace("\r\n", "\n").strip()


def _written_to(api: str, shape: ObjectShape) -> str:
    """Return the field to write: of a state or country the code, where the org has one."""
    code = CODES.get(api, "")
    return code if code in shape.fields else api
