"""The database: one engine, two kinds of transaction, the column types that all tables share."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Connection, Dialect, Engine, MetaData, create_engine, event, types
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError

RESTED_SECONDS = 5.0
"""After how long without work a connection to PostgreSQL may be gone unnoticed: proxies and restarts drop idle ones."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BUSY_SECONDS = 30
"""How long SQLite waits for another writer: far longer than our longest transaction (a batch, ~100 ms)."""
CACHE_KIB = 16 * 1024
"""SQLite's page cache, per connection: the inner pages of an index of a million accounts (its own default is 2 MB)."""
MAPPED_BYTES = 2 * 1024**3
"""How much of the file SQLite reads without copying it from the system's cache: a batch of leads costs a tenth less."""
CHECKPOINT_PAGES = 8_000
"""Pages in the write-ahead log before they go to the file: a build writes the same page in many transactions."""
FORGET_SECONDS = 2
"""How long emptying the write-ahead log waits for readers; writers wait behind it."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(types.TypeDecorator[datetime]):
    """An aware UTC datetime kept as microseconds since 1970, which every database sorts and compares alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Store as integer microseconds; a naive datetime is a fault of ours."""
        _ = dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone cannot be stored")
        return (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Read back as an aware UTC datetime."""
        _ = dialect
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Database:
    """An engine and its two kinds of transaction. Open it inside the process that uses it, never across a fork."""

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.drivername in {"postgresql", "postgres"}:
            parsed = parsed.set(drivername="postgresql+psycopg")
        # hide_parameters: an error's text names the statement, never the values of a customer's fields.
        self.engine: Engine = create_engine(parsed, hide_parameters=True)
        self._reading = self.engine
        if self.engine.dialect.name == "sqlite":
            _prepare_sqlite(self.engine)
        else:
            _ask_rested(self.engine)
            # PostgreSQL's default looks anew at each statement; a SQLite transaction has one state by nature.
            self._reading = self.engine.execution_options(isolation_level="REPEATABLE READ")

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a connection for reading; it sees one consistent state and blocks nobody."""
        with self._reading.connect() as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Open one transaction that writes: committed at the end, undone on any error."""
        with self.engine.connect().execution_options(switchyard_write=True) as connection, connection.begin():
            yield connection

    def forget(self) -> bool:
        """Empty SQLite's write-ahead log, which still holds what was deleted; False when readers kept it busy.

        PostgreSQL keeps its own log, and backups keep theirs, until they expire.
        """
        if self.engine.dialect.name != "sqlite":
            return True
        connection = self.engine.raw_connection()
        cursor = connection.cursor()
        try:
            cursor.execute(f"PRAGMA busy_timeout={FORGET_SECONDS * 1000}")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (busy, _, _) = cursor.fetchone() or (1, 0, 0)
        finally:
            cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
            cursor.close()
            connection.close()
        return not busy

    def close(self) -> None:
        """Close every connection; needed before a fork."""
        self.engine.dispose()


def insert(connection: Connection, table: Any) -> Any:
    """Return an INSERT that knows ``on_conflict_…`` on both databases."""
    return insert_on(connection.dialect.name, table)


def insert_on(dialect: str, table: Any) -> Any:
    """Return such an INSERT by the name of the database's dialect: statements that are built once ask by that."""
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return build(table)


def _ask_rested(engine: Engine) -> None:
    """Ask a connection that has rested for a while whether its server is still there, and open others when it is not.

    SQLAlchemy's own question (pool_pre_ping) comes before every transaction: a sixth of all that a drain says.
    """

    @event.listens_for(engine, "checkin")
    def rest(_connection: Any, record: Any) -> None:
        record.info["rests"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ask(dbapi_connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get("rests")
        if since is None or time.monotonic() - since < RESTED_SECONDS:
            return  # new, or at work just now
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another, and asks again


def _prepare_sqlite(engine: Engine) -> None:
    """WAL for readers beside one writer; BEGIN IMMEDIATE so that a writer never deadlocks on an upgrade."""

    @event.listens_for(engine, "connect")
    def configure(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL: an acknowledged letter must outlive a power cut; NORMAL may lose the last commits of a WAL.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
        cursor.execute(f"PRAGMA mmap_size={MAPPED_BYTES}")
        cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        # What is deleted is overwritten: a destroyed key must not stay in a free page. Not every build's default.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("switchyard_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
