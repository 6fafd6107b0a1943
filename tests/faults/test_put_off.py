"""What a lock, an outage or a refusal in the middle of a decision must not change: who gets the lead."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from connector.store import letters
from rules.model import Event
from tests.faults.shop import STEPS, Shop
from tests.faults.test_orgs import changed_later, hits, lock_account, put_off, refuse

Open = Callable[..., Shop]
INTEGRATION = "integration@acme.example"


@pytest.fixture
def shop(open_shop: Open) -> Iterator[Shop]:
    opened = open_shop("salesforce")
    yield opened
    opened.place.control.delete("refuse")
    opened.place.control.delete("locks")
    opened.place.control.post("permissions", {"user": INTEGRATION, "grant": ["Task.Create"]})


def test_a_refused_task_and_a_locked_account_do_not_cost_the_lead_its_owner(shop: Shop) -> None:
    """The lock undid the whole graph: nothing of it was refused for good while the owner was not written."""
    (lead,) = shop.leads(1)
    shop.place.control.post("permissions", {"user": INTEGRATION, "deny": ["Task.Create"]})
    lock_account(shop)
    shop.drain(hours=2)
    assert (hits(shop), put_off(shop)[0].count) == (1, 1)
    shop.place.control.delete("locks")
    shop.drain(minutes=10)
    landed = shop.landed(lead)
    assert (landed.owner_id, landed.tasks, landed.bells) == (shop.place.ana.id, (), 1)
    assert list(landed.audits.values()) == ["assigned"]
    (reason,) = shop.parked()
    assert "tasks" in reason


def test_a_bell_is_rung_once_the_org_says_again_which_one_it_is(shop: Shop) -> None:
    """Nothing had been rung when that was asked, so it is not a bell of which nobody knows."""
    leads = shop.leads(1)
    shop.fault("GET /services/data/[^/]+/tooling/query", status=503, body="")
    shop.drain(hours=30)
    shop.drain(minutes=2)
    shop.check(leads)


def test_leads_of_one_account_do_not_wait_for_one_of_them_that_is_locked(shop: Shop) -> None:
    leads = shop.leads(5)
    shop.place.control.post("locks", {"ids": [leads[0]]})
    shop.drain()
    shop.drain(seconds=10)
    assert [len(shop.landed(each).audits) for each in leads] == [0, 1, 1, 1, 1]
    shop.place.control.delete("locks")
    shop.drain(minutes=1)
    shop.check(leads)


def test_bells_of_one_account_are_rung_by_one_call(shop: Shop) -> None:
    leads = shop.leads(5)
    shop.drain()
    shop.check(leads)
    assert shop.calls_to(STEPS["salesforce"]["notify"]) == 1


def test_a_person_who_takes_a_lead_whose_task_was_refused_keeps_it(shop: Shop) -> None:
    """The decision is parked for its task, yet it gave the lead to somebody: the next owner is a person's choice."""
    (lead,) = shop.leads(1)
    refuse(shop, "Task", "REQUIRED_FIELD_MISSING", fields=["Kind__c"], message="Required fields are missing: [Kind__c]")
    shop.drain()
    assert (shop.landed(lead).owner_id, len(shop.parked())) == (shop.place.ana.id, 1)
    changed_later(shop, lead, OwnerId=shop.place.bob.id, Company="Globex Inc")
    with shop.database.write() as connection:
        event = Event(f"taken:{lead}", "lead", lead, "updated", shop.clock())
        letters.receive(connection, shop.install.id, [event], now=shop.clock())
    shop.drain(minutes=1)
    assert shop.landed(lead).owner_id == shop.place.bob.id
    assert sorted(shop.landed(lead).audits.values()) == ["assigned", "kept"]
