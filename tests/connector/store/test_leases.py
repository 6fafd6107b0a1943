"""Leases: one holder at a time, also when many ask at the same moment; a late writer writes nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update

from connector.store import leases, progress
from connector.store.base import Database
from connector.store.leases import LeaseLost
from tests.connector.store.kit import NOW, Tenant, after

SECONDS = 30.0
PATIENCE = 20.0


def take(database: Database, holder: str, *, minutes: float = 0) -> bool:
    with database.write() as connection:
        return leases.take(connection, "drain", holder, now=after(minutes=minutes), seconds=SECONDS)


def confirmed(database: Database, holder: str) -> bool:
    try:
        with database.write() as connection:
            leases.confirm(connection, "drain", holder)
    except LeaseLost:
        return False
    return True


def test_the_first_has_it_and_the_second_has_not(database: Database) -> None:
    assert take(database, "one")
    assert not take(database, "two")
    assert (confirmed(database, "one"), confirmed(database, "two")) == (True, False)


def test_the_holder_renews_and_the_others_wait_longer(database: Database) -> None:
    assert take(database, "one")
    assert take(database, "one", minutes=0.4)
    assert not take(database, "two", minutes=0.6)
    assert take(database, "two", minutes=1)


def test_a_lease_that_ran_out_goes_to_whoever_asks_and_the_old_holder_is_fenced(database: Database) -> None:
    assert take(database, "one")
    assert confirmed(database, "one")
    assert take(database, "two", minutes=1)
    assert not confirmed(database, "one")
    assert not take(database, "one", minutes=1)


def test_a_lease_holds_to_its_very_end(database: Database) -> None:
    assert take(database, "one")
    with database.read() as connection:
        assert leases.held(connection, "drain", now=after(seconds=SECONDS))
        assert not leases.held(connection, "drain", now=after(seconds=SECONDS + 0.001))
    assert not take(database, "two", minutes=SECONDS / 60)
    assert take(database, "two", minutes=SECONDS / 60 + 0.001)


def test_only_the_holder_can_give_it_back(database: Database) -> None:
    assert take(database, "one")
    for holder, free in (("two", False), ("one", True)):
        with database.write() as connection:
            leases.release(connection, "drain", holder)
        assert take(database, "three") is free


def test_two_names_are_two_leases(database: Database) -> None:
    assert take(database, "one")
    with database.write() as connection:
        assert leases.take(connection, "clock", "two", now=NOW, seconds=SECONDS)


@pytest.mark.parametrize("before", ["free", "run out"])
def test_of_many_who_ask_at_once_one_gets_it(database: Database, before: str) -> None:
    if before == "run out":
        assert take(database, "old", minutes=-5)
    barrier = threading.Barrier(8)

    def ask(number: int) -> bool:
        barrier.wait(PATIENCE)
        return take(database, f"holder{number}")

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1


def test_nobody_takes_the_lease_while_a_confirmed_transaction_is_open(database: Database, alice: Tenant) -> None:
    """A worker that is slow, whose lease has run out, still writes alone: the taker waits for its commit."""
    assert take(database, "slow")
    with database.write() as connection:
        progress.start(connection, alice.id, "backfill:lead", now=NOW)
    asking = threading.Event()

    def taker() -> tuple[bool, int]:
        asking.set()
        with database.write() as connection:
            taken = leases.take(connection, "drain", "fast", now=after(minutes=5), seconds=SECONDS)
            return taken, progress.of(connection, alice.id)[0].done

    with ThreadPoolExecutor(1) as pool:
        with database.write() as connection:
            leases.confirm(connection, "drain", "slow")
            future = pool.submit(taker)
            assert asking.wait(PATIENCE)
            progress.move(connection, alice.id, "backfill:lead", now=NOW, done=41)
            assert not future.done()
            progress.move(connection, alice.id, "backfill:lead", now=NOW, done=42)
        assert future.result(PATIENCE) == (True, 42)
    assert not confirmed(database, "slow")


def test_under_a_fight_for_the_lease_no_update_is_lost(database: Database, alice: Tenant) -> None:
    """Eight holders steal the lease from each other; each adds one under the fence, read and write apart."""
    with database.write() as connection:
        progress.start(connection, alice.id, "count", now=NOW)
    clock = iter(range(10_000_000))
    lock = threading.Lock()

    def tick() -> float:
        with lock:
            return next(clock)

    def work(number: int) -> int:
        added = 0
        while added < 5:
            with database.write() as connection:
                if not leases.take(connection, "drain", f"h{number}", now=after(minutes=tick()), seconds=SECONDS):
                    continue
            try:
                added += fenced(database, f"h{number}", lambda c: add_one(c, alice.id))
            except LeaseLost:
                continue
        return added

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(work, range(8))) == 40
    with database.read() as connection:
        assert progress.of(connection, alice.id)[0].done == 40


def fenced(database: Database, holder: str, work: Callable[[Any], None]) -> int:
    with database.write() as connection:
        leases.confirm(connection, "drain", holder)
        work(connection)
    return 1


def add_one(connection: Any, install_id: str) -> None:
    """Read, then write what was read plus one: only the fence makes this safe."""
    table = progress.progress
    mine = table.c.install_id == install_id
    done = connection.execute(select(table.c.done).where(mine)).scalar_one()
    connection.execute(update(table).where(mine).values(done=done + 1))
