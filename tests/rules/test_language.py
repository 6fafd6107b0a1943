"""Every part of the language, as it is read: members and pools, calendars, territories, clocks, users and tests."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rules.calendar import read_hours
from rules.parsing.target_reading import TARGETS
from rules.parts import Absence, Cap, DeclaredUser, Escalation, Member, Pool, Rule, Target, Wait
from rules.ruleset import Fault, RuleSetError, Source, TrialText, beside, load, split
from tests.rules.make import ruleset


def rule(text: str) -> Rule:
    return ruleset(f"- rule: A\n  assign: keep\n{text}").rules[0]


def pool(text: str, members: str = "[ana@example.com]") -> Pool:
    return ruleset(f"- pool: A\n  members: {members}\n{text}").pools["A"]


def member(text: str) -> Member:
    return pool("", f"[{{user: ana@example.com, {text}}}]").members[0]


def refused(*texts: str) -> tuple[Fault, ...]:
    with pytest.raises(RuleSetError) as caught:
        load([Source(f"r{number}", text) for number, text in enumerate(texts)])
    return caught.value.faults


def test_targets_are_tried_in_the_order_in_which_they_stand() -> None:
    text = "- rule: A\n  assign: [opportunity owner, contact owner]\n  otherwise: [parent owner, queue Q, keep]\n"
    (found,) = ruleset(text).rules
    assert found.assign == Target("opportunity owner")
    assert [str(target) for target in found.otherwise] == ["contact owner", "parent owner", 'queue "Q"', "keep"]
    (single,) = ruleset("- rule: A\n  assign: previous assignee\n  otherwise: keep\n").rules
    assert (single.assign, single.otherwise) == (Target("previous assignee"), (Target("keep"),))


@pytest.mark.parametrize("written", TARGETS)
def test_every_target_can_be_written(written: str) -> None:
    others = (
        "- pool: Name\n  members: [ana@example.com]\n- territory: Name\n  rows: |\n    country,assign\n    FR,a@b.co\n"
    )
    written = written.replace("e-mail", "ana@example.com")
    found = ruleset(f"- rule: A\n  assign: {written}\n{others}").rules[0].assign
    assert str(found) == written


@pytest.mark.parametrize(
    ("written", "step"),
    [
        ("{after: 15 minutes, remind: true}", Escalation(timedelta(minutes=15), "remind")),
        ("{after: 30 min, to: manager}", Escalation(timedelta(minutes=30), "tell", "manager")),
        ("{after: 1 h, to: Boss@Example.com}", Escalation(timedelta(hours=1), "tell", "boss@example.com")),
        ("{after: 2 working hours, reassign: true}", Escalation(timedelta(hours=2), "reassign", working=True)),
        ("{after: 2 hours, reassign: true, clock: working}", Escalation(timedelta(hours=2), "reassign", working=True)),
        ("{after: 2 hours, reassign: true, clock: wall}", Escalation(timedelta(hours=2), "reassign")),
        ("{after: 1 working day, return: true}", Escalation(timedelta(days=1), "return", working=True)),
        (
            "{after: 1 day 2 hours, return: yes, clock: working}",
            Escalation(timedelta(hours=26), "return", working=True),
        ),
        ("{after: 2 working weeks, return: true}", Escalation(timedelta(days=10), "return", working=True)),
        ("{after: 2 weeks, return: true}", Escalation(timedelta(days=14), "return")),
    ],
)
def test_a_step_says_when_what_and_by_which_clock(written: str, step: Escalation) -> None:
    assert rule(f"  escalate: {written}\n").escalate == (step,)
    assert rule(f"  escalate:\n    - {written}\n    - {{after: 3 weeks, remind: true}}\n").escalate[0] == step


def test_hours_of_work_beyond_a_day_are_told_in_working_days() -> None:
    (fault,) = refused("- rule: A\n  assign: keep\n  escalate: [{after: 48 working hours, remind: true}]\n")
    assert fault.remedy == "Write 6 working days: a working day is as long as the assignee's."


def test_a_rule_waits_for_fields_and_not_for_ever() -> None:
    assert rule("  wait: {for: account.employees, at most: 10 minutes}\n").wait == Wait(
        ("account.employees",), timedelta(minutes=10)
    )
    both = rule("  wait: {for: [lead.industry, lead.Score__c], at most: 1 day}\n").wait
    assert both == Wait(("lead.industry", "lead.Score__c"), timedelta(days=1))
    assert rule("").wait is None
    assert rule("  wait: {for: lead.zip, at most: 1 day}\n").wait == Wait(("lead.postal_code",), timedelta(days=1))


def test_an_owner_who_was_chosen_by_a_person_is_respected_unless_the_rule_says_no() -> None:
    assert (rule("").respect_owner, rule("").idle) == (True, None)
    other = rule("  respect owner: false\n  reroute: {idle: 3 days}\n")
    assert (other.respect_owner, other.idle) == (False, timedelta(days=3))
    assert rule("  reroute: false\n").idle is None


@pytest.mark.parametrize(
    ("written", "caps"),
    [
        ("10 per day", (Cap(10, "day"),)),
        ("10/day", (Cap(10, "day"),)),
        ("10 / Day", (Cap(10, "day"),)),
        ("3 an hour", (Cap(3, "hour"),)),
        ("50 a month", (Cap(50, "month"),)),
        ("[20 per week, 3 per hour]", (Cap(3, "hour"), Cap(20, "week"))),
    ],
)
def test_caps_are_written_as_people_say_them(written: str, caps: tuple[Cap, ...]) -> None:
    assert member(f"cap: {written}").caps == caps
    assert pool(f"  cap: {written}\n").caps == caps


def test_a_member_has_all_that_a_plan_says_of_people() -> None:
    found = member(
        'weight: 2, open leads: 20, hours: "Mon-Fri 09:00-18:00 Europe/Paris", skills: [fr, security, fr],'
        " absent: [2026-12-24 to 2027-01-02, 2026-07-01, from 2027-03-01],"
        " when: [lead.country is FR, any: [lead.employees >= 5, lead.Vip__c is true]], paused: true"
    )
    assert (found.weight, found.open_leads, found.skills, found.paused) == (2, 20, ("fr", "security"), True)
    assert found.hours == read_hours("Mon-Fri 9-18 Europe/Paris")
    assert found.absent == (
        Absence(date(2026, 12, 24), date(2027, 1, 2)),
        Absence(date(2026, 7, 1), date(2026, 7, 1)),
        Absence(date(2027, 3, 1), None),
    )
    assert [str(part) for part in found.when] == [
        "lead.country is FR",
        "any: (lead.employees >= 5; lead.Vip__c is true)",
    ]
    assert member("absent: 2026-12-24").absent == (Absence(date(2026, 12, 24), date(2026, 12, 24)),)


def test_a_pool_has_all_that_a_plan_says_of_teams() -> None:
    found = ruleset(
        "- pool: A\n  members: [ana@example.com]\n  by: best fit\n  fit: [lead.language, lead.Product__c]\n"
        "  open leads: 50\n  hours: [Mon-Thu 9-18, Fri 9-16 Europe/Paris]\n  calendar: Paris\n  sticky: account\n"
        "  never back: true\n  hold: 12 hours\n  overflow: [pool B, queue Inbound]\n"
        "- pool: B\n  members: [bob@example.com]\n- calendar: Paris\n  hours: 24/7\n"
    ).pools["A"]
    assert (found.by, found.fit, found.open_leads) == ("best fit", ("lead.language", "lead.Product__c"), 50)
    assert found.hours == read_hours("Mon-Thu 9-18, Fri 9-16 Europe/Paris")
    assert (found.calendar, found.sticky, found.never_back, found.hold) == ("Paris", True, True, timedelta(hours=12))
    assert found.overflow == (Target("pool", "B"), Target("queue", "Inbound"))
    usual = pool("")
    assert (usual.by, usual.sticky, usual.never_back, usual.hold, usual.overflow) == ("turns", False, False, None, ())


@pytest.mark.parametrize(("written", "hold"), [("true", timedelta(days=3)), ("false", None), ("1 week", timedelta(7))])
def test_a_pool_holds_for_three_days_unless_it_says_how_long(written: str, hold: timedelta | None) -> None:
    assert pool(f"  hold: {written}\n").hold == hold


def test_a_calendar_has_hours_holidays_and_closed_days() -> None:
    hours = (
        ruleset(
            "- calendar: Paris\n  hours: Mon-Fri 09:00-12:00, 13:00-18:00\n  zone: europe/paris\n"
            "  holidays: [FR-57, Germany]\n  closed: [2026-12-24, 2026-12-27 to 2026-12-31]\n"
        )
        .calendars["Paris"]
        .hours
    )
    assert str(hours) == "Mon-Fri 09:00-12:00, 13:00-18:00 Europe/Paris"
    assert hours.holidays == ("FR-57", "DE")
    assert hours.closed == (
        Absence(date(2026, 12, 24), date(2026, 12, 24)),
        Absence(date(2026, 12, 27), date(2026, 12, 31)),
    )


def test_a_territory_is_a_table_with_targets() -> None:
    text = (
        "- territory: EMEA\n  columns: {size: account.employees}\n  rows: |\n    country,size,Tier__c,assign\n"
        '    DE,>=500,,ana@example.com\n    FR,,Gold,pool "Paris"\n  otherwise: [account owner, pool "Paris"]\n'
        "- pool: Paris\n  members: [bob@example.com]\n"
    )
    rules = ruleset(text)
    found = rules.territories["EMEA"]
    row = found.find({"lead.country": "Germany", "account.employees": 600})
    assert row is not None
    assert (row.target, str(row)) == (Target("user", "ana@example.com"), "DE, >=500")
    assert found.otherwise == (Target("account owner"), Target("pool", "Paris"))
    assert rules.reads == {"Tier__c"}


def test_users_are_declared_for_tests() -> None:
    text = """\
