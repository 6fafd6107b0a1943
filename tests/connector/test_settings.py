"""The environment: all faults at once, by name, never with a value; secrets stay secret wherever settings are shown."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
import redis
from sqlalchemy.engine import make_url

from connector.settings import Settings, SettingsError, load

KEY = "ZmFzdC1hbmQtdmFsaWQta2V5LWZvci10ZXN0cy0wMDE="
WHOLE = {
    "PUBLIC_URL": "https://route.example.com",
    "ENCRYPTION_KEYS": KEY,
    "SESSION_SECRET": "canary-session-secret-of-32-characters",
    "DATABASE_URL": "postgresql://switchyard:canary-database@db.example/x",
    "REDIS_URL": "rediss://:canary-redis@redis.example/0",
    "SENTRY_DSN": "https://canary-dsn@sentry.example/1",
    "SALESFORCE_CLIENT_ID": "3MVG9",
    "SALESFORCE_CLIENT_SECRET": "canary-salesforce",
    "HUBSPOT_CLIENT_ID": "id",
    "HUBSPOT_CLIENT_SECRET": "canary-hubspot",
    "HUBSPOT_APP_ID": "1",
}


def faults(**changes: str) -> list[str]:
    """Return the lines of the error that this environment gives."""
    with pytest.raises(SettingsError) as error:
        load(WHOLE | changes)
    return str(error.value).splitlines()


def test_a_whole_environment_is_read() -> None:
    settings = load(WHOLE)
    assert settings.crms == ("salesforce", "hubspot")
    assert settings.database == WHOLE["DATABASE_URL"]
    assert settings.redis == WHOLE["REDIS_URL"]
    assert settings.encryption_keys.get_secret_value() == KEY
    assert settings.secure_cookies


def test_everything_that_is_missing_is_named_at_once_with_its_meaning() -> None:
    with pytest.raises(SettingsError) as error:
        load({"SALESFORCE_CLIENT_ID": "a", "HUBSPOT_CLIENT_ID": "b"})
    said = str(error.value)
    for name in (
        "PUBLIC_URL",
        "ENCRYPTION_KEYS",
        "SESSION_SECRET",
        "SALESFORCE_CLIENT_SECRET",
        "HUBSPOT_CLIENT_SECRET",
        "HUBSPOT_APP_ID",
    ):
        assert f"{name} is missing: {Settings.model_fields[name.lower()].description}" in said


def test_without_any_crm_that_is_said() -> None:
    assert faults(SALESFORCE_CLIENT_ID="", HUBSPOT_CLIENT_ID="") == [
        "No CRM is configured: set SALESFORCE_CLIENT_ID or HUBSPOT_CLIENT_ID (or both)"
    ]


@pytest.mark.parametrize("crm", ["salesforce", "hubspot"])
def test_one_crm_is_enough(crm: str) -> None:
    other = "HUBSPOT" if crm == "salesforce" else "SALESFORCE"
    settings = load({name: value for name, value in WHOLE.items() if not name.startswith(other)})
    assert settings.crms == (crm,)


def test_a_setting_may_stand_in_a_file_which_wins(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("  a mounted secret of 32 characters or more\n", encoding="utf-8")
    settings = load(WHOLE | {"SESSION_SECRET_FILE": str(path)})
    assert settings.session_secret.get_secret_value() == "a mounted secret of 32 characters or more"


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    found = faults(
        SESSION_SECRET_FILE=str(tmp_path / "none"), ENCRYPTION_KEYS_FILE=str(tmp_path / "binary"), PORT="eighty"
    )
    assert found[0].startswith("ENCRYPTION_KEYS_FILE: ")
    assert found[0].endswith("holds no text")
    assert f"SESSION_SECRET_FILE: cannot read {tmp_path / 'none'}: No such file or directory" in found
    assert any(each.startswith("PORT ") for each in found), "the other faults are named too"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PUBLIC_URL", "http://route.example.com", "must start with https://"),
        ("PUBLIC_URL", "route.example.com", "must start with https://"),
        ("ENCRYPTION_KEYS", " , ", "holds no key; make one with `switchyard keys new`"),
        ("ENCRYPTION_KEYS", f"{KEY},canary", "key 2 is not a Fernet key"),
        ("SESSION_SECRET", "canary-short", "is too short"),
        ("DATABASE_URL", "canary:password", "is no address of a database we know"),
        ("DATABASE_URL", "mysql://u:canary@db.example/x", "is no address of a database we know"),
        ("REDIS_URL", "http://canary@redis.example", "must start with redis://"),
        ("LOG_LEVEL", "canary", "must be one of DEBUG, INFO, WARNING, ERROR"),
        ("PORT", "canary", "valid integer"),
        ("SENTRY_TRACES_SAMPLE_RATE", "2", "less than or equal to 1"),
        ("DRAIN_BATCH", "0", "greater than or equal to 1"),
        ("LEASE_SECONDS", "0", "greater than 0"),
        ("DECISION_DAYS", "canary", "valid integer"),
    ],
)
def test_a_bad_value_is_named_without_the_value(name: str, value: str, words: str) -> None:
    (found,) = faults(**{name: value})
    assert found.startswith(f"{name} ")
    assert words in found
    assert "canary" not in found


@pytest.mark.parametrize("odd", ["@canary", "@canary/x", "@canary?x", "@canary#x", "@canary:x", "x@1:canary"])
def test_a_password_that_would_be_taken_for_a_host_is_not_tried(odd: str) -> None:
    """The errors of a connection name the host, and such a password would stand there in part."""
    (found,) = faults(DATABASE_URL=f"postgresql://u:se{odd}@db.example/x")
    assert found.startswith("DATABASE_URL ")
    assert "canary" not in found
    right = f"postgresql://u:se{quote(odd, safe='')}@db.example/x"
    assert make_url(load(WHOLE | {"DATABASE_URL": right}).database).password == f"se{odd}"


@pytest.mark.parametrize("odd", ["canary/x", "canary?x", "canary#x", "canary[x", "6379/canary", "6379?canary"])
def test_a_password_of_redis_that_would_be_taken_for_a_host_is_not_tried(odd: str) -> None:
    (found,) = faults(REDIS_URL=f"redis://:{odd}@redis.example/0")
    assert found.startswith("REDIS_URL cannot be read")
    assert "canary" not in found
    right = load(WHOLE | {"REDIS_URL": f"redis://:{quote(odd, safe='')}@redis.example/0"})
    assert redis.Redis.from_url(right.redis).get_connection_kwargs()["password"] == odd


def test_an_address_of_a_socket_may_hold_what_a_password_may_not() -> None:
    for url in ("unix:///srv/a@b/x.sock", "unix://:secret@/srv/a@b/x.sock"):
        assert load(WHOLE | {"REDIS_URL": url}).redis == url
    url = "postgresql://u@/x?host=/srv/a@b"
    assert load(WHOLE | {"DATABASE_URL": url}).database == url
    url = "sqlite:////srv/a@b/x.sqlite"
    assert load(WHOLE | {"DATABASE_URL": url}).database == url


def test_empty_means_the_default() -> None:
    settings = load(WHOLE | {"DATABASE_URL": "", "REDIS_URL": "", "PORT": "", "SENTRY_DSN": "", "DATA_DIR": "/srv/x"})
    assert settings.database == "sqlite:////srv/x/switchyard.sqlite"
    assert settings.redis == "unix:///srv/x/valkey.sock"
    assert (settings.port, settings.sentry_dsn) == (8000, None)


@pytest.mark.parametrize("url", ["http://localhost:8000/", "http://127.0.0.1", "https://x.example"])
def test_http_is_good_enough_for_this_machine_only(url: str) -> None:
    settings = load(WHOLE | {"PUBLIC_URL": url})
    assert settings.public_url == url.rstrip("/")
    assert settings.secure_cookies is url.startswith("https")


@pytest.mark.parametrize("url", ["postgres://u@h/x", "postgresql+psycopg://u@h/x", "sqlite:////srv/x.sqlite"])
def test_the_databases_we_know_are_taken_as_hosts_write_them(url: str) -> None:
    assert load(WHOLE | {"DATABASE_URL": url}).database == url


def test_a_log_level_may_be_written_small() -> None:
    assert load(WHOLE | {"LOG_LEVEL": "warning"}).log_level == "WARNING"


def test_no_secret_is_in_what_settings_show_of_themselves() -> None:
    settings = load(WHOLE)
    for shown in (repr(settings), str(settings), str(settings.model_dump()), settings.model_dump_json()):
        assert "canary" not in shown
        assert KEY not in shown


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_the_environment_is_read_only_by_load(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in WHOLE.items():
        monkeypatch.setenv(name, value)
    assert load().port == 8000
    with pytest.raises(ValueError, match="public_url"):
        Settings.model_validate({})
