"""Reconcile: when events were lost, read again what changed since the last moment we are sure of."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import structlog

from connector.store import cursors, progress
from jobs import backfill, rulebook
from jobs.shift import Shift
from rules.model import Kind

log = structlog.get_logger()

COMPARED = "compared"
"""The cursor that says when the last comparison began."""
OVERLAP = timedelta(minutes=10)
"""Read this much further back: CRM clocks, long transactions and index lag; what is known already is ignored."""


def start(shift: Shift, kind: Kind, *, since: datetime) -> None:
    """Ask for a reconcile of one kind; rules and users are simply read again."""
    log.info("reconcile", install=shift.install.id, kind=kind, since=since.isoformat())
    if kind == "rule":
        rulebook.refresh(shift)
        return
    if kind == "user":
        rulebook.forget_directory(shift)
        return
    if kind not in backfill.KINDS:
        return
    name, now = backfill.name(kind, work="reconcile"), shift.tools.clock()
    with shift.write() as connection:
        known = {each.name: each for each in progress.of(connection, shift.install.id)}
        running = _unfinished(known.get(name))
        since = since - OVERLAP
        if running is not None and running <= since:
            # It reads in the order of change, so it will come to whatever the new request is about.
            return
        progress.start(connection, shift.install.id, name, now=now)
        after = json.dumps({"since": since.isoformat(), "after": None})
        progress.move(connection, shift.install.id, name, now=now, after=after)


def if_due(shift: Shift) -> None:
    """Where lost events cannot be asked for again (HubSpot), compare what changed every RECONCILE_SECONDS."""
    if "replay" in shift.crm.can:
        return
    if shift.tools.clock() - _whole_since(shift) >= timedelta(seconds=shift.tools.settings.reconcile_seconds):
        since_last(shift)


def since_last(shift: Shift) -> None:
    """Compare everything that changed since the last comparison began; it survives a restart as a row of progress."""
    since, now = _whole_since(shift), shift.tools.clock()
    for kind in backfill.KINDS:
        start(shift, kind, since=since)
    with shift.write() as connection:
        cursors.put(connection, shift.install.id, COMPARED, b"-", now)


def _whole_since(shift: Shift) -> datetime:
    """Return when the last comparison began; before the first one, when the install was made."""
    with shift.read() as connection:
        found = cursors.get(connection, shift.install.id, COMPARED)
    return found[1] if found else shift.install.created_at


def _unfinished(work: progress.Progress | None) -> datetime | None:
    """Return the moment from which a reconcile that is still under way reads."""
    if work is None or work.state not in {"waiting", "running"} or not work.after:
        return None
    return datetime.fromisoformat(json.loads(work.after)["since"])