- users:
    - {user: Ana@Example.com, name: Ana, language: fr, manager: cem@example.com, zone: Europe/Paris}
    - {user: bob@example.com, active: false}
    - {user: Inbound, queue: true}
    - cem@example.com
"""
    assert ruleset(text).users == (
        DeclaredUser("ana@example.com", "Ana", manager="cem@example.com", language="fr", zone="Europe/Paris"),
        DeclaredUser("bob@example.com", active=False),
        DeclaredUser("Inbound", queue=True),
        DeclaredUser("cem@example.com"),
    )


TEST = "- test: A Paris bank\n  # why\n  lead: {country: France}\n  expect:\n    rule: EMEA\n"


def test_a_test_keeps_its_text_and_its_place() -> None:
    (found,) = ruleset(TEST).tests
    own = "  test: A Paris bank\n  # why\n  lead: {country: France}\n  expect:\n    rule: EMEA\n"
    assert found == TrialText("A Paris bank", own, "test A Paris bank", 1, 3)


@pytest.mark.parametrize(
    "text",
    [
        TEST,
        "\ufeff" + TEST,
        TEST.replace("\n", "\r\n"),
        f"- {{{TEST[2:].splitlines()[0]}, lead: {{}}, expect: {{rule: A}}}}",
    ],
)
def test_the_text_of_a_test_has_the_columns_of_its_record(text: str) -> None:
    (found,) = load([Source("r", text)]).tests
    record = text.removeprefix("\ufeff").splitlines()
    for number, line in enumerate(found.text.splitlines(), start=found.line - 1):
        assert record[number][found.column - 1 :].startswith(line[found.column - 1 :])


def test_tests_and_users_may_stand_in_a_file_beside() -> None:
    users, tests = beside(Source("t", f"# ours\n- users: [ana@example.com]\n{TEST}\n{TEST.replace('Paris', 'Rome')}"))
    assert users == (DeclaredUser("ana@example.com"),)
    assert [(test.name, test.line, test.record) for test in tests] == [
        ("A Paris bank", 3, "t"),
        ("A Rome bank", 9, "t"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- rule: A\n  assign: keep\n", "t, line 1, column 3: A rule is no test."),
        (TEST + "- test: B\n", "t, line 6, column 3: The test sends no lead."),
        ("- tset: A\n", "t, line 1, column 3: “tset” is not a kind of item. Did you mean “test”?"),
        ("- test: [", "t, line 1, column 9: “[” is opened here and never closed. Close it with “]”."),
    ],
)
def test_a_file_beside_holds_nothing_else(text: str, told: str) -> None:
    with pytest.raises(RuleSetError) as caught:
        beside(Source("t", text))
    assert str(caught.value).startswith(told)


def test_the_order_of_keys_does_not_make_a_pool_a_calendar() -> None:
    text = "- calendar: Paris\n  pool: A\n  members: [ana@example.com]\n- calendar: Paris\n  hours: 24/7\n"
    assert [(item.kind, item.name) for item in split(text)] == [("pool", "A"), ("calendar", "Paris")]
    assert ruleset(text).pools["A"].calendar == "Paris"


@pytest.mark.parametrize(
    ("text", "reads", "history"),
    [
        ("- pool: A\n  members: [{user: a@b.co, when: lead.One__c is 1}]\n", {"One__c"}, set()),
        (
            "- pool: A\n  by: best fit\n  fit: [lead.Two__c, opportunity.stage]\n  members: [a@b.co]\n", {"Two__c"},
            {"opportunity"},
        ),
        ("- rule: A\n  assign: keep\n  wait: {for: lead.Three__c, at most: 1 h}\n", {"Three__c"}, set()),
        ("- pool: A\n  by: best fit\n  members: [a@b.co]\n", {"product"}, set()),
        ("- rule: A\n  assign: account owner\n  task: {subject: 'On {lead.product}'}\n", {"product"}, set()),
        ("- rule: A\n  assign: account owner\n  task: {body: 'At {opportunity.stage}'}\n", set(), {"opportunity"}),
        ("- rule: A\n  assign: opportunity owner\n", set(), {"opportunity"}),
        ("- pool: A\n  members: [a@b.co]\n  overflow: opportunity owner\n", set(), {"opportunity"}),
        ("- rule: A\n  assign: keep\n  wait: {for: account.contacts, at most: 1 h}\n", set(), {"contacts"}),
        (
            "- territory: A\n  rows: |\n    lead.Four__c,account.contacts,assign\n    x,5,a@b.co\n", {"Four__c"},
            {"contacts"},
        ),
    ],
)  # fmt: skip
def test_every_part_says_what_must_be_read(text: str, reads: set[str], history: set[str]) -> None:
    rules = ruleset(text)
    assert (set(rules.reads), set(rules.history)) == (reads, history)


def test_account_fields_of_every_part_are_read_with_the_account() -> None:
    text = (
        "- pool: A\n  by: best fit\n  fit: account.One__c\n  members: [{user: a@b.co, when: account.Two__c is 1}]\n"
        "- rule: A\n  assign: keep\n  wait: {for: account.Three__c, at most: 1 h}\n"
        "- territory: A\n  rows: |\n    account.Four__c,assign\n    x,a@b.co\n"
    )
    assert ruleset(text).reads_account == {"One__c", "Two__c", "Three__c", "Four__c"}


@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("- pool: A\n  members: [a@b.co]\n", (False, False, False)),
        ("- pool: A\n  by: fewest open leads\n  members: [a@b.co]\n", (True, False, False)),
        ("- pool: A\n  open leads: 5\n  members: [a@b.co]\n", (True, False, False)),
        ("- pool: A\n  members: [{user: a@b.co, open leads: 5}]\n", (True, False, False)),
        ("- pool: A\n  sticky: true\n  members: [a@b.co]\n", (False, True, False)),
        ("- rule: A\n  assign: parent owner\n", (False, False, True)),
        ("- territory: A\n  rows: |\n    country,assign\n    FR,parent owner\n", (False, False, True)),
    ],
)
def test_a_rule_set_says_what_else_it_goes_by(text: str, needs: tuple[bool, ...]) -> None:
    rules = ruleset(text)
    assert (rules.needs_open_leads, rules.needs_neighbours, rules.needs_parent) == needs
