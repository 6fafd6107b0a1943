"""What the suite needs of a CRM beside the protocol: to put things there, and to read them back as a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from connector.crm import Crm
from rules.model import Kind, User


@dataclass(frozen=True)
class Landed:
    """A lead as the CRM now holds it. `tasks` are their owners, `subjects` what they say, `audits` outcomes by key."""

    owner_id: str
    account_id: str
    decision: str
    tasks: tuple[str, ...]
    bells: int
    audits: dict[str, str]
    subjects: tuple[str, ...] = ()


class Place(Protocol):
    """A CRM with three people and a queue; `gone` has left.

    `page` is how many accounts a scan returns at once, `open_stage` a stage of opportunities that are open,
    `new_status` and `worked_status` are statuses of leads, `first_name` is the API name of their first name.
    """

    ana: User
    bob: User
    gone: User
    queue: User
    page: int
    open_stage: str
    new_status: str
    worked_status: str
    first_name: str

    def open(self) -> Crm:
        """Connect to it."""
        ...

    def lead(self, **fields: str) -> str:
        """A person creates a lead; canonical field names."""
        ...

    def account(self, name: str, owner: User, domain: str = "") -> str:
        """Put an account there."""
        ...

    def child(self, account_id: str) -> str:
        """Put an account there that belongs to another."""
        ...

    def accounts(self, count: int) -> list[str]:
        """Put many accounts there; return their ids."""
        ...

    def contact(self, account_id: str) -> str:
        """Put a contact of an account there."""
        ...

    def opportunity(
        self, account_id: str, closes: date, *, owner: User, name: str = "", amount: float | None = None
    ) -> str:
        """Put an open opportunity of an account there."""
        ...

    def win(self, opportunity_id: str) -> None:
        """A person closes an opportunity."""
        ...

    def activity(self, account_id: str, on: date) -> None:
        """Somebody logged on a day what they did about an account."""
        ...

    def open_lead(self, owner: User) -> str:
        """A person creates a lead of their own, with the new status."""
        ...

    def change_status(self, lead_id: str) -> None:
        """A person sets the status of a lead that is worked on."""
        ...

    def ask(self, lead_id: str, what: str) -> None:
        """A person asks for something on a lead, where the CRM has a card for that."""
        ...

    def give(self, lead_id: str, owner: User) -> None:
        """A person gives a lead to somebody."""
        ...

    def call(self, lead_id: str) -> None:
        """A person logs a call about a lead, now."""
        ...

    def finish(self, task_ref: str) -> None:
        """A person does a task."""
        ...

    def edit(self, task_ref: str) -> None:
        """A person changes what a task says."""
        ...

    def drop(self, task_ref: str) -> None:
        """A person deletes a task."""
        ...

    def convert(self, lead_id: str) -> None:
        """A person converts a lead."""
        ...

    def remove(self, kind: Kind, record_id: str) -> None:
        """A person deletes an account, contact or opportunity."""
        ...

    def delete(self, lead_id: str) -> None:
        """A person deletes a lead."""
        ...

    def drop_audit(self, ref: str) -> None:
        """A person deletes an audit record."""
        ...

    def landed(self, lead_id: str) -> Landed:
        """Read back what became of a lead; one that is deleted has no owner."""
        ...

    def heard(self) -> int:
        """How many API calls the CRM has answered so far."""
        ...
