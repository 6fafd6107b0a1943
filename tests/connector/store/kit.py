"""Short ways to make what the store keeps: installs with their seals, events, decisions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet

from connector.store import decisions, installs, letters
from connector.store.base import Database
from connector.store.decisions import Intent, Stored
from connector.store.installs import Install
from connector.store.letters import Letter
from connector.store.seal import KeyRing, Seal
from rules.model import Assign, Decision, Event, Match, Record, Route, Task, User, Verdict

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
KEYRING = KeyRing(Fernet.generate_key().decode())
ANA = User("u1", "Ana Diaz", "ana@example.com")


def after(**delta: float) -> datetime:
    """Return a moment that much after NOW."""
    return NOW + timedelta(**delta)


@dataclass(frozen=True)
class Tenant:
    """One connected org."""

    install: Install
    seal: Seal

    @property
    def id(self) -> str:
        return self.install.id


def tenant(database: Database, name: str, *, keyring: KeyRing = KEYRING, now: datetime = NOW) -> Tenant:
    """Connect an org of this name."""
    with database.write() as connection:
        made, _ = installs.connect(
            connection,
            crm="salesforce",
            tenant_id=f"org-{name}",
            name=name.title(),
            base_url=f"https://{name}.my.salesforce.com",
            scopes=frozenset({"api", "id"}),
            new_key=keyring.new_key(),
            now=now,
        )
    return Tenant(made, keyring.seal(made.key))


def event(key: str = "e1", record_id: str = "l1", **more: Any) -> Event:
    """Make an event about a lead."""
    values: dict[str, Any] = {"kind": "lead", "change": "created", "at": NOW, "changed": ("email", "company")}
    return Event(key=key, record_id=record_id, **(values | more))


def decision(key: str = "d1", lead_id: str = "l1", **more: Any) -> Decision:
    """Make a decision that gives a lead to Ana."""
    values: dict[str, Any] = {
        "lead": Record("lead", lead_id, {"email": "kim@globex.example", "employees": 12}, owner_id="u0"),
        "mode": "act",
        "outcome": "assigned",
        "duplicate": Verdict("different"),
        "match": Match("none", reason="Nothing in common."),
        "route": Route("Everyone", 'pool "Everyone"', ANA, "It is Ana's turn."),
        "actions": (Assign("u1"), Task("u1", "Call Kim", "Why: it is your turn.", after(hours=1))),
        "ruleset_version": "v1",
        "received_at": NOW,
        "decided_at": NOW,
    }
    return Decision(key=key, **(values | more))


def post(database: Database, who: Tenant, *events: Event, now: datetime = NOW, priority: int = letters.LIVE) -> int:
    """Receive events; return how many were new."""
    with database.write() as connection:
        return letters.receive(connection, who.id, events, now=now, priority=priority)


def inbox(database: Database, who: Tenant, *, now: datetime = NOW, records: int = 100) -> list[Letter]:
    """Return the due letters."""
    with database.read() as connection:
        return letters.waiting(connection, who.id, now=now, records=records)


def intend(database: Database, who: Tenant, *made: Decision, now: datetime = NOW) -> None:
    """Intend decisions that answer letter 1."""
    with database.write() as connection:
        decisions.intend(connection, who.id, who.seal, [Intent(each, (1, 2), "trace") for each in made], now=now)


def stored(database: Database, who: Tenant, key: str = "d1") -> Stored:
    """Return a decision that must be there."""
    with database.read() as connection:
        found = decisions.by_key(connection, who.id, who.seal, key)
    assert found is not None
    return found
