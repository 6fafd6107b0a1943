"""What SOAP answers, as results and our four errors. PURE.

A result says ``success`` and otherwise ``errors`` of ``{fields, message, statusCode}``; a call that failed as a whole
is a fault, with HTTP 500 and a code such as ``sf:INVALID_SESSION_ID``. Source: SOAP API guide "MergeResult",
"LeadConvertResult", "API Fault Element".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from lxml import etree

from connector.errors import Next, Refused
from connector.salesforce.answers import Fault, judge, judge_row, lost
from connector.salesforce.soap_envelope import PARTNER, SOAP

T = TypeVar("T")

_OK = 200
_ERROR = 400
_OPEN = frozenset({"SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION"})
"""Codes of faults that leave open whether anything was done; every other one says that nothing was."""
_BODY, _FAULT = f"{{{SOAP}}}Body", f"{{{SOAP}}}Fault"


@dataclass(frozen=True, slots=True)
class MergeResult:
    """One request that merged: the ids of the related records that were moved to the master."""

    moved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Converted:
    """A lead that was converted, and into what; no opportunity is an empty id."""

    lead_id: str
    account_id: str
    contact_id: str
    opportunity_id: str = ""


def merges(status: int, answer: bytes, wanted: int) -> list[MergeResult | Next]:
    """Read the answer to `wanted` merge requests, in their order. Raises what a call that failed as a whole says."""
    return _results(status, answer, wanted, lambda row: MergeResult(tuple(_texts(row, "updatedRelatedIds"))))


def conversions(status: int, answer: bytes, wanted: int) -> list[Converted | Next]:
    """Read the answer to `wanted` conversions, in their order. Raises as :func:`merges`."""
    return _results(
        status,
        answer,
        wanted,
        lambda row: Converted(
            *(_text(row, f"{name}Id") for name in ("lead", "account", "contact", "opportunity")),
        ),
    )


def undeletions(status: int, answer: bytes, wanted: int) -> list[str | Next]:
    """Read the ids of the answer to an undelete of `wanted` records, in their order. Raises as :func:`merges`."""
    return _results(status, answer, wanted, lambda row: _text(row, "id"))


def _results(status: int, answer: bytes, wanted: int, read: Callable[[Any], T]) -> list[T | Next]:
    """Read one result a request."""
    body = _body(status, answer)
    fault = body.find(_FAULT)
    if fault is not None:
        raise _judged(status, fault)
    rows = list(body.iter(f"{{{PARTNER}}}result"))
    if status != _OK or len(rows) != wanted:
        # Something was done, and nobody can tell what.
        raise lost("the answer has another number of results")
    return [read(row) if _text(row, "success") == "true" else judge_row(_faults(row)) for row in rows]


def _body(status: int, answer: bytes) -> Any:
    """Return the body of an envelope. Raises Later or Refused when there is none.

    A SOAP message has no document type: one that has is not read, so that no entity is ever expanded.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(answer, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is not None and root.getroottree().docinfo.doctype:
        raise Refused("Salesforce answered with a document type, which no SOAP message has")
    body = None if root is None else root.find(_BODY)
    if body is None:
        raise judge(status, None) if status >= _ERROR else lost("the answer was no SOAP")
    return body


def _judged(status: int, fault: Any) -> Next:
    """Say what to do about a fault: its code without the prefix of its namespace, its text for those we may quote."""
    code = (fault.findtext("faultcode") or "").rpartition(":")[2].strip()
    text = (fault.findtext("faultstring") or "").removeprefix(f"{code}: ")
    if not code.isupper():
        return judge(status, None) if status >= _ERROR else lost("a fault without a code")
    return judge(status if code in _OPEN else _ERROR, [{"errorCode": code, "message": text}])


def _faults(row: Any) -> list[Fault]:
    """Read the errors of one result."""
    return [
        Fault(_text(error, "statusCode"), _text(error, "message"), tuple(_texts(error, "fields")))
        for error in row.findall(f"{{{PARTNER}}}errors")
    ]


def _text(row: Any, name: str) -> str:
    return (row.findtext(f"{{{PARTNER}}}{name}") or "").strip()


def _texts(row: Any, name: str) -> list[str]:
    return [str(each.text) for each in row.findall(f"{{{PARTNER}}}{name}") if each.text]
