"""`switchyard up`: everything on one machine, and whatever dies is started again."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from tests.local.processes import end, free_port, plain_environment, spawn, until
from tests.local.processes import get as fetch

OK = 200


@pytest.fixture(scope="module")
def up() -> Iterator[tuple[subprocess.Popen[str], Path, int]]:
    with tempfile.TemporaryDirectory(prefix="switchyard-", ignore_cleanup_errors=True) as directory:
        data, port = Path(directory) / "data", free_port()
        settings = {
            "PUBLIC_URL": f"http://localhost:{port}",
            "PORT": str(port),
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "SESSION_SECRET": "s" * 32,
            "DATA_DIR": str(data),
            "HUBSPOT_CLIENT_ID": "c",
            "HUBSPOT_CLIENT_SECRET": "s",
            "HUBSPOT_APP_ID": "1",
        }
        environment = plain_environment() | settings
        process = spawn("-m", "connector.cli", "up", environment=environment, log=Path(directory) / "log")
        try:
            until(lambda: fetch(f"http://localhost:{port}/health/ready") == OK, seconds=60, what="ready")
            yield process, data, port
        finally:
            end(process)


def children(process: subprocess.Popen[str], command: str) -> list[int]:
    """Return the process ids below `process` whose command line contains `command`."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
    return [int(pid) for pid, parent, args in rows if int(parent) == process.pid and command in args]


@pytest.mark.parametrize("name", ["worker", "gunicorn", "valkey"])
def test_a_process_that_is_killed_comes_back(up: tuple[subprocess.Popen[str], Path, int], name: str) -> None:
    process, _, port = up
    (first, *_) = until(lambda: children(process, name), seconds=60, what=f"{name} running")
    os.kill(first, signal.SIGKILL)
    until(lambda: set(children(process, name)) - {first}, seconds=60, what=f"{name} started again")
    until(lambda: fetch(f"http://localhost:{port}/health/ready") == OK, seconds=60, what="ready again")


def test_up_stops_everything_it_started(up: tuple[subprocess.Popen[str], Path, int]) -> None:
    process, _, _ = up
    started = until(lambda: children(process, ""), seconds=60, what="processes running")
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    alive = [pid for pid in started if Path(f"/proc/{pid}").exists()]
    assert alive == []
