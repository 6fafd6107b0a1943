"""One install on a fresh SQLite database, a fake CRM with three people, and a clock that stands still until moved."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Table, func, select

from connector.rows import RuleRow
from connector.settings import Settings, load
from connector.store import installs, letters, progress
from connector.store.base import Database, metadata
from connector.store.installs import Install
from connector.store.seal import KeyRing
from jobs import cleanup_labels, reviews, setup
from jobs.drain import drain
from jobs.tools import Stream, Tools
from rules.model import Change, Event, Kind, Mode, Record, User, Value
from rules.ruleset import split
from tests.fakes import FakeCrm
from tests.jobs.streaming import listening

__all__ = ["listening"]

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
RULES = """
- rule: Account owner
  when: [match.status is matched]
  assign: account owner
  task: {subject: "Call {lead.name}", due: 30 minutes}
  notify: true
- pool: Everyone
  members: [{user: ana@example.com}, {user: bob@example.com}]
- rule: Everyone else
  assign: pool "Everyone"
  task: {subject: "Call {lead.name}", due: 30 minutes}
"""


@dataclass
class House:
    """An install with everything a drain needs."""

    settings: Settings
    database: Database
    keyring: KeyRing
    crm: FakeCrm
    now: datetime = START
    rung: list[str] = field(default_factory=list)
    install: Install = field(init=False)

    @property
    def tools(self) -> Tools:
        return Tools(
            settings=self.settings,
            database=self.database,
            keyring=self.keyring,
            open_crm=lambda _install: self.crm,
            open_stream=self._no_stream,
            ring=self.rung.append,
            clock=lambda: self.now,
            holder="test",
        )

    def lead(self, lead_id: str, *, owner: str = "u0", **fields: Value) -> Record:
        values = {"email": f"{lead_id}@nowhere.example", "last_name": lead_id, "name": lead_id, **fields}
        record = Record("lead", lead_id, values, owner_id=owner, created_at=self.now, modified_at=self.now)
        self.crm.add(record)
        return record

    def account(self, account_id: str, *, owner: str = "u1", **fields: Value) -> Record:
        record = Record("account", account_id, fields, owner_id=owner, created_at=START - timedelta(days=9))
        self.crm.add(record)
        return record

    def event(self, record_id: str, *, kind: Kind = "lead", change: Change = "created", ours: bool = False) -> Event:
        key = f"{kind}:{record_id}:{change}:{self.now.isoformat()}"
        return Event(key, kind, record_id, change, self.now, ours=ours)

    def post(self, *events: Event, priority: int = letters.LIVE) -> int:
        with self.database.write() as connection:
            return letters.receive(connection, self.install.id, events, now=self.now, priority=priority)

    def drain(self) -> None:
        drain(self.tools, self.install.id)

    def read_all(self, *kinds: Kind) -> None:
        """Have all records of these kinds read that are there, as at the beginning."""
        with self.database.write() as connection:
            for kind in kinds:
                progress.start(connection, self.install.id, f"backfill:{kind}", now=self.now)
        self.drain()

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def waiting(self) -> dict[str, int]:
        with self.database.read() as connection:
            return letters.counts(connection, self.install.id)

    def mode(self, mode: Mode) -> None:
        with self.database.write() as connection:
            installs.set_mode(connection, self.install.id, mode)

    def status(self) -> str:
        with self.database.read() as connection:
            found = installs.by_id(connection, self.install.id)
        return found.status if found else "gone"

    def owner(self, lead_id: str) -> str | None:
        return self.crm.records[("lead", lead_id)].owner_id

    @staticmethod
    def _no_stream(_install: Install, _place: bytes | None) -> Stream:
        raise AssertionError("a drain opens no stream")


def people() -> list[User]:
    return [
        User("u0", "Integration", "integration@example.com", login_id="u0"),
        User("u1", "Ana", "ana@example.com"),
        User("u2", "Bob", "bob@example.com"),
        User("u3", "Gone", "gone@example.com", active=False),
    ]


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a drain go on as long as it takes: a slow machine would end it in the middle of what a test expects of it."""
    monkeypatch.setattr("jobs.drain.SHIFT_SECONDS", 60.0)


def settings_at(directory: Path, key: str) -> Settings:
    return load(
        {
            "PUBLIC_URL": "https://switchyard.example",
            "ENCRYPTION_KEYS": key,
            "SESSION_SECRET": "s" * 32,
            "DATA_DIR": str(directory),
            "HUBSPOT_CLIENT_ID": "c",
            "HUBSPOT_CLIENT_SECRET": "s",
            "HUBSPOT_APP_ID": "1",
        }
    )


