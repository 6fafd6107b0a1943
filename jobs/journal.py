"""The journal: what HubSpot's webhooks did not bring is read from there, a little at a time, where that is switched on.

Letters go behind what happens live: most of them are known already, and cost a look at the decision that has seen them.
The place of each portal is stored with its letters, in one transaction, so nothing is passed over and nothing twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from connector import telemetry
from connector.errors import Later, PlaceLost, Refused
from connector.store import cursors, erasures, installs, letters
from connector.store.installs import Install
from jobs.tools import Entries, Journal, Tools
from rules.model import WHOLE_KIND, Event, Kind
from rules.wording.words import english

log = structlog.get_logger()

TOPIC = "hubspot journal"
SECONDS = 2.0
"""How long of each tick of the clock goes to reading: some twenty portals, the one read longest ago first."""
EVERY = timedelta(minutes=1)
"""How often a portal is asked for what is new."""
FILES = 50
"""Files of one portal that are read at once; after a long outage it goes on at the next tick."""
KEPT = timedelta(days=3)
"""How long HubSpot keeps the journal."""
NOT_BEGUN = b"-"
"""The place of a portal whose subscription failed; it is tried again."""
REMOVED = english("work.removed")
KINDS: tuple[Kind, ...] = ("lead", "account")


def tick(tools: Tools) -> None:
    """Read on where the journal is switched on; nothing else happens."""
    journal = tools.open_journal()
    if journal is not None:
        try:
            sweep(tools, journal)
        finally:
            journal.close()


def sweep(tools: Tools, journal: Journal, *, clock: Callable[[], float] = time.monotonic) -> int:
    """Read on in the portals that are due, for SECONDS; return how many were read."""
    now, ends = tools.clock(), clock() + SECONDS
    with tools.database.read() as connection:
        portals = installs.every(connection, status="active", crm="hubspot")
        places = {each.id: cursors.get(connection, each.id, TOPIC) for each in portals}
    due = [each for each in portals if places[each.id] is None or now - _asked(each, places[each.id]) >= EVERY]
    due.sort(key=lambda each: _asked(each, places[each.id]))
    count = 0
    for install in due:
        if clock() >= ends:
            break
        try:
            _read(tools, journal, install, places[install.id])
        except (Later, Refused) as error:
            log.warning("the journal was not read", install=install.id, reason=str(error))
            _rest(tools, install)
        except Exception as error:  # whatever one portal's journal does to us, the others are read
            log.exception("the journal was not read", install=install.id)
            telemetry.report(error)
            _rest(tools, install)
        count += 1
    return count


def _asked(install: Install, place: tuple[bytes, datetime] | None) -> datetime:
    """Return when a portal was last asked; one that never was comes by its age."""
    return place[1] if place else install.created_at


def _read(tools: Tools, journal: Journal, install: Install, place: tuple[bytes, datetime] | None) -> None:
    """Read the files of one portal behind its place."""
    now = tools.clock()
    if place is None or place[0] == NOT_BEGUN:
        offset = journal.begin(install.tenant_id)
        with tools.database.write() as connection:
            cursors.put(connection, install.id, TOPIC, offset.encode(), now)
        return
    offset = place[0].decode()
    if now - place[1] > KEPT:
        _begin_again(tools, install)
        return
    for _ in range(FILES):
        try:
            entries = journal.after(install.tenant_id, offset, install.routes, now=now)
        except PlaceLost:
            _begin_again(tools, install)
            return
        if entries is None:
            _rest(tools, install)
            return
        _store(tools, install, entries, now)
        offset = entries.offset


def _store(tools: Tools, install: Install, entries: Entries, now: datetime) -> None:
    """Store what a file says, and the place behind it, in one transaction; then ring."""
    with tools.database.write() as connection:
        if installs.by_id(connection, install.id) is None:
            return
        new = letters.receive(connection, install.id, entries.events, now=now, priority=letters.BACKFILL)
        for each in entries.mergers:
            erasures.note_mergers(connection, install.id, each.kind, [(each.old_id, each.new_id)], now=now)
        erasures.ask(connection, install.id, entries.forget, now=now)
        cursors.put(connection, install.id, TOPIC, entries.offset.encode(), now)
        removed = _is_removed(connection, install, entries.uninstalled)
        if removed:
            installs.set_status(connection, install.id, "revoked", REMOVED)
    if removed:
        log.warning("the app was removed", install=install.id)
    if new or entries.forget:
        tools.ring(install.id)


def _is_removed(connection: Connection, install: Install, at: datetime | None) -> bool:
    """Whether the app was removed and nobody has connected since: the journal still tells of what was before that."""
    if at is None:
        return False
    connected = installs.last_admitted(connection, install.id)
    return connected is None or at > connected


def _begin_again(tools: Tools, install: Install) -> None:
    """The place is older than the journal: what lies between is compared with the CRM, and we begin anew."""
    now = tools.clock()
    log.warning("the place in the journal is lost", install=install.id)
    wholes = [Event(f"journal/lost/{kind}/{now.isoformat()}", kind, WHOLE_KIND, "resync", now) for kind in KINDS]
    with tools.database.write() as connection:
        letters.receive(connection, install.id, wholes, now=now)
        cursors.drop(connection, install.id, TOPIC)
    tools.ring(install.id)


def _rest(tools: Tools, install: Install) -> None:
    """Note that a portal has just been asked; its place stays where the last file was stored."""
    with tools.database.write() as connection:
        if installs.by_id(connection, install.id) is None:
            return
        place, _ = cursors.get(connection, install.id, TOPIC) or (NOT_BEGUN, None)
        cursors.put(connection, install.id, TOPIC, place, tools.clock())
