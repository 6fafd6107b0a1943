"""`switchyard doctor` in a house where things are really broken; its installs are examined in tests/faults."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import redis
import trustme
from rich.console import Console
from rq import Queue, Worker
from sqlalchemy import text

from connector.commands import doctor as doctor_cli
from connector.desk import doctor as examination
from connector.embedded import valkey_command, wait_for_redis
from connector.services import Services, opened
from connector.settings import load
from connector.store import leases, migrate
from connector.store.base import Database
from jobs.clock import LEASE
from jobs.listen import PRESENCE
from jobs.queues import QUEUE
from tests.connector.test_cli import KEY, connect, environ, run
from tests.local.processes import free_port

__all__ = ["environ"]

RUNBOOK = Path(__file__).parents[3] / "docs" / "runbook.md"


class Others(ThreadingHTTPServer):
    """Whoever else is asked: the CRM, Sentry and our own web process, with one clock and one answer."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.status, self.body, self.ahead = 200, b'{"process": "up"}', timedelta()
        self.keys: list[str] = []
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()


class Answer(BaseHTTPRequestHandler):
    server: Others

    def do_GET(self) -> None:
        self.send_response_only(self.server.status)
        self.send_header("Date", format_datetime(datetime.now(UTC) + self.server.ahead, usegmt=True))
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.server.body)

    do_HEAD = do_GET  # noqa: N815 - as the library calls it

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.append(self.headers["X-Sentry-Auth"])
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file at the newest revision, copied for each test."""
    path = tmp_path_factory.mktemp("store") / "migrated.sqlite"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    database.close()
    return path


@pytest.fixture
def services(environ: dict[str, str], migrated: Path) -> Iterator[Services]:
    """The services over a copy of it."""
    shutil.copy(migrated, environ["DATABASE_URL"].removeprefix("sqlite:///"))
    with opened(load(environ)) as made:
        yield made


@pytest.fixture
def others() -> Iterator[Others]:
    made = Others()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def house(
    environ: dict[str, str], others: Others, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, services: Services
) -> Iterator[redis.Redis]:
    """A house in which nothing is broken: Valkey, a worker's word, a clock, and others who answer."""
    monkeypatch.delenv("REDIS_URL")
    for name, value in {
        "DATA_DIR": str(tmp_path),
        "PUBLIC_URL": others.url,
        "SALESFORCE_LOGIN_URL": others.url,
        "SENTRY_DSN": others.url.replace("http://", "http://canary-sentry@") + "/1",
    }.items():
        monkeypatch.setenv(name, value)
        environ[name] = value
    settings = load({name: value for name, value in environ.items() if name != "REDIS_URL"})
    with subprocess.Popen(valkey_command(settings)) as server:
        wait_for_redis(settings)
        connection = redis.Redis.from_url(settings.redis)
        register(connection, "worker-1")
        with services.database.write() as open_one:
            leases.take(open_one, LEASE, "host:1", now=datetime.now(UTC), seconds=30)
        yield connection
        connection.close()
        server.terminate()


def register(connection: redis.Redis, name: str) -> Worker:
    """Have a worker say that it lives."""
    worker = Worker([Queue(QUEUE, connection=connection)], name=name, connection=connection)
    worker.register_birth()  # type: ignore[no-untyped-call]
    worker.heartbeat()
    return worker


