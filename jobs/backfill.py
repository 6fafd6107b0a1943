"""Filling the index: one page of a scan at a time, between letters, with progress that survives a restart.

The same pages serve a backfill (every record: the first time, and when the index needs other keys) and a reconcile
(records changed since a moment); where to go on is kept as JSON in the progress row. A backfill's keys are staged
beside the index and merged a slice at a time (docs/decisions/0007-the-index.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import structlog
from sqlalchemy import Connection

from connector.index import Index
from connector.store import decisions, letters, progress
from connector.store.progress import Progress
from jobs import gone, missed, rematch, requests, routing, rulebook
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
    """Do the next page of a backfill, of a comparison or of looking up what is gone; note where to go on."""
    if work.name.startswith(gone.COMPARE):
        gone.compare(shift, work)
        return
    place = json.loads(work.after) if work.after else _beginning(shift, work)
    if place.get("gone"):
        gone.page(shift, work, place)
    elif place.get("read"):
        _merge(shift, work.name, place, last=True)
    else:
        _scan(shift, work, place)


def _scan(shift: Shift, work: Progress, place: dict[str, Any]) -> None:
    """Read one page, index it (a reconcile also posts letters to leads) and note where to go on, all in one step."""
    kind = _kind(work)
    since = datetime.fromisoformat(place["since"]) if "since" in place else None
    found = shift.crm.scan(kind, after=place.get("after"), since=since, extra=rulebook.extra_fields(shift, kind))
    now, install_id = shift.tools.clock(), shift.install.id
    building, last = since is None, found.after is None
    if kind == "contact":
        requests.refuse_contacts(shift, found.records)
    # What a backfill reads is news to the index only.
    policy = None if building or kind == "lead" else rulebook.policy(shift)
    watched = rematch.watched(policy) if policy and kind == "account" else None
    with shift.read() as connection:
        prepared = Index(connection, install_id, shift.seal).prepare(found.records, watched=watched)
        leads = rematch.concerned(connection, install_id, shift.seal, prepared, policy) if policy else []
    done = work.done + len(found.records)
    total = done if last else found.total if found.total is not None else work.total
    after, started = json.dumps({**place, "after": found.after, "read": last}), work.started_at or now
    values = {"state": "running", "done": done, "total": total, "after": after, "started_at": started, "reason": ""}
    with shift.write() as connection:
        if not _went_on(connection, shift, work, values, building=building):
            return
        Index(connection, install_id, shift.seal).write(prepared, staged=building)
        events = rematch.asks(leads, now=now)
        if kind == "lead":
            events += _forgotten(shift, connection, found.records)
            if building:
                missed.count(connection, shift, found.records, first="after" not in place, last=last)
        if since is not None and kind == "lead":
            changed = {each.record_id for each in prepared.entries}
            anew = _was_read(connection, install_id, since)
            unknown = [each for each in found.records if anew or each.id in changed]
            events += _nudges(unknown, since, born=shift.install.leads_since)
        letters.receive(connection, install_id, events, now=now, priority=letters.BACKFILL)
        if last and since is not None:
            _compared(connection, install_id, work, place, now=now)
    if building:
        _merge(shift, work.name, place, last=last)
    if last:
        log.info("scan done", install=install_id, work=work.name, records=done)


def _went_on(
    connection: Connection, shift: Shift, work: Progress, values: Mapping[str, Any], *, building: bool
) -> bool:
    """Note where to go on; False when somebody has paused a backfill meanwhile: its page is read again then."""
    now = shift.tools.clock()
    if building:
        return progress.advance(connection, shift.install.id, work.name, now=now, **values)
    progress.move(connection, shift.install.id, work.name, now=now, **values)
    return True


def _was_read(connection: Connection, install_id: str, since: datetime) -> bool:
    """Whether a backfill has put leads into the index since then, which asks for none of them.

    Otherwise a lead that the index has just as it is was asked for when it was put there. While there are no events,
    comparisons overlap: without this each of them would ask for the leads of ten minutes once more.
    """
    done = [each for each in progress.of(connection, install_id) if each.name == name("lead")]
    return not done or done[0].state != "done" or done[0].updated_at >= since


def _compared(
    connection: Connection, install_id: str, work: Progress, place: Mapping[str, Any], *, now: datetime
) -> None:
    """End a comparison, or begin it once more because it was asked for again under way; have the records counted."""
    gone.ask(connection, install_id, _kind(work), since=datetime.fromisoformat(place["since"]), now=now)
    if again := place.get("again"):
        progress.start(connection, install_id, work.name, now=now)
        progress.move(connection, install_id, work.name, now=now, after=json.dumps(comparison(again)))
    else:
        progress.move(connection, install_id, work.name, now=now, state="done")


def comparison(since: str) -> dict[str, Any]:
    """Return where a comparison from a moment on (ISO 8601) begins: with what was deleted."""
    return {"since": since, "gone": True, "after": None}


def _beginning(shift: Shift, work: Progress) -> dict[str, Any]:
    """Return where work begins that was asked for without a place: a backfill, or a comparison that had failed."""
    if work.name.startswith(name("lead", work="reconcile").removesuffix("lead")):
        return comparison(shift.install.created_at.isoformat())
    with shift.read() as connection:
        return {"had": Index(connection, shift.install.id, shift.seal).count(_kind(work))}


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


def _merge(shift: Shift, work: str, place: Mapping[str, Any], *, last: bool) -> None:
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
        now = shift.tools.clock()
        progress.move(connection, install_id, work, now=now, state="done")
        if place.get("had"):
            # What the index had before and no longer is there was not in the scan.
            gone.ask(connection, install_id, cast("Kind", work.split(":", 1)[1]), since=None, now=now)
        states = {each.name: each.state for each in progress.of(connection, install_id)}
        if all(states.get(name(kind)) == "done" for kind in KINDS):
            Index(connection, install_id, shift.seal).finish()


def _forgotten(shift: Shift, connection: Connection, records: Sequence[Record]) -> list[Event]:
    """Return events to ask about leads that wait by decisions which are lost: only their stamps tell."""
    ids = [each.id for each in records if is_waiting(each.text("decision")) and not each.fields.get("converted")]
    known = decisions.latest(connection, shift.install.id, shift.seal, ids) if ids else {}
    return [routing.awaited(each, now=shift.tools.clock()) for each in ids if each not in known]


def _nudges(records: Sequence[Record], since: datetime, *, born: datetime) -> list[Event]:
    """Turn scanned leads into events; created ones as such, so that a lead whose event was lost is routed.

    What is older than the install (`born`) was there before us, however far the comparison reaches back.
    """
    return [
        Event(
            key=f"scan:{record.id}:{record.modified_at.isoformat() if record.modified_at else since.isoformat()}",
            kind="lead",
            record_id=record.id,
            change="created" if record.created_at and record.created_at >= max(since, born) else "updated",
            at=record.modified_at or since,
        )
        for record in records
    ]


def _kind(work: Progress) -> Kind:
    return cast("Kind", work.name.split(":", 1)[1])
