"""Reading records that may be merged: all their fields, and what else the plan of a merge asks.

A call for each kind, and one or two for what is around 200 records. What the connected user may not see is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from simple_salesforce.format import format_soql

from connector.errors import Next
from connector.merging import Mergeable
from connector.salesforce import asking, soql
from connector.salesforce.currencies import Currencies
from connector.salesforce.describe import ObjectShape
from connector.salesforce.fields import CURRENCY, OWNER, USER_PREFIX, is_id, is_there, moment, object_name, to_record
from connector.salesforce.mapping import replaced
from connector.salesforce.merge_fields import Names, names_of, read_names
from connector.salesforce.session import Session
from rules.actions import Member
from rules.merging.abilities import SALESFORCE
from rules.merging.facts import RecordFacts
from rules.model import Kind, Record

READ_IDS = 2000
LAST_ACTIVITY = "LastActivityDate"


class MergeReader:
    """Reads what a plan is made from. `shape_of` returns an object's shape and raises Refused when it is hidden."""

    def __init__(
        self,
        session: Session,
        shape_of: Callable[[str], ObjectShape],
        currencies: Currencies,
        *,
        version: str,
        namespace: str,
    ) -> None:
        self._session = session
        self._shape_of = shape_of
        self._currencies = currencies
        self._version = version
        self._namespace = namespace

    def names(self, kind: Kind, mapping: Mapping[str, str]) -> Names:
        """Return every field of a kind by the names that a plan has for it; `mapping` is the install's."""
        shape = self._shape_of(object_name(kind, self._namespace))
        mapped = replaced(kind, mapping, shape.types, shape.by_lower, self._namespace)
        return names_of(kind, shape, mapped, self._namespace)

    def rates_of(self, kind: Kind) -> Mapping[str, float] | None:
        """Return units of each currency for one of the corporate; None where records of a kind have no currency."""
        shape = self._shape_of(object_name(kind, self._namespace))
        return self._currencies.rates().units or {} if CURRENCY in shape.fields else None

    def rows(self, kind: Kind, ids: Collection[str]) -> dict[str, dict[str, Any]]:
        """Return all fields of records by id, as Salesforce tells them; one that is gone is not there."""
        wanted = [one for one in dict.fromkeys(ids) if is_id(kind, one)]
        shape = self._shape_of(object_name(kind, self._namespace))
        found: dict[str, dict[str, Any]] = {}
        for part in asking.parted(wanted, READ_IDS):
            body = {"ids": list(part), "fields": read_names(shape)}
            rows = self._session.call("POST", f"composite/sobjects/{shape.name}", json=body)
            by_short = {str(row["Id"])[:15]: row for row in rows or () if is_there(row)}
            found.update({one: by_short[one[:15]] for one in part if one[:15] in by_short})
        return found

    def mergeable(self, members: Collection[Member], mapping: Mapping[str, str]) -> Mergeable:
        """Return what Salesforce says of the members now; see :meth:`connector.crm.Crm.mergeable`."""
        records: dict[Member, Record] = {}
        facts: dict[str, RecordFacts] = {}
        writable: dict[Kind, frozenset[str]] = {}
        for kind in sorted({member.kind for member in members}):
            names = self.names(kind, mapping)
            writable[kind] = frozenset(names.written)
            rows = self.rows(kind, [member.id for member in members if member.kind == kind])
            records.update({Member(kind, one): self._record(kind, row, names) for one, row in rows.items()})
            facts.update(self._facts(kind, rows))
        return Mergeable(records, facts, writable, SALESFORCE)

    def _record(self, kind: Kind, row: Mapping[str, Any], names: Names) -> Record:
        shape = self._shape_of(object_name(kind, self._namespace))
        rates = self.rates_of(kind)
        return to_record(kind, row, namespace=self._namespace, extra=names.extra, types=shape.types, rates=rates)

    def _facts(self, kind: Kind, rows: Mapping[str, Mapping[str, Any]]) -> dict[str, RecordFacts]:
        """Ask what is around records of a kind, in one call for 200 of them."""
        found: dict[str, RecordFacts] = {}
        for part in asking.parted(list(rows), asking.IDS):
            owners = {str(rows[one][OWNER]) for one in part if str(rows[one].get(OWNER) or "").startswith(USER_PREFIX)}
            answers = asking.answered(self._session, self._version, dict(_queries(kind, part, owners)))
            counts = {name: _counts(answers.get(name)) for name in ("tasks", "events", "deals")}
            active = {str(row["Id"]): bool(row["IsActive"]) for row in _rows(answers.get("owners"))}
            for one in part:
                found[one] = RecordFacts(
                    open_opportunities=counts["deals"].get(one[:15], 0),
                    activities=counts["tasks"].get(one[:15], 0) + counts["events"].get(one[:15], 0),
                    last_activity_at=_last(rows[one]),
                    owner_active=active.get(str(rows[one].get(OWNER))),
                )
        return found


def _queries(kind: Kind, ids: Collection[str], owners: Collection[str]) -> Iterable[tuple[str, str]]:
    """Yield the questions about records of a kind, by name."""
    link = "WhatId" if kind == "account" else "WhoId"
    for name, sobject in (("tasks", "Task"), ("events", "Event")):
        text = f"SELECT {link}, COUNT(Id) {soql.COUNTED} FROM {sobject} WHERE {link} IN {{}} GROUP BY {link}"  # noqa: S608 - ours
        yield name, format_soql(text, list(ids))
    if kind == "contact":
        text = (
            f"SELECT ContactId, COUNT_DISTINCT(OpportunityId) {soql.COUNTED} FROM OpportunityContactRole "  # noqa: S608 - ours
            "WHERE ContactId IN {} AND Opportunity.IsClosed = false GROUP BY ContactId"
        )
        yield "deals", format_soql(text, list(ids))
    if kind == "account":
        yield "deals", soql.open_opportunities(list(ids))
    if owners:
        yield "owners", format_soql("SELECT Id, IsActive FROM User WHERE Id IN {}", sorted(owners))


def _rows(answer: list[dict[str, Any]] | Next | None) -> list[dict[str, Any]]:
    return answer if isinstance(answer, list) else []


def _counts(answer: list[dict[str, Any]] | Next | None) -> dict[str, int]:
    """Return the number of each record by the first 15 characters of its id."""
    found: dict[str, int] = {}
    for row in _rows(answer):
        one = next(str(value) for name, value in row.items() if name.endswith("Id"))
        found[one[:15]] = int(row[soql.COUNTED])
    return found


def _last(row: Mapping[str, Any]) -> datetime | None:
    return moment(row.get(LAST_ACTIVITY))
