"""What the tests of HubSpot's cards are made of: a portal with a contact that was routed, and people who look at it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from connector.index import Index
from connector.store import asked, assignments, installs, responses, schema
from connector.store.assignments import Assignment
from connector.store.installs import Install
from connector.store.responses import Awaited
from jobs.past import account_hash
from rules.model import Assign, Decision, Link, Mode, Record, User
from tests.connector.web.kit import NOW, Browser, CheckedCrm, House, browser, decision
from tests.fakes import FakeCrm
from tests.sandbox.hubspot.proxy import Call, Proxy

PORTAL, OTHER = "247187887", "49547190"
ADMIN_LOGIN, ANA_LOGIN, BOB_LOGIN = "9586504", "9586505", "9586506"
ANA = User("41629779", "Ana Diaz", "ana@example.com", login_id=ANA_LOGIN)
BOB = User("41629780", "Bob Burns", "bob@example.com", login_id=BOB_LOGIN)
BOSS = User("41629781", "Alice Adams", "alice@example.com", login_id=ADMIN_LOGIN)
LEAD, COMPANY, RIVAL = "541935488729", "9001", "9002"
CARD = f"/hubspot/cards/record?objectTypeId=0-1&objectId={LEAD}"
READS = (CARD, f"/hubspot/cards/company?objectId={COMPANY}", "/hubspot/settings", "/hubspot/settings/rules")
WRITES = (
    ("POST", "/hubspot/cards/request", {"objectTypeId": "0-1", "objectId": LEAD, "decision": "d1", "request": "undo"}),
    ("PUT", "/hubspot/settings/mode", {"mode": "observe"}),
    ("PUT", "/hubspot/settings/routes", {"routes": "leads", "before": "contacts"}),
    ("PUT", "/hubspot/settings/rules", {"version": "", "items": [{"id": "", "definition": "- rule: A"}]}),
)


@dataclass
class Page:
    """A page of HubSpot's that somebody of a portal has open."""

    app: Browser
    proxy: Proxy
    house: House

    @property
    def url(self) -> str:
        return self.house.settings.public_url

    def get(self, path: str) -> TestResponse:
        return self.send(self.proxy.fetch("GET", f"{self.url}{path}", at=self.house.now))

    def post(self, path: str, body: Any, *, method: str = "POST") -> TestResponse:
        return self.send(self.proxy.fetch(method, f"{self.url}{path}", body, at=self.house.now))

    def send(self, call: Call) -> TestResponse:
        """Let a signed request arrive as it was signed."""
        path = call.url.removeprefix(self.url)
        return self.app.open(path, method=call.method, data=call.body, headers=call.headers)

    def card(self, lead_id: str = LEAD) -> dict[str, Any]:
        """Return the card of a contact."""
        answer = self.get(f"/hubspot/cards/record?objectTypeId=0-1&objectId={lead_id}")
        assert answer.status_code == 200, answer.text
        return cast("dict[str, Any]", answer.get_json())

    def ask(self, what: str, *, lead_id: str = LEAD, key: str = "d1", note: str = "") -> TestResponse:
        """Click a button of the card."""
        seen = {"objectTypeId": "0-1", "objectId": lead_id, "decision": key}
        return self.post("/hubspot/cards/request", {**seen, "request": what, "note": note})


def page_of(app: Flask, house: House, login_id: str, *, portal_id: str = PORTAL) -> Page:
    """Open HubSpot as somebody."""
    known = house.settings
    secret = known.hubspot_client_secret.get_secret_value()
    return Page(browser(app), Proxy(secret, known.hubspot_app_id, portal_id, login_id), house)


def portal(house: House, portal_id: str = PORTAL, *, mode: Mode = "act") -> Install:
    """Connect a portal with Ana, Bob and an administrator."""
    made = house.connect("hubspot", portal_id, f"Portal {portal_id}", admin=ADMIN_LOGIN)
    with house.database.write() as connection:
        installs.set_mode(connection, made.id, mode)
    crm = FakeCrm(name="hubspot", people=[ANA, BOB, BOSS])
    house.crms[made.id] = cast("CheckedCrm", crm)
    return replace(made, mode=mode)


def routed(key: str = "d1", lead_id: str = LEAD, **changes: Any) -> Decision:
    """A contact that was matched with Acme France and given to Ana."""
    made = decision(key)
    account, other = made.match.account, made.match.runners_up[0]
    assert account is not None
    match = replace(
        made.match, account=replace(account, account_id=COMPANY), runners_up=(replace(other, account_id=RIVAL),)
    )
    actions = tuple(
        Assign(ANA.id) if isinstance(each, Assign) else Link(COMPANY) if isinstance(each, Link) else each
        for each in made.actions
    )
    lead = replace(made.lead, id=lead_id, modified_at=NOW - timedelta(minutes=1))
    route = replace(made.route, assignee=ANA)
    there = replace(made, lead=lead, match=match, actions=actions, route=route)
    return replace(there, **changes)


def route(house: House, install: Install, made: Decision, *, owner: User = ANA) -> None:
    """Let a contact have been routed: decided, done, indexed, assigned, and waiting for an answer."""
    house.decide(install, made)
    seal = house.seal(install)
    given = Assignment(
        made.key, made.lead.id, owner.id, account_hash(seal, COMPANY), "Everyone", install.mode, house.now
    )
    with house.database.write() as connection:
        Index(connection, install.id, seal).put([replace(made.lead, owner_id=owner.id)])
        assignments.add(connection, install.id, [given])
        due = house.now + timedelta(minutes=15)
        responses.add(connection, install.id, [Awaited(made.key, made.lead.id, house.now, due, due)], now=house.now)


def gone_to(house: House, install: Install, made: Decision, owner: User) -> None:
    """A person gives the contact to somebody else, and we hear of it."""
    lead = Record("lead", made.lead.id, made.lead.fields, owner_id=owner.id)
    with house.database.write() as connection:
        Index(connection, install.id, house.seal(install)).put([lead])
        assignments.end(connection, install.id, made.key, "replaced", now=house.now)


@pytest.fixture
def acme_portal(house: House) -> Install:
    made = portal(house)
    route(house, made, routed())
    return made


@pytest.fixture
def ana(app: Flask, house: House, acme_portal: Install) -> Page:
    """The owner of the contact."""
    assert acme_portal.tenant_id == PORTAL
    return page_of(app, house, ANA_LOGIN)


@pytest.fixture
def bob(app: Flask, house: House, acme_portal: Install) -> Page:
    """Somebody else of the portal."""
    assert acme_portal.tenant_id == PORTAL
    return page_of(app, house, BOB_LOGIN)


@pytest.fixture
def boss(app: Flask, house: House, acme_portal: Install) -> Page:
    """The portal's administrator."""
    assert acme_portal.tenant_id == PORTAL
    return page_of(app, house, ADMIN_LOGIN)


def rows(house: House) -> dict[str, int]:
    """Count the rows of every table."""
    with house.database.read() as connection:
        return {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in schema.metadata.sorted_tables
        }


def request_of(house: House, install: Install, lead_id: str = LEAD) -> asked.Request | None:
    with house.database.read() as connection:
        return asked.of_lead(connection, install.id, house.seal(install), lead_id)


def answer(house: House, install: Install, why: str = "") -> None:
    """What a worker does in the end."""
    with house.database.write() as connection:
        asked.answer(connection, install.id, house.seal(install), {LEAD: why}, now=house.now)
