"""The application as it is served: gunicorn, its own process, real sockets."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.app import _connected
from connector.store import progress
from connector.store.base import Database
from connector.store.installs import Install
from tests.connector.web.kit import APP_ID, KEY, PUBLIC_URL, SECRET, House, batch, change, settings, signed

PORTAL = 247187887
PATH = "/webhooks/hubspot"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def data(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("served")
    shutil.copy(empty, directory / "switchyard.sqlite")
    house = House(settings(database_url=f"sqlite:///{directory / 'switchyard.sqlite'}", data_dir=directory))
    house.connect("hubspot", str(PORTAL), "Portal")
    house.close()
    return directory


@pytest.fixture(scope="module")
def served(data: Path) -> Iterator[int]:
    """A gunicorn with two workers; its port."""
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}} | {
        "PUBLIC_URL": PUBLIC_URL,
        "ENCRYPTION_KEYS": KEY,
        "SESSION_SECRET": "s" * 32,
        "DATA_DIR": str(data),
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "HUBSPOT_CLIENT_ID": "hubspot-client",
        "HUBSPOT_CLIENT_SECRET": SECRET,
        "HUBSPOT_APP_ID": APP_ID,
    }
    command = [sys.executable, "-m", "gunicorn", "-w", "2", "-b", f"127.0.0.1:{port}", "connector.app:wsgi()"]
    command += ["--config", "python:connector.gunicorn_hooks"]
    with subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[3], stderr=subprocess.DEVNULL) as server:
        ends = time.monotonic() + 60
        while True:
            try:
                assert ask(port, "GET", "/health/live")[0] == 200
                break
            except OSError:
                assert server.poll() is None, "gunicorn ended"
                assert time.monotonic() < ends, "gunicorn does not answer"
                time.sleep(0.05)
        yield port
        server.terminate()


def ask(
    port: int, method: str, path: str, body: bytes | Iterator[bytes] | None = None, **headers: str
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers, encode_chunked=headers.get("Transfer-Encoding") == "chunked")
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


def letters(data: Path) -> list[str]:
    database = Database(f"sqlite:///{data / 'switchyard.sqlite'}")
    with database.read() as connection:
        found = [str(row[0]) for row in connection.exec_driver_sql("SELECT record_id FROM letter ORDER BY id")]
    database.close()
    return found


def test_a_delivery_is_stored_though_redis_is_away(served: int, data: Path) -> None:
    body = batch(change(PORTAL, 1))
    assert ask(served, "POST", PATH, body, **signed(body, at=datetime.now(UTC))) == (204, b"")
    assert letters(data) == ["1"]


def test_a_delivery_in_chunks_is_taken_and_limited_like_any_other(served: int, data: Path) -> None:
    before = letters(data)
    chunked = {"Transfer-Encoding": "chunked"}
    body = batch(change(PORTAL, 2))
    headers = signed(body, at=datetime.now(UTC)) | chunked
    assert ask(served, "POST", PATH, iter([body[:50], body[50:]]), **headers)[0] == 204
    assert letters(data) == [*before, "2"]
    long = batch(change(PORTAL, 3, propertyValue="x" * 1_000_000))
    headers = signed(long, at=datetime.now(UTC)) | chunked
    assert ask(served, "POST", PATH, iter([long]), **headers)[0] == 413
    assert letters(data) == [*before, "2"]


def raw(port: int, *lines: str, body: bytes = b"") -> list[bytes]:
    """Send a request as it stands; return the status lines of all answers on that connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
        wire.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        wire.shutdown(socket.SHUT_WR)
        told = b""
        while chunk := wire.recv(65536):
            told += chunk
    return [line for line in told.split(b"\r\n") if line.startswith(b"HTTP/1.")]


@pytest.mark.threat("T17")
@pytest.mark.parametrize(
    "headers",
    [
        ("Content-Length: 4", "Transfer-Encoding: chunked"),
        ("Content-Length: 4", "Content-Length: 60"),
        ("Content-Length: +4",),
        ("Content-Length: 4, 60",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding : chunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: identity"),
        ("X: a\r\n Transfer-Encoding: chunked", "Content-Length: 4"),
    ],
)
def test_a_request_within_a_request_is_never_answered(served: int, headers: tuple[str, ...]) -> None:
    inner = b"0\r\n\r\nGET /health/live HTTP/1.1\r\nHost: smuggled\r\n\r\n"
    answers = raw(served, "POST /webhooks/hubspot HTTP/1.1", "Host: x", *headers, body=inner)
    assert b"HTTP/1.1 200 OK" not in answers
    assert not any(line.startswith(b"HTTP/1.1 2") for line in answers)


@pytest.mark.threat("T16")
def test_a_header_cannot_be_split_by_what_a_request_says(served: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served, timeout=20)
    connection.request("GET", "/installs/x%0d%0aSet-Cookie:%20a=b?back=%0d%0aX-Evil:1")
    answer = connection.getresponse()
    assert answer.getheader("X-Evil") is None
    assert "a=b" not in str(answer.getheader("Set-Cookie"))
    connection.close()


def test_the_front_page_and_health_are_served(served: int) -> None:
    status, page = ask(served, "GET", "/")
    assert status == 200
    assert b"Connect HubSpot" in page
    assert b"Connect Salesforce" not in page, "it is not configured"
    status, ready = ask(served, "GET", "/health/ready")
    assert (status, json.loads(ready)) == (503, {"database": "up", "schema": "up", "redis": "down"})


def test_after_a_new_grant_what_had_failed_starts_again_and_a_worker_is_woken(house: House, acme: Install) -> None:
    with house.database.write() as connection:
        for name, state in (("setup", "waiting"), ("backfill:lead", "failed"), ("backfill:account", "done")):
            progress.start(connection, acme.id, name, now=house.now)
            progress.move(connection, acme.id, name, now=house.now, state=state, done=5)
    _connected(house)(acme, False)
    with house.database.read() as connection:
        found = {each.name: (each.state, each.done) for each in progress.of(connection, acme.id)}
    assert found == {"setup": ("waiting", 5), "backfill:lead": ("waiting", 0), "backfill:account": ("done", 5)}
    assert house.rung == [acme.id]
