"""Reconcile: when events were lost, read again what changed since the last moment we are sure of."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import structlog

from connector.store import progress
from jobs import backfill, rulebook
from jobs.shift import Shift
from rules.model import Kind

log = structlog.get_logger()

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


def _unfinished(work: progress.Progress | None) -> datetime | None:
    """Return the moment from which a reconcile that is still under way reads."""
    if work is None or work.state not in {"waiting", "running"} or not work.after:
        return None
    return datetime.fromisoformat(json.loads(work.after)["since"])
