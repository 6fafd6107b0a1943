"""Reconcile: when events were lost, read again what changed since the last moment we are sure of."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

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
    """Ask for a comparison from a moment on. One that has begun to read is finished first, and then made again.

    What it has read already may have changed since; and HubSpot's is not in the order of change.
    """
    install_id, now = shift.install.id, shift.tools.clock()
    known = {each.name: each for each in progress.of(connection, install_id)}
    place = _place(known.get(name))
    begun = place is not None and (place.get("after") is not None or place.get("gone"))
    if place is not None and begun:
        place["again"] = min(since.isoformat(), place.get("again", since.isoformat()))
    else:
        if place is not None:
            since = min(since, datetime.fromisoformat(place["since"]))
        place = {"since": since.isoformat(), "after": None}
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


def _place(work: progress.Progress | None) -> dict[str, Any] | None:
    """Return where a reconcile stands that is asked for or under way."""
    if work is None or work.state not in {"waiting", "running"} or not work.after:
        return None
    found: dict[str, Any] = json.loads(work.after)
    return found
