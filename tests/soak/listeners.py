"""``make soak-listeners ARGS="--orgs 1000 --minutes 3"``: real listeners, a Pub/Sub service of many orgs, a database.

One listener connects to all orgs and rests; then orgs have events, a second listener joins and takes its half, is
frozen (SIGSTOP) until the first one has all again, wakes, and the first one is killed (SIGKILL). Every event must be in
the inbox, and every org's place behind its last one. Prints a table and, as the last line, JSON.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from connector.settings import load
from connector.store import cursors, installs, migrate
from connector.store.base import Database
from connector.store.leases import lease
from connector.store.letters import letter
from connector.store.seal import KeyRing
from oauth.grant import Grant
from oauth.vault import Vault
from tests.local.processes import end, plain_environment, spawn, until
from tests.postgres import running
from tests.sandbox.salesforce.crowd import org_id, token

TICKS = os.sysconf("SC_CLK_TCK")
URL = "https://acme.my.salesforce.com"
PLACE = b"\0" * 10
"""Where every org's stream begins: before its first event."""


@dataclass(frozen=True)
class Plan:
    """How large a soak is; seconds."""

    orgs: int
    rest: float
    traffic: float
    rate: float
    lease: float = 30.0
    patience: float = 300.0
    keepalive: float = 60.0
    doorbell: bool = True
    """Whether there is a Valkey to ring; the short form saves its start."""


@dataclass
class Report:
    """What was measured. Latencies are from the change to the transaction that stored it, in milliseconds."""

    orgs: int
    connect_seconds: float = 0.0
    rss_mb: float = 0.0
    threads: int = 0
    idle_cpu_percent: float = 0.0
    busy_cpu_percent: float = 0.0
    busy_rss_mb: float = 0.0
    shared_seconds: float = 0.0
    frozen_seconds: float = 0.0
    killed_seconds: float = 0.0
    streams_an_org: int = 0
    schemas_asked: int = 0
    sent: int = 0
    stored: int = 0
    lost: int = 0
    misplaced: int = 0
    p50_ms: float = 0.0
    p99_ms: float = 0.0
    worst_ms: float = 0.0
    shares: list[int] = field(default_factory=list)


@dataclass
class Crowd:
    """The process with the orgs."""

    process: subprocess.Popen[str]
    ready: dict[str, Any]

    def order(self, **order: float) -> dict[str, int]:
        """Give an order; return how the orgs stand."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        standing: dict[str, int] = json.loads(self.process.stdout.readline())
        return standing


@dataclass
class Stage:
    """Everything a soak runs on."""

    plan: Plan
    database: Database
    environment: dict[str, str]
    crowd: Crowd
    log: Path

    def listener(self) -> subprocess.Popen[str]:
        """Start a listener, as the Procfile does."""
        return spawn("-m", "connector.cli", "listener", environment=self.environment, log=self.log)

    def connected(self) -> bool:
        """Whether every org is listened to."""
        return self.crowd.order()["connected"] == self.plan.orgs

    def alone(self) -> bool:
        """Whether one listener holds every org."""
        return self.shares() == [self.plan.orgs]

    def halved(self) -> bool:
        """Whether two listeners share all orgs evenly."""
        return self.shares() == [self.plan.orgs // 2, self.plan.orgs - self.plan.orgs // 2]

    def shares(self) -> list[int]:
        """How many orgs each listener that lives holds."""
        now = datetime.now(UTC)
        query = select(lease.c.holder, func.count()).where(lease.c.name.startswith("stream:"), lease.c.until >= now)
        with self.database.read() as connection:
            return sorted(row[1] for row in connection.execute(query.group_by(lease.c.holder)))

    def misplaced(self) -> int:
        """How many orgs' place is not behind the last of their events that are in the inbox."""
        counts = select(letter.c.install_id, func.count().label("events")).where(letter.c.change == "created")
        stored = counts.group_by(letter.c.install_id).subquery()
        query = select(cursors.cursor.c.position, stored.c.events).join(
            stored, stored.c.install_id == cursors.cursor.c.install_id
        )
        with self.database.read() as connection:
            return sum(int.from_bytes(row.position[:8], "big") != row.events for row in connection.execute(query))

    def waits(self) -> list[float]:
        """How long each event that is in the inbox took, in milliseconds."""
        query = select(letter.c.occurred_at, letter.c.received_at).where(letter.c.change == "created")
        with self.database.read() as connection:
            rows = connection.execute(query.order_by(letter.c.id)).all()
        return [(row.received_at - row.occurred_at) / timedelta(milliseconds=1) for row in rows]


