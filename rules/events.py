"""What comes in: a nudge that something happened to a record of the CRM."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["lead", "contact", "account", "opportunity", "user", "rule"]
Change: TypeAlias = Literal["created", "updated", "deleted", "merged", "restored", "resync"]

WHOLE_KIND = "*"
"""The record id of a ``resync`` event that concerns every record of its kind."""


@dataclass(frozen=True, slots=True)
class Event:
    """A nudge: something happened to a record. The record, read again, is the truth.

    `key` is unique per install and the same for every delivery of the same change. `changed` holds canonical field
    names (or API names), empty when unknown. `ours` marks an echo of our own write.
    """

    key: str
    kind: Kind
    record_id: str
    change: Change
    at: datetime
    changed: tuple[str, ...] = ()
    ours: bool = False
