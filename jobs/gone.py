"""What was deleted while nobody listened: it leaves the index and ends its timers just as a delete event has it.

A comparison (jobs/reconcile.py) begins by asking the CRM what was deleted or merged away since, so that no lead is
taken for a duplicate of one that is gone. What the CRM has purged is told by nobody, so the records are counted in the
end (``compare:``): when the index has more than the CRM, all its ids are looked up, a page at a time. Whatever is
missing gets a letter, which reads the record once more before anything is believed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeAlias, cast

import structlog
from sqlalchemy import Connection

from connector.errors import Refused
from connector.index import Index
from connector.store import letters, progress
from connector.store.progress import Progress
from jobs import privacy
from jobs.shift import Shift
from rules.model import Event, Kind
from rules.wording.words import english

log = structlog.get_logger()

Place: TypeAlias = Mapping[str, Any]

COMPARE = "compare:"
COMPARED = 1000
"""Ids of the index that are looked up at once: one call to Salesforce, ten to HubSpot."""
BIN = timedelta(days=15)
"""How long Salesforce keeps what was deleted. A comparison that reaches back further looks up every id."""
SHORT, OFTEN = timedelta(minutes=30), timedelta(hours=1)
"""Comparisons that reach back less are made again and again while there are no events: they count once an hour."""
RECOUNT, RECOUNTS = timedelta(seconds=10), 6
"""How long letters are given to be answered before the records are counted again, each time twice as long: ten minutes
in all. A busy install always has letters."""
MOST_MISSING, FEW = 0.5, 200
"""A larger share of the index, and more than a few, is not believed to be gone because the count says so: nobody
deletes like that, but an admin may have taken away the right to see the records."""


def page(shift: Shift, work: Progress, place: Place) -> None:
    """Ask for a page of what was deleted since a comparison's moment; post letters to what the index knows of it."""
    kind, install_id, now = _kind(work), shift.install.id, shift.tools.clock()
    found = shift.crm.gone(kind, since=datetime.fromisoformat(place["since"]), after=place["after"])
    with shift.read() as connection:
        known = Index(connection, install_id, shift.seal).get(kind, found.ids)
    further = json.dumps({**place, "gone": found.after is not None, "after": found.after})
    started = work.started_at or now
    with shift.write() as connection:
        _post(shift, connection, kind, {each: found.ids[each] for each in known}, now)
        progress.move(connection, install_id, work.name, now=now, state="running", started_at=started, after=further)


def ask(connection: Connection, install_id: str, kind: Kind, *, since: datetime | None, now: datetime) -> None:
    """Ask for a count of a kind, now that everything since a moment (None: ever) was read.

    Part of the caller's transaction. One under way that looks up ids goes on.
    """
    name = f"{COMPARE}{kind}"
    before = next((each for each in progress.of(connection, install_id) if each.name == name), None)
    if before is not None and before.state == "running" and "after" in json.loads(before.after or "{}"):
        return
    reach = timedelta.max if since is None else now - since
    if before is not None and before.state == "done" and reach < SHORT and now - before.updated_at < OFTEN:
        return
    progress.start(connection, install_id, name, now=now)
    whole = since is not None and reach > BIN
    progress.move(connection, install_id, name, now=now, after=json.dumps({"whole": whole, "tries": 0}))


def compare(shift: Shift, work: Progress) -> None:
    """Count the records of a kind; look up the ids of the index, a page at a time, when it has more than the CRM."""
    place: Place = json.loads(work.after or "{}")
    if "after" in place:
        _look_up(shift, work, place)
    else:
        _count(shift, work, place)


def _count(shift: Shift, work: Progress, place: Place) -> None:
    """Compare numbers. Raises Refused when so much is missing that it cannot have been deleted."""
    kind, install_id, now = _kind(work), shift.install.id, shift.tools.clock()
    living = shift.crm.count(kind)
    with shift.read() as connection:
        indexed = Index(connection, install_id, shift.seal).count(kind)
        waiting = letters.counts(connection, install_id)["waiting"]
    missing, tries = indexed - (living or 0), int(place.get("tries", 0))
    if (living is None or 0 < missing <= waiting) and tries < RECOUNTS:
        # A letter that waits may be about one of them; and a busy search counts later.
        values = {"after": json.dumps({**place, "tries": tries + 1}), "not_before": now + RECOUNT * 2**tries}
    elif living is None or not (missing > 0 or place.get("whole")):
        values = {"state": "done"}
    elif missing > max(FEW, MOST_MISSING * indexed):
        raise Refused(
            english("work.few left", living=f"{living:,}", known=f"{indexed:,}", kind=english(f"kind.{kind}"))
        )
    else:
        log.info("the index has more than the CRM", install=install_id, work=work.name, missing=missing)
        values = {"after": json.dumps({"after": ""}), "total": indexed}
    with shift.write() as connection:
        progress.move(
            connection,
            install_id,
            work.name,
            now=now,
            **{"state": "running", "started_at": work.started_at or now} | values,
        )


def _look_up(shift: Shift, work: Progress, place: Place) -> None:
    """Look up the next ids of the index; post letters to those that the CRM has not got."""
    kind, install_id, now = _kind(work), shift.install.id, shift.tools.clock()
    with shift.read() as connection:
        ids = Index(connection, install_id, shift.seal).page(kind, after=place["after"], size=COMPARED)
    there = shift.crm.read(kind, ids) if ids else {}
    is_last, done = len(ids) < COMPARED, work.done + len(ids)
    values: dict[str, Any] = {"state": "done", "total": done} if is_last else {"after": json.dumps({"after": ids[-1]})}
    with shift.write() as connection:
        _post(shift, connection, kind, {each: "" for each in ids if each not in there}, now)
        progress.move(connection, install_id, work.name, now=now, done=done, **values)


def _post(shift: Shift, connection: Connection, kind: Kind, ids: Mapping[str, str], now: datetime) -> None:
    """Post a letter to each record that is gone; one key per record, as long as its letter waits."""
    events = [
        Event(f"gone:{kind}:{each}", kind, each, "merged" if master else "deleted", now) for each, master in ids.items()
    ]
    letters.receive(connection, shift.install.id, events, now=now, priority=letters.BACKFILL)
    if shift.install.crm == "salesforce":
        privacy.deleted(shift.tools, connection, shift.install.id, events, now=now)


def _kind(work: Progress) -> Kind:
    return cast("Kind", work.name.split(":", 1)[1])
