"""Reading back what happened: only through the sandboxes' control planes, like a stranger would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.local.world import World


@dataclass(frozen=True)
class Landed:
    """One lead as the CRM now holds it, with its audit row."""

    lead_id: str
    outcome: str
    rule: str
    account_id: str
    owner_id: str
    match_status: str
    confidence: float
    duplicate: str
    reason: str
    story: str


class SalesforceEye:
    """Reads the local Salesforce."""

    crm = "salesforce"

    def __init__(self, world: World) -> None:
        self._control = world.salesforce_control

    def create(self, rows: list[dict[str, Any]], sobject: str = "Lead") -> list[str]:
        """Create leads, or other records, as a person in the UI would; return their ids."""
        answer = self._control.post("create", {"sobject": sobject, "rows": rows})
        return [str(each) for each in answer["ids"]]

    def change(self, sobject: str, record_id: str, **fields: Any) -> None:
        """Change a record as a person in the UI would."""
        self._control.post("update", {"sobject": sobject, "rows": [{"Id": record_id, **fields}]})

    def delete(self, ids: list[str]) -> None:
        """Delete leads as a person in the UI would."""
        self._control.post("delete", {"sobject": "Lead", "ids": ids})

    def audits(self) -> dict[str, list[Landed]]:
        """Return the audit rows by lead id."""
        found: dict[str, list[Landed]] = {}
        for row in self.rows("Routing_Audit__c"):
            landed = Landed(
                lead_id=row["Record_Id__c"],
                outcome=row["Outcome__c"],
                rule=row["Rule__c"] or "",
                account_id=row["Account__c"] or "",
                owner_id=row["Assignee__c"] or "",
                match_status=row["Match_Status__c"] or "",
                confidence=float(row["Confidence__c"] or 0),
                duplicate=row["Duplicate_Status__c"] or "",
                reason=row["Reason__c"] or "",
                story=row["Story__c"] or "",
            )
            found.setdefault(landed.lead_id, []).append(landed)
        return found

    def is_answered(self, lead_id: str) -> bool:
        """Whether a lead has an audit, or lies in the recycle bin: merged into who was there before, or deleted."""
        there = (each["Id"] == lead_id and not each["IsDeleted"] for each in self.rows("Lead"))
        return lead_id in self.audits() or not any(there)

    def rows(self, sobject: str) -> list[dict[str, Any]]:
        """Return every row of an object, deleted ones too."""
        answer = self._control.get(f"rows/{sobject}")
        return list(answer["rows"] if isinstance(answer, dict) else answer)

    def owners(self) -> dict[str, str]:
        """Return the owner of each lead."""
        return {row["Id"]: row["OwnerId"] for row in self.rows("Lead")}

    def links(self) -> dict[str, str]:
        """Return the account each lead is linked to."""
        return {row["Id"]: row["Switchyard_Account__c"] or "" for row in self.rows("Lead")}

    def tasks(self) -> Counter[str]:
        """Return how many tasks each lead has."""
        return Counter(row["WhoId"] for row in self.rows("Task"))

    def notifications(self) -> Counter[str]:
        """Return how often somebody was notified about each lead."""
        return Counter(row["target"] for row in self._control.get("notifications"))

    def people(self) -> dict[str, str]:
        """Return the names of users and queues by id."""
        users = {row["Id"]: f"{row.get('FirstName') or ''} {row['LastName']}".strip() for row in self.rows("User")}
        return users | {row["Id"]: row["Name"] for row in self.rows("Group")}

    def accounts(self) -> dict[str, str]:
        """Return the names of accounts by id."""
        return {row["Id"]: row["Name"] for row in self.rows("Account")}

    def calls(self) -> int:
        """Return how many API calls the product made (sign-in and token calls apart)."""
        return sum(call["path"].startswith("/services/data") for call in self._control.get("calls"))


class HubSpotEye:
    """Reads the local HubSpot."""

    crm = "hubspot"

    def __init__(self, world: World, portal: str) -> None:
        self._control, self._portal = world.hubspot_control, portal

    def create(self, rows: list[dict[str, Any]]) -> list[str]:
        """Create contacts as a person in the UI would; return their ids."""
        order = {"portalId": int(self._portal), "object": "contacts", "rows": [{"properties": row} for row in rows]}
        return [str(each) for each in self._control.post("create", order)["ids"]]

    def change(self, name: str, record_id: str, **properties: Any) -> None:
        """Change a record as a person in the UI would."""
        order = {"portalId": int(self._portal), "object": name, "id": record_id, "properties": properties}
        self._control.post("update", order)

    def delete(self, ids: list[str]) -> None:
        """Delete contacts as a person in the UI would."""
        for record_id in ids:
            self._control.post("delete", {"portalId": int(self._portal), "object": "contacts", "id": record_id})

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return every record of an object, with its associations."""
        answer = self._control.get(f"rows/{name}", portalId=self._portal)
        return list(answer["rows"] if isinstance(answer, dict) else answer)

    def audits(self) -> dict[str, list[Landed]]:
        """Return the audit rows by contact id."""
        found: dict[str, list[Landed]] = {}
        for record in self.rows(f"p{self._portal}_routing_audit"):
            row: Mapping[str, Any] = record["properties"]
            if not row.get("outcome"):  # a part of a snapshot
                continue
            landed = Landed(
                lead_id=row["lead_id"],
                outcome=row["outcome"],
                rule=row.get("rule") or "",
                account_id=row.get("account_id") or "",
                owner_id=row.get("assignee_id") or "",
                match_status=row.get("match_status") or "",
                confidence=float(row.get("confidence") or 0),
                duplicate=row.get("duplicate_status") or "",
                reason=row.get("reason") or "",
                story=row.get("story") or "",
            )
            found.setdefault(landed.lead_id, []).append(landed)
        return found

    def owners(self) -> dict[str, str]:
        """Return the owner of each contact."""
        return {row["id"]: row["properties"].get("hubspot_owner_id") or "" for row in self.rows("contacts")}

    def links(self) -> dict[str, str]:
        """Return the primary company of each contact."""
        return {row["id"]: row["properties"].get("associatedcompanyid") or "" for row in self.rows("contacts")}

    def tasks(self) -> Counter[str]:
        """Return how many tasks each contact has."""
        return Counter(contact for row in self.rows("tasks") for contact in _ends(row, "0-1"))

    def notifications(self) -> Counter[str]:
        """Return how many task reminders (HubSpot's in-app notification) each contact caused."""
        reminding = [row for row in self.rows("tasks") if row["properties"].get("hs_task_reminders")]
        return Counter(contact for row in reminding for contact in _ends(row, "0-1"))

    def people(self) -> dict[str, str]:
        """Return the names of owners by id."""
        return {
            str(row["id"]): f"{row.get('firstName') or ''} {row.get('lastName') or ''}".strip() or row.get("email", "")
            for row in self.rows("owners")
        }

    def accounts(self) -> dict[str, str]:
        """Return the names of companies by id."""
        return {row["id"]: row["properties"].get("name") or "" for row in self.rows("companies")}

    def calls(self) -> int:
        """Return how many API calls the product made (sign-in and token calls apart)."""
        return sum(not call["path"].startswith("/oauth") for call in self._control.get("calls"))


def _ends(row: Mapping[str, Any], kind: str) -> set[str]:
    """Return the ids of the records of a kind that a record is associated with."""
    return {str(each["toObjectId"]) for each in row["associations"] if each["toObjectType"] == kind}
