"""Which listener has which org's stream, and how each stream is."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from connector.store import installs, leases, streams
from connector.store.base import Database
from connector.store.leases import LeaseLost
from connector.store.streams import PREFIX, Stream
from tests.connector.store.kit import NOW, Tenant, after
from tests.local.processes import until

SECONDS = 30.0
PATIENCE = 20.0
NAMES = ("stream:a", "stream:b", "stream:c")


def take(database: Database, holder: str, *names: str, minutes: float = 0) -> set[str]:
    with database.write() as connection:
        return set(leases.take_all(connection, names, holder, now=after(minutes=minutes), seconds=SECONDS))


def renew(database: Database, holder: str, *, minutes: float = 0) -> set[str]:
    with database.write() as connection:
        return set(leases.renew_all(connection, holder, now=after(minutes=minutes), seconds=SECONDS))


def test_of_several_leases_those_that_are_free_are_taken(database: Database) -> None:
    assert take(database, "one", "stream:b") == {"stream:b"}
    assert take(database, "two", *NAMES) == {"stream:a", "stream:c"}
    assert take(database, "one", *NAMES) == {"stream:b"}
    assert take(database, "one") == set()


def test_one_statement_renews_all_that_a_holder_has(database: Database) -> None:
    take(database, "one", "stream:a", "stream:b")
    take(database, "two", "stream:c")
    assert renew(database, "one", minutes=0.4) == {"stream:a", "stream:b"}
    assert take(database, "three", *NAMES, minutes=0.7) == {"stream:c"}
    assert renew(database, "two", minutes=0.7) == set()


def test_leases_that_ran_out_and_that_nobody_took_are_still_renewed(database: Database) -> None:
    take(database, "one", *NAMES)
    assert renew(database, "one", minutes=5) == set(NAMES)
    assert take(database, "two", *NAMES, minutes=5) == set()


def test_who_lost_a_lease_learns_it_by_renewing_and_writes_nothing(database: Database) -> None:
    take(database, "frozen", *NAMES)
    take(database, "awake", "stream:b", minutes=1)
    assert renew(database, "frozen", minutes=1) == {"stream:a", "stream:c"}
    with pytest.raises(LeaseLost), database.write() as connection:
        leases.confirm(connection, "stream:b", "frozen")


def test_some_or_all_leases_are_given_back_and_only_by_their_holder(database: Database) -> None:
    take(database, "one", *NAMES)
    with database.write() as connection:
        leases.release_all(connection, "two")
        leases.release_all(connection, "one", ["stream:a"])
    assert take(database, "two", *NAMES) == {"stream:a"}
    with database.write() as connection:
        leases.release_all(connection, "one")
    assert take(database, "two", *NAMES) == set(NAMES)


def test_leases_are_listed_while_they_hold_and_deleted_when_they_ran_out(database: Database) -> None:
    take(database, "one", "listener:1")
    take(database, "two", "listener:2", "stream:a", minutes=1)
    for minutes, names in ((0.2, ["listener:1", "listener:2"]), (1, ["listener:2"]), (9, [])):
        with database.read() as connection:
            assert leases.live(connection, "listener:", now=after(minutes=minutes)) == names
    with database.write() as connection:
        assert leases.purge(connection, "listener:", now=after(minutes=1)) == 1
        assert leases.purge(connection, "listener:", now=after(minutes=1)) == 0
    assert renew(database, "two", minutes=1) == {"listener:2", "stream:a"}


def test_a_holder_that_froze_in_a_transaction_holds_up_that_lease_alone(postgres_store: Database) -> None:
    """SQLite has one writer at a time, so there a frozen writer stops everybody."""
    names = ("frozen:a", "frozen:b", "frozen:c")
    take(postgres_store, "frozen", *names)
    with postgres_store.write() as connection:
        leases.confirm(connection, "frozen:b", "frozen")
        assert take(postgres_store, "awake", *names, minutes=1) == {"frozen:a", "frozen:c"}
    assert take(postgres_store, "awake", *names, minutes=1) == set(names)


def test_a_transaction_of_a_holder_that_froze_is_undone_and_its_lease_free(postgres_store: Database) -> None:
    take(postgres_store, "frozen", "icy")
    with pytest.raises(DBAPIError), postgres_store.write() as connection:  # noqa: PT012 - the end of the block
        leases.confirm(connection, "icy", "frozen", frozen_after=0.05)
        until(lambda: take(postgres_store, "awake", "icy", minutes=1), seconds=PATIENCE, what="taken", every=0.02)
        leases.confirm(connection, "icy", "frozen")
    with postgres_store.write() as connection:
        leases.confirm(connection, "icy", "awake")


def test_many_who_take_and_renew_many_leases_at_once_never_wait_for_each_other_in_a_circle(database: Database) -> None:
    names = [f"stream:{number:03}" for number in range(60)]
    barrier = threading.Barrier(6)

    def fight(number: int) -> None:
        barrier.wait(PATIENCE)
        mine = names[::-1] if number % 2 else names
        for turn in range(5):
            take(database, f"h{number}", *mine, minutes=turn * 6 + number)
            renew(database, f"h{number}", minutes=turn * 6 + number)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(fight, range(6)))
    with database.read() as connection:
        assert leases.live(connection, PREFIX, now=NOW) == names


def test_orgs_that_nobody_listens_to_are_found_oldest_first(database: Database, alice: Tenant, charlie: Tenant) -> None:
    with database.write() as connection:
        connection.execute(installs.install.update().values(crm="salesforce"))
    ids = [alice.id, charlie.id]

    def unheld(*, minutes: float = 0, limit: int = 9) -> list[str]:
        with database.read() as connection:
            return streams.unheld(connection, now=after(minutes=minutes), limit=limit)

    assert sorted(unheld()) == sorted(ids)
    assert unheld(limit=1) == unheld()[:1]
    take(database, "one", f"{PREFIX}{alice.id}")
    assert unheld() == [charlie.id]
    assert sorted(unheld(minutes=1)) == sorted(ids)
    with database.write() as connection:
        installs.set_status(connection, charlie.id, "paused")
    assert unheld() == []
    with database.read() as connection:
        assert streams.wanted(connection) == [alice.id]


def test_how_a_stream_is_since_when_and_until_when(database: Database, alice: Tenant) -> None:
    def note(standing: streams.Standing, *, minutes: float, reason: str = "") -> Stream | None:
        now = after(minutes=minutes)
        until = now + timedelta(hours=4) if reason else None
        with database.write() as connection:
            streams.put(connection, alice.id, standing, now=now, reason=reason, next_try=until)
            return streams.get(connection, alice.id)

    with database.read() as connection:
        assert streams.get(connection, alice.id) is None
    assert note("live", minutes=0) == Stream("live", NOW)
    spent = note("polling", minutes=1, reason="Spent.")
    assert spent == Stream("polling", after(minutes=1), "Spent.", after(minutes=1) + timedelta(hours=4))
    with database.write() as connection:
        streams.asked(connection, alice.id, after(minutes=2))
        found = streams.get(connection, alice.id)
    assert found is not None
    assert (found.asked_at, found.standing) == (after(minutes=2), "polling")
    again = note("polling", minutes=300, reason="Spent.")
    assert again is not None
    assert again.since == after(minutes=1)
    assert note("live", minutes=400) == Stream("live", after(minutes=400))
