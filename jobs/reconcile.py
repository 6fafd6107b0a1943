"""Reconcile: when events were lost, read again what changed since the last moment we are sure of."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from connector.store import cursors, progress
from jobs import backfill, rulebook
from jobs.shift import Shift
from rules.model import Kind

log = structlog.get_logger()

COMPARED = "compared"
"""The cursor that says when the last comparison began."""
OVERLAP = timedelta(minutes=10)
"""Read this much further back: CRM clocks, long transactions and index lag; what is known already is ignored."""


def start(shift: Shift, kind: Kind, *, since: datetime, whole: bool = False) -> None:
    """Ask for a reconcile of one kind; rules and users are simply read again.

    `whole`: values of every record changed without a change of the records (a field was converted to another type).
    """
    log.info("reconcile", install=shift.install.id, kind=kind, since=since.isoformat(), whole=whole)
    if kind == "rule":
        rulebook.refresh(shift)
        return
    if kind == "user":
        rulebook.forget_directory(shift)
        return
    if kind not in backfill.KINDS:
        return
    with shift.write() as connection:
        if whole:
            progress.start(connection, shift.install.id, backfill.name(kind), now=shift.tools.clock())
        _ask(connection, shift, backfill.name(kind, work="reconcile"), since - OVERLAP)


def _ask(connection: Connection, shift: Shift, name: str, since: datetime) -> None:
    """Ask for a comparison from a moment on. One under way is finished first, and then made again.

    What it has read already may have changed since; and HubSpot's is not in the order of change.
    """
    install_id, now, moment = shift.install.id, shift.tools.clock(), since.isoformat()
    work = next((each for each in progress.of(connection, install_id) if each.name == name), None)
    state, place = (work.state, json.loads(work.after or "null")) if work is not None else ("done", None)
    if state == "running" and place is not None:
        place["again"] = min(moment, place.get("again", moment))
    else:
        place = backfill.comparison(min(moment, place["since"]) if state == "waiting" and place else moment)
        progress.start(connection, install_id, name, now=now)
    progress.move(connection, install_id, name, now=now, after=json.dumps(place))


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
