"""`switchyard people`: who takes no leads for a while."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from connector.commands import people as people_cli
from connector.services import Services
from connector.store import absences, pauses
from connector.store.installs import Install
from rules.model import User
from tests.connector.test_cli import WIDE, connect, environ, run, services
from tests.fakes import FakeCrm

__all__ = ["environ", "services"]

PEOPLE = [
    User("u0", "Old Ana", "ana@example.com", active=False),
    User("u1", "Ana\x1b[31m", "ana@example.com", zone="Europe/Paris"),
    User("u2", "Bob", "bob@example.com"),
]


@pytest.fixture
def acme(services: Services, monkeypatch: pytest.MonkeyPatch) -> Install:
    monkeypatch.setattr(people_cli, "out", lambda: Console(width=WIDE))
    monkeypatch.setattr(Services, "crm", lambda _self, _install: FakeCrm(people=PEOPLE))
    return connect(services, "Acme")


def paused(services: Services, install: Install) -> dict[str, datetime | None]:
    with services.database.read() as connection:
        return pauses.of(connection, install.id, now=services.clock())


def test_somebody_is_paused_until_a_time_of_their_own_clock_and_resumed(services: Services, acme: Install) -> None:
    result = run("people", "pause", "ANA@example.com", "--until", "2099-12-24T09:00")
    assert result.output == "Ana[31m gets no more leads until 2099-12-24 09:00 (Europe/Paris).\n"
    until = paused(services, acme)["u1"]
    assert until is not None
    assert until.isoformat() == "2099-12-24T08:00:00+00:00"
    listed = run("people", "list").output
    for words in ("ana@example.com", "2099-12-24 09:00 (Europe/Paris)"):
        assert words in listed
    assert "\x1b" not in listed
    assert run("people", "resume", "ana@example.com").output == "Ana[31m gets leads again.\n"
    assert run("people", "resume", "ana@example.com").output == "Ana[31m was not paused.\n"
    assert run("people", "list").output == "Nobody is paused, and no absence is planned.\n"


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2 days", timedelta(days=2)),
        ("90 min", timedelta(minutes=90)),
        ("4h", timedelta(hours=4)),
        ("1 week", timedelta(7)),
    ],
)
def test_somebody_is_paused_for_a_time(services: Services, acme: Install, text: str, span: timedelta) -> None:
    before = services.clock()
    assert run("people", "pause", "bob@example.com", "--for", text, "--install", acme.id).exit_code == 0
    until = paused(services, acme)["u2"]
    assert until is not None
    assert before + span <= until <= services.clock() + span


def test_without_an_end_it_is_until_further_notice(services: Services, acme: Install) -> None:
    assert "until further notice" in run("people", "pause", "bob@example.com").output
    assert paused(services, acme) == {"u2": None}
    assert "further notice" in run("people", "list").output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("nobody@example.com",), "There is no user nobody@example.com in Acme."),
        (("bob@example.com", "--until", "2020-01-01"), "2020-01-01 00:00 (UTC) is over."),
        (("bob@example.com", "--for", "a while"), "is no duration"),
        (("bob@example.com", "--for", "1 day", "--until", "2099-01-01"), "not both"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(acme: Install, options: tuple[str, ...], words: str) -> None:
    result = run("people", "pause", *options)
    assert result.exit_code != 0
    assert words in re.sub(r"[\s│]+", " ", result.output)


def test_absences_that_run_and_that_are_planned_are_listed_beside_pauses(services: Services, acme: Install) -> None:
    now = services.clock()
    days = [
        (now.date(), now.date() + timedelta(days=1)),
        (now.date() + timedelta(days=9), now.date() + timedelta(days=9)),
    ]
    with services.database.write() as connection:
        pauses.put(connection, acme.id, "u1", until=None, by="u1", now=now)
        for first, last in days:
            made = absences.planned("u2", first, last, zone=UTC, by="admin", now=now)
            absences.put(connection, acme.id, made, now=now)
    lines = run("people", "list").output.splitlines()
    (paused_,) = (line for line in lines if "ana@example.com" in line)
    assert "paused" in paused_
    away, ahead = (line for line in lines if "bob@example.com" in line)
    assert " away " in away
    assert f"the end of {days[0][1]}" in away
    assert "will be away" in ahead
    assert "admin" in ahead
    assert str(days[1][0]) in ahead
