"""Routing Audit records beside the graphs that make them: those of a lead, and what is written into them later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connector.acts import ResponseRow
from connector.errors import Ignored, Later, Refused, Revoked
from connector.rows import AuditPage
from connector.salesforce import soql
from connector.salesforce.answers import StaleSchema, faults, judge_row
from connector.salesforce.describe import Shapes
from connector.salesforce.fields import AUDIT_OBJECT, packaged
from connector.salesforce.payloads import AUDIT_FIELDS, KEY_FIELD, REPORT_FIELDS, RESPONSE_FIELDS, response_fields
from connector.salesforce.perform import INSTALL_HINT
from connector.salesforce.session import Session

ROWS = 200
"""Rows of one sObject Collections call."""
_GONE = frozenset({"INVALID_CROSS_REFERENCE_KEY", "ENTITY_IS_DELETED", "NOT_FOUND"})
"""Codes of a row whose record was deleted."""


class Audits:
    """The audit records of one org; `namespace` is that of the package."""

    def __init__(self, session: Session, shapes: Shapes, *, namespace: str) -> None:
        self._session = session
        self._shapes = shapes
        self._namespace = namespace
        self._sobject = packaged(AUDIT_OBJECT, namespace)

    def of_lead(self, lead_id: str) -> tuple[Mapping[str, str], ...]:
        """Return the records of a lead, newest first, as canonical name -> text; empty fields are left out."""
        try:
            rows = self._session.query(soql.audits_of(lead_id, self._namespace, self._there(REPORT_FIELDS)))
        except StaleSchema:
            self._shapes.forget(self._sobject)
            rows = self._session.query(soql.audits_of(lead_id, self._namespace, self._there(REPORT_FIELDS)))
        return tuple(_texts(row, self._namespace) for row in rows)

    def page(self, after: str | None) -> AuditPage:
        """Return some of all records, as they were made; `after` is the id of the last one."""
        try:
            rows = self._session.query(soql.audits_after(after, self._namespace, self._there(REPORT_FIELDS), ROWS))
        except StaleSchema:
            self._shapes.forget(self._sobject)
            rows = self._session.query(soql.audits_after(after, self._namespace, self._there(REPORT_FIELDS), ROWS))
        last = str(rows[-1]["Id"]) if len(rows) == ROWS else None
        return AuditPage(tuple(_texts(row, self._namespace) for row in rows), last)

    def mark_responses(self, rows: Sequence[ResponseRow]) -> dict[str, str]:
        """Write only what came of waiting for an answer; see :meth:`connector.crm.Crm.mark_responses`.

        A call for 200 records, and one more for those whose id is not known. Raises Later, Revoked or Refused.
        """
        refused: dict[str, str] = {}
        for start in range(0, len(rows), ROWS):
            part = rows[start : start + ROWS]
            try:
                refused |= self._mark(part)
            except StaleSchema:
                self._shapes.forget(self._sobject)
                refused |= self._mark(part)
        return refused

    def _mark(self, rows: Sequence[ResponseRow]) -> dict[str, str]:
        names = set(self._there(RESPONSE_FIELDS))
        if len(names) < len(RESPONSE_FIELDS):
            raise Refused(f"{self._sobject} has no fields for when a lead was answered. {INSTALL_HINT}")
        refs = self._refs(rows)
        known = [row for row in rows if row.key in refs]
        if not known:
            return {}
        records = [
            {"attributes": {"type": self._sobject}, "Id": refs[row.key]}
            | response_fields(row, namespace=self._namespace)
            for row in known
        ]
        body = {"allOrNone": False, "records": records}
        answers = self._session.call("PATCH", "composite/sobjects", json=body)
        return dict(_refusals(known, answers))

    def _refs(self, rows: Sequence[ResponseRow]) -> dict[str, str]:
        """Return the record of each decision; those whose id we never knew are looked for by their key."""
        found = {row.key: row.ref for row in rows if row.ref}
        lacking = [row.key for row in rows if not row.ref]
        if lacking:
            key = packaged(KEY_FIELD, self._namespace)
            rows_there = self._session.query(soql.audits_by_key(lacking, self._namespace))
            found |= {str(row[key]): str(row["Id"]) for row in rows_there}
        return found

    def _there(self, names: Mapping[str, str]) -> list[str]:
        """Return those of some fields that the org has, by their names there; the first package lacks some."""
        shape = self._shapes.get(self._sobject)
        wanted = [packaged(api, self._namespace) for api in names.values()]
        return [api for api in wanted if shape and api in shape.fields]


def _refusals(rows: Sequence[ResponseRow], answers: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield what was refused for good. Raises Later, Revoked or StaleSchema for what is no row's own fault."""
    for row, answer in zip(rows, answers, strict=True):
        found = faults(answer.get("errors"))
        if answer.get("success") or any(each.code in _GONE for each in found):
            continue
        verdict = judge_row(found)
        if isinstance(verdict, Later | Revoked | StaleSchema):
            raise verdict
        if not isinstance(verdict, Ignored):
            yield row.key, str(verdict)


def _texts(row: Mapping[str, Any], namespace: str) -> dict[str, str]:
    """Turn an audit row into canonical name -> text; empty fields are left out."""
    texts = {"id": str(row["Id"]), "title": str(row.get("Name") or "")}
    for name, api in {**AUDIT_FIELDS, **REPORT_FIELDS}.items():
        value = row.get(packaged(api, namespace))
        if value not in (None, ""):
            texts[name] = str(value)
    return texts
