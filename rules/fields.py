"""The canonical names: what a rule may call a field, and what kind of value stands in it.

Anything else after ``lead.`` or ``account.`` is a custom field under its API name in the CRM.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from rules.model import Match, Record, Value, Verdict

FieldType: TypeAlias = Literal["text", "number", "bool", "time", "country", "any"]

_PLACE: dict[str, FieldType] = {
    "street": "text", "city": "text", "state": "text", "postal_code": "text", "country": "country",
}  # fmt: skip
_RECORD: dict[str, FieldType] = {"id": "text", "owner_id": "text", "created_at": "time", "modified_at": "time"}
LEAD: dict[str, FieldType] = {
    "email": "text", "first_name": "text", "last_name": "text", "name": "text", "company": "text", "website": "text",
    "phone": "text", "mobile": "text", "title": "text", **_PLACE, "industry": "text", "employees": "number",
    "revenue": "number", "source": "text", "status": "text", "lifecycle": "text", "language": "text",
    "converted": "bool",
    "account_id": "text", "decision": "text", **_RECORD,
}  # fmt: skip
ACCOUNT: dict[str, FieldType] = {
    "name": "text", "website": "text", "domain": "text", "phone": "text", **_PLACE, "industry": "text",
    "employees": "number", "revenue": "number", "type": "text", "parent_id": "text", "open_opportunities": "number",
    "contacts": "number", "last_activity_at": "time", **_RECORD,
}  # fmt: skip
CONTACT: dict[str, FieldType] = {
    "id": "text", "email": "text", "title": "text", "account_id": "text", "owner_id": "text",
}  # fmt: skip
OPPORTUNITY: dict[str, FieldType] = {
    "id": "text", "name": "text", "stage": "text", "amount": "number", "close_date": "time", "owner_id": "text",
}  # fmt: skip
CANONICAL: Mapping[str, Mapping[str, FieldType]] = {
    "lead": LEAD,
    "account": ACCOUNT,
    "match": {"status": "text", "confidence": "number", "account_id": "text", "account_name": "text"},
    "duplicate": {"status": "text", "kind": "text", "id": "text", "owner_id": "text"},
    "contact": CONTACT,
    "opportunity": OPPORTUNITY,
    "event": {"first": "bool", "received_at": "time"},
}
"""Scope -> name -> type. ``account.*`` is known only when the lead is matched, ``opportunity.*`` when that account has
an open one, ``contact.*`` when the lead is the same person as a contact; ``event.first`` is true until the lead has a
decision."""

INPUTS: tuple[str, ...] = (
    "email", "first_name", "last_name", "name", "company", "website", "phone", "mobile", "title",
    "street", "city", "state",
    "postal_code", "country", "industry", "employees", "revenue", "source",
)  # fmt: skip
"""The lead fields a decision is made from, beside the custom fields that the rules read. A change of another field
(owner, status, links, our own stamp) is no reason to decide again."""

_ATTRIBUTES = tuple(_RECORD)


def type_of(field: str) -> FieldType:
    """Return the type of ``scope.name``; ``any`` for a custom field."""
    scope, _, name = field.partition(".")
    return CANONICAL.get(scope, {}).get(name, "any")


def is_custom(field: str) -> bool:
    """Tell whether ``scope.name`` is a field of the customer's own (or one that we have no name for)."""
    return type_of(field) == "any"


def facts(
    lead: Record,
    *,
    account: Record | None,
    match: Match,
    duplicate: Verdict,
    event: Mapping[str, Value],
    contact: Record | None = None,
) -> dict[str, Value]:
    """Return everything a rule can ask about, as ``scope.name`` -> value; what is missing has no key.

    `account` carries its open opportunity as ``opportunity.name`` and so on; `contact` is the same person as the lead.
    """
    told: dict[str, Value] = {
        **_of_record("lead", lead),
        "match.status": match.status,
        "match.confidence": match.confidence,
        "duplicate.status": duplicate.status,
        "duplicate.kind": duplicate.of_kind,
        "duplicate.id": duplicate.of_id,
        "duplicate.owner_id": duplicate.owner_id,
        **{f"event.{name}": value for name, value in event.items()},
    }
    if match.account and match.status == "matched":
        told |= {"match.account_id": match.account.account_id, "match.account_name": match.account.name}
        told |= _of_account(account) if account else {}
    if contact:
        known = _of_record("contact", contact)
        told |= {name: value for name, value in known.items() if name.partition(".")[2] in CONTACT}
    return told


def _of_account(account: Record) -> dict[str, Value]:
    """Return an account's facts; those of its open opportunity have a scope of their own."""
    own = "account.opportunity."
    told = _of_record("account", account)
    return {name.removeprefix("account.") if name.startswith(own) else name: value for name, value in told.items()}


def _of_record(scope: str, record: Record) -> dict[str, Value]:
    own: dict[str, Value] = {name: getattr(record, name) for name in _ATTRIBUTES}
    return {f"{scope}.{name}": value for name, value in {**own, **record.fields}.items() if value is not None}
