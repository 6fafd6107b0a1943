"""One org's change stream: batch after batch stored with its place, breaks waited out, changes asked for meanwhile.

A line runs in the listener's event loop and stores in its threads. It writes only under the org's lease.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from connector import telemetry
from connector.errors import Exhausted, Later, Next, Refused, Revoked
from connector.store import cursors, installs, leases, letters, streams, tokens
from connector.store.installs import Install
from jobs import backfill, privacy
from jobs.tools import Batch, Stream, Tools
from rules.model import WHOLE_KIND, Event, Kind

log = structlog.get_logger()
T = TypeVar("T")

TOPIC = "salesforce"
"""One stream per org, so one cursor; the channel's name is a setting and may change."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Pauses after broken streams: doubling from a second (a restart at their end) to five minutes (an outage)."""
STEADY_SECONDS = 60.0
"""A stream that lived this long was healthy: the next break starts with the short pause again."""
QUIET_BREAKS = 2
"""Breaks in a row before the console calls a stream broken: one is part of every day."""
KINDS: tuple[Kind, ...] = (*backfill.KINDS, "rule")
"""What is compared when a stretch of events may be missing."""


def pause_after(breaks: int, at_least: float, chance: float) -> float:
    """Return the seconds to wait after so many breaks in a row: doubling, never less than the CRM asks for.

    `chance` (0 to 1) lengthens it by up to a half, but never by more than LONGEST_PAUSE / 2: a thousand streams that
    broke together do not come back together.
    """
    pause = max(at_least, min(FIRST_PAUSE * 2.0 ** min(breaks - 1, 16), LONGEST_PAUSE))
    return pause + chance * min(pause, LONGEST_PAUSE) / 2


