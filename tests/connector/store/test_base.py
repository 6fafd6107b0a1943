"""The database: times, transactions that undo themselves, readers that block nobody."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from connector.store import base, installs, letters
from connector.store.base import Database, Moment
from tests.connector.store.kit import NOW, Tenant, event, inbox, post, tenant

HALF_HOUR_ZONE = timezone(timedelta(hours=-3, minutes=-30))
MOMENTS = st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.sampled_from([UTC, HALF_HOUR_ZONE]))  # noqa: DTZ001
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@given(MOMENTS)
def test_a_moment_comes_back_to_the_microsecond(moment: datetime) -> None:
    column = Moment()
    assert column.process_result_value(column.process_bind_param(moment, DIALECT), DIALECT) == moment


def test_a_naive_time_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Moment().process_bind_param(NOW.replace(tzinfo=None), DIALECT)


def test_a_transaction_that_fails_leaves_nothing(database: Database, alice: Tenant) -> None:
    with contextlib.suppress(KeyboardInterrupt), database.write() as connection:
        letters.receive(connection, alice.id, [event()], now=NOW)
        raise KeyboardInterrupt
    assert inbox(database, alice) == []
    assert post(database, alice, event()) == 1, "the connection went back to the pool in order"


def test_a_reader_sees_one_state_while_others_write(database: Database, alice: Tenant) -> None:
    with database.read() as connection:
        assert letters.counts(connection, alice.id)["waiting"] == 0
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(post, database, alice, event()).result(20) == 1
        assert letters.counts(connection, alice.id)["waiting"] == 0
    with database.read() as connection:
        assert letters.counts(connection, alice.id)["waiting"] == 1


def test_a_writer_blocks_no_reader(database: Database, alice: Tenant) -> None:
    with database.write() as connection:
        letters.receive(connection, alice.id, [event()], now=NOW)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(inbox, database, alice).result(20) == []


def test_many_writers_lose_nothing_and_none_is_refused(database: Database, alice: Tenant) -> None:
    start = threading.Barrier(6)

    def deliver(number: int) -> int:
        start.wait(20)
        return sum(post(database, alice, event(f"{number}-{turn}"), event(f"same-{turn}")) for turn in range(8))

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(deliver, range(6))) == 6 * 8 + 8
    with database.read() as connection:
        assert letters.counts(connection, alice.id)["waiting"] == 56


def test_two_processes_on_one_file_share_a_store(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    one, two = (Database(f"sqlite:///{path}") for _ in range(2))
    made = tenant(one, "alice")
    with two.read() as connection:
        assert installs.by_id(connection, made.id) == made.install
    one.close()
    two.close()


def test_sqlite_is_set_up_to_keep_what_it_acknowledged(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.sqlite'}")
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000, "secure_delete": 1}
    with database.read() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in wanted}
    database.close()
    assert found == wanted


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_that_was_dropped_while_it_rested_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An engine of its own, with this one connection: the others of a pool would hide the one that is gone.
    own = Database(database.engine.url.render_as_string(hide_password=False))
    with own.read() as connection:
        dropped = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with database.read() as connection:
        assert connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": dropped}).scalar_one()
    monkeypatch.setattr(base, "RESTED_SECONDS", 0.0)
    with own.read() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != dropped
    own.close()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_connection_at_work_is_not_asked_before_each_transaction(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []
    with database.read():
        pass
    monkeypatch.setattr(database.engine.dialect, "do_ping", asked.append)
    with database.read():
        pass
    assert asked == []
    monkeypatch.setattr(base, "RESTED_SECONDS", 0.0)
    with database.read():
        pass
    assert len(asked) == 1


def test_a_postgresql_url_as_hosts_write_it_uses_the_driver_we_ship() -> None:
    assert {Database(f"{each}://u:p@db.example/x").engine.url.drivername for each in ("postgres", "postgresql")} == {
        "postgresql+psycopg"
    }
