"""Single records over REST: what a write keeps, refuses and answers."""

from __future__ import annotations

from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from simple_salesforce.exceptions import SalesforceError, SalesforceMalformedRequest, SalesforceMoreThanOneRecord

from .clients import content
from .ids import checksum
from .org import INTEGRATION_USER, STANDARD_USER

if TYPE_CHECKING:
    from .server import Sandbox

ADA = {"LastName": "Lovelace", "FirstName": "Ada", "Company": "Analytical Engines"}
QUIET = {"Sforce-Auto-Assign": "FALSE"}


def refused(call: Any) -> tuple[int, str]:
    """The HTTP status and errorCode of a call that must fail."""
    with pytest.raises(SalesforceError) as caught:
        call()
    return caught.value.status, content(caught)[0]["errorCode"]


def user_id(sandbox: Sandbox, name: str) -> str:
    user = sandbox.org.user_by_name(name)
    assert user is not None
    return str(user["Id"])


def test_a_created_lead_has_a_real_id_and_system_fields(sf: Any) -> None:
    answer = sf.Lead.create(ADA, headers=QUIET)
    assert answer == {"id": answer["id"], "success": True, "errors": []}
    assert answer["id"].startswith("00Q")
    assert len(answer["id"]) == 18
    assert answer["id"][15:] == checksum(answer["id"][:15])
    lead = sf.Lead.get(answer["id"])
    assert lead["Name"] == "Ada Lovelace"
    assert lead["Status"] == "Open - Not Contacted"
    assert lead["IsConverted"] is False
    assert lead["CreatedDate"] == lead["SystemModstamp"]
    assert lead["CreatedDate"].endswith("+0000")
    assert lead["attributes"]["url"] == f"/services/data/v66.0/sobjects/Lead/{answer['id']}"


def test_fifteen_characters_of_an_id_are_enough(sf: Any) -> None:
    made = sf.Lead.create(ADA)["id"]
    assert sf.Lead.get(made[:15])["Id"] == made


