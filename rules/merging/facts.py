"""What is known of a record that may be merged beside its own fields, and its fields as conditions ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rules.clauses import compare, derived
from rules.clauses.facts import Facts
from rules.merging.policy import own_name
from rules.model import Record, Value

__all__ = ["NOTHING_KNOWN", "RecordFacts", "asked", "named_fields"]

_ATTRIBUTES = ("id", "owner_id", "created_at", "modified_at")


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What the CRM knows of a record beside its fields.

    `activities` counts its tasks, events and e-mails. `merged` is how many records it has taken in before. `changed`
    says when single fields were last changed, by their names as of `own_name`, where the CRM tells. `owner_active` is
    None when nobody knows.
    """

    open_opportunities: int = 0
    activities: int = 0
    last_activity_at: datetime | None = None
    owner_active: bool | None = None
    merged: int = 0
    changed: Mapping[str, datetime] = field(default_factory=dict)


NOTHING_KNOWN = RecordFacts()


def named_fields(record: Record) -> dict[str, tuple[str, Value]]:
    """Return a record's fields by their names as of `own_name`, each with the name it has there; empty ones too."""
    return {own_name(name): (name, value) for name, value in sorted(record.fields.items(), reverse=True)}


def asked(record: Record, now: datetime) -> Facts:
    """Return what conditions of the policy can ask about a record, as ``lead.name``, whatever its kind."""
    own: dict[str, Value] = {name: getattr(record, name) for name in _ATTRIBUTES}
    told = {name: value for name, value in record.fields.items() if not compare.is_empty(value)}
    known = {own_name(name): value for name, value in told.items()}
    every = {**derived.values(record), **known, **told, **own}
    return Facts({**{f"lead.{name}": value for name, value in every.items() if value is not None}, "event.now": now})
