"""The canonical names: what a rule may call a field, and what kind of value stands in it.

Anything else after ``lead.`` or ``account.`` is a custom field under its API name in the CRM.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from rules.api_names import API_NAMES
from rules.clauses import derived
from rules.clauses.facts import Facts
from rules.model import Match, Record, Value, Verdict

FieldType: TypeAlias = Literal["text", "number", "bool", "time", "country", "state", "postal", "language", "any"]

TEXTUAL: frozenset[FieldType] = frozenset({"text", "country", "state", "postal", "language"})
"""Types whose values are texts, each with its own idea of what is the same."""

_PLACE: dict[str, FieldType] = {
    "street": "text", "city": "text", "state": "state", "postal_code": "postal", "country": "country",
}  # fmt: skip
_RECORD: dict[str, FieldType] = {"id": "text", "owner_id": "text", "created_at": "time", "modified_at": "time"}
LEAD: dict[str, FieldType] = {
    "email": "text", "first_name": "text", "last_name": "text", "name": "text", "company": "text", "website": "text",
    "domain": "text", "email_domain": "text", "phone": "text", "mobile": "text", "title": "text", **_PLACE,
    "industry": "text", "employees": "number", "revenue": "number", "source": "text", "status": "text",
    "lifecycle": "text", "language": "language",
    "product": "text", "region": "text", "score": "number", "currency": "text",
    "converted": "bool",
    "account_id": "text", "decision": "text", **_RECORD,
}  # fmt: skip
ACCOUNT: dict[str, FieldType] = {
    "name": "text", "website": "text", "domain": "text", "phone": "text", **_PLACE, "industry": "text",
    "employees": "number", "revenue": "number", "type": "text", "lifecycle": "text", "parent_id": "text",
    "open_opportunities": "number",
    "lost_opportunities": "number", "last_lost_at": "time", "contacts": "number", "last_activity_at": "time",
    "currency": "text", "person": "bool", **_RECORD,
}  # fmt: skip
CONTACT: dict[str, FieldType] = {
    "id": "text", "email": "text", "first_name": "text", "last_name": "text", "name": "text", "phone": "text",
    "domain": "text", "email_domain": "text", "mobile": "text", "title": "text", "city": "text", "state": "state",
    "country": "country", "account_id": "text", "person": "bool",
    "owner_id": "text", "created_at": "time", "modified_at": "time",
}  # fmt: skip
OPPORTUNITY: dict[str, FieldType] = {
    "id": "text", "name": "text", "stage": "text", "amount": "number", "close_date": "time", "owner_id": "text",
    "is_open": "bool",
}  # fmt: skip
CANONICAL: Mapping[str, Mapping[str, FieldType]] = {
    "lead": LEAD,
    "account": ACCOUNT,
    "match": {"status": "text", "confidence": "number", "account_id": "text", "account_name": "text"},
    "duplicate": {"status": "text", "kind": "text", "id": "text", "owner_id": "text"},
    "contact": CONTACT,
    "opportunity": OPPORTUNITY,
    "event": {"first": "bool", "received_at": "time", "now": "time", "kind": "text", "changed": "text"},
}
"""Scope -> name -> type. ``account.*`` is known only when the lead is matched, ``opportunity.*`` when that account has
an open one (``opportunity.is_open`` is always known), ``contact.*`` when the lead is the same person as a contact.
``event.first`` is true until the lead has a decision, ``event.now`` is the moment of deciding, ``event.changed`` the
names of the lead's fields that changed, with commas between them ("" when the CRM did not say)."""

ALIASES: Mapping[str, str] = {
    **{
        f"{scope}.{name}": f"{scope}.postal_code"
        for scope in ("lead", "account")
        for name in ("zip", "zip_code", "postcode")
    },
    **{f"{scope}.annual_revenue": f"{scope}.revenue" for scope in ("lead", "account")},
    **{
        f"{scope}.{api.casefold()}": f"{scope}.{name}"
        for scope, names in API_NAMES.items()
        for name, told in names.items()
        for api in told
    },
}
"""Other names that people use for a canonical field, in lower case, and the API names of both CRMs: for `canonical`."""

