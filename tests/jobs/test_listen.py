"""The listener: letters with their place, one listener an org, and what becomes of a stream that breaks."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connector.errors import Exhausted, Later, Refused, Revoked
from connector.store import cursors, installs, leases, letters
from connector.store import streams as standings
from connector.store.installs import Install
from connector.store.leases import LeaseLost
from connector.store.letters import Letter
from connector.store.streams import PREFIX
from jobs import backfill, listen, streams
from jobs.streams import TOPIC, Line, pause_after, store
from jobs.tools import Tools
from rules.model import WHOLE_KIND, Event
from tests.jobs.conftest import House
from tests.local.processes import until

PATIENCE = 20.0
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


def whole(house: House) -> Event:
    """Return an event that says: something about leads was lost."""
    return Event("gap", "lead", WHOLE_KIND, "resync", house.now)


def wait(condition: Callable[[], object], what: str) -> None:
    until(condition, seconds=PATIENCE, what=what, every=0.01)


def test_a_batch_is_stored_with_its_place_and_rung_for(house: House) -> None:
    house.rung.clear()
    batch = Batch((house.event("l1"), house.event("l2"), house.event("l3", ours=True)), b"\x00\x01")
    assert store(house.tools, house.install.id, batch, sure_since=house.now) == 2
    assert [each.event.record_id for each in inbox(house)] == ["l1", "l2"]
    assert (place(house), house.rung) == (b"\x00\x01", [house.install.id])


def test_letters_and_place_are_stored_together_or_not_at_all(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    known(house)
    house.rung.clear()

    def full(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(cursors, "put", full)
    with pytest.raises(OSError, match="full"):
        store(house.tools, house.install.id, Batch((house.event("l1"),), b"2"), sure_since=house.now)
    assert (inbox(house), place(house), house.rung) == ([], b"0", [])


def test_a_batch_that_comes_again_rings_nobody(house: House) -> None:
    batch = Batch((house.event("l1"),))
    store(house.tools, house.install.id, batch, sure_since=house.now)
    house.rung.clear()
    assert store(house.tools, house.install.id, replace(batch, replay_id=b"2"), sure_since=house.now) == 0
    assert (place(house), house.rung) == (b"2", [])


def test_a_keepalive_moves_the_place_and_rings_nobody(house: House) -> None:
    house.rung.clear()
    assert store(house.tools, house.install.id, Batch((), b"7"), sure_since=house.now) == 0
    assert (place(house), inbox(house), house.rung) == (b"7", [], [])


def test_an_answer_without_a_place_leaves_the_old_one(house: House) -> None:
    known(house, b"5")
    store(house.tools, house.install.id, Batch((house.event("l1"),), b""), sure_since=house.now)
    assert place(house) == b"5"


def test_what_was_lost_is_compared_from_when_the_stream_was_last_whole(house: House) -> None:
    since = house.now - timedelta(minutes=9)
    store(house.tools, house.install.id, Batch((whole(house), house.event("l1"))), sure_since=since)
    at = {each.event.record_id: each.event.at for each in inbox(house)}
    assert at == {WHOLE_KIND: since, "l1": house.now}


def test_a_new_stream_compares_everything_since_the_install_once(
    house: House, listening: Callable[..., Listener]
) -> None:
    crm = Salesforce([Stream([Batch((house.event("l1"),), b"1"), Batch((house.event("l2"),), b"2")])])
    listening(crm)
    wait(lambda: place(house) == b"2", "both batches")
    found = inbox(house)
    compared = [each.event for each in found if each.event.record_id == WHOLE_KIND]
    assert {each.kind for each in compared} == {*backfill.KINDS, "rule"}
    assert {(each.change, each.at) for each in compared} == {("resync", house.install.created_at)}
    assert [each.event.record_id for each in found if each.event.record_id != WHOLE_KIND] == ["l1", "l2"]
    assert crm.opened[0].place is None


def test_a_stream_goes_on_from_the_stored_place_and_compares_nothing(
    house: House, listening: Callable[..., Listener]
) -> None:
    known(house, b"stored")
    crm = Salesforce([Stream([Batch((), b"next")])])
    listening(crm)
    wait(lambda: place(house) == b"next", "the keepalive")
    assert (crm.opened[0].place, inbox(house)) == (b"stored", [])


@pytest.mark.parametrize("error", [Later("Busy.", seconds=0.01), RuntimeError("a fault of ours")])
def test_a_broken_stream_is_opened_again_at_the_stored_place(
    house: House, listening: Callable[..., Listener], error: Exception
) -> None:
    known(house)
    broken = Stream([Batch((house.event("l1"),), b"1")], error)
    crm = Salesforce([broken, Stream([Batch((whole(house),), b"2")])])
    listening(crm)
    wait(lambda: place(house) == b"2", "the second stream")
    assert [each.place for each in crm.opened] == [b"0", b"1"]
    assert broken.closed.is_set()
    assert house.status() == "active"


@pytest.mark.parametrize(("error", "status"), [(Revoked("Gone."), "revoked"), (Refused("No such channel."), "paused")])
def test_a_stream_that_will_not_come_back_stops_the_install_with_the_reason(
    house: House, listening: Callable[..., Listener], error: Exception, status: str
) -> None:
    known(house)
    crm = Salesforce([Stream((), error)] * 3)
    listener = listening(crm)
    wait(lambda: house.status() == status, status)
    listener.stop()
    assert crm.live == []
    with house.database.read() as connection:
        found = installs.by_id(connection, house.install.id)
    assert found is not None
    assert found.reason == str(error)


def test_an_install_that_is_woken_is_listened_to_again(house: House, listening: Callable[..., Listener]) -> None:
    known(house)
    crm = Salesforce([Stream((), Revoked("Gone."))])
    listening(crm)
    wait(lambda: house.status() == "revoked", "revoked")
    with house.database.write() as connection:
        installs.set_status(connection, house.install.id, "active")
    wait(lambda: crm.live, "a new stream")


@pytest.mark.parametrize("how", ["stopped", "paused", "removed"])
def test_a_stream_is_hung_up_when_it_is_over(house: House, listening: Callable[..., Listener], how: str) -> None:
    known(house)
    crm = Salesforce()
    listener = listening(crm)
    wait(lambda: crm.live, "the stream")
    if how == "stopped":
        listener.stop()
    else:
        with house.database.write() as connection:
            if how == "paused":
                installs.set_status(connection, house.install.id, "paused")
            else:
                installs.remove(connection, house.install.id)
    wait(lambda: not crm.live, "hung up")


def test_a_stream_that_is_opened_while_we_end_it_is_closed_and_not_read(house: House) -> None:
    known(house)
    late = Stream([Batch((house.event("l1"),), b"1")])

    async def listen_once() -> None:
        with ThreadPoolExecutor(1) as threads:
            line = Line(house.tools, house.install, "me", threads)

            def slow(_install: Install, _place: bytes | None) -> Stream:
                line.close()
                return late

            line.tools = replace(house.tools, open_stream=slow)
            await line.run()

    asyncio.run(listen_once())
    assert late.closed.is_set()
    assert (inbox(house), place(house)) == ([], b"0")


def test_of_two_listeners_one_listens_and_the_other_takes_over(
    house: House, listening: Callable[..., Listener]
) -> None:
    known(house)
    crms = [Salesforce(), Salesforce()]
    first = listening(crms[0])
    wait(lambda: crms[0].live, "the first listener")
    second = listening(crms[1])
    wait(lambda: len(present(house)) == 2, "both are there")
    first.stop()
    wait(lambda: crms[1].live, "the second listener")
    assert crms[0].live == []
    assert len(crms[1].opened) == 1
    second.stop()
    assert (present(house), holders(house)) == ([], {})


def present(house: House) -> list[str]:
    with house.database.read() as connection:
        return leases.live(connection, listen.PRESENCE, now=house.now)


def counts(house: House) -> list[int]:
    """Return how many streams each listener holds, fewest first."""
    found = list(holders(house).values())
    return sorted(found.count(each) for each in set(found))


def test_listeners_share_orgs_evenly_and_a_leaver_hands_over_all(
    house: House, listening: Callable[..., Listener]
) -> None:
    ids = more_orgs(house, 10)
    crms = [Salesforce() for _ in range(3)]
    first = listening(crms[0])
    wait(lambda: len(crms[0].live) == 11, "the first has all")
    second = listening(crms[1])
    wait(lambda: [len(crm.live) for crm in crms[:2]] in ([5, 6], [6, 5]), "halves")
    third = listening(crms[2])
    wait(lambda: sorted(len(crm.live) for crm in crms) == [3, 4, 4], "thirds")
    assert counts(house) == [3, 4, 4]
    second.stop()
    wait(lambda: sorted(len(crm.live) for crm in crms) == [0, 5, 6], "halves again")
    first.stop()
    wait(lambda: len(crms[2].live) == 11, "the last has all")
    assert set(holders(house)) == set(ids)
    third.stop()
    assert holders(house) == {}


def test_what_a_dead_listener_held_is_taken_over_when_its_leases_run_out(
    house: House, listening: Callable[..., Listener]
) -> None:
    known(house, b"5")
    with house.database.write() as connection:
        for name in (f"{PREFIX}{house.install.id}", f"{listen.PRESENCE}dead"):
            leases.take(connection, name, "dead", now=house.now, seconds=30)
    crm = Salesforce()
    listening(crm)
    wait(lambda: len(present(house)) == 2, "the listener is there")
    assert crm.opened == []
    house.later(seconds=31)
    wait(lambda: crm.live, "taken over")
    assert crm.opened[0].place == b"5"
    wait(lambda: len(present(house)) == 1, "the dead one no longer counts")


def test_a_stream_whose_lease_somebody_else_took_is_ended(house: House, listening: Callable[..., Listener]) -> None:
    known(house)
    crm = Salesforce()
    listening(crm)
    wait(lambda: crm.live, "the stream")
    with house.database.write() as connection:
        connection.execute(leases.lease.update().where(leases.lease.c.name.startswith(PREFIX)).values(holder="thief"))
    wait(lambda: not crm.live, "ended")
    assert set(holders(house).values()) == {"thief"}


def test_a_frozen_listener_that_wakes_cannot_move_the_place_back(house: House) -> None:
    known(house, b"9")
    name = f"{PREFIX}{house.install.id}"
    with house.database.write() as connection:
        leases.take(connection, name, "frozen", now=house.now, seconds=30)
    house.later(seconds=31)
    with house.database.write() as connection:
        leases.take(connection, name, "awake", now=house.now, seconds=30)
    batch = Batch((house.event("l1"),), b"2")
    with pytest.raises(LeaseLost):
        store(house.tools, house.install.id, batch, sure_since=house.now, fence=(name, "frozen"))
    assert (inbox(house), place(house)) == ([], b"9")
    store(house.tools, house.install.id, batch, sure_since=house.now, fence=(name, "awake"))
    assert place(house) == b"2"


def test_a_line_that_lost_its_lease_ends_without_a_word(house: House) -> None:
    known(house)
    stream = Stream([Batch((house.event("l1"),), b"1")])

    async def listen_once() -> None:
        with ThreadPoolExecutor(1) as threads:
            tools = replace(house.tools, open_stream=lambda _install, _place: stream)
            await Line(tools, house.install, "nobody", threads).run()

    asyncio.run(listen_once())
    assert stream.closed.is_set()
    assert (inbox(house), place(house), house.status()) == ([], b"0", "active")


SPENT = "The org has used up its event deliveries for 24 hours"


def asked(house: House) -> list[datetime]:
    """Return since when each kind was asked for."""
    return [each.event.at for each in inbox(house) if each.event.key.startswith("poll:")]


def settle(house: House) -> None:
    """Let a worker answer all letters."""
    with house.database.write() as connection:
        found = letters.waiting(connection, house.install.id, now=house.now, records=100)
        letters.settle(connection, house.install.id, [each.id for each in found])


def test_while_an_org_may_get_no_events_changes_are_asked_for(house: House, listening: Callable[..., Listener]) -> None:
    known(house)
    began = house.now
    house.later(minutes=3)
    crm = Salesforce([Stream([], Exhausted(SPENT, seconds=4 * 3600))])
    listening(crm)
    wait(lambda: asked(house), "the first question")
    kinds = {each.event.kind for each in inbox(house)}
    assert (kinds, set(asked(house))) == ({*backfill.KINDS, "rule"}, {began})
    assert house.rung
    shown = standing(house)
    assert shown is not None
    assert (shown.standing, shown.reason, shown.since) == ("polling", SPENT, house.now)
    assert shown.next_try == house.now + timedelta(hours=4)
    house.later(minutes=1)
    settle(house)
    wait(lambda: asked(house), "the second question")
    assert set(asked(house)) <= {house.now - timedelta(minutes=1), house.now}
    assert len(crm.opened) == 1
    assert crm.live == []


def test_a_question_that_is_still_in_the_inbox_is_not_put_twice(house: House) -> None:
    fence = ("stream:x", "me")
    with house.database.write() as connection:
        leases.take(connection, *fence, now=house.now, seconds=30)
        standings.put(connection, house.install.id, "polling", now=house.now)
    began = house.now
    house.later(minutes=1)
    assert streams.ask(house.tools, house.install.id, began, fence=fence) == house.now
    first = house.now
    house.later(minutes=1)
    house.rung.clear()
    assert streams.ask(house.tools, house.install.id, first, fence=fence) == first
    assert (set(asked(house)), house.rung) == ({began}, [])
    settle(house)
    house.later(minutes=1)
    assert streams.ask(house.tools, house.install.id, first, fence=fence) == house.now
    assert set(asked(house)) == {first}


def test_when_events_may_come_again_the_stream_starts_anew_and_what_lies_between_is_compared(
    house: House, listening: Callable[..., Listener]
) -> None:
    known(house, b"old")
    back = Stream([Batch((house.event("l1"),), b"new")])
    crm = Salesforce([Stream([], Exhausted(SPENT, seconds=0.05)), back])
    listening(crm)
    wait(lambda: place(house) == b"new", "the stream is back")
    assert back.place is None
    compared = {each.event.kind for each in inbox(house) if each.event.key.startswith("start:")}
    assert compared == {*backfill.KINDS, "rule"}
    shown = standing(house)
    assert shown is not None
    assert (shown.standing, shown.reason, shown.next_try) == ("live", "", None)


def test_changes_are_asked_for_until_the_stream_stands(house: House, listening: Callable[..., Listener]) -> None:
    """Salesforce may take minutes to say anything on a quiet org's stream."""
    known(house, b"old")
    crm = Salesforce([Stream([], Exhausted(SPENT, seconds=0.05)), Stream()])
    listening(crm)
    wait(lambda: crm.live, "the stream is open")
    settle(house)
    wait(lambda: asked(house), "asked again")
    assert place(house) == b"old"


