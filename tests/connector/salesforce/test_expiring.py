"""Snapshots of merges go by age, from the recycle bin too, but those that somebody still needs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.errors import Refused
from connector.salesforce import expiring, snapshot_parts
from connector.salesforce.gateway import SalesforceCrm
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.merges import key, merge, merging, taken, undo

CANARY = "Birdwhistle"
SNAPSHOT = "Routing_Snapshot__c"


@pytest.fixture(autouse=True)
def empty(org: LocalOrg) -> None:
    """Begin without a snapshot: the org is that of the whole folder."""
    ids = [row["Id"] for row in org.rows(SNAPSHOT) if not row["IsDeleted"]]
    if ids:
        org.control("POST", "delete", {"sobject": SNAPSHOT, "ids": ids})


def now() -> datetime:
    return datetime.now(UTC)


def kept(org: LocalOrg, *keys: str, days: int = 0, content: str = CANARY) -> None:
    """Have the org hold a snapshot of each of these decisions, that many days old."""
    rows = [row for each in keys for row in snapshot_parts.parts(each, {"members": [content]}, "")]
    at = (now() - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    org.load(
        SNAPSHOT,
        [{name: value for name, value in row.items() if name != "attributes"} | {"CreatedDate": at} for row in rows],
    )


def there(org: LocalOrg) -> set[str]:
    return {row["Decision_Key__c"] for row in org.rows(SNAPSHOT) if not row["IsDeleted"]}


def expired(crm: SalesforceCrm, before: datetime, *but: str) -> int:
    """Go through all pages; return how many records went."""
    count, after = 0, None
    while True:
        found = crm.expire(before=before, but=frozenset(but), after=after)
        count, after = count + found.count, found.after
        if after is None:
            return count


def test_what_is_old_goes_and_nothing_of_it_lies_in_the_recycle_bin(org: LocalOrg, crm: SalesforceCrm) -> None:
    old, held, young = key(), key(), key()
    kept(org, old, held, days=40)
    kept(org, young, days=20, content="young")
    assert expired(crm, now() - timedelta(days=30), held) == 1
    assert there(org) == {held, young}
    assert CANARY not in json.dumps([row for row in org.rows(SNAPSHOT) if row["Decision_Key__c"] == old])
    assert expired(crm, now() - timedelta(days=30), held) == 0


def test_a_merge_whose_snapshot_went_cannot_be_undone_and_nothing_is_touched(org: LocalOrg, crm: SalesforceCrm) -> None:
    one, two = org.leads(2)
    order = merging(("lead", one), [("lead", two)])
    merge(crm, order)
    assert expired(crm, now() + timedelta(days=1)) == 1
    (effect,) = crm.apply("unmerge", [undo(order)])
    assert (effect.status, taken(effect).now) == ("refused", {})
    assert "has expired or was deleted" in effect.detail
    assert org.row("Lead", two)["IsDeleted"]


def test_hundreds_go_in_three_calls_for_two_hundred_and_none_of_those_that_are_needed(
    org: LocalOrg, crm: SalesforceCrm
) -> None:
    many = [key() for _ in range(450)]
    kept(org, *many, days=40)
    crm.expire(before=now() - timedelta(days=400), but=())  # describes the object
    before = crm.calls
    assert expired(crm, now() - timedelta(days=30), *many[::45]) == 440
    assert crm.calls - before == 3 * 3
    assert there(org) == set(many[::45])
    assert expiring.PAGE == 200


def test_a_worker_that_dies_between_emptying_and_deleting_leaves_work_that_the_next_one_does(
    org: LocalOrg, crm: SalesforceCrm
) -> None:
    made = key()
    kept(org, made, days=40)
    body: list[dict[str, Any]] = [{"errorCode": "INSUFFICIENT_ACCESS_OR_READONLY", "message": "no right to delete"}]
    org.fault("DELETE /services/data/[^/]+/composite/sobjects", status=403, body=body, times=1)
    with pytest.raises(Refused, match="no right to delete"):
        expired(crm, now() - timedelta(days=30))
    assert there(org) == {made}
    assert expired(crm, now() - timedelta(days=30)) == 1
    assert there(org) == set()


def test_where_the_package_has_no_snapshots_there_is_nothing_to_do(org: LocalOrg) -> None:
    deny = [f"{SNAPSHOT}.{verb}" for verb in ("Read", "ViewAllRecords", "ModifyAllRecords")]
    org.control("POST", "permissions", {"user": INTEGRATION, "deny": deny})
    try:
        crm = org.crm()
        assert crm.expire(before=now(), but=()).after is None
        crm.close()
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "grant": deny})
