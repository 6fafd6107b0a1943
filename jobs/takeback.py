"""Planning an undo: what decisions did, what has become of it in the CRM, and so what goes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from connector.crm import Crm
from connector.merging import Taken
from connector.settings import Settings
from connector.store import histories, timers
from connector.store.base import Database
from connector.store.decisions import Stored
from connector.store.histories import History
from connector.store.installs import Install
from connector.store.ledger import Entry
from connector.store.seal import Seal
from connector.work import Made
from jobs.expiry import Keeping, keeping
from rules import undo as rules
from rules.actions import Merge, Unassign, Unlink, Unstamp, Withdraw
from rules.model import Action, Assign, Decision, Notify, Record, Stamp, Task, User
from rules.ruleset import RuleSet
from rules.undo import MadeTask, Now, Undoing
from rules.wording.words import english, say

DONE = frozenset({"done", "already"})
NO_UNDOES: Mapping[str, Stored] = MappingProxyType({})

UNDONE_ALREADY = english("request.refused.undone")
NOT_DONE_YET = english("work.not done")
NOTHING = english("work.did nothing")
STOPPED = "undone"
"""The reason of timers that an undo stopped."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where decisions are taken back: an install with its CRM, everybody by id, and the rules in force.

    `settings` are the operator's: they say for how long merges can be taken back.
    """

    database: Database
    install: Install
    seal: Seal
    crm: Crm
    users: Mapping[str, User]
    ruleset: RuleSet
    settings: Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes back of one decision; `found` is None when nothing does, and `why` says why.

    `lead` is the record as it is now, None when it is deleted. `others` are the lead's other decisions that gave it.
    """

    stored: Stored
    found: Undoing | None = None
    why: str = ""
    lead: Record | None = None
    others: tuple[str, ...] = ()

    def decision(self, scope: Scope, *, by: str, asked: datetime, now: datetime) -> Decision:
        """Return the decision that takes this one back. Raises ValueError when nothing goes back."""
        if self.found is None:
            raise ValueError(self.why)
        return rules.undone(
            self.stored.decision, self.found, lead=self.lead, ruleset=scope.ruleset, by=by, asked=asked, now=now
        )


def plans(
    scope: Scope,
    batch: Sequence[Stored],
    undoes: Mapping[str, Stored] = NO_UNDOES,
    *,
    asked: datetime,
    kept_for: str | None = None,
) -> list[Plan]:
    """Plan to take these decisions back, newest first: one read of the leads, one of their tasks, nothing written.

    Where a lead has several of them, each is planned as if those before it in `batch` had gone back. `undoes` are those
    of them that are planned anew, by the decision's key: what such an undo has written itself is seen as it was before.
    `asked` is when somebody wanted it: a merge whose snapshot had expired by then is left. `kept_for` is how long the
    install wanted them kept then (expiry.chosen), None for as it wants now.
    """
    if not batch:
        return []
    ids = list(dict.fromkeys(each.decision.lead.id for each in batch))
    with scope.database.read() as connection:
        known = histories.of_leads(connection, scope.install.id, scope.seal, ids)
        kept = keeping(connection, scope.install.id, scope.settings, earlier=kept_for)
        waiting = {
            one.decision_key
            for lead_id in ids
            for one in timers.of_lead(connection, scope.install.id, lead_id)
            if one.state == "waiting" or (one.decision_key in undoes and one.reason == STOPPED)
        }
    leads: dict[str, Record | None] = dict.fromkeys(ids)
    for kind in sorted({each.decision.lead.kind for each in batch}):
        mine = [each.decision.lead.id for each in batch if each.decision.lead.kind == kind]
        leads |= scope.crm.read(kind, list(dict.fromkeys(mine)), extra=scope.ruleset.reads)
    tasks = _tasks(scope, batch, known, undoes)
    made: list[Plan] = []
    gone_back: set[str] = set()
    for stored in batch:
        lead_id = stored.decision.lead.id
        lead, history, undo = leads[lead_id], known[lead_id], undoes.get(stored.decision.key)
        if lead is not None and undo is not None:
            lead = _unwritten(lead, undo)
        now = Now(
            lead=lead,
            tasks=tasks[stored.decision.key],
            stamp=_stamp_before(stored, history),
            same=_same(stored, history, gone_back),
            timers=stored.decision.key in waiting,
        )
        if undo is None and stored.decision.key in history.undone():
            made.append(Plan(stored, why=UNDONE_ALREADY))
            continue
        if undo is None and kept.has_expired(stored.decision, asked):
            made.append(Plan(stored, why=_expired(stored.decision, kept)))
            continue
        plan = _plan(stored, now, history, scope.users)
        made.append(plan)
        if plan.found is not None and lead is not None:
            leads[lead_id] = _after(lead, plan.found.actions)
            gone_back.add(stored.decision.key)
    return made


def _expired(made: Decision, kept: Keeping) -> str:
    return say("work.expired", days=kept.days, until=f"{kept.until(made):%Y-%m-%d}")