@dataclass(eq=False)
class Line:
    """One org's stream under its lease: `run` it in the loop; `close` ends it, after what is being stored."""

    tools: Tools
    install: Install
    holder: str
    """Who holds the lease: every transaction checks it."""
    threads: Executor
    """Where the database is written."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    stream: Stream | None = None

    @property
    def fence(self) -> tuple[str, str]:
        """The lease and its holder."""
        return f"{streams.PREFIX}{self.install.id}", self.holder

    def close(self) -> None:
        """End the stream and then the line."""
        self.over.set()
        if self.stream is not None:
            self.stream.close()

    async def run(self) -> None:
        """Read the stream, and again after each break, always from the stored place."""
        breaks = 0
        while not self.over.is_set():
            began, grant = self.tools.clock(), 0
            try:
                grant = await self._reading(lambda connection: tokens.version(connection, self.install.id))
                await self._follow()
            except leases.LeaseLost:
                return
            except (Revoked, Refused) as error:
                await self._stopped(error, grant)
                return
            except Exhausted as error:
                log.warning("events used up", install=self.install.id, reason=str(error), seconds=error.seconds)
                await self._writing(partial(self._exhausted, error))
                breaks = 0
            except Exception as error:  # noqa: BLE001 - whatever it is, one org's stream must not end for good
                steady = (self.tools.clock() - began).total_seconds() > STEADY_SECONDS
                breaks = 1 if steady else breaks + 1
                await self._wait(await self._broken(error, breaks))
            finally:
                if self.stream is not None:
                    self.stream.close()
                    self.stream = None

    async def _follow(self) -> None:
        """Read the stream from its stored place; while the org may get no events, ask for changes and wait first."""
        known = await self._reading(lambda connection: streams.get(connection, self.install.id))
        if known is None or known.standing != "polling":
            await self._read(known)
            return
        asking = asyncio.create_task(self._ask(known))
        try:
            if known.next_try is not None:
                await self._wait((known.next_try - self.tools.clock()).total_seconds())
            if not self.over.is_set():
                await self._read(known, asking)
        finally:
            await _ended(asking)

    async def _read(self, known: streams.Stream | None, asking: asyncio.Task[None] | None = None) -> None:
        """Store batch after batch, each in one transaction with the stream's place, then ring.

        `asking` asks for changes until the stream stands. Then it starts at "now" like a new one, and what lies between
        is compared: the events that wait at the old place would use the allowance up at once.
        """
        stored = await self._reading(lambda connection: cursors.get(connection, self.install.id, TOPIC))
        place = stored[0] if stored is not None and asking is None else None
        sure_since = stored[1] if stored is not None else self.install.created_at
        stream = self.stream = self.tools.open_stream(self.install, place)
        live = known is not None and known.standing == "live"
        missed: tuple[Event, ...] | None = None
        async with contextlib.aclosing(stream.batches()) as batches:
            async for batch in batches:
                if self.over.is_set():
                    return
                if asking is not None:
                    await _ended(asking)
                    asked = await self._reading(lambda connection: streams.get(connection, self.install.id))
                    sure_since, asking = (asked and asked.asked_at) or sure_since, None
                if missed is None:
                    missed = compared(sure_since) if place is None else ()
                await self._store(batch, sure_since, missed, live=live)
                sure_since, missed, live = self.tools.clock(), (), True

    async def _store(self, batch: Batch, sure_since: datetime, also: tuple[Event, ...], *, live: bool) -> None:
        work = partial(store, self.tools, self.install.id, batch, sure_since=sure_since, also=also)
        await self._run(partial(work, fence=self.fence, live=live))

    async def _ask(self, known: streams.Stream) -> None:
        """Ask for what changed, every SALESFORCE_POLL_SECONDS, until cancelled."""
        since = known.asked_at or known.since
        while True:
            try:
                since = await self._run(partial(ask, self.tools, self.install.id, since, fence=self.fence))
            except leases.LeaseLost:
                self.close()
                return
            except Exception:  # a database that is away for a moment: asked again a minute later, from the same moment
                log.exception("changes not asked for", install=self.install.id)
            await asyncio.sleep(self.tools.settings.salesforce_poll_seconds)

    def _exhausted(self, error: Exhausted, connection: Connection) -> None:
        """Note that the org gets no events, until when, and from when on changes must be asked for."""
        leases.confirm(connection, *self.fence, frozen_after=self.tools.settings.lease_seconds)
        now, known = self.tools.clock(), streams.get(connection, self.install.id)
        stored = cursors.get(connection, self.install.id, TOPIC)
        since = stored[1] if stored else self.install.created_at
        if known is not None and known.standing == "polling":
            since = known.asked_at or since
        until = now + timedelta(seconds=error.seconds)
        streams.put(connection, self.install.id, "polling", now=now, reason=str(error), next_try=until, asked_at=since)

    async def _broken(self, error: Exception, breaks: int) -> float:
        """Note why a stream broke; return the seconds to wait. A fault of ours must not end the stream for good."""
        at_least = error.seconds if isinstance(error, Later) else 0.0
        wait = pause_after(breaks, at_least, random.random())  # noqa: S311 - spreads load, guards nothing
        if isinstance(error, Later):
            log.info("stream paused", install=self.install.id, reason=str(error), seconds=wait)
        else:
            log.error("stream failed", install=self.install.id, exc_info=error)
            telemetry.report(error)
        if breaks >= QUIET_BREAKS:
            reason = str(error) if isinstance(error, Next) else "Switchyard had a fault of its own"
            try:
                await self._writing(partial(self._note_break, reason, wait))
            except Exception as fault:  # noqa: BLE001 - the note is for people; the stream goes on without it
                log.warning("break not noted", install=self.install.id, error=type(fault).__name__)
        return wait

    def _note_break(self, reason: str, wait: float, connection: Connection) -> None:
        leases.confirm(connection, *self.fence, frozen_after=self.tools.settings.lease_seconds)
        known, now = streams.get(connection, self.install.id), self.tools.clock()
        if known is None or known.standing != "polling":  # which also says that changes are asked for
            until = now + timedelta(seconds=wait)
            streams.put(connection, self.install.id, "broken", now=now, reason=reason, next_try=until)

    async def _stopped(self, error: Revoked | Refused, grant: int) -> None:
        """Stop the install with the sentence its admin will read."""
        status: installs.Status = "revoked" if isinstance(error, Revoked) else "paused"
        log.warning("stream refused", install=self.install.id, status=status, reason=str(error))

        def stop(connection: Connection) -> None:
            # An admin may have connected again meanwhile: that grant is not the one that was revoked.
            if status == "paused" or tokens.version(connection, self.install.id) == grant:
                installs.set_status(connection, self.install.id, status, str(error))

        await self._writing(stop)

    async def _wait(self, seconds: float) -> None:
        """Wait that long, or until the line is closed."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.over.wait(), max(seconds, 0.0))

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)

    async def _reading(self, work: Callable[[Connection], T]) -> T:
        def read() -> T:
            with self.tools.database.read() as connection:
                return work(connection)

        return await self._run(read)

    async def _writing(self, work: Callable[[Connection], None]) -> None:
        def write() -> None:
            with self.tools.database.write() as connection:
                work(connection)

        await self._run(write)


