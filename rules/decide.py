"""The one door: decide(...) -> Decision. Live, backfill, preview, simulation and replay come in here.

Modes. ``act`` does everything. ``suggest`` tells the person by task and notification, and changes neither owner nor
link. ``observe`` does nothing but the audit. Turns of a rotation are taken in every mode, so that observe shows what
act would do, but each mode has a lane of its own: ``route.turn.pool`` names the lane (see pools.lane), under which the
caller keeps the state and hands it in again. So watching never moves the rotation that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import wraps
from typing import ParamSpec

from rules import dedupe, field_names, fields
from rules.decision_keys import decision_key, inputs, is_merging, is_waiting, merging_key, unchanged, waiting_key
from rules.match import choose
from rules.matching.calibrate import IDENTITY, Calibration
from rules.matching.pairs import NO_PAIRS, Pairs
from rules.matching.ranking import Ranked, of_records, rank
from rules.model import (
    NO_PAST,
    NO_WORKLOAD,
    Basis,
    Decision,
    Match,
    Mode,
    Past,
    Record,
    Route,
    Standing,
    Value,
    Verdict,
    Workload,
)
from rules.routing.acting import History, Plan
from rules.routing.basis import Asked
from rules.routing.route import Case, Scene, route
from rules.telling import USUAL
from rules.wording import catalogue
from rules.wording.words import say

__all__ = [
    "Scene", "conclude", "decide", "decision_key", "ignore", "inputs", "is_merging", "is_waiting",
    "matched", "merging_key", "owner_after", "unchanged",
]  # fmt: skip

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Reviews:
    """What people said of earlier matches: pairs that always or never match, and what that says of probabilities."""

    pairs: Pairs = NO_PAIRS
    calibration: Calibration = IDENTITY


NO_REVIEWS = Reviews()


def _in_their_language(decide: Callable[P, Decision]) -> Callable[P, Decision]:
    """Say a decision in the language of whoever gets the lead: the same decision, made once more in other words.

    What the install has chosen says which language that is, and what is spoken where nobody gets it.
    """

    @wraps(decide)
    def told(*args: P.args, **kwargs: P.kwargs) -> Decision:
        decision = decide(*args, **kwargs)
        taker = decision.route.assignee
        telling = decision.basis.telling if decision.basis else USUAL
        language = telling.language_for(taker.language if taker and not taker.queue else "")
        if language == catalogue.spoken():
            return decision if decision.language == language else replace(decision, language=language)
        with catalogue.speaking(language):
            return replace(decide(*args, **kwargs), language=language)

    return told


@_in_their_language
def decide(
    lead: Record,
    *,
    scene: Scene,
    accounts: Sequence[Record],
    duplicates: Sequence[Record],
    rotation: Mapping[str, Standing],
    received_at: datetime,
    now: datetime,
    ranking: Sequence[Ranked] | None = None,
    reviews: Reviews = NO_REVIEWS,
    previous: str = "",
    last_assignee: str | None = None,
    trace_id: str = "",
    task_due_minutes: int = 60,
    past: Past = NO_PAST,
    work: Workload = NO_WORKLOAD,
    changed: tuple[str, ...] = (),
) -> Decision:
    """Decide about one lead.

    `ranking` are the accounts that the evidence speaks for, best first, `accounts` the whole records of those that are
    thinkable, of the one that the lead is linked to and of those that pairs name; without a ranking, `accounts` are
    compared as if they were all there are. `duplicates` are the people that share a blocking key with the lead,
    `rotation` is the standing of each lane of a pool, `reviews` what people said of earlier matches. `previous` is the
    key of the lead's last decision, `last_assignee` what :func:`owner_after` says of that decision. When the owner is
    somebody else by now, a person chose, and that is kept, unless a rule that holds says otherwise; a lead without an
    owner is routed anew. `changed` are the fields that an event says were changed.
    """
    match = matched(lead, scene, accounts, ranking, reviews)
    duplicate = dedupe.verdict(lead, duplicates, scene.ruleset.duplicates)
    account, contact = _known(match, duplicate, accounts, duplicates)
    return conclude(
        lead,
        scene=scene,
        match=match,
        duplicate=duplicate,
        basis=Basis(account, contact, previous, last_assignee, past, work, rotation, changed),
        received_at=received_at,
        now=now,
        trace_id=trace_id,
        task_due_minutes=task_due_minutes,
    )


def conclude(
    lead: Record,
    *,
    scene: Scene,
    match: Match,
    duplicate: Verdict,
    basis: Basis,
    received_at: datetime,
    now: datetime,
    trace_id: str = "",
    task_due_minutes: int = 60,
) -> Decision:
    """Decide about a lead whose match and duplicate are known: what :func:`decide` does after finding them.

    `basis` has all that may be asked for; the decision keeps of it what was.
    """
    history = History.of(lead, scene, basis.previous, basis.last_assignee, basis.past)
    event: dict[str, Value] = {
        "now": now,
        "received_at": received_at,
        "first": history.is_first,
        "kind": "updated" if basis.previous else "created",
        "changed": ", ".join(field_names.changed_names(basis.changed, scene.ruleset.names)),
    }
    facts = fields.facts(
        lead, account=basis.account, match=match, duplicate=duplicate, event=event, contact=basis.contact,
        own_free_mail=scene.ruleset.match.free_mail,
    )  # fmt: skip
    asked = Asked(basis)
    case = Case(
        lead=lead,
        scene=scene,
        match=match,
        duplicate=duplicate,
        facts=facts,
        rotation=asked.rotation,
        now=now,
        holder=history.holder if history.is_ours else None,
        past=basis.past,
        work=asked.work,
        since=basis.past.waited_since or (None if basis.previous else received_at),
    )
    taken = _respectful(case) if history.is_a_persons else route(case)
    key = decision_key(lead, scene.ruleset, basis.previous)
    plan = Plan(
        key=waiting_key(key) if taken.until is not None else key,
        case=case,
        route=taken,
        history=history,
        task_due=timedelta(minutes=task_due_minutes),
    )
    return _decision(plan, received_at, trace_id, asked)


def matched(
    lead: Record, scene: Scene, accounts: Sequence[Record], ranking: Sequence[Ranked] | None, reviews: Reviews
) -> Match:
    """Return the account that a lead belongs to; what is asked for is as in :func:`decide`."""
    return choose(
        lead,
        rank(lead, of_records(lead, accounts)) if ranking is None else ranking,
        {account.id: account for account in accounts},
        policy=scene.ruleset.match,
        users=scene.users,
        pairs=reviews.pairs,
        calibration=reviews.calibration,
    )


def _decision(plan: Plan, received_at: datetime, trace_id: str, asked: Asked) -> Decision:
    case, actions, timers = plan.case, plan.actions(), plan.timers()
    return Decision(
        key=plan.key,
        lead=case.lead,
        mode=case.scene.mode,
        outcome=plan.outcome(),
        duplicate=case.duplicate,
        match=case.match,
        route=plan.route,
        actions=actions,
        ruleset_version=case.scene.ruleset.version,
        received_at=received_at,
        decided_at=case.now,
        trace_id=trace_id,
        timers=timers,
        basis=replace(asked.told(plan.route.turn), telling=case.scene.telling),
        untold=plan.untold(),
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


def _known(
    matched: Match, duplicate: Verdict, accounts: Sequence[Record], people: Sequence[Record]
) -> tuple[Record | None, Record | None]:
    """Return the records that rules can ask about: the account of the match, and the contact who is the lead."""
    account_id = matched.account.account_id if matched.account else None
    account = next((each for each in accounts if each.id == account_id), None) if account_id else None
    if (duplicate.status, duplicate.of_kind) != ("same", "contact"):
        return account, None
    return account, next((each for each in people if (each.kind, each.id) == ("contact", duplicate.of_id)), None)


def _respectful(case: Case) -> Route:
    """Return the route of a lead whose owner a person chose: it stays, unless the rule that takes it overrules that."""
    if not all(rule.respect_owner for rule in case.scene.ruleset.rules):
        found = route(case, is_owned=True)
        if found.rule and not case.scene.rules[found.rule].respect_owner:
            return found
    owner = case.scene.users.get(case.lead.owner_id or "")
    name = owner.name if owner else case.lead.owner_id
    return Route("", "keep", owner, say("reason.human", user=name))
