"""The listener process: one change stream per Salesforce org, thousands of them in one event loop.

Several listeners share the orgs evenly by leases: each says that it lives, counts those that do, takes what nobody has
until it has its share, and gives back what is more. All its leases are renewed in one statement. What a dead listener
had is free when its leases run out (LEASE_SECONDS), and goes on from the stored place.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from connector.store import installs, leases, streams
from connector.store.installs import Install
from jobs.streams import Line
from jobs.tools import Tools

log = structlog.get_logger()

LOOK_SECONDS = 2.0
"""How often new installs are looked for; a lead created right after connecting waits no longer than this."""
STARTS = 100
"""Streams that are opened or given back at one look: a thousand orgs take twenty seconds, and nobody is overrun."""
TOKEN_THREADS = 6
"""Threads that read tokens and ask for new ones, which takes as long as the CRM does; storing must not wait for it."""
RENEWALS = 3
"""How often leases are renewed while they last: two may fail before one runs out."""
PRESENCE = "listener:"
"""What the name of the lease begins with by which a listener says that it lives."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What a look found: streams to end, and installs whose lease was taken."""

    end: frozenset[str]
    begin: tuple[Install, ...]


class Share:
    """This listener's share of the orgs; called in one thread, it blocks on the database."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self.holder = f"{tools.holder[:50]}:{uuid.uuid4().hex[:8]}"
        self._presence = f"{PRESENCE}{self.holder}"
        self._renewed = float("-inf")

    def look(self, mine: AbstractSet[str], ended: AbstractSet[str]) -> Turn:
        """Renew, give back what has `ended`, and say what to begin and end of what is `mine` (install ids)."""
        lost = mine - self._renew(mine)
        if ended:
            self._give_back(ended)
        now, database = self._tools.clock(), self._tools.database
        with database.read() as connection:
            wanted = streams.wanted(connection)
            present = leases.live(connection, PRESENCE, now=now)
            share = _share(len(wanted), present, self._presence)
            room = min(share - len(mine), STARTS)
            free = (
                [each for each in streams.unheld(connection, now=now, limit=room) if each not in mine]
                if room > 0
                else []
            )
        end = lost | (mine - set(wanted))
        surplus = len(mine - end) - share
        if surplus > 0:
            end |= set(sorted(mine - end)[: min(surplus, STARTS)])
        return Turn(frozenset(end), self._take(free) if free else ())

    def leave(self) -> None:
        """Give everything back."""
        with self._tools.database.write() as connection:
            leases.release_all(connection, self.holder)

    def _renew(self, mine: AbstractSet[str]) -> AbstractSet[str]:
        """From time to time, say that we live and renew what we hold; return what is still ours."""
        seconds, database, now = self._tools.settings.lease_seconds, self._tools.database, self._tools.clock()
        if time.monotonic() - self._renewed < seconds / RENEWALS:
            return mine
        with database.write() as connection:
            held = leases.renew_all(connection, self.holder, now=now, seconds=seconds)
            if self._presence not in held:
                for prefix in (PRESENCE, streams.PREFIX):  # what dead listeners and removed installs left behind
                    leases.purge(connection, prefix, now=now)
                leases.take(connection, self._presence, self.holder, now=now, seconds=seconds)
            # Taken by a look of which we never learned that it succeeded: nobody reads those streams.
            if strays := held - {self._presence} - {_lease(each) for each in mine}:
                leases.release_all(connection, self.holder, strays)
        self._renewed = time.monotonic()
        return {each for each in mine if _lease(each) in held}

    def _give_back(self, ended: AbstractSet[str]) -> None:
        with self._tools.database.write() as connection:
            leases.release_all(connection, self.holder, [_lease(each) for each in ended])

    def _take(self, free: list[str]) -> tuple[Install, ...]:
        """Take the leases of these installs; return those that we got."""
        seconds, now = self._tools.settings.lease_seconds, self._tools.clock()
        with self._tools.database.write() as connection:
            names = [_lease(each) for each in free]
            taken = leases.take_all(connection, names, self.holder, now=now, seconds=seconds)
            found = [installs.by_id(connection, each) for each in free if _lease(each) in taken]
        return tuple(each for each in found if each is not None)


class Exchange:
    """The lines of this listener, by install; lives in the event loop."""

    def __init__(self, tools: Tools, holder: str, threads: Executor) -> None:
        self._tools, self._holder, self._threads = tools, holder, threads
        self._lines: dict[str, tuple[Line, asyncio.Task[None]]] = {}

    @property
    def mine(self) -> frozenset[str]:
        """The installs whose line runs."""
        return frozenset(self._lines)

    def reap(self) -> frozenset[str]:
        """Forget the lines that have ended; return their installs. Until then nobody takes their lease anew."""
        ended = {install_id: task for install_id, (_, task) in self._lines.items() if task.done()}
        for install_id, task in ended.items():
            del self._lines[install_id]
            error = None if task.cancelled() else task.exception()
            if error is not None and not isinstance(error, leases.LeaseLost):
                log.error("line failed", install=install_id, exc_info=error)
        return frozenset(ended)

    def follow(self, turn: Turn) -> None:
        """Begin and end lines."""
        for install_id in turn.end:
            self._lines[install_id][0].close()
        for install in turn.begin:
            line = Line(self._tools, install, self._holder, self._threads)
            self._lines[install.id] = (line, asyncio.create_task(line.run(), name=f"stream {install.id}"))

    async def close(self) -> None:
        """End all lines, and wait for what they are storing."""
        for line, _ in self._lines.values():
            line.close()
        tasks = [task for _, task in self._lines.values()]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=self._tools.settings.lease_seconds)
            for task in late:
                task.cancel()
        self.reap()


def run(tools: Tools, stop: threading.Event) -> None:
    """Listen to this listener's share of the active Salesforce installs until `stop` is set."""
    asyncio.run(_run(tools, stop))


async def _run(tools: Tools, stop: threading.Event) -> None:
    loop, share = asyncio.get_running_loop(), Share(tools)
    loop.set_default_executor(ThreadPoolExecutor(TOKEN_THREADS, "tokens"))
    with (
        # A thread of its own: leases are renewed also while every other one waits.
        ThreadPoolExecutor(1, "share") as own,
        ThreadPoolExecutor(tools.settings.listener_threads, "store") as threads,
    ):
        exchange = Exchange(tools, share.holder, threads)
        ended: frozenset[str] = frozenset()
        while not stop.is_set():
            try:
                ended |= exchange.reap()
                turn = await loop.run_in_executor(own, share.look, exchange.mine, ended)
                ended = frozenset()
                exchange.follow(turn)
            except Exception:  # a database that is away for a moment must not end the streams
                log.exception("installs not read")
            # Never so seldom that a lease could run out between two looks.
            await loop.run_in_executor(own, stop.wait, min(LOOK_SECONDS, tools.settings.lease_seconds / RENEWALS))
        await exchange.close()
        try:
            await loop.run_in_executor(own, share.leave)
        except Exception:  # what we leave behind runs out by itself
            log.exception("leases not given back")


def _share(orgs: int, present: list[str], mine: str) -> int:
    """Return how many of the orgs are for `mine` of those listeners: as many as for any other, or one more."""
    listeners = sorted({*present, mine})
    rank = listeners.index(mine)
    return orgs // len(listeners) + (rank < orgs % len(listeners))


def _lease(install_id: str) -> str:
    return f"{streams.PREFIX}{install_id}"
