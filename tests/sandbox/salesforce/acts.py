"""What people do in the CRM's own user interface, on order: create, edit, delete, convert, merge."""
# ruff: noqa: S608 - table and column names come from the schema, values are always parameters

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import SalesforceError
from .ids import to18
from .org import ADMIN_USER, CONVERT_ORIGIN, UNASSIGNED
from .records import Actor, Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .org import Org
    from .schema import Sobject

_MERGED = ("Lead", "Contact", "Account")


class Acts:
    """Everything that a person at the screen can do; the changes carry no API origin unless one is given."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def actor(self, *, user: str | None = None, origin: str = "", assign: bool = False) -> Actor:
        """The person who acts: by username or id, the administrator when nobody is named."""
        row = self._org.user_by_name(user or ADMIN_USER)
        user_id = row["Id"] if row else to18(user)
        if user_id is None:
            raise SalesforceError("NOT_FOUND", f"no user {user}")
        return Actor(user_id, origin, auto_assign=assign, trusted=True)

    def create(
        self,
        name: str,
        rows: Sequence[dict[str, Any]],
        *,
        assign: bool | None = None,
        user: str | None = None,
        origin: str = "",
    ) -> list[str]:
        """Make records in one transaction; without `assign` the assignment rule runs for rows that name no owner."""
        sobject = self._org.schema.get(name)
        made = []
        with self._org.records.unit(self.actor(user=user, origin=origin)):
            for row in rows:
                ruled = not row.get("OwnerId") if assign is None else assign
                made.append(self._org.records.create(sobject, row, self.actor(user=user, origin=origin, assign=ruled)))
        return made

    def update(
        self,
        name: str,
        rows: Sequence[dict[str, Any]],
        *,
        assign: bool = False,
        user: str | None = None,
        origin: str = "",
    ) -> list[str]:
        """Edit records in one transaction; every row names its Id."""
        sobject = self._org.schema.get(name)
        actor = self.actor(user=user, origin=origin, assign=assign)
        ids = [_id(sobject, row.get("Id") or row.get("id")) for row in rows]
        with self._org.records.unit(actor):
            for record_id, row in zip(ids, rows, strict=True):
                values = {key: value for key, value in row.items() if key.lower() != "id"}
                self._org.records.update(sobject, record_id, values, actor)
        return ids

    def delete(
        self, name: str, ids: Sequence[str], *, undo: bool = False, user: str | None = None, origin: str = ""
    ) -> list[str]:
        """Delete records, or with `undo` take them out of the recycle bin."""
        sobject = self._org.schema.get(name)
        actor = self.actor(user=user, origin=origin)
        full = [_id(sobject, item) for item in ids]
        act = self._org.records.undelete if undo else self._org.records.delete
        with self._org.records.unit(actor):
            for record_id in full:
                act(sobject, record_id, actor)
        return full

    def convert(
        self,
        lead_id: str,
        *,
        account_id: str | None = None,
        user: str | None = None,
        status: str = "Closed - Converted",
    ) -> dict[str, str]:
        """Convert a lead: account (made unless given), contact and opportunity, then the lead; one transaction."""
        org = self._org
        leads = org.schema.get("Lead")
        full = _id(leads, lead_id)
        lead = org.store.row(leads, full)
        if lead is None or lead["IsConverted"]:
            raise SalesforceError("CANNOT_UPDATE_CONVERTED_LEAD", "the lead is unknown or converted")
        actor = self.actor(user=user, origin=CONVERT_ORIGIN)
        with org.records.unit(actor) as unit:
            owner = {"OwnerId": lead["OwnerId"]} if lead["OwnerId"][:3] == "005" else {}
            if account_id is None:
                firm = {
                    "Name": lead["Company"],
                    "Phone": lead["Phone"],
                    "Website": lead["Website"],
                    "Industry": lead["Industry"],
                }
                account_id = org.records.create(org.schema.get("Account"), firm | owner, actor)
            person = {
                key: lead[key]
                for key in ("Salutation", "FirstName", "LastName", "Title", "Email", "Phone", "MobilePhone")
            }
            contact = org.records.create(org.schema.get("Contact"), person | {"AccountId": account_id} | owner, actor)
            today = unit.moment.date().isoformat()
            deal = {"Name": lead["Company"], "AccountId": account_id, "StageName": "Prospecting", "CloseDate": today}
            opportunity = org.records.create(org.schema.get("Opportunity"), deal | owner, actor)
            ids = {
                "ConvertedAccountId": account_id,
                "ConvertedContactId": contact,
                "ConvertedOpportunityId": opportunity,
            }
            org.records.update(
                leads, full, {"Status": status, "IsConverted": True, "ConvertedDate": today, **ids}, actor
            )
        return {"leadId": full, "accountId": account_id, "contactId": contact, "opportunityId": opportunity}

    def merge(
        self, name: str, master_id: str, merged_ids: Sequence[str], values: dict[str, Any], *, user: str | None = None
    ) -> str:
        """Merge up to two records into a master: it gets `values` and their children; the others are deleted."""
        org = self._org
        sobject = org.schema.get(name)
        if sobject.name not in _MERGED or not 1 <= len(merged_ids) <= 2:
            raise SalesforceError("INVALID_OPERATION", "up to three leads, contacts or accounts can be merged")
        actor = self.actor(user=user, origin=CONVERT_ORIGIN)
        master = _id(sobject, master_id)
        with org.records.unit(actor):
            for merged in (_id(sobject, item) for item in merged_ids):
                self._move_children(sobject, merged, master, actor)
                org.records.delete(sobject, merged, actor)
                org.store.update(sobject, merged, {"MasterRecordId": master})
            if values:
                org.records.update(sobject, master, values, actor)
        return master

    def _move_children(self, sobject: Sobject, merged: str, master: str, actor: Actor) -> None:
        links = [
            (child, item.name)
            for child in self._org.schema
            for item in child.fields.values()
            if item.type == "reference" and item.updateable and sobject.name in item.references and not child.tooling
        ]
        for child, link in links:
            sql = f'SELECT Id FROM "{child.name}" WHERE "{link}" = ?' + (
                " AND IsDeleted = 0" if "IsDeleted" in child.fields else ""
            )
            for row in self._org.store.all(sql, (merged,)):
                if row["Id"] != master:
                    self._org.records.update(child, row["Id"], {link: master}, actor)

    def refuse(self, **order: Any) -> None:
        """Order that the next matching writes fail with an error code."""
        self._org.records.refusals.append(Refusal(**order))

    def assignment_owner(self, owner: str | None) -> str:
        """The owner that the assignment rule gives: an id, a queue's name, or the queue of unassigned leads."""
        row = self._org.store.one('SELECT Id FROM "Group" WHERE Id = ? OR Name = ?', (owner or "", owner or UNASSIGNED))
        return str(row["Id"]) if row else str(to18(owner))


def _id(sobject: Sobject, given: object) -> str:
    full = to18(given)
    if full is None or full[:3] != sobject.prefix:
        raise SalesforceError("MALFORMED_ID", f"no id of a {sobject.name}: {given}")
    return full
