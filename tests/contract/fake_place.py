"""The fake CRM as a place of the contract."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, time

from connector.fieldtable import CrmField
from rules.model import Kind, Record, User, Value
from tests import fakes
from tests.contract.place import Landed
from tests.fakes import FakeCrm


class FakePlace:
    """One fake, which everybody who opens it shares."""

    page = fakes.PAGE
    open_stage = "Prospecting"
    new_status, worked_status = "New", "Working"
    first_name = "first_name"

    def __init__(self) -> None:
        self.ana, self.bob = User("u1", "Ana Muster", "ana@acme.example"), User("u2", "Bob Muster", "bob@acme.example")
        self.gone = User("u3", "Gone Muster", "gone@acme.example", active=False)
        self.queue = User("q1", "Inbound", queue=True)
        self.crm = FakeCrm(people=[self.ana, self.bob, self.gone, self.queue])
        self.crm.offered = {"lead": (CrmField(self.first_name, "First name", "text", "text"),)}
        self._numbers = itertools.count(1)

    def open(self) -> FakeCrm:
        """Return it."""
        return self.crm

    def lead(self, **fields: str) -> str:
        """Add a lead."""
        lead_id, now = f"l{next(self._numbers)}", datetime.now(UTC)
        self.crm.add(Record("lead", lead_id, fields, self.queue.id, created_at=now, modified_at=now))
        return lead_id

    def account(self, name: str, owner: User, domain: str = "") -> str:
        """Add an account."""
        account_id, now = f"a{next(self._numbers):06}", datetime.now(UTC)
        self.crm.add(Record("account", account_id, {"name": name, "website": domain}, owner.id, now, now))
        return account_id

    def child(self, account_id: str) -> str:
        """Add an account with a parent."""
        made = self.crm.records[("account", self.account("Child", self.ana))]
        self.crm.add(replace(made, fields={**made.fields, "parent_id": account_id}))
        return made.id

    def accounts(self, count: int) -> list[str]:
        """Add many accounts."""
        return [self.account(f"Account {number}", self.ana) for number in range(count)]

    def contact(self, account_id: str) -> str:
        """Add a contact."""
        contact_id = f"c{next(self._numbers)}"
        self.crm.add(Record("contact", contact_id, {"account_id": account_id}))
        return contact_id

    def opportunity(
        self, account_id: str, closes: date, *, owner: User, name: str = "", amount: float | None = None
    ) -> str:
        """Add an opportunity."""
        deal_id = f"o{next(self._numbers)}"
        fields = {"account_id": account_id, "name": name or "Deal", "stage": self.open_stage, "amount": amount}
        self.crm.add(Record("opportunity", deal_id, fields | {"close_date": _start(closes)}, owner.id))
        return deal_id

    def win(self, opportunity_id: str) -> None:
        """Close an opportunity."""
        deal = self.crm.records[("opportunity", opportunity_id)]
        self.crm.add(replace(deal, fields={**deal.fields, "closed": True}))

    def activity(self, account_id: str, on: date) -> None:
        """Keep the latest day."""
        known = self.crm.activities
        known[account_id] = max(_start(on), known.get(account_id, _start(on)))

    def open_lead(self, owner: User) -> str:
        """Add a lead with an owner."""
        lead_id = self.lead(last_name="Open")
        self._change(lead_id, status=self.new_status)
        self.give(lead_id, owner)
        return lead_id

    def change_status(self, lead_id: str) -> None:
        """Set the status."""
        self._change(lead_id, status=self.worked_status)

    def ask(self, lead_id: str, what: str) -> None:
        """Write the request on the lead."""
        lead = self.crm.records[("lead", lead_id)]
        self.crm.add(replace(lead, fields={**lead.fields, "request": what, "request_by": self.ana.id}))

    def give(self, lead_id: str, owner: User) -> None:
        """Set the owner."""
        self.crm.add(replace(self.crm.records[("lead", lead_id)], owner_id=owner.id))

    def call(self, lead_id: str) -> None:
        """Keep the time."""
        self.crm.activities[lead_id] = datetime.now(UTC)

    def finish(self, task_ref: str) -> None:
        """Note the task as done."""
        self.crm.done.add(task_ref)
        self.crm.finished[task_ref] = datetime.now(UTC)

    def edit(self, task_ref: str) -> None:
        """Note the task as edited."""
        self.crm.edited.add(task_ref)

    def drop(self, task_ref: str) -> None:
        """Note the task as deleted."""
        self.crm.deleted.add(task_ref)

    def convert(self, lead_id: str) -> None:
        """Mark the lead as converted."""
        self._change(lead_id, converted=True)

    def remove(self, kind: Kind, record_id: str) -> None:
        """Take a record out."""
        self.crm.drop(kind, record_id, datetime.now(UTC))

    def delete(self, lead_id: str) -> None:
        """Take a lead out."""
        self.remove("lead", lead_id)

    def drop_audit(self, ref: str) -> None:
        """Take an audit out; the fake numbers them."""
        del self.crm.entries[list(self.crm.entries)[int(ref.removeprefix("audit")) - 1]]

    def landed(self, lead_id: str) -> Landed:
        """Read the fake's lists."""
        lead = self.crm.records.get(("lead", lead_id), Record("lead", lead_id, {}))
        return Landed(
            owner_id=lead.owner_id or "",
            account_id=lead.text("account_id"),
            decision=lead.text("decision"),
            tasks=tuple(task.owner_id for task in self.crm.tasks_of(lead_id)),
            bells=sum(each == lead_id for each, _ in self.crm.bells),
            audits={each.key: each.outcome for each in self.crm.entries.values() if each.lead_id == lead_id},
            subjects=tuple(task.subject for task in self.crm.tasks_of(lead_id)),
        )

    def heard(self) -> int:
        """Every call is heard."""
        return self.crm.calls

    def _change(self, lead_id: str, **fields: Value) -> None:
        lead = self.crm.records[("lead", lead_id)]
        self.crm.add(replace(lead, fields={**lead.fields, **fields}, modified_at=datetime.now(UTC)))


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