def test_an_update_moves_the_modstamp_and_answers_204(sf: Any) -> None:
    made = sf.Lead.create(ADA, headers=QUIET)["id"]
    before = sf.Lead.get(made)
    assert sf.Lead.update(made, {"City": "London"}, headers=QUIET) == 204
    after = sf.Lead.get(made)
    assert after["City"] == "London"
    assert after["Address"]["city"] == "London"
    assert after["SystemModstamp"] > before["SystemModstamp"]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"LastName": "X"}, "REQUIRED_FIELD_MISSING"),
        ({**ADA, "Nonsense": 1}, "INVALID_FIELD"),
        ({**ADA, "Company": "x" * 256}, "STRING_TOO_LONG"),
        ({**ADA, "Email": "not an address"}, "INVALID_EMAIL_ADDRESS"),
        ({**ADA, "IsConverted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({**ADA, "HasOptedOutOfEmail": "yes"}, "JSON_PARSER_ERROR"),
        ({**ADA, "Company": 7}, "JSON_PARSER_ERROR"),
        ({**ADA, "OwnerId": "zzz"}, "MALFORMED_ID"),
        ({**ADA, "OwnerId": "005KB000000000zYAA"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({**ADA, "Switchyard_Account__c": "001KB00000zzzzzIAA"}, "MALFORMED_ID"),
        ({**ADA, "Switchyard_Confidence__c": 12.5}, "NUMBER_OUTSIDE_VALID_RANGE"),
    ],
)
def test_a_bad_value_is_refused_with_its_code(shared_sf: Any, values: dict[str, Any], code: str) -> None:
    assert refused(lambda: shared_sf.Lead.create(values, headers=QUIET)) == (400, code)


def test_missing_fields_are_named(sf: Any) -> None:
    with pytest.raises(SalesforceMalformedRequest) as caught:
        sf.Lead.create({"FirstName": "Ada"})
    assert content(caught) == [
        {
            "message": "Required fields are missing: [LastName, Company]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["LastName", "Company"],
        }
    ]


def test_a_lookup_must_point_at_something(sf: Any) -> None:
    account = sf.Account.create({"Name": "Acme"})["id"]
    sf.Account.delete(account)
    values = {**ADA, "Switchyard_Account__c": account}
    assert refused(lambda: sf.Lead.create(values, headers=QUIET)) == (400, "INVALID_CROSS_REFERENCE_KEY")


def test_restricted_picklist_refuses_other_values_and_takes_any_case(sf: Any) -> None:
    rule = {"Name": "R", "Kind__c": "rule"}
    made = sf.Routing_Rule__c.create({**rule, "State__c": "DRAFT"})["id"]
    assert sf.Routing_Rule__c.get(made)["State__c"] == "draft"
    bad = {**rule, "Kind__c": "banana"}
    assert refused(lambda: sf.Routing_Rule__c.create(bad)) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
    assert sf.Routing_Rule__c.get(sf.Routing_Rule__c.create(rule)["id"])["State__c"] == "live"


def test_audit_numbers_count_up(sf: Any) -> None:
    made = [sf.Routing_Audit__c.create({"Decision_Key__c": key})["id"] for key in ("a", "A")]
    assert [sf.Routing_Audit__c.get(one)["Name"] for one in made] == ["RA-00000001", "RA-00000002"]


def test_a_decision_key_is_unique_until_its_record_is_deleted(sandbox: Sandbox, sf: Any) -> None:
    made = sf.Routing_Audit__c.create({"Decision_Key__c": "k1"})["id"]
    with pytest.raises(SalesforceMalformedRequest) as caught:
        sf.Routing_Audit__c.create({"Decision_Key__c": "k1"})
    error = content(caught)[0]
    assert error["errorCode"] == "DUPLICATE_VALUE"
    assert made[:15] in error["message"]
    # The connected user may not delete audits; a person at the screen may.
    sandbox.acts.delete("Routing_Audit__c", [made])
    assert sf.Routing_Audit__c.create({"Decision_Key__c": "k1"})["success"]


def test_upsert_creates_then_updates_by_external_id(sf: Any) -> None:
    assert sf.Routing_Audit__c.upsert("Decision_Key__c/k1", {"Outcome__c": "assigned"}) == 201
    assert sf.Routing_Audit__c.upsert("Decision_Key__c/k1", {"Outcome__c": "kept"}) == 200
    assert sf.Routing_Audit__c.get_by_custom_id("Decision_Key__c", "k1")["Outcome__c"] == "kept"


def test_an_ambiguous_external_id_answers_300(sandbox: Sandbox, sf: Any) -> None:
    sandbox.org.schema.get("Account").add(sandbox.org.schema.get("Routing_Audit__c").fields["Trace_Id__c"])
    field = sandbox.org.schema.get("Account").fields["Trace_Id__c"]
    object.__setattr__(field, "external_id", True)
    sandbox.org.store.create_tables(sandbox.org.schema)
    for _ in range(2):
        sf.Account.create({"Name": "Twin", "Trace_Id__c": "t"})
    with pytest.raises(SalesforceMoreThanOneRecord) as caught:
        sf.Account.upsert("Trace_Id__c/t", {"Name": "Twin"})
    assert len(content(caught)) == 2


def test_owner_must_be_an_active_user_or_a_queue_for_leads(sandbox: Sandbox, sf: Any) -> None:
    rep, gone = sandbox.load("User", [{"Email": "rep@acme.example"}, {"Email": "gone@acme.example", "IsActive": False}])
    queue, group = sandbox.load("Group", [{"Name": "EMEA", "Type": "Queue"}, {"Name": "All", "Type": "Regular"}])
    made = sf.Lead.create({**ADA, "OwnerId": rep}, headers=QUIET)["id"]
    assert sf.Lead.get(made)["OwnerId"] == rep
    assert sf.Lead.update(made, {"OwnerId": queue}, headers=QUIET) == 204
    status, code = refused(lambda: sf.Lead.update(made, {"OwnerId": gone}, headers=QUIET))
    assert (status, code) == (400, "OPERATION_WITH_INVALID_USER_TYPE_EXCEPTION")
    assert refused(lambda: sf.Lead.update(made, {"OwnerId": group}, headers=QUIET)) == (400, "INVALID_OPERATION")
    assert refused(lambda: sf.Account.create({"Name": "A", "OwnerId": queue})) == (400, "FIELD_INTEGRITY_EXCEPTION")


def test_the_assignment_rule_takes_the_owner_unless_the_header_says_false(sandbox: Sandbox, sf: Any) -> None:
    (rep,) = sandbox.load("User", [{"Email": "rep@acme.example"}])
    queue = sandbox.org.settings.assignment_owner
    ruled = sf.Lead.create({**ADA, "OwnerId": rep})["id"]
    assert sf.Lead.get(ruled)["OwnerId"] == queue
    free = sf.Lead.create({**ADA, "OwnerId": rep}, headers=QUIET)["id"]
    assert sf.Lead.get(free)["OwnerId"] == rep
    sf.Lead.update(free, {"City": "Paris"}, headers=QUIET)
    assert sf.Lead.get(free)["OwnerId"] == rep
    sf.Lead.update(free, {"OwnerId": rep, "City": "Rome"})
    assert sf.Lead.get(free)["OwnerId"] == queue
    sandbox.org.settings.assignment_active = False
    sf.Lead.update(free, {"OwnerId": rep})
    assert sf.Lead.get(free)["OwnerId"] == rep


def test_a_lead_made_at_the_screen_without_the_rule_belongs_to_its_maker(sandbox: Sandbox) -> None:
    (mine,) = sandbox.acts.create("Lead", [ADA], assign=False, user=STANDARD_USER)
    (ruled,) = sandbox.acts.create("Lead", [ADA])
    owners = {row["Id"]: row["OwnerId"] for row in sandbox.rows("Lead")}
    assert owners == {mine: user_id(sandbox, STANDARD_USER), ruled: sandbox.org.settings.assignment_owner}


def test_a_converted_lead_is_read_only(sandbox: Sandbox, sf: Any) -> None:
    lead = sf.Lead.create(ADA, headers=QUIET)["id"]
    ids = sandbox.acts.convert(lead)
    assert sf.Lead.get(lead)["ConvertedAccountId"] == ids["accountId"]
    assert refused(lambda: sf.Lead.update(lead, {"City": "Oslo"}))[1] == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert refused(lambda: sf.Task.create({"WhoId": lead, "Subject": "x"}))[1] == "CANNOT_UPDATE_CONVERTED_LEAD"


def test_a_task_for_a_lead_has_no_what(sf: Any) -> None:
    lead, account = sf.Lead.create(ADA)["id"], sf.Account.create({"Name": "Acme"})["id"]
    task = sf.Task.get(sf.Task.create({"WhoId": lead, "Subject": "Call", "ActivityDate": "2026-12-01"})["id"])
    assert (task["Status"], task["Priority"], task["IsClosed"]) == ("Not Started", "Normal", False)
    values = {"WhoId": lead, "WhatId": account, "Subject": "Call"}
    assert refused(lambda: sf.Task.create(values)) == (400, "FIELD_INTEGRITY_EXCEPTION")


def test_a_deleted_record_is_gone_for_query_but_not_for_query_all(sandbox: Sandbox, sf: Any) -> None:
    lead = sf.Lead.create(ADA)["id"]
    audit = sf.Routing_Audit__c.create({"Decision_Key__c": "k", "Lead__c": lead})["id"]
    task = sf.Task.create({"WhoId": lead, "Subject": "Call"})["id"]
    assert sf.Lead.delete(lead) == 204
    assert sf.query("SELECT Id FROM Lead")["totalSize"] == 0
    assert sf.query_all("SELECT Id, IsDeleted FROM Lead", include_deleted=True)["records"][0]["IsDeleted"] is True
    assert refused(lambda: sf.Lead.get(lead)) == (404, "ENTITY_IS_DELETED")
    assert refused(lambda: sf.Lead.update(lead, {"City": "X"})) == (404, "ENTITY_IS_DELETED")
    assert sf.Routing_Audit__c.get(audit)["Lead__c"] is None
    assert refused(lambda: sf.Task.get(task)) == (404, "ENTITY_IS_DELETED")
    sandbox.acts.delete("Lead", [lead], undo=True)
    assert sf.Lead.get(lead)["Id"] == lead


def test_an_unknown_id_is_not_found(sf: Any) -> None:
    unknown = "00QKB00000zzzzz"
    assert refused(lambda: sf.Lead.get(unknown + checksum(unknown))) == (404, "NOT_FOUND")
    status, code = refused(lambda: sf.Lead.update(unknown + checksum(unknown), {"City": "X"}))
    assert (status, code) == (404, "INVALID_CROSS_REFERENCE_KEY")
    assert refused(lambda: sf.Nonsense.get("x"))[0] == 404


def test_if_unmodified_since_guards_an_update(sf: Any) -> None:
    lead = sf.Lead.create(ADA, headers=QUIET)["id"]
    old = {"If-Unmodified-Since": formatdate(0, usegmt=True)}
    assert refused(lambda: sf.Lead.update(lead, {"City": "X"}, headers=old))[0] == 412
    fresh = {"If-Unmodified-Since": formatdate(4_000_000_000, usegmt=True)}
    assert sf.Lead.update(lead, {"City": "X"}, headers=fresh) == 204


def test_updated_and_deleted_list_ids_of_a_span(sf: Any) -> None:
    kept, gone = sf.Lead.create(ADA)["id"], sf.Lead.create(ADA)["id"]
    sf.Lead.delete(gone)
    span = "start=2020-01-01T00:00:00Z&end=2099-01-01T00:00:00Z"
    updated = sf.restful(f"sobjects/Lead/updated/?{span}")
    deleted = sf.restful(f"sobjects/Lead/deleted/?{span}")
    assert updated["ids"] == [kept]
    assert [row["id"] for row in deleted["deletedRecords"]] == [gone]


def test_describe_has_the_real_shape(sf: Any) -> None:
    fields = {field["name"]: field for field in sf.Lead.describe()["fields"]}
    assert fields["OwnerId"]["referenceTo"] == ["Group", "User"]
    assert fields["Company"]["nillable"] is False
    assert fields["Switchyard_Account__c"]["relationshipName"] == "Switchyard_Account__r"
    assert fields["LastName"]["compoundFieldName"] == "Name"
    assert {"Lead", "Routing_Rule__c", "Routing_Audit__c"} <= {item["name"] for item in sf.describe()["sobjects"]}
    key = {field["name"]: field for field in sf.Routing_Audit__c.describe()["fields"]}["Decision_Key__c"]
    assert (key["unique"], key["externalId"], key["caseSensitive"]) == (True, True, True)


def test_an_uninstalled_package_takes_its_objects_and_fields_along(sandbox: Sandbox) -> None:
    sandbox.org.uninstall()
    assert sandbox.org.schema.find("Routing_Rule__c") is None
    assert sandbox.org.schema.get("Lead").find("Switchyard_Rule__c") is None
    sandbox.org.install()
    assert sandbox.org.schema.find("Routing_Rule__c") is not None


def test_a_missing_permission_refuses_the_write(sandbox: Sandbox, sf: Any) -> None:
    sandbox.org.people.change(user_id(sandbox, INTEGRATION_USER), grant=[], deny=["Lead.Edit"], hide=[], show=[])
    lead = sf.Lead.create(ADA)["id"]
    status, code = refused(lambda: sf.Lead.update(lead, {"City": "X"}))
    assert (status, code) == (400, "INSUFFICIENT_ACCESS_OR_READONLY")


def test_ordered_refusals_hit_the_matching_record_only(sandbox: Sandbox, sf: Any) -> None:
    sandbox.acts.refuse(sobject="Lead", code="UNABLE_TO_LOCK_ROW", where={"LastName": "Locked"})
    assert sf.Lead.create(ADA)["success"]
    assert refused(lambda: sf.Lead.create({**ADA, "LastName": "Locked"})) == (400, "UNABLE_TO_LOCK_ROW")
    assert sf.Lead.create({**ADA, "LastName": "Locked"})["success"]


def test_a_merge_keeps_the_master_and_marks_the_others(sandbox: Sandbox, sf: Any) -> None:
    master, other = (sf.Lead.create(ADA)["id"] for _ in range(2))
    task = sf.Task.create({"WhoId": other, "Subject": "Call"})["id"]
    sandbox.acts.merge("Lead", master, [other], {"City": "London"})
    assert sf.Task.get(task)["WhoId"] == master
    assert sf.Lead.get(master)["City"] == "London"
    gone = sf.query_all("SELECT Id, MasterRecordId FROM Lead WHERE IsDeleted = true", include_deleted=True)
    assert [(row["Id"], row["MasterRecordId"]) for row in gone["records"]] == [(other, master)]
