"""Merging and converting against the local Salesforce's SOAP: what is done, what is refused, and how it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connector.errors import Ignored, Later, Next, Refused, Revoked
from connector.salesforce.events import client
from connector.salesforce.headers import APP_TOKEN
from connector.salesforce.session import Session
from connector.salesforce.soap import REQUESTS, Convert, Merge, Merged, Soap
from connector.salesforce.soap_answers import Converted
from tests.connector.salesforce.conftest import INTEGRATION, LocalOrg

CONVERTED = "Closed - Converted"


@pytest.fixture
def soap(org: LocalOrg) -> Soap:
    return opened(org)


def opened(org: LocalOrg, tokens: Any = None) -> Soap:
    settings = org.settings()
    return Soap(Session(tokens or org.sign_in(), settings=settings), version=settings.salesforce_api_version)


def merged(result: Merged | Next) -> Merged:
    assert isinstance(result, Merged), result
    return result


def calls(org: LocalOrg) -> list[str]:
    return [each["path"] for each in org.calls() if "Soap" in each["path"]]


def test_a_merge_writes_the_master_and_moves_the_children(org: LocalOrg, soap: Soap) -> None:
    master, one, two = org.leads(3)
    (task,) = org.create("Task", {"Subject": "Call", "WhoId": two})
    values = {"City": "Köln & <Bonn>", "DoNotCall": True, "Website": None}
    (result,) = soap.merge([Merge("Lead", master, (one, two), values)])
    assert result == Merged(master, (one, two), (task,), {})
    lead = org.row("Lead", master)
    assert (lead["City"], lead["DoNotCall"], lead["IsDeleted"]) == ("Köln & <Bonn>", True, False)
    assert org.row("Task", task)["WhoId"] == master
    assert {org.row("Lead", each)["MasterRecordId"] for each in (one, two)} == {master}


def test_more_than_two_losers_are_merged_one_pair_after_the_other_in_one_call(org: LocalOrg, soap: Soap) -> None:
    master, *losers = org.leads(6)
    (result,) = soap.merge([Merge("Lead", master, tuple(losers))])
    assert merged(result).losers == tuple(losers)
    assert all(org.row("Lead", each)["MasterRecordId"] == master for each in losers)
    assert len(calls(org)) == 1


def test_orders_of_several_kinds_go_in_one_call_and_have_verdicts_of_their_own(org: LocalOrg, soap: Soap) -> None:
    master, loser, converted = org.leads(3)
    org.control("POST", "convert", {"leadId": converted})
    keeper, other = org.create("Account", {"Name": "Muster"}, {"Name": "Muster AG"})
    (contact,) = org.create("Contact", {"LastName": "Muster", "AccountId": other})
    results = soap.merge(
        [
            Merge("Lead", master, (converted,)),
            Merge("Account", keeper, (other,)),
            Merge("Lead", master, (loser,)),
        ]
    )
    assert isinstance(results[0], Refused)
    assert "CANNOT_UPDATE_CONVERTED_LEAD" in str(results[0])
    assert merged(results[1]).moved == (contact,)
    assert merged(results[2]).losers == (loser,)
    assert len(calls(org)) == 1


def test_an_order_that_ends_halfway_says_what_is_left_and_why(org: LocalOrg, soap: Soap) -> None:
    master, one, two, gone = org.leads(4)
    org.control("POST", "delete", {"sobject": "Lead", "ids": [gone]})
    (result,) = soap.merge([Merge("Lead", master, (one, two, gone))])
    assert merged(result).losers == (one, two)
    assert [type(each) for each in merged(result).left.values()] == [Ignored]
    assert list(merged(result).left) == [gone]


@pytest.mark.parametrize(
    ("sobject", "ids"),
    [
        ("Opportunity", ["006000000000001AAA", "006000000000002AAA"]),
        ("Lead", ["00Q000000000001AAA"]),
        ("Lead", ["00Q000000000001AAA", "00Q000000000001"]),
        ("Lead", ["00Q000000000001AAA", "00Q000000000002AAA", "00Q000000000002AAA"]),
        ("Lead", ["00Q000000000001AAA", "003000000000002AAA"]),
        ("Contact", ["003000000000001AAA", "nonsense"]),
    ],
)
def test_what_cannot_be_merged_is_refused_before_anything_is_sent(
    org: LocalOrg, soap: Soap, sobject: str, ids: list[str]
) -> None:
    (result,) = soap.merge([Merge(sobject, ids[0], tuple(ids[1:]))])
    assert isinstance(result, Refused)
    assert calls(org) == []


def test_a_child_that_cannot_be_moved_fails_its_merge_whole(org: LocalOrg, soap: Soap) -> None:
    master, loser = org.leads(2)
    org.create("Task", {"Subject": "Locked", "WhoId": loser})
    order = {"sobject": "Task", "code": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "Tasks stay where they are"}
    org.control("POST", "refuse", order)
    (result,) = soap.merge([Merge("Lead", master, (loser,), {"City": "Rome"})])
    assert isinstance(result, Refused)
    assert "Tasks stay where they are" in str(result)
    assert org.row("Lead", master)["City"] is None
    assert not org.row("Lead", loser)["IsDeleted"]


def test_a_locked_row_is_later_and_has_had_no_effect(org: LocalOrg, soap: Soap) -> None:
    master, loser = org.leads(2)
    org.control("POST", "refuse", {"sobject": "Lead", "code": "UNABLE_TO_LOCK_ROW"})
    (result,) = soap.merge([Merge("Lead", master, (loser,))])
    assert isinstance(result, Later)
    assert not result.applied
    (again,) = soap.merge([Merge("Lead", master, (loser,))])
    assert merged(again).losers == (loser,)


def test_who_repeats_a_merge_can_ask_what_it_has_done(org: LocalOrg, soap: Soap) -> None:
    master, one, two = org.leads(3)
    soap.merge([Merge("Lead", master, (one,))])
    (again,) = soap.merge([Merge("Lead", master, (one,))])
    assert isinstance(again, Ignored)
    assert soap.merged_into("Lead", [one, two, master, one[:15]]) == {one: master, one[:15]: master}
    org.control("POST", "undelete", {"sobject": "Lead", "ids": [one]})
    assert soap.merged_into("Lead", [one]) == {}
    assert not org.row("Lead", one)["IsDeleted"]


def test_without_the_right_to_delete_nothing_is_merged(org: LocalOrg, soap: Soap) -> None:
    master, loser = org.leads(2)
    org.control("POST", "permissions", {"user": INTEGRATION, "deny": ["Lead.Delete"]})
    try:
        (result,) = soap.merge([Merge("Lead", master, (loser,))])
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "grant": ["Lead.Delete"]})
    assert isinstance(result, Refused)
    assert "INSUFFICIENT_ACCESS_OR_READONLY" in str(result)


def test_no_message_holds_what_a_record_says(org: LocalOrg, soap: Soap) -> None:
    master, loser = org.leads(2)
    (result,) = soap.merge([Merge("Lead", master, (loser,), {"Email": "ada.lovelace(at)example"})])
    assert isinstance(result, Refused)
    assert "lovelace" not in str(result)
    (result,) = soap.merge([Merge("Lead", master, (loser,), {"Company": "Confidential Holding " * 40})])
    assert isinstance(result, Refused)
    assert "Confidential" not in str(result)


def test_a_control_character_in_a_value_does_not_break_the_envelope(org: LocalOrg, soap: Soap) -> None:
    master, loser = org.leads(2)
    (result,) = soap.merge([Merge("Lead", master, (loser,), {"City": "Ro\x00me\x0b\ud800"})])
    assert merged(result)
    assert org.row("Lead", master)["City"] == "Rome"


def test_our_own_merges_carry_our_name_and_run_no_assignment_rule(sandbox: Any, org: LocalOrg, soap: Soap) -> None:
    master, loser = org.leads(2)
    owner = org.user()
    org.control("POST", "update", {"sobject": "Lead", "rows": [{"Id": master, "OwnerId": owner}]})
    soap.merge([Merge("Lead", master, (loser,), {"City": "Rome"})])
    stored = sandbox.org.store.all("SELECT header FROM sys_event ORDER BY seq DESC LIMIT 2")
    told = [json.loads(row["header"]) for row in stored]
    assert {each["changeType"] for each in told} == {"DELETE", "UPDATE"}
    assert {client(each["changeOrigin"]) for each in told} == {APP_TOKEN}
    assert org.row("Lead", master)["OwnerId"] == owner


def test_a_lead_becomes_a_contact_of_an_account_that_exists(org: LocalOrg, soap: Soap) -> None:
    (lead,) = org.leads(1)
    (account,) = org.create("Account", {"Name": "Muster"})
    owner = org.user()
    (result,) = soap.convert([Convert(lead, CONVERTED, account_id=account, owner_id=owner)])
    assert isinstance(result, Converted)
    assert (result.lead_id, result.account_id, result.opportunity_id) == (lead, account, "")
    assert org.row("Contact", result.contact_id)["AccountId"] == account
    assert org.row("Contact", result.contact_id)["OwnerId"] == owner
    assert org.row("Lead", lead)["ConvertedAccountId"] == account


def test_a_lead_becomes_a_contact_that_exists_with_a_named_opportunity(org: LocalOrg, soap: Soap) -> None:
    (lead,) = org.leads(1)
    (account,) = org.create("Account", {"Name": "Muster"})
    (contact,) = org.create("Contact", {"LastName": "Muster", "AccountId": account})
    order = Convert(lead, CONVERTED, account, contact, org.user(), opportunity="Muster & Co: 2 < 3")
    (result,) = soap.convert([order])
    assert isinstance(result, Converted)
    assert (result.account_id, result.contact_id) == (account, contact)
    assert org.row("Opportunity", result.opportunity_id)["Name"] == "Muster & Co: 2 < 3"


def test_each_lead_of_a_call_has_its_own_verdict(org: LocalOrg, soap: Soap) -> None:
    one, two, three = org.leads(3)
    owner = org.user()
    results = soap.convert(
        [Convert(one, "Open", owner_id=owner), Convert(two, CONVERTED), Convert(three, CONVERTED, owner_id=owner)]
    )
    assert isinstance(results[0], Refused)
    assert "INVALID_STATUS" in str(results[0])
    assert isinstance(results[1], Refused), "a queue's lead needs an owner"
    assert isinstance(results[2], Converted)
    assert len(calls(org)) == 1
    (again,) = soap.convert([Convert(three, CONVERTED, owner_id=owner)])
    assert isinstance(again, Refused)
    assert "CANNOT_UPDATE_CONVERTED_LEAD" in str(again)


def test_without_convert_leads_nothing_is_converted(org: LocalOrg, soap: Soap) -> None:
    (lead,) = org.leads(1)
    org.control("POST", "permissions", {"user": INTEGRATION, "deny": ["ConvertLeads"]})
    try:
        (result,) = soap.convert([Convert(lead, CONVERTED, owner_id=org.user())])
    finally:
        org.control("POST", "permissions", {"user": INTEGRATION, "grant": ["ConvertLeads"]})
    assert isinstance(result, Refused)
    assert not org.row("Lead", lead)["IsConverted"]


def test_a_dead_token_is_renewed_once_and_the_call_made_again(org: LocalOrg) -> None:
    master, loser = org.leads(2)
    tokens = org.sign_in()
    tokens._tokens.append(org.sign_in().current())
    org.fault("Soap/u", status=500, body=fault("INVALID_SESSION_ID"))
    (result,) = opened(org, tokens).merge([Merge("Lead", master, (loser,))])
    assert merged(result)
    assert tokens.renewals == 1


def test_a_token_that_stays_dead_is_revoked(org: LocalOrg) -> None:
    org.fault("Soap/u", status=500, body=fault("INVALID_SESSION_ID"), times=2)
    tokens = org.sign_in()
    (result,) = opened(org, tokens).merge([Merge("Lead", *pair(org))])
    assert isinstance(result, Revoked)
    assert tokens.renewals == 1


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ((500, "REQUEST_LIMIT_EXCEEDED"), (Later, False)),
        ((500, "SERVER_UNAVAILABLE"), (Later, True)),
        ((500, "API_DISABLED_FOR_ORG"), (Revoked, None)),
        ((500, "INVALID_FIELD"), (Refused, None)),
        ((503, "<html>down</html>"), (Later, True)),
        ((404, ""), (Ignored, None)),
        ((200, "<html/>"), (Later, True)),
        ((200, "no xml at all"), (Later, True)),
    ],
)
def test_a_call_that_fails_as_a_whole_is_the_verdict_on_every_order(
    org: LocalOrg, soap: Soap, answer: tuple[int, str], verdict: tuple[type[Next], bool | None]
) -> None:
    status, body = answer
    org.fault("Soap/u", status=status, body=fault(body) if body.isupper() else body)
    results = soap.merge([Merge("Lead", *pair(org)), Merge("Lead", *pair(org))])
    assert all(isinstance(each, verdict[0]) for each in results)
    assert getattr(results[0], "applied", None) is verdict[1]


def test_what_was_not_sent_because_a_call_failed_has_had_no_effect(org: LocalOrg, soap: Soap) -> None:
    org.fault("Soap/u", status=503, body="down")
    results = soap.convert([Convert(lead, CONVERTED) for lead in org.leads(REQUESTS + 2)])
    assert all(isinstance(each, Later) for each in results)
    assert [each.applied for each in results if isinstance(each, Later)] == [True] * REQUESTS + [False] * 2
    assert len(calls(org)) == 1


def test_a_document_type_is_not_read_and_no_entity_expanded(org: LocalOrg, soap: Soap) -> None:
    bomb = (
        '<?xml version="1.0"?><!DOCTYPE e [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>&b;</e:Body></e:Envelope>'
    )
    org.fault("Soap/u", status=200, body=bomb)
    (result,) = soap.merge([Merge("Lead", *pair(org))])
    assert isinstance(result, Refused)
    assert "document type" in str(result)


def pair(org: LocalOrg) -> tuple[str, tuple[str, ...]]:
    master, loser = org.leads(2)
    return master, (loser,)


def fault(code: str) -> str:
    return (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>sf:{code}</faultcode><faultstring>{code}: said so</faultstring></soapenv:Fault></soapenv:Body>"
        "</soapenv:Envelope>"
    )


def test_no_redirect_is_followed_with_a_token_in_the_envelope(org: LocalOrg, soap: Soap) -> None:
    org.fault("Soap/u", status=302, body="", headers={"Location": f"{org.url}/elsewhere"}, times=2)
    (result,) = soap.merge([Merge("Lead", *pair(org))])
    assert isinstance(result, Later)
    assert not result.applied
    assert [each["path"] for each in org.calls() if "elsewhere" in each["path"]] == []
