"""The whole line with every process running: read back through the sandboxes' control planes only."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest
import redis

from tests.demo.watch import SalesforceEye
from tests.local.processes import until
from tests.local.world import CrmName
from tests.sandbox.seed import hubspot, salesforce
from tests.sandbox.seed.leads import leads
from tests.sandbox.seed.model import SeedLead
from tests.story.conftest import Connected, Eye

CRMS: tuple[CrmName, ...] = ("salesforce", "hubspot")
MOST_CALLS = {"salesforce": 40, "hubspot": 90}
"""CRM calls for a bulk load of 1,000 leads."""
LAND_SECONDS = 90.0
pytestmark = pytest.mark.timeout(240)  # the first test here also starts the product and both CRMs


def rows(crm: str, some: list[SeedLead]) -> list[dict[str, Any]]:
    return [salesforce.lead(lead) if crm == "salesforce" else dict(hubspot.lead(lead)) for lead in some]


def fresh(connected: Connected, count: int, seed: int) -> list[SeedLead]:
    """Return leads that HubSpot accepts side by side: it refuses a second contact with one address."""
    contacts = connected.eye("hubspot").rows("contacts")
    seen = {str(each["properties"].get("email") or "").lower() for each in contacts}
    found: list[SeedLead] = []
    for lead in leads(connected.companies, 1_000_000, seed=seed):
        if not lead.email or lead.email.lower() not in seen:
            seen.add(lead.email.lower())
            found.append(lead)
        if len(found) == count:
            break
    return found


def landed(eye: Eye, ids: list[str], seconds: float = LAND_SECONDS) -> None:
    """Wait until each of these leads has an audit row."""
    wanted = set(ids)
    until(lambda: wanted <= set(eye.audits()), seconds=seconds, what=f"{len(ids)} audits in {eye.crm}", every=0.25)


def check(eye: Eye, ids: list[str]) -> None:
    """Every lead: one audit, the owner it names, its account linked, one task and at most one notification."""
    audits, owners, links, tasks, bells = eye.audits(), eye.owners(), eye.links(), eye.tasks(), eye.notifications()
    for lead_id in ids:
        (audit,) = audits[lead_id]
        assert audit.outcome in {"assigned", "kept"}, audit
        assert audit.rule, audit.story
        if audit.owner_id:
            assert owners[lead_id] == audit.owner_id
            assert tasks[lead_id] == 1
            assert bells[lead_id] <= 1
        if audit.match_status == "matched":
            assert links[lead_id] == audit.account_id


@pytest.mark.parametrize("crm", CRMS)
def test_a_lead_is_owned_linked_told_and_explained_within_seconds(connected: Connected, crm: CrmName) -> None:
    eye = connected.eye(crm)
    company = next(each for each in connected.companies if each.domain)
    row = (
        {"FirstName": "Grace", "LastName": "Story", "Company": company.name, "Email": f"grace.story@{company.domain}"}
        if crm == "salesforce"
        else {"firstname": "Grace", "lastname": "Story", "email": f"grace.story@{company.domain}"}
    )
    (lead_id,) = eye.create([row])
    landed(eye, [lead_id], seconds=60)
    connected.product.wait_until_idle(connected.installs[crm])
    check(eye, [lead_id])
    (audit,) = eye.audits()[lead_id]
    assert eye.accounts()[audit.account_id] == company.name
    assert audit.rule == "Account owner"
    assert eye.notifications()[lead_id] == 1
    assert company.name in audit.story


@pytest.mark.parametrize("crm", CRMS)
def test_an_account_that_changes_its_domain_is_found_by_the_next_lead(connected: Connected, crm: CrmName) -> None:
    eye = connected.eye(crm)
    company = [each for each in connected.companies if each.domain][17]
    account_id = next(ref for ref, name in eye.accounts().items() if name == company.name)
    domain = f"renamed-{crm}.com"
    if crm == "salesforce":
        eye.change("Account", account_id, Website=f"https://www.{domain}")
    else:
        eye.change("companies", account_id, domain=domain, website=domain)

    def matched() -> bool:
        number = len(eye.audits())
        row = {"email": f"new{number}@{domain}", "lastname": f"New{number}"}
        if crm == "salesforce":
            row = {"Email": row["email"], "LastName": row["lastname"], "Company": "?"}
        (lead_id,) = eye.create([row])
        landed(eye, [lead_id], seconds=60)
        (audit,) = eye.audits()[lead_id]
        return audit.account_id == account_id

    until(matched, seconds=60, what="a lead of the new domain at its account")


def test_a_contact_with_another_domain_brings_its_account_a_lead_that_had_none(connected: Connected) -> None:
    """In HubSpot, where contacts are leads, they say nothing about companies."""
    eye = connected.eye("salesforce")
    assert isinstance(eye, SalesforceEye)
    account_id = next(iter(eye.accounts()))
    (lead_id,) = eye.create([{"Email": "kim@colleagues.example", "LastName": "Late", "Company": "?"}])
    landed(eye, [lead_id], seconds=60)
    assert [each.match_status for each in eye.audits()[lead_id]] == ["none"]
    eye.create([{"Email": "ann@colleagues.example", "LastName": "Colleague", "AccountId": account_id}], "Contact")
    until(lambda: len(eye.audits()[lead_id]) > 1, seconds=60, what="the lead matched again")
    (later,) = [each for each in eye.audits()[lead_id] if each.match_status != "none"]
    assert later.account_id == account_id


@pytest.mark.parametrize("crm", CRMS)
def test_a_rule_edited_in_the_crm_is_live_within_seconds(connected: Connected, crm: CrmName) -> None:
    eye, install = connected.eye(crm), connected.installs[crm]
    before = connected.product.version(install)
    if crm == "salesforce":
        rule = next(row for row in eye.rows("Routing_Rule__c") if row["Name"] == "Everyone else")
        text = rule["Definition__c"]
        eye.change("Routing_Rule__c", rule["Id"], Definition__c=text.replace("due: 2 hours", "due: 3 hours"))
    else:
        name = f"p{install.tenant_id}_routing_rule"
        rule = next(row for row in eye.rows(name) if row["properties"]["rule_name"] == "Everyone else")
        text = rule["properties"]["definition"]
        eye.change(name, rule["id"], definition=text.replace("due: 2 hours", "due: 3 hours"))
    until(lambda: connected.product.version(install) != before, seconds=60, what="the edited rule live")


@pytest.mark.parametrize("crm", CRMS)
def test_a_lead_deleted_at_once_is_settled_and_said_to_be_gone(connected: Connected, crm: CrmName) -> None:
    eye = connected.eye(crm)
    ids = eye.create(rows(crm, fresh(connected, 3, seed=55)))
    eye.delete(ids)
    connected.product.wait_until_idle(connected.installs[crm])
    audits = eye.audits()
    for lead_id in ids:
        # Read before it was deleted, or after: in both cases nothing is left over and nothing is said twice.
        assert len(audits.get(lead_id, ())) <= 1
        assert all(each.outcome in {"ignored", "assigned", "refused"} for each in audits.get(lead_id, ()))


@pytest.mark.parametrize("crm", CRMS)
def test_a_bulk_load_of_a_thousand_leads_stays_within_its_calls(connected: Connected, crm: CrmName) -> None:
    eye = connected.eye(crm)
    some = fresh(connected, 1000, seed=21)
    before = eye.calls()
    ids = eye.create(rows(crm, some))
    landed(eye, ids)
    connected.product.wait_until_idle(connected.installs[crm])
    calls = eye.calls() - before
    check(eye, ids)
    print(f"{crm}: {calls} calls for {len(ids)} leads")
    assert calls <= MOST_CALLS[crm]


def test_a_worker_killed_three_times_and_an_emptied_redis_lose_and_double_nothing(connected: Connected) -> None:
    eyes = {crm: connected.eye(crm) for crm in CRMS}
    some = fresh(connected, 500, seed=33)
    ids: dict[CrmName, list[str]] = {crm: [] for crm in CRMS}
    product = connected.product
    for number, batch in enumerate(_batches(some)):
        for crm in CRMS:
            ids[crm] += eyes[crm].create(rows(crm, batch))
        if number in {3, 8, 13}:
            until(lambda: any(map(product.waiting, connected.installs.values())), seconds=60, what="letters waiting")
            os.killpg(product.processes["worker"].pid, signal.SIGKILL)
            product.processes["worker"].wait()
            product.start("worker")
        if number == 10:
            connection = redis.Redis.from_url(product.world.settings(product.data).redis)
            connection.flushall()
            connection.close()
        time.sleep(0.1)  # leads arrive over time; nothing is waited for here
    for crm in CRMS:
        landed(eyes[crm], ids[crm])
        connected.product.wait_until_idle(connected.installs[crm])
        check(eyes[crm], ids[crm])
        assert len(ids[crm]) == 500


def _batches(some: list[SeedLead], size: int = 25) -> list[list[SeedLead]]:
    return [some[start : start + size] for start in range(0, len(some), size)]
