"""The whole line in a portal that has leads routed: an event, a drain, and what stands in HubSpot afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.fernet import Fernet

from connector.hubspot.events import parse
from connector.rows import RuleRow
from connector.settings import load
from connector.store import installs, letters, progress, schema
from connector.store.base import Database
from connector.store.seal import KeyRing
from connector.store.shelves import StoredShelf
from jobs import choice, setup
from jobs.drain import drain
from jobs.tools import Tools
from rules.ruleset import split
from tests.connector.hubspot.test_events import item

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from connector.crm import Crm
    from connector.store.installs import Install
    from tests.connector.hubspot.conftest import LeadPortal

RULES = """
- rule: Account owner
  when: [match.status is matched]
  assign: account owner
  task: {subject: "Call {lead.name}", due: 30 minutes}
- rule: Everyone else
  assign: user "bob@example.com"
"""


@dataclass
class Office:
    """A portal at work: its leads are routed, Ana owns Acme, Bob takes the rest."""

    portal: LeadPortal
    tools: Tools
    install: Install
    ana: str
    bob: str
    acme: str

    def hear(self, **changes: Any) -> None:
        """HubSpot tells of a change, and a worker answers."""
        now = self.tools.clock()
        told = {"occurredAt": round(now.timestamp() * 1000), "portalId": self.portal.id} | changes
        found = parse(_body(item(**told)), app_id="1", received_at=now)
        (of_portal,) = found.portals.values()
        with self.tools.database.write() as connection:
            letters.receive(connection, self.install.id, of_portal.meant("leads"), now=now)
        drain(self.tools, self.install.id)

    def born(self, contact: str) -> str:
        """A person makes a lead of a contact, HubSpot tells, and a worker answers."""
        lead = self.portal.lead(contact)
        self.hear(subscriptionType="object.creation", objectTypeId="0-136", objectId=int(lead), propertyName=None)
        return lead

    def audit(self, lead: str) -> dict[str, Any]:
        """Return the last audit of a lead."""
        rows: list[dict[str, Any]] = [row["properties"] for row in self.portal.rows(f"p{self.portal.id}_routing_audit")]
        return [row for row in rows if row["lead_id"] == lead][-1]


def _body(one: dict[str, Any]) -> bytes:
    return json.dumps([one]).encode()


@pytest.fixture(scope="module")
def office(leads_made: LeadPortal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    directory: Path = tmp_path_factory.mktemp("leads")
    key = Fernet.generate_key().decode()
    given = {"PUBLIC_URL": "https://switchyard.example", "ENCRYPTION_KEYS": key, "SESSION_SECRET": "s" * 32}
    given |= {"DATA_DIR": str(directory), "HUBSPOT_CLIENT_ID": "c", "HUBSPOT_CLIENT_SECRET": "s", "HUBSPOT_APP_ID": "1"}
    database, keyring = Database(f"sqlite:///{directory / 'line.sqlite'}"), KeyRing(key)
    schema.metadata.create_all(database.engine)

    def open_crm(install: Install) -> Crm:
        crm = leads_made.crm(routes=install.routes, clock=lambda: datetime.now(UTC))
        crm.use_shelf(StoredShelf(database, install.id, keyring.seal(install.key), lambda: datetime.now(UTC)))
        return crm

    tools = Tools(
        settings=load(given),
        database=database,
        keyring=keyring,
        open_crm=open_crm,
        open_stream=_no_stream,
        ring=lambda _install: None,
        clock=lambda: datetime.now(UTC),
        holder="test",
    )
    ana, bob = leads_made.load("owners", [{"email": "ana@example.com"}, {"email": "bob@example.com"}])
    (acme,) = leads_made.load("companies", [{"name": "Acme", "domain": "acme.com", "hubspot_owner_id": ana}])
    leads_made.crm().put_rules(
        [RuleRow(each.name, each.kind, place, each.text) for place, each in enumerate(split(RULES), start=1)]
    )
    with database.write() as connection:
        install, _ = installs.connect(
            connection,
            crm="hubspot",
            tenant_id=str(leads_made.id),
            name="Acme",
            base_url="https://app.hubspot.com",
            scopes=leads_made.scopes,
            new_key=keyring.new_key(),
            now=tools.clock(),
        )
        installs.set_mode(connection, install.id, "act")
        progress.start(connection, install.id, setup.NAME, now=tools.clock())
        choice.choose(connection, install.id, "leads", now=tools.clock())
    for _ in range(3):  # the choice, the set-up, the first reading
        drain(tools, install.id)
    yield Office(leads_made, tools, install, ana, bob, acme)
    database.close()


def _no_stream(_install: Install, _place: bytes | None) -> Any:
    raise AssertionError("HubSpot has no stream")


def test_a_lead_is_matched_by_what_its_contact_says_and_goes_to_the_owner_of_its_account(office: Office) -> None:
    (jane,) = office.portal.load("contacts", [{"email": "jane@acme.com", "firstname": "Jane", "lastname": "Doe"}])
    lead = office.born(jane)
    row = office.portal.properties("leads", lead)
    assert row["hubspot_owner_id"] == office.ana
    assert row["switchyard_rule"] == "Account owner"
    contact = office.portal.properties("contacts", jane)
    assert (contact["associatedcompanyid"], contact.get("hubspot_owner_id")) == (office.acme, None)
    (task,) = [each["properties"] for each in office.portal.rows("tasks") if "Jane Doe" in str(each["properties"])]
    assert task["hubspot_owner_id"] == office.ana
    audit = office.audit(lead)
    assert (audit["outcome"], audit["account_id"]) == ("assigned", office.acme)
    assert audit["duplicate_status"] == "different", "a lead is no duplicate of its own contact"


def test_a_second_lead_of_one_contact_is_a_duplicate_of_the_first(office: Office) -> None:
    (joe,) = office.portal.load("contacts", [{"email": "joe@elsewhere.com", "firstname": "Joe", "lastname": "Roe"}])
    first, second = office.born(joe), office.born(joe)
    audit = office.audit(second)
    assert (audit["duplicate_status"], audit["duplicate_of"]) == ("same", first)


def test_a_lead_is_decided_anew_when_its_contact_changes(office: Office) -> None:
    (ann,) = office.portal.load("contacts", [{"firstname": "Ann", "lastname": "Ash"}])
    lead = office.born(ann)
    assert office.portal.properties("leads", lead)["hubspot_owner_id"] == office.bob
    office.portal.order("update", object="contacts", id=ann, properties={"email": "ann@acme.com"})
    office.hear(subscriptionType="contact.propertyChange", objectTypeId=None, objectId=int(ann), propertyName="email")
    assert office.audit(lead)["account_id"] == office.acme
    assert office.portal.properties("leads", lead)["hubspot_owner_id"] == office.ana


def test_a_lead_that_is_deleted_leaves_its_contact_as_it_was(office: Office) -> None:
    (tom,) = office.portal.load("contacts", [{"email": "tom@acme.com", "lastname": "Thumb"}])
    lead = office.born(tom)
    office.portal.order("delete", object="leads", id=lead)
    before = office.portal.properties("contacts", tom)
    office.hear(subscriptionType="object.deletion", objectTypeId="0-136", objectId=int(lead), propertyName=None)
    assert office.portal.properties("contacts", tom) == before
