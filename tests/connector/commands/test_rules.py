"""The commands about rule sets, as somebody meets them who writes rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import pytest
from click.testing import CliRunner

from connector.cli import main
from connector.rows import RuleRow
from connector.services import Services
from connector.store import installs
from rules.model import User
from rules.ruleset import join, split
from tests.connector.test_cli import connect, environ, run, services
from tests.fakes import FakeCrm

__all__ = ["environ", "services"]

POOL = "- pool: Sales\n  members: [ana@example.com, bob@example.com]\n"
ALL = '- rule: All\n  assign: pool "Sales"\n'
SPAIN = '- rule: Spain\n  when: [lead.country is Spain]\n  assign: user "ana@example.com"\n'
RULES = SPAIN + ALL + POOL
GREEN = "- test: Spain is Ana's\n  lead: {country: Spain}\n  expect: {rule: Spain, assignee: ana@example.com}\n"
RED = "- test: Spain is Bob's\n  lead: {country: Spain}\n  expect: {assignee: bob@example.com}\n"
ANSI = "\x1b["

Put: TypeAlias = Callable[..., str]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Writes a file and says where it is."""

    def write(text: str, name: str = "rules.yaml") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def crm(services: Services, monkeypatch: pytest.MonkeyPatch) -> FakeCrm:
    """The CRM of the one install there is."""
    fake = FakeCrm()
    monkeypatch.setattr(Services, "crm", lambda _self, _install: fake)
    monkeypatch.setattr(Services, "ring", lambda _self, _install_id: None)
    connect(services, "Acme")
    return fake


def lie(crm: FakeCrm, text: str) -> None:
    """Let a rule set lie in the CRM, each item in a record of its own."""
    for number, item in enumerate(split(text), start=1):
        crm.rule_rows.append(RuleRow(item.name, item.kind, number * 10, item.text, id=f"r{number}"))


def test_green_tests_are_named_and_counted_without_any_environment(put: Put) -> None:
    result = run("rules", "test", put(RULES + GREEN))
    assert (result.exit_code, result.output) == (0, "✓ Spain is Ana's\n1 test passed.\n")


def test_a_red_test_exits_with_1_and_says_what_was_found_and_why(put: Put) -> None:
    result = run("rules", "test", put(ALL + POOL + GREEN.replace("rule: Spain, ", "") + RED))
    assert result.exit_code == 1
    assert "✓ Spain is Ana's" in result.output
    assert "rules.yaml, line 8)" in result.output
    assert "    assignee: expected bob@example.com, found ana@example.com" in result.output
    assert "      ✓ “All” holds" in result.output
    assert result.output.endswith("1 of 2 tests failed.\n")


def test_every_rule_passed_over_is_shown_with_the_condition_that_failed(put: Put) -> None:
    result = run("rules", "test", put(RULES + RED.replace("country: Spain", "country: Chile") + GREEN))
    assert "      - “Spain” passed over: lead.country is Spain (found: Chile)" in result.output


def test_tests_stand_in_files_beside_too_with_users_of_their_own(put: Put) -> None:
    beside = put("- users: [{user: bob@example.com, active: false}]\n" + GREEN, "one.yaml")
    more = put(
        "- test: Bob is away\n  repeat: 2\n  lead: {country: Chile}\n  expect: {assignee: ana@example.com}\n",
        "two.yaml",
    )
    result = run("rules", "test", put(RULES), beside, more)
    assert (result.exit_code, result.output) == (0, "✓ Spain is Ana's\n✓ Bob is away\n2 tests passed.\n")


def test_quiet_names_only_what_fails(put: Put) -> None:
    result = run("rules", "test", "-q", put(RULES + GREEN + RED))
    assert "Ana's" not in result.output
    assert "✗ Spain is Bob's" in result.output


def test_colours_are_for_terminals_only(put: Put) -> None:
    path = put(RULES + GREEN + RED)
    assert ANSI not in run("rules", "test", path).output
    assert ANSI in CliRunner().invoke(main, ["rules", "test", path], color=True).output


def test_a_name_cannot_steer_the_terminal(put: Put) -> None:
    path = put(RULES + RED.replace("Spain is Bob's", '"a\\e[31mb"'))
    assert ANSI not in run("rules", "test", path).output


