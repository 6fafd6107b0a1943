"""What the web tests are made of: services over a real database, signed deliveries, decisions built by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from bs4 import BeautifulSoup
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import select
from werkzeug.test import TestResponse

from connector.crm import Crm, CrmName
from connector.fieldtable import FieldTable
from connector.merging import Mergeable
from connector.rows import Check, RuleRow
from connector.services import Services
from connector.settings import Settings
from connector.store import decisions, installs, unfinished
from connector.store.decisions import Intent
from connector.store.installs import Install, Status
from connector.store.ledger import Entry, record
from connector.store.letters import letter
from connector.web.access import EXTENSION
from oauth.flow import WHO
from rules.actions import Member
from rules.merging.abilities import SALESFORCE
from rules.model import (
    Action,
    Assign,
    Candidate,
    Decision,
    Evidence,
    Kind,
    Link,
    Match,
    Notify,
    Record,
    Route,
    RuleTrace,
    Stamp,
    Task,
    Turn,
    User,
    Verdict,
)
from rules.ruleset import Source

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
PUBLIC_URL = "https://route.example.com"
SECRET = "f6e94c08-85d0-4608-bcc6-e1850176e7b8"
APP_ID = "50780459"
KEY = Fernet.generate_key().decode()
ANA = User(id="005000000000001AAA", name="Ana Diaz", email="ana@example.com")


def settings(**changes: Any) -> Settings:
    """Settings of a house with both CRMs."""
    values: dict[str, Any] = {
        "public_url": PUBLIC_URL,
        "encryption_keys": SecretStr(KEY),
        "session_secret": SecretStr("s" * 32),
        "redis_url": "redis://127.0.0.1:1/0",
        "salesforce_client_id": "3MVG9",
        "salesforce_client_secret": SecretStr("secret"),
        "hubspot_client_id": "hubspot-client",
        "hubspot_client_secret": SecretStr(SECRET),
        "hubspot_app_id": APP_ID,
        "rate_limits": False,  # tests ask faster than people; test_limits.py is about them
    }
    return Settings(**(values | changes))


class CheckedCrm:
    """A CRM that only answers the permission check and the probe, or raises; it has no users."""

    def __init__(self, answer: Sequence[Check] | Exception, *, can: frozenset[str] = frozenset()) -> None:
        self.answer, self.can, self.closed = answer, can, False
        self.watched: bool | None = None

    def check(self) -> tuple[Check, ...]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return tuple(self.answer)

    def probe(self, *, watch: bool = False) -> tuple[Check, ...]:
        self.watched = watch
        return self.check()

    def users(self) -> tuple[User, ...]:
        return ()

    def rules(self) -> tuple[RuleRow, ...]:
        return ()

    def fields(self, kind: Kind, names: Mapping[str, str]) -> FieldTable:
        _ = names
        return FieldTable(kind, kind)

    def mergeable(self, members: Collection[Member]) -> Mergeable:
        _ = members
        return Mergeable({}, {}, {}, SALESFORCE)

    def close(self) -> None:
        self.closed = True


class House(Services):
    """Services whose clock stands still, whose bell is a list, and whose CRMs are given by the test."""

    def __init__(self, chosen: Settings) -> None:
        super().__init__(chosen)
        self.now = NOW
        self.rung: list[str] = []
        self.stored_when_rung: list[int] = []
        self.crms: dict[str, CheckedCrm] = {}

    def clock(self) -> datetime:
        return self.now

    def ring(self, install_id: str) -> None:
        self.rung.append(install_id)
        self.stored_when_rung.append(len(self.letters(install_id)))

    def crm(self, install: Install) -> Crm:
        return cast("Crm", self.crms[install.id])

    def connect(
        self, crm: CrmName, tenant_id: str, name: str, *, admin: str = "", status: Status = "active"
    ) -> Install:
        base_url = "https://acme.my.salesforce.com" if crm == "salesforce" else "https://app-eu1.hubspot.com"
        with self.database.write() as connection:
            made, _ = installs.connect(
                connection,
                crm=crm,
                tenant_id=tenant_id,
                name=name,
                base_url=base_url,
                scopes=frozenset(),
                new_key=self.keyring.new_key(),
                now=self.now - timedelta(days=2),
            )
            if admin:
                installs.add_admin(connection, made.id, admin, self.now)
            if status != "active":
                installs.set_status(connection, made.id, status, "The reason that was noted.")
        return made

    def letters(self, install_id: str) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(select(letter).where(letter.c.install_id == install_id)))

    def install(self, install_id: str) -> Install | None:
        with self.database.read() as connection:
            return installs.by_id(connection, install_id)

    def decide(
        self,
        install: Install,
        *made: Decision,
        at: datetime | None = None,
        ledger: dict[str, Entry] | None = None,
        settled: bool = True,
        parked: str = "",
        trace: str = "",
    ) -> None:
        with self.database.write() as connection:
            seal, now = self.seal(install), at or self.now
            decisions.intend(connection, install.id, seal, [Intent(each, (), trace) for each in made], now=now)
            for each in made:
                lines = [(each.key, action, entry) for action, entry in (ledger or {}).items()]
                record(connection, install.id, lines, now=now)
            keys = [each.key for each in made]
            if parked:
                unfinished.park(connection, install.id, dict.fromkeys(keys, parked))
            elif settled:
                unfinished.settle(connection, install.id, keys, now=now + timedelta(milliseconds=1840))


class Browser(FlaskClient):
    """A browser at the public address, which is https."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tokens: dict[str, str] = {}
        """What forms send, by what the session holds of it."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("base_url", PUBLIC_URL)
        return super().open(*args, **kwargs)

    def sign_in(self, crm: CrmName, tenant_id: str, user_id: str) -> None:
        """What the OAuth flow leaves in the session; the epoch is that of the user's admin row, if there is one."""
        house = cast("House", self.application.extensions[EXTENSION])
        with house.database.read() as connection:
            own = (installs.install.c.crm == crm) & (installs.install.c.tenant_id == tenant_id)
            rows = select(installs.admin.c.epoch).join(installs.install).where(own)
            epoch = connection.execute(rows.where(installs.admin.c.user_id == user_id)).scalar_one_or_none()
        person = {"crm": crm, "tenant_id": tenant_id, "user_id": user_id, "name": "Alice Adams"}
        with self.session_transaction(base_url=PUBLIC_URL) as session:
            session[WHO] = {**person, "at": house.clock().timestamp(), "epoch": epoch or ""}

    def page(self, path: str, *, status: int = 200) -> BeautifulSoup:
        answer = self.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:300])
        return BeautifulSoup(answer.text, "html.parser")

    def token(self) -> str:
        """The CSRF token of the sign-out form, which every page of a person signed in has; read once a session."""
        with self.session_transaction(base_url=PUBLIC_URL) as session:
            secret = session.get("csrf_token")
        if secret is None or secret not in self._tokens:
            field = self.page("/").select_one("header input[name=csrf_token]")
            assert field is not None
            with self.session_transaction(base_url=PUBLIC_URL) as session:
                secret = session["csrf_token"]
            self._tokens[secret] = str(field["value"])
        return self._tokens[secret]

    def submit(self, path: str, **fields: str) -> TestResponse:
        return self.post(path, data={"csrf_token": self.token(), **fields})


