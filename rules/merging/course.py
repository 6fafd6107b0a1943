"""From a plan to a decision: what is merged by whom, what is suggested, and what an audit says of either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rules import explain
from rules.actions import Action, Member, Merge, Notify, Snapshot, Task
from rules.decide import merging_key
from rules.labels import Label
from rules.merging.likely import Likely
from rules.merging.names import Names
from rules.merging.plan import Plan
from rules.merging.policy import own_name
from rules.merging.preview import preview
from rules.model import Decision, Match, Mode, Record, Route, User, Value, Verdict
from rules.ruleset import RuleSet
from rules.telling import USUAL, Telling
from rules.wording import catalogue
from rules.wording.said import strung
from rules.wording.words import say

__all__ = ["Coming", "Occasion", "member", "merge_of", "merged", "overtaken", "told"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a merge is decided in: the rules, everybody by id, the install's mode, and when it came and is decided.

    `by` is the person who accepted it, at `said_at`; empty when the policy does it. `previous` is the key of the
    survivor's last decision, "" without one; `cause` tells this time from any other that the same records were to
    become one. `telling` is what the install has chosen of how people are told.
    """

    ruleset: RuleSet
    users: Mapping[str, User]
    mode: Mode
    received_at: datetime
    now: datetime
    by: str = ""
    previous: str = ""
    cause: str = ""
    trace_id: str = ""
    telling: Telling = USUAL
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Coming:
    """That a person whom the CRM knows has come again: whoever owns the survivor is told, with a task due after `due`.

    `owner` is that person, None when nobody is to be told.
    """

    owner: User | None = None
    due: timedelta = timedelta(hours=1)


NOBODY = Coming()


def merged(
    plan: Plan, lead: Record, occasion: Occasion, *, why: Likely, match: Match | None = None, coming: Coming = NOBODY
) -> Decision:
    """Return the decision that carries out a plan. It is about `lead`: the survivor, as it is now.

    `why` is the evidence for the least sure two of them. Raises ValueError for a plan that a person must look at,
    unless one has.
    """
    if plan.blocked and not occasion.by:
        raise ValueError(plan.blocked[0])
    owner = occasion.users.get(plan.owner_id or plan.survivor.owner_id or "")
    language = occasion.telling.language_for(owner.language if owner and not owner.queue else "")
    ids = sorted(record.id for record in plan.records)
    chain = " ".join(("merge", occasion.previous, occasion.cause, occasion.now.isoformat(), *ids))
    with catalogue.speaking(language):
        sentences = preview(plan, occasion.users, occasion.by)
        reason = strung(" ", [*((say("merge.by", by=occasion.by),) if occasion.by else ()), *sentences[:2]])
        told, untold = _telling(plan, coming, occasion)
    return Decision(
        key=merging_key(lead, occasion.ruleset, chain),
        lead=lead,
        mode=occasion.mode,
        outcome="merged",
        duplicate=_verdict(plan, why),
        match=match or Match("none"),
        route=Route("", "merge", owner, reason),
        actions=(*_merging(plan), *told),
        ruleset_version=occasion.ruleset.version,
        received_at=occasion.received_at,
        decided_at=occasion.now,
        trace_id=occasion.trace_id,
        language=language,
        merging=sentences,
        untold=untold,
        label=_label(plan, occasion, why) if occasion.by else None,
    )


def merge_of(plan: Plan) -> Merge:
    """Return what the CRM is to do of a plan. Values are named as of `rules.merging.policy.own_name`."""
    values: dict[str, Value] = {own_name(name): chosen.value for name, chosen in plan.changes.items()}
    is_given = plan.owner_id and plan.owner_id != plan.survivor.owner_id
    return Merge(
        survivor=member(plan.survivor),
        losers=tuple(map(member, plan.losers)),
        values=values,
        converts=plan.converts,
        account_id=plan.convert_to_account,
        owner_id=plan.owner_id or "" if is_given else "",
    )


def member(record: Record) -> Member:
    """Return which record it is."""
    return Member(record.kind, record.id)


def _verdict(plan: Plan, why: Likely) -> Verdict:
    """Return the finding behind a merge: the survivor is the same person as the first of the losers."""
    other = plan.losers[0]
    return Verdict("same", other.kind, other.id, other.owner_id, why.evidence, why.confidence, _sureness(plan, why))


def _sureness(plan: Plan, why: Likely) -> float | None:
    """Return how sure the evidence alone was of two records; of several it says nothing about every two."""
    is_known = len(plan.records) == 2 and (why.evidence or why.log_odds)  # noqa: PLR2004 - a pair
    return why.log_odds if is_known else None


def _label(plan: Plan, occasion: Occasion, why: Likely) -> Label:
    """Return that a person said these are the same."""
    records = tuple(map(member, (plan.survivor, *plan.losers)))
    return Label("same", records, occasion.by, occasion.said_at or occasion.now, _sureness(plan, why))


def told(decision: Decision, plan: Plan, users: Mapping[str, User], *, is_asked: bool) -> Decision:
    """Return a decision about a lead that is not merged now with what would be, or what a person is asked."""
    with catalogue.speaking(decision.language):
        return replace(decision, merging=(say("merge.asked" if is_asked else "merge.would"), *preview(plan, users)))


def overtaken(decision: Decision) -> Decision:
    """Return a merge as it is told when the records were changed before it could be begun: nothing is done."""
    with catalogue.speaking(decision.language):
        route = Route("", "keep", decision.route.assignee, say("merge.overtaken"))
    return replace(decision, outcome="kept", route=route, actions=(), merging=(), untold=())


def _merging(plan: Plan) -> tuple[Action, ...]:
    return (Snapshot(tuple(map(member, plan.records))), merge_of(plan))


def _telling(plan: Plan, coming: Coming, occasion: Occasion) -> tuple[tuple[Action, ...], tuple[str, ...]]:
    """Tell the owner of the survivor that the person has come again; second, why there is no task or notification."""
    owner = coming.owner
    if owner is None or owner.queue or not owner.active:
        return (), ()
    names = Names(plan.records)
    subject = say("merge.again", lead=explain.lead_name(explain.lead_facts(plan.survivor)))[: explain.SUBJECT_LENGTH]
    body = say("merge.again.body", records=names.several(plan.losers))
    ways: tuple[tuple[Action, bool], ...] = (
        (Task(owner.id, subject, body, occasion.now + coming.due), occasion.telling.task),
        (Notify(owner.id, subject, body), occasion.telling.bell != "never"),
    )
    told = tuple(action for action, wanted in ways if wanted)
    return told, tuple(say(f"untold.merge.{action.key}") for action, wanted in ways if not wanted)