def examined(*arguments: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    """Return the exit code, and the findings by their part."""
    result = run("doctor", "--json", *arguments)
    assert "canary" not in result.output, "a secret was told"
    assert KEY not in result.output
    found: dict[str, list[dict[str, Any]]] = {}
    for each in json.loads(result.output)["findings"]:
        found.setdefault(each["part"], []).append(each)
    return result.exit_code, found


def sick(part: str, state: str, words: str) -> None:
    """Assert that this part, and no other, is not in order; and that what to do, and where to read on, is told."""
    code, found = examined()
    bad = [each for some in found.values() for each in some if each["state"] != "ok" and each["part"] != "installs"]
    assert {each["part"] for each in bad} == {part}, bad
    assert any(each["state"] == state and words in each["text"] for each in bad), bad
    assert all(each["remedy"] for each in bad)
    assert all(f"## {each['section']}\n" in RUNBOOK.read_text() for each in bad)
    assert code == (2 if any(each["state"] == "problem" for each in bad) else 1)


def test_a_house_in_which_nothing_is_broken_has_only_findings_that_are_ok(
    house: redis.Redis, services: Services, others: Others
) -> None:
    code, found = examined()
    assert {part for part, some in found.items() if any(each["state"] != "ok" for each in some)} == {"installs"}
    assert code == 1, "nothing is connected yet"
    assert {"settings", "database", "schema", "redis", "workers", "queue", "clock", "time", "sentry"} <= set(found)
    assert "SENTRY_DSN" in found["settings"][0]["text"]
    assert others.keys == ["Sentry sentry_version=7, sentry_key=canary-sentry"]


def test_without_an_environment_every_missing_setting_is_a_problem_of_its_own(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PUBLIC_URL")
    monkeypatch.delenv("SALESFORCE_CLIENT_ID")
    code, found = examined()
    assert code == 2
    assert [each["text"][:12] for each in found["settings"]] == ["No CRM is co", "PUBLIC_URL i"]


def test_a_stopped_redis_is_a_problem_and_the_rest_is_examined_all_the_same(house: redis.Redis) -> None:
    house.shutdown(nosave=True)
    sick("redis", "problem", "It does not answer")


def test_a_redis_that_throws_things_away_is_told(house: redis.Redis) -> None:
    house.config_set("maxmemory", "100mb")
    house.config_set("maxmemory-policy", "allkeys-lru")
    sick("redis", "warning", "evicts by allkeys-lru")


def test_a_replica_of_redis_is_of_no_use(house: redis.Redis) -> None:
    house.replicaof("127.0.0.1", str(free_port()))
    sick("redis", "problem", "read-only replica")


def test_tables_of_an_older_version_are_a_problem_and_nothing_is_read_from_them(
    house: redis.Redis, services: Services
) -> None:
    connect(services, "Acme")
    with services.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    sick("schema", "problem", "older version")


def test_a_database_that_is_no_database_is_a_problem(house: redis.Redis, services: Services) -> None:
    path = Path(str(services.database.engine.url.database))
    services.database.close()
    path.unlink()
    path.mkdir()
    sick("database", "problem", "It does not answer (OperationalError)")


def test_without_a_worker_nothing_is_decided(house: redis.Redis) -> None:
    house.flushall()
    sick("workers", "problem", "None is.")


def test_a_worker_that_was_killed_is_named_while_redis_remembers_it(
    house: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(house, "worker-2")
    gone = datetime.now(UTC) - timedelta(minutes=1)
    house.hset("rq:worker:worker-2", "last_heartbeat", gone.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    sick("workers", "warning", "worker-2 has said nothing for 60 s")
    house.hset("rq:worker:worker-1", "last_heartbeat", gone.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    sick("workers", "problem", "None is at work; the last word of one is 60 s old")


def test_many_drains_that_wait_ask_for_workers(house: redis.Redis, services: Services) -> None:
    queue = Queue(QUEUE, connection=house, serializer="rq.serializers.JSONSerializer")
    for number in range(examination.MANY_DRAINS + 1):
        queue.enqueue("connector.services.drain", args=(str(number),))
    sick("queue", "warning", "21 drains wait for a worker")


def test_a_clock_that_stopped_is_told_with_when(house: redis.Redis, services: Services) -> None:
    with services.database.write() as connection:
        ago = datetime.now(UTC) - timedelta(minutes=5)
        leases.release(connection, LEASE, "host:1")
        leases.take(connection, LEASE, "host:1", now=ago, seconds=30)
    sick("clock", "problem", "ended 4 minutes ago")


def test_a_listener_that_died_and_no_other_is_a_problem_where_there_are_orgs(
    house: redis.Redis, services: Services
) -> None:
    connect(services, "Acme")
    with services.database.write() as connection:
        ago = datetime.now(UTC) - timedelta(minutes=5)
        leases.take(connection, f"{PRESENCE}host:1", "host:1", now=ago, seconds=30)
    _, found = examined()
    (line,) = found["listeners"]
    assert (line["state"], line["remedy"]) == ("problem", "Start `switchyard listener`.")
    assert "None is at work for 1 orgs; the last one's lease ended 4 minutes ago." in line["text"]


@pytest.mark.parametrize(("ahead", "state"), [(timedelta(seconds=20), "warning"), (timedelta(hours=-1), "problem")])
def test_a_clock_that_is_off_is_told_by_the_date_of_the_crms_answer(
    house: redis.Redis, others: Others, ahead: timedelta, state: str
) -> None:
    others.ahead = ahead
    sick("time", state, "This machine and Salesforce differ by")


def test_a_sentry_that_refuses_our_key_is_a_problem(
    house: redis.Redis, others: Others, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Others()
    other.status = 403
    monkeypatch.setenv("SENTRY_DSN", other.url.replace("http://", "http://canary@") + "/1")
    sick("sentry", "problem", "refuses our key (403)")
    other.shutdown()
    other.server_close()
    sick("sentry", "warning", "It does not answer (ConnectionError)")


def test_somebody_else_at_our_public_address_is_a_problem(house: redis.Redis, others: Others) -> None:
    others.body = b"<html>Welcome</html>"
    sick("public address", "problem", "is not Switchyard (200)")


def test_a_certificate_that_nobody_trusts_and_one_that_ends_soon_are_told(
    house: redis.Redis, others: Others, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ends = datetime.now(UTC) + timedelta(days=3)
    authority.issue_cert("localhost", not_after=ends).configure_cert(context)
    sealed = Others()
    sealed.socket = context.wrap_socket(sealed.socket, server_side=True)
    monkeypatch.setenv("PUBLIC_URL", f"https://localhost:{sealed.server_port}")
    sick("public address", "problem", "certificate is not trusted")
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    sick("public address", "warning", f"good until {ends:%Y-%m-%d}")
    sealed.shutdown()
    sealed.server_close()


def test_an_install_that_there_is_not_is_said_and_not_that_nothing_is_connected(house: redis.Redis) -> None:
    code, found = examined("--install", "nope")
    (told,) = found["installs"]
    assert (code, told["state"], told["text"]) == (1, "warning", "There is no install nope.")
    assert "switchyard installs" in told["remedy"]


def test_the_table_for_people_says_what_to_do_and_where_to_read_on(
    house: redis.Redis, monkeypatch: pytest.MonkeyPatch, wide: Callable[[], None]
) -> None:
    house.flushall()
    result = run("doctor")
    (line,) = [each for each in result.output.splitlines() if each.startswith("│ workers")]
    assert "problem" in line
    assert "Start `switchyard worker`, one a core." in line
    assert "docs/runbook.md#workersdown" in line
    assert result.exit_code == 2


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal in which no line is folded."""
    monkeypatch.setattr(doctor_cli, "out", lambda: Console(width=400))
