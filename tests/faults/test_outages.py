"""The CRM is busy, broken or silent at any step: the same work goes on later, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.shop import STEPS, TOKEN, Shop
from tests.local.world import CrmName

Open = Callable[..., Shop]
EVERY_STEP = [pytest.param(crm, step, id=f"{crm}-{step}") for crm, steps in STEPS.items() for step in steps]
WRITES = [param for param in EVERY_STEP if param.values[1] != "read"]
SOON = 120.0
"""Seconds after which an outage is looked at again, whatever the adapter says."""
QUOTA: dict[CrmName, dict[str, Any]] = {
    "salesforce": {
        "status": 403,
        "body": [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}],
    },
    "hubspot": {
        "status": 429,
        "body": {"status": "error", "errorType": "RATE_LIMIT", "policyName": "DAILY", "message": "daily limit"},
    },
}
QUOTA_SECONDS: dict[CrmName, float] = {"salesforce": 900, "hubspot": 3600}
ROLLING = {
    "status": 429,
    "body": {"status": "error", "errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING", "message": "limit"},
}


def bells(step: str) -> set[int]:
    """A bell that may have rung is not rung again: there alone it may be missing."""
    return {0, 1} if step == "notify" else {1}


@pytest.mark.parametrize(("crm", "step"), EVERY_STEP)
@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_outage_passes(open_shop: Open, crm: CrmName, step: str, status: int) -> None:
    shop = open_shop(crm)
    leads = shop.leads()
    shop.fault_at(step, status=status, body="<html>Bad Gateway</html>")
    shop.drain()
    assert shop.inbox() == {"waiting": 2, "parked": 0}
    assert shop.is_quiet()
    shop.drain(seconds=SOON)
    shop.check(leads, bells=bells(step))


@pytest.mark.parametrize(("crm", "step"), EVERY_STEP)
@pytest.mark.parametrize("drop", ["before", "after"])
def test_a_lost_connection_doubles_nothing(open_shop: Open, crm: CrmName, step: str, drop: str) -> None:
    shop = open_shop(crm)
    leads = shop.leads()
    shop.fault_at(step, drop=drop)
    shop.drain()
    assert shop.inbox() == {"waiting": 2, "parked": 0}
    shop.drain(seconds=SOON)
    shop.check(leads, bells=bells(step))


@pytest.mark.parametrize(("crm", "step"), WRITES)
def test_a_bad_hour_doubles_nothing(open_shop: Open, crm: CrmName, step: str) -> None:
    shop = open_shop(crm)
    leads = shop.leads()
    shop.fault_at(step, drop="after")
    shop.fault_at(step, status=503, body="")
    shop.fault_at(step, drop="before")
    for _ in range(5):
        shop.drain(seconds=SOON)
    shop.check(leads, bells=bells(step))


@pytest.mark.parametrize(("crm", "step"), EVERY_STEP)
def test_an_answer_that_comes_too_late_doubles_nothing(open_shop: Open, crm: CrmName, step: str) -> None:
    shop = open_shop(crm, CRM_READ_TIMEOUT="0.5")
    leads = shop.leads()
    shop.fault_at(step, delay=0.8)
    shop.drain()
    assert shop.inbox() == {"waiting": 2, "parked": 0}
    shop.wait_for_call(step)
    for _ in range(3):  # on a busy machine half a second may be too short once more
        shop.drain(seconds=SOON)
    shop.check(leads, bells=bells(step))


@pytest.mark.parametrize(("crm", "step"), EVERY_STEP)
def test_a_used_up_allowance_means_quiet_and_then_goes_on(open_shop: Open, crm: CrmName, step: str) -> None:
    shop = open_shop(crm)
    leads = shop.leads()
    shop.fault_at(step, **QUOTA[crm])
    shop.drain()
    assert shop.inbox() == {"waiting": 2, "parked": 0}
    shop.ahead_by(seconds=QUOTA_SECONDS[crm] - 30)
    assert shop.is_quiet()
    shop.drain(seconds=60)
    shop.check(leads)


@pytest.mark.parametrize("step", STEPS["hubspot"])
def test_hubspots_rolling_limit_is_waited_for_as_long_as_it_says(open_shop: Open, step: str) -> None:
    shop = open_shop("hubspot")
    leads = shop.leads()
    shop.fault_at(step, **ROLLING, headers={"Retry-After": "30"})
    shop.drain()
    shop.ahead_by(seconds=25)
    assert shop.is_quiet()
    shop.drain(seconds=6)
    shop.check(leads)
    # What was limited did nothing, so there is nothing to look for: one call more than on a good day.
    made = {name: shop.calls_to(pattern) for name, pattern in STEPS["hubspot"].items()}
    assert made == {name: 2 if name == step else 1 for name in made}


def test_hubspots_own_limit_is_obeyed_without_a_lost_lead(open_shop: Open) -> None:
    shop = open_shop("hubspot")
    leads = shop.leads(3)
    portal = int(shop.place.tenant_id)
    shop.place.control.post("limits", {"portalId": portal, "general": 3})
    shop.drain()
    assert shop.inbox()["waiting"] == 3
    assert shop.is_quiet()
    shop.place.control.post("limits", {"portalId": portal, "general": None})
    shop.drain(seconds=15)
    shop.check(leads)


@pytest.mark.parametrize("status", [423, 477])
@pytest.mark.parametrize("step", STEPS["hubspot"])
def test_hubspots_locks_and_migrations_pass(open_shop: Open, step: str, status: int) -> None:
    shop = open_shop("hubspot")
    leads = shop.leads()
    shop.fault_at(step, status=status, body={"status": "error", "message": "not now", "category": "LOCKED"})
    shop.drain()
    assert shop.inbox() == {"waiting": 2, "parked": 0}
    shop.drain(seconds=SOON)
    shop.check(leads)


def test_a_locked_row_of_salesforce_waits_alone(open_shop: Open) -> None:
    shop = open_shop("salesforce")
    free, locked = shop.leads()
    shop.place.control.post("refuse", {"sobject": "Task", "code": "UNABLE_TO_LOCK_ROW", "where": {"WhoId": locked}})
    shop.drain()
    assert shop.inbox() == {"waiting": 1, "parked": 0}
    assert list(shop.landed(free).audits.values()) == ["assigned"]
    assert shop.landed(locked).audits == {}
    shop.drain(seconds=10)
    shop.check([free, locked])


@pytest.mark.parametrize("crm", STEPS)
def test_a_sign_in_server_that_is_away_is_waited_for(open_shop: Open, crm: CrmName) -> None:
    shop = open_shop(crm)
    leads = shop.leads()
    shop.expire()
    shop.fault(TOKEN, status=503, body="")
    shop.drain()
    assert shop.status() == "active"
    assert shop.inbox() == {"waiting": 2, "parked": 0}
    shop.drain(seconds=SOON)
    shop.check(leads)
