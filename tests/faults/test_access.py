"""Access: tokens that die are renewed, a grant that is withdrawn stops the install, a missing permission is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.shop import STEPS, TOKEN, Shop
from tests.faults.test_outages import EVERY_STEP
from tests.local.world import CrmName

Open = Callable[..., Shop]
EXPIRED: dict[CrmName, Any] = {
    "salesforce": [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}],
    "hubspot": {"status": "error", "category": "EXPIRED_AUTHENTICATION", "message": "expired"},
}
FORBIDDEN: dict[CrmName, Any] = {
    "salesforce": [{"errorCode": "INSUFFICIENT_ACCESS_OR_READONLY", "message": "insufficient access rights"}],
    "hubspot": {
        "status": "error",
        "category": "MISSING_SCOPES",
        "message": "This app hasn't been granted all required scopes: kim@globex.example",
        "errors": [{"message": "one", "context": {"requiredGranularScopes": ["crm.objects.contacts.write"]}}],
    },
}
WORDS: dict[CrmName, str] = {"salesforce": "insufficient access", "hubspot": "crm.objects.contacts.write"}


@pytest.mark.parametrize("crm", STEPS)
def test_an_expired_token_is_refreshed_and_the_work_goes_on(open_shop: Open, crm: CrmName) -> None:
    shop = open_shop(crm)
    leads = shop.leads()
    shop.expire()
    shop.drain()
    shop.check(leads)
    assert shop.token_calls() == 1


@pytest.mark.parametrize(("crm", "step"), EVERY_STEP)
def test_a_token_that_dies_at_any_step_is_refreshed_once(open_shop: Open, crm: CrmName, step: str) -> None:
    shop = open_shop(crm)
    leads = shop.leads()
    shop.fault_at(step, status=401, body=EXPIRED[crm])
    shop.drain()
    shop.check(leads)
    assert shop.token_calls() == 1


@pytest.mark.parametrize("crm", STEPS)
def test_a_withdrawn_grant_keeps_the_letters_until_somebody_connects_again(open_shop: Open, crm: CrmName) -> None:
    shop = open_shop(crm)
    leads = shop.leads()
    shop.withdraw()
    shop.drain()
    assert shop.status() == "revoked"
    assert len(shop.install.reason) > 20
    leads += shop.leads(1)
    assert shop.is_quiet()
    assert shop.inbox() == {"waiting": 3, "parked": 0}
    shop.connect()
    shop.drain()
    assert shop.status() == "active"
    shop.check(leads)


@pytest.mark.parametrize(("crm", "step"), EVERY_STEP)
def test_a_grant_withdrawn_at_any_step_doubles_nothing(open_shop: Open, crm: CrmName, step: str) -> None:
    shop = open_shop(crm)
    leads = shop.leads()
    shop.fault_at(step, status=401, body=EXPIRED[crm])
    shop.fault(TOKEN, status=400, body={"error": "invalid_grant", "error_description": "expired access/refresh token"})
    shop.drain()
    assert shop.status() == "revoked"
    assert shop.inbox() == {"waiting": 2, "parked": 0}
    shop.connect()
    shop.drain(minutes=1)
    # The bell was about to ring when we were shut out, which counts as unknown: it is not rung again.
    shop.check(leads, bells={0, 1} if step == "notify" else {1})


@pytest.mark.parametrize(("crm", "step"), EVERY_STEP)
def test_a_missing_permission_is_told_and_done_by_a_click_once_it_is_there(
    open_shop: Open, crm: CrmName, step: str
) -> None:
    shop = open_shop(crm)
    leads = shop.leads()
    shop.fault_at(step, status=403, body=FORBIDDEN[crm], times=20)
    shop.drain()
    reasons = shop.parked()
    assert len(reasons) == 2
    for reason in reasons:
        assert WORDS[crm] in reason
        assert "@" not in reason
    assert shop.inbox()["waiting"] == 0
    assert shop.is_quiet()
    shop.place.control.delete("faults")
    shop.retry()
    shop.drain()
    shop.check(leads)


def test_a_lead_that_may_not_be_edited_is_audited_as_refused_and_done_by_a_click(open_shop: Open) -> None:
    shop = open_shop("salesforce")
    (lead,) = shop.leads(1)
    shop.place.control.post(
        "permissions", {"user": "integration@acme.example", "deny": ["Lead.Edit", "Lead.ModifyAllRecords"]}
    )
    try:
        shop.drain()
    finally:
        shop.place.control.post(
            "permissions", {"user": "integration@acme.example", "grant": ["Lead.Edit", "Lead.ModifyAllRecords"]}
        )
    assert list(shop.landed(lead).audits.values()) == ["refused"]
    assert shop.landed(lead).tasks == ()
    assert len(shop.parked()) == 1
    shop.retry()
    shop.drain()
    shop.check([lead])
