"""Salesforce as a Crm. Reads, scans, audit rows; rules, performing and the check stand in modules of their own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from connector.acts import Acted, Deed, ResponseRow
from connector.crm import Allowance, CrmName, Memo, TokenSource
from connector.erased import Left
from connector.errors import Next, Refused
from connector.fieldtable import FieldTable
from connector.merging import Mergeable
from connector.rows import AuditPage, Check, Expired, GonePage, Moved, Page, RuleRow
from connector.salesforce import answering, expiring, mapping, merging, snapshots, soql, undoing, unmerging
from connector.salesforce.acts import Acts
from connector.salesforce.answers import StaleSchema
from connector.salesforce.audits import Audits
from connector.salesforce.check import Inspector, missing_parts
from connector.salesforce.currencies import Currencies
from connector.salesforce.describe import ObjectShape, Shapes
from connector.salesforce.directory import directory
from connector.salesforce.erasing import Eraser
from connector.salesforce.fields import (
    CURRENCY,
    MASTER,
    MODIFIED,
    columns,
    is_id,
    is_there,
    match_names,
    object_name,
    to_record,
)
from connector.salesforce.graph import GRAPHS, RECORD_ACTIONS
from connector.salesforce.history import History
from connector.salesforce.merge_steps import MergeSteps
from connector.salesforce.perform import INSTALL_HINT, NOTIFICATIONS, Performer
from connector.salesforce.probe import Prober
from connector.salesforce.rulebook import Rulebook
from connector.salesforce.session import Session
from connector.settings import Settings
from connector.work import Effect, Made, Step, TaskNow, Unanswered, Work
from rules.actions import Member, Merge, Snapshot, Unmerge
from rules.field_names import NO_NAMES
from rules.model import Kind, Notify, Record, User, Value

T = TypeVar("T")
_Work: TypeAlias = Callable[[list[str], dict[str, str], ObjectShape], T]

READ_IDS = 2000
ASK_SECONDS = 3600.0
"""How often the org's limits are asked for where no answer tells of them."""
_ASKED = "salesforce.limits_asked"

STEPS = (
    Step("snapshot", frozenset({Snapshot.key}), snapshots.BATCH),
    Step("merge", frozenset({Merge.key}), merging.BATCH),
    Step("unmerge", frozenset({Unmerge.key}), unmerging.BATCH),
    Step("record", RECORD_ACTIONS, GRAPHS),
    Step("notify", frozenset({Notify.key}), NOTIFICATIONS),
)
CAN = frozenset({"notify", "custom_objects", "leads", "rule_events", "replay", "probe", "account_locks", "requests"})


