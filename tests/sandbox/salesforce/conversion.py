# ruff: noqa: S608 - table and column names come from the schema, values are always parameters
"""Converting a lead and merging records: what the user interface and the SOAP API can do and REST cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import SalesforceError
from .ids import to18
from .store import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .org import Org
    from .records import Actor
    from .schema import Sobject

_MERGED = ("Lead", "Contact", "Account")
_TO_ACCOUNT = ("Phone", "Website", "Industry")
_TO_CONTACT = ("Salutation", "FirstName", "LastName", "Title", "Email", "Phone", "MobilePhone")


def own_id(sobject: Sobject, given: object) -> str:
    """The 18-character id of a record of `sobject`; MALFORMED_ID for anything else."""
    full = to18(given)
    if full is None or full[:3] != sobject.prefix:
        raise SalesforceError("MALFORMED_ID", f"no id of a {sobject.name}: {given}")
    return full


def convert_lead(
    org: Org,
    lead_id: str,
    actor: Actor,
    *,
    account_id: str | None = None,
    status: str = "Closed - Converted",
    opportunity: bool = True,
) -> dict[str, str | None]:
    """Convert a lead: account (made unless given), contact, opportunity (if wanted), then the lead; one transaction."""
    leads = org.schema.get("Lead")
    full = own_id(leads, lead_id)
    lead = org.store.row(leads, full)
    if lead is None or lead["IsDeleted"] or lead["IsConverted"]:
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "the lead is unknown, deleted or converted")
    owner = {"OwnerId": lead["OwnerId"]} if lead["OwnerId"].startswith("005") else {}
    made: dict[str, str | None] = {"leadId": full, "accountId": account_id}
    with org.records.unit(actor) as unit:
        today = unit.moment.date().isoformat()
        if account_id is None:
            firm = {"Name": lead["Company"], **{name: lead[name] for name in _TO_ACCOUNT}}
            made["accountId"] = org.records.create(org.schema.get("Account"), firm | owner, actor)
        person = {name: lead[name] for name in _TO_CONTACT} | {"AccountId": made["accountId"]}
        made["contactId"] = org.records.create(org.schema.get("Contact"), person | owner, actor)
        made["opportunityId"] = None
        if opportunity:
            deal = {"Name": lead["Company"], "AccountId": made["accountId"], "StageName": "Prospecting"}
            deal |= {"CloseDate": today} | owner
            made["opportunityId"] = org.records.create(org.schema.get("Opportunity"), deal, actor)
        converted: dict[str, Any] = {"Status": status, "IsConverted": True, "ConvertedDate": today}
        converted |= {f"Converted{kind.title()}Id": made[f"{kind}Id"] for kind in ("account", "contact", "opportunity")}
        org.records.update(leads, full, converted, actor)
    return made


def merge_records(
    org: Org, name: str, master_id: str, merged_ids: Sequence[str], *, values: dict[str, Any], actor: Actor
) -> str:
    """Merge up to two records into a master: it gets `values` and their children; the others are deleted."""
    sobject = org.schema.get(name)
    if sobject.name not in _MERGED or not 1 <= len(merged_ids) <= 2:
        raise SalesforceError("INVALID_OPERATION", "up to three leads, contacts or accounts can be merged")
    master = own_id(sobject, master_id)
    with org.records.unit(actor):
        for merged in (own_id(sobject, item) for item in merged_ids):
            _check_mergeable(org, sobject, merged, master)
            _move_children(org, sobject, merged, master, actor)
            org.records.delete(sobject, merged, actor)
            org.store.update(sobject, merged, {"MasterRecordId": master})
        org.records.update(sobject, master, values, actor)
    return master


def _check_mergeable(org: Org, sobject: Sobject, merged: str, master: str) -> None:
    for record_id in (merged, master):
        row = org.store.row(sobject, record_id)
        if row is None or row["IsDeleted"]:
            raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted")
        if row.get("IsConverted"):
            raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")


def _move_children(org: Org, sobject: Sobject, merged: str, master: str, actor: Actor) -> None:
    for child in org.schema:
        for item in child.fields.values():
            if item.type != "reference" or not item.updateable or sobject.name not in item.references or child.tooling:
                continue
            living = " AND IsDeleted = 0" if "IsDeleted" in child.fields else ""
            sql = f"SELECT Id FROM {quoted(child.name)} WHERE {quoted(item.name)} = ?{living}"
            for row in org.store.all(sql, (merged,)):
                if row["Id"] != master:
                    org.records.update(child, row["Id"], {item.name: master}, actor)
