"""`switchyard dedupe`: what each command tells, what it takes down, and what it refuses with a sentence."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from connector.commands import dedupe as dedupe_cli
from connector.commands import dedupe_shown
from connector.services import Services
from connector.store import installs, pairs, progress, rulesets
from connector.store.installs import Install
from connector.store.pairs import Asked, State, Suggestion
from rules.actions import Member
from rules.model import Evidence, Record, User
from rules.ruleset import Source
from tests.connector.test_cli import WIDE, connect, environ, run, services
from tests.jobs.joining import JoiningCrm

__all__ = ["environ", "services"]

POLICY = "- duplicates: One person, one record\n  mode: act\n"
KIM = Suggestion(
    (Member("lead", "k1"), Member("lead", "k2")),
    0.97,
    (Evidence("same_phone_number", "Both have the phone number +16505550100", 2.0),),
    names=("Kim\x1b[31m Lee", "=Kim"),
)
RAY = Suggestion((Member("lead", "r1"), Member("lead", "gone")), 0.8, names=("Ray", "Ray Ito"))


@pytest.fixture
def acme(services: Services, monkeypatch: pytest.MonkeyPatch) -> Install:
    """An install in mode act whose policy acts, with Kim twice and Ray once."""
    crm = JoiningCrm(people=[User("u1", "Ana", "ana@example.com")])
    told = {"last_name": "Lee", "name": "Kim Lee", "phone": "+1 650 555 0100"}
    now = services.clock()
    crm.add(
        Record(
            "lead", "k1", {**told, "email": "kim@globex.com", "company": "Globex"}, "u1", now - timedelta(days=9), now
        ),
        Record("lead", "k2", {**told, "email": "kim@gmail.com", "title": "CEO"}, "u1", now, now),
        Record("lead", "r1", {"last_name": "Ito"}, "u1", now, now),
    )
    for module in (dedupe_cli, dedupe_shown):
        monkeypatch.setattr(module, "out", lambda: Console(width=WIDE))
    monkeypatch.setattr(Services, "crm", lambda _self, _install: crm)
    made = connect(services, "Acme")
    with services.database.write() as connection:
        seal = services.seal(made)
        installs.set_mode(connection, made.id, "act")
        rulesets.put(connection, made.id, seal, sources=[Source("policy", POLICY)], version="v1", now=now)
        pairs.suggest(connection, made.id, seal, [KIM, RAY], now=now)
        for kind in ("account", "contact", "lead"):
            progress.start(connection, made.id, f"backfill:{kind}", now=now)
            progress.move(connection, made.id, f"backfill:{kind}", now=now, state="done")
    return replace(made, mode="act")


def asked(services: Services, install: Install, state: State) -> list[Asked]:
    with services.database.read() as connection:
        return pairs.open_(connection, install.id, services.seal(install), limit=9, state=state)


def test_pairs_are_listed_the_surest_first_and_safe_for_a_terminal(acme: Install) -> None:
    told = run("dedupe", "list").output
    assert told.index(KIM.key[:8]) < told.index(RAY.key[:8])
    assert "97.0%" in told
    assert "\x1b" not in told
    assert [each["key"] for each in json.loads(run("dedupe", "list", "--json").output)] == [KIM.key, RAY.key]
    assert "… and 1 more." in run("dedupe", "list", "--limit", "1").output
    assert run("dedupe", "list", "--state", "merged").output == "Nothing waits here.\n"


def test_a_pair_is_shown_side_by_side(acme: Install) -> None:
    told = run("dedupe", "show", KIM.key[:6]).output
    for words in ("kim@gmail.com", "CEO", "Keeps Kim Lee (lead k1)", "open, "):
        assert words in told
    plain = json.loads(run("dedupe", "show", KIM.key, "--json").output)
    assert (plain["survivor"], plain["losers"], plain["values"]) == ("k1", ["k2"], {"title": "CEO"})
    assert json.loads(run("dedupe", "show", RAY.key, "--json").output)["gone"] == ["gone"]


def test_a_yes_shows_what_it_does_and_is_taken_with_its_edits(services: Services, acme: Install) -> None:
    result = run("dedupe", "accept", KIM.key, "--survivor", "k2", "--value", "email=k1", "--by", "Ana", "--yes")
    assert result.exit_code == 0, result.output
    assert "Keeps Kim Lee (lead k2)" in result.output
    taken = asked(services, acme, "accepted")[0].answer
    assert (taken.by, taken.edit.survivor_id, taken.edit.values_from) == ("Ana", "k2", {"email": "k1"})
    assert taken.seen
    again = run("dedupe", "accept", KIM.key, "--yes")
    assert again.exit_code == 1
    assert "Somebody has answered already." in again.output


def test_a_no_is_noted_for_several_at_once(services: Services, acme: Install) -> None:
    assert run("dedupe", "reject", KIM.key[:8], RAY.key[:8], "--by", "Ana").output == "Noted.\n"
    assert len(asked(services, acme, "rejected")) == 2
    assert "Somebody else has answered" in run("dedupe", "reject", KIM.key).output


def test_a_run_is_estimated_begun_paused_resumed_reported_and_cancelled(services: Services, acme: Install) -> None:
    guess = run("dedupe", "scan", "--estimate").output
    assert "0 records" in guess
    assert "Looking costs no API calls" in guess
    assert run("dedupe", "report").output == "Error: Nothing was cleaned up yet.\n"
    begun = json.loads(run("dedupe", "scan", "--json", "--by", "Ana", "--apply").output)
    name = begun["run"]
    assert begun["estimate"]["fits"]
    assert "A clean-up is under way already." in run("dedupe", "scan", "--yes").output
    assert run("dedupe", "pause").output == "Paused.\n"
    assert run("dedupe", "resume", name).output == "Goes on.\n"
    assert run("dedupe", "resume", name.partition(":")[2]).output == f"{name} is not paused.\n"
    assert "not through yet" in run("dedupe", "apply", "--yes").output
    assert run("dedupe", "cancel").output == "Cancelled.\n"
    told = json.loads(run("dedupe", "report", "--json").output)
    assert (told["name"], told["by"], told["state"], told["applies"]) == (name, "Ana", "done", True)
    assert "merges what is sure" in run("dedupe", "report").output
    assert run("dedupe", "apply", "--yes").output == f"{name} goes on.\n"
    assert "Nothing was merged" in run("dedupe", "undo", "--yes").output


def test_nothing_is_applied_where_the_connection_does_not_act(services: Services, acme: Install) -> None:
    with services.database.write() as connection:
        installs.set_mode(connection, acme.id, "observe")
    assert "must both be in mode act" in run("dedupe", "apply", "--yes").output
    assert "only observes" in run("dedupe", "accept", KIM.key, "--yes").output


def test_an_export_is_a_table_that_no_spreadsheet_runs(acme: Install, tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    assert run("dedupe", "export", str(file)).output == f"Wrote 2 pairs to {file}.\n"
    assert "Kim" in file.read_text(encoding="utf-8-sig")
    lines = run("dedupe", "export").output.splitlines()
    assert lines[0].startswith("key,state,confidence")
    assert not any(cell.startswith("=") for line in lines for cell in line.split(","))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("show", "zzzz"), "No pair begins with zzzz"),
        (("show", ""), "Several pairs begin with"),
        (("report", "nine"), "There is no run nine."),
        (("accept", KIM.key, "--value", "email"), "cannot be read. Write --value"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(acme: Install, command: tuple[str, ...], words: str) -> None:
    result = run("dedupe", *command)
    assert result.exit_code == 1
    assert words in result.output


@pytest.mark.parametrize(
    "name",
    ["scan", "list", "show", "accept", "reject", "apply", "pause", "resume", "cancel", "undo", "report", "export"],
)
def test_every_command_has_its_help(environ: None, name: str) -> None:
    assert run("dedupe", name, "--help").exit_code == 0
