"""The probe against the local Salesforce, which drops events in silence where View All is missing, as the real one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from connector.errors import Later, Refused
from connector.rows import Check
from connector.salesforce.gateway import SalesforceCrm
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg

QUICK = 1.5
RULE = {"Name": "Everybody", "Kind__c": "rule", "State__c": "live", "Position__c": 10, "Version__c": "v1"}


@pytest.fixture(autouse=True)
def no_rules(org: LocalOrg) -> None:
    """Delete what other tests have left, so that the probe writes to this one's record."""
    if living := [row["Id"] for row in org.rows("Routing_Rule__c") if not row["IsDeleted"]]:
        org.control("POST", "delete", {"sobject": "Routing_Rule__c", "ids": living})


@pytest.fixture
def rule(org: LocalOrg, no_rules: None) -> str:
    (made,) = org.create("Routing_Rule__c", RULE)
    return made


@pytest.fixture
def crm(org: LocalOrg) -> Iterator[SalesforceCrm]:
    opened = org.crm(probe_seconds=QUICK)
    yield opened
    opened.close()


@pytest.fixture
def blind(org: LocalOrg) -> Iterator[Any]:
    """Take View All on an object away for the length of a test."""
    taken: list[str] = []

    def take(sobject: str) -> None:
        names = [f"{sobject}.ViewAllRecords", f"{sobject}.ModifyAllRecords"]
        org.control("POST", "permissions", {"user": INTEGRATION, "deny": names})
        taken.extend(names if sobject == "Lead" else names[:1])

    yield take
    org.control("POST", "permissions", {"user": INTEGRATION, "grant": taken})


def changed_meanwhile(org: LocalOrg, crm: SalesforceCrm, *ids: str) -> tuple[Check, ...]:
    """Probe and watch, while a person changes leads again and again."""
    done = threading.Event()

    def edit() -> None:
        place = 0
        while not done.wait(0.1):
            place += 1
            rows = [{"Id": one, "City": f"City {place}"} for one in ids]
            org.control("POST", "update", {"sobject": "Lead", "rows": rows})

    person = threading.Thread(target=edit)
    person.start()
    try:
        return crm.probe(watch=True)
    finally:
        done.set()
        person.join()


def test_an_event_comes_back_and_the_record_is_as_it_was(org: LocalOrg, crm: SalesforceCrm, rule: str) -> None:
    before = org.row("Routing_Rule__c", rule)
    (line,) = crm.probe()
    assert line.ok
    assert "an event came back after" in line.detail
    assert "no lead, contact or account was changed meanwhile" in line.detail
    after = org.row("Routing_Rule__c", rule)
    written = {"LastModifiedDate", "SystemModstamp", "LastModifiedById"}
    assert {name: after[name] for name in after.keys() - written} == {n: before[n] for n in before.keys() - written}


def test_a_silent_channel_is_found_although_the_subscription_was_accepted(
    org: LocalOrg, crm: SalesforceCrm, rule: str, blind: Any
) -> None:
    blind("Routing_Rule__c")
    (line,) = crm.probe()
    assert not line.ok
    assert "accepts the subscription but delivers nothing" in line.detail
    assert "Switchyard Integration" in line.remedy
    assert "ten minutes" in line.remedy
    assert org.row("Routing_Rule__c", rule)["Version__c"] == "v1"


def test_leads_that_were_changed_meanwhile_are_told(org: LocalOrg, crm: SalesforceCrm, rule: str) -> None:
    arrives, leads = changed_meanwhile(org, crm, *org.leads(2))
    assert (arrives.ok, leads.ok) == (True, True)
    assert leads.name == "Change events of Lead"
    assert leads.detail == "2 of 2 changed records were told"


def test_leads_whose_events_are_dropped_in_silence_are_found(
    org: LocalOrg, crm: SalesforceCrm, rule: str, blind: Any
) -> None:
    (lead,) = org.leads(1)
    blind("Lead")
    arrives, leads = changed_meanwhile(org, crm, lead)
    assert arrives.ok
    assert not leads.ok
    assert leads.detail.startswith("Salesforce accepts the subscription but delivers nothing: 1 changed, none told")
    assert "Object Settings > Leads > Edit > tick View All Records" in leads.remedy


def test_without_a_rule_record_there_is_nothing_to_write_to(org: LocalOrg, crm: SalesforceCrm) -> None:
    drafts = org.create("Routing_Rule__c", RULE | {"State__c": "draft"})
    (line,) = crm.probe()
    assert not line.ok
    assert "no Routing Rule record" in line.detail
    assert org.row("Routing_Rule__c", drafts[0])["Version__c"] == "v1"


def test_the_probe_is_our_own_echo_and_decides_nothing(sandbox: Any, org: LocalOrg, rule: str) -> None:
    heard = sandbox.org.bus.latest()
    org.crm(probe_seconds=QUICK).probe()
    rows = sandbox.org.store.all("SELECT header FROM sys_event WHERE seq > ?", (heard,))
    assert rows
    assert all("client=Switchyard" in row["header"] for row in rows)


def test_a_refused_subscription_is_raised_with_its_reason(org: LocalOrg, rule: str) -> None:
    with pytest.raises(Refused, match=r"topic\.not\.found"):
        org.crm(probe_seconds=QUICK, salesforce_channel="/data/Nobody__chn").probe()


def test_a_used_up_allowance_of_events_is_raised_as_later(org: LocalOrg, crm: SalesforceCrm, rule: str) -> None:
    org.control("POST", "settings", {"delivery_limit": 0})
    try:
        with pytest.raises(Later, match="event deliveries"):
            crm.probe()
    finally:
        org.control("POST", "settings", {"delivery_limit": 50_000})
    assert org.row("Routing_Rule__c", rule)["Version__c"] == "v1"


def test_a_version_that_was_written_meanwhile_is_left(org: LocalOrg, crm: SalesforceCrm, rule: str, blind: Any) -> None:
    blind("Routing_Rule__c")
    finished: list[Check] = []
    probing = threading.Thread(target=lambda: finished.extend(crm.probe()))
    probing.start()
    while probing.is_alive():
        if any("PATCH" in each["method"] for each in org.calls()[-1:]):
            org.control("POST", "update", {"sobject": "Routing_Rule__c", "rows": [{"Id": rule, "Version__c": "v2"}]})
        probing.join(0.05)
    assert finished
    assert org.row("Routing_Rule__c", rule)["Version__c"] == "v2"


def test_the_probe_does_not_disturb_other_subscriptions_and_leaves_none_behind(
    sandbox: Any, crm: SalesforceCrm, rule: str
) -> None:
    open_before = sandbox.streams.open
    crm.probe()
    with sandbox.org.bus.bell:
        gone = sandbox.org.bus.bell.wait_for(lambda: sandbox.streams.open == open_before, timeout=5)
    assert gone
