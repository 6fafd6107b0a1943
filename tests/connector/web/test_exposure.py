"""What strangers can reach, and what logs, files and terminals show: the settings, the process, the command line."""

from __future__ import annotations

import json
import logging
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sentry_sdk
import structlog
from click.testing import CliRunner
from cryptography.fernet import Fernet
from sqlalchemy.exc import IntegrityError

from connector import cli, telemetry
from connector.errors import Refused, Revoked
from connector.settings import SettingsError, load
from connector.store import installs
from connector.store.base import Database, metadata
from connector.store.installs import Install
from tests.connector.web.kit import House, settings

ROOT = Path(__file__).parents[3]
WHOLE = {
    "PUBLIC_URL": "https://route.example.com",
    "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "SESSION_SECRET": "canary-session-secret-of-32-characters",
    "DATABASE_URL": "postgresql://switchyard:canary@127.0.0.1:1/x",
    "REDIS_URL": "redis://:canary@127.0.0.1:1/0",
    "HUBSPOT_CLIENT_ID": "id",
    "HUBSPOT_CLIENT_SECRET": "canary",
    "HUBSPOT_APP_ID": "1",
}
CANARY = "can-ary"
"""Not written out where a fault is raised: Sentry also gets the lines of source around it."""
HOSTILE = "[red]Acme[/red] \x1b]0;owned\x07\x9b2J\u0085[/] Ltd"
SHOWN = "[red]Acme[/red] ]0;owned2J[/] Ltd"


@pytest.fixture
def process(heard: None) -> Iterator[None]:
    """Put back what a command sets for its whole process, which here is the tests'."""
    root, configured = logging.getLogger(), structlog.get_config()
    mask, handlers, level = os.umask(0o022), root.handlers[:], root.level
    root.handlers = []  # pytest's own are put back, not closed
    yield
    os.umask(mask)
    root.handlers = handlers
    root.setLevel(level)
    structlog.configure(**configured)
    structlog.contextvars.clear_contextvars()
    sentry_sdk.init()


# What is reached


@pytest.mark.parametrize(
    ("given", "listens"),
    [
        ({}, "127.0.0.1:8000"),
        ({"BIND": "0.0.0.0", "PORT": "80"}, "0.0.0.0:80"),  # noqa: S104 - what a platform sets
        ({"BIND": "::1"}, "[::1]:8000"),
    ],
)
def test_the_web_process_listens_where_bind_says_and_else_only_to_this_machine(
    monkeypatch: pytest.MonkeyPatch, process: None, given: dict[str, str], listens: str
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _path, command: ran.append(command))
    result = CliRunner().invoke(cli.main, ["web"], env=WHOLE | {"BIND": None, "PORT": None} | given)
    assert result.exit_code == 0, result.output
    (command,) = ran
    assert command[command.index("--bind") + 1] == listens


@pytest.mark.parametrize("value", ["localhost", "0.0.0.0:80", "example.com", "10.0.0.0/8"])
def test_bind_is_an_ip_address(value: str) -> None:
    with pytest.raises(SettingsError, match="BIND must be an IP address"):
        load(WHOLE | {"BIND": value})


@pytest.mark.parametrize(
    "value",
    [
        "https://route.example.com/switchyard",
        "https://route.example.com?x=1",
        "https://route.example.com/#x",
        "https://user:password@route.example.com",
        "https://route.example.com:port",
        "https://route.example.com\\@evil.example",
        "https://route.example.com evil.example",
        "https://",
        "https:///x",
    ],
)
def test_the_public_address_is_a_scheme_and_a_host_only(value: str) -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL must be"):
        load(WHOLE | {"PUBLIC_URL": value})


@pytest.mark.parametrize(
    "value", ["https://route.example.com:8443", "https://Route.example.com/", "http://localhost:8000"]
)
def test_a_port_is_part_of_the_public_address(value: str) -> None:
    assert load(WHOLE | {"PUBLIC_URL": value}).public_url == value.rstrip("/")


# What others on the machine can read


def test_what_the_commands_write_is_for_their_own_user(tmp_path: Path) -> None:
    data = tmp_path / "data"
    environment = os.environ | WHOLE | {"DATABASE_URL": "", "REDIS_URL": "", "DATA_DIR": str(data)}
    subprocess.run(
        [sys.executable, "-m", "connector.cli", "migrate"],
        cwd=ROOT,
        env=environment,
        umask=0,
        check=True,
        capture_output=True,
        timeout=60,
    )
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (data, *data.iterdir())}
    assert (found.pop("data"), set(found.values())) == (0o700, {0o600})


# What terminals and logs show


