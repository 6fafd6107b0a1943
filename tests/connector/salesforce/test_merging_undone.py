"""Taking merges back: what was purged, converted or changed since, and what a kill at any step leaves."""

from __future__ import annotations

from typing import Any

import pytest

from connector.errors import Later
from connector.salesforce.gateway import SalesforceCrm
from connector.work import Effect
from rules.actions import Merge, Snapshot
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.merges import merge, merging, state, taken, undo

Order = tuple[str, Snapshot, Merge]


def undone(crm: SalesforceCrm, order: Order) -> Effect:
    (effect,) = crm.apply("unmerge", [undo(order)])
    return effect


def pair(org: LocalOrg, crm: SalesforceCrm, **parts: Any) -> tuple[str, str, Order]:
    """Make two leads, the second with a task, and merge them."""
    one, two = org.leads(2)
    org.create("Task", {"Subject": "Call", "WhoId": two})
    order = merging(("lead", one), [("lead", two)], **parts)
    assert merge(crm, order)[0].status == "done"
    return one, two, order


def audit(org: LocalOrg, lead: str) -> str:
    return org.load("Routing_Audit__c", [{"Lead__c": lead, "Decision_Key__c": f"a-{lead}", "Record_Id__c": lead}])[0]


def test_a_loser_that_is_not_in_the_bin_any_more_is_made_anew_once(org: LocalOrg, crm: SalesforceCrm) -> None:
    one, two = org.leads(2)
    told = {"Email": "b@example.com", "Description": "as it was", "OwnerId": org.user()}
    org.control("POST", "update", {"sobject": "Lead", "rows": [{"Id": two, **told}]})
    (task,), row = org.create("Task", {"Subject": "Call", "WhoId": two}), audit(org, two)
    (fair,) = org.load("Campaign", [{"Name": "Fair"}])
    org.load("CampaignMember", [{"CampaignId": fair, "LeadId": two, "Status": "Responded"}])
    order = merging(("lead", one), [("lead", two)])
    merge(crm, order)
    org.control("POST", "purge", {"sobject": "Lead", "ids": [two]})
    org.fault("composite/graph", drop="after")
    with pytest.raises(Later):
        undone(crm, order)
    effect = undone(crm, order)
    new = taken(effect).now[two]
    assert effect.status == "done"
    assert new != two
    assert f"{two} was not in the recycle bin any more: {new} is a new record" in taken(effect).left[0]
    lead = org.row("Lead", new)
    assert told.items() <= lead.items()
    assert (org.row("Task", task)["WhoId"], org.row("Routing_Audit__c", row)["Lead__c"]) == (new, new)
    guests = [each for each in org.rows("CampaignMember") if each["CampaignId"] == fair and not each["IsDeleted"]]
    assert [(each["LeadId"], each["Status"]) for each in guests] == [(new, "Responded")]
    count = len(org.rows("Lead"))
    assert (undone(crm, order).status, len(org.rows("Lead"))) == ("already", count)


def test_an_owner_who_left_is_passed_over_and_told(org: LocalOrg, crm: SalesforceCrm) -> None:
    left, keeper = org.user(), org.user()
    one, two = org.load("Lead", [{"LastName": "A", "Company": "M", "OwnerId": left}] * 2)
    order = merging(("lead", one), [("lead", two)], values={"city": "Roma"}, owner_id=keeper)
    merge(crm, order)
    org.control("POST", "purge", {"sobject": "Lead", "ids": [two]})
    org.control("POST", "update", {"sobject": "User", "rows": [{"Id": left, "IsActive": False}]})
    effect = undone(crm, order)
    told = " ".join(taken(effect).left)
    assert effect.status == "done"
    assert f"{two} is made anew without its owner" in told
    assert f"Who owned {one} before cannot own it any more" in told
    assert (org.row("Lead", one)["OwnerId"], org.row("Lead", one)["City"]) == (keeper, None)


def test_a_converted_lead_comes_back_as_a_new_lead_with_what_hung_on_it(org: LocalOrg, crm: SalesforceCrm) -> None:
    (account,) = org.create("Account", {"Name": "Muster"})
    (contact,) = org.load("Contact", [{"LastName": "Ana", "AccountId": account, "OwnerId": org.user(), "Phone": "7"}])
    (lead,) = org.leads(1, Email="a@example.com", Title="CTO")
    (task,), row = org.create("Task", {"Subject": "Call", "WhoId": lead}), audit(org, lead)
    (fair,) = org.load("Campaign", [{"Name": "Fair"}])
    org.load("CampaignMember", [{"CampaignId": fair, "LeadId": lead}])
    before = state(org)["Contact"][contact]
    parts = {"values": {"phone": "8"}, "converts": (lead,), "account_id": account}
    order = merging(("contact", contact), [("lead", lead)], **parts)
    assert merge(crm, order)[0].status == "done"
    assert org.row("Contact", contact)["Email"] == "a@example.com", "the conversion fills in what was empty"
    effect = undone(crm, order)
    new = taken(effect).now[lead]
    assert "was converted, which nothing takes back" in taken(effect).left[0]
    assert org.row("Lead", lead)["IsConverted"]
    again = org.row("Lead", new)
    assert (again["Email"], again["Title"], again["OwnerId"]) == ("a@example.com", "CTO", org.queue_id())
    assert (org.row("Task", task)["WhoId"], org.row("Routing_Audit__c", row)["Lead__c"]) == (new, new)
    guests = [each for each in org.rows("CampaignMember") if each["CampaignId"] == fair and not each["IsDeleted"]]
    assert [(each["LeadId"], each["ContactId"]) for each in guests] == [(new, None)]
    assert state(org)["Contact"][contact] == before
    assert undone(crm, order).status == "already"