def browser(app: Flask) -> Browser:
    app.test_client_class = Browser
    return cast("Browser", app.test_client())


def signature(body: bytes, *, timestamp: str, url: str = f"{PUBLIC_URL}/webhooks/hubspot", secret: str = SECRET) -> str:
    """HubSpot's signature v3 of a POST, written from its documentation and not from our code."""
    source = b"POST" + url.encode() + body + timestamp.encode()
    return base64.b64encode(hmac.new(secret.encode(), source, hashlib.sha256).digest()).decode()


def signed(body: bytes, *, at: datetime = NOW, **changes: str) -> dict[str, str]:
    timestamp = str(round(at.timestamp() * 1000))
    return {
        "X-HubSpot-Signature-v3": signature(body, timestamp=timestamp, **changes),
        "X-HubSpot-Request-Timestamp": timestamp,
        "Content-Type": "application/json",
    }


def change(portal_id: int, object_id: int = 541935488729, **more: Any) -> dict[str, Any]:
    """One item of a delivery, as HubSpot sends it."""
    item = {
        "eventId": 4101286121,
        "subscriptionId": 7562680,
        "portalId": portal_id,
        "appId": int(APP_ID),
        "occurredAt": 1763803800000,
        "subscriptionType": "contact.propertyChange",
        "attemptNumber": 0,
        "objectId": object_id,
        "propertyName": "email",
        "propertyValue": "secret.person@example.com",
        "changeSource": "CRM_UI",
        "sourceId": "userId:882761034",
    }
    return item | more


