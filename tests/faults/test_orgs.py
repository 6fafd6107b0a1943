"""What a busy org does to whole drains: locked accounts, full storage, no calls left, people who are quicker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.store import progress, standing, usage
from connector.store.standing import PutOff
from jobs import backfill, budget, policy
from jobs.drain import PAGE_EVERY
from tests.faults.shop import STEPS, Shop
from tests.local.processes import until

Open = Callable[..., Shop]
READ, GRAPH = STEPS["salesforce"]["read"], STEPS["salesforce"]["record"]


@pytest.fixture
def shop(open_shop: Open) -> Iterator[Shop]:
    opened = open_shop("salesforce")
    settings = opened.place.control.get("settings")
    yield opened
    opened.place.control.delete("refuse")
    opened.place.control.delete("locks")
    kept = {"daily_api_limit": settings["daily_api_limit"], "calls_today": settings["calls_today"]}
    opened.place.control.post("settings", kept)


def refuse(shop: Shop, sobject: str, code: str, **more: Any) -> None:
    shop.place.control.post("refuse", {"sobject": sobject, "code": code, "times": 100} | more)


def put_off(shop: Shop) -> list[PutOff]:
    with shop.database.read() as connection:
        return standing.put_off(connection, shop.install.id, now=shop.clock())


def hits(shop: Shop) -> int:
    """Return how many writes ran into a lock."""
    return len(shop.place.control.get("locks"))


def lock_account(shop: Shop) -> None:
    (account,) = {row["Id"] for row in shop.place.control.get("rows/Account") if row["Name"] == "Globex"}
    shop.place.control.post("locks", {"ids": [account]})


def test_leads_of_one_account_do_not_fight_for_its_lock(shop: Shop) -> None:
    """One lead of the account finds out for all of them, however often it takes."""
    leads = shop.leads(4)
    lock_account(shop)
    shop.drain()
    assert hits(shop) == 1, "one asks, the others wait for it"
    waits, met = put_off(shop)
    assert (waits.count, met.count, "UNABLE_TO_LOCK_ROW" in met.reason) == (3, 1, True)
    shop.drain(seconds=6)
    assert hits(shop) == 2
    assert sum(each.count for each in put_off(shop)) == 4
    shop.place.control.delete("locks")
    shop.place.control.delete("calls")
    shop.drain(seconds=6)
    shop.check(leads)
    assert shop.calls_to(GRAPH) == 2, "the one that went ahead, and the others together"


def test_few_leads_of_one_account_are_one_call_side_by_side(shop: Shop) -> None:
    leads = shop.leads(3)
    shop.drain()
    shop.check(leads)
    assert shop.calls_to(GRAPH) == 1


def test_other_accounts_do_not_wait_for_a_locked_one(shop: Shop) -> None:
    locked = shop.leads(2)
    name = "Solo"
    free = shop.place.lead(last_name=name, email=f"{name.lower()}@elsewhere.example", company="Elsewhere")
    shop.post([free])
    lock_account(shop)
    shop.drain()
    assert shop.landed(free).owner_id == shop.place.bob.id
    assert [shop.landed(each).audits for each in locked] == [{}, {}]
    shop.place.control.delete("locks")
    shop.drain(seconds=6)
    shop.check(locked)


def test_a_lock_that_lasts_is_asked_for_less_and_less_often(shop: Shop) -> None:
    shop.leads(1)
    lock_account(shop)
    waits = []
    for _ in range(6):
        shop.drain()
        (one,) = put_off(shop)
        seconds = (one.at - shop.clock()).total_seconds()
        waits.append(round(seconds))
        shop.ahead_by(seconds=seconds + 60)
    assert waits[0] == 5
    assert waits == sorted(waits)
    assert waits[-1] > 60
    assert policy.wait(5, age=timedelta(days=1)) == timedelta(minutes=5)


def test_full_storage_buffers_decisions_and_goes_on_by_itself(shop: Shop) -> None:
    leads = shop.leads(3)
    refuse(shop, "Routing_Audit__c", "STORAGE_LIMIT_EXCEEDED", message="storage limit exceeded")
    shop.drain()
    (waits,) = put_off(shop)
    assert (waits.count, "data storage is full" in waits.reason) == (3, True)
    assert shop.status() == "active"
    assert shop.parked() == []
    shop.drain(minutes=16)
    assert put_off(shop)[0].count == 3
    shop.place.control.delete("refuse")
    shop.drain(minutes=16)
    shop.check(leads)


def test_an_org_without_calls_is_left_alone_until_it_has_some(shop: Shop) -> None:
    leads = shop.leads(2)
    shop.place.control.post("settings", {"daily_api_limit": 1000, "calls_today": 1000})
    shop.drain()
    assert shop.inbox() == {"waiting": 2, "parked": 0}
    with shop.database.read() as connection:
        quiet = policy.quiet(connection, shop.install.id, now=shop.clock())
        told = usage.told(connection, shop.install.id)
    assert quiet is not None
    assert "used up its API calls" in quiet.reason
    assert told is not None
    assert (told.allowance.used, told.allowance.total) == (1000, 1000), "read from the refusal itself"
    assert shop.is_quiet()
    shop.place.control.post("settings", {"calls_today": 960})
    with shop.database.write() as connection:
        progress.start(connection, shop.install.id, backfill.name("account"), now=shop.clock())
    # In the round in which long work has its turn beside letters: what these calls are told counts for it.
    turn = (PAGE_EVERY - 1 - int((shop.clock() + timedelta(minutes=16)).timestamp())) % PAGE_EVERY
    shop.drain(minutes=16, seconds=turn)
    shop.check(leads)
    with shop.database.read() as connection:
        (scan,) = [each for each in progress.of(connection, shop.install.id) if each.name == backfill.name("account")]
    assert (scan.state, scan.not_before > shop.clock()) == ("waiting", True), "live leads first"
    assert "by all its apps" in scan.reason
    shop.place.control.post("settings", {"calls_today": 100})
    shop.drain(minutes=16)
    with shop.database.read() as connection:
        assert {each.state for each in progress.of(connection, shop.install.id)} == {"done"}


def test_decisions_of_a_day_without_calls_are_all_carried_out_by_the_first_that_comes_back(shop: Shop) -> None:
    leads = shop.leads(4)
    body = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    shop.fault_at("record", status=403, body=body, times=8)
    for _ in range(8):
        shop.drain(minutes=16)
    assert shop.inbox() == {"waiting": 4, "parked": 0}
    assert shop.calls_to(GRAPH) == 8, "each attempt is one call"
    shop.drain(minutes=16)
    shop.check(leads)


def test_every_call_is_counted(shop: Shop) -> None:
    with shop.database.read() as connection:
        before = usage.spent(connection, shop.install.id, since=datetime(2026, 1, 1, tzinfo=UTC)).total()
    shop.leads(3)
    shop.drain()
    made = [each for each in shop.place.control.get("calls") if each["path"].startswith("/services/data")]
    with shop.database.read() as connection:
        counted = usage.spent(connection, shop.install.id, since=datetime(2026, 1, 1, tzinfo=UTC)).total() - before
        stands = budget.standing(connection, shop.install.id, shop.settings, now=shop.clock())
    assert counted == len(made)
    assert stands.told is not None
    assert stands.told.allowance.used == shop.place.control.get("settings")["calls_today"]


def changed_later(shop: Shop, lead_id: str, **values: str) -> None:
    """A person edits a lead in another second than that in which it was made: the CRM's guard knows whole seconds."""
    made = shop.place.control.get("rows/Lead")
    created = next(row["CreatedDate"] for row in made if row["Id"] == lead_id)
    until(lambda: f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}" > created[:19], seconds=60, what="the next second")
    shop.place.control.post("update", {"sobject": "Lead", "rows": [{"Id": lead_id} | values]})


