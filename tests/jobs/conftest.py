"""One install on a fresh SQLite database, a fake CRM with three people, and a clock that stands still until moved."""

from __future__ import annotations

import shutil
from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import RowMapping, Table

from connector.rows import RuleRow
from connector.settings import Settings, load
from connector.store import installs, letters, progress
from connector.store.base import Database, metadata
from connector.store.installs import Install
from connector.store.seal import KeyRing
from jobs import setup
from jobs.drain import drain
from jobs.reviews import _at_hand as at_hand
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


@dataclass(frozen=True)
class Kept:
    """A house that was set up, to be copied: setting up takes longer than most of what is tested in one."""

    house: House
    key: str
    rows: tuple[tuple[Table, list[dict[str, Any]]], ...]

    def copy(self, directory: Path, database: Database) -> House:
        """Return a house of its own over an empty database, as it stood after its first drain."""
        with database.write() as connection:
            for table, rows in self.rows:
                connection.execute(table.insert(), rows)
        # What a process keeps at hand is by install, and all copies are of one.
        at_hand.clear()
        first = self.house
        made = House(settings_at(directory, self.key), database, KeyRing(self.key), _copied(first.crm))
        made.rung = [*first.rung]
        made.install = first.install
        return made


@pytest.fixture(scope="session")
def kept(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A house on SQLite that was set up once for the whole run."""
    directory = tmp_path_factory.mktemp("house")
    shutil.copy(sqlite_template, directory / "store.sqlite")
    database = Database(f"sqlite:///{directory}/store.sqlite")
    made = set_up(directory, database)
    with database.read() as connection:
        found = ((table, connection.execute(table.select()).mappings().all()) for table in metadata.sorted_tables)
        rows = tuple((table, [_without_number(table, row) for row in rows]) for table, rows in found if rows)
    database.close()
    return Kept(made, made.settings.encryption_keys.get_secret_value(), rows)


def _copied(crm: FakeCrm) -> FakeCrm:
    """Return a CRM of its own with the same things in it, which nobody changes in place."""
    made = replace(crm)
    for each in fields(crm):
        held = getattr(crm, each.name)
        if isinstance(held, list | dict | set):
            setattr(made, each.name, copy(held))
    return made


def _without_number(table: Table, row: RowMapping) -> dict[str, Any]:
    """Leave out what the database numbers itself: PostgreSQL would give the same number once more."""
    return {name: value for name, value in row.items() if table.c[name] is not table.autoincrement_column}


@pytest.fixture
def house(tmp_path: Path, database: Database, kept: Kept) -> House:
    """An active install in mode act, set up, with RULES live; on SQLite and on PostgreSQL."""
    return kept.copy(tmp_path, database)
