"""Clicks on HubSpot's cards, from the signed request to the contact: web process, drain, adapter, a local HubSpot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from connector.app import create_app
from connector.crm import Crm
from connector.rows import RuleRow
from connector.services import Services
from connector.store import decisions, installs, letters, progress, schema, unfinished
from connector.store.asked import StoredRequests
from connector.store.installs import Install
from jobs import setup
from jobs.drain import drain
from rules.ruleset import split
from tests.connector.hubspot.conftest import REDIRECT
from tests.connector.web.hubspot_pages import Page, page_of
from tests.connector.web.kit import House, settings
from tests.contract.grants import walk
from tests.sandbox.hubspot import Sandbox

RULES = """
- rule: Account owner
  when: [match.status is matched]
  assign: account owner
  task: {subject: "Call {lead.name}", due: 30 minutes}
- pool: Everyone
  members: [ana@example.com, bob@example.com]
- rule: Everyone else
  assign: pool "Everyone"
"""
SHIFTS = 20
ANA, BOB = {"id": 41629779, "userId": 9586601}, {"id": 41629780, "userId": 9586602}
PEOPLE = [
    {**ANA, "email": "ana@example.com", "firstName": "Ana", "lastName": "Diaz"},
    {**BOB, "email": "bob@example.com", "firstName": "Bob", "lastName": "Burns"},
]


class Live(House):
    """Services that are wired as in production, but for the clock and the bell."""

    def crm(self, install: Install) -> Crm:
        return Services.crm(self, install)


def live(sandbox: Sandbox, directory: Path) -> Live:
    """Return services that work on the local HubSpot and keep their things in this folder, from now on."""
    house = Live(
        settings(
            public_url=REDIRECT.removesuffix("/oauth/hubspot/callback"),
            database_url=f"sqlite:///{directory / 'house.sqlite'}",
            data_dir=directory,
            hubspot_client_id=sandbox.client_id,
            hubspot_client_secret=SecretStr(sandbox.client_secret),
            hubspot_authorize_url=f"{sandbox.url}/oauth/authorize",
            hubspot_api_url=sandbox.url,
        )
    )
    house.now = datetime.now(UTC)
    schema.metadata.create_all(house.database.engine)
    return house


@dataclass
class Office:
    """A portal at work with Ana at her screen; Globex is her company, and `contact` came in from there."""

    sandbox: Sandbox
    house: Live
    install: Install
    ana: Page
    company: str
    contact: str = ""

    def drain(self) -> None:
        """Let workers work until nothing is left; a busy machine needs more than one shift for it."""
        for _ in range(SHIFTS):
            self.house.now += timedelta(minutes=1)
            drain(self.house.tools, self.install.id)
            with self.house.database.read() as connection:
                left = letters.counts(connection, self.install.id)["waiting"]
                open_ones = unfinished.leads(connection, self.install.id)
                work = {each.state for each in progress.of(connection, self.install.id)} - {"done"}
            if not left and not open_ones and not work:
                return
        raise AssertionError(f"the workers do not come to an end: {left} letters, {open_ones}, {work}")

    def order(self, path: str, **body: Any) -> Any:
        """Somebody does something in the pages of the portal."""
        sent = {"portalId": int(self.install.tenant_id), **body}
        answer = requests.post(f"{self.sandbox.url}/_control/{path}", json=sent, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def card(self) -> dict[str, Any]:
        return self.ana.card(self.contact)

    def ask(self, what: str, note: str = "") -> None:
        """Ana clicks a button of the card."""
        self.house.now += timedelta(minutes=1)
        answer = self.ana.ask(what, lead_id=self.contact, key=self.card()["decision"], note=note)
        assert answer.status_code == 202, answer.text
        assert self.card()["pending"]["request"] == what

    def click(self, what: str, note: str = "") -> dict[str, Any]:
        """Ask, let a worker do it, and look at the card."""
        self.ask(what, note)
        self.drain()
        return self.card()

    def route(self, callback: str) -> Any:
        """A workflow calls the action on the contact, and a worker does it."""
        url = f"{self.ana.url}/hubspot/actions/route"
        call = self.ana.proxy.execute(url, int(self.contact), at=self.house.now, callback=f"{callback}-{self.contact}")
        answer = self.ana.send(call)
        assert answer.status_code == 200, answer.text
        self.drain()
        return answer.get_json()

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """Return the records of a kind with what belongs to them."""
        return self.sandbox.rows(int(self.install.tenant_id), kind)

    def properties(self) -> dict[str, Any]:
        found: dict[str, Any] = next(row["properties"] for row in self.rows("contacts") if row["id"] == self.contact)
        return found

    def tasks(self) -> list[str]:
        """Return the ids of the contact's tasks."""
        ends = [(row["id"], other) for row in self.rows("tasks") for other in row["associations"]]
        return [task for task, other in ends if self.contact in map(str, other.values())]

    def audits(self) -> list[dict[str, Any]]:
        found = (row["properties"] for row in self.rows(f"p{self.install.tenant_id}_routing_audit"))
        return [each for each in found if each["lead_id"] == self.contact]

    def outcomes(self) -> list[str]:
        with self.house.database.read() as connection:
            stored = decisions.of_lead(connection, self.install.id, self.house.seal(self.install), self.contact)
        return [each.decision.outcome for each in reversed(stored)]


