"""A local HubSpot for the whole session, and a portal of its own for each test, connected by the real OAuth flow."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.fernet import Fernet

from connector.crm import Token
from connector.errors import Revoked
from connector.hubspot.gateway import HubSpotCrm
from connector.settings import Settings
from connector.store import migrate
from connector.store.base import Database
from connector.store.shelves import StoredShelf
from connector.work import Work
from rules.model import (
    AUDIT,
    Action,
    Assign,
    AuditEntry,
    Decision,
    Link,
    Match,
    Notify,
    Record,
    Route,
    Stamp,
    Task,
    Verdict,
)
from tests.connector.store.kit import tenant
from tests.sandbox.hubspot import Sandbox, start

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from connector.crm import Routes

REDIRECT = "http://localhost:8000/oauth/hubspot/callback"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = start(tmp_path_factory.mktemp("hubspot"), redirect_uris=[REDIRECT])
    yield running
    running.stop()


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Our own database, for what a portal cannot hold."""
    made = Database(f"sqlite:///{tmp_path_factory.mktemp('shelves') / 'store.sqlite'}")
    migrate.upgrade(made)
    yield made
    made.close()


@dataclass
class Tokens:
    """Hands out the portal's token and refreshes it at the token endpoint, like the vault."""

    url: str
    client: dict[str, str]
    refresh_token: str
    access_token: str
    renewals: int = 0

    def current(self) -> Token:
        return Token(self.access_token, self.url)

    def renew(self, stale: Token) -> Token:
        self.renewals += 1
        form = {"grant_type": "refresh_token", "refresh_token": self.refresh_token, **self.client}
        answer = requests.post(f"{self.url}/oauth/2026-09/token", data=form, timeout=10)
        if answer.status_code != 200:
            raise Revoked("the portal was disconnected")
        self.access_token = answer.json()["access_token"]
        assert self.access_token != stale.access_token
        return self.current()


@dataclass
class Memory:
    """A memo that never forgets by itself."""

    values: dict[str, Any] = field(default_factory=dict)

    def get(self, name: str) -> Any | None:
        return self.values.get(name)

    def put(self, name: str, value: Any, *, seconds: float) -> None:
        assert seconds > 0
        self.values[name] = value

    def forget(self, name: str) -> None:
        self.values.pop(name, None)


@dataclass
class Portal:
    """A portal of the sandbox, as its people and its admin see it."""

    sandbox: Sandbox
    id: int
    tokens: Tokens
    scopes: frozenset[str]
    memo: Memory = field(default_factory=Memory)
    opened: list[HubSpotCrm] = field(default_factory=list)
    shelf: StoredShelf | None = None

    def crm(self, **changes: Any) -> HubSpotCrm:
        """Open the portal through the adapter."""
        given: dict[str, Any] = {
            "memo": self.memo,
            "portal_id": str(self.id),
            "scopes": self.scopes,
            "clock": lambda: NOW,
        } | changes
        crm = HubSpotCrm(given.pop("tokens", self.tokens), settings=given.pop("settings", settings()), **given)
        if self.shelf is not None:
            crm.use_shelf(self.shelf)
        self.opened.append(crm)
        return crm

    def order(self, path: str, **body: Any) -> Any:
        """Give the sandbox an order about this portal."""
        answer = requests.post(f"{self.sandbox.url}/_control/{path}", json={"portalId": self.id} | body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, pattern: str, **fault: Any) -> None:
        """Let the next matching calls go wrong."""
        body = {"pattern": pattern, **fault}
        assert requests.post(f"{self.sandbox.url}/_control/faults", json=body, timeout=10).status_code == 200

    def load(self, kind: str, rows: Sequence[dict[str, Any]]) -> list[str]:
        """Put records there and return their ids."""
        ids: list[str] = self.sandbox.load(self.id, kind, [{"properties": row} for row in rows])["ids"]
        return ids

    def people(self, count: int) -> list[str]:
        """Put contacts there and return their ids."""
        return self.load("contacts", [{"firstname": "P", "lastname": str(n)} for n in range(count)])

    def owner(self) -> str:
        """Put an owner there and return the id."""
        return self.load("owners", [{"email": "ana@example.com", "firstName": "Ana", "lastName": "Lee"}])[0]

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """Return every record of a kind, with associations."""
        return self.sandbox.rows(self.id, kind)

    def properties(self, kind: str, record_id: str) -> dict[str, str]:
        """Return a record's properties."""
        found: dict[str, str] = next(row["properties"] for row in self.rows(kind) if row["id"] == record_id)
        return found

    def calls(self) -> list[str]:
        """Return the calls since the last look, as ``METHOD path``."""
        found = [f"{call.method} {call.path}" for call in self.sandbox.control.calls()]
        self.sandbox.control.forget_calls()
        return found


