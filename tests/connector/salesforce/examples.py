"""Decisions to perform, as the tests of this folder need them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.work import Work
from rules.model import (
    AUDIT,
    Action,
    Assign,
    AuditEntry,
    Decision,
    Link,
    Match,
    Notify,
    Record,
    Route,
    Stamp,
    Task,
    User,
    Verdict,
)

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LEAD_ID = "00Q000000000001AAA"
ACCOUNT_ID = "001000000000001AAA"
ANA = User("005000000000001AAA", "Ana", "ana@example.com", zone="America/Los_Angeles")


def actions(key: str, owner: User = ANA, account_id: str | None = ACCOUNT_ID) -> tuple[Action, ...]:
    """Everything that can be done about a lead."""
    link = (Link(account_id),) if account_id else ()
    return (
        Assign(owner.id),
        *link,
        Stamp(key, "Enterprise EMEA", 0.98765, NOW),
        Task(owner.id, "Call Bob at Muster", "Bob asked for a demo.", NOW + timedelta(minutes=15)),
        Notify(owner.id, "A lead for you", "Bob at Muster"),
    )


def decision(key: str = "d1", lead_id: str = LEAD_ID, owner: User = ANA, **parts: Any) -> Decision:
    """A decision to give a lead to `owner`."""
    made = Decision(
        key=key,
        lead=Record("lead", lead_id, {}),
        mode="act",
        outcome="assigned",
        duplicate=Verdict("different"),
        match=Match("none"),
        route=Route("Enterprise EMEA", "user", owner, "because"),
        actions=actions(key, owner),
        ruleset_version="v1",
        received_at=NOW,
        decided_at=NOW,
        trace_id="t1",
    )
    return replace(made, **parts)


def entry(made: Decision, **parts: Any) -> AuditEntry:
    """The audit row of a decision."""
    owner = made.route.assignee
    link = next((action for action in made.actions if isinstance(action, Link)), None)
    row = AuditEntry(
        key=made.key,
        title="Bob at Muster",
        lead_id=made.lead.id,
        account_id=link.account_id if link else None,
        assignee_id=owner.id if owner else None,
        previous_owner_id="00G000000000001AAA",
        outcome=made.outcome,
        mode=made.mode,
        rule="Enterprise EMEA",
        reason="because",
        match_status="none",
        confidence=0.98765,
        duplicate_status="different",
        duplicate_of=None,
        story="A lead came in.",
        detail='{"path": []}',
        received_at=NOW,
        decided_at=NOW,
        latency_ms=42,
        ruleset_version="v1",
        trace_id="t1",
    )
    return replace(row, **parts)


def work(
    made: Decision | None = None, *, pending: set[str] | None = None, uncertain: set[str] | None = None, **parts: Any
) -> Work:
    """A decision on its way; everything is pending unless said otherwise."""
    made = made or decision()
    wanted = {action.key for action in made.actions} | {AUDIT} if pending is None else pending
    return Work(made, entry(made, **parts), frozenset(wanted), frozenset(uncertain or ()))
