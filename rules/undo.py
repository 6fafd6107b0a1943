"""What of a decision can be taken back: what is still as we left it goes back, what somebody has changed since stays.

An undo is a decision of its own, of outcome ``undone``: it has a key, actions, a ledger and an audit record like any
other, so it is done exactly once. Its key ends with what the lead says now, so the lead is not decided about again
until that changes; then the rules are asked anew, and who had it taken away does not get it by a rule.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from rules.actions import Answer, Member, Merge, TaskState, Unassign, Unlink, Unmerge, Unstamp, Withdraw
from rules.clauses import compare
from rules.decide import decision_key, is_merging, merging_key
from rules.labels import Label
from rules.model import Action, Assign, Decision, Link, Record, Route, Stamp, Task, User
from rules.ruleset import RuleSet
from rules.wording.said import strung
from rules.wording.words import say

NOTHING_GIVEN = frozenset({"ignored", "undone", "reminded", "escalated"})
"""Outcomes of decisions that are not taken back by themselves."""
ROUTING_NOTHING = NOTHING_GIVEN | {"merged"}
"""Outcomes of decisions by which no rule gave a lead to anybody."""


@dataclass(frozen=True, slots=True)
class MadeTask:
    """A task that came of a decision, as it is now. `ref` is its id in the CRM, empty when it is gone."""

    ref: str
    subject: str
    state: TaskState


@dataclass(frozen=True, slots=True)
class Now:
    """What has become of a decision's effects.

    `lead` is None when it is deleted. `tasks` are those it made, reminders too. `stamp` is what the decision before had
    written on the lead; `same` are the keys of later decisions that changed nothing but the stamp. `timers`: whether
    any of its timers still waits.
    """

    lead: Record | None
    tasks: tuple[MadeTask, ...] = ()
    stamp: Stamp | None = None
    same: frozenset[str] = frozenset()
    timers: bool = False


@dataclass(frozen=True, slots=True)
class Undoing:
    """What goes back of a decision, and what is left and why, in parts of a sentence each.

    `holder` has the lead afterwards by our doing; None: whoever has it was chosen by somebody else. `ends`: whoever got
    the lead by the decision does not have it any more, so that the turn of a pool goes back.
    """

    actions: tuple[Action, ...] = ()
    back: tuple[str, ...] = ()
    left: tuple[str, ...] = ()
    holder: User | None = None
    ends: bool = False


@dataclass
class _Draft:
    actions: list[Action] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def is_effective(decision: Decision) -> bool:
    """Tell whether a decision did anything that could be taken back, beside noting on the lead what was decided."""
    if decision.outcome in NOTHING_GIVEN:
        return False
    wanted = Assign | Link | Task | Merge
    return bool(_takes_turn(decision) or any(isinstance(each, wanted) for each in decision.actions))


def undoing(decision: Decision, done: Collection[str], now: Now, users: Mapping[str, User]) -> Undoing:
    """Return what goes back of a decision: `done` are the ledger keys of what was done, `users` everybody by id."""
    if merge := next((each for each in decision.actions if isinstance(each, Merge)), None):
        return _unmerging(decision.key, merge, done, now)
    if now.lead is None:
        left = (say("undo.lead.deleted"),)
        return Undoing(left=left, back=_turn_back(decision), ends=True)
    if now.lead.fields.get("converted"):
        return Undoing(left=(say("undo.lead.converted"),))
    draft, lead = _Draft(), now.lead
    owner_id = _owner(draft, decision, done, lead, users)
    _link(draft, decision, done, lead)
    _stamp(draft, decision, done, now)
    _tasks(draft, now.tasks)
    if Withdraw.key in done:
        draft.left.append(say("undo.withdrawn", user=_name(decision.lead.owner_id, users)))
    if now.timers:
        draft.back.append(say("undo.timers"))
    taker = _taker(decision)
    ends = decision.mode != "act" or (taker is not None and owner_id != taker)
    if _takes_turn(decision):
        draft.back += _turn_back(decision) if ends else ()
        draft.left += () if ends else (_turn_kept(decision, users),)
    ours = lead.owner_id == (_given(decision, done) or decision.lead.owner_id)
    holder = (users.get(owner_id) or User(owner_id, owner_id)) if ours and owner_id else None
    return Undoing(tuple(draft.actions), tuple(draft.back), tuple(draft.left), holder, ends)


def _unmerging(key: str, merge: Merge, done: Collection[str], now: Now) -> Undoing:
    """Return what goes back of a merge: all that it took in, and the tasks that told of it."""
    if now.lead is None:
        return Undoing(left=(say("undo.merge.gone"),))
    draft = _Draft()
    if Merge.key in done:
        draft.actions.append(Unmerge(key, merge, now.lead.id))
        draft.back.append(say("undo.merge", count=len(merge.losers)))
    _tasks(draft, now.tasks)
    return Undoing(tuple(draft.actions), tuple(draft.back), tuple(draft.left))


def undone(
    decision: Decision,
    found: Undoing,
    *,
    lead: Record | None,
    ruleset: RuleSet,
    by: str,
    asked: datetime,
    now: datetime,
) -> Decision:
    """Return the decision that takes another one back, asked for at `asked` by a person of that name."""
    record = lead or decision.lead
    keep = found.holder is None
    named = merging_key if is_merging(decision.key) else decision_key
    return Decision(
        key=named(record, ruleset, f"undo {decision.key}"),
        lead=record,
        mode=decision.mode,
        outcome="undone",
        duplicate=decision.duplicate,
        match=decision.match,
        route=Route("", "keep" if keep else "undo", found.holder, reason(decision, found, by)),
        actions=found.actions,
        ruleset_version=ruleset.version,
        received_at=asked,
        decided_at=now,
        undoes=decision.key,
        label=_label(decision, found, by, asked),
    )


def _label(decision: Decision, found: Undoing, by: str, asked: datetime) -> Label | None:
    """Return that whoever takes a merge back says that its records are not the same; None when nothing is taken apart.

    The survivor is called as it is now.
    """
    action = next((each for each in found.actions if isinstance(each, Unmerge)), None)
    if action is None:
        return None
    records = (Member(action.merge.survivor.kind, action.survivor_id), *action.merge.losers)
    return Label("different", records, by, asked, decision.duplicate.log_odds)


def reason(decision: Decision, found: Undoing, by: str) -> str:
    """Return the sentence that says who took what back, and what was left and why."""
    told = {"by": by, "parts": strung("; ", (*found.back, *found.left)), "at": compare.shown(decision.decided_at)}
    if decision.route.rule:
        return say("undo.reason", rule=decision.route.rule, **told)
    return say("undo.reason.no rule", **told)


def with_actions(lead: Record, actions: Collection[Action]) -> Record:
    """Return a lead with the owner that these actions give it, and without the account and stamp that they take."""
    for action in actions:
        match action:
            case Assign(owner_id=owner):
                lead = replace(lead, owner_id=owner)
            case Unassign():
                lead = replace(lead, owner_id=None)
            case Unlink():
                lead = replace(lead, fields={**lead.fields, "account_id": None})
            case Unstamp():
                lead = replace(lead, fields={**lead.fields, "decision": None})
            case _:
                continue
    return lead


def overtaken(decision: Decision) -> Decision:
    """Return an undo as it must be told when somebody changed the lead before it could be performed."""
    route = Route("", "keep", None, say("undo.overtaken"))
    told = tuple(Answer(route.reason) for each in decision.actions if isinstance(each, Answer))
    return replace(decision, route=route, actions=told)


def _owner(
    draft: _Draft, decision: Decision, done: Collection[str], lead: Record, users: Mapping[str, User]
) -> str | None:
    """Give the lead back to whom it had before, where it is with whom we gave it to; return who has it then."""
    given, before = _given(decision, done), decision.lead.owner_id
    if not given or given == before:
        return lead.owner_id
    if lead.owner_id != given:
        draft.left.append(say("undo.owner.changed", user=_name(lead.owner_id, users)))
        return lead.owner_id
    if before and before in users and not users[before].active:
        draft.left.append(say("undo.owner.inactive", user=users[before].name))
        return lead.owner_id
    draft.actions.append(Assign(before) if before else Unassign())
    draft.back.append(say("undo.owner", user=_name(before, users)))
    return before


def _link(draft: _Draft, decision: Decision, done: Collection[str], lead: Record) -> None:
    made = next((each.account_id for each in decision.actions if isinstance(each, Link)), "")
    if not made or Link.key not in done:
        return
    account = decision.match.account
    if lead.text("account_id") == made:
        draft.actions.append(Unlink(made))
        draft.back.append(say("undo.link", account=account.name if account else made))
    else:
        draft.left.append(say("undo.link.changed" if lead.text("account_id") else "undo.link.gone"))


def _stamp(draft: _Draft, decision: Decision, done: Collection[str], now: Now) -> None:
    if Stamp.key not in done or now.lead is None:
        return
    if now.lead.text("decision") not in {decision.key, *now.same}:
        draft.left.append(say("undo.stamp.changed"))
        return
    draft.actions.append(now.stamp or Unstamp())
    draft.back.append(say("undo.stamp.before" if now.stamp else "undo.stamp"))


def _tasks(draft: _Draft, tasks: Collection[MadeTask]) -> None:
    if refs := tuple(each.ref for each in tasks if each.state == "open"):
        draft.actions.append(Withdraw(refs))
    for each in tasks:
        if each.state == "open":
            draft.back.append(say("undo.task", subject=each.subject))
        else:
            draft.left.append(say(f"undo.task.{each.state}", subject=each.subject))


def _given(decision: Decision, done: Collection[str]) -> str:
    """Return to whom the decision gave the lead; empty when it did not."""
    if Assign.key not in done:
        return ""
    return next((each.owner_id for each in decision.actions if isinstance(each, Assign)), "")


def _taker(decision: Decision) -> str | None:
    return decision.route.assignee.id if decision.route.assignee else None


def _takes_turn(decision: Decision) -> bool:
    turn = decision.route.turn
    return turn is not None and turn.how != "stays"


def _turn_back(decision: Decision) -> tuple[str, ...]:
    turn = decision.route.turn
    return (say("undo.turn", pool=turn.pool),) if turn is not None and _takes_turn(decision) else ()


def _turn_kept(decision: Decision, users: Mapping[str, User]) -> str:
    turn = decision.route.turn
    return say("undo.turn.kept", pool=turn.pool, user=_name(turn.member_id, users)) if turn else ""


def _name(owner_id: str | None, users: Mapping[str, User]) -> str:
    if not owner_id:
        return say("nobody")
    return users[owner_id].name if owner_id in users else owner_id
