"""Decisions that waited long before they could be performed: what happened since goes first.

A retry by a click, a CRM that was away for hours, a grant withdrawn for days: meanwhile a person may have given
the lead to somebody, or a newer decision may have been made. Then the old one only leaves its audit.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import structlog

from connector.store import decisions
from connector.store.decisions import Stored
from jobs.shift import Shift
from rules import undo
from rules.model import Record

log = structlog.get_logger()

FRESH = timedelta(minutes=5)
"""Younger decisions are performed as they are: retries after a lock or a rate limit."""


def freshened(shift: Shift, stored: list[Stored]) -> list[Stored]:
    """Return the decisions with those that were overtaken reduced to their audit; one batch read for the old ones."""
    now = shift.tools.clock()
    old = [each for each in stored if now - each.created_at > FRESH]
    if not old:
        return stored
    leads = shift.crm.read("lead", [each.decision.lead.id for each in old])
    with shift.read() as connection:
        newer = decisions.superseded(connection, shift.install.id, [each.decision.key for each in old])
    overtaken = {
        each.decision.key
        for each in old
        if each.decision.key in newer or _given_away(each, leads.get(each.decision.lead.id))
    }
    for key in overtaken:
        log.info("overtaken", install=shift.install.id, decision=key)
    return [_only_audit(each) if each.decision.key in overtaken else each for each in stored]


def _given_away(stored: Stored, lead: Record | None) -> bool:
    """Whether somebody else than this decision has changed the owner since the lead was read."""
    if lead is None:
        return False
    before = stored.decision.lead
    return lead.owner_id not in {before.owner_id, undo.with_actions(before, stored.decision.actions).owner_id}


def _only_audit(stored: Stored) -> Stored:
    if stored.decision.outcome == "undone":
        return replace(stored, decision=undo.overtaken(stored.decision))
    return replace(stored, decision=replace(stored.decision, outcome="kept", actions=()))
