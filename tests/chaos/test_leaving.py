"""Whoever runs a chaos may be killed as well: nothing that it started stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.local.processes import plain_environment, until

ROOT = Path(__file__).resolve().parents[2]
STARTER = """
import os, signal, sys
from tests.local import forks
forks.LOADED = ()  # what it loads is not what this is about
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
    program = ("-m", "http.server", "0", "--bind", "127.0.0.1")
    started = [forks.Forked(*program, environment=dict(os.environ)) for _ in range(2)]
    if sys.argv[1:]:
        os.kill(started[0].pid, signal.SIGSTOP)
    print(*(each.pid for each in started), flush=True)
    signal.pause()
"""


@pytest.mark.parametrize(
    ("number", "frozen"), [(signal.SIGKILL, ["frozen"]), (signal.SIGTERM, ["frozen"]), (signal.SIGINT, [])]
)
def test_what_was_started_ends_with_who_started_it_however_that_ends(
    tmp_path: Path, number: int, frozen: list[str]
) -> None:
    script = tmp_path / "starter.py"
    script.write_text(STARTER, encoding="utf-8")
    environment = plain_environment() | {"PYTHONPATH": str(ROOT)}
    starter = subprocess.Popen(
        [sys.executable, str(script), *frozen],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    )
    assert starter.stdout is not None
    started = [int(each) for each in starter.stdout.readline().split()]
    assert len(started) == 2
    assert all(map(_runs, started))
    os.kill(starter.pid, number)
    starter.wait()
    starter.stdout.close()
    until(lambda: not any(map(_runs, started)), seconds=20, what="all gone")


def _runs(number: int) -> bool:
    try:
        status = Path(f"/proc/{number}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}
