"""The commands that look back: undo, and the history of the rules, as an admin meets them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

from connector.commands import admin as admin_cli
from connector.commands import editions as editions_cli
from connector.commands import undo as undo_cli
from connector.rows import RuleRow
from connector.services import Services
from connector.store import decisions, editions, installs, ledger, progress, rulesets, unfinished
from connector.store.decisions import Intent
from connector.store.installs import Install
from connector.store.ledger import Entry
from jobs import setup
from jobs.drain import drain
from rules.model import Assign, Decision, Record, Route, Task, User
from rules.ruleset import split
from tests.connector.store.kit import decision
from tests.connector.test_cli import WIDE, connect, environ, run, services
from tests.fakes import FakeCrm

__all__ = ["environ", "services"]

POOL = "- pool: Sales\n  members: [ana@example.com, bob@example.com]\n"
ALL = '- rule: All\n  assign: pool "Sales"\n'
SPAIN = '- rule: Spain\n  when: [lead.country is Spain]\n  assign: user "ana@example.com"\n'
RED = "- test: Spain is Bob's\n  lead: {country: Spain}\n  expect: {assignee: bob@example.com}\n"
ANA, BOB = User("u1", "Ana", "ana@example.com"), User("u2", "Bob", "bob@example.com")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (undo_cli, editions_cli, admin_cli):
        monkeypatch.setattr(module, "out", lambda: Console(width=WIDE))


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> FakeCrm:
    """The CRM of the one install there is."""
    fake = FakeCrm(people=[ANA, BOB])
    monkeypatch.setattr(Services, "crm", lambda _self, _install: fake)
    monkeypatch.setattr(Services, "ring", lambda _self, _install_id: None)
    return fake


@pytest.fixture
def acme(services: Services, crm: FakeCrm) -> Install:
    """An install that is set up, with two rules live."""
    made = connect(services, "Acme")
    for number, item in enumerate(split(ALL + POOL)):
        crm.rule_rows.append(RuleRow(item.name, item.kind, number, item.text, id=f"r{number}"))
    with services.database.write() as connection:
        installs.set_mode(connection, made.id, "act")
        progress.start(connection, made.id, setup.NAME, now=services.clock())
    drain(services.tools, made.id)
    return made


def routed(services: Services, install: Install, crm: FakeCrm, lead_id: str, *, rule: str = "All") -> Decision:
    """A lead that was given from Bob to Ana, with a task."""
    task = Task("u1", "Call Kim", "", services.clock())
    made = decision(
        f"{lead_id}-key",
        lead_id,
        lead=Record("lead", lead_id, {"name": "Kim \x1b[31m[Corp]"}, owner_id="u2"),
        route=Route(rule, 'pool "Sales"', ANA, "It was Ana's turn."),
        actions=(Assign("u1"), task),
    )
    crm.add(Record("lead", lead_id, {"name": "Kim"}, owner_id="u1"))
    crm.tasks.append((lead_id, task))
    with services.database.write() as connection:
        seal, now = services.seal(install), services.clock()
        decisions.intend(connection, install.id, seal, [Intent(made, ())], now=now)
        done = [(made.key, "assign", Entry("done")), (made.key, "task", Entry("done", f"task{len(crm.tasks)}"))]
        ledger.record(connection, install.id, done, now=now)
        unfinished.settle(connection, install.id, [made.key], now=now)
    return made


def owner(crm: FakeCrm, lead_id: str) -> str | None:
    return crm.records[("lead", lead_id)].owner_id


def work(services: Services, install: Install) -> None:
    drain(services.tools, install.id)


def test_an_undo_shows_what_goes_back_and_the_workers_do_it(services: Services, crm: FakeCrm, acme: Install) -> None:
    routed(services, acme, crm, "l1")
    result = run("undo", "l1", "--yes", "--by", "Kim")
    assert result.exit_code == 0
    assert "owner back to Bob" in result.output
    assert "the task “Call Kim” deleted" in result.output
    assert "\x1b" not in result.output
    assert owner(crm, "l1") == "u1", "the workers do it"
    work(services, acme)
    assert (owner(crm, "l1"), crm.tasks_of("l1")) == ("u2", [])
    told = run("explain", "l1").output
    assert "Result: undone. Undone by Kim: owner back to Bob; the task “Call Kim” deleted." in told
    assert "1 undone, 0 left as they are." in run("undo", "--status").output


def test_a_dry_run_and_a_no_change_nothing(services: Services, crm: FakeCrm, acme: Install) -> None:
    made = routed(services, acme, crm, "l1")
    assert "owner back to Bob" in run("undo", made.key, "--dry-run").output
    assert run("undo", "l1").exit_code == 1  # nobody answers
    work(services, acme)
    assert owner(crm, "l1") == "u1"
    assert run("undo", "--status").output == "Nothing was asked to be undone yet.\n"


def test_what_was_changed_since_is_said_before(services: Services, crm: FakeCrm, acme: Install) -> None:
    routed(services, acme, crm, "l1")
    crm.add(Record("lead", "l1", {"name": "Kim"}, owner_id="u9"))
    crm.done.add("task1")
    result = run("undo", "l1", "--yes")
    assert "the owner was left, it is u9 now" in result.output
    assert "the task “Call Kim” was left, it is completed" in result.output
    assert result.output.endswith("Nothing goes back.\n")


def test_a_run_is_counted_and_undone_by_rule(services: Services, crm: FakeCrm, acme: Install) -> None:
    for number in range(25):
        routed(services, acme, crm, f"l{number}", rule="Spain" if number % 5 == 0 else "All")
    result = run("undo", "--since", "2h", "--rule", "Spain", "--yes")
    assert "5 decisions would be undone, 0 left as they are." in result.output
    assert "… and 5 more." in run("undo", "--since", "2020-01-01", "--dry-run").output
    work(services, acme)
    assert [owner(crm, f"l{number}") for number in range(6)] == ["u2", "u1", "u1", "u1", "u1", "u2"]
    with services.database.read() as connection:
        (row,) = [each for each in progress.of(connection, acme.id) if each.name.startswith("undo:")]
    assert (row.state, row.done) == ("done", 5)


def test_a_run_can_be_an_edition(services: Services, crm: FakeCrm, acme: Install) -> None:
    routed(services, acme, crm, "l1")
    with services.database.read() as connection:
        (edition,) = editions.of(connection, acme.id, services.seal(acme))
    assert edition.number == 1
    assert run("undo", "--run", "1", "--dry-run").output.endswith("Nothing goes back.\n"), "its version is another"
    assert "There is no edition 7" in run("undo", "--run", "7").output


@pytest.mark.parametrize("arguments", [(), ("l1", "--since", "2h"), ("--since", "yesterday"), ("--rule", "All")])
def test_what_is_meant_must_be_said(services: Services, acme: Install, arguments: tuple[str, ...]) -> None:
    assert run("undo", *arguments).exit_code == 2


def test_a_lead_of_which_nothing_is_known_is_a_sentence(services: Services, acme: Install) -> None:
    result = run("undo", "nobody")
    assert (result.exit_code, "Nothing that could be undone is known of nobody in Acme." in result.output) == (1, True)


def put(tmp_path: Path, text: str) -> str:
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def live(services: Services, install: Install) -> str:
    """Have what was published go live; return its version."""
    with services.database.write() as connection:
        rulesets.expire(connection, install.id)
    work(services, install)
    with services.database.read() as connection:
        found = rulesets.get(connection, install.id, services.seal(install))
    return found.version if found else ""


def test_the_history_of_the_rules_is_told_and_each_edition_shown(
    services: Services, crm: FakeCrm, acme: Install, tmp_path: Path
) -> None:
    result = run("rules", "publish", put(tmp_path, SPAIN + ALL + POOL), "--yes", "--by", "Kim", "--note", "Spain opens")
    assert result.output == "Wrote 3 records to Acme; the new rules are live within seconds.\n"
    live(services, acme)
    told = run("rules", "history").output
    for words in ("2 (live)", "Kim", "Spain opens", "1 added: rule “Spain”", "in the CRM", "the first"):
        assert words in told
    assert "the first" not in run("rules", "history", "--limit", "1").output
    assert "- rule: Spain" not in run("rules", "show", "1").output
    assert run("rules", "show", "2").output == run("rules", "pull").output
    assert run("rules", "show", "2", "-o", str(tmp_path / "out.yaml")).exit_code == 0
    assert (tmp_path / "out.yaml").read_text(encoding="utf-8") == run("rules", "pull").output
    assert "There is no edition 9" in run("rules", "show", "9").output


def test_a_rollback_is_a_new_edition_and_asks_first(
    services: Services, crm: FakeCrm, acme: Install, tmp_path: Path
) -> None:
    first = live(services, acme)
    run("rules", "publish", put(tmp_path, SPAIN + ALL + POOL), "--yes")
    assert live(services, acme) != first
    asked = run("rules", "rollback", "1")
    assert asked.exit_code == 1
    assert "Against what is live: 1 removed: rule “Spain”." in asked.output
    assert run("rules", "rollback", "1", "--yes", "--note", "too early").exit_code == 0
    assert live(services, acme) == first
    assert "back to 1: too early" in run("rules", "history").output


def test_drafts_of_the_crm_are_pulled_and_published(services: Services, crm: FakeCrm, acme: Install) -> None:
    assert "the CRM has no draft records" in run("rules", "publish", "--from-crm-drafts").output
    crm.rule_rows.append(RuleRow("Spain", "rule", -1, SPAIN, state="draft", id="d1"))
    assert "- rule: Spain" in run("rules", "pull", "--draft").output
    assert "- rule: Spain" not in run("rules", "pull").output
    assert run("rules", "publish", "--from-crm-drafts", "--yes", "--note", "drafts").exit_code == 0
    assert "- rule: Spain" in run("rules", "pull").output
    live(services, acme)
    assert "drafts" in run("rules", "history").output


def test_red_tests_and_faults_publish_nothing(crm: FakeCrm, acme: Install, tmp_path: Path) -> None:
    before = list(crm.rule_rows)
    red = run("rules", "publish", put(tmp_path, SPAIN + ALL + POOL + RED), "--yes")
    assert (red.exit_code, "✗ Spain is Bob's (rules.yaml, line 8)" in red.output) == (1, True)
    faulty = run("rules", "publish", put(tmp_path, ALL), "--yes")
    assert (faulty.exit_code, "is not a valid rule set" in faulty.output) == (1, True)
    assert run("rules", "publish", "--yes").exit_code == 2
    assert crm.rule_rows == before


def test_nothing_is_told_of_rules_before_the_first(services: Services, crm: FakeCrm) -> None:
    connect(services, "New")
    assert run("rules", "history").output == "No rules have been live yet.\n"


def test_since_is_read_as_a_moment_or_as_a_while() -> None:
    since = undo_cli.Since()
    assert since.convert("3d", None, None) == timedelta(days=3)
    assert str(since.convert("2026-11-23T10:00", None, None)) == "2026-11-23 10:00:00+00:00"
    assert str(since.convert("2026-11-23T10:00+01:00", None, None)) == "2026-11-23 10:00:00+01:00"
