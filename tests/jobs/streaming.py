"""A listener to test with: streams that play what they were given, listeners in threads, what is stored of it all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from connector.store import cursors, installs, leases, letters
from connector.store import streams as standings
from connector.store.installs import Install
from connector.store.letters import Letter
from connector.store.streams import PREFIX
from jobs import listen, streams
from jobs.streams import TOPIC
from jobs.tools import Tools
from rules.model import Event
from tests.local.processes import until

if TYPE_CHECKING:
    from tests.jobs.conftest import House

PATIENCE = 90.0
LEASE_SECONDS = 0.3
"""Its third is how often a listener renews what it holds; on the house's clock, which stands still, none runs out."""


@dataclass(frozen=True)
class Batch:
    """Some events and where they end."""

    events: tuple[Event, ...] = ()
    replay_id: bytes = b"1"


@dataclass
class Stream:
    """A stream that yields its batches, then raises, or stays open until it is closed."""

    batched: Sequence[Batch] = ()
    error: Exception | None = None
    place: bytes | None = None
    closed: threading.Event = field(default_factory=threading.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def batches(self) -> AsyncGenerator[Batch, None]:
        for batch in self.batched:
            yield batch
        if self.error is not None:
            raise self.error
        await asyncio.wait_for(self.over.wait(), PATIENCE)

    def close(self) -> None:
        self.closed.set()
        self.over.set()


@dataclass
class Salesforce:
    """Hands out the streams it was given, then ones that stay silent; notes the place each was opened at."""

    streams: list[Stream] = field(default_factory=list)
    opened: list[Stream] = field(default_factory=list)

    def open(self, _install: Install, place: bytes | None) -> Stream:
        stream = self.streams.pop(0) if self.streams else Stream()
        stream.place = place
        self.opened.append(stream)
        return stream

    @property
    def live(self) -> list[Stream]:
        return [each for each in self.opened if not each.closed.is_set()]


@dataclass
class Listener:
    """A listener process: its thread, and the event that stops it."""

    thread: threading.Thread
    stopped: threading.Event

    def stop(self) -> None:
        self.stopped.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@pytest.fixture
def listening(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Listener]]:
    """Start listeners that look and retry without waiting; they are stopped at the end."""
    monkeypatch.setattr(listen, "LOOK_SECONDS", 0.02)
    monkeypatch.setattr(streams, "FIRST_PAUSE", 0.02)
    started: list[Listener] = []

    def start(crm: Salesforce) -> Listener:
        stopped = threading.Event()
        thread = threading.Thread(target=listen.run, args=(tools(house, crm), stopped))
        thread.start()
        started.append(Listener(thread, stopped))
        return started[-1]

    yield start
    for each in started:
        each.stop()


def tools(house: House, crm: Salesforce) -> Tools:
    quick = house.settings.model_copy(update={"lease_seconds": LEASE_SECONDS, "salesforce_poll_seconds": 0.02})
    return replace(house.tools, open_stream=crm.open, settings=quick)


def standing(house: House, install_id: str = "") -> standings.Stream | None:
    with house.database.read() as connection:
        return standings.get(connection, install_id or house.install.id)


def holders(house: House) -> dict[str, str]:
    """Return who holds each install's stream."""
    with house.database.read() as connection:
        rows = connection.execute(leases.lease.select()).all()
    return {row.name.removeprefix(PREFIX): row.holder for row in rows if row.name.startswith(PREFIX)}


def more_orgs(house: House, count: int) -> list[str]:
    """Connect further orgs; return the ids of all installs."""
    with house.database.write() as connection:
        for number in range(count):
            installs.connect(
                connection,
                crm="salesforce",
                tenant_id=f"00D0000000{number:05d}BBB",
                name=f"Org {number}",
                base_url="https://acme.my.salesforce.com",
                scopes=frozenset({"api"}),
                new_key=house.keyring.new_key(),
                now=house.now,
            )
        return [each.id for each in installs.every(connection)]


def inbox(house: House) -> list[Letter]:
    with house.database.read() as connection:
        return letters.waiting(connection, house.install.id, now=house.now, records=100)


def place(house: House) -> bytes | None:
    with house.database.read() as connection:
        found = cursors.get(connection, house.install.id, TOPIC)
    return found[0] if found else None


def known(house: House, at: bytes = b"0") -> None:
    """Store a place, so that a stream is not the install's first."""
    with house.database.write() as connection:
        cursors.put(connection, house.install.id, TOPIC, at, house.now)


def wait(condition: Callable[[], object], what: str) -> None:
    until(condition, seconds=PATIENCE, what=what, every=0.01)


def present(house: House) -> list[str]:
    with house.database.read() as connection:
        return leases.live(connection, listen.PRESENCE, now=house.now)


def counts(house: House) -> list[int]:
    """Return how many streams each listener holds, fewest first."""
    found = list(holders(house).values())
    return sorted(found.count(each) for each in set(found))
