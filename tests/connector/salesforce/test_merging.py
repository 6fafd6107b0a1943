"""Reading what may be merged, keeping what it says, and merging it, against the local Salesforce."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connector.errors import Later, Revoked
from connector.salesforce import related, snapshot_parts
from connector.salesforce.gateway import SalesforceCrm
from connector.salesforce.session import Session
from rules.actions import Member, Merge, Snapshot
from rules.merging.abilities import SALESFORCE
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.merges import key, merge, merging, taken, to_do


def session(org: LocalOrg) -> Session:
    return Session(org.sign_in(), settings=org.settings())


def kept(org: LocalOrg, made: str) -> dict[str, Any]:
    """Return the snapshot of a decision as an undo would read it."""
    found = snapshot_parts.read(session(org), [made], "")[made].snapshot
    assert found is not None
    return dict(found)


def soap_calls(org: LocalOrg) -> int:
    return sum("Soap" in each["path"] for each in org.calls())


def test_every_field_is_told_by_our_name_or_by_its_own(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1, Email="a@example.com", Rating="Hot", City="Roma", NumberOfEmployees=7, DoNotCall=True)
    (gone,) = org.leads(1)
    org.control("POST", "delete", {"sobject": "Lead", "ids": [gone]})
    found = crm.mergeable([Member("lead", lead), Member("lead", gone)])
    assert list(found.records) == [Member("lead", lead)]
    record = found.records[Member("lead", lead)]
    told = {"email": "a@example.com", "Rating": "Hot", "city": "Roma", "employees": 7, "DoNotCall": True}
    assert told.items() <= record.fields.items()
    assert record.owner_id == org.queue_id()
    assert not {"Id", "Address", "MasterRecordId", "OwnerId"} & set(record.fields)
    assert {"email", "rating", "city", "donotcall", "description"} <= found.writable["lead"]
    assert not {"name", "converted", "emailbounceddate"} & found.writable["lead"]
    assert found.abilities is SALESFORCE


def test_what_is_around_a_record_is_told_as_facts(org: LocalOrg, crm: SalesforceCrm) -> None:
    gone = org.user(IsActive=False)
    (account,) = org.create("Account", {"Name": "Muster"})
    one, other = org.load("Contact", [{"LastName": "Ana", "AccountId": account, "OwnerId": gone}, {"LastName": "Bea"}])
    deals = [{"Name": "D", "StageName": stage, "CloseDate": "2027-01-01"} for stage in ("Prospecting", "Closed Won")]
    roles = [{"OpportunityId": deal, "ContactId": one} for deal in org.load("Opportunity", deals)]
    org.load("OpportunityContactRole", roles)
    org.create("Task", {"WhoId": one, "Subject": "Call", "ActivityDate": "2026-11-20", "Status": "Completed"})
    org.create("Event", {"WhoId": one, "Subject": "Visit", "ActivityDate": "2026-11-01"})
    facts = crm.mergeable([Member("contact", one), Member("contact", other), Member("account", account)]).facts
    assert (facts[one].open_opportunities, facts[one].activities, facts[one].owner_active) == (1, 2, False)
    assert facts[one].last_activity_at == datetime(2026, 11, 20, tzinfo=UTC)
    assert (facts[other].open_opportunities, facts[other].activities, facts[other].owner_active) == (0, 0, True)
    assert facts[account].open_opportunities == 0


def test_what_is_hidden_is_not_known_and_spoils_nothing(org: LocalOrg) -> None:
    (contact,) = org.load("Contact", [{"LastName": "Ana", "Email": "a@example.com"}])
    org.control("POST", "permissions", {"user": INTEGRATION, "deny": ["Opportunity.Read"], "hide": ["Contact.Email"]})
    crm = org.crm()
    try:
        found = crm.mergeable([Member("contact", contact)])
    finally:
        order = {"user": INTEGRATION, "grant": ["Opportunity.Read"], "show": ["Contact.Email"]}
        org.control("POST", "permissions", order)
        crm.close()
    assert found.facts[contact].open_opportunities == 0
    assert "email" not in found.records[Member("contact", contact)].fields
    assert "email" not in found.writable["contact"]


def test_a_snapshot_holds_every_field_and_what_hangs_on_each_record(org: LocalOrg, crm: SalesforceCrm) -> None:
    one, two = org.leads(2, Email="a@example.com")
    (task,) = org.create("Task", {"Subject": "Call", "WhoId": two})
    (fair,) = org.load("Campaign", [{"Name": "Fair"}])
    (guest,) = org.load("CampaignMember", [{"CampaignId": fair, "LeadId": two, "Status": "Responded"}])
    made, snapshot, _ = merging(("lead", one), [("lead", two)])
    (effect,) = crm.apply("snapshot", [to_do(made, snapshot)])
    assert (effect.status, effect.ref, effect.detail) == ("done", "1", "")
    told = kept(org, made)
    assert [each["id"] for each in told["members"]] == [one, two]
    assert told["members"][0]["row"]["Email"] == "a@example.com"
    assert told["members"][1]["row"]["OwnerId"] == org.queue_id()
    hung = {(each["object"], each["parent"]): each["rows"] for each in told["related"]}
    assert hung["Task", two] == [{"Id": task, "WhoId": two}]
    guests = {"Id": guest, "CampaignId": fair, "LeadId": two, "Status": "Responded"}
    assert hung["CampaignMember", two] == [guests], "a merge may drop it, so all of it is kept"


def test_a_long_snapshot_is_written_in_parts_and_read_whole(
    org: LocalOrg, crm: SalesforceCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_parts, "PART", 300)
    one, two = org.leads(2, Description="  Grüße,\n ünd \t vieles mehr " * 20)
    made, snapshot, _ = merging(("lead", one), [("lead", two)])
    (effect,) = crm.apply("snapshot", [to_do(made, snapshot)])
    rows = [row for row in org.rows("Routing_Snapshot__c") if row["Decision_Key__c"] == made]
    assert int(effect.ref) == len(rows) > 3
    assert kept(org, made)["members"][0]["row"]["Description"] == org.row("Lead", one)["Description"]
    org.control("POST", "delete", {"sobject": "Routing_Snapshot__c", "ids": [rows[2]["Id"]]})
    assert snapshot_parts.read(session(org), [made], "")[made].snapshot is None, "a part is missing"


def test_a_snapshot_whose_answer_was_lost_is_found_and_not_written_again(org: LocalOrg, crm: SalesforceCrm) -> None:
    made, snapshot, _ = merging(("lead", org.leads(1)[0]), [("lead", org.leads(1)[0])])
    org.fault("PATCH .*Routing_Snapshot__c", drop="after")
    with pytest.raises(Later) as error:
        crm.apply("snapshot", [to_do(made, snapshot)])
    assert error.value.applied
    org.reset()
    (effect,) = crm.apply("snapshot", [to_do(made, snapshot, uncertain=["snapshot"])])
    assert (effect.status, effect.ref) == ("already", "1")
    assert not [each for each in org.calls() if each["method"] == "PATCH"]


def test_nothing_is_kept_of_records_that_are_gone_and_others_are_not_held_up(org: LocalOrg, crm: SalesforceCrm) -> None:
    one, two, three, gone = org.leads(4)
    org.control("POST", "delete", {"sobject": "Lead", "ids": [gone]})
    orders = [merging(("lead", one), [("lead", gone)]), merging(("lead", two), [("lead", three)])]
    effects = {
        each.decision_key: each for each in crm.apply("snapshot", [to_do(made, kept) for made, kept, _ in orders])
    }
    assert effects[orders[0][0]].status == "refused"
    assert gone in effects[orders[0][0]].detail
    assert effects[orders[1][0]].status == "done"


def test_without_a_place_for_snapshots_nothing_is_merged(org: LocalOrg) -> None:
    one, two = org.leads(2)
    made, snapshot, action = merging(("lead", one), [("lead", two)])
    deny = [f"Routing_Snapshot__c.{verb}" for verb in ("Read", "ViewAllRecords", "ModifyAllRecords")]
    org.control("POST", "permissions", {"user": INTEGRATION, "deny": deny})
    crm = org.crm()
    try:
        (effect,) = crm.apply("snapshot", [to_do(made, snapshot, action)])
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "grant": deny})
        crm.close()
    assert effect.status == "refused"
    assert "Routing_Snapshot__c" in effect.detail


def test_what_could_not_be_kept_is_told(org: LocalOrg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(related, "MOST_ROWS", 2)
    one, two = org.leads(2)
    org.create("Task", *({"Subject": "Call", "WhoId": two} for _ in range(3)))
    made, snapshot, _ = merging(("lead", one), [("lead", two)])
    deny = ["Campaign.Read", "Campaign.ViewAllRecords"]
    crm = org.crm()
    crm.apply("snapshot", [to_do(key(), snapshot)])
    org.control("POST", "permissions", {"user": INTEGRATION, "deny": deny})
    try:
        (effect,) = crm.apply("snapshot", [to_do(made, snapshot)])
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "grant": deny})
        crm.close()
    assert effect.status == "done"
    assert f"only 2 of Task (WhoId) are kept of {two}" in effect.detail
    assert f"CampaignMember (LeadId) cannot be read of {one}" in effect.detail
    assert f"Task (WhoId) are kept of {one}" not in effect.detail
    assert kept(org, made)["unread"]


def test_the_survivor_gets_the_values_of_the_plan_under_its_own_fields(org: LocalOrg, crm: SalesforceCrm) -> None:
    owner = org.user()
    one, two = org.load("Contact", [{"LastName": "Ana", "Title": "CTO", "Phone": "1"}, {"LastName": "Anna"}])
    values = {
        "phone": "+49 30 1",
        "title": None,
        "donotcall": True,
        "birthdate": date(1990, 5, 17),
        "mailingcity": "Köln & <Bonn>",
        "emailbounceddate": datetime(2026, 1, 2, 3, 4, tzinfo=UTC),
    }
    order = merging(("contact", one), [("contact", two)], values=values, owner_id=owner)
    (effect,) = merge(crm, order)
    assert (effect.status, taken(effect).now) == ("done", {two: one})
    row = org.row("Contact", one)
    assert (row["Phone"], row["Title"], row["DoNotCall"], row["OwnerId"]) == ("+49 30 1", None, True, owner)
    assert (row["Birthdate"], row["MailingCity"]) == ("1990-05-17", "Köln & <Bonn>")
    assert row["EmailBouncedDate"].startswith("2026-01-02T03:04")
    assert org.row("Contact", two)["MasterRecordId"] == one


def test_a_merge_whose_answer_was_lost_is_found_and_never_repeated(org: LocalOrg, crm: SalesforceCrm) -> None:
    one, two, three = org.leads(3)
    made, snapshot, action = merging(("lead", one), [("lead", two), ("lead", three)], values={"city": "Roma"})
    org.fault("Soap/u", drop="after")
    (effect,) = merge(crm, (made, snapshot, action))
    assert (effect.status, effect.applied) == ("later", True)
    org.control("POST", "update", {"sobject": "Lead", "rows": [{"Id": one, "City": "Bari"}]})
    org.reset()
    (effect,) = crm.apply("merge", [to_do(made, action, uncertain=["merge"])])
    assert (effect.status, taken(effect).now) == ("already", {two: one, three: one})
    assert soap_calls(org) == 0
    assert org.row("Lead", one)["City"] == "Bari", "somebody changed it after the merge"


def test_a_merge_that_is_half_done_is_finished_later(org: LocalOrg, crm: SalesforceCrm) -> None:
    survivor, one, two, three = org.leads(4)
    order = merging(("lead", survivor), [("lead", each) for each in (one, two, three)])
    org.control("POST", "refuse", {"sobject": "Lead", "code": "UNABLE_TO_LOCK_ROW", "where": {"Id": three}})
    (effect,) = merge(crm, order)
    assert (effect.status, effect.applied, effect.seconds > 0) == ("later", True, True)
    assert org.row("Lead", two)["MasterRecordId"] == survivor
    (effect,) = crm.apply("merge", [to_do(order[0], order[2], uncertain=["merge"])])
    assert (effect.status, taken(effect).now) == ("done", dict.fromkeys((one, two, three), survivor))


def test_a_loser_that_is_gone_is_named_and_keeps_no_other_from_being_merged(org: LocalOrg, crm: SalesforceCrm) -> None:
    survivor, one, gone = org.leads(3)
    order = merging(("lead", survivor), [("lead", one), ("lead", gone)])
    crm.apply("snapshot", [to_do(order[0], order[1])])
    org.control("POST", "delete", {"sobject": "Lead", "ids": [gone]})
    (effect,) = crm.apply("merge", [to_do(order[0], order[2])])
    assert effect.status == "refused"
    assert effect.detail.startswith(f"{gone} was not merged into {survivor}: The record was deleted")
    assert effect.detail.endswith(f"Merged all the same: {one}")
    assert taken(effect).now == {one: survivor}


def test_what_somebody_merged_into_another_record_meanwhile_is_refused(org: LocalOrg, crm: SalesforceCrm) -> None:
    survivor, other, loser = org.leads(3)
    order = merging(("lead", survivor), [("lead", loser)])
    crm.apply("snapshot", [to_do(order[0], order[1])])
    org.control("POST", "merge", {"sobject": "Lead", "masterId": other, "mergedIds": [loser]})
    (effect,) = crm.apply("merge", [to_do(order[0], order[2])])
    assert effect.status == "refused"
    assert f"merged into {other} meanwhile" in effect.detail


def test_a_plan_with_a_field_that_cannot_be_written_is_not_begun(org: LocalOrg, crm: SalesforceCrm) -> None:
    (one, two), (three, four) = org.leads(2), org.leads(2)
    wrong = merging(("lead", one), [("lead", two)], values={"city": "Roma", "no_such__c": "x"})
    effects = merge(crm, wrong, merging(("lead", three), [("lead", four)]))
    assert [each.status for each in effects] == ["refused", "done"]
    assert effects[0].detail.endswith("Missing or read-only for the connected user: no_such__c")
    assert not org.row("Lead", two)["IsDeleted"]


def test_a_dead_connection_is_revoked_before_anything_was_done(org: LocalOrg, crm: SalesforceCrm) -> None:
    one, two = org.leads(2)
    made, snapshot, action = merging(("lead", one), [("lead", two)])
    crm.apply("snapshot", [to_do(made, snapshot)])
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>'
        "<faultcode>sf:API_DISABLED_FOR_ORG</faultcode><faultstring>off</faultstring></e:Fault></e:Body></e:Envelope>"
    )
    org.fault("Soap/u", status=500, body=body)
    with pytest.raises(Revoked):
        crm.apply("merge", [to_do(made, action)])


def converting(org: LocalOrg, **lead: Any) -> tuple[str, str, str, tuple[str, Snapshot, Merge]]:
    """Make a contact and a lead of a queue, and an order to convert the lead onto it."""
    owner = org.user()
    (account,) = org.create("Account", {"Name": "Muster"})
    (contact,) = org.load("Contact", [{"LastName": "Ana", "AccountId": account, "OwnerId": owner}])
    (made,) = org.leads(1, **lead)
    parts = {"values": {"phone": "+49 30 1"}, "converts": (made,), "account_id": account}
    return contact, made, account, merging(("contact", contact), [("lead", made)], **parts)


def test_a_lead_becomes_part_of_a_contact_by_conversion(org: LocalOrg, crm: SalesforceCrm) -> None:
    contact, lead, account, order = converting(org, Email="a@example.com")
    (task,) = org.create("Task", {"Subject": "Call", "WhoId": lead})
    (effect,) = merge(crm, order)
    assert (effect.status, taken(effect).now) == ("done", {lead: contact})
    row = org.row("Lead", lead)
    assert (row["ConvertedContactId"], row["ConvertedAccountId"]) == (contact, account)
    assert row["ConvertedOpportunityId"] is None
    assert org.row("Contact", contact)["Phone"] == "+49 30 1"
    assert org.row("Task", task)["WhoId"] == contact
    assert json.loads(effect.ref)["left"] == []


def test_a_conversion_whose_answer_was_lost_is_found_and_the_values_written(org: LocalOrg, crm: SalesforceCrm) -> None:
    contact, lead, _, (made, snapshot, action) = converting(org)
    org.fault("Soap/u", drop="after")
    (effect,) = merge(crm, (made, snapshot, action))
    assert (effect.status, effect.applied) == ("later", True)
    assert org.row("Contact", contact)["Phone"] is None
    org.reset()
    (effect,) = crm.apply("merge", [to_do(made, action, uncertain=["merge"])])
    assert (effect.status, taken(effect).now) == ("already", {lead: contact})
    assert soap_calls(org) == 0
    assert org.row("Contact", contact)["Phone"] == "+49 30 1"


def test_contacts_are_merged_before_leads_are_converted_and_a_failure_stops_the_rest(
    org: LocalOrg, crm: SalesforceCrm
) -> None:
    contact, lead, account, _ = converting(org)
    (other,) = org.load("Contact", [{"LastName": "Ana"}])
    order = merging(("contact", contact), [("lead", lead), ("contact", other)], converts=(lead,), account_id=account)
    org.control(
        "POST", "refuse", {"sobject": "Contact", "code": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "message": "no"}
    )
    (effect,) = merge(crm, order)
    assert effect.status == "refused"
    assert not org.row("Lead", lead)["IsConverted"]
    (effect,) = crm.apply("merge", [to_do(order[0], order[2], uncertain=["merge"])])
    assert (effect.status, taken(effect).now) == ("done", {lead: contact, other: contact})


def test_a_contact_that_cannot_be_written_after_a_conversion_is_told(org: LocalOrg, crm: SalesforceCrm) -> None:
    contact, lead, _, order = converting(org)
    refusal = {"sobject": "Contact", "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Phones are frozen"}
    org.control("POST", "refuse", refusal | {"where": {"Phone": "+49 30 1"}})
    (effect,) = merge(crm, order)
    assert effect.status == "refused"
    assert f"The fields of {contact} were not written: Phones are frozen" in effect.detail
    assert taken(effect).now == {lead: contact}