def test_a_fault_in_a_test_is_told_with_its_place_in_the_file(put: Put) -> None:
    path = put(RULES + "# a comment\n" + GREEN.replace("rule: Spain,", "rule: Spian,"))
    result = run("rules", "test", path)
    assert result.exit_code == 1
    line = (
        Path(path).read_text(encoding="utf-8").split("\n").index("  expect: {rule: Spian, assignee: ana@example.com}")
        + 1
    )
    assert f"{path}:{line}:12: There is no rule “Spian”. Did you mean “Spain”?" in result.output


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("# Über uns\n\n- list: Ä\n  values: [é]\n\n# why\n- rule: A\n  assign: kep\n", "8:11"),
        ("  -   list: A\n      values: [B]\n  -   rule: A\n      assign: kep\n", "4:15"),
        ("[{list: A, values: [B]},\n {rule: A, assign: kep}]\n", "2:20"),
        ("# bare\nrule: A\nassign: kep\n", "3:9"),
        ("- list: A\n  values: [B]\n- users: [{user: x}]\n", "3:18"),
        ('- rule: A\n  assign: keep\n- test: a\n  lead: {}\n\n  expect: {rule: A, assignee: "Ana"}\n', "6:31"),
        ("- list: A\n  values: [B]\n- rul: A\n", "3:3"),
        ("- list: A\n  values: [B\n", "2:11"),
    ],
)
def test_faults_have_the_place_in_the_file_in_front(put: Put, text: str, place: str) -> None:
    path = put(text)
    result = run("rules", "validate", path)
    assert result.exit_code == 1
    assert result.output.splitlines()[1].startswith(f"{path}:{place}: ")


def test_a_name_that_stands_twice_is_told_with_both_places(put: Put) -> None:
    path = put(ALL + POOL + ALL)
    assert f"{path}:5:3: There is another rule “All” in {path}:1:3." in run("rules", "validate", path).output


def test_a_table_as_long_as_tables_may_be_is_valid_in_a_file(put: Put) -> None:
    rows = "".join(f"        {number:05},ana@example.com\n" for number in range(7_000))
    path = put(f"  - territory: T\n    rows: |\n        postal_code,assign\n{rows}")
    assert run("rules", "validate", path).output.startswith("Valid: ")


def test_a_test_of_nobody_is_not_valid(put: Put) -> None:
    path = put(RULES + GREEN.replace("assignee: ana@", "assignee: zed@"))
    result = run("rules", "validate", path)
    assert f"{path}:10:35: Neither the rules nor users name zed@example.com." in result.output


def test_a_fault_in_a_file_beside_is_told_with_the_file(put: Put) -> None:
    result = run("rules", "test", put(RULES), put("- test: a\n  lead: {contry: x}\n  expect: {rule: All}\n", "t.yaml"))
    assert result.exit_code == 1
    assert "t.yaml:2:10: There is no field contry. Did you mean country?" in result.output


@pytest.mark.parametrize("text", ["", "- rule: [", "just words", "a: 1", "\t- x", "- rule: x\n  assign: keep\n"])
def test_what_is_no_file_of_tests_is_a_sentence(put: Put, text: str) -> None:
    result = run("rules", "test", put(RULES), put(text, "t.yaml"))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output


