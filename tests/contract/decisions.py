"""Decisions to perform, and performing them the way the drain does: step by step, stopping where the CRM refused."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connector.crm import Crm
from connector.work import Effect, Work
from rules import audit
from rules.model import (
    AUDIT,
    Action,
    Assign,
    Candidate,
    Decision,
    Link,
    Match,
    Notify,
    Outcome,
    Record,
    Route,
    Stamp,
    Task,
    User,
    Verdict,
)

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DONE = frozenset({"done", "already"})
Effects = dict[tuple[str, str], Effect]


def decision(lead_id: str, owner: User, *, account_id: str = "", at: datetime = NOW) -> Decision:
    """Decide to give a lead to `owner`, with everything that can be done about it."""
    key = f"{lead_id}-{secrets.token_hex(6)}"
    account = Candidate(account_id, "Muster", owner.id, 0.97) if account_id else None
    link: tuple[Action, ...] = (Link(account_id),) if account_id else ()
    telling = (Task(owner.id, "Call Kim", "Kim asked for a demo.", at + timedelta(minutes=30)),)
    bell = (Notify(owner.id, "A lead for you", "Kim of Muster"),)
    return Decision(
        key=key,
        lead=Record("lead", lead_id, {"last_name": "Geheim", "email": "kim@geheim.example"}),
        mode="act",
        outcome="assigned",
        duplicate=Verdict("different"),
        match=Match("matched", account) if account else Match("none"),
        route=Route("Everyone", "user", owner, "The first who is free"),
        actions=(*link, Assign(owner.id), Stamp(key, "Everyone", 0.97, at), *telling, *bell),
        ruleset_version="v1",
        received_at=at,
        decided_at=at,
        trace_id="t1",
    )


def ignored(lead_id: str, outcome: Outcome = "ignored") -> Decision:
    """Decide to do nothing about a lead that is not there."""
    route = Route("", "", None, "The lead was deleted before it was read.")
    made = decision(lead_id, User("", ""))
    return replace(made, lead=Record("lead", lead_id, {}), outcome=outcome, actions=(), route=route)


def work(made: Decision, pending: Collection[str] | None = None, uncertain: Collection[str] = ()) -> Work:
    """Put a decision on its way; everything is pending unless said otherwise."""
    wanted = {action.key for action in made.actions} | {AUDIT} if pending is None else pending
    return Work(made, audit.entry(made), frozenset(wanted), frozenset(uncertain))


def apply(crm: Crm, step: str, some: Sequence[Work]) -> Effects:
    """Apply one step: every pending action of it gets exactly one effect, and nothing else does."""
    actions = next(each.actions for each in crm.steps if each.name == step)
    found = crm.apply(step, some)
    told = sorted((each.decision_key, each.action) for each in found)
    assert told == sorted((each.decision.key, action) for each in some for action in each.pending & actions)
    return {(each.decision_key, each.action): each for each in found}


def perform(crm: Crm, *some: Work) -> Effects:
    """Perform decisions; what follows a refusal is left out, but for the audit, which tells of it."""
    found: Effects = {}
    for step in crm.steps:
        going = [each for each in some if not refused(found, each) and each.pending & step.actions]
        found |= apply(crm, step.name, going) if going else {}
    untold = [each for each in some if refused(found, each) and AUDIT in each.pending and not told(found, each)]
    if untold:
        (step,) = [each for each in crm.steps if AUDIT in each.actions]
        only = [work(replace(each.decision, outcome="refused"), {AUDIT}, each.uncertain & {AUDIT}) for each in untold]
        found |= apply(crm, step.name, only)
    return found


def refused(found: Effects, each: Work) -> str:
    """Return why the CRM refused part of a decision; empty when it did not."""
    mine = [effect for (key, action), effect in found.items() if key == each.decision.key and action != AUDIT]
    return next((effect.detail or "refused" for effect in mine if effect.status == "refused"), "")


def told(found: Effects, each: Work) -> bool:
    """Whether the audit of a decision is written."""
    effect = found.get((each.decision.key, AUDIT))
    return effect is not None and effect.status in DONE


def statuses(found: Effects, made: Decision) -> dict[str, str]:
    """Return the status of each action of a decision."""
    return {action: effect.status for (key, action), effect in found.items() if key == made.key}
