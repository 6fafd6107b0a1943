"""Our names and Salesforce's: objects, fields, and a row as a Record. PURE.

Fields and objects of the package carry its namespace prefix in a customer's org (``ns__Switchyard_Rule__c``); this is
the only place that adds or removes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from rules.model import Kind, Record, Value

AUDIT_OBJECT = "Routing_Audit__c"
RULE_OBJECT = "Routing_Rule__c"
SNAPSHOT_OBJECT = "Routing_Snapshot__c"
"""Parts of what records said before a merge; see connector/salesforce/snapshot_parts.py."""
OBJECTS: Mapping[Kind, str] = MappingProxyType(
    {
        "lead": "Lead",
        "contact": "Contact",
        "account": "Account",
        "opportunity": "Opportunity",
        "user": "User",
        "rule": RULE_OBJECT,
    }
)
PREFIXES: Mapping[Kind, str] = MappingProxyType(
    {"lead": "00Q", "contact": "003", "account": "001", "opportunity": "006", "user": "005"}
)
"""The first three characters of the ids of standard objects; a custom object's differ from org to org."""
USER_PREFIX, TASK_PREFIX = "005", "00T"

LEAD_STAMP = {
    "rule": "Switchyard_Rule__c",
    "confidence": "Switchyard_Confidence__c",
    "routed_at": "Switchyard_Routed_At__c",
    "decision": "Switchyard_Decision__c",
    "duplicate_of": "Switchyard_Duplicate_Of__c",
}
"""Part of a Stamp -> field of the lead. The duplicate is a text, not a lookup: a lookup to a record that was merged
away meanwhile would have the whole write refused, the owner with it."""
LEAD_LINK = "Switchyard_Account__c"
REQUEST, REQUEST_REFUSED = "Switchyard_Request__c", "Switchyard_Request_Refused__c"
"""What somebody asked for on a lead or contact, and why it was not done; see docs/decisions/0012."""
REQUESTED: frozenset[Kind] = frozenset({"lead", "contact"})
"""The kinds on whose records something can be asked for."""
CHANGED_BY = "LastModifiedById"
PERSON = "IsPersonAccount"
"""Of an account and of a contact: they are one person, who is stored as both. Source: Object Reference "Account"."""
CURRENCY = "CurrencyIsoCode"

CODES: Mapping[str, str] = MappingProxyType(
    {
        f"{address}{part}": f"{address}{part}Code"
        for address in ("", "Billing", "Mailing")
        for part in ("State", "Country")
    }
)
"""Field of an address -> the field beside it that holds the code, in orgs with state and country picklists. The code
is the same in every language; the other holds a label that an admin may have reworded."""

FIELDS: Mapping[Kind, Mapping[str, str]] = MappingProxyType(
    {
        "lead": {
            "email": "Email",
            "first_name": "FirstName",
            "last_name": "LastName",
            "name": "Name",
            "company": "Company",
            "website": "Website",
            "phone": "Phone",
            "mobile": "MobilePhone",
            "title": "Title",
            "street": "Street",
            "city": "City",
            "state": "State",
            "postal_code": "PostalCode",
            "country": "Country",
            "industry": "Industry",
            "employees": "NumberOfEmployees",
            "revenue": "AnnualRevenue",
            "source": "LeadSource",
            "status": "Status",
            "converted": "IsConverted",
            "currency": CURRENCY,  # only in orgs with several currencies
            "account_id": LEAD_LINK,
            "decision": LEAD_STAMP["decision"],
        },
        "contact": {
            "email": "Email",
            "first_name": "FirstName",
            "last_name": "LastName",
            "name": "Name",
            "phone": "Phone",
            "mobile": "MobilePhone",
            "title": "Title",
            "account_id": "AccountId",
            "city": "MailingCity",
            "state": "MailingState",
            "country": "MailingCountry",
            "person": PERSON,
        },
        "account": {
            "name": "Name",
            "website": "Website",
            "phone": "Phone",
            "street": "BillingStreet",
            "city": "BillingCity",
            "state": "BillingState",
            "postal_code": "BillingPostalCode",
            "country": "BillingCountry",
            "industry": "Industry",
            "employees": "NumberOfEmployees",
            "revenue": "AnnualRevenue",
            "type": "Type",
            "parent_id": "ParentId",
            "currency": CURRENCY,
            "person": PERSON,  # only in orgs with person accounts
        },
        "opportunity": {"name": "Name", "account_id": "AccountId", "stage": "StageName"},
        "user": {"name": "Name", "email": "Email"},
        "rule": {"name": "Name"},
    }
)
"""Canonical name -> API name. Salesforce has no standard field for a lead's `lifecycle`, `language`, `region`, `score`,
nor for an account's `lifecycle`: an org that has them has custom fields, which rules name by their API names."""

SAMPLES: Mapping[Kind, Mapping[str, str]] = MappingProxyType({"lead": {"product": "ProductInterest__c"}})
"""Canonical name -> API name of the sample fields that Salesforce puts into some orgs. They are not the package's, so
they have no namespace; where an org lacks them they are left out."""

OWNER, CREATED, MODIFIED, DELETED = "OwnerId", "CreatedDate", "SystemModstamp", "IsDeleted"
MASTER = "MasterRecordId"
"""On a deleted record: the one it was merged into."""
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_TEXTS: Mapping[str, str] = MappingProxyType({code: text for text, code in CODES.items()})
_NUMBERS: Mapping[str, type[int | float]] = {"employees": int, "revenue": float}


