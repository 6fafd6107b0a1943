"""Several listeners: each org has one, they share evenly, and what a dead or frozen one held goes on elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from connector.store import leases
from connector.store.leases import LeaseLost
from connector.store.streams import PREFIX
from jobs import listen
from jobs.streams import Line, store
from tests.jobs.conftest import House
from tests.jobs.streaming import (
    Batch,
    Listener,
    Salesforce,
    Stream,
    counts,
    holders,
    inbox,
    known,
    more_orgs,
    place,
    present,
    tools,
    wait,
)


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


def test_leases_that_were_taken_without_our_learning_it_are_given_back_and_taken_again(house: House) -> None:
    share = listen.Share(tools(house, Salesforce()))
    assert [each.id for each in share.look(frozenset(), frozenset()).begin] == [house.install.id]
    share._renewed = float("-inf")
    assert [each.id for each in share.look(frozenset(), frozenset()).begin] == [house.install.id]
    share.leave()
    assert (holders(house), present(house)) == ({}, [])


def test_an_org_whose_line_is_still_ending_is_not_taken_anew(house: House) -> None:
    """It may still be storing a batch; under a lease taken anew that batch would pass the fence."""
    share = listen.Share(tools(house, Salesforce()))
    share.look(frozenset(), frozenset())
    mine = frozenset({house.install.id})
    with house.database.write() as connection:
        leases.release_all(connection, share.holder, [f"{PREFIX}{house.install.id}"])
    share._renewed = float("-inf")
    turn = share.look(mine, frozenset())
    assert (turn.end, turn.begin) == (mine, ())
    assert [each.id for each in share.look(frozenset(), mine).begin] == [house.install.id]


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