@contextlib.contextmanager
def stage(plan: Plan, directory: Path, database_url: str) -> Iterator[Stage]:
    """Make the installs, and start the orgs and Valkey."""
    command = [sys.executable, "-m", "tests.sandbox.salesforce.crowd", "--dir", str(directory / "crowd")]
    process = subprocess.Popen(
        [*command, "--orgs", str(plan.orgs), "--keepalive", str(plan.keepalive)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=plain_environment(),
    )
    assert process.stdout is not None
    crowd = Crowd(process, json.loads(process.stdout.readline()))
    variables = _variables(plan, directory, database_url, crowd)
    settings = load(variables)
    settings.data_dir.mkdir(parents=True)
    database = Database(settings.database)
    migrate.upgrade(database)
    _install(plan, database, KeyRing(variables["ENCRYPTION_KEYS"]), variables)
    log = directory / "processes.log"
    environment = plain_environment() | variables
    valkey = spawn("-m", "connector.cli", "valkey", environment=environment, log=log) if plan.doorbell else None
    try:
        yield Stage(plan, database, environment, crowd, log)
    finally:
        if valkey is not None:
            end(valkey)
        process.kill()
        process.wait()
        database.close()


def _variables(plan: Plan, directory: Path, database_url: str, crowd: Crowd) -> dict[str, str]:
    return {
        "PUBLIC_URL": "https://route.example.com",
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "SESSION_SECRET": "s" * 32,
        "DATA_DIR": str(directory / "data"),
        "DATABASE_URL": database_url,
        "SALESFORCE_CLIENT_ID": "client",
        "SALESFORCE_CLIENT_SECRET": "secret",
        "SALESFORCE_PUBSUB": crowd.ready["pubsub"],
        "SALESFORCE_CA_FILE": crowd.ready["ca"],
        "LEASE_SECONDS": str(plan.lease),
        "LOG_LEVEL": "WARNING",
    }


def _install(plan: Plan, database: Database, keyring: KeyRing, variables: dict[str, str]) -> None:
    """Connect every org, each with its token and a place in its stream."""
    vault = Vault(database, keyring, load(variables), lambda: datetime.now(UTC), holder="soak")
    with database.write() as connection:
        for number in range(plan.orgs):
            now = datetime.now(UTC)
            install, _ = installs.connect(
                connection,
                crm="salesforce",
                tenant_id=org_id(number),
                name=f"Org {number}",
                base_url=URL,
                scopes=frozenset({"api"}),
                new_key=keyring.new_key(),
                now=now,
            )
            grant = Grant(token(number), "refresh", URL, None, frozenset({"api"}))
            vault.keep(connection, install.id, keyring.seal(install.key), grant)
            cursors.put(connection, install.id, "salesforce", PLACE, now)


def soak(on: Stage) -> Report:
    """Run all phases; without a rest, both listeners start at once. Raises TimeoutError when one takes too long."""
    report = Report(on.plan.orgs)
    listeners = [on.listener()]
    try:
        if on.plan.rest:
            _alone(on, report, listeners[0].pid)
        listeners.append(on.listener())
        report.shared_seconds = _time(on, on.halved, "shared by two")
        report.shares = on.shares()
        if not on.plan.rest:
            on.crowd.order(rate=on.plan.rate, seconds=on.plan.traffic)
        listeners[1].send_signal(signal.SIGSTOP)
        report.frozen_seconds = _time(on, on.alone, "taken over from a frozen one")
        listeners[1].send_signal(signal.SIGCONT)
        _time(on, on.halved, "shared again")
        listeners[0].send_signal(signal.SIGKILL)
        report.killed_seconds = _time(on, on.alone, "taken over from a dead one")
        _settle(on, report)
    finally:
        for each in listeners:
            end(each)
    return report


def _alone(on: Stage, report: Report, pid: int) -> None:
    """Measure one listener with all orgs, at rest and while they have events."""
    plan = on.plan
    report.connect_seconds = _time(on, lambda: True, "all orgs connected")
    report.idle_cpu_percent = _cpu(pid, plan.rest)
    report.rss_mb, report.threads = _size(pid)
    on.crowd.order(rate=plan.rate, seconds=plan.traffic)
    report.busy_cpu_percent = _cpu(pid, plan.traffic / 3)
    report.busy_rss_mb, _ = _size(pid)
    _quantiles(report, on.waits())


def _time(on: Stage, shared: Callable[[], bool], what: str) -> float:
    """Return the seconds until the orgs are shared like that and every one is listened to."""
    began = time.monotonic()
    until(lambda: shared() and on.connected(), seconds=on.plan.patience, what=what, every=0.1)
    return round(time.monotonic() - began, 1)


def _settle(on: Stage, report: Report) -> None:
    """Wait for the last event, and compare."""
    wanted = round(on.plan.rate * on.plan.traffic)
    until(lambda: on.crowd.order()["sent"] == wanted, seconds=on.plan.patience, what="all sent", every=0.2)
    with contextlib.suppress(TimeoutError):
        until(lambda: len(on.waits()) >= wanted, seconds=on.plan.lease + 30, what="all stored", every=0.5)
    waits, standing = on.waits(), on.crowd.order()
    report.sent, report.stored = standing["sent"], len(waits)
    report.lost, report.worst_ms = report.sent - report.stored, round(max(waits, default=0.0), 1)
    report.misplaced = on.misplaced()
    report.streams_an_org, report.schemas_asked = standing["most"], standing["schemas"]


def _quantiles(report: Report, waits: list[float]) -> None:
    waits = sorted(waits)
    if waits:
        report.p50_ms = round(waits[len(waits) // 2], 1)
        report.p99_ms = round(waits[int(len(waits) * 0.99)], 1)


def _cpu(pid: int, seconds: float) -> float:
    """How much of a core a process takes over so many seconds, in percent."""
    before, began = _ticks(pid), time.monotonic()
    time.sleep(seconds)
    return round(100 * (_ticks(pid) - before) / TICKS / (time.monotonic() - began), 1)


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _size(pid: int) -> tuple[float, int]:
    """A process's resident memory in MB and its threads."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    found = dict(line.split(":", 1) for line in lines if ":" in line)
    return round(int(found["VmRSS"].split()[0]) / 1024, 1), int(found["Threads"])


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak.listeners", description=__doc__)
    parser.add_argument("--orgs", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=3.0, help="how long orgs have events")
    parser.add_argument("--rate", type=float, default=50.0, help="orgs that have an event, a second")
    parser.add_argument("--rest", type=float, default=30.0, help="seconds without events in which idling is measured")
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    given = parser.parse_args()
    plan = Plan(given.orgs, given.rest, given.minutes * 60, given.rate)
    with tempfile.TemporaryDirectory(prefix="soak-") as name, contextlib.ExitStack() as stack:
        server = stack.enter_context(running()) if given.database == "postgresql" else None
        with stage(plan, Path(name), server.create() if server else "") as on:
            report = soak(on)
    table = Table("", "")
    for key, value in asdict(report).items():
        table.add_row(key.replace("_", " "), str(value))
    Console().print(table)
    print(json.dumps(asdict(report)))
    sys.exit(1 if report.lost or report.misplaced else 0)


if __name__ == "__main__":
    main()
