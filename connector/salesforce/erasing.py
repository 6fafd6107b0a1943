"""Forgetting people in the org: what we wrote about somebody who must be forgotten.

The lead or contact is the customer's to delete; our audits, tasks and snapshots of merges are records of their own, and
would stay with a name in them. What is deleted lies in the recycle bin for 15 days, so it is emptied first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from simple_salesforce.format import format_soql

from connector.erased import Left
from connector.errors import Ignored, Later, Next, Revoked
from connector.salesforce import writing
from connector.salesforce.asking import parted
from connector.salesforce.describe import Shapes
from connector.salesforce.fields import AUDIT_OBJECT, SNAPSHOT_OBJECT, TASK_PREFIX, begins, packaged
from connector.salesforce.payloads import DUPLICATES, KEY_FIELD
from connector.salesforce.session import Session
from connector.salesforce.snapshot_parts import CONTENT, DECISION_KEY

ERASED: Final = "Erased"
IDS: Final = 200
"""Ids or keys of one query."""
EMPTY_AUDIT = ("Record_Id__c", "Reason__c", "Story__c", "Detail__c", "Duplicate_Of__c", "Lead__c", "Contact__c")
WITHOUT_OTHERS = ("Reason__c", "Story__c", "Detail__c", "Duplicate_Of__c")
SHORT: Final = 15
"""Characters of an id that tell records apart; people and tasks have it with three more or without."""


class Eraser:
    """Empties and deletes what we wrote in one org."""

    def __init__(self, session: Session, shapes: Shapes, *, namespace: str) -> None:
        self._session, self._shapes, self._namespace = session, shapes, namespace
        self._audit = packaged(AUDIT_OBJECT, namespace)
        self._snapshot = packaged(SNAPSHOT_OBJECT, namespace)

    def forget(self, left: Left) -> None:
        """Forget these people; what is gone already is passed over. Raises Later, Revoked or Refused."""
        self._tasks(left)
        own = self._audits(KEY_FIELD, left.keys) | self._audits("Record_Id__c", left.leads) | self._of(left.audits)
        others = (self._audits("Duplicate_Of__c", left.leads) | self._of(left.others)).items() - own.items()
        self._snapshots({*left.keys, *own.values(), *(key for _, key in others)}, left)
        self._empty(self._audit, dict(own), EMPTY_AUDIT)
        done(writing.delete(self._session, sorted(own)))
        self._empty(self._audit, dict(others), WITHOUT_OTHERS)

    def _tasks(self, left: Left) -> None:
        """Empty and delete tasks about them; take the lines that name them out of tasks about others."""
        own = [each for each in left.tasks if begins(each, TASK_PREFIX)]
        there = self._ids("Task", "Id", own, "Description")
        done(self._change("Task", {each: {"Subject": ERASED, "Description": None} for each in there}))
        done(writing.delete(self._session, sorted(there)))
        told = [each for each in left.told if begins(each, TASK_PREFIX)]
        changes: dict[str, Mapping[str, Any]] = {}
        for task, row in self._ids("Task", "Id", told, "Description").items():
            body = str(row.get("Description") or "")
            kept = "\n".join(line for line in body.split("\n") if not _names(line, left.leads))
            if kept != body:
                changes[task] = {"Description": kept}
        done(self._change("Task", changes))

    def _snapshots(self, keys: Collection[str], left: Left) -> None:
        """Delete the snapshots of these merges, as far as they hold anything of these people."""
        if self._shapes.get(self._snapshot) is None:
            return
        key, content = packaged(DECISION_KEY, self._namespace), packaged(CONTENT, self._namespace)
        rows = self._ids(self._snapshot, key, keys, key, content)
        # A record's id may stand across the end of a part, so a snapshot goes as a whole.
        texts: dict[str, str] = {}
        for row in rows.values():
            texts[str(row[key])] = texts.get(str(row[key]), "") + str(row[content] or "")
        named = {each for each, text in texts.items() if each in left.keys or _names(text, left.leads)}
        gone = {each: row for each, row in rows.items() if str(row[key]) in named}
        self._empty(self._snapshot, gone, (CONTENT,))
        done(writing.delete(self._session, sorted(gone)))

    def _audits(self, field: str, values: Iterable[str]) -> dict[str, str]:
        """Return the audits of which a field is one of these values, with the keys of their decisions."""
        key = packaged(KEY_FIELD, self._namespace)
        found = self._ids(self._audit, packaged(field, self._namespace), list(values), key)
        return {each: str(row[key]) for each, row in found.items()}

    def _of(self, ids: Collection[str]) -> dict[str, str]:
        key = packaged(KEY_FIELD, self._namespace)
        return {each: str(row[key]) for each, row in self._ids(self._audit, "Id", ids, key).items()}

    def _ids(self, sobject: str, field: str, values: Collection[str], *names: str) -> dict[str, dict[str, Any]]:
        """Return the records whose field is one of these values, by id."""
        found: dict[str, dict[str, Any]] = {}
        for some in parted(sorted(set(values)), IDS):
            query = f"SELECT {', '.join(dict.fromkeys(['Id', *names]))} FROM {sobject} WHERE {field} IN {{}}"  # noqa: S608
            found |= {str(row["Id"]): row for row in self._session.query(format_soql(query, list(some)))}
        return found

    def _empty(self, sobject: str, ids: Mapping[str, Any], names: Iterable[str]) -> None:
        """Empty those of these fields that the org has."""
        shape = self._shapes.get(sobject)
        lookups = DUPLICATES.values() if "Duplicate_Of__c" in names else ()
        there = [packaged(each, self._namespace) for each in (*names, *lookups)]
        empty = {each: None for each in there if shape and each in shape.fields}
        done(self._change(sobject, dict.fromkeys(ids, empty)))

    def _change(self, sobject: str, changes: Mapping[str, Mapping[str, Any]]) -> list[str | Next]:
        rows = [{"attributes": {"type": sobject}, "Id": each} | dict(values) for each, values in changes.items()]
        return writing.write(self._session, "PATCH", rows) if rows else []


def _names(text: str, leads: Iterable[str]) -> bool:
    return any(each[:SHORT] in text for each in leads)


def done(answers: Iterable[str | Next]) -> None:
    """Pass over what is gone; raise what was refused, and rather what is worth another try."""
    bad = [each for each in answers if isinstance(each, Next) and not isinstance(each, Ignored)]
    for each in sorted(bad, key=lambda one: not isinstance(one, Later | Revoked)):
        raise each