def store(
    tools: Tools,
    install_id: str,
    batch: Batch,
    *,
    sure_since: datetime,
    also: tuple[Event, ...] = (),
    fence: tuple[str, str] | None = None,
    live: bool = True,
) -> int:
    """Commit a batch's letters with its place, then ring; return how many letters are new.

    `sure_since` is when the stream was last known to be whole: a lost stretch is compared from there. `fence` is the
    lease and its holder: a listener that was frozen and lost it must not move the place back. `live` False notes that
    the stream stands. Raises LeaseLost.
    """
    with telemetry.continued("", op="queue.publish", name="switchyard.listen", install=install_id):
        events = [
            replace(event, at=min(event.at, sure_since)) if event.record_id == WHOLE_KIND else event
            for event in (*also, *batch.events)
        ]
        now = tools.clock()
        telemetry.tag(event=next((each.key for each in events), ""))
        with tools.database.write() as connection:
            if fence is not None:
                leases.confirm(connection, *fence, frozen_after=tools.settings.lease_seconds)
            new = letters.receive(connection, install_id, events, now=now, trace=telemetry.traceparent())
            privacy.deleted(tools, connection, install_id, events, now=now)
            if batch.replay_id:
                cursors.put(connection, install_id, TOPIC, batch.replay_id, now)
            if not live:
                streams.put(connection, install_id, "live", now=now)
        if new:
            tools.ring(install_id)
            log.info("stored", install=install_id, letters=new, ours=sum(event.ours for event in batch.events))
    return new


def ask(tools: Tools, install_id: str, since: datetime, *, fence: tuple[str, str]) -> datetime:
    """Ask for a comparison of every kind since then, ring, and return since when to ask the next time.

    A question that is still in the inbox is not put twice; the next one then covers its time as well. Raises LeaseLost.
    """
    now = tools.clock()
    events = [Event(f"poll:{kind}", kind, WHOLE_KIND, "resync", since) for kind in KINDS]
    with tools.database.write() as connection:
        leases.confirm(connection, *fence, frozen_after=tools.settings.lease_seconds)
        new = letters.receive(connection, install_id, events, now=now)
        if new == len(events):
            streams.asked(connection, install_id, now)
    if new:
        tools.ring(install_id)
    return now if new == len(events) else since


def compared(since: datetime) -> tuple[Event, ...]:
    """Ask for a comparison of every kind from a moment on."""
    return tuple(Event(f"start:{kind}:{since.isoformat()}", kind, WHOLE_KIND, "resync", since) for kind in KINDS)


async def _ended(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it has ended."""
    task.cancel()
    await asyncio.wait([task])
