"""The command line, as an admin meets it: help everywhere, faults as sentences, exit codes that scripts can use."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet
from rich.console import Console

from connector.cli import main
from connector.commands import admin as admin_cli
from connector.services import Services, opened
from connector.settings import Settings, load
from connector.store import decisions, installs, ledger, letters, unfinished
from connector.store.decisions import Intent
from connector.store.installs import Install
from connector.store.ledger import Entry
from connector.store.seal import KeyRing, Unreadable
from rules.model import Assign, Match, Notify, Stamp
from rules.wording import catalogue
from rules.wording.words import say
from tests.connector.store.kit import decision, event
from tests.local.processes import free_port

WIDE = 400
KEY = "ZmFzdC1hbmQtdmFsaWQta2V5LWZvci10ZXN0cy0wMDE="


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A whole environment, and nothing of this machine's."""
    values = {
        "PUBLIC_URL": "https://route.example.com",
        "ENCRYPTION_KEYS": KEY,
        "SESSION_SECRET": "canary-session-secret-of-32-characters",
        "DATA_DIR": str(tmp_path / "data"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/canary-database.sqlite",
        "REDIS_URL": f"redis://:canary-redis@127.0.0.1:{free_port()}/0",
        "SALESFORCE_CLIENT_ID": "3MVG9",
        "SALESFORCE_CLIENT_SECRET": "canary-salesforce",
    }
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.delenv(f"{name.upper()}_FILE", raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(admin_cli, "out", lambda: Console(width=WIDE))
    monkeypatch.setattr("connector.telemetry.start", lambda *_args, **_more: None)
    return values


@pytest.fixture
def services(environ: dict[str, str]) -> Iterator[Services]:
    """The services over a migrated database."""
    assert run("migrate").exit_code == 0
    with opened(load(environ)) as made:
        yield made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def connect(services: Services, name: str) -> Install:
    with services.database.write() as connection:
        made, _ = installs.connect(
            connection,
            crm="salesforce",
            tenant_id=f"org-{name}",
            name=name,
            base_url="https://x.my.salesforce.com",
            scopes=frozenset({"api"}),
            new_key=services.keyring.new_key(),
            now=services.clock(),
        )
    return made


def commands(group: click.Group = main, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Return the words of every command, groups included."""
    yield before
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))
        else:
            yield (*before, name)


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_explains_itself_without_an_environment(words: tuple[str, ...], flag: str) -> None:
    result = run(*words, flag)
    assert result.exit_code == 0
    assert result.output.startswith("Usage: ")
    assert len(re.findall(r"\w+", result.output)) > 10


def test_the_version_is_told() -> None:
    assert re.search(r"\d+\.\d+\.\d+", run("--version").output)


def test_check_names_everything_that_is_missing_at_once(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PUBLIC_URL", "ENCRYPTION_KEYS", "SALESFORCE_CLIENT_ID"):
        monkeypatch.delenv(name)
    result = run("check")
    assert result.exit_code == 1
    for words in ("PUBLIC_URL is missing", "ENCRYPTION_KEYS is missing", "No CRM is configured"):
        assert words in result.output
    assert "canary" not in result.output


def test_check_lists_every_setting_with_its_meaning_and_no_secret(services: Services) -> None:
    result = run("check")
    for name, field in Settings.model_fields.items():
        line = next((each for each in result.output.splitlines() if f" {name.upper()} " in each), "")
        assert line, name
        assert str(field.description) in line
    assert "canary-" not in result.output
    assert KEY not in result.output


def test_check_shows_what_is_off_or_nought_as_such(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RATE_LIMITS", "false")
    lines = run("check").output.splitlines()
    for name, value in (("RATE_LIMITS", "False"), ("PROXIES", "0"), ("HUBSPOT_JOURNAL", "False")):
        assert [each.split()[3] for each in lines if f" {name} " in each] == [value]


def test_check_says_what_does_not_answer_and_how_to_mend_it(environ: dict[str, str]) -> None:
    result = run("check")
    assert result.exit_code == 1
    assert "run `switchyard migrate`" in result.output
    assert "look at REDIS_URL" in result.output
    assert run("migrate").exit_code == 0
    assert "switchyard migrate" not in run("check").output


def test_check_of_a_database_that_is_away_is_a_sentence(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:canary@127.0.0.1:{free_port()}/x")
    result = run("check")
    assert result.exit_code == 1
    assert "The database does not answer (OperationalError): look at DATABASE_URL" in result.output
    assert "canary" not in result.output


GROUPS = {(), ("rules",), ("keys",), ("reviews",), ("match",), ("people",), ("fields",), ("dedupe",), ("privacy",)}
ALONE = {
    ("keys", "new"),
    ("doctor",),
    *(("rules", name) for name in ("validate", "test", "diff", "lint", "push", "publish")),
}
"""Commands that make something of nothing, look at a file first, or speak their own way (commands/test_doctor.py)."""
ARGUMENTS = {
    ("explain",): ["l1"], ("reviews", "accept"): ["l1"], ("reviews", "reject"): ["l1"], ("undo",): ["l1"],
    ("preview",): ["l1"], ("replay",): ["l1"], ("rules", "show"): ["1"], ("rules", "rollback"): ["1"],
    ("people", "pause"): ["ana@example.com"], ("people", "resume"): ["ana@example.com"],
    ("simulate",): ["--against", "live"], ("reject",): ["l1"], ("privacy", "export"): ["l1"],
    ("privacy", "forget"): ["l1"],
    ("dedupe", "show"): ["k1"], ("dedupe", "accept"): ["k1"], ("dedupe", "reject"): ["k1"],
    ("fields", "set"): ["lead.score", "Score__c"], ("fields", "unset"): ["lead.score"],
}  # fmt: skip


def test_a_bad_environment_is_a_sentence_for_every_command(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_URL", "ftp://x")
    here = {words for words in commands() if words[:1] != ("api",)}  # those need no settings: they work elsewhere
    for words in here - GROUPS - ALONE:
        result = run(*words, *ARGUMENTS.get(words, []))
        assert result.exit_code == 1, (words, result.output)
        assert "PUBLIC_URL must start with https://" in result.output, words


def test_migrate_says_where_it_got_and_can_be_repeated(environ: dict[str, str]) -> None:
    first, second = run("migrate"), run("migrate")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert re.fullmatch(r"The database is at revision \d{4}\.\n", first.output)
    assert second.output == first.output


def test_a_new_key_is_a_fernet_key_and_another_each_time() -> None:
    made = {run("keys", "new").output.strip() for _ in range(3)}
    assert len(made) == 3
    for key in made:
        assert Fernet(key)


def test_keys_are_rotated_so_that_the_old_one_can_go(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [connect(services, name) for name in ("alice", "bob")]
    new = run("keys", "new").output.strip()
    monkeypatch.setenv("ENCRYPTION_KEYS", f"{new},{KEY}")
    assert run("keys", "rotate").output == "Rewrapped the keys of 2 installs.\n"
    with services.database.read() as connection:
        found = [installs.by_id(connection, each.id) for each in made]
    for each in found:
        assert each is not None
        assert KeyRing(new).seal(each.key)
        with pytest.raises(Unreadable):
            KeyRing(KEY).seal(each.key)


GOOD = '- pool: Sales\n  members: [{user: ana@example.com}]\n- rule: All\n  assign: pool "Sales"\n'
BAD = """- pool: Sales
  members: [{user: ana@example.com}]
- rule: One
  when:
    - lead.country isnt FR
  assign: pool "Sales"
- rule: Two
  assign: pool "Nobody"
"""


def test_a_valid_rule_set_is_counted_without_any_environment(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(GOOD, encoding="utf-8")
    result = run("rules", "validate", str(path))
    assert result.exit_code == 0
    assert re.fullmatch(r"Valid: 1 rules, 1 pools\. Version [0-9a-f]+\.\n", result.output)


def test_a_faulty_rule_set_is_refused_with_every_fault_its_place_and_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(BAD, encoding="utf-8")
    result = run("rules", "validate", str(path))
    assert result.exit_code == 1
    assert f"{path} is not a valid rule set:" in result.output
    assert re.findall(r"rules\.yaml:(\d+:\d+): There is no ", result.output) == ["5:20", "8:11"]
    assert "Nobody" in result.output


@pytest.mark.parametrize("text", ["", "- rule: [", "just words", "a: 1", "\t- x"])
def test_what_is_no_rule_set_at_all_is_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    result = run("rules", "validate", str(path))
    assert result.exit_code in {0, 1}
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output


def test_a_file_that_is_not_there_is_a_usage_error() -> None:
    assert run("rules", "validate", "nowhere.yaml").exit_code == 2


def test_a_faulty_text_is_not_pushed(services: Services, tmp_path: Path) -> None:
    connect(services, "alice")
    path = tmp_path / "rules.yaml"
    path.write_text(BAD, encoding="utf-8")
    result = run("rules", "push", str(path), "--yes")
    assert result.exit_code == 1
    assert "is not a valid rule set" in result.output


def test_no_install_is_said_and_what_to_do(services: Services) -> None:
    result = run("installs")
    assert (result.exit_code, result.output) == (
        0,
        "Nothing is connected yet. Open the console and connect Salesforce or HubSpot.\n",
    )


def test_installs_are_listed_without_their_keys(services: Services) -> None:
    made = connect(services, "Acme")
    output = run("installs").output
    for words in (made.id, "salesforce", "org-Acme", "Acme", "active", "observe"):
        assert words in output
    assert made.key.decode() not in output


def test_a_lead_nobody_knows_is_said_and_where_to_look_next(services: Services) -> None:
    result = run("explain", "00Q1")
    assert (result.exit_code, result.output) == (1, "Error: Nothing is connected yet.\n")
    connect(services, "Acme")
    result = run("explain", "00Q1")
    assert result.exit_code == 1
    assert "Nothing is known of 00Q1 in Acme: decisions are kept for 30 days. With --from-crm" in result.output
    assert "no e-mail address: kim@" in run("explain", "kim@").output


def test_the_story_of_a_lead_is_told(services: Services) -> None:
    made = connect(services, "Acme")
    with services.database.write() as connection:
        intents = [Intent(decision("d1", "00Q1"), ())]
        decisions.intend(connection, made.id, services.seal(made), intents, now=services.clock())
    result = run("explain", "00Q1")
    assert result.exit_code == 0
    assert "Ana Diaz" in result.output
    assert "Lead id: 00Q1\nDecision: d1\n" in result.output
    assert f"Page: https://route.example.com/installs/{made.id}/decisions/d1\n" in result.output
    assert f"Install: {made.id} (salesforce, Acme)" in result.output


def test_a_lead_is_found_by_the_address_in_a_customers_mail(services: Services) -> None:
    made = connect(services, "Acme")
    with services.database.write() as connection:
        intents = [Intent(decision("d1", "00Q1"), ())]
        decisions.intend(connection, made.id, services.seal(made), intents, now=services.clock())
    assert "Lead id: 00Q1" in run("explain", "Kim@Globex.example").output
    assert "Lead id: 00Q1" in run("explain", "@globex.example").output
    assert "Nothing is known of bob@globex.example" in run("explain", "bob@globex.example").output


def test_the_story_is_told_in_english_whatever_its_owner_reads(services: Services) -> None:
    made = connect(services, "Acme")
    with catalogue.speaking("de"):
        german = replace(decision("d1", "00Q1"), language="de", match=Match("none", reason=say("match.nothing")))
    with services.database.write() as connection:
        decisions.intend(connection, made.id, services.seal(made), [Intent(german, ())], now=services.clock())
    output = run("explain", "00Q1").output
    assert "No account has anything in common with this lead." in output
    assert german.match.reason not in output


def test_what_was_not_done_is_not_told_as_if_it_were(services: Services) -> None:
    made = connect(services, "Acme")
    actions = (Assign("u1"), Stamp("d1", "Leads", 0.9, services.clock()), Notify("u1", "New", "x"))
    stuck = replace(decision("d1", "00Q1"), actions=actions)
    with services.database.write() as connection:
        decisions.intend(connection, made.id, services.seal(made), [Intent(stuck, ())], now=services.clock())
        lines = [("d1", "assign", Entry("refused", detail="Region must be filled in")), ("d1", "stamp", Entry("done"))]
        ledger.record(connection, made.id, lines, now=services.clock())
        unfinished.park(connection, made.id, {"d1": "assign: Region must be filled in"})
    told = "owner set (refused: Region must be filled in), decision noted on the lead, notification (not done yet)."
    assert f"Actions: {told}" in run("explain", "00Q1").output


def test_a_change_that_is_not_answered_is_told_with_its_reason(services: Services) -> None:
    """A lead that was not routed has no decision: why not stands on its change."""
    made = connect(services, "Acme")
    trace = "30552273b72f49a893a1e49ba31b4904"
    with services.database.write() as connection:
        events = [event("e1", "00Q1"), event("e2", "00Q2")]
        letters.receive(connection, made.id, events, now=services.clock(), trace=f"{trace}-814c92a98a3d2d98-1")
        (stuck,) = letters.about(connection, made.id, event="e2")
        letters.park(connection, made.id, [stuck.letter.id], reason="Acme says no.")
    waits, stands = run("explain", "00Q1"), run("explain", "00Q2")
    assert (waits.exit_code, stands.exit_code) == (0, 0)
    assert "Not decided yet. A change of lead 00Q1" in waits.output
    assert "waits, to be tried from" in waits.output
    assert "stands still until somebody asks for another try (tries that failed: 0): Acme says no." in stands.output
    both = json.loads(run("explain", trace, "--json").output)
    assert [(each["record"], each["state"], each["trace"]) for each in both] == [
        ("00Q1", "waiting", trace),
        ("00Q2", "parked", trace),
    ]
    assert "00Q2" in run("explain", "e2").output


def test_of_a_lead_that_nobody_knows_it_is_said_which_install_hears_nothing(services: Services) -> None:
    made = connect(services, "Acme")
    with services.database.write() as connection:
        installs.set_status(connection, made.id, "revoked", reason="The app was removed.")
    assert "No change is heard of meanwhile: Acme is revoked." in run("explain", "00Q1").output


def test_with_several_installs_one_must_be_named(services: Services) -> None:
    made = [connect(services, name) for name in ("alice", "bob")]
    asked = run("explain", "00Q1", "--from-crm").output
    assert "Several are connected: name one with --install." in asked
    assert all(f"--install {each.id}  salesforce, {each.name}" in asked for each in made)
    assert "Nothing is known of 00Q1" in run("explain", "00Q1", "--install", made[1].id).output
    assert "There is no install nobody" in run("explain", "00Q1", "--install", "nobody").output


@pytest.mark.parametrize("width", [60, 80])
def test_an_id_can_be_copied_and_no_word_is_cut_however_narrow_the_terminal(
    services: Services, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr(admin_cli, "out", lambda: Console(width=width))
    made = connect(services, "Donaudampfschifffahrtsgesellschaftskapitaensmuetzen")
    told = run("installs").output
    assert made.id in told
    assert "…" not in told
    assert max(map(len, told.splitlines())) <= width


@pytest.mark.parametrize("command", [["installs"], ["migrate"], ["explain", "x"], ["keys", "rotate"]])
def test_of_a_database_that_is_away_a_command_says_so_without_a_traceback(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://us:canary@127.0.0.1:1/x")
    result = run(*command)
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "The database did not do it" in result.output
    assert "Connection refused). `switchyard doctor` says what to look at." in " ".join(result.output.split())
    assert "canary" not in result.output