def test_what_somebody_changed_since_stays_and_is_told(org: LocalOrg, crm: SalesforceCrm) -> None:
    merged, since = org.user(), org.user()
    one, two, order = pair(org, crm, values={"city": "Roma", "phone": "1"}, owner_id=merged)
    change = {"Id": one, "City": "Bari", "Title": "CTO", "OwnerId": since}
    org.control("POST", "update", {"sobject": "Lead", "rows": [change]})
    effect = undone(crm, order)
    assert (effect.status, taken(effect).now) == ("done", {two: two})
    assert list(taken(effect).left) == [
        f"City of {one} was changed since, and stays as it is.",
        f"{one} was given to somebody else since, and stays theirs.",
    ]
    assert change.items() <= org.row("Lead", one).items()
    assert org.row("Lead", one)["Phone"] is None


def test_related_records_that_moved_on_or_went_are_left_and_told(org: LocalOrg, crm: SalesforceCrm) -> None:
    one, two, third = org.leads(3)
    moved, gone, refused, plain = org.create("Task", *({"Subject": str(each), "WhoId": two} for each in range(4)))
    order = merging(("lead", one), [("lead", two)])
    merge(crm, order)
    org.control("POST", "update", {"sobject": "Task", "rows": [{"Id": moved, "WhoId": third}]})
    org.control("POST", "delete", {"sobject": "Task", "ids": [gone]})
    code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    org.control("POST", "refuse", {"sobject": "Task", "code": code, "message": "Frozen", "where": {"Id": refused}})
    effect = undone(crm, order)
    assert effect.status == "done"
    assert sorted(taken(effect).left) == sorted(
        [
            f"Task {moved} (WhoId {two}) was given to another record since, and stays there.",
            f"Task {gone} (WhoId {two}) was deleted since.",
            f"Task {refused} (WhoId {two}) stays where it is: Frozen ({code})",
        ]
    )
    assert [org.row("Task", each)["WhoId"] for each in (moved, refused, plain)] == [third, one, two]


def test_a_record_that_is_locked_is_later_and_the_rest_is_not_done_twice(org: LocalOrg, crm: SalesforceCrm) -> None:
    _, two, order = pair(org, crm)
    org.control("POST", "refuse", {"sobject": "Task", "code": "UNABLE_TO_LOCK_ROW"})
    effect = undone(crm, order)
    assert (effect.status, effect.applied) == ("later", True)
    assert not org.row("Lead", two)["IsDeleted"]
    effect = undone(crm, order)
    assert (effect.status, taken(effect).now, taken(effect).left) == ("done", {two: two}, ())


def test_a_loser_that_somebody_deleted_for_good_is_not_brought_back(org: LocalOrg, crm: SalesforceCrm) -> None:
    _, two, order = pair(org, crm)
    org.control("POST", "undelete", {"sobject": "Lead", "ids": [two]})
    org.control("POST", "delete", {"sobject": "Lead", "ids": [two]})
    effect = undone(crm, order)
    assert taken(effect).left[0] == f"{two} was deleted since, by somebody else."
    assert org.row("Lead", two)["IsDeleted"]


def test_without_its_snapshot_a_merge_is_not_taken_back(org: LocalOrg, crm: SalesforceCrm) -> None:
    _, two, order = pair(org, crm)
    rows = [row["Id"] for row in org.rows("Routing_Snapshot__c") if row["Decision_Key__c"] == order[0]]
    org.control("POST", "delete", {"sobject": "Routing_Snapshot__c", "ids": rows})
    effect = undone(crm, order)
    assert effect.status == "refused"
    assert "is not in the org any more" in effect.detail
    assert org.row("Lead", two)["IsDeleted"]


def test_a_loser_that_may_not_be_taken_out_of_the_bin_stops_its_undo_only(org: LocalOrg, crm: SalesforceCrm) -> None:
    (_, bad, first), (_, good, second) = pair(org, crm), pair(org, crm)
    org.control("POST", "purge", {"sobject": "Lead", "ids": [bad]})
    code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    org.control("POST", "refuse", {"sobject": "Lead", "code": code, "message": "No new leads", "times": 1})
    effects = {each.ref: each for each in crm.apply("unmerge", [undo(first), undo(second)])}
    refused, done = effects[""], next(each for ref, each in effects.items() if ref)
    assert (refused.status, refused.detail) == ("refused", f"{bad} cannot be made anew: No new leads ({code})")
    assert (done.status, taken(done).now) == ("done", {good: good})


def test_what_may_not_be_read_any_more_stays_and_the_rest_goes_back(org: LocalOrg, crm: SalesforceCrm) -> None:
    one, two = org.leads(2)
    (task,) = org.create("Task", {"Subject": "Call", "WhoId": two})
    (fair,) = org.load("Campaign", [{"Name": "Fair"}])
    (member,) = org.load("CampaignMember", [{"CampaignId": fair, "LeadId": two}])
    order = merging(("lead", one), [("lead", two)])
    merge(crm, order)
    deny = ["Campaign.Read", "Campaign.ViewAllRecords", "Campaign.ModifyAllRecords"]
    org.control("POST", "permissions", {"user": INTEGRATION, "deny": deny})
    try:
        effect = undone(crm, order)
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "grant": deny})
    assert effect.status == "done"
    assert [each.startswith("CampaignMember cannot be read any more") for each in taken(effect).left] == [True]
    assert (org.row("Task", task)["WhoId"], org.row("CampaignMember", member)["LeadId"]) == (two, one)