@pytest.fixture
def shared(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An Enterprise portal, connected and set up, one for each test: each begins at the time that it is.

    Minutes pass here in an instant while those of HubSpot's limit do not: of one portal for all tests it would refuse
    calls, and go on doing so however many minutes the workers wait.
    """
    house = live(sandbox, tmp_path_factory.mktemp("office"))
    number = requests.post(f"{sandbox.url}/_control/portals", json={"tier": "enterprise"}, timeout=10).json()[
        "portalId"
    ]
    sandbox.load(number, "owners", [{"properties": each} for each in PEOPLE])
    globex = {"name": "Globex", "domain": "globex.com", "hubspot_owner_id": str(ANA["id"])}
    company = sandbox.load(number, "companies", [{"properties": globex}])["ids"][0]
    install = connected(house, str(number))
    page = page_of(create_app(house), house, str(ANA["userId"]), portal_id=str(number))
    made = Office(sandbox, house, install, page, company)
    made.drain()
    yield made
    house.close()


def connected(house: Live, portal_id: str) -> Install:
    """Connect a portal by OAuth, with RULES instead of the starter rules, in the mode act."""
    grant = walk(house.settings, "hubspot", portal_id)
    with house.database.write() as connection:
        made, _ = installs.connect(
            connection,
            crm="hubspot",
            tenant_id=portal_id,
            name="Globex",
            base_url=grant.base_url,
            scopes=grant.scopes,
            new_key=house.keyring.new_key(),
            now=house.now,
        )
        house.vault.keep(connection, made.id, house.seal(made), grant)
        installs.set_mode(connection, made.id, "act")
        progress.start(connection, made.id, setup.NAME, now=house.now)
    crm = house.crm(made)
    crm.prepare()
    crm.put_rules([RuleRow(each.name, each.kind, place * 10, each.text) for place, each in enumerate(split(RULES))])
    crm.close()
    return made


@pytest.fixture
def office(shared: Office) -> Office:
    """The portal with a new contact that a workflow has had routed."""
    number = len(shared.rows("contacts"))
    new = {"email": f"kim{number}@globex.com", "firstname": "Kim", "lastname": f"Lee{number}", "company": "Globex"}
    shared.contact = str(shared.order("create", object="contacts", properties=new)["id"])
    shared.route("first")
    return shared


def test_a_workflow_has_a_contact_routed_once_however_often_hubspot_repeats_it(office: Office) -> None:
    card = office.card()
    assert (card["state"], card["account"]["name"], card["owner"]["name"]) == ("routed", "Globex", "Ana Diaz")
    assert office.route("first") == {"outputFields": {"outcome": "queued", "owner": "", "rule": "", "account": ""}}
    office.route("second")
    assert office.outcomes() == ["assigned"]
    assert len(office.audits()) == 1


def test_a_wrong_match_takes_the_company_off_and_the_contact_is_routed_anew(office: Office) -> None:
    assert office.properties()["associatedcompanyid"] == office.company
    card = office.click("wrong_match", note="She left Globex")
    assert (card["pending"], card["refused"], card["account"]) == (None, None, None)
    assert card["rule"] == "Everyone else"
    assert not office.properties().get("associatedcompanyid")
    reason = next(each["reason"] for each in office.audits() if each["decision_key"] == card["decision"])
    assert reason.startswith("Ana Diaz said that Globex is the wrong account.")
    assert reason.endswith("“She left Globex”")


def test_the_wrong_owner_loses_the_contact_and_somebody_else_gets_it(office: Office) -> None:
    office.click("wrong_match")
    first = office.properties()["hubspot_owner_id"]
    card = office.click("wrong_owner")
    assert office.properties()["hubspot_owner_id"] == ({str(ANA["id"]), str(BOB["id"])} - {first}).pop()
    assert card["owner"]["id"] != first
    assert card["refused"] is None


def test_an_undo_puts_everything_back_and_is_not_done_twice(office: Office) -> None:
    assert len(office.tasks()) == 1
    card = office.click("undo")
    there = office.properties()
    assert not there.get("hubspot_owner_id")
    assert not there.get("associatedcompanyid")
    assert office.tasks() == []
    assert office.outcomes() == ["assigned", "undone"]
    assert (card["state"], card["can"], card["account"]) == ("excluded", [], None)
    assert card["reason"].startswith("Undone by Ana Diaz: ")


def test_a_request_that_cannot_be_done_any_more_is_refused_in_words_on_the_card(office: Office) -> None:
    office.ask("wrong_owner")
    office.order("update", object="contacts", id=office.contact, properties={"hubspot_owner_id": str(BOB["id"])})
    office.drain()
    card = office.card()
    assert card["refused"]["why"] == "This lead belongs to Bob Burns, and not by a decision of Switchyard's."
    assert office.properties()["hubspot_owner_id"] == str(BOB["id"])


def test_a_worker_that_dies_after_the_audit_answers_the_request_and_nothing_is_done_twice(office: Office) -> None:
    office.ask("undo")

    class Died(BaseException):
        """The worker is killed."""

    def die(*_said: object) -> None:
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StoredRequests, "answer", die)
        with pytest.raises(Died):
            office.drain()
    assert office.card()["pending"]["request"] == "undo"
    office.house.now += timedelta(minutes=5)
    office.drain()
    assert office.card()["pending"] is None
    assert office.outcomes() == ["assigned", "undone"]
    assert len(office.audits()) == 2