def _plan(stored: Stored, now: Now, history: History, users: Mapping[str, User]) -> Plan:
    decision = stored.decision
    if decision.outcome in rules.NOTHING_GIVEN:
        return Plan(stored, why=NOTHING)
    if stored.state == "intended":
        return Plan(stored, why=NOT_DONE_YET)
    done = {name for name, entry in stored.ledger.items() if entry.state in DONE or _is_half(name, entry)}
    found = rules.undoing(decision, done, now, users)
    if not found.back:
        return Plan(stored, why="; ".join(found.left) or NOTHING)
    given = (each.decision for each in history.decisions if each.decision.key != decision.key)
    others = tuple(each.key for each in given if rules.is_effective(each) or each.timers)
    return Plan(stored, found, lead=now.lead, others=others)


def _is_half(name: str, entry: Entry) -> bool:
    """Whether the CRM refused to finish a merge of which some was done: that can go back."""
    return (name, entry.state) == (Merge.key, "refused") and bool(Taken.read(entry.ref).now)


def _tasks(
    scope: Scope, batch: Sequence[Stored], known: Mapping[str, History], undoes: Mapping[str, Stored]
) -> dict[str, tuple[MadeTask, ...]]:
    """Return what became of the tasks of each decision and of its reminders, by the decision's key."""
    piles = {
        each.decision.key: [
            one
            for one in (each, *known[each.decision.lead.id].reminders.get(each.decision.key, ()))
            if task_ref(one, scope.crm) is not None
        ]
        for each in batch
    }
    asked = [Made(one.decision, task_ref(one, scope.crm) or "") for pile in piles.values() for one in pile]
    now = scope.crm.tasks_now(asked) if asked else {}
    withdrawn = {key: _withdrawn(undo) for key, undo in undoes.items()}
    return {
        key: tuple(
            MadeTask(ref, _subject(one.decision), "open")
            if now[one.decision.key].state == "gone"
            and (ref := task_ref(one, scope.crm) or "") in withdrawn.get(key, ())
            else MadeTask(now[one.decision.key].ref, _subject(one.decision), now[one.decision.key].state)
            for one in pile
        )
        for key, pile in piles.items()
    }


def _withdrawn(undo: Stored) -> tuple[str, ...]:
    """Return the ids of the tasks that an undo has deleted, or was about to."""
    if Withdraw.key not in undo.ledger:
        return ()
    return next((each.tasks for each in undo.decision.actions if isinstance(each, Withdraw)), ())


def _unwritten(lead: Record, undo: Stored) -> Record:
    """Return a lead as it was before an undo that was begun wrote on it."""
    before = undo.decision.lead
    for action in undo.decision.actions:
        entry = undo.ledger.get(action.key)
        is_there = _seen(_after(lead, [action])) == _seen(lead)
        if entry is None or not (entry.state in DONE or (entry.state == "begun" and is_there)):
            continue
        match action:
            case Assign() | Unassign():
                lead = replace(lead, owner_id=before.owner_id)
            case Unlink():
                lead = replace(lead, fields={**lead.fields, "account_id": before.fields.get("account_id")})
            case Stamp() | Unstamp():
                lead = replace(lead, fields={**lead.fields, "decision": before.fields.get("decision")})
            case _:
                continue
    return lead


def _seen(lead: Record) -> tuple[str, str, str]:
    """Return what of a lead an undo may write."""
    return lead.owner_id or "", lead.text("account_id"), lead.text("decision")


def task_ref(stored: Stored, crm: Crm) -> str | None:
    """Return the id of the task that a decision made (empty: never learned); None when it made none.

    Where a notification is done in the step of tasks, it is a task too.
    """
    wanted: Collection[str] = {Task.key}
    if any({Task.key, Notify.key} <= step.actions for step in crm.steps):
        wanted = (Task.key, Notify.key)
    made = [entry for name, entry in stored.ledger.items() if name in wanted and entry.state in DONE]
    return made[0].ref if made else None


def _subject(decision: Decision) -> str:
    task = next((each.subject for each in decision.actions if isinstance(each, Task)), "")
    return task or next((each.title for each in decision.actions if isinstance(each, Notify)), "")


def _stamp_before(stored: Stored, history: History) -> Stamp | None:
    """Return what stood on the lead before a decision stamped it, if we still know that."""
    key = stored.decision.lead.text("decision")
    stamps = (each for one in history.decisions for each in one.decision.actions if isinstance(each, Stamp))
    return next((each for each in stamps if key and each.decision == key), None)


def _same(stored: Stored, history: History, gone_back: Collection[str]) -> frozenset[str]:
    """Return the decisions right after one that only noted themselves on the lead, or have gone back."""
    found: set[str] = set()
    for each in history.after(stored.decision.key):
        if rules.is_effective(each.decision) and each.decision.key not in gone_back:
            break
        found.add(each.decision.key)
    return frozenset(found)


def _after(lead: Record, actions: Collection[Action]) -> Record:
    """Return the lead as it will be."""
    left = rules.with_actions(lead, actions)
    stamp = next((each.decision for each in actions if isinstance(each, Stamp)), None)
    return replace(left, fields={**left.fields, "decision": stamp}) if stamp else left