FROM_CUSTOM = frozenset({"lead.product", "lead.region", "lead.score", "lead.currency"})
"""Canonical names behind which neither CRM has a standard field: a field of that API name is read from the CRM, as
custom fields are, until the adapter of the CRM has another one for it."""

MONEY = frozenset({"lead.revenue", "account.revenue", "opportunity.amount"})
"""Numbers that are sums of money, where 1.000 may be meant for a thousand."""

INPUTS: tuple[str, ...] = (
    "email", "first_name", "last_name", "name", "company", "website", "phone", "mobile", "title",
    "street", "city", "state",
    "postal_code", "country", "industry", "employees", "revenue", "source",
)  # fmt: skip
"""The lead fields a decision is made from, beside the custom fields that the rules read. A change of another field
(owner, links, our own stamp) is no reason to decide again; one of STATES only when a rule reads it."""
STATES = frozenset({"status", "lifecycle", "language", "region", "product", "score", "currency"})

_ATTRIBUTES = tuple(_RECORD)


def canonical(field: str) -> str:
    """Return our name of ``scope.name``, whatever the case, also for its API name in a CRM; custom fields stay so."""
    plain = field.casefold()
    scope, _, name = plain.partition(".")
    if name in CANONICAL.get(scope, {}):
        return plain
    return ALIASES.get(plain) or (f"{scope}.{field.partition('.')[2]}" if name and scope in CANONICAL else field)


def type_of(field: str) -> FieldType:
    """Return the type of ``scope.name``; ``any`` for a custom field."""
    scope, _, name = field.partition(".")
    return CANONICAL.get(scope, {}).get(name, "any")


def is_custom(field: str) -> bool:
    """Tell whether ``scope.name`` is read from the CRM by its API name: we have no field of ours behind it."""
    return type_of(field) == "any" or field in FROM_CUSTOM


def facts(
    lead: Record,
    *,
    account: Record | None,
    match: Match,
    duplicate: Verdict,
    event: Mapping[str, Value],
    contact: Record | None = None,
    own_free_mail: frozenset[str] = frozenset(),
) -> Facts:
    """Return everything a rule can ask about, as ``scope.name`` -> value; what is missing has no key.

    `own_free_mail` are mail domains that say nothing about a company, beside those that everybody knows. `account`
    carries its open opportunity as ``opportunity.name`` and so on; `contact` is the same person as the lead.
    `event` has ``first``, ``received_at``, ``now``, ``kind`` and ``changed``. The facts do not change once made.
    """
    told: dict[str, Value] = {
        **_of_record("lead", lead, own_free_mail),
        "match.status": match.status,
        "match.confidence": match.confidence,
        "duplicate.status": duplicate.status,
        "duplicate.kind": duplicate.of_kind,
        "duplicate.id": duplicate.of_id,
        "duplicate.owner_id": duplicate.owner_id,
        "opportunity.is_open": False,
        **{f"event.{name}": value for name, value in event.items()},
    }
    if match.account and match.status == "matched":
        told |= {"match.account_id": match.account.account_id, "match.account_name": match.account.name}
        told |= _of_account(account) if account else {}
    if contact:
        known = _of_record("contact", contact, own_free_mail)
        told |= {name: value for name, value in known.items() if name.partition(".")[2] in CONTACT}
    return Facts(told)


def _of_account(account: Record) -> dict[str, Value]:
    """Return an account's facts; those of its open opportunity have a scope of their own."""
    own = "account.opportunity."
    told = _of_record("account", account)
    known = {name.removeprefix("account.") if name.startswith(own) else name: value for name, value in told.items()}
    return {**known, "opportunity.is_open": any(name.startswith(own) for name in told)}


def _of_record(scope: str, record: Record, own_free_mail: frozenset[str] = frozenset()) -> dict[str, Value]:
    own: dict[str, Value] = {name: getattr(record, name) for name in _ATTRIBUTES}
    made = derived.values(record, own_free_mail)
    told = {f"{scope}.{name}": value for name, value in {**own, **record.fields}.items() if value is not None}
    return {**{f"{scope}.{name}": value for name, value in made.items()}, **told}
