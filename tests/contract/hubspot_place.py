"""The local HubSpot as a place of the contract: a portal of its own, read back over its control plane."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from connector.crm import Token
from connector.hubspot.gateway import HubSpotCrm
from rules.model import Kind, User
from tests.connector.salesforce.signed_in import Memory, Tokens
from tests.contract.grants import walk
from tests.contract.place import Landed
from tests.local.world import World

NAMES = {"email": "email", "first_name": "firstname", "last_name": "lastname", "company": "company"}
CONTACT = "0-1"
OBJECTS = {"lead": "contacts", "contact": "contacts", "account": "companies", "opportunity": "deals"}
CONTACT_TO_COMPANY, DEAL_TO_COMPANY, NOTE_TO_COMPANY, CALL_TO_CONTACT, CHILD_TO_PARENT = 279, 341, 190, 194, 14


class HubSpotPlace:
    """A new Enterprise portal of a world."""

    page = 100
    open_stage = "qualifiedtobuy"
    new_status, worked_status = "NEW", "IN_PROGRESS"
    first_name = "firstname"

    def __init__(self, world: World, directory: Path) -> None:
        self.settings = world.settings(directory)
        self.control = world.hubspot_control
        self.tenant_id = str(self.control.post("portals", {"tier": "enterprise"})["portalId"])
        # Many tests share this portal; the limits have tests of their own.
        self._order("limits", general=None, search=None, associations=None)
        self.ana, self.bob = self._owner("Ana"), self._owner("Bob")
        self.gone = self._owner("Gone", active=False)
        self.queue = self._owner("Inbound", queue=True)

    def open(self) -> HubSpotCrm:
        """Connect with a fresh grant and an empty memory."""
        grant = walk(self.settings, "hubspot", self.tenant_id)
        tokens = Tokens(Token(grant.access_token, grant.base_url))
        return HubSpotCrm(tokens, settings=self.settings, memo=Memory(), portal_id=self.tenant_id, scopes=grant.scopes)

    def lead(self, **fields: str) -> str:
        """A person creates a contact."""
        properties = {NAMES[name]: value for name, value in fields.items()}
        return str(self._order("create", object="contacts", properties=properties)["id"])

    def account(self, name: str, owner: User, domain: str = "") -> str:
        """Put a company there."""
        properties = {"name": name, "domain": domain, "hubspot_owner_id": owner.id}
        return str(self._order("create", object="companies", properties=properties)["id"])

    def child(self, account_id: str) -> str:
        """A person creates a company with a parent."""
        child = self.account("Child", self.ana)
        parent = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": CHILD_TO_PARENT}]
        ends = {"from": "companies", "fromId": child, "to": "companies", "toId": account_id}
        self._order("associate", types=parent, **ends)
        return child

    def accounts(self, count: int) -> list[str]:
        """Put many companies there."""
        rows = [{"properties": {"name": f"Company {number}"}} for number in range(count)]
        return [str(each) for each in self._order("load", object="companies", rows=rows)["ids"]]

    def contact(self, account_id: str) -> str:
        """A person creates a contact at a company."""
        return self._at(account_id, "contacts", CONTACT_TO_COMPANY, lastname="Muster")

    def opportunity(
        self, account_id: str, closes: date, *, owner: User, name: str = "", amount: float | None = None
    ) -> str:
        """A person creates a deal with a company."""
        deal = {"dealname": name or "Deal", "dealstage": self.open_stage, "pipeline": "default", "amount": amount}
        deal |= {"closedate": closes.isoformat(), "hubspot_owner_id": owner.id}
        return self._at(account_id, "deals", DEAL_TO_COMPANY, **deal)

    def win(self, opportunity_id: str) -> None:
        """A person wins a deal."""
        self._update("deals", opportunity_id, dealstage="closedwon")

    def activity(self, account_id: str, on: date) -> None:
        """A person writes a note."""
        self._at(account_id, "notes", NOTE_TO_COMPANY, hs_timestamp=on.isoformat(), hs_note_body="Called")

    def open_lead(self, owner: User) -> str:
        """A person creates a contact of their own, which is a lead."""
        stage = {"lifecyclestage": "lead", "hs_lead_status": self.new_status}
        properties = {"lastname": "Open", "hubspot_owner_id": owner.id} | stage
        return str(self._order("create", object="contacts", properties=properties)["id"])

    def change_status(self, lead_id: str) -> None:
        """A person sets a contact's lead status."""
        self._update("contacts", lead_id, hs_lead_status=self.worked_status)

    def ask(self, lead_id: str, what: str) -> None:
        """Nothing can be asked for on a contact."""

    def give(self, lead_id: str, owner: User) -> None:
        """A person changes a contact's owner."""
        self._update("contacts", lead_id, hubspot_owner_id=owner.id)

    def call(self, lead_id: str) -> None:
        """A person logs a call."""
        self._at(lead_id, "calls", CALL_TO_CONTACT, hs_timestamp=datetime.now(UTC).isoformat(), hs_call_title="Call")

    def finish(self, task_ref: str) -> None:
        """A person completes a task."""
        self._update("tasks", task_ref, hs_task_status="COMPLETED")

    def edit(self, task_ref: str) -> None:
        """A person writes another subject."""
        self._update("tasks", task_ref, hs_task_subject="Call back on Monday")

    def drop(self, task_ref: str) -> None:
        """A person deletes a task."""
        self._order("delete", object="tasks", id=task_ref)

    def convert(self, lead_id: str) -> None:
        """A person makes a contact an opportunity, as making a deal with them does."""
        self._update("contacts", lead_id, lifecyclestage="opportunity")

    def remove(self, kind: Kind, record_id: str) -> None:
        """A person deletes a record."""
        self._order("delete", object=OBJECTS[kind], id=record_id)

    def delete(self, lead_id: str) -> None:
        """A person deletes a contact."""
        self.remove("lead", lead_id)

    def drop_audit(self, ref: str) -> None:
        """A person deletes an audit record."""
        self._order("delete", object=f"p{self.tenant_id}_routing_audit", id=ref)

    def landed(self, lead_id: str) -> Landed:
        """Read the contact, its tasks with their reminders, and its audit records."""
        contacts = {row["id"]: row["properties"] for row in self._rows("contacts")}
        lead: dict[str, Any] = contacts.get(lead_id, {})
        mine = [row for row in self._rows("tasks") if (CONTACT, lead_id) in _ends(row)]
        tasks: list[dict[str, Any]] = [row["properties"] for row in mine]
        return Landed(
            owner_id=lead.get("hubspot_owner_id") or "",
            account_id=lead.get("associatedcompanyid") or "",
            decision=lead.get("switchyard_decision") or "",
            tasks=tuple(task["hubspot_owner_id"] for task in tasks),
            bells=sum(bool(task.get("hs_task_reminders")) for task in tasks),
            audits=self._audits(lead_id),
            subjects=tuple(task["hs_task_subject"] for task in tasks),
        )

    def _audits(self, lead_id: str) -> dict[str, str]:
        """Return the outcomes of a lead's audits by decision key."""
        every = [row["properties"] for row in self._rows(f"p{self.tenant_id}_routing_audit")]
        return {row["decision_key"]: row["outcome"] for row in every if row["lead_id"] == lead_id}

    def heard(self) -> int:
        """Count the calls to the API; signing in is another thing."""
        return sum(not call["path"].startswith("/oauth") for call in self.control.get("calls"))

    def _owner(self, name: str, *, active: bool = True, queue: bool = False) -> User:
        row = {"email": f"{name.lower()}@acme.example", "firstName": name, "lastName": "Muster"}
        row |= {"type": "QUEUE" if queue else "PERSON"}
        (owner_id,) = self._order("load", object="owners", rows=[row | {"archived": not active}])["ids"]
        return User(owner_id, f"{name} Muster", row["email"], active=active, queue=queue)

    def _at(self, other_id: str, name: str, type_id: int, **properties: Any) -> str:
        """Create a record that is associated with another."""
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        link = {"to": {"id": other_id}, "types": types}
        return str(self._order("create", object=name, properties=properties, associations=[link])["id"])

    def _update(self, name: str, record_id: str, **properties: str) -> None:
        self._order("update", object=name, id=record_id, properties=properties)

    def _order(self, path: str, **body: Any) -> Any:
        return self.control.post(path, {"portalId": int(self.tenant_id)} | body)

    def _rows(self, name: str) -> list[dict[str, Any]]:
        return list(self.control.get(f"rows/{name}", portalId=self.tenant_id))


def _ends(row: dict[str, Any]) -> set[tuple[str, str]]:
    return {(each["toObjectType"], str(each["toObjectId"])) for each in row["associations"]}
