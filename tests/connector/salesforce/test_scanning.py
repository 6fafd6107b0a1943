"""Reading what changed and what was deleted since a moment: nothing is left out, whatever happens while we page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connector.salesforce import soql
from connector.salesforce.gateway import SalesforceCrm
from rules.model import Kind, Record
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg

MOMENT = timedelta(milliseconds=1)


def pages(crm: SalesforceCrm, kind: Kind, since: datetime) -> Iterator[tuple[Record, ...]]:
    """Yield the pages of a scan by change."""
    after = None
    for _ in range(20):
        page = crm.scan(kind, since=since, after=after)
        yield page.records
        after = page.after
        if after is None:
            return
    raise AssertionError("the scan does not end")


def departed(crm: SalesforceCrm, kind: Kind, since: datetime) -> list[dict[str, str]]:
    """Return the pages of what was deleted."""
    found, after = [], None
    for _ in range(20):
        page = crm.gone(kind, since=since, after=after)
        found.append(dict(page.ids))
        after = page.after
        if after is None:
            return found
    raise AssertionError("the list does not end")


def names(count: int) -> list[dict[str, str]]:
    return [{"Name": f"Twin {number}"} for number in range(count)]


def test_2500_records_sharing_one_stamp_are_read_once_each(org: LocalOrg, crm: SalesforceCrm) -> None:
    since = datetime.now(UTC)
    ids = org.load("Account", names(2500))
    found = [record for page in pages(crm, "account", since) for record in page]
    assert len({record.modified_at for record in found if record.id in set(ids)}) == 1
    assert sorted(record.id for record in found) == sorted(ids)


def test_a_record_that_changes_while_we_page_is_read_again_at_the_end(org: LocalOrg, crm: SalesforceCrm) -> None:
    since = datetime.now(UTC)
    ids = org.load("Account", names(2100))
    walk = pages(crm, "account", since)
    first = next(walk)
    read, unread = first[0].id, next(each for each in ids if each not in {record.id for record in first})
    rows = [{"Id": read, "Site": "Moved"}, {"Id": unread, "Site": "Moved"}]
    org.control("POST", "update", {"sobject": "Account", "rows": rows})
    rest = [record for page in walk for record in page]
    assert {record.id for record in (*first, *rest)} == set(ids)
    assert [record.id for record in rest].count(read) == 1
    assert {record.id for record in rest[-2:]} == {read, unread}


def test_a_record_deleted_while_we_page_does_not_make_others_be_left_out(org: LocalOrg, crm: SalesforceCrm) -> None:
    since = datetime.now(UTC)
    ids = org.load("Account", names(2100))
    walk = pages(crm, "account", since)
    first = next(walk)
    org.control("POST", "delete", {"sobject": "Account", "ids": [record.id for record in first[-50:]]})
    assert {record.id for record in (*first, *(record for page in walk for record in page))} == set(ids)


def test_2500_deletions_with_one_stamp_are_told_once_each(org: LocalOrg, crm: SalesforceCrm) -> None:
    since = datetime.now(UTC)
    ids = org.load("Contact", [{"LastName": f"Leaver {number}"} for number in range(2500)])
    org.control("POST", "delete", {"sobject": "Contact", "ids": ids})
    found = departed(crm, "contact", since)
    assert [len(page) for page in found] == [soql.PAGE, 500]
    assert {each for page in found for each in page} == set(ids)


def test_a_merged_record_tells_what_it_was_merged_into_and_a_deleted_one_nothing(
    org: LocalOrg, crm: SalesforceCrm
) -> None:
    since = datetime.now(UTC)
    master, other, alone = org.leads(3)
    org.control("POST", "merge", {"sobject": "Lead", "masterId": master, "mergedIds": [other]})
    org.control("POST", "delete", {"sobject": "Lead", "ids": [alone]})
    assert departed(crm, "lead", since) == [{other: master, alone: ""}]


def test_what_was_restored_is_a_change_and_no_deletion(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1)
    org.control("POST", "delete", {"sobject": "Lead", "ids": [lead]})
    since = datetime.now(UTC) + MOMENT
    org.control("POST", "undelete", {"sobject": "Lead", "ids": [lead]})
    assert lead not in departed(crm, "lead", since - timedelta(minutes=1))[0]
    assert lead in {record.id for page in pages(crm, "lead", since - 2 * MOMENT) for record in page}


def test_deletions_are_told_where_the_merge_field_is_hidden(org: LocalOrg, crm: SalesforceCrm) -> None:
    since = datetime.now(UTC)
    (lead,) = org.leads(1)
    org.control("POST", "delete", {"sobject": "Lead", "ids": [lead]})
    org.control("POST", "permissions", {"user": INTEGRATION, "hide": ["Lead.MasterRecordId"]})
    try:
        assert departed(crm, "lead", since) == [{lead: ""}]
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "show": ["Lead.MasterRecordId"]})


def test_the_count_leaves_out_the_recycle_bin(org: LocalOrg, crm: SalesforceCrm) -> None:
    before = crm.count("lead")
    kept, gone = org.leads(2)
    org.control("POST", "delete", {"sobject": "Lead", "ids": [gone]})
    assert crm.count("lead") == before + 1
    assert set(crm.read("lead", [kept, gone])) == {kept}


@pytest.mark.parametrize("kind", ["lead", "contact", "account"])
def test_a_comparison_of_a_quiet_kind_takes_two_calls(crm: SalesforceCrm, kind: Kind) -> None:
    crm.count(kind)
    ahead, before = datetime.now(UTC) + timedelta(hours=1), crm.calls
    crm.scan(kind, since=ahead)
    crm.gone(kind, since=ahead)
    assert crm.calls - before == 2
