"""Answers to what people asked for on records and was not done, written up to 200 a call, each row for itself.

What was done is answered in the graph of its decision (connector/salesforce/graph.py), where the audit row is the
guard. Writing a refusal twice does no harm. Source: REST API guide "sObject Collections: Update Records".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connector.errors import Later, Revoked
from connector.salesforce.answers import faults, judge_row
from connector.salesforce.describe import ObjectShape
from connector.salesforce.fields import REQUEST, packaged
from connector.salesforce.payloads import answer
from connector.salesforce.session import Session
from connector.work import Unanswered

ROWS = 200
"""Rows of one sObject Collections call."""


def refuse(session: Session, shape: ObjectShape, refused: Mapping[str, str], *, namespace: str) -> list[Unanswered]:
    """Empty the request of records and write why nothing was done, by record id; return those that were not written.

    Raises Later or Revoked for whole calls.
    """
    request = shape.fields.get(packaged(REQUEST, namespace))
    if request is None or not request.updateable:
        return [Unanswered(each, "The request cannot be emptied by the connected user") for each in refused]
    bodies = [_body(shape, record_id, why, namespace) for record_id, why in refused.items()]
    left: list[Unanswered] = []
    for start in range(0, len(bodies), ROWS):
        part = bodies[start : start + ROWS]
        rows = session.call("PATCH", "composite/sobjects", json={"allOrNone": False, "records": part})
        left += _left(part, rows)
    return left


def _body(shape: ObjectShape, record_id: str, why: str, namespace: str) -> dict[str, Any]:
    """Return the row of one record, with the fields that the connected user may write."""
    values = answer(why, namespace=namespace, lengths=shape.lengths)
    writable = {name: value for name, value in values.items() if name in shape.fields and shape.fields[name].updateable}
    return {"attributes": {"type": shape.name}, "Id": record_id, **writable}


def _left(bodies: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> list[Unanswered]:
    """Return the rows that were not written, and after how long to try those again that somebody else was writing."""
    left: list[Unanswered] = []
    for body, row in zip(bodies, rows, strict=True):
        if row.get("success"):
            continue
        verdict = judge_row(faults(row.get("errors")))
        if isinstance(verdict, Revoked):
            raise verdict
        seconds = verdict.seconds if isinstance(verdict, Later) else 0.0
        left.append(Unanswered(str(body["Id"]), str(verdict), seconds))
    return left
