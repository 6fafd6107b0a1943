"""Starting and stopping the processes that tests and the demo need; each prints what it needs to say on one line."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.local.forks import Forked

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 15.0


class Process(Protocol):
    """A process of ours: a Python of its own, or forked."""

    stdout: IO[str] | None

    @property
    def pid(self) -> int:
        """Its number."""
        ...

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; return its exit code. Raises subprocess.TimeoutExpired."""
        ...

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal, unless it has ended."""
        ...

    def kill(self) -> None:
        """End it without a chance to clean up."""
        ...


@dataclass
class Running:
    """A process of ours. `ready` is what it said when it was ready."""

    process: Process
    ready: dict[str, Any]

    def stop(self) -> None:
        """Ask it to stop, and insist after a while."""
        end(self.process)

    def kill(self) -> None:
        """End it without a chance to clean up, with its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def spawn(
    *arguments: str, environment: Mapping[str, str], log: Path | None = None, pipe: bool = False
) -> subprocess.Popen[str]:
    """Start ``python arguments...`` in a process group of its own, standard error into `log`."""
    # Popen duplicates the descriptor, so ours may close at once.
    with open(log, "a", encoding="utf-8") if log else contextlib.nullcontext(None) as sink:  # noqa: PTH123
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=dict(environment),
            stdout=subprocess.PIPE if pipe else (sink or subprocess.DEVNULL),
            stderr=sink or subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )


def start_sandbox(module: str, *arguments: str, log: Path) -> Running:
    """Start a sandbox (``tests.sandbox.salesforce``) and wait for the line that says where it is."""
    process = Forked("-m", module, *arguments, environment=plain_environment(), log=log, pipe=True)
    line = _first_line(process.stdout)
    if not line:
        tail = log.read_text(encoding="utf-8")[-2000:]
        raise RuntimeError(f"{module} did not start:\n{tail}")
    return Running(process, json.loads(line))


def end(process: Process) -> None:
    """Stop a process and its group."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(url: str) -> int:
    """Return the status of a page, 0 when nobody answers."""
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - our own loopback address
            return int(answer.status)
    except HTTPError as error:
        return error.code
    except OSError:
        return 0


def until(condition: Callable[[], Any], *, seconds: float, what: str, every: float = 0.05) -> Any:
    """Return the first true answer of `condition`. Raises TimeoutError saying `what` was waited for."""
    ends = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        answer = condition()
        if answer:
            return answer
        now = time.monotonic()
        if now > ends:
            raise TimeoutError(f"{what}: not after {seconds:.0f} s")
        # Asking again and again would take the machine away from what is waited for.
        time.sleep(max(every, 2 * (now - began)))


def plain_environment() -> dict[str, str]:
    """Return this machine's environment without anything that is a setting of the product."""
    from connector.settings import Settings  # noqa: PLC0415 - heavy; only spawners need it

    ours = {name.upper() for name in Settings.model_fields}
    ours |= {f"{name}_FILE" for name in ours}
    return {name: value for name, value in os.environ.items() if name not in ours} | {"PYTHONUNBUFFERED": "1"}


def _first_line(stream: IO[str] | None) -> str:
    return "" if stream is None else stream.readline().strip()