def packaged(name: str, namespace: str) -> str:
    """Return the name of one of the package's own objects or fields as the customer's org knows it."""
    return f"{namespace}__{name}" if namespace else name


def plain(name: str, namespace: str) -> str:
    """Return a name without the package's namespace prefix."""
    return name.removeprefix(f"{namespace}__") if namespace else name


def api_names(kind: Kind, namespace: str = "") -> dict[str, str]:
    """Return canonical name -> API name for the fields of `kind` that we read."""
    own = {name: packaged(api, namespace) if api.endswith("__c") else api for name, api in FIELDS[kind].items()}
    return own | dict(SAMPLES.get(kind, {}))


def object_name(kind: Kind, namespace: str = "") -> str:
    """Return the API name of the object behind `kind`."""
    name = OBJECTS[kind]
    return packaged(name, namespace) if name.endswith("__c") else name


def canonical_name(kind: Kind, api_name: str, namespace: str = "") -> str:
    """Return our name of a field, or its API name when we have none."""
    short = _TEXTS.get(plain(api_name, namespace), plain(api_name, namespace))
    if short == REQUEST and kind in REQUESTED:
        return "request"
    for name, api in (*FIELDS[kind].items(), *SAMPLES.get(kind, {}).items()):
        if api == short:
            return name
    return api_name


def columns(kind: Kind, namespace: str = "") -> list[str]:
    """Return the API names to ask for when reading `kind`, `Id` first."""
    names = api_names(kind, namespace).values()
    codes = (CODES[name] for name in names if name in CODES)
    asked = [packaged(REQUEST, namespace), CHANGED_BY] if kind in REQUESTED else []
    return list(dict.fromkeys(["Id", DELETED, OWNER, CREATED, MODIFIED, *names, *codes, *asked]))


def is_id(kind: Kind, text: str) -> bool:
    """Whether `text` can be the id of a record of `kind`; one that cannot would spoil a whole batch read."""
    return begins(text, PREFIXES.get(kind, ""))


def begins(text: str, prefix: str) -> bool:
    """Whether `text` can be the id of a record whose ids begin so."""
    return bool(_ID.fullmatch(text)) and text.startswith(prefix)


def is_there(row: Mapping[str, Any] | None) -> bool:
    """Whether a row of a batch read is there: a missing record is null, a recycled one says so."""
    return row is not None and not row.get(DELETED)


def to_record(
    kind: Kind,
    row: Mapping[str, Any],
    *,
    namespace: str = "",
    extra: Mapping[str, str] = MappingProxyType({}),
    types: Mapping[str, str] = MappingProxyType({}),
    rates: Mapping[str, float] | None = None,
) -> Record:
    """Turn a REST row into a Record: numbers parsed, text stripped, times aware, missing and empty fields left out.

    `extra` maps further names as the caller wrote them, and names of ours that stand for another field than usual, to
    API names; `types` maps API names to Salesforce field types (``datetime``, ``date``, ``double`` …), without which a
    time stays text. What somebody asks for on the record is its ``request``, with the id of who changed it last as
    ``request_by``. `rates` are units of each currency for one of the corporate currency, in which amounts are then
    told; one in a currency without a rate is left out. None: the org has one currency.
    """
    fields: dict[str, Value] = {}
    for name, api in (api_names(kind, namespace) | dict(extra)).items():
        found = (row.get(CODES[api]) if api in CODES else None) or row.get(api)
        if rates is not None and types.get(api) == "currency":
            found = _in_corporate(found, rates.get(str(row.get(CURRENCY) or "")))
        value = _value(found, types.get(api, ""))
        number = _NUMBERS.get(name)
        if number is not None and isinstance(value, int | float | str):
            value = _number(value, number)
        if value not in (None, ""):
            fields[name] = value
    if kind in REQUESTED and (asked := row.get(packaged(REQUEST, namespace))):
        fields |= {"request": str(asked), "request_by": str(row.get(CHANGED_BY) or "")}
    if kind == "account" and fields.get("person"):
        # Somebody's own site or provider: no company is known by it.
        fields = {name: value for name, value in fields.items() if name not in ("website", "domain")}
    return Record(
        kind=kind,
        id=str(row["Id"]),
        fields=fields,
        owner_id=row.get(OWNER) or None,
        created_at=moment(row.get(CREATED)),
        modified_at=moment(row.get(MODIFIED)),
    )


def moment(text: Any) -> datetime | None:
    """Parse a Salesforce time (``2026-11-22T10:00:00.000+0000``) or date; None when it is neither."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def timestamp(at: datetime) -> str:
    """Write a time as Salesforce wants it, in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def match_names(wanted: Iterable[str], known: Mapping[str, str]) -> dict[str, str]:
    """Map the names that a caller wrote to API names; `known` maps lower case to API names. Unknown ones drop out."""
    return {name: known[name.lower()] for name in wanted if name.lower() in known}


def _value(value: Any, kind: str) -> Value:
    """Parse one value; compound fields (addresses, geolocations) are left to their parts."""
    if isinstance(value, str):
        if kind in ("date", "datetime"):
            return moment(value)
        return value.strip()
    return value if isinstance(value, bool | int | float) else None


def _in_corporate(value: Any, rate: float | None) -> float | None:
    """Return an amount in the corporate currency, with cents; None where it is none or its rate is not known."""
    return round(value / rate, 2) if isinstance(value, int | float) and rate else None


def _number(value: float | str, kind: type[int | float]) -> int | float | None:
    """Read a number that may have come as text; None when it is none."""
    try:
        return kind(float(value))
    except ValueError:
        return None
