"""Decisions that waited long before they could be performed: what happened since goes first.

A retry by a click, a CRM that was away for hours, a grant withdrawn for days: meanwhile a person may have given
the lead to somebody, or a newer decision may have been made. Then the old one only leaves its audit. So does one that
would tell somebody of a lead that they have worked on since, and one of a mode that allows more than the mode now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from connector.store import assignments, decisions, unfinished
from connector.store.decisions import Stored
from connector.store.ledger import FINAL
from connector.work import CHANGED
from jobs import deeds, handover, merge_late, replan
from jobs.shift import Shift
from rules import undo
from rules.actions import Answer
from rules.decide import is_merging
from rules.labels import is_label
from rules.model import Assign, Mode, Record
from rules.wording.words import english

log = structlog.get_logger()

FRESH = timedelta(minutes=5)
"""Younger decisions are performed as they are: retries after a lock or a rate limit. The CRM says it when the lead was
changed after we had read it."""
MODES: tuple[Mode, ...] = ("observe", "suggest", "act")
"""The modes, those first that allow less."""
MODE_CHANGED = english("overtaken.mode")
ACTED = english("overtaken.acted")


def freshened(shift: Shift, stored: list[Stored]) -> list[Stored]:
    """Return the decisions with those that were overtaken reduced to their audit; one batch read for the old ones.

    An undo is planned anew however young it is: it overwrites what a person did, so it must know of it.
    """
    now = shift.tools.clock()
    if merging := [each for each in stored if is_merging(each.decision.key) and each.decision.outcome != "undone"]:
        others = [each for each in stored if each not in merging]
        late = [each for each in merging if _is_late(shift, each)]
        on_time = [each for each in merging if each not in late]
        given_up = merge_late.given_up(shift, late) if late else []
        return [*(freshened(shift, others) if others else ()), *on_time, *given_up]
    stored = handover.renewed(shift, _of_this_mode(shift, replan.renewed(shift, stored)))
    old = [
        each for each in stored if (now - each.created_at > FRESH or each.reason == CHANGED) and not _never_late(each)
    ]
    if not old:
        return stored
    leads = shift.crm.read("lead", [each.decision.lead.id for each in old])
    with shift.read() as connection:
        newer = unfinished.superseded(connection, shift.install.id, [each.decision.key for each in old])
    overtaken = {
        each.decision.key
        for each in old
        if each.decision.key in newer or _given_away(each, leads.get(each.decision.lead.id))
    }
    told = _told_too_late(shift, [each for each in old if each.part_of and each.decision.key not in overtaken])
    for key in overtaken | told:
        log.info("overtaken", install=shift.install.id, decision=key)
    stored = [_only_audit(each) if each.decision.key in overtaken else each for each in stored]
    return [_without(each, ACTED) if each.decision.key in told else each for each in stored]


def revive(shift: Shift, lead_ids: Sequence[str]) -> None:
    """Have what the CRM refused of these leads tried again: they were deleted, and are restored."""
    if lead_ids:
        with shift.write() as connection:
            unfinished.retry_parked(connection, shift.install.id, now=shift.tools.clock(), leads=lead_ids)


def _never_late(stored: Stored) -> bool:
    """Whether nothing overtakes a decision: an undo is planned anew, and what a person said was said."""
    return stored.decision.outcome == "undone" or is_label(stored.decision.key)


def _is_late(shift: Shift, merge: Stored) -> bool:
    """Whether a merge must not be begun any more by its plan: it is old, a record was changed, or the mode was."""
    if merge.decision.outcome != "merged" or merge_late.is_begun(merge):
        return False
    is_old = shift.tools.clock() - merge.created_at > FRESH or merge.reason == CHANGED
    return is_old or MODES.index(merge.decision.mode) > MODES.index(shift.install.mode)


def _told_too_late(shift: Shift, stored: list[Stored]) -> set[str]:
    """Return the keys of those that tell somebody of a lead with which something was done since; one question."""
    if not any(each.decision.actions for each in stored):
        return set()
    with shift.read() as connection:
        keys = [each.part_of for each in stored]
        known = decisions.by_keys(connection, shift.install.id, shift.seal, keys)
    acts = deeds.acted(shift, {each.decision.lead.id: known[each.part_of] for each in stored if each.part_of in known})
    return {each.decision.key for each in stored if each.decision.lead.id in acts}


def _of_this_mode(shift: Shift, stored: list[Stored]) -> list[Stored]:
    """Return the decisions with those of a mode that allows more than the mode now reduced to what was done of them.

    What they were to give was never given, so the next decision must not go by it. An undo was asked for by a person.
    """
    allowed = MODES.index(shift.install.mode)
    above = [
        each
        for each in stored
        if MODES.index(each.decision.mode) > allowed and each.decision.outcome != "undone" and each.decision.actions
    ]
    if not above:
        return stored
    reduced = {each.decision.key: _without(each, MODE_CHANGED) for each in above}
    with shift.write() as connection:
        for key, each in reduced.items():
            decision = each.decision
            unfinished.amend(connection, shift.install.id, shift.seal, decision)
            if decision.route.assignee is None and not each.part_of:
                now = shift.tools.clock()
                assignments.end(connection, shift.install.id, key, "replaced", now=now, gives_back=True)
    for key in reduced:
        log.info("mode changed", install=shift.install.id, decision=key)
    return [reduced.get(each.decision.key, each) for each in stored]


def _without(stored: Stored, reason: str) -> Stored:
    """Return a decision without what has not been done of it, and why; one to wait still waits."""
    decision = stored.decision
    tried = {name for name, entry in stored.ledger.items() if entry.state in FINAL and entry.state != "refused"}
    done = tuple(
        Answer(reason) if isinstance(each, Answer) and each.key not in tried else each
        for each in decision.actions
        if each.key in tried or isinstance(each, Answer)
    )
    if decision.outcome == "waiting" or any(isinstance(each, Assign) for each in done):
        return replace(stored, decision=replace(decision, actions=done))
    taker = decision.route.assignee if stored.part_of else None
    route = replace(decision.route, assignee=taker, reason=reason)
    return replace(stored, decision=replace(decision, outcome="kept", route=route, actions=done, timers=()))


def _given_away(stored: Stored, lead: Record | None) -> bool:
    """Whether somebody else than this decision has changed the owner since the lead was read."""
    if lead is None:
        return False
    before = stored.decision.lead
    return lead.owner_id not in {before.owner_id, undo.with_actions(before, stored.decision.actions).owner_id}


def _only_audit(stored: Stored) -> Stored:
    answers = tuple(Answer(f"{CHANGED}.") for each in stored.decision.actions if isinstance(each, Answer))
    return replace(stored, decision=replace(stored.decision, outcome="kept", actions=answers))
