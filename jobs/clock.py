"""The clock: one process, guarded by a lease, that rings for whatever nobody rang for and clears what is over.

It is the safety net of the doorbell: Redis emptied, a worker killed, a postponed letter whose time has come.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import CompoundSelect, Connection

from connector import telemetry
from connector.store import (
    aliases,
    api_keys,
    asked,
    assignments,
    books,
    changes,
    cleanups,
    decisions,
    erasures,
    installs,
    leaves,
    letters,
    memos,
    merges,
    notes,
    pauses,
    progress,
    replies,
    responses,
    tallies,
    timers,
    unfinished,
    usage,
)
from jobs import arrears, expiry, journal, policy, privacy, simulation, standings, undo, uninstalls
from jobs import responses as answers
from jobs.shift import holding
from jobs.tools import Tools

log = structlog.get_logger()

LEASE = "clock"
CLEAN_HOURS = 1
USAGE_DAYS = 8
"""How long calls stay counted: a week to look back on. The budget asks for the last 24 hours."""
UNDO_DAYS = 30
"""How long it is shown what came of an undo."""
LEAVE_DAYS = 30
"""How long a leave for support that is over stays on the page; the changes know of it for longer."""
CLEAR_SECONDS = 2.0
"""How long of each tick goes to deleting indexes that nobody owns: a million accounts take a few minutes."""


def run(tools: Tools, stop: threading.Event) -> None:
    """Tick every SWEEP_SECONDS until `stop` is set; stand by while another clock holds the lease."""
    while not stop.is_set():
        over = threading.Event()
        try:
            with holding(tools, LEASE, lost=over.set) as holder:
                if holder is not None:
                    _tick_until(tools, stop, over)
        except Exception:  # a database that is away for a moment must not end the clock
            log.exception("the clock's lease was not taken")
        stop.wait(tools.settings.sweep_seconds)


def _tick_until(tools: Tools, stop: threading.Event, over: threading.Event) -> None:
    """Tick until told to stop, or until another clock has the lease (`over`)."""
    cleaned: datetime | None = None
    looks = Looks()
    while not stop.is_set() and not over.is_set():
        now = tools.clock()
        _each(tools, privacy.sweep, journal.tick, sweep, clear, arrears.pay, looks.ring, standings.ask, answers.ask)
        if cleaned is None or now - cleaned >= timedelta(hours=CLEAN_HOURS):
            _each(tools, clean, uninstalls.sweep, expiry.ask)
            cleaned = now
        stop.wait(tools.settings.sweep_seconds)


def _each(tools: Tools, *steps: Callable[[Tools], object]) -> None:
    """Do these steps; one that fails holds up no other, for it may be about one install and the others are about all.

    Whatever fails is done again the next time: the clock must outlive a database that is away for a moment.
    """
    for step in steps:
        try:
            step(tools)
        except Exception as error:
            log.exception("tick failed", step=f"{step.__module__}.{step.__qualname__}")
            telemetry.report(error)


def sweep(tools: Tools) -> int:
    """Ring for every active install with a due letter, timer, unfinished decision or long work; return how many."""
    now = tools.clock()
    with tools.database.read() as connection:
        wanted = {
            *letters.installs_waiting(connection, now=now),
            *unfinished.installs(connection, now=now),
            *progress.installs_due(connection, now=now),
            *timers.installs_due(connection, now=now),
            *erasures.installs_due(connection, now=now),
        }
        active = {each.id for each in installs.every(connection, status="active")}
        due = [each for each in wanted & active if not policy.paused(connection, each, now=now)]
    for install_id in due:
        tools.ring(install_id)
    return len(due)


def clear(tools: Tools) -> None:
    """Delete some of the indexes whose install has gone, or that a newer one has replaced."""
    if books.clear_for(tools.database, seconds=CLEAR_SECONDS):
        tools.database.forget()


class Looks:
    """Rings for every portal once in RULES_POLL_SECONDS: HubSpot tells nobody when a rule record changes.

    The portals take turns, tick by tick: were all rung for at once, leads that come then would wait behind every one of
    them.
    """

    def __init__(self) -> None:
        self._next: dict[str, datetime] = {}

    def ring(self, tools: Tools) -> int:
        """Ring for the portals whose turn it is, so that a drain reads their rules again; return how many."""
        now, every = tools.clock(), timedelta(seconds=tools.settings.rules_poll_seconds)
        with tools.database.read() as connection:
            portals = [each.id for each in installs.every(connection, status="active", crm="hubspot")]
        # Whoever is there when the clock begins gets a place in the round; who is connected later is looked at at once.
        step = timedelta(0) if self._next else every / max(1, len(portals))
        self._next = {each: self._next.get(each, now + place * step) for place, each in enumerate(portals)}
        # A moment that is farther away than a round comes from when the clock was ahead.
        due = [each for each, at in self._next.items() if not now < at <= now + every]
        for install_id in due:
            tools.ring(install_id)
            after = self._next[install_id] + every
            self._next[install_id] = after if now < after <= now + every else now + every
        return len(due)


def clean(tools: Tools) -> None:
    """Delete decisions past DECISION_DAYS that nothing needs, parked ones past PARKED_DAYS, and what else is over."""
    now = tools.clock()
    old = now - timedelta(days=tools.settings.decision_days)
    with tools.database.write() as connection:
        # First of all: what could not be asked about for so long keeps no decision any more.
        responses.purge(connection, before=old)
        count = decisions.purge(connection, before=old, but=_needed(now, tools.settings.merge_undo_days))
        parked = now - timedelta(days=tools.settings.parked_days)
        count += decisions.purge(connection, before=parked, but=timers.needed(), state="parked")
        count += _sooner(tools, connection, now)
        timers.purge(connection, before=old)
        asked.purge(connection, before=now - asked.KEPT)
        progress.purge(connection, before=now - timedelta(days=UNDO_DAYS), prefix=undo.PREFIX)
        progress.purge(connection, before=now - cleanups.KEPT, prefix=cleanups.PREFIX)
        progress.purge(connection, before=now - cleanups.KEPT, prefix=cleanups.SUGGESTS)
        progress.purge(connection, before=now - simulation.KEPT, prefix=simulation.PREFIX)
        cleanups.purge(connection, before=now - cleanups.KEPT)
        known = now - timedelta(days=tools.settings.assignment_days)
        assignments.purge(connection, before=known)
        erasures.purge(connection, before=known)
        aliases.purge(connection, before=known)
        pauses.purge(connection, now=now)
        memos.purge(connection, now=now)
        usage.purge(connection, before=now - timedelta(days=USAGE_DAYS))
        tallies.purge(connection, before=now - tallies.KEPT)
        known = now - timedelta(days=tools.settings.change_days)
        changes.purge(connection, before=known)
        api_keys.purge(connection, before=known)
        leaves.purge(connection, before=now - timedelta(days=LEAVE_DAYS))
        replies.purge(connection, now=now)
    if count:
        log.info("cleaned", decisions=count)


def _needed(now: datetime, undo_days: int) -> CompoundSelect[Any]:
    """Return the decisions that stay however old they are: something waits by them, or they can be undone."""
    undoable = merges.undoable(now - timedelta(days=undo_days) - expiry.TOLD)
    return timers.needed().union(responses.needed(), undoable)


def _sooner(tools: Tools, connection: Connection, now: datetime) -> int:
    """Delete the decisions of installs that want them kept, or undone, for fewer days; return how many."""
    count, settings = 0, tools.settings
    kept, undone = (notes.named(connection, name) for name in (notes.DECISION_DAYS, notes.MERGE_UNDO_DAYS))
    for install_id in kept.keys() | undone.keys():
        days = notes.days(kept.get(install_id), most=settings.decision_days)
        needed = _needed(now, notes.days(undone.get(install_id), most=settings.merge_undo_days))
        count += decisions.purge(connection, before=now - timedelta(days=days), but=needed, install_id=install_id)
    return count
