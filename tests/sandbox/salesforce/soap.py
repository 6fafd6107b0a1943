"""The SOAP calls that REST has no resource for: merge(), convertLead() and undelete(), partner flavour.

The bearer token of OAuth is the session id in the SessionHeader; ``login()`` is gone since API 65. The WSDL calls the
parts of a merge ``request``; jsforce, whose own tests run against real orgs, calls them ``mergeRequests``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from flask import Blueprint, Response, request

from .checks import parse_text, read_values
from .conversion import convert_lead, merge_records
from .errors import SalesforceError
from .ids import to18
from .records import Actor

if TYPE_CHECKING:
    from collections.abc import Callable

    from .org import Org

_MOST = 200
_PARTNER = "{urn:partner.soap.sforce.com}"
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:sf="urn:fault.partner.soap.sforce.com" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>{}</soapenv:Body></soapenv:Envelope>'
)


def soap_blueprint(org: Org) -> Blueprint:
    """The route ``/services/Soap/u/<version>``."""
    routes = Blueprint("soap", __name__)

    @routes.post("/services/Soap/u/<path:version>")
    def call(version: str) -> Response:
        try:
            root = ET.fromstring(request.get_data())  # noqa: S314 - a tester's own client
            actor = _actor(org, root, version.split("/", maxsplit=1)[0])
            org.calls_today += 1
            return _answer(_serve(org, root, actor))
        except (SalesforceError, ET.ParseError) as error:
            return _fault(error)

    return routes


def _actor(org: Org, root: ET.Element, version: str) -> Actor:
    session = org.tokens.session(_text(root, f".//{_PARTNER}SessionHeader/{_PARTNER}sessionId"))
    if session is None or not session.scopes & {"api", "full"}:
        raise SalesforceError("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader")
    if not org.people.has(session.user_id, "ApiEnabled"):
        raise SalesforceError("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
    if org.calls_today >= org.settings.daily_api_limit:
        raise SalesforceError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    client = _text(root, f".//{_PARTNER}CallOptions/{_PARTNER}client")
    origin = f"com/salesforce/api/soap/{version}" + (f";client={client}" if client else "")
    assign = _text(root, f".//{_PARTNER}AssignmentRuleHeader/{_PARTNER}useDefaultRule") == "true"
    return Actor(session.user_id, origin, api=True, auto_assign=assign, trusted=True)


def _serve(org: Org, root: ET.Element, actor: Actor) -> str:
    merges = list(root.iter(f"{_PARTNER}merge"))
    converts = list(root.iter(f"{_PARTNER}convertLead"))
    if merges:
        found = [item for name in ("request", "mergeRequests") for item in merges[0].findall(f"{_PARTNER}{name}")]
        return _results("merge", found, lambda item: _merge(org, item, actor))
    if converts:
        found = converts[0].findall(f"{_PARTNER}leadConverts")
        return _results("convertLead", found, lambda item: _convert(org, item, actor))
    undeletes = list(root.iter(f"{_PARTNER}undelete"))
    if undeletes:
        found = undeletes[0].findall(f"{_PARTNER}ids")
        return _results("undelete", found, lambda item: _undelete(org, (item.text or "").strip(), actor))
    raise SalesforceError("UNKNOWN_EXCEPTION", "only merge, convertLead and undelete are served here")


def _results(name: str, items: list[ET.Element], act: Callable[[ET.Element], dict[str, Any]]) -> str:
    if not 1 <= len(items) <= _MOST:
        raise SalesforceError("EXCEEDED_ID_LIMIT", f"between 1 and {_MOST} requests are allowed")
    results = []
    for item in items:
        try:
            answer = {**act(item), "success": "true"}
        except SalesforceError as error:
            told = {"fields": list(error.fields), "message": error.message, "statusCode": error.code}
            answer = {"errors": told, "success": "false"}
        results.append(f"<result>{_xml(answer)}</result>")
    return f'<{name}Response xmlns="urn:partner.soap.sforce.com">{"".join(results)}</{name}Response>'


def _merge(org: Org, item: ET.Element, actor: Actor) -> dict[str, Any]:
    master = item.find(f"{_PARTNER}masterRecord")
    if master is None:
        raise SalesforceError("MISSING_ARGUMENT", "masterRecord is required")
    given = [(re.sub(r"\{.*\}", "", child.tag), (child.text or "").strip()) for child in master]
    fields = dict(given)
    sobject = org.schema.find(fields.pop("type", ""))
    if sobject is None:
        raise SalesforceError("INVALID_TYPE", "masterRecord has no known type")
    master_id = fields.pop("Id", "")
    empty = {value: None for name, value in given if name == "fieldsToNull"}
    fields.pop("fieldsToNull", None)
    values = {name: parse_text(sobject, name, text) for name, text in fields.items()} | empty
    merged = [str(node.text) for node in item.findall(f"{_PARTNER}recordToMergeIds")]
    read_values(sobject, values, creating=False)  # the system fields that `trusted` opens are not for the caller
    moved = merge_records(org, sobject.name, master_id, merged, values=values, actor=actor)
    return {"id": to18(master_id), "mergedRecordIds": merged, "updatedRelatedIds": moved}


def _convert(org: Org, item: ET.Element, actor: Actor) -> dict[str, Any]:
    if not org.people.has(actor.user_id, "ConvertLeads") or not org.people.allows(actor.user_id, "Lead", "Edit"):
        # That this is the code for a missing Convert Leads is not confirmed by an official page.
        raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights to convert leads")
    given = {
        name: _text(item, f"{_PARTNER}{name}") for name in ("accountId", "contactId", "ownerId", "convertedStatus")
    }
    if given["contactId"] and not given["accountId"]:
        raise SalesforceError("REQUIRED_FIELD_MISSING", "a contact needs its account", fields=("accountId",))
    return dict(
        convert_lead(
            org,
            _text(item, f"{_PARTNER}leadId"),
            actor,
            account_id=given["accountId"] or None,
            contact_id=given["contactId"] or None,
            owner_id=given["ownerId"] or None,
            status=given["convertedStatus"],
            opportunity=_text(item, f"{_PARTNER}doNotCreateOpportunity") != "true",
            opportunity_name=_text(item, f"{_PARTNER}opportunityName") or None,
        )
    )


def _undelete(org: Org, given: str, actor: Actor) -> dict[str, Any]:
    """Take one record out of the recycle bin; its children stay where a merge has put them."""
    full = to18(given)
    sobject = org.schema.by_prefix(full) if full else None
    if full is None or sobject is None:
        raise SalesforceError("MALFORMED_ID", f"malformed id {given}")
    if not org.people.allows(actor.user_id, sobject.name, "Delete"):
        raise SalesforceError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights to undelete")
    org.records.undelete(sobject, full, actor)
    return {"id": full}


def _text(node: ET.Element, path: str) -> str:
    return (node.findtext(path) or "").strip()


def _xml(values: dict[str, Any]) -> str:
    parts = []
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            inner = _xml(one) if isinstance(one, dict) else escape(str(one))
            parts.append(f'<{name} xsi:nil="true"/>' if one is None else f"<{name}>{inner}</{name}>")
    return "".join(parts)


def _answer(body: str, status: int = 200) -> Response:
    return Response(_ENVELOPE.format(body), status=status, content_type="text/xml;charset=UTF-8")


def _fault(error: Exception) -> Response:
    code = error.code if isinstance(error, SalesforceError) else "INVALID_INPUT"
    text = escape(f"{code}: {error.message if isinstance(error, SalesforceError) else error}")
    detail = f"<sf:UnexpectedErrorFault><sf:exceptionCode>{code}</sf:exceptionCode></sf:UnexpectedErrorFault>"
    said = f"<faultcode>sf:{code}</faultcode><faultstring>{text}</faultstring><detail>{detail}</detail>"
    body = f"<soapenv:Fault>{said}</soapenv:Fault>"
    return _answer(body, 500)
