"""Salesforce as a Crm. Reads, scans, rules, audit rows; performing stands in perform.py, the check in check.py."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from connector.crm import (
    Act,
    Check,
    CrmName,
    Deed,
    Effect,
    Made,
    Memo,
    Page,
    RuleRow,
    Step,
    TaskNow,
    TokenSource,
    Work,
)
from connector.errors import Refused
from connector.salesforce import soql, undoing
from connector.salesforce.acts import Acts
from connector.salesforce.answers import StaleSchema, faults, judge_row
from connector.salesforce.check import Inspector, missing_parts
from connector.salesforce.describe import ObjectShape, Shapes
from connector.salesforce.directory import directory
from connector.salesforce.fields import (
    MODIFIED,
    RULE_OBJECT,
    columns,
    is_id,
    is_there,
    match_names,
    object_name,
    packaged,
    to_record,
)
from connector.salesforce.graph import GRAPHS, RECORD_ACTIONS
from connector.salesforce.history import History
from connector.salesforce.payloads import (
    AUDIT_FIELDS,
    RULE_FIELDS,
    STANDING_FIELDS,
    rule_fields,
    rule_mark,
    rule_standing,
)
from connector.salesforce.perform import INSTALL_HINT, NOTIFICATIONS, Performer
from connector.salesforce.session import Session
from connector.settings import Settings
from rules.model import Kind, Notify, Record, User, Value

T = TypeVar("T")
_Work: TypeAlias = Callable[[list[str], dict[str, str], ObjectShape], T]

READ_IDS = 2000
ROWS = 200
"""Rows of one sObject Collections call."""

STEPS = (
    Step("record", RECORD_ACTIONS, GRAPHS),
    Step("notify", frozenset({Notify.key}), NOTIFICATIONS),
)
CAN = frozenset({"notify", "custom_objects", "leads", "rule_events", "replay"})


class SalesforceCrm:
    """One install's Salesforce org, as :class:`connector.crm.Crm` describes it."""

    def __init__(self, tokens: TokenSource, *, settings: Settings, memo: Memo) -> None:
        self._settings = settings
        self._namespace = settings.salesforce_namespace
        self._session = Session(tokens, settings=settings)
        self._shapes = Shapes(self._describe, memo)
        self._performer = Performer(
            self._session, self._shapes, memo, version=settings.salesforce_api_version, namespace=self._namespace
        )
        self._history = History(self._session, self._shapes, memo)
        self._acts = Acts(self._session, self._shapes)

    @property
    def name(self) -> CrmName:
        """Which CRM this is."""
        return "salesforce"

    @property
    def can(self) -> frozenset[str]:
        """What Salesforce can do for us."""
        return CAN

    @property
    def steps(self) -> tuple[Step, ...]:
        """First the record in all-or-none graphs, then the bell."""
        return STEPS

    @property
    def calls(self) -> int:
        """How many HTTP calls were made through this object, repeated ones included."""
        return self._session.calls

    @property
    def breath(self) -> float:
        """Never: Salesforce counts calls by the day, and says so when they are gone."""
        return 0.0

    def read(self, kind: Kind, ids: Sequence[str], *, extra: Collection[str] = ()) -> dict[str, Record]:
        """Read up to 2,000 records a call; ids that are absent from the answer are not there (any more).

        Fields that the org lacks or hides from the connected user are left out. Source: REST API guide
        "sObject Collections: Retrieve Records Using POST".
        """
        wanted = list(dict.fromkeys(one for one in ids if is_id(kind, one)))
        if not wanted:
            return {}
        return self._with_fields(kind, extra, lambda names, more, shape: self._read(kind, wanted, names, more, shape))

    def account_history(self, ids: Collection[str], *, wanted: frozenset[str]) -> dict[str, dict[str, Value]]:
        """Ask what the org knows about up to 400 accounts a call; see connector/salesforce/history.py."""
        return self._history.of(ids, wanted)

    def acted(self, leads: Mapping[str, Deed]) -> dict[str, Act]:
        """Ask what was done with up to 400 leads a call; see connector/salesforce/acts.py."""
        return self._acts.of(leads)

    def open_leads(self, user_ids: Collection[str]) -> dict[str, int]:
        """Count the open leads of up to 400 users a call; see soql.OPEN_LEAD for what is open."""
        return self._acts.open_leads(user_ids)

    def tasks_now(self, made: Sequence[Made]) -> dict[str, TaskNow]:
        """Ask what became of our tasks, 400 a call; see connector/salesforce/undoing.py."""
        return undoing.tasks_now(self._session, made)

    def scan(
        self, kind: Kind, *, after: str | None = None, since: datetime | None = None, extra: Collection[str] = ()
    ) -> Page:
        """Return up to 2,000 records by id, or by change from `since` on; `total` comes with the first page only."""
        return self._with_fields(
            kind, extra, lambda names, more, shape: self._scan(kind, names, more, shape, after=after, since=since)
        )

    def users(self) -> tuple[User, ...]:
        """Return all people with a Salesforce licence, inactive ones too, and the queues that can own leads."""
        return directory(self._session.query(soql.USERS), self._session.query(soql.QUEUES))

    def rules(self) -> tuple[RuleRow, ...]:
        """Return the Routing Rule records by position, then id."""
        try:
            found = self._session.query(soql.rules(self._namespace, self._standing_fields()))
        except StaleSchema:
            self._shapes.forget(packaged(RULE_OBJECT, self._namespace))
            found = self._session.query(soql.rules(self._namespace, self._standing_fields()))
        rows = [_rule_row(row, self._namespace) for row in found]
        return tuple(sorted(rows, key=lambda row: (row.position, row.id or "")))

    def put_rules(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        """Create or update rule records, all of each or none; return their ids in order. Raises Refused with why."""
        sobject = packaged(RULE_OBJECT, self._namespace)
        shape = self._shape(sobject)
        bodies = [
            {"attributes": {"type": sobject}, **rule_fields(row, namespace=self._namespace, lengths=shape.lengths)}
            for row in rows
        ]
        ids = [row.id for row in rows]
        new = [place for place, one in enumerate(ids) if one is None]
        for places in _chunks(new, ROWS):
            for place, made in zip(places, self._write("POST", [bodies[one] for one in places]), strict=True):
                ids[place] = made
        old = [place for place, row in enumerate(rows) if row.id is not None]
        for places in _chunks(old, ROWS):
            self._write("PATCH", [bodies[one] | {"Id": ids[one]} for one in places])
        return tuple(str(one) for one in ids)

    def mark_rules(self, rows: Sequence[RuleRow]) -> None:
        """Write only error and version of these records. Raises Refused with why."""
        sobject = packaged(RULE_OBJECT, self._namespace)
        lengths = self._shape(sobject).lengths
        for part in _chunks(list(rows), ROWS):
            marks = [rule_mark(row, namespace=self._namespace, lengths=lengths) | {"Id": row.id} for row in part]
            self._write("PATCH", [{"attributes": {"type": sobject}, **mark} for mark in marks])

    def mark_standings(self, rows: Sequence[RuleRow]) -> None:
        """Write only what members of pools have received. Raises Refused when the package is too old for that."""
        sobject = packaged(RULE_OBJECT, self._namespace)
        lengths = self._shape(sobject).lengths
        if len(self._standing_fields()) < len(STANDING_FIELDS):
            raise Refused(f"{sobject} has no fields for what members of a pool have received. {INSTALL_HINT}")
        for part in _chunks(list(rows), ROWS):
            marks = [rule_standing(row, namespace=self._namespace, lengths=lengths) | {"Id": row.id} for row in part]
            self._write("PATCH", [{"attributes": {"type": sobject}, **mark} for mark in marks])

    def _standing_fields(self) -> list[str]:
        """Return those of the fields for the standing of a pool that the org has, by their names there."""
        shape = self._shapes.get(packaged(RULE_OBJECT, self._namespace))
        wanted = [packaged(api, self._namespace) for api in STANDING_FIELDS.values()]
        return [api for api in wanted if shape and api in shape.fields]

    def apply(self, step: str, work: Sequence[Work]) -> list[Effect]:
        """Perform one step for up to its batch of decisions. Raises for whole calls, reports per decision."""
        perform = {"record": self._performer.record, "notify": self._performer.notify}[step]
        return perform(work)

    def audits(self, lead_id: str) -> tuple[Mapping[str, str], ...]:
        """Return the audit rows of a lead, newest first, as canonical name -> text."""
        rows = self._session.query(soql.audits_of(lead_id, self._namespace))
        return tuple(_audit_texts(row, self._namespace) for row in rows)

    def check(self) -> tuple[Check, ...]:
        """Test every permission and setting the product needs, from what the org says now (not from memory)."""
        for sobject in ("Lead", "Task"):
            self._shapes.forget(sobject)
        self._history.forget()
        return Inspector(self._session, self._shapes, self._performer, self._history, self._settings).check()

    def prepare(self) -> None:
        """Make sure that the package is installed. Raises Refused with what to install: no API can install it."""
        missing = missing_parts(self._shapes, self._namespace, again=True)
        if missing:
            raise Refused(f"Missing in the org: {', '.join(missing)}. {INSTALL_HINT}")

    def close(self) -> None:
        """Release the connections."""
        self._session.close()

    def _describe(self, sobject: str) -> Mapping[str, Any]:
        """Ask for one object's description."""
        found: Mapping[str, Any] = self._session.call("GET", f"sobjects/{sobject}/describe")
        return found

    def _shape(self, sobject: str) -> ObjectShape:
        """Return an object's shape. Raises Refused when the connected user has no such object."""
        shape = self._shapes.get(sobject)
        if shape is None:
            raise Refused(f"{sobject} is missing or hidden from the connected user. {INSTALL_HINT}")
        return shape

    def _with_fields(self, kind: Kind, extra: Collection[str], work: _Work[T]) -> T:
        """Do `work` with the fields that are there; when one has gone since we looked, look again, once."""
        sobject = object_name(kind, self._namespace)
        try:
            return self._with_known_fields(kind, extra, work)
        except StaleSchema:
            self._shapes.forget(sobject)
        return self._with_known_fields(kind, extra, work)

    def _with_known_fields(self, kind: Kind, extra: Collection[str], work: _Work[T]) -> T:
        """Do `work` with the names to ask for, the extra ones by the caller's name, and the object's shape."""
        shape = self._shape(object_name(kind, self._namespace))
        more = match_names(extra, shape.by_lower)
        names = [name for name in columns(kind, self._namespace) if name in shape.fields]
        names.extend(name for name in more.values() if name not in names)
        return work(names, more, shape)

    def _read(
        self, kind: Kind, ids: Sequence[str], names: list[str], extra: Mapping[str, str], shape: ObjectShape
    ) -> dict[str, Record]:
        found: dict[str, Record] = {}
        for part in _chunks(ids, READ_IDS):
            rows = self._session.call(
                "POST", f"composite/sobjects/{shape.name}", json={"ids": list(part), "fields": names}
            )
            records = [self._record(kind, row, extra, shape) for row in rows or () if is_there(row)]
            # An id may be asked for in its 15-character form; the answer has 18.
            by_short = {record.id[:15]: record for record in records}
            found.update({one: by_short[one[:15]] for one in part if one[:15] in by_short})
        return found

    def _scan(
        self,
        kind: Kind,
        names: list[str],
        extra: Mapping[str, str],
        shape: ObjectShape,
        *,
        after: str | None,
        since: datetime | None,
    ) -> Page:
        total = None
        if after is None:
            total = int(self._session.query_page(soql.count(shape.name, since=since))["totalSize"])
        answer = self._session.query_page(soql.page(shape.name, names, after=after, since=since))
        rows = answer["records"]
        more = not answer.get("done", True) or len(rows) == soql.PAGE
        records = tuple(self._record(kind, row, extra, shape) for row in rows)
        if not rows or not more:
            return Page(records, None, total)
        last = str(rows[-1]["Id"])
        return Page(records, last if since is None else soql.place(str(rows[-1][MODIFIED]), last), total)

    def _record(self, kind: Kind, row: Mapping[str, Any], extra: Mapping[str, str], shape: ObjectShape) -> Record:
        return to_record(kind, row, namespace=self._namespace, extra=extra, types=shape.types)

    def _write(self, method: str, bodies: Sequence[Mapping[str, Any]]) -> list[str]:
        """Write up to 200 rows, all or none; return their ids. Raises what the first refused row says."""
        body = {"allOrNone": True, "records": list(bodies)}
        rows = self._session.call(method, "composite/sobjects", json=body)
        for body_sent, row in zip(bodies, rows, strict=True):
            found = [fault for fault in faults(row.get("errors")) if fault.code != "ALL_OR_NONE_OPERATION_ROLLED_BACK"]
            if not row.get("success") and found:
                verdict = judge_row(found)
                if isinstance(verdict, Refused):
                    verdict = Refused(f"{body_sent.get('Name') or body_sent.get('Id')}: {verdict}")
                raise verdict
        return [str(row["id"]) for row in rows]


def _chunks(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Cut into parts of at most `size`."""
    return (things[start : start + size] for start in range(0, len(things), size))


def _rule_row(row: Mapping[str, Any], namespace: str) -> RuleRow:
    """Turn a Routing Rule row into a RuleRow; a row without a position comes last."""
    values = {
        name: row.get(packaged(api, namespace) if api.endswith("__c") else api) for name, api in RULE_FIELDS.items()
    }
    position = values["position"]
    standing = {name: row.get(packaged(api, namespace)) for name, api in STANDING_FIELDS.items()}
    received, difference = standing["received"], standing["difference"]
    return RuleRow(
        id=str(row["Id"]),
        name=str(values["name"] or ""),
        kind=str(values["kind"] or ""),
        position=int(position) if position is not None else 1_000_000,
        definition=str(values["definition"] or ""),
        state="draft" if values["state"] == "draft" else "live",
        error=str(values["error"] or ""),
        version=str(values["version"] or ""),
        standing=str(standing["standing"] or ""),
        received=int(received) if received is not None else None,
        difference=float(difference) if difference is not None else None,
    )


def _audit_texts(row: Mapping[str, Any], namespace: str) -> dict[str, str]:
    """Turn an audit row into canonical name -> text; empty fields are left out."""
    texts = {"id": str(row["Id"]), "title": str(row.get("Name") or "")}
    for name, api in AUDIT_FIELDS.items():
        value = row.get(packaged(api, namespace))
        if value not in (None, ""):
            texts[name] = str(value)
    return texts
