"""What a portal holds, read as a stranger through the sandbox's control plane."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from connector.hubspot.notetext import read_note
from connector.hubspot.properties import task_ref
from tests.local.world import Control

Row: TypeAlias = dict[str, Any]
Audit: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Portal:
    """One portal as it is now. Audits stand in custom objects, or in notes where it has none."""

    control: Control
    number: str

    def rows(self, name: str) -> list[Row]:
        """Return every living record of an object, with its associations."""
        return list(self.control.get(f"rows/{name}", portalId=self.number))

    @cached_property
    def contacts(self) -> dict[str, Row]:
        """Contacts by id."""
        return {row["id"]: row for row in self.rows("contacts")}

    @cached_property
    def companies(self) -> dict[str, Row]:
        """Companies by id."""
        return {row["id"]: row for row in self.rows("companies")}

    @cached_property
    def tasks(self) -> list[Row]:
        """All tasks."""
        return self.rows("tasks")

    @cached_property
    def kept(self) -> list[Row]:
        """The records in which audits stand."""
        notes = [row for row in self.rows("notes") if read_note(row["properties"].get("hs_note_body"))]
        return notes or self.rows(f"p{self.number}_routing_audit")

    @cached_property
    def audits(self) -> dict[str, list[Audit]]:
        """Audits by the id of the contact they were written about, oldest first."""
        found: dict[str, list[Audit]] = {}
        for row in self.kept:
            values = row["properties"]
            audit = read_note(values.get("hs_note_body")) or {**values, "key": values.get("decision_key")}
            found.setdefault(str(audit.get("lead_id") or ""), []).append(audit)
        for each in found.values():
            each.sort(key=lambda audit: (audit["decided_at"], audit["key"]))
        return found

    def told(self) -> Counter[str]:
        """Return how many tasks each contact has."""
        return Counter(
            str(each["toObjectId"])
            for row in self.tasks
            for each in row["associations"]
            if each["toObjectType"] == "0-1"
        )

    def task_keys(self) -> Counter[str]:
        """Return how many tasks each decision has."""
        return Counter(filter(None, (task_ref(row["properties"].get("hs_task_body")) for row in self.tasks)))

    def written(self) -> str:
        """Return all that we ever wrote into records of our own, in small letters."""
        return repr([row["properties"] for row in (*self.tasks, *self.kept)]).lower()
