"""Rules that cannot be read: leads go on by the last good version."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.shop import RULES, Shop
from tests.faults.test_access import FORBIDDEN
from tests.local.world import CrmName

Open = Callable[..., Shop]


@pytest.mark.parametrize("crm", RULES)
def test_rules_that_may_not_be_read_any_more_leave_the_last_good_version_live(open_shop: Open, crm: CrmName) -> None:
    shop = open_shop(crm)
    shop.ahead_by(hours=1)
    leads = shop.leads()
    shop.fault(RULES[crm], status=403, body=FORBIDDEN[crm], times=5)
    shop.drain()
    shop.check(leads)
    leads = shop.leads(1)
    shop.drain()
    shop.check(leads)


@pytest.mark.parametrize("crm", RULES)
@pytest.mark.parametrize("fault", [{"status": 503, "body": ""}, {"drop": "before"}])
def test_rules_that_cannot_be_read_for_a_moment_hold_the_letters(
    open_shop: Open, crm: CrmName, fault: dict[str, object]
) -> None:
    shop = open_shop(crm)
    shop.ahead_by(hours=1)
    leads = shop.leads()
    shop.fault(RULES[crm], **fault)
    shop.drain()
    assert shop.inbox() == {"waiting": 2, "parked": 0}
    shop.drain(minutes=2)
    shop.check(leads)


def test_rules_that_may_not_be_written_back_are_live_all_the_same(open_shop: Open) -> None:
    shop = open_shop("salesforce")
    (row,) = [row for row in shop.place.control.get("rows/Routing_Rule__c") if row["Name"] == "Everyone else"]
    text = row["Definition__c"]
    changed = {"Id": row["Id"], "Definition__c": f"{text}\n  notify: true"}
    try:
        shop.place.control.post("update", {"sobject": "Routing_Rule__c", "rows": [changed]})
        refusal = {
            "sobject": "Routing_Rule__c",
            "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "message": "Not on Sundays",
        }
        shop.place.control.post("refuse", refusal)
        shop.ahead_by(hours=1)
        before = shop.version()
        leads = shop.leads()
        shop.drain()
        shop.check(leads)
        assert shop.version() != before
    finally:
        shop.place.control.delete("refuse")
        changed["Definition__c"] = text
        shop.place.control.post("update", {"sobject": "Routing_Rule__c", "rows": [changed]})
