"""What every job is given: the store, the keys, a CRM per install, the doorbell and the clock."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connector.crm import Crm, Routes
from connector.settings import Settings
from connector.store.base import Database
from connector.store.installs import Install
from connector.store.seal import KeyRing, Seal
from rules.model import Event, Kind


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


class Merger(Protocol):
    """One record was merged into another."""

    @property
    def kind(self) -> Kind:
        """What both are."""
        ...

    @property
    def old_id(self) -> str:
        """The id that is gone."""
        ...

    @property
    def new_id(self) -> str:
        """The id that remains."""
        ...


class Entries(Protocol):
    """One file of a CRM's journal as it concerns one install; `offset` is the place behind it."""

    @property
    def offset(self) -> str:
        """The place behind it."""
        ...

    @property
    def events(self) -> tuple[Event, ...]:
        """What happened."""
        ...

    @property
    def mergers(self) -> Sequence[Merger]:
        """Which records were merged."""
        ...

    @property
    def forget(self) -> tuple[str, ...]:
        """Leads whose data must be erased."""
        ...

    @property
    def uninstalled(self) -> datetime | None:
        """When the app was last taken out; None when it was not."""
        ...


class Journal(Protocol):
    """A CRM's journal of what happened; see connector/hubspot/journal.py. Raises Later or Refused."""

    def begin(self, portal_id: str) -> str:
        """Subscribe a portal and return the place of now."""
        ...

    def after(self, portal_id: str, offset: str, routes: Routes, *, now: datetime) -> Entries | None:
        """Return the next file behind a place, None when there is none. Raises PlaceLost."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


def no_journal() -> Journal | None:
    """Return None: no journal is read."""
    return None


class Door(Protocol):
    """What a drain tells the doorbell, so that rings are answered once; see jobs/queues.py. Raises nothing."""

    def answered(self, install_id: str, seconds: float) -> None:
        """Another drain is at it, and holds its lease for so long unless it renews it."""
        ...

    def closed(self, install_id: str) -> None:
        """The drain has ended and looks once more."""
        ...

    def others_wait(self, install_id: str) -> bool:
        """Whether other installs wait for a worker."""
        ...


class NoDoor:
    """No doorbell: every ring is a drain."""

    def answered(self, install_id: str, seconds: float) -> None:
        """Tell nobody."""

    def closed(self, install_id: str) -> None:
        """Tell nobody."""

    def others_wait(self, install_id: str) -> bool:
        """Return False: nobody waits."""
        _ = install_id
        return False


NO_DOOR = NoDoor()


@dataclass(frozen=True)
class Tools:
    """The things a job works with, handed in so that jobs choose nothing themselves.

    `open_crm` connects to an install's CRM, and `open_stream`, without waiting, to its change events from a stored
    place (None = new); close both when done. `ring` tells a worker that an install has letters; `door` is told when a
    worker has come for nothing; `clock` is the time now in UTC; `holder` names this process in leases; `open_journal`
    connects to HubSpot's journal where that is switched on.
    """

    settings: Settings
    database: Database
    keyring: KeyRing
    open_crm: Callable[[Install], Crm]
    open_stream: Callable[[Install, bytes | None], Stream]
    ring: Callable[[str], None]
    clock: Callable[[], datetime]
    holder: str
    open_journal: Callable[[], Journal | None] = no_journal
    door: Door = NO_DOOR

    def seal(self, install: Install) -> Seal:
        """Return the seal of an install. Raises Unreadable when no master key opens it."""
        return self.keyring.seal(install.key)
