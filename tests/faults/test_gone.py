"""Leads that are deleted while we look: an audit says so, and no letter is left."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.shop import STEPS, Shop
from tests.local.world import CrmName

Open = Callable[..., Shop]
FIRST_WRITE: dict[CrmName, str] = {"salesforce": "record", "hubspot": "update"}


@pytest.mark.parametrize("crm", STEPS)
def test_a_lead_deleted_before_it_is_read_leaves_an_audit_that_says_so(open_shop: Open, crm: CrmName) -> None:
    shop = open_shop(crm)
    gone, here = shop.leads()
    shop.place.delete(gone)
    shop.drain()
    assert list(shop.landed(gone).audits.values()) == ["ignored"]
    shop.check([here])


@pytest.mark.parametrize("crm", STEPS)
@pytest.mark.parametrize("drop", ["before", "after"])
def test_the_audit_of_a_deleted_lead_is_written_once(open_shop: Open, crm: CrmName, drop: str) -> None:
    shop = open_shop(crm)
    (gone,) = shop.leads(1)
    shop.place.delete(gone)
    shop.fault_at({"salesforce": "record", "hubspot": "audit"}[crm], drop=drop)
    shop.drain()
    assert shop.inbox()["waiting"] == 1
    shop.drain(minutes=2)
    assert list(shop.landed(gone).audits.values()) == ["ignored"]
    shop.check_nothing_left()


@pytest.mark.parametrize("crm", STEPS)
def test_a_lead_deleted_after_it_was_decided_is_parked_with_an_audit(open_shop: Open, crm: CrmName) -> None:
    shop = open_shop(crm)
    gone, here = shop.leads()
    shop.fault_at(FIRST_WRITE[crm], status=503, body="")
    shop.drain()
    shop.place.delete(gone)
    shop.drain(minutes=2)
    assert list(shop.landed(gone).audits.values()) == ["refused"]
    assert shop.inbox() == {"waiting": 0, "parked": 0}
    (reason,) = shop.parked()
    assert "deleted" in reason
    assert list(shop.landed(here).audits.values()) == ["assigned"]
    assert shop.landed(here).owner_id == shop.place.ana.id
