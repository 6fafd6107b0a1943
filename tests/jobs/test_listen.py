"""The listener: letters with their place, and what becomes of a stream that breaks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from connector.errors import Later, Refused, Revoked
from connector.store import cursors, installs
from connector.store.installs import Install
from jobs import backfill
from jobs.streams import Line, pause_after, store
from rules.model import WHOLE_KIND, Event
from tests.jobs.conftest import House
from tests.jobs.streaming import Batch, Listener, Salesforce, Stream, inbox, known, place, wait


def whole(house: House) -> Event:
    """Return an event that says: something about leads was lost."""
    return Event("gap", "lead", WHOLE_KIND, "resync", house.now)


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
