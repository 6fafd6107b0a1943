"""Tasks and events: which account each rolls up to, and the last activity date of the records they are about.

Sources: Salesforce Help "Guidelines for Tracking Activities" (what an activity rolls up to: the record that it is
related to, else the contact's account) and "Differences between Last Activity and Last Modified Dates": the latest due
date of the closed tasks, or date of the events, even one to come. It is no change of the record. [U] A closed task
without a due date counts for nothing.
"""
# ruff: noqa: S608 - table and column names come from the schema, values are always parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .store import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .schema import Schema
    from .store import Store

ACTIVITIES = ("Task", "Event")
_LINKS = ("AccountId", "WhatId", "WhoId")
_LOGGED = (
    "SELECT ActivityDate FROM Task WHERE {0} = :id AND IsClosed = 1 AND IsDeleted = 0 "
    "UNION ALL SELECT ActivityDate FROM Event WHERE {0} = :id AND IsDeleted = 0"
)


def roll_up(store: Store, row: dict[str, Any]) -> None:
    """Fill a task's or event's own ``AccountId``, and the date of an event that has a start."""
    row["AccountId"] = _account(store, row.get("WhatId")) or _account(store, row.get("WhoId"))
    if row.get("StartDateTime"):
        row["ActivityDateTime"] = row["StartDateTime"]
        row["ActivityDate"] = str(row["StartDateTime"])[:10]


def _account(store: Store, record_id: str | None) -> str | None:
    table = {"001": "Account", "006": "Opportunity", "003": "Contact"}.get((record_id or "")[:3])
    if table is None or table == "Account":
        return record_id if table else None
    found = store.one(f"SELECT AccountId FROM {quoted(table)} WHERE Id = ?", (record_id,))
    return found["AccountId"] if found else None


def date_last_activity(store: Store, schema: Schema, *activities: Mapping[str, Any] | None) -> None:
    """Work out the last activity date of every record that these tasks and events (old and new rows) are about."""
    for record_id in _about(activities):
        sobject = schema.by_prefix(record_id)
        if sobject is None or "LastActivityDate" not in sobject.fields:
            continue
        # An account hears of what rolls up to it; a person, of what names them; another record, of what is about it.
        link = {"Account": "AccountId", "Contact": "WhoId", "Lead": "WhoId"}.get(sobject.name, "WhatId")
        latest = f"(SELECT MAX(ActivityDate) FROM ({_LOGGED.format(link)}))"
        with store.write() as connection:
            sql = f"UPDATE {quoted(sobject.name)} SET LastActivityDate = {latest} WHERE Id = :id"
            connection.execute(sql, {"id": record_id})


def _about(activities: Iterable[Mapping[str, Any] | None]) -> set[str]:
    return {str(row[name]) for row in activities if row for name in _LINKS if row.get(name)}
