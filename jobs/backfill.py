"""Filling the index: one page of a scan at a time, between letters, with progress that survives a restart.

The same pages serve a backfill (every record: the first time, and when the index needs other keys) and a reconcile
(records changed since a moment); where to go on is kept as JSON in the progress row. A backfill's keys are staged
beside the index and merged a slice at a time (docs/decisions/0007-the-index.md).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import cast

import structlog
from sqlalchemy import Connection

from connector.index import Index
from connector.store import decisions, letters, progress
from connector.store.progress import Progress
from jobs import rematch, routing, rulebook
from jobs.shift import Shift
from rules.decide import is_waiting
from rules.model import Event, Kind, Record

log = structlog.get_logger()

KINDS: tuple[Kind, ...] = ("account", "contact", "lead")
"""What the index holds, accounts first: they decide where new leads go."""
STAGED = 1_000_000
"""Rows a backfill stages before it merges: of some 36,000 accounts, so that a page of the index is written for many."""
SLICES = 10
"""Slices that are merged before letters have their turn again: half a second."""


def name(kind: Kind, *, work: str = "backfill") -> str:
    """Return the progress name of a scan: ``backfill:account``, ``reconcile:lead``."""
    return f"{work}:{kind}"


def page(shift: Shift, work: Progress) -> None:
    """Read one page, index it (a reconcile also posts letters to leads) and note where to go on, all in one step."""
    kind = cast("Kind", work.name.split(":", 1)[1])
    place = json.loads(work.after) if work.after else {}
    if place.get("read"):
        _merge(shift, work.name, last=True)
        return
    since = datetime.fromisoformat(place["since"]) if "since" in place else None
    found = shift.crm.scan(kind, after=place.get("after"), since=since, extra=rulebook.extra_fields(shift, kind))
    now, install_id = shift.tools.clock(), shift.install.id
    building, last = since is None, found.after is None
    watched = rematch.watched(rulebook.policy(shift)) if kind == "account" and not building else None
    with shift.read() as connection:
        prepared = Index(connection, install_id, shift.seal).prepare(found.records, watched=watched)
        leads = rematch.concerned(connection, install_id, shift.seal, prepared.touched)
    done = work.done + len(found.records)
    values = {
        "state": "done" if last and not building else "running",
        "done": done,
        "total": found.total if found.total is not None else work.total,
        "after": json.dumps({**place, "after": found.after, "read": last}),
        "started_at": work.started_at or now,
        "reason": "",
    }
    if last:
        values["total"] = done
    with shift.write() as connection:
        Index(connection, install_id, shift.seal).write(prepared, staged=building)
        events = rematch.asks(leads, now=now)
        if kind == "lead":
            events += _forgotten(shift, connection, found.records)
        if since is not None and kind == "lead":
            events += _nudges(found.records, since)
        letters.receive(connection, install_id, events, now=now, priority=letters.BACKFILL)
        progress.move(connection, install_id, work.name, now=now, **values)
    if building:
        _merge(shift, work.name, last=last)
    if last:
        log.info("scan done", install=install_id, work=work.name, records=done)


def renew(shift: Shift) -> None:
    """Read every record again when the index was built with other keys than this code's."""
    with shift.read() as connection:
        if not Index(connection, shift.install.id, shift.seal).outdated:
            return
    with shift.write() as connection:
        Index(connection, shift.install.id, shift.seal).renew()
        for kind in KINDS:
            progress.start(connection, shift.install.id, name(kind), now=shift.tools.clock())
    log.info("the index is built anew", install=shift.install.id)


def _merge(shift: Shift, work: str, *, last: bool) -> None:
    """Merge some of what is staged; after the `last` page all of it, and then the scan is done."""
    install_id = shift.install.id
    with shift.read() as connection:
        left = Index(connection, install_id, shift.seal).staged
    for _ in range(SLICES):
        if left <= (0 if last else STAGED):
            break
        with shift.write() as connection:
            left = Index(connection, install_id, shift.seal).merge()
    if not last or left:
        return
    with shift.write() as connection:
        progress.move(connection, install_id, work, now=shift.tools.clock(), state="done")
        states = {each.name: each.state for each in progress.of(connection, install_id)}
        if all(states.get(name(kind)) == "done" for kind in KINDS):
            Index(connection, install_id, shift.seal).finish()


def _forgotten(shift: Shift, connection: Connection, records: Sequence[Record]) -> list[Event]:
    """Return events to ask about leads that wait by decisions which are lost: only their stamps tell."""
    ids = [each.id for each in records if is_waiting(each.text("decision")) and not each.fields.get("converted")]
    known = decisions.latest(connection, shift.install.id, shift.seal, ids) if ids else {}
    return [routing.awaited(each, now=shift.tools.clock()) for each in ids if each not in known]


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
