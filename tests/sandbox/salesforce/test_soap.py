"""merge() and convertLead() over SOAP, as a client without a SOAP library would send them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from .clients import browser

if TYPE_CHECKING:
    from .server import Sandbox

ADA = {"LastName": "Lovelace", "Company": "Analytical Engines"}
NS = {"p": "urn:partner.soap.sforce.com", "e": "http://schemas.xmlsoap.org/soap/envelope/"}


def soap(sandbox: Sandbox, token: str, body: str) -> tuple[int, ET.Element]:
    envelope = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" '
        'xmlns:s="urn:sobject.partner.soap.sforce.com"><e:Header><SessionHeader>'
        f"<sessionId>{token}</sessionId></SessionHeader><CallOptions><client>Switchyard</client></CallOptions></e:Header>"
        f"<e:Body>{body}</e:Body></e:Envelope>"
    )
    headers = {"SOAPAction": '""', "Content-Type": "text/xml"}
    url = f"{sandbox.url}/services/Soap/u/66.0"
    answer = browser(sandbox).post(url, data=envelope, headers=headers, timeout=10)
    return answer.status_code, ET.fromstring(answer.text)  # noqa: S314 - our own sandbox's answer


def merge(master: str, *merged: str, fields: str = "") -> str:
    ids = "".join(f"<recordToMergeIds>{one}</recordToMergeIds>" for one in merged)
    record = f"<masterRecord><s:type>Lead</s:type><s:Id>{master}</s:Id>{fields}</masterRecord>"
    return f"<merge><request>{record}{ids}</request></merge>"


def test_a_merge_keeps_the_master_with_the_values_given(sandbox: Sandbox, sf: Any) -> None:
    master, one, two = sandbox.load("Lead", [ADA] * 3)
    task = sf.Task.create({"WhoId": two, "Subject": "Call"})["id"]
    fields = "<s:City>London</s:City><s:DoNotCall>true</s:DoNotCall>"
    status, answer = soap(sandbox, sf.session_id, merge(master, one, two, fields=fields))
    assert status == 200
    assert answer.findtext(".//p:success", namespaces=NS) == "true"
    assert [node.text for node in answer.iterfind(".//p:mergedRecordIds", NS)] == [one, two]
    lead = sf.Lead.get(master)
    assert (lead["City"], lead["DoNotCall"]) == ("London", True)
    assert sf.Task.get(task)["WhoId"] == master
    assert {row["MasterRecordId"] for row in sandbox.rows("Lead") if row["IsDeleted"]} == {master}


def test_a_wrong_merge_says_why_in_its_result(sandbox: Sandbox, sf: Any) -> None:
    master, gone = sandbox.load("Lead", [ADA] * 2)
    sf.Lead.delete(gone)
    _, answer = soap(sandbox, sf.session_id, merge(master, gone))
    assert answer.findtext(".//p:statusCode", namespaces=NS) == "ENTITY_IS_DELETED"
    _, answer = soap(sandbox, sf.session_id, merge(master, master[:17] + "x"))
    assert answer.findtext(".//p:statusCode", namespaces=NS) == "MALFORMED_ID"


def test_a_lead_converts_without_an_opportunity_when_told_so(sandbox: Sandbox, sf: Any) -> None:
    (lead,) = sandbox.load("Lead", [ADA])
    body = (
        "<convertLead><leadConverts><convertedStatus>Closed - Converted</convertedStatus>"
        f"<doNotCreateOpportunity>true</doNotCreateOpportunity><leadId>{lead}</leadId></leadConverts></convertLead>"
    )
    _, answer = soap(sandbox, sf.session_id, body)
    assert answer.findtext(".//p:success", namespaces=NS) == "true"
    assert sf.Lead.get(lead)["ConvertedContactId"] == answer.findtext(".//p:contactId", namespaces=NS)
    assert sandbox.rows("Opportunity") == []


def test_a_dead_session_is_a_fault(sandbox: Sandbox, sf: Any) -> None:
    master, other = sandbox.load("Lead", [ADA] * 2)
    status, answer = soap(sandbox, "nonsense", merge(master, other))
    assert status == 500
    assert answer.findtext(".//faultcode") == "sf:INVALID_SESSION_ID"


def convert(lead: str, **parts: str) -> str:
    given = {"convertedStatus": "Closed - Converted", "doNotCreateOpportunity": "true", "leadId": lead} | parts
    parts_of_it = "".join(f"<{name}>{value}</{name}>" for name, value in given.items())
    return f"<convertLead><leadConverts>{parts_of_it}</leadConverts></convertLead>"


def code(answer: ET.Element) -> str | None:
    return answer.findtext(".//p:statusCode", namespaces=NS)


def test_a_merge_takes_three_records_of_one_kind_each_once(sandbox: Sandbox, sf: Any) -> None:
    master, *others = sandbox.load("Lead", [ADA] * 4)
    (contact,) = sandbox.load("Contact", [{"LastName": "Lovelace"}])
    for wrong in ((), tuple(others), (master,), (others[0], others[0])):
        _, answer = soap(sandbox, sf.session_id, merge(master, *wrong))
        assert code(answer) == "INVALID_OPERATION", wrong
    _, answer = soap(sandbox, sf.session_id, merge(master, contact))
    assert code(answer) == "MALFORMED_ID"
    assert not any(row["IsDeleted"] for row in sandbox.rows("Lead"))


def test_what_was_merged_away_can_be_taken_out_of_the_bin_and_its_children_stay(sandbox: Sandbox, sf: Any) -> None:
    master, gone = sandbox.load("Lead", [ADA] * 2)
    task = sf.Task.create({"WhoId": gone, "Subject": "Call"})["id"]
    _, answer = soap(sandbox, sf.session_id, merge(master, gone))
    assert [node.text for node in answer.iterfind(".//p:updatedRelatedIds", NS)] == [task]
    sandbox.acts.delete("Lead", [gone], undo=True)
    assert sf.Lead.get(gone)["MasterRecordId"] is None
    assert sf.Task.get(task)["WhoId"] == master


def test_a_conversion_is_refused_for_what_the_real_one_refuses(sandbox: Sandbox, sf: Any) -> None:
    (lead, of_queue) = sandbox.load("Lead", [ADA] * 2)
    queue = next(row["Id"] for row in sandbox.rows("Group") if row["Type"] == "Queue")
    sandbox.acts.update("Lead", [{"Id": of_queue, "OwnerId": queue}])
    account, other = sandbox.load("Account", [{"Name": "Engines"}, {"Name": "Looms"}])
    (contact,) = sandbox.load("Contact", [{"LastName": "Lovelace", "AccountId": account}])
    for parts, said in (
        ({"convertedStatus": "Open - Not Contacted"}, "INVALID_STATUS"),
        ({"contactId": contact}, "REQUIRED_FIELD_MISSING"),
        ({"contactId": contact, "accountId": other}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"accountId": contact}, "MALFORMED_ID"),
        ({"leadId": of_queue}, "INVALID_CROSS_REFERENCE_KEY"),
    ):
        _, answer = soap(sandbox, sf.session_id, convert(lead, **parts))
        assert code(answer) == said, parts
    _, answer = soap(sandbox, sf.session_id, convert(lead, contactId=contact, accountId=account))
    assert answer.findtext(".//p:success", namespaces=NS) == "true"
    assert len(sandbox.rows("Contact")) == 1


def test_soap_counts_as_api_and_is_shut_with_it(sandbox: Sandbox, sf: Any) -> None:
    master, other = sandbox.load("Lead", [ADA] * 2)
    before = sandbox.org.calls_today
    soap(sandbox, sf.session_id, merge(master, other))
    assert sandbox.org.calls_today == before + 1
    sandbox.org.settings.daily_api_limit = 1
    status, answer = soap(sandbox, sf.session_id, merge(master, other))
    assert (status, answer.findtext(".//faultcode")) == (500, "sf:REQUEST_LIMIT_EXCEEDED")


def undelete(*ids: str) -> str:
    return f"<undelete>{''.join(f'<ids>{one}</ids>' for one in ids)}</undelete>"


def test_undelete_answers_record_by_record_and_frees_a_record_from_its_master(sandbox: Sandbox, sf: Any) -> None:
    master, gone, never = sandbox.load("Lead", [ADA] * 3)
    soap(sandbox, sf.session_id, merge(master, gone))
    _, answer = soap(sandbox, sf.session_id, undelete(gone, never))
    assert [node.text for node in answer.iterfind(".//p:success", NS)] == ["true", "false"]
    assert code(answer) == "UNDELETE_FAILED"
    assert sf.Lead.get(gone)["MasterRecordId"] is None


def test_what_was_purged_cannot_be_undeleted(sandbox: Sandbox, sf: Any) -> None:
    (lead,) = sandbox.load("Lead", [ADA])
    sf.Lead.delete(lead)
    sandbox.acts.purge("Lead", [lead])
    _, answer = soap(sandbox, sf.session_id, undelete(lead))
    assert code(answer) == "UNDELETE_FAILED"


def test_a_merge_keeps_nobody_twice_in_a_campaign(sandbox: Sandbox, sf: Any) -> None:
    master, gone = sandbox.load("Lead", [ADA] * 2)
    both, one = sandbox.load("Campaign", [{"Name": "Both"}, {"Name": "One"}])
    members = [{"CampaignId": both, "LeadId": master}, {"CampaignId": both, "LeadId": gone}]
    kept, dropped, moved = sandbox.load("CampaignMember", [*members, {"CampaignId": one, "LeadId": gone}])
    soap(sandbox, sf.session_id, merge(master, gone))
    rows = {row["Id"]: row for row in sandbox.rows("CampaignMember")}
    assert [rows[each]["IsDeleted"] for each in (kept, dropped, moved)] == [False, True, False]
    assert rows[moved]["LeadId"] == master
    _, answer = soap(sandbox, sf.session_id, undelete(gone))
    assert answer.findtext(".//p:success", namespaces=NS) == "true"
    assert sf.CampaignMember.get(moved)["LeadId"] == master


def test_a_conversion_takes_along_what_hung_on_the_lead_and_fills_what_the_contact_lacked(
    sandbox: Sandbox, sf: Any
) -> None:
    (lead,) = sandbox.load("Lead", [{**ADA, "Email": "ada@example.com", "Phone": "1"}])
    (account,) = sandbox.load("Account", [{"Name": "Engines"}])
    (contact,) = sandbox.load("Contact", [{"LastName": "Lovelace", "AccountId": account, "Phone": "2"}])
    (fair,) = sandbox.load("Campaign", [{"Name": "Fair"}])
    (member,) = sandbox.load("CampaignMember", [{"CampaignId": fair, "LeadId": lead}])
    task = sf.Task.create({"WhoId": lead, "Subject": "Call"})["id"]
    soap(sandbox, sf.session_id, convert(lead, contactId=contact, accountId=account))
    assert sf.Task.get(task)["WhoId"] == contact
    assert (sf.Contact.get(contact)["Email"], sf.Contact.get(contact)["Phone"]) == ("ada@example.com", "2")
    row = sf.CampaignMember.get(member)
    assert (row["LeadId"], row["ContactId"]) == (lead, contact)


def test_a_describe_tells_what_hangs_on_an_object_and_which_status_converts(sandbox: Sandbox, sf: Any) -> None:
    hung = {(each["childSObject"], each["field"]) for each in sf.Lead.describe()["childRelationships"]}
    assert {("Task", "WhoId"), ("CampaignMember", "LeadId"), ("Routing_Audit__c", "Lead__c")} <= hung
    rows = sf.query("SELECT ApiName FROM LeadStatus WHERE IsConverted = true ORDER BY SortOrder")["records"]
    assert [row["ApiName"] for row in rows] == ["Closed - Converted"]
    assert sandbox.rows("LeadStatus")
