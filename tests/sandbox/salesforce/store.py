"""The org's records in SQLite: a table for each object, a column for each field, one writer, any number of readers."""
# ruff: noqa: S608 - table and column names come from the schema, values are always parameters

from __future__ import annotations

import contextlib
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

from .ids import record_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from .schema import Schema, Sobject

_SYSTEM_TABLES = """
CREATE TABLE IF NOT EXISTS sys_setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sys_sequence (name TEXT PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sys_code (
    code TEXT PRIMARY KEY, client_id TEXT, redirect_uri TEXT, user_id TEXT, scope TEXT, challenge TEXT, expires REAL,
    used INTEGER DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sys_grant (
    id INTEGER PRIMARY KEY, client_id TEXT, user_id TEXT, scope TEXT, revoked INTEGER DEFAULT 0);
CREATE TABLE IF NOT EXISTS sys_token (
    token TEXT PRIMARY KEY, kind TEXT, grant_id INTEGER, user_id TEXT, issued REAL, expires REAL,
    dead INTEGER DEFAULT 0) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sys_notification (
    id INTEGER PRIMARY KEY, at REAL, type_id TEXT, recipient TEXT, title TEXT, body TEXT, target TEXT, sender TEXT);
CREATE TABLE IF NOT EXISTS sys_schema (id TEXT PRIMARY KEY, json TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sys_event (
    seq INTEGER PRIMARY KEY, entity TEXT, at REAL, uuid TEXT, schema_id TEXT, header TEXT, body TEXT, enriched TEXT);
"""


def quoted(name: str) -> str:
    """A table or column name for SQL (``Group`` is a word of SQL too)."""
    return f'"{name}"'


def _nothing() -> None:
    """Nobody waits for commits yet."""


class Store:
    """The database of one sandbox. `write` is the only way to change it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._depth = 0
        self._owner: int | None = None
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self.after_commit: Callable[[], None] = _nothing
        self._writer = self.connect()
        self._writer.executescript(_SYSTEM_TABLES)

    def connect(self) -> sqlite3.Connection:
        """A new connection of its own; whoever asks for it closes it."""
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            "PRAGMA synchronous=OFF"
        )  # a crash of the process loses nothing; a power cut is no case here
        connection.execute("PRAGMA cache_size=-65536")
        return connection

    def close(self) -> None:
        """Close every connection."""
        with self._lock, self._readers_lock:
            for connection in [self._writer, *self._readers]:
                connection.close()

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A write transaction; inside another one it is a savepoint. Rolled back when an exception passes."""
        with self._lock:
            self._depth += 1
            self._owner = threading.get_ident()
            name = f"s{self._depth}"
            begin, commit = (
                ("BEGIN IMMEDIATE", "COMMIT") if self._depth == 1 else (f"SAVEPOINT {name}", f"RELEASE {name}")
            )
            self._writer.execute(begin)
            try:
                yield self._writer
                self._writer.execute(commit)
            except BaseException:
                if self._depth == 1:
                    self._writer.execute("ROLLBACK")
                else:
                    self._writer.execute(f"ROLLBACK TO {name}")
                    self._writer.execute(f"RELEASE {name}")
                raise
            finally:
                self._depth -= 1
                if not self._depth:
                    self._owner = None
                    self.after_commit()

    def reader(self) -> sqlite3.Connection:
        """This thread's connection; the writer's own while this thread is inside `write`."""
        if self._owner == threading.get_ident():
            return self._writer
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self.connect()
            with self._readers_lock:
                self._readers.append(connection)
        return connection

    def one(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Row | None:
        """The first row of a query; None without one."""
        row: sqlite3.Row | None = self.reader().execute(sql, parameters).fetchone()
        return row

    def all(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        """All rows of a query."""
        return self.reader().execute(sql, parameters).fetchall()

    def create_tables(self, schema: Schema) -> None:
        """Make the tables, columns and indexes that `schema` asks for and the database lacks."""
        with self.write() as connection:
            for sobject in schema:
                self._create_table(connection, sobject)

    def _create_table(self, connection: sqlite3.Connection, sobject: Sobject) -> None:
        table = quoted(sobject.name)
        have = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
        wanted = {item.name: item.column_type for item in sobject.stored()}
        if not have:
            columns = ", ".join(
                f"{quoted(name)} {kind}{' PRIMARY KEY' if name == 'Id' else ''}" for name, kind in wanted.items()
            )
            connection.execute(f"CREATE TABLE {table} ({columns})")
        else:
            for name, kind in wanted.items():
                if name not in have:
                    connection.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} {kind}")
        for name in sobject.indexes:
            connection.execute(
                f"CREATE INDEX IF NOT EXISTS {quoted(f'i_{sobject.name}_{name}')} ON {table} ({quoted(name)})"
            )
        for item in sobject.stored():
            if item.unique or item.external_id:
                # Deleted rows do not count: Salesforce frees their unique values.
                live = ' WHERE "IsDeleted" = 0' if "IsDeleted" in wanted else ""
                unique = "UNIQUE " if item.unique else ""
                index = quoted(f"u_{sobject.name}_{item.name}")
                connection.execute(f"CREATE {unique}INDEX IF NOT EXISTS {index} ON {table} ({quoted(item.name)}){live}")

    def drop(self, sobject: Sobject) -> None:
        """Delete an object with all its rows."""
        with self.write() as connection:
            connection.execute(f"DROP TABLE IF EXISTS {quoted(sobject.name)}")

    def clear_column(self, sobject: str, field: str) -> None:
        """Empty one column of every row."""
        with self.write() as connection:
            connection.execute(f"UPDATE {quoted(sobject)} SET {quoted(field)} = NULL WHERE {quoted(field)} IS NOT NULL")

    def numbers(self, name: str, count: int = 1) -> range:
        """The next `count` numbers of a sequence, which starts at 1."""
        with self.write() as connection:
            row = connection.execute("SELECT next FROM sys_sequence WHERE name = ?", (name,)).fetchone()
            first = row["next"] if row else 1
            connection.execute("INSERT OR REPLACE INTO sys_sequence VALUES (?, ?)", (name, first + count))
        return range(first, first + count)

    def new_ids(self, sobject: Sobject, count: int = 1) -> list[str]:
        """Fresh 18-character ids for `count` records."""
        return [record_id(sobject.prefix, number) for number in self.numbers(sobject.prefix, count)]

    def row(self, sobject: Sobject, id18: str) -> dict[str, Any] | None:
        """One record with all its columns, deleted or not."""
        row = self.one(f"SELECT * FROM {quoted(sobject.name)} WHERE Id = ?", (id18,))
        return dict(row) if row else None

    def insert(self, sobject: Sobject, rows: Iterable[dict[str, Any]]) -> None:
        """Write whole new rows; every row has every column of the object."""
        names = [item.name for item in sobject.stored()]
        marks = ", ".join(f":{name}" for name in names)
        columns = ", ".join(quoted(name) for name in names)
        with self.write() as connection:
            connection.executemany(f"INSERT INTO {quoted(sobject.name)} ({columns}) VALUES ({marks})", rows)

    def update(self, sobject: Sobject, id18: str, values: dict[str, Any]) -> None:
        """Write some columns of one record."""
        assignments = ", ".join(f"{quoted(name)} = :{name}" for name in values)
        with self.write() as connection:
            connection.execute(
                f"UPDATE {quoted(sobject.name)} SET {assignments} WHERE Id = :Id_", {**values, "Id_": id18}
            )
