"""A CRM in memory, small enough to read; it passes the same contract as the real adapters (tests/contract)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.acts import Act, Acted, Deed, ResponseRow, summed_up
from connector.crm import Allowance, CrmName
from connector.erased import Left
from connector.fieldtable import CrmField, FieldState, FieldTable, FieldUse, names_of
from connector.merging import Mergeable
from connector.rows import AuditPage, Check, Expired, GonePage, Moved, Page, RuleRow
from connector.work import LOCKED, Effect, Made, Step, TaskNow, Unanswered, Work
from rules.actions import Answer, Member, Merge, Snapshot, Unassign, Unlink, Unmerge, Unstamp, Withdraw
from rules.field_names import fits, of_scope
from rules.fields import FieldType
from rules.merging.abilities import HUBSPOT, SALESFORCE
from rules.merging.facts import RecordFacts
from rules.model import AUDIT, Assign, AuditEntry, Kind, Link, Notify, Record, Stamp, Task, User, Value
from tests.fake_audits import audit_texts
from tests.fake_history import history

PAGE = 3
Written = Assign | Link | Stamp | Unassign | Unlink | Unstamp
UNDOING = frozenset({Unassign.key, Unlink.key, Unstamp.key, Withdraw.key, Answer.key})
"""Ledger keys of what takes things back."""
JOINING = tuple(Step(key, frozenset({key}), 2) for key in (Snapshot.key, Merge.key, Unmerge.key))
"""The steps of a merge and of its undo; tests/jobs/joining.py does them."""


@dataclass
class FakeCrm:
    """Holds records, rules and what was done; `before` runs ahead of every call and may raise any error.

    Contacts and opportunities belong to their `account_id`; an opportunity with `closed` true is not open, nor one in
    the stage LOST, which is lost; a lead with `converted` true neither. `activities` are the latest of each account or
    lead, `done`, `edited` and `deleted` the tasks that are, `finished` when they were done; a task's ref is ``task``
    and its place in `tasks`, from 1. `renames`: a merge gives a new id. `owners_a_call` is how many open_leads answers
    at once. `bin` holds when records were deleted, and the id of the one that they were merged into.
    """

    name: CrmName = "salesforce"
    can: frozenset[str] = frozenset({"notify", "rule_events", "replay", "requests"})
    steps: tuple[Step, ...] = (
        *JOINING,
        Step("record", frozenset({"assign", "link", "stamp", "task", AUDIT}) | UNDOING, 2),
        Step("notify", frozenset({"notify"}), 2),
    )
    renames: bool = False
    calls: int = 0
    breath: float = 0.0
    allowance: Allowance | None = None
    records: dict[tuple[str, str], Record] = field(default_factory=dict)
    people: list[User] = field(default_factory=list)
    rule_rows: list[RuleRow] = field(default_factory=list)
    entries: dict[str, AuditEntry] = field(default_factory=dict)
    tasks: list[tuple[str, Task]] = field(default_factory=list)
    bells: list[tuple[str, Notify]] = field(default_factory=list)
    activities: dict[str, datetime] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    finished: dict[str, datetime] = field(default_factory=dict)
    edited: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    busy: set[str] = field(default_factory=set)
    owners_a_call: int = 100
    names: Mapping[str, str] = field(default_factory=dict)
    offered: dict[Kind, tuple[CrmField, ...]] = field(default_factory=dict)
    bin: dict[tuple[str, str], tuple[datetime, str]] = field(default_factory=dict)
    forgotten: list[Left] = field(default_factory=list)
    before: Callable[[str], None] = lambda _call: None
    answer: Callable[[Work, str], Effect | None] = lambda _work, _action: None

    def add(self, *records: Record) -> None:
        """Put records into the CRM."""
        for record in records:
            self.records[(record.kind, record.id)] = record

    def read(self, kind: Kind, ids: Sequence[str], *, extra: Collection[str] = ()) -> dict[str, Record]:
        """Read what is there."""
        self._call("read")
        _ = extra
        return {each: self._mapped(self.records[(kind, each)]) for each in ids if (kind, each) in self.records}

    def use_fields(self, names: Mapping[str, str]) -> None:
        """Read these names from these fields."""
        self.names = names

    def fields(self, kind: Kind, names: Mapping[str, str]) -> FieldTable:
        """Say which field stands behind each name: the mapped one if it is on offer and fits."""
        self._call("fields")
        table, wanted = FieldTable(kind, kind.capitalize(), (), self.offered.get(kind, ())), of_scope(names, kind)
        uses = (_use(table, f"{kind}.{name}", type_, wanted.get(name, "")) for name, type_ in names_of(kind).items())
        return replace(table, uses=tuple(uses))

    def _mapped(self, record: Record) -> Record:
        there = {name: record.fields.get(api) for name, api in of_scope(self.names, record.kind).items()}
        return replace(record, fields={**record.fields, **{name: value for name, value in there.items() if value}})

    def account_history(self, ids: Collection[str], *, wanted: frozenset[str]) -> Mapping[str, Mapping[str, Value]]:
        """Tell what is known about accounts."""
        asked = [each for each in ids if ("account", each) in self.records]
        if ids and wanted:
            self._call("account_history")
        return {each: history(self.records, self.activities, each, wanted) for each in asked} if wanted else {}

    def acted(self, leads: Mapping[str, Deed]) -> Mapping[str, Acted]:
        """Compare leads with what was left behind."""
        if leads:
            self._call("acted")
        found = {each: summed_up(self._acts(each, deed)) for each, deed in leads.items()}
        return {each: acted for each, acted in found.items() if acted is not None}

    def open_leads(self, user_ids: Collection[str]) -> Mapping[str, int]:
        """Count the leads of the first users that are not converted."""
        known = {each.id for each in self.people}
        asked = [each for each in dict.fromkeys(user_ids) if each in known][: self.owners_a_call]
        if asked:
            self._call("open_leads")
        leads = [each for each in self.records.values() if each.kind == "lead" and not each.fields.get("converted")]
        return {user: sum(each.owner_id == user for each in leads) for user in asked}

    def tasks_of(self, lead_id: str) -> list[Task]:
        """Return the tasks of a lead that are there."""
        numbered = enumerate(self.tasks, start=1)
        return [task for place, (each, task) in numbered if each == lead_id and f"task{place}" not in self.deleted]

    def tasks_now(self, made: Sequence[Made]) -> Mapping[str, TaskNow]:
        """Tell what became of tasks."""
        self._call("tasks_now")
        return {each.decision.key: self._task_now(each) for each in made}

    def _task_now(self, made: Made) -> TaskNow:
        order = [(made.decision.lead.id, each) for each in made.decision.actions if isinstance(each, Task)]
        ref = made.ref or f"task{self.tasks.index(order[0]) + 1}"
        if ref in self.deleted:
            return TaskNow("gone")
        return TaskNow("done" if ref in self.done else "changed" if ref in self.edited else "open", ref)

    def scan(
        self, kind: Kind, *, after: str | None = None, since: datetime | None = None, extra: Collection[str] = ()
    ) -> Page:
        """Return a page of PAGE records by id."""
        self._call("scan")
        _ = extra
        wanted = sorted(
            (each for each in self.records.values() if each.kind == kind and self._since(each, since)),
            key=lambda each: each.id,
        )
        rest = [each for each in wanted if after is None or each.id > after]
        page = tuple(self._mapped(each) for each in rest[:PAGE])
        return Page(page, page[-1].id if len(rest) > PAGE else None, len(wanted) if after is None else None)

    def drop(self, kind: Kind, record_id: str, at: datetime, *, master: str = "") -> None:
        """Delete a record, or merge it into another."""
        del self.records[(kind, record_id)]
        self.bin[(kind, record_id)] = (at, master)

    def gone(self, kind: Kind, *, since: datetime, after: str | None = None) -> GonePage:
        """Return a page of PAGE ids of the bin."""
        self._call("gone")
        found = {ref[1]: master for ref, (at, master) in sorted(self.bin.items()) if ref[0] == kind and at >= since}
        rest = [each for each in found if after is None or each > after]
        return GonePage({each: found[each] for each in rest[:PAGE]}, rest[PAGE - 1] if len(rest) > PAGE else None)

    def count(self, kind: Kind) -> int:
        """Count records."""
        self._call("count")
        return sum(ref[0] == kind for ref in self.records)

    def users(self) -> tuple[User, ...]:
        """Return everyone."""
        self._call("users")
        return tuple(self.people)

    def rules(self) -> tuple[RuleRow, ...]:
        """Return the rule rows."""
        self._call("rules")
        return tuple(sorted(self.rule_rows, key=lambda row: (row.position, row.id or "")))

    def put_rules(self, rows: Sequence[RuleRow]) -> tuple[str, ...]:
        """Create or replace rule rows."""
        self._call("put_rules")
        made = [
            self._stood(row) if row.id else replace(row, id=f"rule{len(self.rule_rows) + n}")
            for n, row in enumerate(rows)
        ]
        ids = {row.id for row in made}
        self.rule_rows = [row for row in self.rule_rows if row.id not in ids] + made
        return tuple(str(row.id) for row in made)

    def mark_rules(self, rows: Sequence[RuleRow]) -> None:
        """Write only error and version."""
        self._call("mark_rules")
        marks = {row.id: row for row in rows}
        self.rule_rows = [
            replace(row, error=marks[row.id].error, version=marks[row.id].version) if row.id in marks else row
            for row in self.rule_rows
        ]

    def mark_standings(self, rows: Sequence[RuleRow]) -> None:
        """Write only what members have received."""
        self._call("mark_standings")
        marks = {row.id: row for row in rows}
        self.rule_rows = [_standing_of(marks[row.id], row) if row.id in marks else row for row in self.rule_rows]

    def _stood(self, row: RuleRow) -> RuleRow:
        """Leave what members have received as it is."""
        return _standing_of(next((each for each in self.rule_rows if each.id == row.id), RuleRow("", "", 0, "")), row)

    def mark_responses(self, rows: Sequence[ResponseRow]) -> dict[str, str]:
        """Write what came of waiting into the audits that are there."""
        if rows:
            self._call("mark_responses")
        for row in rows:
            if row.key in self.entries:
                self.entries[row.key] = replace(
                    self.entries[row.key],
                    response_status=row.status,
                    responded_at=row.responded_at,
                    response_minutes=row.minutes,
                )
        return {}

    def apply(self, step: str, work: Sequence[Work]) -> list[Effect]:
        """Do one step, each decision all or nothing; a repeated audit key is found done."""
        self._call(f"apply:{step}")
        actions = next(each.actions for each in self.steps if each.name == step)
        return [effect for each in work for effect in self._one(each, each.pending & actions)]

    def mergeable(self, members: Collection[Member]) -> Mergeable:
        """Tell what is there."""
        self._call("mergeable")
        there = {each: self.records[(each.kind, each.id)] for each in members if (each.kind, each.id) in self.records}
        active = {user.id: user.active for user in self.people}
        facts = {each.id: RecordFacts(owner_active=active.get(record.owner_id or "")) for each, record in there.items()}
        return Mergeable(there, facts, {}, HUBSPOT if self.renames else SALESFORCE)

    def leads_of(self, contact_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
        _ = contact_ids
        return {}

    def refuse_requests(self, kind: Kind, refused: Mapping[str, str]) -> list[Unanswered]:
        """Answer on the records; those of `busy` are being written by somebody else."""
        self._call("refuse_requests")
        for each, why in refused.items():
            if each not in self.busy:
                self.records[(kind, each)] = _answered(self.records[(kind, each)], why)
        return [Unanswered(each, LOCKED, 5.0) for each in refused if each in self.busy]

    def audits(self, lead_id: str) -> tuple[Mapping[str, str], ...]:
        """Return the audit rows of a lead."""
        self._call("audits")
        mine = [each for each in self.entries.values() if each.lead_id == lead_id]
        newest = sorted(mine, key=lambda each: each.decided_at, reverse=True)
        return tuple(audit_texts(each) for each in newest)

    def audit_page(self, after: str | None = None) -> AuditPage:
        """Return some audit rows, in the order in which they were made."""
        self._call("audit_page")
        rows = [audit_texts(each) | {"id": f"audit{n}"} for n, each in enumerate(self.entries.values(), start=1)]
        end = int(after or 0) + PAGE
        return AuditPage(tuple(rows[end - PAGE : end]), str(end) if end < len(rows) else None)

    def forget(self, left: Left) -> None:
        """Forget people's audits, and what others' audits say of them; `forgotten` holds what was asked for."""
        self._call("forget")
        self.forgotten.append(left)
        self.entries = {key: each for key, each in self.entries.items() if each.lead_id not in left.leads}

    def expire(self, *, before: datetime, but: Collection[str], after: str | None = None) -> Expired:  # noqa: ARG002 - a Crm's names
        """No snapshot is kept here; see tests/jobs/joining.py."""
        self._call("expire")
        return Expired(0, None)

    def check(self) -> tuple[Check, ...]:
        """Everything is allowed here."""
        return (Check("Everything", ok=True, detail="This is a fake."),)

    def probe(self, *, watch: bool = False) -> tuple[Check, ...]:
        """Everything arrives here."""
        return (Check("Events arrive", ok=True, detail="watched" if watch else "at once"),)

    def prepare(self) -> None:
        """Nothing to prepare."""
        self._call("prepare")

    def move(self, after: str | None) -> Moved:  # noqa: ARG002 - a Crm's name
        """Nothing to move."""
        self._call("move")
        return Moved(0, None)

    def close(self) -> None:
        """Nothing to close."""

    def _acts(self, lead_id: str, deed: Deed) -> dict[Act, datetime | None]:
        lead = self.records.get(("lead", lead_id))
        if lead is None:
            return {"gone": None}
        logged, changed = self.activities.get(lead_id), lead.modified_at
        happened: dict[Act, tuple[bool, datetime | None]] = {
            "converted": (bool(lead.fields.get("converted")), changed),
            "owner changed": ((lead.owner_id or "") != deed.owner_id, None),
            "task done": (deed.task_ref in self.done, self.finished.get(deed.task_ref)),
            "status changed": (lead.text("status") != deed.status, changed),
            "activity logged": (logged is not None and logged > deed.since, logged),
        }
        return {act: at for act, (so, at) in happened.items() if so}

    def _one(self, work: Work, pending: frozenset[str]) -> list[Effect]:
        answers = {action: self.answer(work, action) for action in pending}
        if bad := next((each for each in answers.values() if each is not None), None):
            return [replace(bad, decision_key=work.decision.key, action=action) for action in pending]
        if AUDIT in pending and work.decision.key in self.entries:
            return [Effect(work.decision.key, action, "already") for action in pending]
        if detail := self._refusal(work, pending):
            refused = [Effect(work.decision.key, each, "refused", detail=detail) for each in pending - {AUDIT}]
            return [*refused, *(self._do(replace(work, entry=_refused(work.entry)), AUDIT) for _ in pending & {AUDIT})]
        if pending - {Notify.key} and work.decision.key in self.entries:
            self.entries[work.decision.key] = work.entry
        return [self._do(work, action) for action in sorted(pending)]

    def _refusal(self, work: Work, pending: frozenset[str]) -> str:
        """Say why this cannot be done: the lead is gone, or who should own it has left."""
        on_lead = {Assign.key, Link.key, Stamp.key, Task.key, Unassign.key, Unlink.key, Unstamp.key, Answer.key}
        if not pending & on_lead:
            return ""
        if ("lead", work.decision.lead.id) not in self.records:
            return "The record was deleted"
        owners = {each.owner_id for each in work.decision.actions if isinstance(each, Assign)}
        inactive = any(each.id in owners and not each.active for each in self.people)
        return "The new owner is inactive" if inactive and Assign.key in pending else ""

    def _do(self, work: Work, action: str) -> Effect:
        if action == AUDIT:
            self.entries[work.decision.key] = work.entry
            return Effect(work.decision.key, AUDIT, "done", ref=f"audit{len(self.entries)}")
        lead = work.decision.lead
        found = next(each for each in work.decision.actions if each.key == action)
        if isinstance(found, Notify):
            if action in work.uncertain:
                return Effect(work.decision.key, action, "unknown")
            self.bells.append((lead.id, found))
        elif isinstance(found, Task):
            if action in work.uncertain and (lead.id, found) in self.tasks:
                return Effect(work.decision.key, action, "already")
            self.tasks.append((lead.id, found))
            return Effect(work.decision.key, action, "done", ref=f"task{len(self.tasks)}")
        elif isinstance(found, Withdraw):
            self.deleted.update(found.tasks)
        elif isinstance(found, Answer):
            self.records[("lead", lead.id)] = _answered(self.records[("lead", lead.id)], found.refused)
        elif isinstance(found, Written):
            self._write(lead.id, found)
        return Effect(work.decision.key, action, "done")

    def _write(self, lead_id: str, action: Written) -> None:
        lead = self.records[("lead", lead_id)]
        if isinstance(action, Assign | Unassign):
            lead = replace(lead, owner_id=action.owner_id if isinstance(action, Assign) else None)
        elif isinstance(action, Link | Unlink):
            account_id = action.account_id if isinstance(action, Link) else None
            lead = replace(lead, fields={**lead.fields, "account_id": account_id})
        else:
            key = action.decision if isinstance(action, Stamp) else None
            lead = replace(lead, fields={**lead.fields, "decision": key})
        self.records[("lead", lead_id)] = lead

    def _call(self, name: str) -> None:
        self.calls += 1
        self.before(name)

    @staticmethod
    def _since(record: Record, since: datetime | None) -> bool:
        return since is None or (record.modified_at is not None and record.modified_at >= since)


def _answered(record: Record, refused: str) -> Record:
    fields = {name: value for name, value in record.fields.items() if not name.startswith("request")}
    return replace(record, fields=fields | ({"request_refused": refused} if refused else {}))


def _refused(entry: AuditEntry) -> AuditEntry:
    return replace(entry, outcome="refused", response_due_at=None, response_status="none")


def _standing_of(source: RuleRow, row: RuleRow) -> RuleRow:
    """Return a row with the standing of another one."""
    return replace(row, standing=source.standing, received=source.received, difference=source.difference)


def _use(table: FieldTable, name: str, type_: FieldType, wanted: str) -> FieldUse:
    """Return the field of this API name, or of our own name when none is wanted."""
    found = table.find(wanted or name.partition(".")[2])
    state: FieldState = "fine" if found else ("missing" if wanted else "none")
    if found and wanted and not fits(name, found.holds):
        state = "wrong type"
    used, why = (found, "") if state in {"fine", "none"} else (None, f"{wanted}: {state}.")
    return FieldUse(name, type_, "", wanted, used, state, why, "Choose another field." if why else "")