def settings(**changes: Any) -> Settings:
    """Make settings that point nowhere: the token names the host."""
    given = {
        "public_url": "https://route.example.com",
        "encryption_keys": Fernet.generate_key().decode(),
        "session_secret": "s" * 32,
        "hubspot_client_id": "id",
    }
    return Settings(**(given | changes))


def join(sandbox: Sandbox, **changes: Any) -> Portal:
    """Make a portal and connect it by the authorize page, as a super admin does."""
    created = requests.post(f"{sandbox.url}/_control/portals", json=changes, timeout=10).json()
    asked = {
        "client_id": sandbox.client_id,
        "redirect_uri": REDIRECT,
        "scope": " ".join(sandbox.hub.manifest.required),
        "optional_scope": " ".join(sandbox.hub.manifest.optional),
        "state": "s1",
    }
    admin = next(user["id"] for user in created["users"] if user["admin"])
    form = asked | {"account": f"{created['portalId']}:{admin}", "decision": "allow"}
    answer = requests.post(f"{sandbox.url}/oauth/authorize", data=form, timeout=10, allow_redirects=False)
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    client = {"client_id": sandbox.client_id, "client_secret": sandbox.client_secret}
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, **client}
    token = requests.post(f"{sandbox.url}/oauth/2026-09/token", data=grant, timeout=10).json()
    tokens = Tokens(sandbox.url, client, token["refresh_token"], token["access_token"])
    sandbox.control.forget_calls()
    return Portal(sandbox, created["portalId"], tokens, frozenset(token["scopes"]))


@pytest.fixture
def connect(sandbox: Sandbox) -> Iterator[Callable[..., Portal]]:
    """Make portals and connect them."""
    made: list[Portal] = []

    def make(**changes: Any) -> Portal:
        made.append(join(sandbox, **changes))
        return made[-1]

    yield make
    sandbox.control.forget_orders()
    for portal in made:
        for crm in portal.opened:
            crm.close()


@pytest.fixture
def shelved(connect: Callable[..., Portal], database: Database) -> Callable[..., Portal]:
    """Make portals whose choice of storage, and rules if need be, stand in our own database."""

    def make(**changes: Any) -> Portal:
        made = connect(**changes)
        who = tenant(database, str(made.id))
        made.shelf = StoredShelf(database, who.id, who.seal, lambda: NOW)
        return made

    return make


@pytest.fixture
def portal(connect: Callable[..., Portal]) -> Portal:
    """An Enterprise portal."""
    return connect(tier="enterprise")


@pytest.fixture
def ready(portal: Portal) -> Portal:
    """An Enterprise portal whose objects and properties are made."""
    portal.crm().prepare()
    portal.calls()
    return portal


OF_PERSON, OF_COMPANY = 578, 580
"""lead -> primary contact, lead -> primary company."""


