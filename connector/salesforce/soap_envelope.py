"""The SOAP envelope, written element by element: what a value holds can never become markup. PURE.

Source: Partner WSDL, whose order of elements (alphabetical but for an sObject: type, fieldsToNull, Id, fields) is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from lxml import etree

from connector.salesforce.fields import timestamp
from connector.salesforce.headers import APP_TOKEN

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
PARTNER = "urn:partner.soap.sforce.com"
SOBJECT = "urn:sobject.partner.soap.sforce.com"
_NAMES = {"e": SOAP, None: PARTNER, "s": SOBJECT}
_FIELD = re.compile(r"[A-Za-z]\w*", re.ASCII)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped; a pasted text may have them."""


def envelope(token: str, call: str, requests: Sequence[Any]) -> bytes:
    """Return a call as bytes: the access token as the session, our name, no assignment rules, duplicates allowed.

    [U] That DuplicateRuleHeader counts for merges and conversions: the guide lists it for plain writes only.
    """
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap=_NAMES)
    header = etree.SubElement(root, f"{{{SOAP}}}Header")
    _add(header, "SessionHeader", {"sessionId": token})
    _add(header, "CallOptions", {"client": APP_TOKEN})
    _add(header, "AssignmentRuleHeader", {"useDefaultRule": False})
    _add(header, "DuplicateRuleHeader", {"allowSave": True, "includeRecordDetails": False, "runAsCurrentUser": False})
    body = etree.SubElement(etree.SubElement(root, f"{{{SOAP}}}Body"), f"{{{PARTNER}}}{call}")
    body.extend(requests)
    sent: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return sent


def merger(sobject: str, record: Mapping[str, Any], losers: Sequence[str]) -> Any:
    """Return one merge request; `record` is the master: its Id and the values it gets, None empties a field.

    Raises ValueError for what is no name of a field.
    """
    request = etree.Element(f"{{{PARTNER}}}request")
    master = etree.SubElement(request, f"{{{PARTNER}}}masterRecord")
    named = {"type": sobject, "Id": record["Id"]} | dict(record)
    for name in named:
        if not _FIELD.fullmatch(name):
            raise ValueError("not the name of a field")
    _text(master, SOBJECT, "type", named.pop("type"))
    for name in [name for name, value in named.items() if value is None]:
        _text(master, SOBJECT, "fieldsToNull", name)
        del named[name]
    for name, value in named.items():
        _text(master, SOBJECT, name, value)
    for loser in losers:
        _text(request, PARTNER, "recordToMergeIds", loser)
    return request


def conversion(values: Mapping[str, Any]) -> Any:
    """Return one conversion of a lead; what is None is left to Salesforce."""
    request = etree.Element(f"{{{PARTNER}}}leadConverts")
    for name, value in values.items():
        if value is not None:
            _text(request, PARTNER, name, value)
    return request


def which(record_id: str) -> Any:
    """Return one id of those that an undelete is about."""
    named = etree.Element(f"{{{PARTNER}}}ids")
    named.text = record_id
    return named


def _add(parent: Any, name: str, values: Mapping[str, Any]) -> None:
    """Add an element with children."""
    element = etree.SubElement(parent, f"{{{PARTNER}}}{name}")
    for child, value in values.items():
        _text(element, PARTNER, child, value)


def _text(parent: Any, space: str, name: str, value: Any) -> None:
    """Add an element with a value, written as XML Schema writes it."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, datetime):
        text = timestamp(value)
    elif isinstance(value, date):
        text = value.isoformat()
    else:
        text = _NOT_XML.sub("", str(value))
    etree.SubElement(parent, f"{{{space}}}{name}").text = text
