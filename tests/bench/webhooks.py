"""How many events a second the web process takes, and how soon it answers, beside the bare least on the same server."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3
from cryptography.fernet import Fernet
from rich.console import Console
from rich.table import Table
from sqlalchemy import func, select

from connector.embedded import valkey_command, wait_for_redis
from connector.services import Services
from connector.settings import load
from connector.store import installs, migrate
from connector.store.letters import letter
from tests.local.processes import end, free_port, get, plain_environment, spawn, until
from tests.sandbox.hubspot.signature import signed_headers

PORTAL, SECRET, PUBLIC = 247187887, "f6e94c08-85d0-4608-bcc6-e1850176e7b8", "https://route.example.com"
PATH = "/webhooks/hubspot"
START_SECONDS = 120.0
WORKERS, THREADS, SENDERS = 2, 4, 10
"""Our own defaults, and HubSpot's default of ten deliveries at a time for each account."""


@dataclass(frozen=True)
class Row:
    """What one server did with deliveries of so many events."""

    server: str
    events_each: int
    deliveries: int
    events_per_second: float
    p50_ms: float
    p99_ms: float
    slowest_ms: float


def run(events: int) -> int:
    """Send so many events to both servers, a hundred a delivery and one by one; print a table and JSON."""
    rows = [_measured(server, size, events if size > 1 else events // 10) for server in SERVERS for size in (100, 1)]
    table = Table("server", "events each", "events/s", "p50", "p99", "slowest")
    for row in rows:
        figures = (f"{row.p50_ms:.1f} ms", f"{row.p99_ms:.1f} ms", f"{row.slowest_ms:.0f} ms")
        table.add_row(row.server, str(row.events_each), f"{row.events_per_second:,.0f}", *figures)
    Console().print(table)
    print(json.dumps([row.__dict__ for row in rows]))
    return 0


SERVERS = {"switchyard": "connector.app:wsgi()", "bare": "tests.bench.bare:wsgi()"}


def _measured(server: str, size: int, events: int) -> Row:
    """Run a server on a fresh SQLite database and send it deliveries from SENDERS threads."""
    with tempfile.TemporaryDirectory(prefix="sy-") as name, _served(server, Path(name)) as (url, services):
        bodies = [_body(number * size, size) for number in range(max(events // size, SENDERS))]
        times: list[float] = []
        pending, lock = iter(bodies), threading.Lock()
        pool = urllib3.PoolManager(maxsize=SENDERS, retries=False)

        def send() -> None:
            while True:
                with lock:
                    body = next(pending, None)
                if body is None:
                    return
                stamp = int(time.time() * 1000)
                headers = signed_headers(SECRET, "POST", PUBLIC + PATH, body, timestamp=stamp, legacy="v1")
                began = time.perf_counter()
                answer = pool.request("POST", url + PATH, body=body, headers=headers)
                times.append((time.perf_counter() - began) * 1000)
                if answer.status != 204:
                    raise RuntimeError(f"{server} answered {answer.status}")

        began = time.perf_counter()
        senders = [threading.Thread(target=send) for _ in range(SENDERS)]
        for each in senders:
            each.start()
        for each in senders:
            each.join()
        spent = time.perf_counter() - began
        if len(times) != len(bodies):
            raise RuntimeError(f"{server} took {len(times)} of {len(bodies)} deliveries")
        if server == "switchyard":
            _all_stored(services, len(bodies) * size)
    found = statistics.quantiles(times, n=100)
    return Row(server, size, len(bodies), len(bodies) * size / spent, found[49], found[98], max(times))


def _all_stored(services: Services, expected: int) -> None:
    with services.database.read() as connection:
        stored = connection.execute(select(func.count()).select_from(letter)).scalar_one()
    if stored != expected:
        raise RuntimeError(f"{stored} of {expected} events are stored")


@contextmanager
def _served(server: str, folder: Path) -> Iterator[tuple[str, Services]]:
    """Start gunicorn as the product does, with one portal connected; yields its address and the store."""
    port = free_port()
    values = _environment(folder, port)
    services = Services(load(values))
    with (folder / "valkey.log").open("wb") as sink:
        valkey = subprocess.Popen(valkey_command(services.settings), stdout=sink, stderr=sink)
    wait_for_redis(services.settings)
    migrate.upgrade(services.database)
    _connect(services)
    url = f"http://127.0.0.1:{port}"
    arguments = ["-m", "gunicorn", SERVERS[server], "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    arguments += ["--workers", str(WORKERS), "--threads", str(THREADS), "--log-level", "warning"]
    process = spawn(*arguments, environment={**plain_environment(), **values}, log=folder / "server.log")
    try:
        until(lambda: get(f"{url}{PATH}") == 405, seconds=START_SECONDS, what="the server answers")
        yield url, services
    finally:
        end(process)
        services.close()
        valkey.terminate()
        valkey.wait()


def _environment(folder: Path, port: int) -> Mapping[str, str]:
    return {
        "PUBLIC_URL": PUBLIC,
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "SESSION_SECRET": "s" * 32,
        "DATA_DIR": str(folder),
        "PORT": str(port),
        "LOG_LEVEL": "WARNING",
        "HUBSPOT_CLIENT_ID": "c",
        "HUBSPOT_CLIENT_SECRET": SECRET,
        "HUBSPOT_APP_ID": "50780459",
        "BARE_DATABASE": f"sqlite:///{folder / 'bare.sqlite'}",
        "BARE_URL": PUBLIC + PATH,
        "BARE_SECRET": SECRET,
    }


def _connect(services: Services) -> None:
    with services.database.write() as connection:
        given: dict[str, Any] = {"crm": "hubspot", "tenant_id": str(PORTAL), "name": "Bench", "base_url": "https://x"}
        key = services.keyring.new_key()
        installs.connect(connection, **given, scopes=frozenset(), new_key=key, now=services.clock())


def _body(first: int, size: int) -> bytes:
    """A delivery as HubSpot sends it, of changes that were never sent before."""
    return json.dumps(
        [
            {
                "eventId": 4_101_000_000 + first + number,
                "subscriptionId": 7562680,
                "portalId": PORTAL,
                "appId": 50780459,
                "occurredAt": 1_787_843_156_000 + first + number,
                "subscriptionType": "contact.propertyChange",
                "attemptNumber": 0,
                "objectId": 541_935_000_000 + first + number,
                "propertyName": "email",
                "propertyValue": f"person.{first + number}@example.com",
                "changeSource": "CRM_UI",
                "sourceId": "userId:882761034",
            }
            for number in range(size)
        ],
        separators=(",", ":"),
    ).encode()