def batch(*items: dict[str, Any]) -> bytes:
    return json.dumps(items).encode()


def decision(key: str = "d1", **changes: Any) -> Decision:
    """A lead that was matched and assigned, with everything a page can show."""
    acme = Candidate(
        "001000000000001AAA",
        "Acme France",
        "005000000000002AAA",
        0.97,
        (
            Evidence("domain", "Both use the e-mail domain acme.fr", 6.2),
            Evidence("name", "The company names are alike (92 %)", 2.4),
            Evidence("country", "The lead is in FR, the account in BE", -1.1),
        ),
    )
    other = Candidate("001000000000009AAA", "Acme Holding", None, 0.31, (Evidence("name", "Alike in name", 0.4),))
    actions: tuple[Action, ...] = (
        Assign(ANA.id),
        Link(acme.account_id),
        Stamp(key, "Enterprise EMEA", 0.97, NOW),
        Task(ANA.id, "Call Marie Curie at Acme", "Why you: rule Enterprise EMEA", NOW + timedelta(minutes=15)),
        Notify(ANA.id, "New lead", "Marie Curie"),
    )
    made = Decision(
        key=key,
        lead=Record(
            "lead",
            "00Q000000000001AAA",
            {"name": "Marie Curie", "email": "marie@acme.fr", "company": "Acme", "employees": 5200},
            owner_id="005000000000007AAA",
        ),
        mode="act",
        outcome="assigned",
        duplicate=Verdict("different"),
        match=Match("matched", acme, (other,), "Far ahead of the next one."),
        route=Route(
            rule="Enterprise EMEA",
            target='pool "EMEA enterprise"',
            assignee=ANA,
            reason="Rule Enterprise EMEA holds and it was Ana's turn.",
            path=(
                RuleTrace("Partners", held=False, failed='lead.source == "Partner"', found="Web"),
                RuleTrace("Enterprise EMEA", held=True),
            ),
            turn=Turn("EMEA enterprise", ANA.id, {ANA.id: {"got": 0}}, {ANA.id: {"got": 1}}),
        ),
        actions=actions,
        ruleset_version="v-3f2a",
        received_at=NOW - timedelta(milliseconds=900),
        decided_at=NOW,
        trace_id="0123456789abcdef0123456789abcdef",
    )
    return replace(made, **changes)


DONE = {
    "assign": Entry("done"),
    "link": Entry("already"),
    "stamp": Entry("done"),
    "task": Entry("done", "00T000000000001AAA"),
    "notify": Entry("unknown", detail="Salesforce did not answer"),
    "audit": Entry("done", "a01000000000001AAA"),
}

NOBODY = Route(rule="", target="", assignee=None, reason="No rule holds.")
NONE = Match("none", reason="No candidate shares a key.")
RULE = Source("Everyone", '- rule: Everyone\n  assign: pool "All"\n')


def section(page: BeautifulSoup, name: str) -> str:
    """The text of a section, with single spaces."""
    found = page.select_one(f"section[aria-labelledby={name}]")
    assert found is not None, name
    return " ".join(found.text.split())


def main(page: BeautifulSoup) -> str:
    """The text of what a page is about, with single spaces."""
    assert page.main is not None
    return " ".join(page.main.text.split())