def test_a_person_who_takes_a_lead_while_we_write_keeps_it(shop: Shop) -> None:
    taken, other = shop.leads(2)
    shop.fault_at("record", status=503, body="")
    shop.drain()
    changed_later(shop, taken, OwnerId=shop.place.bob.id)
    shop.drain(seconds=61)
    assert shop.landed(taken).owner_id == shop.place.bob.id
    assert list(shop.landed(taken).audits.values()) == ["kept"]
    assert shop.landed(taken).tasks == ()
    assert shop.landed(taken).bells == 0
    shop.check([other])


def test_a_lead_that_was_only_edited_while_we_write_is_given_all_the_same(shop: Shop) -> None:
    (lead,) = shop.leads(1)
    shop.fault_at("record", status=503, body="")
    shop.drain()
    changed_later(shop, lead, Phone="+49 30 1234567")
    reads = shop.calls_to(READ)
    shop.drain(seconds=61)
    shop.check([lead])
    assert shop.calls_to(READ) == reads + 1


def test_a_task_that_is_refused_costs_neither_the_owner_nor_the_bell(shop: Shop) -> None:
    (lead,) = shop.leads(1)
    refuse(shop, "Task", "REQUIRED_FIELD_MISSING", fields=["Kind__c"], message="Required fields are missing: [Kind__c]")
    shop.drain()
    landed = shop.landed(lead)
    assert (landed.owner_id, landed.tasks, landed.bells) == (shop.place.ana.id, (), 1)
    assert list(landed.audits.values()) == ["assigned"]
    (reason,) = shop.parked()
    assert "[Kind__c]" in reason
    shop.place.control.delete("refuse")
    shop.retry()
    shop.drain()
    shop.check([lead])
