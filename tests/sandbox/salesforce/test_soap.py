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
