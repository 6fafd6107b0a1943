"""Rules between records: lookups point at something, owners can own, unique values are unique."""
# ruff: noqa: S608 - table and column names come from the schema, values are always parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import INACTIVE_OWNER, LEAD_TASK_WITH_WHAT, SalesforceError
from .store import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .records import Records
    from .schema import Field, Schema, Sobject
    from .store import Store


def check_links(
    records: Records, sobject: Sobject, row: dict[str, Any], names: Iterable[str], *, trusted: bool
) -> None:
    """Check the reference fields among `names`, and what tasks may point at."""
    for name in names:
        item = sobject.fields[name]
        if item.type != "reference" or row[name] is None or item.name in {"CreatedById", "LastModifiedById"}:
            continue
        target = _target(records, item, row[name])
        if name == "OwnerId":
            _check_owner(records, sobject, target, row[name])
        if sobject.name == "Task" and name == "WhoId" and target.name == "Lead" and not trusted:
            _check_lead_task(records, row)


def _target(records: Records, item: Field, record_id: str) -> Sobject:
    target = records.schema.by_prefix(record_id)
    if target is None or target.name not in _targets(records.schema, item):
        raise SalesforceError(
            "FIELD_INTEGRITY_EXCEPTION", f"{item.label}: id value of incorrect type: {record_id}", fields=(item.name,)
        )
    living = " AND IsDeleted = 0" if "IsDeleted" in target.fields else ""
    if records.store.one(f"SELECT 1 FROM {quoted(target.name)} WHERE Id = ?{living}", (record_id,)) is None:
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=(item.name,))
    return target


def _targets(schema: Schema, item: Field) -> set[str]:
    extra = {other.name for other in schema if other.custom} if item.name == "WhatId" else set()
    return {*item.references, *extra}


def _check_owner(records: Records, sobject: Sobject, target: Sobject, owner: str) -> None:
    if target.name == "User":
        row = records.store.one("SELECT IsActive FROM User WHERE Id = ?", (owner,))
        if row is not None and not row["IsActive"]:
            message = f"operation performed with inactive user [{owner}] as owner of {sobject.name.lower()}"
            raise SalesforceError(INACTIVE_OWNER, message, fields=("OwnerId",))
        return
    sql = 'SELECT 1 FROM "Group" g JOIN QueueSobject q ON q.QueueId = g.Id WHERE g.Id = ? AND q.SobjectType = ?'
    if records.store.one(sql, (owner, sobject.name)) is None:
        message = "Queue not associated with this SObject type"
        raise SalesforceError("INVALID_OPERATION", message, fields=("OwnerId",))


def _check_lead_task(records: Records, row: dict[str, Any]) -> None:
    if row.get("WhatId"):
        message = "If WhoId refers to a lead, WhatId must be empty"
        raise SalesforceError(LEAD_TASK_WITH_WHAT, message, fields=("WhatId",))
    lead = records.store.one("SELECT IsConverted FROM Lead WHERE Id = ?", (row["WhoId"],))
    if lead is not None and lead["IsConverted"]:
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")


def check_unique(store: Store, sobject: Sobject, row: dict[str, Any], names: Iterable[str]) -> None:
    """Refuse a second record with the same value in a unique field."""
    living = " AND IsDeleted = 0" if "IsDeleted" in sobject.fields else ""
    for name in names:
        if not sobject.fields[name].unique or row[name] is None:
            continue
        sql = f"SELECT Id FROM {quoted(sobject.name)} WHERE {quoted(name)} = ? AND Id <> ?{living}"
        other = store.one(sql, (row[name], row["Id"]))
        if other is not None:
            text = f"duplicate value found: {name} duplicates value on record with id: {other['Id'][:15]}"
            raise SalesforceError("DUPLICATE_VALUE", text, fields=())


def released_links(schema: Schema, sobject: Sobject) -> Iterator[tuple[Sobject, str]]:
    """The custom lookups that are emptied when a record of `sobject` is deleted (delete constraint SetNull)."""
    for child in schema:
        for item in child.fields.values():
            if item.custom and item.type == "reference" and sobject.name in item.references:
                yield child, item.name