def set_up(directory: Path, database: Database) -> House:
    """Connect an install in mode act, and drain until it is set up, with RULES live."""
    key = Fernet.generate_key().decode()
    made = House(settings_at(directory, key), database, KeyRing(key), FakeCrm(people=people()))
    with database.write() as connection:
        made.install, _ = installs.connect(
            connection,
            crm="salesforce",
            tenant_id="00D000000000001AAA",
            name="Acme",
            base_url="https://acme.my.salesforce.com",
            scopes=frozenset({"api"}),
            new_key=made.keyring.new_key(),
            now=made.now - timedelta(days=1),
        )
        installs.add_admin(connection, made.install.id, "u0", made.now)
        installs.set_mode(connection, made.install.id, "act")
        progress.start(connection, made.install.id, setup.NAME, now=made.now)
    made.crm.rule_rows = [
        RuleRow(item.name, item.kind, position, item.text, id=f"r{position}")
        for position, item in enumerate(split(RULES))
    ]
    made.drain()
    return made


Prologue: TypeAlias = Callable[[House], object]
"""What has happened in a house before the tests of a file begin."""
OWN_NUMBERS = 1_000_000
"""From where PostgreSQL numbers rows by itself: far beyond those that are copied there with the numbers they have."""


@dataclass(frozen=True)
class Kept:
    """A house to be copied: setting one up takes longer than most of what is tested in one."""

    house: House
    key: str
    rows: tuple[tuple[Table, list[dict[str, Any]]], ...]

    def copy(self, directory: Path, database: Database) -> House:
        """Return a house of its own over an empty database, as this one stood."""
        with database.write() as connection:
            for table, rows in self.rows:
                connection.execute(table.insert(), rows)
        # What a process keeps at hand is by install, and all copies are of one.
        for module in (reviews, cleanup_labels):
            module._at_hand.clear()
        first = self.house
        made = House(settings_at(directory, self.key), database, KeyRing(self.key), _copied(first.crm), now=first.now)
        made.rung = [*first.rung]
        made.install = first.install
        return made


def keep(house: House) -> Kept:
    """Keep a house as it stands, to be copied."""
    with house.database.read() as connection:
        found = ((table, connection.execute(table.select()).mappings().all()) for table in metadata.sorted_tables)
        rows = tuple((table, [dict(row) for row in rows]) for table, rows in found if rows)
    return Kept(house, house.settings.encryption_keys.get_secret_value(), rows)


@pytest.fixture(scope="session")
def after(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, compilers: object
) -> Callable[[Prologue | None], Kept]:
    """Tell how a house stands after a prologue, or when it was set up: each happens once in a run, on SQLite."""

    @cache
    def find(play: Prologue | None) -> Kept:
        directory = tmp_path_factory.mktemp("house")
        shutil.copy(sqlite_template, directory / "store.sqlite")
        database = Database(f"sqlite:///{directory}/store.sqlite")
        if play is None:
            made = set_up(directory, database)
        else:
            made = find(None).copy(directory, database)
            play(made)
        kept = keep(made)
        database.close()
        return kept

    return find


def _copied(crm: FakeCrm) -> FakeCrm:
    """Return a CRM of its own with the same things in it, which nobody changes in place."""
    made = replace(crm)
    for each in fields(crm):
        held = getattr(crm, each.name)
        if isinstance(held, list | dict | set | itertools.count):
            setattr(made, each.name, copy(held))
    return made


@pytest.fixture(scope="session")
def numbers(postgres_store: Database) -> None:
    """Let PostgreSQL number rows far beyond those that are copied."""
    with postgres_store.write() as connection:
        for table in metadata.sorted_tables:
            column = table.autoincrement_column
            if column is not None and column.type.python_type is int:
                name = func.pg_get_serial_sequence(table.name, column.name)
                connection.execute(select(func.setval(name, OWN_NUMBERS)))


@pytest.fixture
def begin(
    request: pytest.FixtureRequest, tmp_path: Path, database: Database, after: Callable[[Prologue | None], Kept]
) -> Callable[[Prologue | None], House]:
    """Return a house of its own in which a prologue has happened; on SQLite and on PostgreSQL."""
    if database.engine.dialect.name == "postgresql":
        request.getfixturevalue("numbers")
    return lambda play: after(play).copy(tmp_path, database)


@pytest.fixture
def house(begin: Callable[[Prologue | None], House]) -> House:
    """An active install in mode act, set up, with RULES live; on SQLite and on PostgreSQL."""
    return begin(None)
