"""What hangs on leads, contacts and accounts, and moves with them: which relations, and reading them for many records.

Relations are those of the customer's own fields, which the describe of the record tells, and the standard ones named
here. What is not among them (feeds, histories, shares, topics, list e-mails) moves with a merge and stays there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from simple_salesforce.format import format_soql

from connector.crm import Memo
from connector.salesforce import asking
from connector.salesforce.describe import Shapes
from connector.salesforce.merge_fields import WHOLE
from connector.salesforce.session import Session

JUNCTIONS: Mapping[str, str] = {
    "AccountContactRelation": "AccountId",
    "CampaignMember": "CampaignId",
    "ContentDocumentLink": "ContentDocumentId",
    "EmailMessageRelation": "EmailMessageId",
    "OpportunityContactRole": "OpportunityId",
}
"""Objects that join a person with something else -> the field that names the other end. Where both records have the
same other end a merge keeps one row and drops the other, so these are kept with all their fields."""
STANDARD: frozenset[tuple[str, str]] = frozenset(
    {
        ("Account", "ParentId"),
        ("AccountContactRelation", "ContactId"),
        ("Asset", "AccountId"),
        ("Asset", "ContactId"),
        ("Attachment", "ParentId"),
        ("CampaignMember", "ContactId"),
        ("CampaignMember", "LeadId"),
        ("Case", "AccountId"),
        ("Case", "ContactId"),
        ("Contact", "AccountId"),
        ("Contact", "ReportsToId"),
        ("ContentDocumentLink", "LinkedEntityId"),
        ("Contract", "AccountId"),
        ("EmailMessageRelation", "RelationId"),
        ("Event", "WhatId"),
        ("Event", "WhoId"),
        ("Note", "ParentId"),
        ("Opportunity", "AccountId"),
        ("OpportunityContactRole", "ContactId"),
        ("Task", "WhatId"),
        ("Task", "WhoId"),
    }
)
"""Standard relations that are kept: object and field. [U] That a merge moves every one of them."""
MOST_ROWS: Final = 10_000
"""Rows of one relation of one record that are kept. A record with more is no person; each 2,000 are a call."""
CHILDREN_SECONDS: Final = 86_400.0
"""How long it is remembered which relations there are: a new custom field is noticed a day later at most."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One field of an object that names the record it hangs on."""

    sobject: str
    field: str


@dataclass(slots=True)
class Found:
    """Rows by relation and the id of the record that they hang on; `unread` says in plain words what is not known."""

    rows: dict[tuple[Relation, str], list[dict[str, Any]]] = field(default_factory=dict)
    unread: dict[str, list[str]] = field(default_factory=dict)


class Related:
    """Reads what hangs on records of one org."""

    def __init__(self, session: Session, shapes: Shapes, memo: Memo, *, version: str) -> None:
        self._session = session
        self._shapes = shapes
        self._memo = memo
        self._version = version

    def relations(self, sobject: str) -> list[Relation]:
        """Return the relations to records of an object that are kept."""
        name = f"salesforce.children.{sobject}"
        known = self._memo.get(name)
        if known is None:
            body = self._session.call("GET", f"sobjects/{sobject}/describe")
            known = sorted(
                {(str(each["childSObject"]), str(each["field"])) for each in body.get("childRelationships") or ()}
            )
            known = [list(each) for each in known if each in STANDARD or each[1].endswith("__c")]
            self._memo.put(name, known, seconds=CHILDREN_SECONDS)
        return [Relation(str(each[0]), str(each[1])) for each in known]

    def of(self, sobject: str, ids: Sequence[str]) -> Found:
        """Return what hangs on these records now: a query for each relation of 200 records, five queries a call."""
        found = Found()
        relations = self.relations(sobject)
        for part in asking.parted(list(dict.fromkeys(ids)), asking.IDS):
            self._read(relations, part, found)
        return found

    def columns(self, relation: Relation) -> list[str]:
        """Return the fields that are kept of rows of a relation: of a junction all that a new one can be given."""
        shape = self._shapes.get(relation.sobject) if relation.sobject in JUNCTIONS else None
        more = shape.fields.values() if shape else ()
        names = [each.name for each in more if each.createable and each.type not in WHOLE]
        return list(dict.fromkeys(["Id", relation.field, *names]))

    def _read(self, relations: Sequence[Relation], ids: Sequence[str], found: Found) -> None:
        queries = {f"q{place}": self._query(each, ids) for place, each in enumerate(relations)}
        answers = asking.answered(self._session, self._version, queries)
        crowded: list[Relation] = []
        for place, relation in enumerate(relations):
            rows = answers[f"q{place}"]
            if not isinstance(rows, list):
                for one in ids:
                    found.unread.setdefault(one, []).append(f"{relation.sobject} ({relation.field}) cannot be read")
            elif len(rows) > MOST_ROWS and len(ids) > 1:
                crowded.append(relation)
            else:
                _sort(relation, rows, ids, found)
        if crowded:
            middle = len(ids) // 2
            self._read(crowded, ids[:middle], found)
            self._read(crowded, ids[middle:], found)

    def _query(self, relation: Relation, ids: Sequence[str]) -> str:
        columns = ", ".join(self.columns(relation))
        text = f"SELECT {columns} FROM {relation.sobject} WHERE {relation.field} IN {{}} LIMIT {MOST_ROWS + 1}"  # noqa: S608
        return format_soql(text, list(ids))


def _sort(relation: Relation, rows: Sequence[Mapping[str, Any]], ids: Collection[str], found: Found) -> None:
    """Put the rows of a relation with the records that they hang on."""
    full = {one[:15]: one for one in ids}
    for row in rows[:MOST_ROWS]:
        parent = full[str(row[relation.field])[:15]]
        plain = {name: value for name, value in row.items() if name != "attributes" and value is not None}
        found.rows.setdefault((relation, parent), []).append(plain)
    if len(rows) > MOST_ROWS:
        for parent in ids:
            why = f"only {MOST_ROWS} of {relation.sobject} ({relation.field}) are kept"
            found.unread.setdefault(parent, []).append(why)


def listed(found: Found, ids: Collection[str]) -> Iterator[dict[str, Any]]:
    """Yield what hangs on these records as a snapshot keeps it."""
    for (relation, parent), rows in found.rows.items():
        if parent in ids:
            yield {"object": relation.sobject, "field": relation.field, "parent": parent, "rows": rows}
