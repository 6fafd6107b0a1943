"""Processes forked from one that has loaded the product and the sandboxes: loading them takes a new Python two seconds.

They are processes like any others: each has its own number, session, environment, signals, log and exit code. Only what
`switchyard up` starts, and what is measured, starts as a Python of its own (:func:`tests.local.processes.spawn`). None
outlives who asked for it: when that one is gone, killed or not, the server they are forked from ends, and they with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import multiprocessing.forkserver
import os
import runpy
import signal
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import IO, NoReturn

LOADED = ("tests.local.loaded", "tests.jobs.dying", "tests.jobs.warm")
"""What the server that all are forked from imports; the last freezes everything that is there by then."""
OUTPUT, ERRORS = 1, 2
PR_SET_PDEATHSIG = 1
"""Linux's prctl(2): the signal that a process gets when the one that forked it has ended."""


class Forked:
    """A process that was forked, to be asked and told as :class:`subprocess.Popen` is."""

    def __init__(
        self, *arguments: str, environment: Mapping[str, str], log: Path | None = None, pipe: bool = False
    ) -> None:
        """Start ``python arguments...``; returns when it is in a process group of its own."""
        self.args = arguments
        begun, tell_begun = multiprocessing.Pipe(duplex=False)
        said, say = multiprocessing.Pipe(duplex=False)
        self._process = forking().Process(
            target=_begin, args=(arguments, dict(environment), log, say if pipe else None, tell_begun), daemon=True
        )
        self._process.start()
        tell_begun.close()
        say.close()
        self.stdout: IO[str] | None = os.fdopen(os.dup(said.fileno()), encoding="utf-8") if pipe else None
        said.close()
        with contextlib.suppress(EOFError):
            begun.recv_bytes()
        begun.close()

    @property
    def pid(self) -> int:
        """Its number, which is that of its process group as well."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Return its exit code (negative: the signal that ended it), None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; return its exit code. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it without a chance to clean up."""
        self._process.kill()


def forking() -> ForkServerContext:
    """Return how processes are forked: from a server that has loaded everything, as RQ forks its jobs."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(LOADED))
    return context


def _begin(
    arguments: Sequence[str], environment: dict[str, str], log: Path | None, say: Connection | None, begun: Connection
) -> None:
    """Become what was asked for, in the process that was just forked."""
    os.setsid()
    _end_with_the_others()
    with open(log or os.devnull, "ab", buffering=0) as sink:  # noqa: PTH123 - os.devnull is no Path
        os.dup2(sink.fileno() if say is None else say.fileno(), OUTPUT)
        os.dup2(sink.fileno(), ERRORS)
    if say is not None:
        say.close()
    begun.close()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, write_through=True)  # type: ignore[union-attr] # what they really are
    os.environ.clear()
    os.environ.update(environment)
    os.execv = _become  # type: ignore[assignment] # of all that a program may be given as, the product gives text
    _run(arguments)


def _end_with_the_others() -> None:
    """Have this process be killed when the server that it was forked from ends, whatever it becomes until then.

    That server ends when nobody holds its other end any more. Each process it forks is given that end, to fork with.
    """
    other_end = multiprocessing.forkserver._forkserver._forkserver_alive_fd  # type: ignore[attr-defined]
    os.close(other_end)
    with contextlib.suppress(AttributeError, OSError):  # other systems have no such thing
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _run(arguments: Sequence[str]) -> None:
    """Run ``-m module ...`` as Python would."""
    flag, module, *rest = arguments
    assert flag == "-m"
    sys.argv = [module, *rest]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*found in sys.modules.*")
        runpy.run_module(module, run_name="__main__", alter_sys=True)


def _become(path: str, arguments: Sequence[str]) -> NoReturn:
    """Turn into another program, as `switchyard web` does; one of our own Python has been loaded here already."""
    if path != sys.executable:
        os.execve(path, list(arguments), os.environ)  # noqa: S606 - what the product asked for, no shell
    _run(arguments[1:])
    sys.exit()