def test_a_file_that_is_not_text_is_a_sentence(put: Put, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe\x00")
    for words in (("validate",), ("test",), ("lint",), ("diff", put(RULES))):
        result = run("rules", *words, str(tmp_path / "x.yaml"))
        assert (result.exit_code, "is not UTF-8 text" in result.output) == (1, True), words


def test_validate_reads_the_tests_too(put: Put) -> None:
    assert run("rules", "validate", put(RULES + GREEN)).exit_code == 0
    result = run("rules", "validate", put(RULES + GREEN.replace("country", "contry")))
    assert result.exit_code == 1
    assert "There is no field contry" in result.output


def test_five_hundred_tests_run_at_once(put: Put) -> None:
    many = "".join(GREEN.replace("Spain is Ana's", f"number {number}") for number in range(500))
    assert run("rules", "test", "-q", put(RULES + many)).output == "500 tests passed.\n"


def test_a_rule_set_with_a_red_test_is_not_pushed(crm: FakeCrm, put: Put) -> None:
    result = run("rules", "push", put(RULES + GREEN + RED), "--yes")
    assert result.exit_code == 1
    assert "✗ Spain is Bob's" in result.output
    assert "Nothing was written: a rule set goes live when all its tests pass." in result.output
    assert crm.rule_rows == []


def test_a_red_test_beside_the_rules_refuses_the_push_too(crm: FakeCrm, put: Put) -> None:
    rules = put(RULES + GREEN)
    assert run("rules", "push", rules, "--yes", "--tests", put(RED, "t.yaml")).exit_code == 1
    assert crm.rule_rows == []
    assert run("rules", "push", rules, "--yes", "--tests", put(GREEN, "t.yaml")).exit_code == 0
    assert len(crm.rule_rows) == 4


def test_what_is_pushed_is_pulled_again_tests_and_users_too(crm: FakeCrm, put: Put, tmp_path: Path) -> None:
    text = join(split(RULES + GREEN + "- users: [ana@example.com]\n- users: [bob@example.com]\n"))
    path = put(text)
    for _ in range(2):
        assert run("rules", "push", path, "--yes").output.startswith("Wrote 6 records to Acme;")
    assert len(crm.rule_rows) == 6
    assert run("rules", "pull").output == text
    assert run("rules", "pull", "-o", str(tmp_path / "out.yaml")).output.startswith("Wrote 6 records to ")
    assert (tmp_path / "out.yaml").read_text(encoding="utf-8") == text


def test_what_the_text_no_longer_has_is_retired(crm: FakeCrm, put: Put) -> None:
    lie(crm, RULES)
    assert run("rules", "push", put(ALL + POOL), "--yes").exit_code == 0
    assert [(row.name, row.state) for row in crm.rules()] == [("Spain", "draft"), ("All", "live"), ("Sales", "live")]


def test_two_files_are_compared_item_by_item(put: Put) -> None:
    new = "- rule: Chile\n  assign: keep\n" + ALL + SPAIN + POOL.replace("bob", "cem")
    result = run("rules", "diff", put(RULES + GREEN, "a.yaml"), put(new, "b.yaml"))
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == "- removed: test “Spain is Ana's”"
    assert "+ added: rule “Chile”" in lines
    assert "> moved: rule “Spain” from place 1 to 3" in lines or "> moved: rule “All” from place 2 to 2" in lines
    assert "~ changed: pool “Sales”" in lines
    assert "    -  members: [ana@example.com, bob@example.com]" in lines
    assert "    +  members: [ana@example.com, cem@example.com]" in lines
    assert lines[-1] == "1 added, 1 removed, 1 changed, 1 moved."


def test_equal_rule_sets_do_not_differ_and_comments_are_no_change(put: Put) -> None:
    one = put(RULES, "a.yaml")
    assert run("rules", "diff", one, one).output == "Nothing differs.\n"
    result = run("rules", "diff", "--exit-code", one, put("# Why\n" + RULES, "b.yaml"))
    assert result.exit_code == 0
    assert "= reworded: rule “Spain”" in result.output
    assert run("rules", "diff", "--exit-code", one, put(ALL + POOL, "b.yaml")).exit_code == 1


def test_a_file_is_compared_with_what_is_live_in_the_crm(crm: FakeCrm, put: Put) -> None:
    lie(crm, SPAIN + POOL)
    crm.rule_rows[0] = replace(crm.rule_rows[0], state="draft")
    result = run("rules", "diff", put(RULES))
    assert result.output == "+ added: rule “Spain”\n+ added: rule “All”\n2 added.\n"
    assert run("rules", "diff", put(RULES), "--install", "nobody").exit_code == 1


def test_a_second_file_and_an_install_are_too_much(put: Put) -> None:
    path = put(RULES)
    result = run("rules", "diff", path, path, "--install", "x")
    assert result.exit_code == 2
    assert "Give a second file or --install, not both." in result.output


DEAD = ALL + '- rule: Never\n  when: [lead.country is Spain]\n  assign: user "ana@example.com"\n' + POOL


def test_lint_finds_a_rule_that_no_lead_comes_to(put: Put) -> None:
    result = run("rules", "lint", put(DEAD))
    assert result.exit_code == 1
    assert 'rules.yaml:3:3: error [dead-rule] rule "Never": ' in result.output
    assert result.output.endswith("1 error.\n")


def test_lint_of_a_clean_rule_set_finds_nothing(put: Put) -> None:
    result = run("rules", "lint", put(RULES))
    assert (result.exit_code, result.output) == (0, "Nothing was found.\n")


def test_lint_asks_the_crm_who_is_active(services: Services, crm: FakeCrm, put: Put) -> None:
    crm.people = [User("1", "Ana", "ana@example.com"), User("2", "Bob", "bob@example.com", active=False)]
    with services.database.read() as connection:
        (install,) = installs.every(connection)
    result = run("rules", "lint", put(RULES), "--install", install.id)
    assert "bob@example.com" in result.output


@pytest.mark.parametrize("words", ["test", "lint", "push"])
def test_a_faulty_rule_set_is_a_sentence_everywhere(put: Put, words: str) -> None:
    result = run("rules", words, put(RULES.replace(" is ", " isnt ")))
    assert result.exit_code == 1
    assert "is not a valid rule set" in result.output
