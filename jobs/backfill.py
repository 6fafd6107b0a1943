"""Filling the index: one page of a scan at a time, between letters, with progress that survives a restart.

The same pages serve the first backfill (every record) and a reconcile (records changed since a moment); where to go on
is kept as JSON in the progress row.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import cast

import structlog

from connector.index import Index
from connector.store import letters, progress
from connector.store.progress import Progress
from jobs import rulebook
from jobs.shift import Shift
from rules.model import Event, Kind, Record

log = structlog.get_logger()

KINDS: tuple[Kind, ...] = ("account", "contact", "lead")
"""What the index holds, accounts first: they decide where new leads go."""


def name(kind: Kind, *, work: str = "backfill") -> str:
    """Return the progress name of a scan: ``backfill:account``, ``reconcile:lead``."""
    return f"{work}:{kind}"


def page(shift: Shift, work: Progress) -> None:
    """Read one page, index it (a reconcile of leads also posts letters) and note where to go on, all in one step."""
    kind = cast("Kind", work.name.split(":", 1)[1])
    place = json.loads(work.after) if work.after else {}
    since = datetime.fromisoformat(place["since"]) if "since" in place else None
    found = shift.crm.scan(kind, after=place.get("after"), since=since, extra=rulebook.extra_fields(shift, kind))
    with shift.read() as connection:
        prepared = Index(connection, shift.install.id, shift.seal).prepare(found.records)
    now, install_id = shift.tools.clock(), shift.install.id
    done = work.done + len(found.records)
    values = {
        "state": "done" if found.after is None else "running",
        "done": done,
        "total": found.total if found.total is not None else work.total,
        "after": json.dumps({**place, "after": found.after}),
        "started_at": work.started_at or now,
        "reason": "",
    }
    if found.after is None:
        values["total"] = done
    with shift.write() as connection:
        Index(connection, install_id, shift.seal).write(prepared)
        if since is not None and kind == "lead":
            events = _nudges(found.records, since)
            letters.receive(connection, install_id, events, now=now, priority=letters.BACKFILL)
        progress.move(connection, install_id, work.name, now=now, **values)
    if found.after is None:
        log.info("scan done", install=install_id, work=work.name, records=done)


def _nudges(records: Sequence[Record], since: datetime) -> list[Event]:
    """Turn scanned leads into events; created ones as such, so that a lead whose event was lost is routed."""
    return [
        Event(
            key=f"scan:{record.id}:{record.modified_at.isoformat() if record.modified_at else since.isoformat()}",
            kind="lead",
            record_id=record.id,
            change="created" if record.created_at and record.created_at >= since else "updated",
            at=record.modified_at or since,
        )
        for record in records
    ]
