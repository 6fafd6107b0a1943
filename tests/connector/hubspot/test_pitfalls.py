"""Traps of HubSpot and of its client library that no other file has: addresses, sizes, lag, and what we never do."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from hubspot.crm.objects.api_client import ApiClient

from connector.hubspot import primaries, reading
from connector.hubspot.client import HubSpotClient
from connector.hubspot.primaries import OF_CONTACTS
from rules.model import AUDIT
from tests.connector.hubspot.conftest import NOW, work
from tests.connector.hubspot.test_performing import perform
from tests.connector.hubspot.test_reading import scan_all

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rules.model import Kind
    from tests.connector.hubspot.conftest import Portal

APP = Path(__file__).parents[3] / "manifests" / "hubspot" / "src" / "app" / "app-hsmeta.json"
CHANGED = [("lead", "contacts", "lastmodifieddate"), ("account", "companies", "hs_lastmodifieddate")]
DATED = re.compile(r"[A-Z]+ /(?:[a-z-]+/){1,2}2026-09(?:/|$)")


@pytest.fixture
def wire(portal: Portal) -> Iterator[HubSpotClient]:
    client = HubSpotClient(portal.tokens, connect_timeout=5, read_timeout=30)
    yield client
    client.close()


@pytest.fixture
def lagging(portal: Portal) -> Iterator[None]:
    """Search knows nothing of what was written within the hour."""
    address = f"{portal.sandbox.url}/_control/settings"
    requests.post(address, json={"search_lag": 3600}, timeout=10)
    yield
    requests.post(address, json={"search_lag": 0}, timeout=10)


def test_every_call_is_to_an_address_of_the_current_version(portal: Portal) -> None:
    """Undated addresses end in September 2027, and only dated ones have the portal's own rules enforced."""
    (lead,), owner = portal.people(1), portal.owner()
    (company,) = portal.load("companies", [{"name": "Acme", "domain": "acme.com"}])
    crm = portal.crm()
    crm.prepare()
    crm.check()
    crm.users()
    scan_all(crm, "lead")
    scan_all(crm, "account", since=NOW)
    perform(crm, [work(lead, owner, company=company)])
    crm.rules()
    crm.audits(lead)
    made = portal.calls()
    assert len(set(made)) > 15
    assert [call for call in made if not DATED.match(call)] == []


def test_what_was_just_written_is_found_while_search_knows_nothing_of_it(ready: Portal, lagging: None) -> None:
    (lead,), owner = ready.people(1), ready.owner()
    crm = ready.crm()
    done = {effect.action: effect.ref for effect in perform(crm, [work(lead, owner)])}
    again = perform(crm, [work(lead, owner, uncertain=["task", "notify", AUDIT])])
    assert {(effect.action, effect.status) for effect in again} >= {("task", "already"), (AUDIT, "already")}
    assert [audit["key"] for audit in crm.audits(lead)] == [f"decision-{lead}"]
    assert [task["id"] for task in ready.rows("tasks")] == [done["task"]]


def test_associations_are_read_a_thousand_a_call_and_taken_off_a_hundred_a_call(
    portal: Portal, wire: HubSpotClient
) -> None:
    people = portal.people(1001)
    assert set(reading.associations(wire, "0-1", "0-2", people)) == set(people)
    assert wire.calls == 2
    primaries.untie(wire, OF_CONTACTS, {each: (each, "1") for each in people[:101]})
    assert wire.calls == 4


def test_the_most_that_one_step_links_is_less_than_hubspot_takes_in_a_call(portal: Portal) -> None:
    """HubSpot takes 2,000 new associations, but 100 records, in a call."""
    sizes = {step.name: step.batch for step in portal.crm().steps}
    assert sizes["link"] <= 2_000
    assert max(size for name, size in sizes.items() if name != "link") <= 100


@pytest.mark.parametrize(("kind", "object_type", "changed"), CHANGED)
def test_what_changed_is_found_by_the_name_that_each_object_has_for_it(
    portal: Portal, kind: Kind, object_type: str, changed: str
) -> None:
    now = datetime.now(UTC)
    old = (now - timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
    portal.load(object_type, [{changed: old, "createdate": old}])
    (new,) = portal.load(object_type, [{}])
    found, _ = scan_all(portal.crm(), kind, since=now - timedelta(days=1))
    assert [record.id for record in found] == [new]


def test_two_companies_of_one_domain_are_two_accounts(portal: Portal) -> None:
    """HubSpot keeps companies that apps make apart, whatever their domain."""
    ids = portal.load("companies", [{"name": "Acme", "domain": "acme.com"}, {"name": "ACME Inc", "domain": "acme.com"}])
    found, _ = scan_all(portal.crm(), "account")
    assert [(record.id, record.fields["domain"]) for record in found] == [(each, "acme.com") for each in ids]


def test_the_company_that_a_person_typed_is_a_text_and_no_account(portal: Portal) -> None:
    (company,) = portal.load("companies", [{"name": "Acme"}])
    (lead,) = portal.load("contacts", [{"lastname": "Lee", "company": "Acme"}])
    fields = portal.crm().read("lead", [lead])[lead].fields
    assert (fields["company"], fields.get("account_id")) == ("Acme", None)
    assert company


def test_the_team_of_whoever_has_a_lead_is_a_field_of_the_lead(portal: Portal) -> None:
    (lead,) = portal.load("contacts", [{"lastname": "Lee", "hubspot_team_id": "7"}])
    assert portal.crm().read("lead", [lead], extra=["hubspot_team_id"])[lead].fields["hubspot_team_id"] == "7"


def test_nothing_is_upserted() -> None:
    """An upsert by e-mail succeeds or fails as a whole."""
    verbs = {name for name in dir(HubSpotClient) if not name.startswith("_")}
    assert {"read", "create", "update", "archive", "search"} <= verbs
    assert not [verb for verb in verbs if "upsert" in verb]


def test_the_librarys_models_are_left_aside(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Building them takes 35 times as long as reading the JSON."""

    def build(*_args: Any, **_values: Any) -> None:
        raise AssertionError("a model was built")

    (lead,) = portal.people(1)
    monkeypatch.setattr(ApiClient, "deserialize", build)
    assert portal.crm().read("lead", [lead]).keys() == {lead}


def test_the_app_has_the_rights_of_the_portal_and_not_those_of_one_user() -> None:
    """`isUserLevel` would bind every token to what one person may do; HubSpot's default is the portal."""
    assert "isUserLevel" not in json.dumps(json.loads(APP.read_text(encoding="utf-8")))