def test_a_listener_that_takes_over_waits_for_the_end_of_the_pause_too(
    house: House, listening: Callable[..., Listener]
) -> None:
    known(house)
    until = house.now + timedelta(hours=1)
    with house.database.write() as connection:
        standings.put(connection, house.install.id, "polling", now=house.now, next_try=until, asked_at=house.now)
    crm = Salesforce()
    listening(crm)
    wait(lambda: asked(house), "the question")
    assert (crm.opened, set(asked(house))) == ([], {house.now})


def test_a_stream_that_stands_is_called_live_and_one_that_keeps_breaking_broken(
    house: House, listening: Callable[..., Listener]
) -> None:
    known(house)
    crm = Salesforce([*(Stream([], Later("Busy.", seconds=0.01)) for _ in range(3)), Stream([Batch((), b"1")])])
    seen: list[Any] = []
    noted = standings.put

    def note(*given: Any, **named: Any) -> None:
        seen.append((given[2], named.get("reason", "")))
        noted(*given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standings, "put", note)
        listening(crm)
        wait(lambda: place(house) == b"1", "back")
    assert seen == [("broken", "Busy."), ("broken", "Busy."), ("live", "")]


@pytest.mark.parametrize(
    ("breaks", "at_least", "chance", "seconds"),
    [
        (1, 0.0, 0.0, 1.0),
        (2, 0.0, 0.0, 2.0),
        (5, 0.0, 0.0, 16.0),
        (9, 0.0, 0.0, 256.0),
        (10, 0.0, 0.0, 300.0),
        (5000, 0.0, 0.0, 300.0),
        (1, 5.0, 0.0, 5.0),
        (4, 5.0, 0.0, 8.0),
        (4, 5.0, 1.0, 12.0),
        (50, 5.0, 1.0, 450.0),
        (1, 3600.0, 1.0, 3750.0),
    ],
)
def test_pauses_double_are_capped_and_spread(breaks: int, at_least: float, chance: float, seconds: float) -> None:
    assert pause_after(breaks, at_least, chance) == seconds


def test_hubspot_portals_have_no_stream(house: House, listening: Callable[..., Listener]) -> None:
    with house.database.write() as connection:
        connection.execute(installs.install.update().values(crm="hubspot"))
    crm = Salesforce()
    listener = listening(crm)
    listener.stop()
    assert crm.opened == []


def test_a_stored_letter_says_nothing_but_names(house: House) -> None:
    event = replace(house.event("l1", change="updated"), changed=("email", "Custom__c"))
    store(house.tools, house.install.id, Batch((event,)), sure_since=house.now)
    (letter,) = inbox(house)
    assert letter.event == event
    assert json.dumps(letter.event.changed) == '["email", "Custom__c"]'
