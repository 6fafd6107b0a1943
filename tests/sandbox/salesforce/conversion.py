# ruff: noqa: S608 - table and column names come from the schema, values are always parameters
"""Converting a lead and merging records: what the user interface and the SOAP API can do and REST cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import SalesforceError
from .ids import to18
from .records import Actor
from .related_fields import SAME_TWICE
from .store import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .org import Org
    from .schema import Sobject

CONVERTED = "Closed - Converted"
NOBODY = (
    "Converted objects can only be owned by users. If the lead is not owned by a user, you must specify a user for the "
    "Owner field."
)
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
    contact_id: str | None = None,
    owner_id: str | None = None,
    status: str = CONVERTED,
    opportunity: bool = True,
    opportunity_name: str | None = None,
) -> dict[str, str | None]:
    """Convert a lead: account and contact (made unless given), opportunity (if wanted), then the lead; all or nothing.

    At the screen whoever converts a queue's lead owns what is made; over the API the owner must be named.
    """
    leads = org.schema.get("Lead")
    full = own_id(leads, lead_id)
    lead = org.store.row(leads, full)
    if lead is None or lead["IsDeleted"] or lead["IsConverted"]:
        raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "the lead is unknown, deleted or converted")
    if status != CONVERTED:
        raise SalesforceError("INVALID_STATUS", f"invalid convertedStatus: {status}")
    owner_id = owner_id or (lead["OwnerId"] if lead["OwnerId"].startswith("005") else None)
    if owner_id is None and actor.api:
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", NOBODY, fields=("OwnerId",))
    made: dict[str, str | None] = {"leadId": full, "accountId": account_id, "contactId": contact_id}
    with org.records.unit(actor) as unit:
        today = unit.moment.date().isoformat()
        _make_what_is_missing(org, lead, made, actor, {"OwnerId": owner_id} if owner_id else {})
        made["opportunityId"] = None
        if opportunity:
            deal = {"Name": opportunity_name or lead["Company"], "AccountId": made["accountId"], "CloseDate": today}
            deal |= {"StageName": "Prospecting"} | ({"OwnerId": owner_id} if owner_id else {})
            made["opportunityId"] = org.records.create(org.schema.get("Opportunity"), deal, actor)
        converted: dict[str, Any] = {"Status": status, "IsConverted": True, "ConvertedDate": today}
        converted |= {f"Converted{kind.title()}Id": made[f"{kind}Id"] for kind in ("account", "contact", "opportunity")}
        org.records.update(leads, full, converted, actor)
        _take_along(org, full, str(made["contactId"]), actor)
    return made


def _take_along(org: Org, lead_id: str, contact_id: str, actor: Actor) -> None:
    """Give the contact what hung on the lead: activities and notes move, campaign members name both from now on."""
    system = Actor(actor.user_id, actor.origin, auto_assign=False, trusted=True)
    moves = (("Task", "WhoId", "WhoId"), ("Event", "WhoId", "WhoId"), ("Note", "ParentId", "ParentId"))
    for name, link, target in (*moves, ("CampaignMember", "LeadId", "ContactId")):
        for row in org.store.all(f"SELECT Id FROM {name} WHERE {link} = ? AND IsDeleted = 0", (lead_id,)):
            org.records.update(org.schema.get(name), row["Id"], {target: contact_id}, system)


def _make_what_is_missing(
    org: Org, lead: Any, made: dict[str, str | None], actor: Actor, owner: dict[str, str]
) -> None:
    """Make the account and the contact that were not given; check those that were."""
    if made["accountId"] is None:
        firm = {"Name": lead["Company"], **{name: lead[name] for name in _TO_ACCOUNT}}
        made["accountId"] = org.records.create(org.schema.get("Account"), firm | owner, actor)
    else:
        made["accountId"] = _living(org, "Account", made["accountId"])["Id"]
    if made["contactId"] is None:
        person = {name: lead[name] for name in _TO_CONTACT} | {"AccountId": made["accountId"]}
        made["contactId"] = org.records.create(org.schema.get("Contact"), person | owner, actor)
        return
    contact = _living(org, "Contact", made["contactId"])
    if contact["AccountId"] != made["accountId"]:
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "the contact is not the account's", fields=("contactId",))
    made["contactId"] = contact["Id"]
    blank = {name: lead[name] for name in _TO_CONTACT if contact[name] is None and lead[name] is not None}
    if blank:
        org.records.update(org.schema.get("Contact"), contact["Id"], blank, actor)


def _living(org: Org, name: str, given: str) -> Any:
    sobject = org.schema.get(name)
    row = org.store.row(sobject, own_id(sobject, given))
    if row is None or row["IsDeleted"]:
        raise SalesforceError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    return row


def merge_records(
    org: Org, name: str, master_id: str, merged_ids: Sequence[str], *, values: dict[str, Any], actor: Actor
) -> list[str]:
    """Merge up to two records into a master: it gets `values` and their children; the others are deleted.

    Returns the ids of the children that moved. What one of them refuses (a trigger, a rule) undoes all of it.
    """
    sobject = org.schema.get(name)
    if sobject.name not in _MERGED or not 1 <= len(merged_ids) <= 2:
        raise SalesforceError("INVALID_OPERATION", "up to three leads, contacts or accounts can be merged")
    master = own_id(sobject, master_id)
    losers = [own_id(sobject, item) for item in merged_ids]
    if len({master, *losers}) <= len(losers):
        # The code is not confirmed by an official page.
        raise SalesforceError("INVALID_OPERATION", "a record cannot be merged with itself")
    moved = []
    with org.records.unit(actor):
        for merged in losers:
            _check_mergeable(org, sobject, merged, master)
            _drop_same(org, sobject, merged, master, actor)
            moved += _move_children(org, sobject, merged, master, actor)
            org.records.delete(sobject, merged, actor)
            org.store.update(sobject, merged, {"MasterRecordId": master})
        org.records.update(sobject, master, values, actor)
    return moved


def _check_mergeable(org: Org, sobject: Sobject, merged: str, master: str) -> None:
    for record_id in (merged, master):
        row = org.store.row(sobject, record_id)
        if row is None or row["IsDeleted"]:
            raise SalesforceError("ENTITY_IS_DELETED", "entity is deleted")
        if row.get("IsConverted"):
            raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")


def _drop_same(org: Org, sobject: Sobject, merged: str, master: str, actor: Actor) -> None:
    """Delete what the master has as well: no campaign has a person twice."""
    system = Actor(actor.user_id, actor.origin, auto_assign=False, trusted=True)
    for name, other in SAME_TWICE.items():
        child = org.schema.get(name)
        for item in child.fields.values():
            if sobject.name not in item.references or item.name == other:
                continue
            link = quoted(item.name)
            sql = (
                f"SELECT Id FROM {name} WHERE {link} = ? AND IsDeleted = 0 "
                f"AND {other} IN (SELECT {other} FROM {name} WHERE {link} = ? AND IsDeleted = 0)"
            )
            for row in org.store.all(sql, (merged, master)):
                org.records.delete(child, row["Id"], system)


def _move_children(org: Org, sobject: Sobject, merged: str, master: str, actor: Actor) -> list[str]:
    """Give a record's children the master as parent, whatever the user's own rights on them; returns their ids."""
    system = Actor(actor.user_id, actor.origin, auto_assign=False, trusted=True)
    moved = []
    for child in org.schema:
        for item in child.fields.values():
            if item.type != "reference" or not item.createable or sobject.name not in item.references or child.tooling:
                continue
            living = " AND IsDeleted = 0" if "IsDeleted" in child.fields else ""
            sql = f"SELECT Id FROM {quoted(child.name)} WHERE {quoted(item.name)} = ?{living}"
            for row in org.store.all(sql, (merged,)):
                if row["Id"] != master:
                    org.records.update(child, row["Id"], {item.name: master}, system)
                    moved.append(str(row["Id"]))
    return moved