@dataclass
class LeadPortal(Portal):
    """A portal that has leads routed."""

    routes: Routes = "leads"

    def crm(self, **changes: Any) -> HubSpotCrm:
        return super().crm(**({"routes": self.routes} | changes))

    def lead(self, contact: str, *, company: str = "", **properties: str) -> str:
        """A person creates a lead of a contact."""
        ends = [(contact, OF_PERSON), *([(company, OF_COMPANY)] if company else [])]
        links = [
            {"to": {"id": other}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]}
            for other, type_id in ends
        ]
        values = {"hs_lead_name": "A lead"} | properties
        return str(self.order("create", object="leads", properties=values, associations=links)["id"])

    def leads(self, contacts: Sequence[str]) -> list[str]:
        """Put a lead of each contact there."""
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": OF_PERSON}]
        rows = [
            {"properties": {"hs_lead_name": "A lead"}, "associations": [{"to": {"id": contact}, "types": types}]}
            for contact in contacts
        ]
        ids: list[str] = self.sandbox.load(self.id, "leads", rows)["ids"]
        return ids


@pytest.fixture(scope="module")
def leads_made(sandbox: Sandbox) -> LeadPortal:
    """An Enterprise portal that granted leads and has them routed: one for all tests of a module."""
    portal = join(sandbox, tier="enterprise")
    made = LeadPortal(sandbox, portal.id, portal.tokens, portal.scopes)
    made.order("limits", general=None, search=None, associations=None)
    made.crm().prepare()
    return made


@pytest.fixture
def leading(leads_made: LeadPortal) -> Iterator[LeadPortal]:
    """That portal, as nobody has set it otherwise."""
    leads_made.calls()
    yield leads_made
    leads_made.sandbox.control.forget_orders()
    leads_made.order("portals", rules=[])
    while leads_made.opened:
        leads_made.opened.pop().close()


ACT = (Assign.key, Stamp.key, Link.key, Task.key, Notify.key)


def work(
    lead_id: str,
    owner_id: str,
    *,
    key: str = "",
    company: str = "",
    fields: dict[str, Any] | None = None,
    actions: Sequence[str] = ACT,
    pending: Sequence[str] | None = None,
    uncertain: Sequence[str] = (),
) -> Work:
    """Make a decision to give a lead to someone, on its way through the steps."""
    key = key or f"decision-{lead_id}"
    every: dict[str, Action] = {
        Assign.key: Assign(owner_id),
        Stamp.key: Stamp(key, "EMEA", 0.9, NOW),
        Task.key: Task(owner_id, "Call Jane", "Jane wants a demo", NOW),
        Notify.key: Notify(owner_id, "A new lead", "Jane is yours"),
    }
    if company:
        every[Link.key] = Link(company)
    chosen = tuple(every[name] for name in actions if name in every)
    decision = Decision(
        key=key,
        lead=Record("lead", lead_id, fields or {}),
        mode="act",
        outcome="assigned",
        duplicate=Verdict("different"),
        match=Match("none"),
        route=Route("EMEA", "pool", None, "first free"),
        actions=chosen,
        ruleset_version="v1",
        received_at=NOW,
        decided_at=NOW,
    )
    entry = _entry(key, lead_id, owner_id, company)
    waiting = pending if pending is not None else [*(action.key for action in chosen), AUDIT]
    return Work(decision, entry, frozenset(waiting), frozenset(uncertain))


def _entry(key: str, lead_id: str, owner_id: str, company: str) -> AuditEntry:
    """Make the audit row of such a decision."""
    return AuditEntry(
        key=key,
        title="Ana takes Jane",
        lead_id=lead_id,
        account_id=company or None,
        assignee_id=owner_id,
        previous_owner_id=None,
        outcome="assigned",
        mode="act",
        rule="EMEA",
        reason="First free",
        match_status="none",
        confidence=0.9,
        duplicate_status="different",
        duplicate_of=None,
        story="Jane came in and went to Ana.",
        detail="{}",
        received_at=NOW,
        decided_at=NOW,
        latency_ms=5,
        ruleset_version="v1",
        trace_id="t1",
    )
