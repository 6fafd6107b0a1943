"""Merges that could not be begun at once: what they were planned by may have changed, so their leads are asked anew.

A merge that was begun is finished as it was planned, or told as it is, whatever has changed: half of it may be done.
"""

from __future__ import annotations

from dataclasses import replace

import structlog

from connector.store import letters, merges, unfinished
from connector.store.decisions import Stored
from jobs.merge import MERGE
from jobs.shift import Shift
from rules.actions import Merge
from rules.merging import course
from rules.model import Event

log = structlog.get_logger()


def is_begun(stored: Stored) -> bool:
    """Tell whether a merge may have been done, or half of it."""
    return Merge.key in stored.ledger


def given_up(shift: Shift, late: list[Stored]) -> list[Stored]:
    """Return merges that came too late as audits that say so; their leads get letters in the same transaction."""
    now, install_id = shift.tools.clock(), shift.install.id
    left = [replace(each, decision=course.overtaken(each.decision)) for each in late]
    with shift.write() as connection:
        for before, after in zip(late, left, strict=True):
            unfinished.amend(connection, install_id, shift.seal, after.decision)
            leads = [each.id for each in merges.members(before.decision) if each.kind == "lead"]
            asked = [Event(f"{MERGE}{before.decision.key}:{each}", "lead", each, "resync", now) for each in leads]
            received = before.decision.received_at
            letters.receive(connection, install_id, asked, now=received, trace=before.trace)
    for each in late:
        log.info("overtaken", install=install_id, decision=each.decision.key)
    return left
