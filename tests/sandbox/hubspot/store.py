"""Where the sandbox keeps its state: one SQLite file in WAL mode, so that a restart finds everything again.

Times are Unix milliseconds. Record ids come from one counter, so an id is unique over all portals and object types.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS portals(id INTEGER PRIMARY KEY, settings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS users(portal INTEGER, id INTEGER, email TEXT, admin INTEGER, PRIMARY KEY(portal, id));
CREATE TABLE IF NOT EXISTS installs(portal INTEGER PRIMARY KEY, user INTEGER, scopes TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS codes(code TEXT PRIMARY KEY, grant_json TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tokens(
    token TEXT PRIMARY KEY, use TEXT NOT NULL, portal INTEGER NOT NULL, user INTEGER NOT NULL, scopes TEXT NOT NULL,
    expires INTEGER NOT NULL, revoked INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS tokens_portal ON tokens(portal);
CREATE TABLE IF NOT EXISTS records(
    id INTEGER PRIMARY KEY, portal INTEGER NOT NULL, type TEXT NOT NULL, props TEXT NOT NULL,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, archived INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS records_list ON records(portal, type, archived, id);
CREATE INDEX IF NOT EXISTS records_updated ON records(portal, type, archived, updated);
CREATE INDEX IF NOT EXISTS records_created ON records(portal, type, archived, created);
CREATE INDEX IF NOT EXISTS records_domain
    ON records(portal, type, lower(json_extract(props, '$."domain"')));
CREATE INDEX IF NOT EXISTS records_email
    ON records(portal, type, lower(json_extract(props, '$."email"')));
CREATE TABLE IF NOT EXISTS shadows(
    id INTEGER NOT NULL, portal INTEGER NOT NULL, type TEXT NOT NULL, until INTEGER NOT NULL, existed INTEGER NOT NULL,
    props TEXT NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL, archived INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS shadows_until ON shadows(portal, type, until);
CREATE TABLE IF NOT EXISTS uniques(
    portal INTEGER, type TEXT, name TEXT, value TEXT, id INTEGER,
    PRIMARY KEY(portal, type, name, value)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uniques_id ON uniques(id);
CREATE TABLE IF NOT EXISTS merged(old INTEGER PRIMARY KEY, new INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS keys(portal INTEGER, key TEXT, id INTEGER, PRIMARY KEY(portal, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS assoc(
    from_id INTEGER, to_type TEXT, to_id INTEGER, category TEXT, type_id INTEGER, from_type TEXT,
    PRIMARY KEY(from_id, to_type, to_id, category, type_id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS labels(
    portal INTEGER, from_type TEXT, to_type TEXT, type_id INTEGER, name TEXT, label TEXT, inverse INTEGER,
    PRIMARY KEY(portal, type_id, from_type)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS properties(
    portal INTEGER, type TEXT, name TEXT, definition TEXT, archived INTEGER DEFAULT 0,
    PRIMARY KEY(portal, type, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS groups(
    portal INTEGER, type TEXT, name TEXT, definition TEXT, PRIMARY KEY(portal, type, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS schemas(
    portal INTEGER, type TEXT, name TEXT, definition TEXT, archived INTEGER DEFAULT 0,
    PRIMARY KEY(portal, type)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS owners(
    portal INTEGER, id INTEGER, email TEXT, archived INTEGER, definition TEXT, PRIMARY KEY(portal, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events(seq INTEGER PRIMARY KEY AUTOINCREMENT, portal INTEGER, body TEXT, due INTEGER);
CREATE TABLE IF NOT EXISTS deliveries(
    id INTEGER PRIMARY KEY AUTOINCREMENT, portal INTEGER, events TEXT, state TEXT, due INTEGER, attempts TEXT);
CREATE INDEX IF NOT EXISTS deliveries_open ON deliveries(due) WHERE state = 'pending';
"""

FIRST_NUMBERS = {"record": 541_935_488_000, "schema": 3_465_404, "label": 100, "portal": 247_187_887}


def now_ms() -> int:
    """Return the present in Unix milliseconds."""
    return time.time_ns() // 1_000_000


class Store:
    """One SQLite file; every thread reads on its own connection, writers take turns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._turn = threading.RLock()
        self._opened: list[sqlite3.Connection] = []
        self._functions: list[tuple[str, int, Callable[..., Any]]] = []
        self.after_commit: list[Callable[[], None]] = []
        self.read().executescript(SCHEMA)
        with self.write() as tx:
            tx.executemany("INSERT OR IGNORE INTO counters VALUES(?, ?)", list(FIRST_NUMBERS.items()))

    def teach(self, name: str, arguments: int, function: Callable[..., Any]) -> None:
        """Make a Python function callable from SQL on connections opened from now on and on this thread's own."""
        self._functions.append((name, arguments, function))
        for connection in self._opened:
            connection.create_function(name, arguments, function, deterministic=True)

    def read(self) -> sqlite3.Connection:
        """Return this thread's connection, in autocommit."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
            connection.execute("PRAGMA journal_mode=WAL")
            # A killed process loses nothing with OFF; only a power cut could, and a sandbox may lose to that.
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA cache_size=-8000")
            for name, arguments, function in self._functions:
                connection.create_function(name, arguments, function, deterministic=True)
            self._local.connection = connection
            self._opened.append(connection)
        return connection

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Open the transaction of this thread (a nested call joins it); an exception undoes all of it."""
        connection = self.read()
        if connection.in_transaction:
            yield connection
            return
        with self._turn:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            else:
                connection.execute("COMMIT")
            finally:
                self._finish()
        for hook in self.after_commit:
            hook()

    def afterwards(self, step: Callable[[], None]) -> None:
        """Do something when this thread's open transaction is over, well or badly; at once when there is none."""
        if self.read().in_transaction:
            self._local.steps = [*getattr(self._local, "steps", ()), step]
        else:
            step()

    def _finish(self) -> None:
        steps, self._local.steps = getattr(self._local, "steps", ()), ()
        for step in steps:
            step()

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        """Make what follows undoable inside an open transaction."""
        connection = self.read()
        connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            connection.execute("ROLLBACK TO part")
            connection.execute("RELEASE part")
            raise
        connection.execute("RELEASE part")

    def allocate(self, counter: str, count: int = 1) -> int:
        """Take `count` numbers from a counter and return the first."""
        with self.write() as tx:
            row = tx.execute(
                "UPDATE counters SET value = value + ? WHERE name = ? RETURNING value", (count, counter)
            ).fetchone()
        return int(row[0]) - count + 1

    def recall(self, name: str, default: Any = None) -> Any:
        """Return a remembered JSON value."""
        row = self.read().execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return default if row is None else json.loads(row[0])

    def remember(self, name: str, value: Any) -> None:
        """Keep a JSON value over restarts."""
        with self.write() as tx:
            tx.execute("INSERT OR REPLACE INTO meta VALUES(?, ?)", (name, json.dumps(value)))

    def empty(self) -> None:
        """Delete every row but what is remembered and where the counters stand."""
        with self.write() as tx:
            tables = tx.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
            for (table,) in tables.fetchall():
                if table not in {"meta", "counters"}:
                    tx.execute(f"DELETE FROM {table}")  # noqa: S608

    def close(self) -> None:
        """Close every connection; call it when no thread works any more."""
        for connection in self._opened:
            connection.close()
