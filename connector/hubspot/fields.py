"""Canonical fields and HubSpot properties: the one table of names, and the way there and back. Pure.

Kind ``lead`` is the HubSpot contact (0-1) and kind ``account`` the company (0-2). Where a portal has its leads routed,
kind ``lead`` is the HubSpot lead (0-136) with what its contact says: connector/hubspot/leads.py.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from rules.fields import type_of
from rules.model import Record, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from rules.model import Kind

ItemT = TypeVar("ItemT")

CONTACT, COMPANY, DEAL, TASK, LEAD = "0-1", "0-2", "0-3", "0-27", "0-136"
"""Object type ids, the same in every portal."""

OBJECT_TYPES: Mapping[Kind, str] = {"lead": CONTACT, "account": COMPANY}
OWNER = "hubspot_owner_id"
STAGE = "hs_pipeline_stage"
"""What is ``status`` of a HubSpot lead; contacts have no such property."""

CONTACT_ID = "contact_id"
"""The field under which a record of a HubSpot lead keeps the id of its primary contact."""

CONFIDENCE = "switchyard_confidence"
RULE = "switchyard_rule"
ROUTED_AT = "switchyard_routed_at"
DECISION = "switchyard_decision"

_LEAD = {
    "email": "email",
    "first_name": "firstname",
    "last_name": "lastname",
    "company": "company",
    "website": "website",
    "phone": "phone",
    "mobile": "mobilephone",
    "title": "jobtitle",
    "street": "address",
    "city": "city",
    "state": "state",
    "postal_code": "zip",
    "country": "country",
    "industry": "industry",
    "employees": "numemployees",
    "revenue": "annualrevenue",
    "source": "hs_analytics_source",
    "status": "hs_lead_status",
    "lifecycle": "lifecyclestage",
    "language": "hs_language",
    "account_id": "associatedcompanyid",
    "decision": DECISION,
}
_ACCOUNT = {
    "name": "name",
    "website": "website",
    "domain": "domain",
    "phone": "phone",
    "street": "address",
    "city": "city",
    "state": "state",
    "postal_code": "zip",
    "country": "country",
    "industry": "industry",
    "employees": "numberofemployees",
    "revenue": "annualrevenue",
    "type": "type",
    "lifecycle": "lifecyclestage",
    "parent_id": "hs_parent_company_id",
}
_NAMES: Mapping[Kind, Mapping[str, str]] = {"lead": _LEAD, "account": _ACCOUNT}
_CANONICAL: Mapping[Kind, Mapping[str, str]] = {
    kind: {api: name for name, api in names.items()} | {OWNER: "owner_id", STAGE: "status"}
    for kind, names in _NAMES.items()
}
# Contacts keep the old spelling, every other object has the hs_ prefix (HubSpot, "Search the CRM").
MODIFIED: Mapping[Kind, str] = {"lead": "lastmodifieddate", "account": "hs_lastmodifieddate"}

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")


def canonical_name(kind: Kind, property_name: str) -> str:
    """Return our name of a property, or the property's own name when we have none."""
    return _CANONICAL.get(kind, {}).get(property_name, property_name)


def usual_names(kind: Kind) -> Mapping[str, str]:
    """Return canonical name -> property, as every portal has them; none for kinds that HubSpot does not have."""
    return _NAMES.get(kind, {})


def properties_to_read(
    kind: Kind, extra: Collection[str] = (), mapped: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """List the properties that make a Record of `kind`; HubSpot leaves out those that it does not know.

    `mapped` are canonical names that stand for another property than usual; both are read, as the other may be gone.
    """
    others = (api.lower() for api in mapped.values())
    return list(dict.fromkeys([*_NAMES[kind].values(), OWNER, MODIFIED[kind], *others, *extra]))


def to_record(
    kind: Kind,
    result: Mapping[str, Any],
    extra: Collection[str] = (),
    mapped: Mapping[str, str] = MappingProxyType({}),
) -> Record:
    """Make a Record of one object as the API returns it: ``{"id", "properties", "createdAt", "updatedAt"}``.

    A property that is missing, null or empty (HubSpot's "cleared") has no key. `extra` properties come back under
    their own names as text, because the value alone does not tell its type. A property of `mapped` that the portal does
    not have is not in the answer, and then the usual one counts.
    """
    properties: Mapping[str, Any] = result.get("properties") or {}
    fields: dict[str, Value] = {}
    theirs = {name: api.lower() for name, api in mapped.items() if api.lower() in properties}
    for name, api in {**_NAMES[kind], **theirs}.items():
        value = _parser(kind, name)(properties.get(api))
        if value is not None and value != "":
            fields[name] = value
    whole = f"{fields.get('first_name', '')} {fields.get('last_name', '')}".strip()
    if kind == "lead" and whole and "name" not in theirs:
        fields["name"] = whole
    for api in extra:
        if api not in theirs and (value := text(properties.get(api))):
            fields[api] = value
    return Record(
        kind=kind,
        id=str(result["id"]),
        fields=fields,
        owner_id=text(properties.get(OWNER)) or None,
        created_at=moment(result.get("createdAt")),
        modified_at=moment(properties.get(MODIFIED[kind])) or moment(result.get("updatedAt")),
    )


def text(value: Any) -> str:
    """Return a property value as stripped text; empty for null."""
    return "" if value is None else str(value).strip()


def number(value: Any) -> float | None:
    """Read a number as HubSpot stores it (text, dot for decimals); contacts' revenue is free text: drop its dress."""
    plain = re.sub(r"[\s,$€£]", "", text(value))
    return float(plain) if _NUMBER.fullmatch(plain) else None


def headcount(value: Any) -> int | None:
    """Read a number of employees. On contacts it may be a range (``25-50``, ``1000+``): its lower end counts."""
    found = re.match(r"\d+", text(value).replace(",", ""))
    return int(found.group()) if found else None


def moment(value: Any) -> datetime | None:
    """Read a time in either of HubSpot's spellings (ISO 8601 or Unix ms) as aware UTC; None when it is neither."""
    plain = text(value)
    try:
        if re.fullmatch(r"-?\d+", plain):
            return datetime.fromtimestamp(int(plain) / 1000, UTC)
        found = datetime.fromisoformat(plain)
    except (ValueError, OverflowError, OSError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def iso(at: datetime) -> str:
    """Write a time the way HubSpot writes its own: UTC, milliseconds, ``Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(at: datetime) -> str:
    """Write a time in Unix milliseconds."""
    return str(round(at.timestamp() * 1000))


_PARSERS: Mapping[str, Callable[[Any], Value]] = {"employees": headcount}
_BY_TYPE: Mapping[str, Callable[[Any], Value]] = {"number": number, "time": moment}


def _parser(kind: Kind, name: str) -> Callable[[Any], Value]:
    """Return what reads the value of a canonical name."""
    return _PARSERS.get(name) or _BY_TYPE.get(type_of(f"{kind}.{name}"), text)


def chunks(items: Sequence[ItemT], size: int) -> list[Sequence[ItemT]]:
    """Cut a list into pieces that one call can hold."""
    return [items[start : start + size] for start in range(0, len(items), size)]