def test_check_and_repr_show_no_password(process: None) -> None:
    result = CliRunner().invoke(cli.main, ["check"], env=WHOLE | {"COLUMNS": "400"})
    assert "DATABASE_URL" in result.output
    assert "canary" not in result.output + repr(load(WHOLE))


@pytest.fixture
def hostile(house: House, process: None) -> dict[str, str]:
    """The environment of a command over a house whose one install has a name that steers terminals."""
    house.connect("hubspot", "7", HOSTILE)
    return WHOLE | {"DATABASE_URL": house.settings.database, "COLUMNS": "400", "ENCRYPTION_KEYS": _key(house)}


def _key(house: House) -> str:
    return house.settings.encryption_keys.get_secret_value()


@pytest.mark.parametrize("arguments", [["installs"], ["explain", "1"]])
def test_a_name_from_the_crm_does_not_steer_the_terminal(hostile: dict[str, str], arguments: list[str]) -> None:
    output = CliRunner().invoke(cli.main, arguments, env=hostile).output
    assert SHOWN in output
    assert not {"\x1b", "\x07", "\x9b", "\u0085"} & set(output)


def test_what_the_crm_answers_does_not_steer_the_terminal(
    hostile: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_services: object, _install: Install) -> None:
        raise Refused(f"HubSpot says {HOSTILE}")

    monkeypatch.setattr("connector.services.Services.crm", refuse)
    output = CliRunner().invoke(cli.main, ["rules", "pull"], env=hostile).output
    assert f"HubSpot says {SHOWN}" in output


def test_an_error_of_the_database_names_no_value(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite'}")
    metadata.create_all(database.engine)
    with pytest.raises(IntegrityError) as error, database.write() as connection:
        connection.execute(installs.admin.insert().values(install_id="canary", user_id="canary"))
    database.close()
    assert "NOT NULL" in str(error.value)
    assert "canary" not in str(error.value)


def fail_with(error: Exception, cause: Exception) -> None:
    """Fail, because of something that was raised before."""
    try:
        raise cause
    except type(cause):
        raise error from cause


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_no_note_group_or_cause_of_an_exception_is_logged(process: None, capsys: pytest.CaptureFixture[str]) -> None:
    telemetry.configure_logs("INFO", process="worker")
    inner = ValueError("canary")
    inner.add_note("canary")
    group = ExceptionGroup("canary", [inner, SyntaxError("canary", ("file", 1, 1, "canary"))])
    try:
        fail_with(Refused("HubSpot did not save this."), group)
    except Refused:
        structlog.get_logger().exception("failed")
    (line,) = logged(capsys)
    ours, theirs = line["exception"]
    assert ours["exc_value"] == "HubSpot did not save this."
    assert [each[0]["exc_type"] for each in theirs["exceptions"]] == ["ValueError", "SyntaxError"]
    assert "canary" not in json.dumps(line)


def test_a_traceback_inside_a_librarys_message_is_cut_off(process: None, capsys: pytest.CaptureFixture[str]) -> None:
    """RQ writes one for each failed job."""
    telemetry.configure_logs("INFO", process="worker")
    text = "Traceback (most recent call last):\n  File x\nValueError: canary"
    logging.getLogger("rq.worker").error("Worker %s: job %s: exception raised (%s)\n%s", "w", "j", "drain", text)
    (line,) = logged(capsys)
    assert line["event"] == "Worker w: job j: exception raised (drain)"


@pytest.fixture
def sent(process: None, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What would be sent to Sentry, taken before it leaves."""
    found: list[dict[str, Any]] = []

    class Kept(sentry_sdk.transport.Transport):
        def capture_envelope(self, envelope: sentry_sdk.envelope.Envelope) -> None:
            event = envelope.get_event()
            if event is not None:
                found.append(dict(event))

    init = sentry_sdk.init
    with monkeypatch.context() as patch:
        patch.setattr(sentry_sdk, "init", lambda **options: init(transport=Kept, **options))
        telemetry.start(settings(sentry_dsn="https://key@sentry.example/1"), process="web")
    return found


class Later(Exception):  # noqa: N818 - named like one of ours
    """What some library may raise."""


def test_sentry_gets_our_own_sentences_and_nobody_elses_words(sent: list[dict[str, Any]]) -> None:
    try:
        fail_with(Later(CANARY), Revoked("HubSpot wants us to be connected again."))
    except Later as error:
        telemetry.report(error)
    telemetry.report(Refused("HubSpot did not save this."))  # no fault of ours
    sentry_sdk.capture_event({"logentry": {"message": "took %s", "params": [CANARY], "formatted": CANARY}})
    first, second = sent
    told = [each["value"] for each in first["exception"]["values"]]
    assert told == ["HubSpot wants us to be connected again.", ""]
    assert second["logentry"] == {"message": "took %s"}
    assert CANARY not in json.dumps(sent, default=str)
