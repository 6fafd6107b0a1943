"""What people ask for on records, through the local Salesforce: read with the record, and answered on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from connector.salesforce.fields import REQUEST, REQUEST_REFUSED, columns, to_record
from connector.salesforce.gateway import SalesforceCrm
from connector.salesforce.payloads import answer
from connector.work import LOCKED, Unanswered
from rules.actions import Answer, Assign
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg
from tests.connector.salesforce.examples import decision, work
from tests.connector.salesforce.test_performing import statuses


@pytest.fixture(autouse=True)
def obedient_again(org: LocalOrg) -> Iterator[None]:
    yield
    for what in ("refuse", "locks"):
        org.control("DELETE", what)
    show = [f"{sobject}.{name}" for sobject in ("Lead", "Contact") for name in (REQUEST, REQUEST_REFUSED)]
    org.control("POST", "permissions", {"user": INTEGRATION, "show": show})


def click(org: LocalOrg, record_id: str, what: str = "undo", *, sobject: str = "Lead", **who: Any) -> None:
    org.control("POST", "update", {"sobject": sobject, "rows": [{"Id": record_id, REQUEST: what}], **who})


def told(org: LocalOrg, record_id: str, sobject: str = "Lead") -> tuple[Any, Any]:
    row = org.row(sobject, record_id)
    return row[REQUEST], row[REQUEST_REFUSED]


def test_a_request_is_read_with_the_lead_and_with_who_changed_it_last(org: LocalOrg, crm: SalesforceCrm) -> None:
    kim = org.user(FirstName="Kim")
    asked, quiet = org.leads(2)
    click(org, asked, "wrong_match", user=kim)
    found = crm.read("lead", [asked, quiet])
    assert (found[asked].text("request"), found[asked].text("request_by")) == ("wrong_match", kim)
    assert not {"request", "request_by"} & found[quiet].fields.keys()
    page = crm.scan("lead")
    scanned = list(page.records)
    while page.after is not None:
        page = crm.scan("lead", after=page.after)
        scanned += page.records
    assert [each.text("request") for each in scanned if each.id == asked] == ["wrong_match"]


def test_the_package_has_its_prefix_on_both_fields() -> None:
    assert "acme__Switchyard_Request__c" in columns("lead", "acme")
    assert "acme__Switchyard_Request__c" in columns("contact", "acme")
    assert not any("Request" in name for name in columns("account", "acme"))
    row = {"Id": "00Q000000000001AAA", "acme__Switchyard_Request__c": "undo", "LastModifiedById": "005A"}
    assert to_record("lead", row, namespace="acme").text("request") == "undo"
    assert answer("", namespace="acme") == {
        "acme__Switchyard_Request__c": None,
        "acme__Switchyard_Request_Refused__c": None,
    }


def test_refusals_are_written_in_one_call_and_cut_to_what_the_field_holds(org: LocalOrg, crm: SalesforceCrm) -> None:
    leads = org.leads(3)
    for each in leads:
        click(org, each)
    before = crm.calls
    assert crm.refuse_requests("lead", dict.fromkeys(leads, "Because. " * 50)) == []
    assert crm.calls - before <= 2, "one write, and once a describe"
    for each in leads:
        request, why = told(org, each)
        assert request is None
        assert (len(why), why[-1]) == (255, "…")


def test_a_contact_is_answered_too(org: LocalOrg, crm: SalesforceCrm) -> None:
    (contact,) = org.create("Contact", {"LastName": "Muster"})
    click(org, contact, sobject="Contact")
    assert crm.read("contact", [contact])[contact].text("request") == "undo"
    assert crm.refuse_requests("contact", {contact: "Only leads are routed."}) == []
    assert told(org, contact, "Contact") == (None, "Only leads are routed.")


def test_a_locked_record_is_told_with_when_to_try_again_and_the_others_are_written(
    org: LocalOrg, crm: SalesforceCrm
) -> None:
    locked, free = org.leads(2)
    for each in (locked, free):
        click(org, each)
    org.control("POST", "locks", {"ids": [locked]})
    (left,) = crm.refuse_requests("lead", {locked: "No.", free: "No."})
    assert (left.record_id, left.seconds > 0) == (locked, True)
    assert left.why.startswith(LOCKED)
    assert (told(org, locked), told(org, free)) == (("undo", None), (None, "No."))


def test_a_record_that_a_validation_rule_protects_stays_as_it_is(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1)
    click(org, lead)
    org.control("POST", "refuse", {"sobject": "Lead", "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "times": 9})
    (left,) = crm.refuse_requests("lead", {lead: "No."})
    assert (left.record_id, left.seconds) == (lead, 0.0)
    assert told(org, lead) == ("undo", None)


def test_a_deleted_lead_needs_no_answer(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1)
    org.control("POST", "delete", {"sobject": "Lead", "ids": [lead]})
    (left,) = crm.refuse_requests("lead", {lead: "No."})
    assert left.seconds == 0.0


def test_where_the_fields_are_hidden_nothing_is_asked_for_and_nothing_answered(org: LocalOrg) -> None:
    (lead,) = org.leads(1)
    click(org, lead)
    hide = [f"Lead.{REQUEST}", f"Lead.{REQUEST_REFUSED}"]
    org.control("POST", "permissions", {"user": INTEGRATION, "hide": hide})
    crm = org.crm()
    try:
        assert not crm.read("lead", [lead])[lead].text("request")
        why = "The request cannot be emptied by the connected user"
        assert crm.refuse_requests("lead", {lead: "No."}) == [Unanswered(lead, why)]
    finally:
        crm.close()


def test_an_answer_is_written_in_one_piece_with_its_decision(org: LocalOrg, crm: SalesforceCrm) -> None:
    (lead,) = org.leads(1)
    org.control("POST", "update", {"sobject": "Lead", "rows": [{"Id": lead, REQUEST: "undo", REQUEST_REFUSED: "No."}]})
    made = decision(f"{lead}-answer", lead, actions=(Answer(),))
    effects = crm.apply("record", [work(made)])
    assert statuses(effects, made.key) == {"answer": "done", "audit": "done"}
    assert told(org, lead) == (None, None)
    click(org, lead, "wrong_owner")
    again = crm.apply("record", [work(made)])
    assert set(statuses(again, made.key).values()) == {"already"}
    assert told(org, lead)[0] == "wrong_owner", "what was asked for since is not swept away by a repetition"


def test_an_answer_that_the_org_refuses_does_not_keep_the_rest_from_being_done(
    org: LocalOrg, crm: SalesforceCrm
) -> None:
    (lead,) = org.leads(1)
    ana = org.user()
    click(org, lead, "wrong_owner")
    refusal = {"sobject": "Lead", "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "fields": [REQUEST], "times": 1}
    org.control("POST", "refuse", refusal)
    made = decision(f"{lead}-refused", lead, actions=(Assign(ana), Answer()))
    effects = crm.apply("record", [work(made)])
    assert statuses(effects, made.key) == {"assign": "done", "answer": "refused", "audit": "done"}
    assert org.row("Lead", lead)["OwnerId"] == ana
