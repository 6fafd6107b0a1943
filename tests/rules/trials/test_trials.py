"""Tests as text: what they say is what the rules find, what is red says why, and what is faulty says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from rules.ruleset import RuleSet, RuleSetError, Source, beside, load, split
from rules.trials import trials
from rules.trials.trials import Report, Result
from tests.rules.make import CASES, cases

FILES = sorted((CASES / "trials").glob("*.yaml"))

RULES = """
- rule: Big in France
  when: [lead.country is France, lead.employees >= 1000]
  assign: account owner
  escalate: [{after: 15 minutes, remind: true}]
- rule: Spain
  when: [lead.country is Spain]
  assign: pool "Iberia"
  escalate: [{after: 15 minutes, remind: true}]
- rule: The rest
  assign: territory "World"
- pool: Iberia
  members: [{user: ana@example.com, weight: 2}, bob@example.com]
- territory: World
  rows: |
    country,assign
    PT,queue "Lisbon"
"""
SPAIN = "lead: {country: Spain, name: Ana Gil}"


def loaded(text: str) -> RuleSet:
    return load([Source(f"{item.kind} {item.name}", item.text) for item in split(text)])


def ran(tests: str, rules: str = RULES) -> Report:
    users, texts = beside(Source("tests.yaml", tests))
    return trials.run(loaded(rules), trials.read(texts), users)


def one(body: str, rules: str = RULES) -> Result:
    """Run one test, given without its first line."""
    text = "- test: it\n" + "".join(f"  {line}\n" for line in body.strip().splitlines())
    (result,) = ran(text, rules).results
    return result


def faults(tests: str) -> list[str]:
    with pytest.raises(RuleSetError) as caught:
        ran(tests)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_all_tests_of_a_rule_set_are_green(file: Path) -> None:
    ruleset = loaded(file.read_text(encoding="utf-8"))
    report = trials.run(ruleset, trials.read(ruleset.tests))
    assert len(report.results) > 3
    assert ["\n".join(trials.lines(result)) for result in report.red] == []
    assert trials.summary(report) == f"{len(report.results)} tests passed."


@pytest.mark.parametrize(
    ("expect", "expected", "found"),
    [
        ("rule: Big in France", "Big in France", "Spain"),
        ("rule: none", "none", "Spain"),
        ("assignee: bob@example.com", "bob@example.com", "ana@example.com"),
        ("assignee: null", "none", "ana@example.com"),
        ("assignee: nobody", "none", "ana@example.com"),
        ("assignees: [bob@example.com]", "bob@example.com", "ana@example.com"),
        ("assignees: {bob@example.com: 1}", "bob@example.com: 1", "ana@example.com: 1"),
        ("assignees: {ana@example.com: 2}", "ana@example.com: 2", "ana@example.com: 1"),
        ("pool: none", "none", "Iberia"),
        ("territory: World", "World", "none"),
        ("queue: Lisbon", "Lisbon", "none"),
        ("fallback: true", "true", "false"),
        ('fallback: pool "Iberia"', 'pool "Iberia"', "false"),
        ("outcome: waiting", "waiting", "assigned"),
        ("task: false", "false", "New lead: Ana Gil"),
        ("task: call them", "call them", "New lead: Ana Gil"),
        ("until: 2026-03-10T15:00:00Z", "2026-03-10 15:00 UTC", "none"),
        ("escalations: none", "none", "remind at 2026-03-10 14:45 UTC (after 15 minutes)"),
        (
            "escalations: [{remind: 20 minutes}]",
            "remind after 20 minutes",
            "remind at 2026-03-10 14:45 UTC (after 15 minutes)",
        ),
        (
            "escalations: [remind, {tell: 2 hours, to: manager}]",
            "remind, tell manager after 2 hours",
            "remind at 2026-03-10 14:45 UTC (after 15 minutes)",
        ),
    ],
)
def test_what_is_not_as_expected_is_red_with_both(expect: str, expected: str, found: str) -> None:
    result = one(f"{SPAIN}\nexpect: {{{expect}}}")
    assert [(miss.expected, miss.found) for miss in result.misses] == [(expected, found)]
    assert result.misses[0].what == expect.partition(":")[0]


def test_a_reason_that_says_something_else_is_told_whole() -> None:
    result = one(f"{SPAIN}\nexpect: {{because: [iberia, skills]}}")
    (miss,) = result.misses
    assert miss.expected == "iberia, skills"
    assert miss.found == result.steps[0].decision.route.reason


def test_a_red_test_shows_the_first_condition_that_failed_of_every_rule_passed_over() -> None:
    result = one("lead: {country: Portugal}\nexpect: {rule: Spain, assignee: ana@example.com}")
    assert list(trials.lines(result)) == [
        "✗ it (tests.yaml, line 1)",
        "    rule: expected Spain, found The rest",
        '    assignee: expected ana@example.com, found queue "Lisbon"',
        f"    Why: {result.steps[0].decision.route.reason}",
        "    Rules, in order:",
        "      - “Big in France” passed over: lead.country is France (found: Portugal)",
        "      - “Spain” passed over: lead.country is Spain (found: Portugal)",
        "      ✓ “The rest” holds",
    ]


def test_of_several_leads_the_first_that_is_wrong_is_explained() -> None:
    result = one("leads: [{country: Spain}, {country: Spain}, {country: Portugal}]\nexpect: {rule: Spain}")
    told = list(trials.lines(result))
    assert "    rule of lead 3: expected Spain, found The rest" in told
    assert "    Rules, in order, for lead 3:" in told


def test_a_target_that_could_not_take_the_lead_is_told() -> None:
    result = one("lead: {country: France, employees: 2000}\nexpect: {rule: Spain}")
    told = "\n".join(trials.lines(result))
    assert "“Big in France” holds, but no account is matched for certain" in told


def test_of_many_rules_the_first_the_last_and_the_expected_one_are_shown() -> None:
    many = "".join(f"- rule: R{n}\n  when: [lead.city is X{n}]\n  assign: keep\n" for n in range(400))
    result = one("lead: {country: Spain}\nexpect: {rule: R200}", rules=many + RULES)
    told = list(trials.lines(result))
    assert len(told) < 45
    assert any("“R200” passed over: lead.city is X200 (found: empty)" in line for line in told)
    assert "      … 190 more rules passed over" in told


def test_the_same_report_comes_of_the_same_tests() -> None:
    tests = f"- test: a\n  repeat: 3\n  {SPAIN}\n  expect: {{assignee: bob@example.com}}\n"
    assert list(trials.lines(ran(tests).results[0])) == list(trials.lines(ran(tests).results[0]))


def test_a_test_does_not_see_what_another_has_changed() -> None:
    both = "".join(f"- test: {name}\n  {SPAIN}\n  expect: {{assignee: ana@example.com}}\n" for name in "ab")
    assert ran(both).is_green


def test_bulk_of_six_equals_six_times_one() -> None:
    repeated = one(f"repeat: 6\n{SPAIN}\nexpect: {{rule: Spain}}")
    singles = one("leads: [" + ", ".join(["{country: Spain}"] * 6) + "]\nexpect: {rule: Spain}")
    taken = [[step.decision.route.assignee for step in result.steps] for result in (repeated, singles)]
    assert taken[0] == taken[1]


def test_declared_users_are_as_declared_and_everybody_else_is_there() -> None:
    report = ran(
        "- users: [{user: ana@example.com, active: false, name: Ana Diaz}]\n"
        f"- test: she is away\n  {SPAIN}\n  expect: {{assignee: bob@example.com}}\n"
        f"- test: he owns it\n  lead: {{country: France, employees: 5000}}\n  account: {{owner: zoe@example.com}}\n"
        "  expect: {assignee: zoe@example.com}\n"
    )
    assert report.is_green


def test_a_shared_mailbox_is_never_the_same_person_for_certain_and_the_test_says_so() -> None:
    result = one(
        "lead: {email: info@bnp.example, country: Spain}\nduplicate: {owner: ana@example.com}\nexpect: {rule: Spain}"
    )
    (miss,) = result.misses
    assert (miss.what, miss.expected, miss.found) == ("duplicate", "same", "different")
    assert any("info@bnp.example is not. Write status: unsure." in line for line in trials.lines(result))


def test_people_work_by_a_calendar_that_is_there() -> None:
    (told,) = faults(
        f"- users: [{{user: ana@example.com, calendar: Night}}]\n- test: a\n  {SPAIN}\n  expect: {{rule: Spain}}\n"
    )
    assert "There is no calendar “Night”, by which ana@example.com works." in told


def test_a_red_test_is_told_in_english_whatever_the_assignee_reads() -> None:
    report = ran(
        "- users: [{user: ana@example.com, language: fr}]\n"
        f"- test: a\n  {SPAIN}\n  expect: {{because: a wish, task: a wish}}\n"
    )
    told = list(trials.lines(report.results[0]))
    reason = "Your rule “Spain” gives leads in Spain to the pool Iberia; it was ana@example.com's turn."
    assert told[1:4] == [
        f"    because: expected a wish, found {reason}",
        "    task: expected a wish, found New lead: Ana Gil",
        f"    Why: {reason}",
    ]
    assert report.results[0].steps[0].decision.language == "fr"


def test_a_lead_that_comes_again_is_no_second_open_lead_of_who_had_it() -> None:
    rules = '- rule: All\n  assign: pool "Least"\n- pool: Least\n  by: fewest open leads\n  never back: true\n'
    rules += "  members: [ana@example.com, bob@example.com]\n"
    result = one(
        "leads: [{id: a}, {id: b}, {id: b}, {id: c}]\n"
        "expect: {assignees: [ana@example.com, bob@example.com, ana@example.com, bob@example.com]}",
        rules=rules,
    )
    assert result.is_green, list(trials.lines(result))


def test_the_fixed_moment_is_no_holiday_of_any_country() -> None:
    import holidays  # noqa: PLC0415 - all of it is slow to read, and only this test does

    moment = trials.WORKING_MOMENT
    assert (moment.strftime("%A"), moment.hour, moment.minute) == ("Tuesday", 14, 30)
    closed = [
        code
        for code in holidays.list_supported_countries(include_aliases=False)
        if moment.date() in holidays.country_holidays(code, years=moment.year)
    ]
    assert closed == []


@pytest.mark.parametrize("case", cases("trial_faults"), ids=lambda case: case["told"])
def test_a_fault_in_a_test_names_its_place_and_what_to_write(case: dict[str, str]) -> None:
    found = faults(case["tests"])
    assert any(case["told"] in each for each in found), found
    assert all(each.startswith("tests.yaml, line ") for each in found)


def test_all_faults_of_all_tests_are_told_at_once() -> None:
    found = faults(
        "- test: a\n  lead: {contry: x}\n  expect: {rule: Spain}\n- test: b\n  lead: {}\n  expect: {until: x}\n"
    )
    assert [each.split(":")[0] for each in found] == ["tests.yaml, line 2, column 10", "tests.yaml, line 6, column 19"]


def test_a_fault_in_a_test_among_rules_has_the_line_of_its_record() -> None:
    text = RULES + "# why\n- test: a\n  # what\n  lead: {contry: x}\n  expect: {rule: Spain}\n"
    with pytest.raises(RuleSetError) as caught:
        trials.read(loaded(text).tests)
    (fault,) = caught.value.faults
    assert (fault.record, fault.line, fault.column) == ("test a", 4, 10)


def test_without_tests_the_report_says_how_to_write_one() -> None:
    assert trials.summary(ran("- users: [ana@example.com]")).startswith("There are no tests.")
