"""One worker's shift at one install: what the rounds of a drain share, and the lease that makes them the only one."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Connection

from connector.crm import Crm
from connector.store import leases
from connector.store.installs import Install
from connector.store.seal import Seal
from jobs.tools import Tools

log = structlog.get_logger()


@dataclass
class Round:
    """One round of a drain: how many calls the CRM had been asked when it began."""

    calls: int = 0


@dataclass(frozen=True)
class Shift:
    """One install, its CRM and seal, and the lease under which this worker writes. `round` is the one at work."""

    tools: Tools
    install: Install
    crm: Crm
    seal: Seal
    lease: str
    holder: str
    round: Round = field(default_factory=Round)

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a transaction that holds only while the lease does. Raises LeaseLost."""
        with self.tools.database.write() as connection:
            leases.confirm(connection, self.lease, self.holder)
            yield connection

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a reading transaction."""
        with self.tools.database.read() as connection:
            yield connection


def drain_lease(install_id: str) -> str:
    """Return the name of the lease that makes a drain the only one of its install."""
    return f"drain:{install_id}"


@contextlib.contextmanager
def holding(tools: Tools, name: str, *, lost: Callable[[], None] = lambda: None) -> Iterator[str | None]:
    """Hold a lease while the block runs, renewed in the background; yields its holder, or None when it is taken.

    `lost` is called from the renewing thread when somebody else has taken it.
    """
    holder = f"{tools.holder[:50]}:{uuid.uuid4().hex[:8]}"
    seconds = tools.settings.lease_seconds
    with tools.database.write() as connection:
        taken = leases.take(connection, name, holder, now=tools.clock(), seconds=seconds)
    if not taken:
        yield None
        return
    done = threading.Event()
    beat = threading.Thread(target=_renew, args=(tools, name, holder, done, lost), name=f"lease {name}", daemon=True)
    beat.start()
    try:
        yield holder
    finally:
        done.set()
        beat.join()
        with tools.database.write() as connection:
            leases.release(connection, name, holder)


def _renew(tools: Tools, name: str, holder: str, done: threading.Event, lost: Callable[[], None]) -> None:
    """Renew every third of the lease. When it cannot, the fence in `Shift.write` stops the work."""
    while not done.wait(tools.settings.lease_seconds / 3):
        try:
            with tools.database.write() as connection:
                now, seconds = tools.clock(), tools.settings.lease_seconds
                if not leases.take(connection, name, holder, now=now, seconds=seconds):
                    log.warning("lease lost", lease=name)
                    lost()
                    return
        except Exception as error:  # noqa: BLE001 - a missed beat is not the end; the next one may succeed
            log.warning("lease not renewed", lease=name, error=type(error).__name__)
