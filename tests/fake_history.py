"""What the CRM in memory knows of accounts: their contacts, their opportunities, their activities."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from connector.crm import (
    CONTACTS,
    LAST_ACTIVITY,
    LAST_LOST,
    LOST_OPPORTUNITIES,
    OPEN_OPPORTUNITIES,
    OPPORTUNITY,
    PARENT_OWNER,
)
from rules.model import Kind, Record, Value

LOST = "Closed Lost"
"""The stage of lost opportunities."""


def history(
    records: Mapping[tuple[str, str], Record],
    activities: Mapping[str, datetime],
    account_id: str,
    wanted: frozenset[str],
) -> dict[str, Value]:
    """Return what is known of an account beside its own fields, see Crm.account_history."""

    every = _of(records, account_id, "opportunity")
    lost = [each for each in every if each.text("stage") == LOST]
    deals = [each for each in every if each not in lost and not each.fields.get("closed")]
    closed = [at for each in lost if isinstance(at := each.fields.get("close_date"), datetime)]
    values: dict[str, Value] = {
        OPEN_OPPORTUNITIES: len(deals),
        LOST_OPPORTUNITIES: len(lost),
        LAST_LOST: max(closed, default=None),
        CONTACTS: len(_of(records, account_id, "contact")),
        LAST_ACTIVITY: activities.get(account_id),
    }
    found = {name: value for name, value in values.items() if name in wanted}
    parent = records.get(("account", records[("account", account_id)].text("parent_id")))
    if PARENT_OWNER in wanted and parent and parent.owner_id:
        found[PARENT_OWNER] = parent.owner_id
    if OPPORTUNITY in wanted and deals:
        deal = min(deals, key=lambda each: (each.text("close_date") or "9999", each.id))
        own: dict[str, Value] = {"id": deal.id, "owner_id": deal.owner_id}
        told = own | {name: deal.fields.get(name) for name in ("name", "stage", "amount", "close_date")}
        found |= {f"{OPPORTUNITY}.{name}": value for name, value in told.items() if value not in (None, "")}
    return found


def _of(records: Mapping[tuple[str, str], Record], account_id: str, kind: Kind) -> list[Record]:
    """Return the records of a kind that belong to an account."""
    return [each for each in records.values() if each.kind == kind and each.text("account_id") == account_id]
