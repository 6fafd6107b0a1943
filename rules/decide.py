"""The one door: decide(...) -> Decision. Live, backfill, preview, simulation and replay come in here.

Modes. ``act`` does everything. ``suggest`` tells the person by task and notification, and changes neither owner nor
link. ``observe`` does nothing but the audit. Turns of a rotation are taken in every mode, so that observe shows what
act would do, but each mode has a lane of its own: ``route.turn.pool`` names the lane (see pools.lane), under which the
caller keeps the state and hands it in again. So watching never moves the rotation that counts.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rules import compare, dedupe, explain, fields
from rules.calibrate import IDENTITY, Calibration
from rules.match import choose
from rules.model import (
    Action,
    Assign,
    Decision,
    Link,
    Match,
    Mode,
    Notify,
    Outcome,
    Record,
    Route,
    Stamp,
    Task,
    Value,
    Verdict,
)
from rules.pairs import NO_PAIRS, Pairs
from rules.parts import Rule
from rules.ranking import Ranked, of_records, rank
from rules.route import Case, Scene, route
from rules.ruleset import RuleSet
from rules.words import say

__all__ = ["Scene", "decide", "decision_key", "ignore", "inputs", "owner_after", "unchanged"]


@dataclass(frozen=True, slots=True)
class Reviews:
    """What people said of earlier matches: pairs that always or never match, and what that says of probabilities."""

    pairs: Pairs = NO_PAIRS
    calibration: Calibration = IDENTITY


NO_REVIEWS = Reviews()


@dataclass(frozen=True, slots=True)
class _History:
    """What was decided before: the key, who held the lead after it, and who holds it now.

    Outside of act nothing is changed, so there whoever was named last counts as the holder.
    """

    previous: str
    last_assignee: str | None
    holder: str | None

    @classmethod
    def of(cls, lead: Record, scene: Scene, previous: str, last_assignee: str | None) -> _History:
        shadow = scene.mode != "act" and bool(last_assignee)
        return cls(previous, last_assignee if previous else None, last_assignee if shadow else lead.owner_id)

    @property
    def is_ours(self) -> bool:
        return bool(self.last_assignee) and self.holder == self.last_assignee

    @property
    def is_a_persons(self) -> bool:
        return self.last_assignee is not None and self.holder is not None and self.holder != self.last_assignee


def decide(
    lead: Record,
    *,
    scene: Scene,
    accounts: Sequence[Record],
    duplicates: Sequence[Record],
    rotation: Mapping[str, Mapping[str, int]],
    received_at: datetime,
    now: datetime,
    ranking: Sequence[Ranked] | None = None,
    reviews: Reviews = NO_REVIEWS,
    previous: str = "",
    last_assignee: str | None = None,
    trace_id: str = "",
    task_due_minutes: int = 60,
) -> Decision:
    """Decide about one lead.

    `ranking` are the accounts that the evidence speaks for, best first, `accounts` the whole records of those that are
    thinkable, of the one that the lead is linked to and of those that pairs name; without a ranking, `accounts` are
    compared as if they were all there are. `duplicates` are the people that share a blocking key with the lead,
    `rotation` is credit by user id for each lane of a pool, `reviews` what people said of earlier matches. `previous`
    is the key of the lead's last decision, `last_assignee` what :func:`owner_after` says of that decision. When the
    owner is somebody else by now, a person chose, and that is kept; a lead without an owner is routed anew.
    """
    matched = choose(
        lead,
        rank(lead, of_records(lead, accounts)) if ranking is None else ranking,
        {account.id: account for account in accounts},
        policy=scene.ruleset.match,
        users=scene.users,
        pairs=reviews.pairs,
        calibration=reviews.calibration,
    )
    duplicate = dedupe.verdict(lead, duplicates)
    history = _History.of(lead, scene, previous, last_assignee)
    event: dict[str, Value] = {"first": not previous, "received_at": received_at}
    facts = _facts(lead, (*accounts, *duplicates), matched, duplicate, event)
    holder = history.holder if history.is_ours else None
    case = Case(lead, scene, matched, duplicate, facts, rotation, holder)
    taken = _kept_route(case) if history.is_a_persons else route(case)
    key = decision_key(lead, scene.ruleset, previous)
    due = now + timedelta(minutes=task_due_minutes)
    actions = _Plan(key, case, taken, history, now, due).actions()
    return Decision(
        key=key,
        lead=lead,
        mode=scene.mode,
        outcome=_outcome(case, taken, history),
        duplicate=duplicate,
        match=matched,
        route=taken,
        actions=actions,
        ruleset_version=scene.ruleset.version,
        received_at=received_at,
        decided_at=now,
        trace_id=trace_id,
    )


def ignore(
    lead: Record, *, reason: str, scene: Scene, received_at: datetime, now: datetime, trace_id: str = ""
) -> Decision:
    """Return the decision to do nothing about a lead, for a reason that people can read in the audit."""
    return Decision(
        key=decision_key(lead, scene.ruleset),
        lead=lead,
        mode=scene.mode,
        outcome="ignored",
        duplicate=Verdict("different"),
        match=Match("none"),
        route=Route("", "", None, reason),
        actions=(),
        ruleset_version=scene.ruleset.version,
        received_at=received_at,
        decided_at=now,
        trace_id=trace_id,
    )


def owner_after(decision: Decision, mode: Mode) -> str | None:
    """Return who holds the lead after a decision: the `last_assignee` of the next one in `mode`.

    That is whom it named, else the owner that stayed. "" says that a person had chosen by then, and still counts. A
    decision of another mode binds nobody (None).
    """
    if decision.mode != mode or decision.outcome in {"ignored", "refused"}:
        return None
    if decision.route.target == "keep" and not decision.route.rule:
        return ""
    return decision.route.assignee.id if decision.route.assignee else decision.lead.owner_id


def inputs(lead: Record, ruleset: RuleSet) -> dict[str, str]:
    """Return what a decision about this lead is made from, as text by field name; empty values are left out."""
    names = (*fields.INPUTS, *sorted(ruleset.reads))
    told = {name: lead.fields.get(name) for name in names}
    return {name: compare.plain(value).strip() for name, value in told.items() if not compare.is_empty(value)}


def decision_key(lead: Record, ruleset: RuleSet, previous: str = "") -> str:
    """Return ``lead id - chain - inputs``: chain is a hash over the previous key and the inputs, inputs one of them."""
    told = json.dumps(inputs(lead, ruleset), sort_keys=True, ensure_ascii=False)
    chain = _hash12(previous + "\n" + told)
    return f"{lead.id}-{chain}-{_hash12(told)}"


def unchanged(lead: Record, previous: str, ruleset: RuleSet) -> bool:
    """Tell whether the lead says what it said when `previous` was decided, so that there is nothing to decide."""
    return bool(previous) and previous.rpartition("-")[2] == decision_key(lead, ruleset).rpartition("-")[2]


def _hash12(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:12]


def _facts(
    lead: Record, others: Sequence[Record], matched: Match, duplicate: Verdict, event: Mapping[str, Value]
) -> dict[str, Value]:
    """Return what rules can ask about; `others` are the accounts and the people in the running."""
    known = {(record.kind, record.id): record for record in reversed(others)}
    account = known.get(("account", matched.account.account_id)) if matched.account else None
    is_contact = (duplicate.status, duplicate.of_kind) == ("same", "contact")
    contact = known.get(("contact", duplicate.of_id or "")) if is_contact else None
    return fields.facts(lead, account=account, match=matched, duplicate=duplicate, event=event, contact=contact)


def _kept_route(case: Case) -> Route:
    owner = case.scene.users.get(case.lead.owner_id or "")
    name = owner.name if owner else case.lead.owner_id
    return Route("", "keep", owner, say("reason.human", user=name))


def _outcome(case: Case, taken: Route, history: _History) -> Outcome:
    changes = taken.assignee is not None and taken.assignee.id != history.holder
    if taken.target == "keep" or taken.assignee is None:
        return "observed" if case.scene.mode == "observe" else "kept"
    if case.scene.mode == "observe":
        return "observed"
    if case.scene.mode == "suggest":
        return "suggested" if changes or not history.previous else "kept"
    return "assigned" if changes else "kept"


@dataclass(frozen=True, slots=True)
class _Plan:
    """Turns a route into actions."""

    key: str
    case: Case
    route: Route
    history: _History
    now: datetime
    due: datetime

    def actions(self) -> tuple[Action, ...]:
        if self.case.scene.mode == "observe":
            return ()
        told = self._telling()
        if self.case.scene.mode == "suggest":
            return told
        stamp = Stamp(self.key, self.route.rule, self.case.match.confidence, self.now)
        return (*self._link(), *self._assign(), stamp, *told)

    def _link(self) -> tuple[Action, ...]:
        """Link what is matched. An existing link is never overwritten: a person may have made it."""
        matched = self.case.match
        if matched.status != "matched" or matched.account is None or self.case.lead.text("account_id"):
            return ()
        return (Link(matched.account.account_id),)

    def _assign(self) -> tuple[Action, ...]:
        taker = self.route.assignee
        return (Assign(taker.id),) if taker and taker.id != self.case.lead.owner_id else ()

    def _telling(self) -> tuple[Action, ...]:
        """Tell the person who takes it; not a queue, and not again when neither owner nor account changes."""
        taker, rule = self.route.assignee, self._rule()
        if taker is None or taker.queue or rule is None:
            return ()
        moved = taker.id != self.history.holder or (bool(self._link()) and self.case.scene.mode == "act")
        if self.history.previous and not moved:
            return ()
        return (*self._task(taker.id, rule), *self._notify(taker.id, rule))

    def _rule(self) -> Rule | None:
        return next((rule for rule in self.case.scene.ruleset.rules if rule.name == self.route.rule), None)

    def _task(self, owner_id: str, rule: Rule) -> tuple[Action, ...]:
        if rule.task is None:
            return ()
        case, due = self.case, self.now + rule.task.due if rule.task.due else self.due
        subject = explain.task_subject(rule.task, case.facts)
        body = explain.task_body(rule.task, self.route, case.match, case.duplicate, case.facts, mode=case.scene.mode)
        return (Task(owner_id, subject, body, due),)

    def _notify(self, user_id: str, rule: Rule) -> tuple[Action, ...]:
        if not rule.notify:
            return ()
        title, body = explain.notification(self.route, self.case.facts, mode=self.case.scene.mode)
        return (Notify(user_id, title, body),)
