"""What every job is given: the store, the keys, a CRM per install, the doorbell and the clock."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connector.crm import Crm
from connector.settings import Settings
from connector.store.base import Database
from connector.store.installs import Install
from connector.store.seal import KeyRing, Seal
from rules.model import Event


class Batch(Protocol):
    """Some events of a stream, and the opaque place to store with them."""

    @property
    def events(self) -> tuple[Event, ...]:
        """The events; none in a keepalive."""
        ...

    @property
    def replay_id(self) -> bytes:
        """Where to go on after them."""
        ...


class Stream(Protocol):
    """A CRM's change stream, for one event loop; close it in that loop."""

    def batches(self) -> AsyncGenerator[Batch, None]:
        """Yield batches as they come. Raises the errors of :mod:`connector.errors`."""
        ...

    def close(self) -> None:
        """End the stream."""
        ...


@dataclass(frozen=True)
class Tools:
    """The things a job works with, handed in so that jobs choose nothing themselves.

    `open_crm` connects to an install's CRM, and `open_stream`, without waiting, to its change events from a stored
    place (None = new); close both when done. `ring` tells a worker that an install has letters;
    `clock` is the time now in UTC; `holder` names this process in leases.
    """

    settings: Settings
    database: Database
    keyring: KeyRing
    open_crm: Callable[[Install], Crm]
    open_stream: Callable[[Install, bytes | None], Stream]
    ring: Callable[[str], None]
    clock: Callable[[], datetime]
    holder: str

    def seal(self, install: Install) -> Seal:
        """Return the seal of an install. Raises Unreadable when no master key opens it."""
        return self.keyring.seal(install.key)
