"""Timers that are due: whoever has acted stops them; else somebody is told, or the rules are asked again.

A timer fires in the transaction that stores what it leads to: a decision to tell somebody (rules.escalate), or a letter
that has the lead decided anew. So it fires once, whenever a worker dies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from connector import telemetry
from connector.errors import Later, Revoked
from connector.store import assignments, decisions, letters, timers
from connector.store.assignments import Ending, holding
from connector.store.decisions import Intent, Stored
from connector.store.leases import LeaseLost
from connector.store.timers import Waiting
from jobs import deeds, responses, routing, rulebook, trail
from jobs.shift import Shift
from rules.escalate import TELLING, escalation
from rules.model import Record

log = structlog.get_logger()

TIMERS_A_ROUND = 100
"""Timers that fire between two rounds of letters: they may be late by seconds, letters may not wait for them."""
PUT_OFF = timedelta(minutes=15)
"""How long a timer waits that could not fire, through a fault of ours or because the CRM refuses to tell who acted."""

_ENDINGS: Mapping[str, tuple[Ending, bool]] = {
    "owner changed": ("replaced", True),
    "gone": ("gone", False),
    "converted": ("converted", False),
}
"""What somebody did with a lead -> how its assignment ends, and whether the turn goes back."""


@dataclass(frozen=True)
class _Case:
    """A timer that is due, the decision that set it (None: forgotten), and the lead as it is now (None: gone)."""

    timer: Waiting
    stored: Stored | None
    lead: Record | None


def fire(shift: Shift) -> tuple[bool, list[Stored]]:
    """Fire what is due; return whether anything was, and the decisions to tell somebody, to be performed.

    One timer per lead at a time. Raises Later, Revoked, LeaseLost.
    """
    with shift.read() as connection:
        due = timers.due(connection, shift.install.id, now=shift.tools.clock(), limit=TIMERS_A_ROUND)
    first: dict[str, Waiting] = {}
    for one in due:
        first.setdefault(one.lead_id, one)
    return bool(due), _guarded(shift, list(first.values()))


def _guarded(shift: Shift, due: Sequence[Waiting]) -> list[Stored]:
    """Fire timers; a fault is narrowed down to the timer that causes it, which is put off."""
    if not due:
        return []
    try:
        return _fire(shift, due)
    except (Later, Revoked, LeaseLost):
        raise
    except Exception as error:
        if len(due) > 1:
            log.warning("timers failed, trying one by one", install=shift.install.id, error=type(error).__name__)
            return [each for one in due for each in _guarded(shift, [one])]
        log.exception("timer failed", install=shift.install.id, decision=due[0].decision_key, step=due[0].step)
        telemetry.report(error)
        now = shift.tools.clock()
        with shift.write() as connection:
            timers.delay(connection, shift.install.id, due[0], until=now + PUT_OFF, now=now)
        return []


def _fire(shift: Shift, due: Sequence[Waiting]) -> list[Stored]:
    install_id, now = shift.install.id, shift.tools.clock()
    with shift.read() as connection:
        known = decisions.by_keys(connection, install_id, shift.seal, list({one.decision_key for one in due}))
    due = _in_their_mode(shift, due, known, now)
    if not due:
        return []
    leads = shift.crm.read("lead", [one.lead_id for one in due])
    cases = [_Case(one, known.get(one.decision_key), leads.get(one.lead_id)) for one in due]
    over = {case.timer.lead_id: reason for case in cases if (reason := _over(case, shift.install.mode))}
    asked = [case for case in cases if case.timer.lead_id not in over and case.timer.kind != "ask"]
    left = {
        case.timer.lead_id: deeds.since_noted(shift.seal, deeds.deed(case.stored), case.timer, case.lead)
        for case in asked
        if case.stored is not None and case.lead is not None
    }
    acts = shift.crm.acted(left) if left else {}
    over |= {lead_id: acted.act for lead_id, acted in acts.items()}
    users, chosen = {user.id: user for user in rulebook.directory(shift)}, rulebook.telling(shift)
    told: list[Intent] = []
    with shift.write() as connection:
        for case in cases:
            lead_id = case.timer.lead_id
            if lead_id in acts and case.stored is not None:
                responses.note(connection, shift, case.stored, acts[lead_id], now=now)
            if lead_id in over:
                _stop(connection, shift, case, over[lead_id], now)
            elif timers.fire(connection, install_id, case.timer, now=now):
                if case.timer.kind not in TELLING:
                    _ask(connection, shift, case, now)
                elif case.stored is not None and case.lead is not None:
                    decision = replace(case.stored.decision, lead=case.lead)
                    made = escalation(decision, case.timer.step, users, now, telling=chosen)
                    told.append(Intent(made, (), case.stored.trace, part_of=decision.key))
        decisions.intend(connection, install_id, shift.seal, told, now=now)
    log.info("timers", install=install_id, due=len(due), over=len(over), told=len(told))
    with shift.read() as connection:
        keys = [intent.decision.key for intent in told]
        stored = decisions.by_keys(connection, install_id, shift.seal, keys)
    return [each for each in stored.values() if each.state == "intended"]


def _in_their_mode(
    shift: Shift, due: Sequence[Waiting], known: Mapping[str, Stored], now: datetime
) -> Sequence[Waiting]:
    """Put off those that are from before our database was lost, until an admin has chosen their mode again."""
    held = [
        one
        for one in due
        if one.reason == timers.BROUGHT_BACK
        and (stored := known.get(one.decision_key)) is not None
        and stored.decision.mode != shift.install.mode
    ]
    if held:
        with shift.write() as connection:
            for one in held:
                timers.delay(connection, shift.install.id, one, until=now + PUT_OFF, now=now)
    # The reason of one that counts is the note of an act (jobs/deeds.py).
    return [replace(one, reason="") if one.reason == timers.BROUGHT_BACK else one for one in due if one not in held]


def _over(case: _Case, mode: str) -> str:
    """Return why a timer counts no more, as far as that is known without asking who has acted; "" when it counts."""
    if case.lead is None:
        return "gone"
    if case.lead.fields.get("converted"):
        return "converted"
    if case.timer.kind == "ask":
        return ""
    if case.stored is None:
        return "forgotten"
    if case.stored.decision.mode != mode:
        return "mode changed"
    owner = case.stored.ledger.get("assign")
    return "refused by the CRM" if owner is not None and owner.state == "refused" else ""


def _stop(connection: Connection, shift: Shift, case: _Case, reason: str, now: datetime) -> None:
    """Stop all that waits for a lead; if it is with somebody else now, or gone, its assignment ends too.

    Whoever has worked on it is not idle: that is asked again after as long as the rule says, from now on.
    """
    install_id, lead_id = shift.install.id, case.timer.lead_id
    if reason in deeds.WORKED:
        timers.stop(connection, install_id, [lead_id], reason, now=now, spare="idle")
        _idle_anew(connection, shift, case, reason, now)
        return
    timers.stop(connection, install_id, [lead_id], reason, now=now)
    if reason not in _ENDINGS or shift.install.mode != "act":
        return
    ending, gives_back = _ENDINGS[reason]
    if held := _held(connection, shift, lead_id):
        assignments.end(connection, install_id, held, ending, now=now, gives_back=gives_back)


def _idle_anew(connection: Connection, shift: Shift, case: _Case, act: str, now: datetime) -> None:
    """Have the idle timers of a decision begin anew, as somebody has acted."""
    if case.stored is None or case.lead is None:
        return
    every = trail.idle_after(case.stored.decision)
    for one in timers.of_lead(connection, shift.install.id, case.timer.lead_id):
        if every and (one.state, one.kind, one.decision_key) == ("waiting", "idle", case.timer.decision_key):
            note = deeds.noted(shift.seal, act, one, case.lead)
            timers.delay(connection, shift.install.id, one, until=now + every, now=now, reason=note)


def _ask(connection: Connection, shift: Shift, case: _Case, now: datetime) -> None:
    """Have the lead decided anew; by an escalation without whoever has it (see jobs/lapse.py)."""
    install_id, timer = shift.install.id, case.timer
    letters.receive(connection, install_id, [routing.of_timer(timer, now=now)], now=now)
    if timer.kind == "idle" and case.stored is not None:
        timers.add(connection, install_id, trail.idle_again(case.stored.decision, timer, now), now=now)


def _held(connection: Connection, shift: Shift, lead_id: str) -> str:
    """Return the key of the decision by which somebody has the lead; "" when nobody does by us."""
    rows = assignments.of_leads(connection, shift.install.id, [lead_id], mode=shift.install.mode)
    held = holding(rows.get(lead_id, []))
    return held.decision_key if held else ""
