"""A portal of the local HubSpot that has its leads (0-136) routed: each lead with a contact that says who it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connector.crm import Token
from connector.hubspot.gateway import HubSpotCrm
from rules.model import Kind, User
from tests.connector.salesforce.signed_in import Memory, Tokens
from tests.contract.grants import walk
from tests.contract.hubspot_place import CALL_TO_CONTACT, NAMES, OBJECTS, HubSpotPlace, _ends
from tests.contract.place import Landed

LEAD, LEAD_TO_CONTACT, PRIMARY_COMPANY = "0-136", 578, 580
SCOPES = [f"crm.{part}.leads.{verb}" for part in ("objects", "schemas") for verb in ("read", "write")]


class HubSpotLeadsPlace(HubSpotPlace):
    """A new Enterprise portal with leads. What happens to a person happens to the contact of the lead."""

    new_status, worked_status = "new-stage-id", "attempting-stage-id"
    first_name = "firstname"

    def open(self) -> HubSpotCrm:
        """Connect with a fresh grant that has leads."""
        grant = walk(self.settings, "hubspot", self.tenant_id)
        scopes = sorted({*grant.scopes, *SCOPES})
        given = self._order("install", scopes=scopes)
        return HubSpotCrm(
            Tokens(Token(given["access_token"], grant.base_url)),
            settings=self.settings,
            memo=Memory(),
            portal_id=self.tenant_id,
            scopes=frozenset(scopes),
            routes="leads",
        )

    def lead(self, **fields: str) -> str:
        """A person creates a contact, and a lead of it."""
        properties = {NAMES[name]: value for name, value in fields.items()}
        contact = str(self._order("create", object="contacts", properties=properties)["id"])
        return self._at(contact, "leads", LEAD_TO_CONTACT, hs_lead_name="A lead")

    def open_lead(self, owner: User) -> str:
        """A person creates a lead of their own."""
        lead_id = self.lead(last_name="Open")
        self._update("leads", lead_id, hubspot_owner_id=owner.id, hs_pipeline_stage=self.new_status)
        return lead_id

    def change_status(self, lead_id: str) -> None:
        """A person moves a lead to another stage."""
        self._update("leads", lead_id, hs_pipeline_stage=self.worked_status)

    def give(self, lead_id: str, owner: User) -> None:
        """A person changes a lead's owner."""
        self._update("leads", lead_id, hubspot_owner_id=owner.id)

    def call(self, lead_id: str) -> None:
        """A person logs a call with the contact."""
        now = datetime.now(UTC).isoformat()
        self._at(self._contact(lead_id), "calls", CALL_TO_CONTACT, hs_timestamp=now, hs_call_title="Call")

    def convert(self, lead_id: str) -> None:
        """A person qualifies a lead."""
        self._update("leads", lead_id, hs_pipeline_stage="qualified-stage-id")

    def remove(self, kind: Kind, record_id: str) -> None:
        """A person deletes a record."""
        self._order("delete", object="leads" if kind == "lead" else OBJECTS[kind], id=record_id)

    def landed(self, lead_id: str) -> Landed:
        """Read the lead, its tasks with their reminders, and its audit records."""
        row: dict[str, Any] = self._row(lead_id)
        lead = row.get("properties", {})
        mine = [each for each in self._rows("tasks") if (LEAD, lead_id) in _ends(each)]
        tasks: list[dict[str, Any]] = [each["properties"] for each in mine]
        every = [each["properties"] for each in self._rows(f"p{self.tenant_id}_routing_audit")]
        return Landed(
            owner_id=lead.get("hubspot_owner_id") or "",
            account_id=next((end["toObjectId"] for end in _of_type(row, PRIMARY_COMPANY)), ""),
            decision=lead.get("switchyard_decision") or "",
            tasks=tuple(task["hubspot_owner_id"] for task in tasks),
            bells=sum(bool(task.get("hs_task_reminders")) for task in tasks),
            audits={each["decision_key"]: each["outcome"] for each in every if each["lead_id"] == lead_id},
            subjects=tuple(task["hs_task_subject"] for task in tasks),
        )

    def _row(self, lead_id: str) -> dict[str, Any]:
        return next((each for each in self._rows("leads") if each["id"] == lead_id), {})

    def _contact(self, lead_id: str) -> str:
        return str(_of_type(self._row(lead_id), LEAD_TO_CONTACT)[0]["toObjectId"])


def _of_type(row: dict[str, Any], type_id: int) -> list[dict[str, Any]]:
    return [end for end in row.get("associations", ()) if end["typeId"] == type_id]