class SalesforceCrm:
    """One install's Salesforce org, as :class:`connector.crm.Crm` describes it."""

    def __init__(self, tokens: TokenSource, *, settings: Settings, memo: Memo) -> None:
        self._settings = settings
        self._memo = memo
        self._namespace = settings.salesforce_namespace
        self._session = Session(tokens, settings=settings)
        self._shapes = Shapes(self._describe, memo)
        self._currencies = Currencies(self._session, memo)
        self._names: Mapping[str, str] = NO_NAMES
        self._performer = Performer(
            self._session, self._shapes, memo, version=settings.salesforce_api_version, namespace=self._namespace
        )
        self._history = History(self._session, self._shapes, memo)
        self._acts = Acts(self._session, self._shapes)
        self._rulebook = Rulebook(self._session, self._shapes, namespace=self._namespace)
        self._audits = Audits(self._session, self._shapes, namespace=self._namespace)
        self._merging = MergeSteps(
            self._session, self._shapes, self._currencies, memo, settings=settings, shape_of=self._shape
        )

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
        """First what joins records or takes them apart, then the record in all-or-none graphs, then the bell."""
        return STEPS

    @property
    def calls(self) -> int:
        """How many HTTP calls were made through this object, repeated ones included."""
        return self._session.calls

    @property
    def allowance(self) -> Allowance | None:
        """What Salesforce last said of the org's calls; where its answers do not say it, ask once an hour."""
        if self._session.allowance is None and self._session.calls and self._memo.get(_ASKED) is None:
            self._memo.put(_ASKED, value=True, seconds=ASK_SECONDS)
            try:
                self._session.allowance = self._session.limits()
            except Next:
                return None
        return self._session.allowance

    @property
    def breath(self) -> float:
        """Never: Salesforce counts calls by the day, and says so when they are gone."""
        return 0.0

    def use_fields(self, names: Mapping[str, str]) -> None:
        """Read these names from these fields from now on; see connector/salesforce/mapping.py."""
        self._names = names

    def fields(self, kind: Kind, names: Mapping[str, str]) -> FieldTable:
        """Describe the object anew, and say which field would stand behind each name with this mapping."""
        body = self._shapes.look(object_name(kind, self._namespace))
        if body is None:
            raise Refused(f"{object_name(kind, self._namespace)} is hidden from the connected user. {INSTALL_HINT}")
        has_several = any(field["name"] == CURRENCY for field in body["fields"])
        corporate = self._currencies.rates().corporate if has_several else None
        return mapping.table(kind, body, names, namespace=self._namespace, corporate=corporate)

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

    def acted(self, leads: Mapping[str, Deed]) -> dict[str, Acted]:
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

    def gone(self, kind: Kind, *, since: datetime, after: str | None = None) -> GonePage:
        """Return up to 2,000 records of the recycle bin, oldest deletion first. Source: REST API guide "QueryAll"."""
        shape = self._shape(object_name(kind, self._namespace))
        names = [name for name in ("Id", MODIFIED, MASTER) if name in shape.fields]
        query = soql.gone(shape.name, names, after=after, since=since)
        answer = self._session.call("GET", "queryAll", params={"q": query})
        rows = answer["records"]
        ids = {str(row["Id"]): str(row.get(MASTER) or "") for row in rows}
        if not rows or not _more(answer):
            return GonePage(ids, None)
        return GonePage(ids, soql.place(str(rows[-1][MODIFIED]), str(rows[-1]["Id"])))

    def count(self, kind: Kind) -> int:
        """Count the records in one call."""
        shape = self._shape(object_name(kind, self._namespace))
        return int(self._session.query_page(soql.count(shape.name, since=None))["totalSize"])

    def users(self) -> tuple[User, ...]:
        """Return all people with a Salesforce licence, inactive ones too, and the queues that can own leads."""
        return directory(self._session.query(soql.USERS), self._session.query(soql.QUEUES))

    def rules(self) -> tuple[RuleRow, ...]:
        """Return the Routing Rule records by position, then id."""
        return self._rulebook.rules()

    def put_rules(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        """Create or update rule records, 200 a call, all of a call or none; return their ids in order."""
        return self._rulebook.put(rows)

    def mark_rules(self, rows: Sequence[RuleRow]) -> None:
        """Write only error and version of these records. Raises Refused with why."""
        self._rulebook.mark(rows)

    def mark_standings(self, rows: Sequence[RuleRow]) -> None:
        """Write only what members of pools have received. Raises Refused when the package is too old for that."""
        self._rulebook.mark_standings(rows)

    def mark_responses(self, rows: Sequence[ResponseRow]) -> dict[str, str]:
        """Write only what came of waiting for an answer, 200 records a call; see connector/salesforce/audits.py."""
        return self._audits.mark_responses(rows)

    def apply(self, step: str, work: Sequence[Work]) -> list[Effect]:
        """Perform one step for up to its batch of decisions. Raises for whole calls, reports per decision."""
        if step in self._merging.names:
            return self._merging.apply(step, work, self._names)
        perform = {"record": self._performer.record, "notify": self._performer.notify}[step]
        return perform(work)

    def mergeable(self, members: Collection[Member]) -> Mergeable:
        """Read records that may be merged, with all their fields; see connector/salesforce/mergeable.py."""
        return self._merging.mergeable(members, self._names)

    def leads_of(self, contact_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
        """None: a lead says of itself who it is."""
        _ = contact_ids
        return {}

    def refuse_requests(self, kind: Kind, refused: Mapping[str, str]) -> list[Unanswered]:
        """Answer requests that were not carried out, 200 a call; see connector/salesforce/answering.py."""
        shape = self._shape(object_name(kind, self._namespace))
        return answering.refuse(self._session, shape, refused, namespace=self._namespace)

    def audits(self, lead_id: str) -> tuple[Mapping[str, str], ...]:
        """Return the audit rows of a lead, newest first, as canonical name -> text."""
        return self._audits.of_lead(lead_id)

    def audit_page(self, after: str | None = None) -> AuditPage:
        """Return 200 of all audit rows."""
        return self._audits.page(after)

    def forget(self, left: Left) -> None:
        """Empty and delete what we wrote about people; see connector/salesforce/erasing.py."""
        Eraser(self._session, self._shapes, namespace=self._namespace).forget(left)

    def expire(self, *, before: datetime, but: Collection[str], after: str | None = None) -> Expired:
        """Empty and delete 200 old snapshots of merges; see connector/salesforce/expiring.py."""
        return expiring.expire(
            self._session, self._shapes, before=before, but=but, after=after, namespace=self._namespace
        )

    def check(self) -> tuple[Check, ...]:
        """Test every permission and setting the product needs, from what the org says now (not from memory)."""
        return Inspector(self._session, self._shapes, self._performer, self._history, self._settings).check()

    def probe(self, *, watch: bool = False) -> tuple[Check, ...]:
        """Write a mark on a rule record and wait for its event; see connector/salesforce/probe.py."""
        return Prober(self._session, self._settings).probe(watch=watch)

    def prepare(self) -> None:
        """Make sure that the package is installed. Raises Refused with what to install: no API can install it."""
        missing = missing_parts(self._shapes, self._namespace, again=True)
        if missing:
            raise Refused(f"Missing in the org: {', '.join(missing)}. {INSTALL_HINT}")

    def move(self, after: str | None) -> Moved:
        """Rules and audits stand where the package has them: there is nothing to move."""
        _ = after
        return Moved(0, None)

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
        mapped = mapping.replaced(kind, self._names, shape.types, shape.by_lower, self._namespace)
        more = match_names((name for name in extra if name not in mapped), shape.by_lower) | mapped
        names = [name for name in columns(kind, self._namespace) if name in shape.fields]
        names.extend(name for name in more.values() if name not in names)
        return work(names, more, shape)

    def _read(
        self, kind: Kind, ids: Sequence[str], names: list[str], extra: Mapping[str, str], shape: ObjectShape
    ) -> dict[str, Record]:
        found: dict[str, Record] = {}
        for part in (ids[start : start + READ_IDS] for start in range(0, len(ids), READ_IDS)):
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
        answer = self._session.query_page(soql.page(shape.name, names, after=after, since=since))
        rows = answer["records"]
        records = tuple(self._record(kind, row, extra, shape) for row in rows)
        if not rows or not _more(answer):
            return Page(records, None, len(rows) if after is None else None)
        total, last = None, str(rows[-1]["Id"])
        if after is None:
            total = int(self._session.query_page(soql.count(shape.name, since=since))["totalSize"])
        return Page(records, last if since is None else soql.place(str(rows[-1][MODIFIED]), last), total)

    def _record(self, kind: Kind, row: Mapping[str, Any], extra: Mapping[str, str], shape: ObjectShape) -> Record:
        rates = self._currencies.rates().units or {} if CURRENCY in shape.fields else None
        return to_record(kind, row, namespace=self._namespace, extra=extra, types=shape.types, rates=rates)


def _more(answer: Mapping[str, Any]) -> bool:
    """Whether rows may follow those of a page; an answer may hold fewer than were asked for."""
    return not answer.get("done", True) or len(answer["records"]) == soql.PAGE
