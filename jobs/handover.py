"""Whoever loses a lead by a decision has our open tasks about it taken back, by that same decision.

Found when it is decided, and part of it from then on: a worker that dies repeats nothing. A batch in which nobody loses
a lead that we gave them to do something about makes no call for this; others make one, however many leads they have.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import structlog

from connector.errors import Refused
from connector.store import histories, unfinished
from connector.store.decisions import Intent, Stored
from connector.store.histories import History
from connector.store.ledger import FINAL
from connector.work import Made
from jobs.shift import Shift
from jobs.takeback import DONE, task_ref
from rules import handover
from rules.actions import TaskState, Withdraw
from rules.model import Decision

log = structlog.get_logger()


def with_tasks(shift: Shift, intents: Sequence[Intent], decided: Collection[str]) -> list[Intent]:
    """Return the intents, those that take a lead from somebody with the open tasks that go with it.

    `decided` are the leads about which something was decided before. Raises Later or Revoked.
    """
    found = _tasks(shift, [each.decision for each in intents if each.decision.lead.id in decided])
    if not found:
        return list(intents)
    taken = {key: [ref for ref, state in tasks.items() if state == "open"] for key, tasks in found.items()}
    return [
        replace(each, decision=handover.taking_back(each.decision, taken[each.decision.key]))
        if taken.get(each.decision.key)
        else each
        for each in intents
    ]


def renewed(shift: Shift, stored: list[Stored]) -> list[Stored]:
    """Return decisions that were interrupted, without the tasks that somebody has finished or changed meanwhile.

    What is gone may have been taken back by the attempt before: that is done once more, and told. Raises as above.
    """
    open_ones = [each for each in stored if each.decision.outcome != "undone" and _is_open(each)]
    if not open_ones:
        return stored
    found = _tasks(shift, [each.decision for each in open_ones])
    new: dict[str, Stored] = {}
    for each in open_ones:
        states = found.get(each.decision.key, {})
        kept = [ref for ref in _planned(each.decision) if states.get(ref) in {"open", "gone"}]
        new[each.decision.key] = replace(each, decision=handover.taking_back(each.decision, kept))
    changed = [each for each in open_ones if new[each.decision.key].decision != each.decision]
    if changed:
        with shift.write() as connection:
            for each in changed:
                unfinished.amend(connection, shift.install.id, shift.seal, new[each.decision.key].decision)
    for each in changed:
        log.info("tasks stay with who lost the lead", install=shift.install.id, decision=each.decision.key)
    return [new.get(each.decision.key, each) for each in stored]


def _tasks(shift: Shift, made: Sequence[Decision]) -> dict[str, Mapping[str, TaskState]]:
    """Return what has become of the tasks that whoever loses a lead had of us about it: by decision, by task."""
    losers = {each.lead.id: (each.key, who) for each in made if (who := handover.loser(each))}
    if not losers:
        return {}
    with shift.read() as connection:
        known = histories.of_leads(connection, shift.install.id, shift.seal, list(losers))
    piles = {key: _given(shift, known[lead_id], who) for lead_id, (key, who) in losers.items()}
    asked = [one for pile in piles.values() for one in pile]
    if not asked:
        return {}
    try:
        now = shift.crm.tasks_now(asked)
    except Refused as error:
        # No lead stays where it is because the CRM does not show us tasks.
        log.warning("tasks not read", install=shift.install.id, reason=str(error))
        return {}
    states = {one.decision.key: now[one.decision.key] for one in asked}
    return {
        key: {one.ref or states[one.decision.key].ref: states[one.decision.key].state for one in pile}
        for key, pile in piles.items()
    }


def _given(shift: Shift, history: History, user_id: str) -> list[Made]:
    """Return the decisions and reminders that gave a user something to do about a lead, but for what went back."""
    every = [*history.decisions, *(one for pile in history.reminders.values() for one in pile)]
    gone = {ref for one in every if _has_taken_back(one) for ref in _planned(one.decision)}
    given = [(one, task_ref(one, shift.crm)) for one in every if handover.is_for(one.decision, user_id)]
    return [Made(one.decision, ref) for one, ref in given if ref is not None and ref not in gone]


def _has_taken_back(stored: Stored) -> bool:
    entry = stored.ledger.get(Withdraw.key)
    return entry is not None and entry.state in DONE


def _is_open(stored: Stored) -> bool:
    """Whether a decision is still to take tasks back."""
    entry = stored.ledger.get(Withdraw.key)
    return bool(_planned(stored.decision)) and (entry is None or entry.state not in FINAL)


def _planned(decision: Decision) -> tuple[str, ...]:
    return next((each.tasks for each in decision.actions if isinstance(each, Withdraw)), ())
