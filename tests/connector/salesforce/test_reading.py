"""Reading leads, accounts, people and queues from the local Salesforce."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connector.crm import Crm
from connector.errors import Later, Refused
from connector.rows import Page
from connector.salesforce.gateway import SalesforceCrm
from rules.model import Kind
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.signed_in import Memory


def test_it_is_a_crm(crm: SalesforceCrm) -> None:
    checked: Crm = crm
    assert checked.name == "salesforce"
    wanted = {"notify", "custom_objects", "leads", "rule_events", "replay", "probe", "account_locks", "requests"}
    assert wanted == checked.can
    merging = [("snapshot", 100), ("merge", 100), ("unmerge", 50)]
    assert [(step.name, step.batch) for step in checked.steps] == [*merging, ("record", 75), ("notify", 200)]


def test_many_leads_are_read_in_one_call(org: LocalOrg, crm: SalesforceCrm) -> None:
    ids = org.load("Lead", [{"LastName": f"L{number}", "Company": "Muster"} for number in range(500)])
    crm.read("lead", ids[:1])
    before = crm.calls
    found = crm.read("lead", ids)
    assert crm.calls - before == 1
    assert list(found) == ids
    assert found[ids[7]].fields["last_name"] == "L7"


def test_a_lead_has_its_fields_owner_and_times(org: LocalOrg, crm: SalesforceCrm) -> None:
    (account,) = org.create("Account", {"Name": "Muster", "BillingCountry": "France", "NumberOfEmployees": 5000})
    (lead,) = org.create(
        "Lead",
        {
            "FirstName": "Ana",
            "LastName": "Muster",
            "Company": "Muster",
            "Email": "ana@muster.example",
            "Country": "France",
            "NumberOfEmployees": 12,
            "AnnualRevenue": 1000000,
            "Switchyard_Account__c": account,
        },
    )
    found = crm.read("lead", [lead], extra=["rating", "Nope__c", "LASTNAME"])[lead]
    assert found.fields["email"] == "ana@muster.example"
    assert found.fields["name"] == "Ana Muster"
    assert (found.fields["employees"], found.fields["revenue"]) == (12, 1000000.0)
    assert found.fields["account_id"] == account
    assert found.fields["converted"] is False
    assert found.fields["LASTNAME"] == "Muster"
    assert "Nope__c" not in found.fields
    assert "title" not in found.fields
    assert found.owner_id == org.queue_id()
    assert found.created_at is not None
    assert abs(found.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    firm = crm.read("account", [account])[account]
    assert (firm.fields["name"], firm.fields["country"], firm.fields["employees"]) == ("Muster", "France", 5000)


def test_what_is_deleted_merged_or_no_id_is_absent(org: LocalOrg, crm: SalesforceCrm) -> None:
    kept, deleted, merged = org.leads(3)
    org.control("POST", "delete", {"sobject": "Lead", "ids": [deleted]})
    org.control("POST", "merge", {"sobject": "Lead", "masterId": kept, "mergedIds": [merged]})
    (account,) = org.create("Account", {"Name": "Muster"})
    asked = [deleted, merged, kept, account, "00Q000000000000AAA", "rubbish", "", kept[:15]]
    assert set(crm.read("lead", asked)) == {kept, kept[:15]}


def test_nothing_asked_costs_nothing(crm: SalesforceCrm) -> None:
    assert crm.read("lead", []) == {}
    assert crm.read("lead", ["rubbish"]) == {}
    assert crm.calls == 0


@pytest.mark.parametrize("kind", ["lead", "contact", "account", "opportunity", "user"])
def test_every_kind_can_be_scanned(crm: SalesforceCrm, kind: Kind) -> None:
    page = crm.scan(kind)
    assert page.total is not None
    assert len(page.records) == min(page.total, 2000)


def test_a_field_that_goes_while_we_remember_it_is_left_out(org: LocalOrg) -> None:
    memo = Memory()
    crm = org.crm(memo=memo)
    (lead,) = org.leads(1, Email="ana@muster.example", Title="CEO")
    assert crm.read("lead", [lead])[lead].fields["title"] == "CEO"
    org.control("POST", "permissions", {"user": INTEGRATION, "hide": ["Lead.Title"]})
    try:
        found = crm.read("lead", [lead])[lead]
        assert "title" not in found.fields
        assert found.fields["email"] == "ana@muster.example"
        before = crm.calls
        crm.read("lead", [lead])
        assert crm.calls - before == 1
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "show": ["Lead.Title"]})


def test_a_describe_is_remembered_over_connections(org: LocalOrg) -> None:
    memo, tokens = Memory(), org.sign_in()
    (lead,) = org.leads(1)
    first, second = org.crm(tokens, memo), org.crm(tokens, memo)
    first.read("lead", [lead])
    second.read("lead", [lead])
    assert (first.calls, second.calls) == (2, 1)


def scan_all(crm: SalesforceCrm, kind: Kind, since: datetime | None = None) -> list[Page]:
    pages = [crm.scan(kind, since=since)]
    while pages[-1].after is not None:
        pages.append(crm.scan(kind, after=pages[-1].after, since=since))
    return pages


def test_a_scan_sees_every_record_once(org: LocalOrg, crm: SalesforceCrm) -> None:
    org.load("Contact", [{"LastName": f"C{number}"} for number in range(4100)])
    pages = scan_all(crm, "contact")
    ids = [record.id for page in pages for record in page.records]
    assert len(ids) == len(set(ids)) == pages[0].total
    assert len(ids) >= 4100
    assert [page.total for page in pages[1:]] == [None] * (len(pages) - 1)
    assert crm.calls == len(pages) + 2


def test_a_scan_by_change_sees_every_record_once_though_all_changed_at_once(org: LocalOrg, crm: SalesforceCrm) -> None:
    since = datetime.now(UTC) - timedelta(seconds=1)
    made = org.load("Account", [{"Name": f"A{number}"} for number in range(2500)])
    pages = scan_all(crm, "account", since)
    ids = [record.id for page in pages for record in page.records]
    assert len(ids) == len(set(ids)) == pages[0].total
    assert set(made) <= set(ids)
    assert len(pages) == 2


def test_a_scan_by_change_leaves_out_what_did_not_change(org: LocalOrg, crm: SalesforceCrm) -> None:
    org.leads(1)
    assert crm.scan("lead", since=datetime.now(UTC) + timedelta(hours=1)) == Page((), None, 0)


def test_a_page_cut_short_by_salesforce_goes_on_behind_its_last_row(org: LocalOrg, crm: SalesforceCrm) -> None:
    ids = sorted(org.load("Lead", [{"LastName": f"L{number}", "Company": "M"} for number in range(3)]))
    crm.read("lead", ids)
    rows = [{"attributes": {}, "Id": one, "LastName": "L"} for one in ids[:2]]
    short = {"totalSize": 3, "done": False, "nextRecordsUrl": "/services/data/v66.0/query/01g-2", "records": rows}
    org.fault("GET /services/data/v66.0/query.*LIMIT", status=200, body=short)
    page = crm.scan("lead", after="00Q000000000000AAA")
    assert page.after == ids[1]


def test_a_place_that_is_not_ours_is_a_fault_of_ours(crm: SalesforceCrm) -> None:
    with pytest.raises(ValueError, match="place"):
        crm.scan("lead", after="soon|00Q", since=datetime.now(UTC))


def test_people_and_queues_are_everyone_who_can_own_a_lead(org: LocalOrg, crm: SalesforceCrm) -> None:
    boss = org.user(FirstName="Bo", LastName="Boss", Email="bo@acme.example")
    gone = org.user(
        FirstName="Ana",
        LastName="Gone",
        ManagerId=boss,
        IsActive=False,
        TimeZoneSidKey="Europe/Paris",
        LanguageLocaleKey="pt_BR",
    )
    other_queue = org.create("Group", {"Name": "Cases", "DeveloperName": f"Cases_{boss}", "Type": "Queue"})[0]
    org.create("QueueSobject", {"QueueId": other_queue, "SobjectType": "Case"})
    found = {user.id: user for user in crm.users()}
    ana = found[gone]
    assert (ana.name, ana.active, ana.queue, ana.manager_id) == ("Ana Gone", False, False, boss)
    assert (ana.zone, ana.language) == ("Europe/Paris", "pt-BR")
    assert (found[boss].email, found[boss].active) == ("bo@acme.example", True)
    queue = found[org.queue_id()]
    assert (queue.name, queue.queue, queue.active) == ("Unassigned Leads", True, True)
    assert other_queue not in found
    assert crm.calls == 2


def test_an_object_that_is_hidden_is_refused_with_what_to_install(org: LocalOrg) -> None:
    crm = org.crm(salesforce_namespace="acme")
    with pytest.raises(Refused, match="acme__Routing_Rule__c"):
        crm.scan("rule")


def test_an_outage_is_raised(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1)
    org.fault("composite/sobjects/Lead", status=503, body="")
    with pytest.raises(Later):
        crm.read("lead", [lead])
