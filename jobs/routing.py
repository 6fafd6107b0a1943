"""Asking the rules again about a lead although nothing about it changed: a timer is due, or somebody rejects it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from connector.store import assignments, letters
from connector.store.assignments import holding
from connector.store.letters import Letter
from connector.store.timers import Waiting
from rules.model import Decision, Event, Mode

log = structlog.get_logger()

TIMER, REJECT, AWAITED = "timer:", "reject:", "awaited:"
"""What the keys begin with of events that only we post. CRMs' own begin otherwise (see the adapters' events)."""
IDLE = f"{TIMER}idle:"
LEAVING = frozenset({"reassign", "return"})
"""Timers that take the lead from whoever has it."""


def of_timer(timer: Waiting, *, now: datetime) -> Event:
    """Return the event that a timer has fired which asks the rules again: one key per timer."""
    key = f"{TIMER}{timer.kind}:{timer.decision_key}:{timer.step}"
    return Event(key, "lead", timer.lead_id, "resync", now)


def lapsed(event: Event) -> str:
    """Return the key of the decision by whose timer whoever has the lead is to lose it; "" for any other event."""
    if not event.key.startswith(TIMER):
        return ""
    kind, _, rest = event.key.removeprefix(TIMER).partition(":")
    return rest.rpartition(":")[0] if kind in LEAVING else ""


def awaited(lead_id: str, *, now: datetime) -> Event:
    """Return the event that what a lead waits for may have come: one key per lead, as long as its letter waits."""
    return Event(f"{AWAITED}{lead_id}", "lead", lead_id, "resync", now)


def is_due(pile: Sequence[Letter], last: Decision | None) -> bool:
    """Whether the lead is to be routed anew, not only to be matched again."""
    if last is not None and last.outcome == "waiting":
        return True
    return any(each.event.key.startswith((TIMER, REJECT)) for each in pile)


def is_idle(pile: Sequence[Letter]) -> bool:
    """Whether a lead's letters ask only because nobody has worked on it: then no news is worth no audit."""
    asked = [each.event.key for each in pile if each.event.change == "resync"]
    return bool(asked) and all(key.startswith(IDLE) for key in asked)


def waits_on(decision: Decision, last: Decision) -> bool:
    """Whether a lead goes on waiting for what it waited for: by the same rule, for the same target."""
    if (decision.outcome, last.outcome) != ("waiting", "waiting") or decision.mode != last.mode:
        return False
    return (decision.route.rule, decision.route.target) == (last.route.rule, last.route.target)


def reject(connection: Connection, install_id: str, lead_id: str, *, by: str, mode: Mode, now: datetime) -> bool:
    """Somebody does not take the lead they were given (`by`, a user id): it is routed anew, and not to them again.

    Their turn of the pool goes back. False when nobody has the lead by us, or it is somebody else's. Any process may
    call it; ring for the install after the transaction.
    """
    rows = assignments.of_leads(connection, install_id, [lead_id], mode=mode).get(lead_id, [])
    held = holding(rows)
    if held is None or held.user_id != by:
        return False
    assignments.end(connection, install_id, held.decision_key, "rejected", now=now, gives_back=True)
    event = Event(f"{REJECT}{held.decision_key}", "lead", lead_id, "resync", now)
    letters.receive(connection, install_id, [event], now=now)
    log.info("rejected", install=install_id, decision=held.decision_key)
    return True
