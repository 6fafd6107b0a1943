"""The listener process: one change stream per Salesforce org, its place stored in the transaction of its letters."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from connector import telemetry
from connector.errors import Later, Refused, Revoked
from connector.store import cursors, installs, leases, letters, tokens
from connector.store.installs import Install
from jobs import backfill
from jobs.shift import holding
from jobs.tools import Batch, Stream, Tools
from rules.model import WHOLE_KIND, Event, Kind

log = structlog.get_logger()

TOPIC = "salesforce"
"""One stream per org, so one cursor; the channel's name is a setting and may change."""
LOOK_SECONDS = 2.0
"""How often new installs are looked for; a lead created right after connecting waits no longer than this."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0
"""Pauses after broken streams: doubling from a second (a restart at their end) to five minutes (an outage)."""
STEADY_SECONDS = 60.0
"""A stream that lived this long was healthy: the next break starts with the short pause again."""


@dataclass
class _Line:
    """One org's thread: set `stop` and call `hang_up` to end it."""

    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    stream: Stream | None = None
    held: bool = False
    fence: tuple[str, str] | None = None
    """Lease and holder under which batches are stored."""

    def pause(self) -> None:
        """Somebody else holds the lease: end the stream, two would spend the org's event quota twice."""
        self.held = False
        if self.stream is not None:
            self.stream.close()

    def hang_up(self) -> None:
        """End the thread's stream and the thread."""
        self.stop.set()
        if self.stream is not None:
            self.stream.close()


def run(tools: Tools, stop: threading.Event) -> None:
    """Keep one thread per active Salesforce install until `stop` is set; several listeners share by leases."""
    lines: dict[str, _Line] = {}
    while not stop.is_set():
        try:
            _tend(tools, lines)
        except Exception:  # a database that is away for a moment must not end the streams
            log.exception("installs not read")
        stop.wait(LOOK_SECONDS)
    for line in lines.values():
        line.hang_up()
    for line in lines.values():
        if line.thread is not None:
            line.thread.join(timeout=tools.settings.lease_seconds)


def _tend(tools: Tools, lines: dict[str, _Line]) -> None:
    """Start a thread for each active install that has none, and end those of installs that are gone."""
    with tools.database.read() as connection:
        active = {each.id: each for each in installs.every(connection, status="active", crm="salesforce")}
    for install_id in set(lines) - set(active):
        lines.pop(install_id).hang_up()
    for install_id, install in active.items():
        line = lines.get(install_id)
        if line is None or line.thread is None or not line.thread.is_alive():
            lines[install_id] = _start(tools, install)


def _start(tools: Tools, install: Install) -> _Line:
    line = _Line()
    line.thread = threading.Thread(
        target=_listen, args=(tools, install, line), name=f"stream {install.id}", daemon=True
    )
    line.thread.start()
    return line


def _listen(tools: Tools, install: Install, line: _Line) -> None:
    """Hold the org's stream under a lease; stand by while another listener holds it."""
    while not line.stop.is_set():
        lease = f"stream:{install.id}"
        with holding(tools, lease, lost=line.pause) as holder:
            if holder is not None:
                line.held, line.fence = True, (lease, holder)
                _reconnect(tools, install, line)
        line.stop.wait(LOOK_SECONDS)


def _reconnect(tools: Tools, install: Install, line: _Line) -> None:
    """Read the stream, and again after each break, always from the stored place."""
    pause = FIRST_PAUSE
    while line.held and not line.stop.is_set():
        began = tools.clock()
        with tools.database.read() as connection:
            grant = tokens.version(connection, install.id)
        try:
            _read(tools, install, line)
            wait = 0.0
        except Later as error:
            wait = max(error.seconds, pause)
            log.info("stream paused", install=install.id, reason=str(error), seconds=wait)
        except Revoked as error:
            log.warning("access revoked", install=install.id, reason=str(error))
            with tools.database.write() as connection:
                # An admin may have connected again meanwhile: that grant is not the one that was revoked.
                if tokens.version(connection, install.id) == grant:
                    installs.set_status(connection, install.id, "revoked", str(error))
            return
        except Refused as error:
            log.warning("stream refused", install=install.id, reason=str(error))
            with tools.database.write() as connection:
                installs.set_status(connection, install.id, "paused", str(error))
            return
        except leases.LeaseLost:
            return
        except Exception as error:  # a fault of ours must not end the stream for good
            log.exception("stream failed", install=install.id)
            telemetry.report(error)
            wait = pause
        finally:
            if line.stream is not None:
                line.stream.close()
                line.stream = None
        steady = (tools.clock() - began).total_seconds() > STEADY_SECONDS
        pause = FIRST_PAUSE if steady else min(pause * 2, LONGEST_PAUSE)
        line.stop.wait(wait)


def _read(tools: Tools, install: Install, line: _Line) -> None:
    """Store batch after batch, each in one transaction with the stream's place, then ring."""
    with tools.database.read() as connection:
        known = cursors.get(connection, install.id, TOPIC)
    line.stream = tools.open_stream(install, known[0] if known else None)
    if line.stop.is_set() or not line.held:  # ended while it was being opened: nobody else would close it
        return
    sure_since = known[1] if known else install.created_at
    # A new stream starts at "now": what happened between the install and now is compared once it stands.
    missed = () if known else _compare(install.created_at)
    for batch in line.stream:
        if line.stop.is_set():
            return
        store(tools, install.id, batch, sure_since=sure_since, also=missed, fence=line.fence)
        sure_since, missed = tools.clock(), ()


def store(
    tools: Tools,
    install_id: str,
    batch: Batch,
    *,
    sure_since: datetime,
    also: tuple[Event, ...] = (),
    fence: tuple[str, str] | None = None,
) -> int:
    """Commit a batch's letters with its place, then ring; return how many letters are new.

    `sure_since` is when the stream was last known to be whole: a lost stretch is compared from there. `fence` is the
    lease and its holder: a listener that was frozen and lost it must not move the place back. Raises LeaseLost.
    """
    with telemetry.continued("", op="queue.publish", name="switchyard.listen", install=install_id):
        events = [
            replace(event, at=min(event.at, sure_since)) if event.record_id == WHOLE_KIND else event
            for event in (*also, *batch.events)
        ]
        now = tools.clock()
        with tools.database.write() as connection:
            if fence is not None:
                leases.confirm(connection, *fence)
            new = letters.receive(connection, install_id, events, now=now, trace=telemetry.traceparent())
            if batch.replay_id:
                cursors.put(connection, install_id, TOPIC, batch.replay_id, now)
        if new:
            tools.ring(install_id)
            log.info("stored", install=install_id, letters=new, ours=sum(event.ours for event in batch.events))
    return new


def _compare(since: datetime) -> tuple[Event, ...]:
    """Ask for a comparison of every kind from a moment on."""
    kinds: tuple[Kind, ...] = (*backfill.KINDS, "rule")
    return tuple(Event(f"start:{kind}:{since.isoformat()}", kind, WHOLE_KIND, "resync", since) for kind in kinds)
