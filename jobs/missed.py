"""Leads that came after a database was lost and before the CRM was connected again: nobody was asked about them.

They are older than the new connection, so they are left alone (docs/decisions/0004-who-is-left-alone.md): people may
have shared them out by hand meanwhile. The first reading counts them, and the admin is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from connector.store import notes, progress
from jobs.shift import Shift
from rules.clauses import compare
from rules.model import Record
from rules.wording.words import english

log = structlog.get_logger()

RECALL = "recall"
"""The row of progress of what was brought back (jobs/recall.py): what is missed is told there."""


def remember(connection: Connection, install_id: str, last: datetime, *, now: datetime) -> None:
    """Note when the last decision was made that some audits tell of."""
    known = notes.of(connection, install_id).get(notes.LAST_DECISION, "")
    if not known or datetime.fromisoformat(known) < last:
        notes.put(connection, install_id, notes.LAST_DECISION, last.isoformat(), now=now)


def count(connection: Connection, shift: Shift, leads: Sequence[Record], *, first: bool, last: bool) -> None:
    """Count those of a page of all leads, the `first`, or the `last` after which it is told; nothing without a recall.

    Part of the transaction that notes how far the reading is.
    """
    install_id, now = shift.install.id, shift.tools.clock()
    noted = notes.of(connection, install_id)
    if notes.LAST_DECISION not in noted:
        return
    since, until = datetime.fromisoformat(noted[notes.LAST_DECISION]), shift.install.leads_since
    before = 0 if first else int(noted.get(notes.MISSED_LEADS, "0"))
    found = before + sum(_is_missed(each, since, until) for each in leads)
    notes.put(connection, install_id, notes.MISSED_LEADS, str(found), now=now)
    if not last:
        return
    for name in (notes.LAST_DECISION, notes.MISSED_LEADS):
        notes.drop(connection, install_id, name)
    recalled = next((each for each in progress.of(connection, install_id) if each.name == RECALL), None)
    if found and recalled is not None:
        told = {"since": compare.shown(since), "until": compare.shown(until)}
        reason = english("work.missed", decisions=f"{recalled.done:,}", count=f"{found:,}", **told)
        progress.move(connection, install_id, RECALL, now=now, reason=reason)
        notes.put(connection, install_id, notes.MISSED_TOLD, reason, now=now)
    log.info("leads came while nothing was connected", install=install_id, leads=found)


def _is_missed(lead: Record, since: datetime, until: datetime) -> bool:
    is_open = not lead.text("decision") and not lead.fields.get("converted")
    return is_open and lead.created_at is not None and since < lead.created_at < until
