"""The local Salesforce as a place of the contract: one org, read back over its control plane."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from connector.crm import Token
from connector.salesforce.fields import object_name
from connector.salesforce.gateway import SalesforceCrm
from rules.model import Kind, User
from tests.connector.salesforce.signed_in import Memory, Tokens
from tests.contract.grants import walk
from tests.contract.place import Landed
from tests.local.world import World

NAMES = {"email": "Email", "first_name": "FirstName", "last_name": "LastName", "company": "Company"}


class SalesforcePlace:
    """The org of a world."""

    page = 2000
    open_stage = "Prospecting"
    new_status, worked_status = "Open - Not Contacted", "Working - Contacted"
    first_name = "FirstName"

    def __init__(self, world: World, directory: Path) -> None:
        self.settings = world.settings(directory)
        self.control = world.salesforce_control
        self.tenant_id = str(world.salesforce.ready["org_id"])
        self.ana, self.bob = self._user("Ana"), self._user("Bob")
        self.gone = self._user("Gone", active=False)
        group = next(row for row in self._rows("Group") if row["Type"] == "Queue")
        self.queue = User(group["Id"], group["Name"], queue=True)

    def open(self) -> SalesforceCrm:
        """Connect with a fresh grant and an empty memory."""
        grant = walk(self.settings, "salesforce", self.tenant_id)
        tokens = Tokens(Token(grant.access_token, grant.base_url))
        return SalesforceCrm(tokens, settings=self.settings, memo=Memory())

    def lead(self, **fields: str) -> str:
        """A person creates a lead, which the assignment rule gives to the queue."""
        row = {"Company": "Muster"} | {NAMES[name]: value for name, value in fields.items()}
        return str(self.control.post("create", {"sobject": "Lead", "rows": [row], "assign": True})["ids"][0])

    def account(self, name: str, owner: User, domain: str = "") -> str:
        """Put an account there."""
        row = {"Name": name, "Website": domain or None, "OwnerId": owner.id}
        return str(self.control.post("create", {"sobject": "Account", "rows": [row]})["ids"][0])

    def child(self, account_id: str) -> str:
        """A person creates an account with a parent."""
        return self._create("Account", Name="Child", ParentId=account_id, OwnerId=self.ana.id)

    def accounts(self, count: int) -> list[str]:
        """Put many accounts there."""
        rows = [{"Name": f"Account {number}"} for number in range(count)]
        return [str(each) for each in self.control.post("load", {"sobject": "Account", "rows": rows})["ids"]]

    def contact(self, account_id: str) -> str:
        """A person creates a contact of an account."""
        return self._create("Contact", LastName="Muster", AccountId=account_id)

    def opportunity(
        self, account_id: str, closes: date, *, owner: User, name: str = "", amount: float | None = None
    ) -> str:
        """A person creates an opportunity of an account."""
        row = {"Name": name or "Deal", "StageName": self.open_stage, "CloseDate": closes.isoformat(), "Amount": amount}
        return self._create("Opportunity", AccountId=account_id, OwnerId=owner.id, **row)

    def win(self, opportunity_id: str) -> None:
        """A person closes an opportunity."""
        self._update("Opportunity", opportunity_id, StageName="Closed Won")

    def activity(self, account_id: str, on: date) -> None:
        """A person logs a call."""
        self._create("Task", Subject="Call", Status="Completed", ActivityDate=on.isoformat(), WhatId=account_id)

    def open_lead(self, owner: User) -> str:
        """A person creates a lead of their own."""
        return self._create("Lead", LastName="Open", Company="Muster", OwnerId=owner.id, Status=self.new_status)

    def change_status(self, lead_id: str) -> None:
        """A person sets a lead's status."""
        self._update("Lead", lead_id, Status=self.worked_status)

    def ask(self, lead_id: str, what: str) -> None:
        """A person clicks on the card of a lead."""
        self._update("Lead", lead_id, Switchyard_Request__c=what)

    def give(self, lead_id: str, owner: User) -> None:
        """A person changes a lead's owner."""
        self._update("Lead", lead_id, OwnerId=owner.id)

    def call(self, lead_id: str) -> None:
        """A person logs a call."""
        today = datetime.now(UTC).date().isoformat()
        self._create("Task", Subject="Call", Status="Completed", ActivityDate=today, WhoId=lead_id)

    def finish(self, task_ref: str) -> None:
        """A person marks a task as complete."""
        self._update("Task", task_ref, Status="Completed")

    def edit(self, task_ref: str) -> None:
        """A person writes another subject."""
        self._update("Task", task_ref, Subject="Call back on Monday")

    def drop(self, task_ref: str) -> None:
        """A person deletes a task."""
        self.control.post("delete", {"sobject": "Task", "ids": [task_ref]})

    def convert(self, lead_id: str) -> None:
        """A person converts a lead."""
        self.control.post("convert", {"leadId": lead_id})

    def remove(self, kind: Kind, record_id: str) -> None:
        """A person deletes a record."""
        self.control.post("delete", {"sobject": object_name(kind), "ids": [record_id]})

    def delete(self, lead_id: str) -> None:
        """A person deletes a lead."""
        self.remove("lead", lead_id)

    def drop_audit(self, ref: str) -> None:
        """A person deletes an audit record."""
        self.control.post("delete", {"sobject": "Routing_Audit__c", "ids": [ref]})

    def landed(self, lead_id: str) -> Landed:
        """Read the lead, its tasks, notifications and audit rows."""
        lead = next((row for row in self._rows("Lead") if row["Id"] == lead_id and not row["IsDeleted"]), {})
        rings = [row for row in self.control.get("notifications") if row["target"] == lead_id]
        audits = [row for row in self._rows("Routing_Audit__c") if row["Record_Id__c"] == lead_id]
        tasks = [row for row in self._rows("Task") if row["WhoId"] == lead_id and not row["IsDeleted"]]
        return Landed(
            owner_id=lead.get("OwnerId") or "",
            account_id=lead.get("Switchyard_Account__c") or "",
            decision=lead.get("Switchyard_Decision__c") or "",
            tasks=tuple(row["OwnerId"] for row in tasks),
            bells=len(rings),
            audits={row["Decision_Key__c"]: row["Outcome__c"] for row in audits},
            subjects=tuple(row["Subject"] for row in tasks),
        )

    def heard(self) -> int:
        """Count the calls to the API; signing in is another thing."""
        return sum(call["path"].startswith("/services/data") for call in self.control.get("calls"))

    def _user(self, name: str, *, active: bool = True) -> User:
        mail = f"{name.lower()}.{secrets.token_hex(4)}@acme.example"
        row = {"Username": mail, "Email": mail, "FirstName": name, "LastName": "Muster", "IsActive": active}
        (user_id,) = self.control.post("load", {"sobject": "User", "rows": [row]})["ids"]
        return User(user_id, f"{name} Muster", mail, active=active)

    def _create(self, sobject: str, **row: Any) -> str:
        return str(self.control.post("create", {"sobject": sobject, "rows": [row]})["ids"][0])

    def _update(self, sobject: str, record_id: str, **row: Any) -> None:
        self.control.post("update", {"sobject": sobject, "rows": [row | {"Id": record_id}]})

    def _rows(self, sobject: str) -> list[dict[str, Any]]:
        return list(self.control.get(f"rows/{sobject}"))
