"""What people write in their own words is read, or told in ours: targets, pools, steps, keys, days, tables."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rules.parts import Absence, Escalation, Rule, Target
from rules.ruleset import Fault, RuleSetError, Source, load, split
from tests.rules.make import ruleset

POOL = "- pool: P\n  members: [ana@example.com]\n"


def rule(text: str) -> Rule:
    return ruleset(f"- rule: A\n  {text}\n{POOL}").rules[0]


def faults(text: str) -> tuple[Fault, ...]:
    with pytest.raises(RuleSetError) as caught:
        load([Source(item.name, item.text) for item in split(text)])
    return caught.value.faults


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("parent account owner", Target("parent owner")),
        ("parent account's owner", Target("parent owner")),
        ("owner of the parent account", Target("parent owner")),
        ("owner of the account\u2019s parent", Target("parent owner")),
        ("account's owner", Target("account owner")),
        ("the owner of the matched account", Target("account owner")),
        ("Account Owner", Target("account owner")),
        ("deal owner", Target("opportunity owner")),
        ("previous owner", Target("previous assignee")),
        ("last assignee", Target("previous assignee")),
        ('Pool "P"', Target("pool", "P")),
        ("{pool: P}", Target("pool", "P")),
        ("{Queue: Inbound}", Target("queue", "Inbound")),
        ("{user: ana@example.com}", Target("user", "ana@example.com")),
        ("ana@example.com", Target("user", "ana@example.com")),
    ],
)
def test_a_target_is_read_in_the_words_people_use(written: str, target: Target) -> None:
    assert rule(f"assign: {written}").assign == target
    assert (
        rule(f"assign: account owner\n  otherwise: [keep, {written.replace('account ', '')}]").otherwise[0].kind
        == "keep"
    )


@pytest.mark.parametrize(
    "written", ["{pool: None}", "{owner: P}", "{pool: P, user: a@b.co}", "{user: ana}", "owner", "of"]
)
def test_what_names_nobody_is_no_target(written: str) -> None:
    assert faults(f"- rule: A\n  assign: {written}\n{POOL}")


def test_a_pool_named_by_a_mapping_must_be_there() -> None:
    (fault,) = faults(f"- rule: A\n  assign: {{pool: Q}}\n{POOL}")
    assert (fault.line, fault.message) == (2, "There is no pool “Q”.")


@pytest.mark.parametrize(
    ("written", "by"),
    [
        ("round-robin", "turns"), ("Round Robin", "turns"), ("rotation", "turns"), ("weighted", "turns"),
        ("least open leads", "fewest open leads"), ("least open", "fewest open leads"),
        ("load balanced", "fewest open leads"), ("fewest_open_leads", "fewest open leads"),
        ("skills", "best fit"), ("skill", "best fit"), ("best match", "best fit"),
    ],
)  # fmt: skip
def test_a_pool_chooses_by_what_others_call_it(written: str, by: str) -> None:
    assert ruleset(POOL + f"  by: {written}\n").pools["P"].by == by


def test_another_word_for_a_way_to_choose_is_told() -> None:
    told = {word: faults(POOL + f"  by: {word}\n")[0].remedy for word in ("best fitt", "luck")}
    assert told == {"best fitt": "Did you mean “best fit”?", "luck": "Known are: turns, fewest open leads, best fit."}


@pytest.mark.parametrize(
    ("written", "step"),
    [
        ("{after: 30m, notify: manager}", Escalation(timedelta(minutes=30), "tell", "manager")),
        ("{after: 2h, notify: Boss@Example.com}", Escalation(timedelta(hours=2), "tell", "boss@example.com")),
        ("{after: 1d, to: the Manager}", Escalation(timedelta(days=1), "tell", "manager")),
        ("{after: 15 Minutes, remind: assignee}", Escalation(timedelta(minutes=15), "remind")),
        ("{after: 30 business minutes, remind: owner}", Escalation(timedelta(minutes=30), "remind", working=True)),
        ("{after: 2 Business Hours, reassign: true}", Escalation(timedelta(hours=2), "reassign", working=True)),
        ("{after: 1 business day, return: true}", Escalation(timedelta(days=1), "return", working=True)),
    ],
)
def test_a_step_is_read_in_the_words_people_use(written: str, step: Escalation) -> None:
    assert rule(f"assign: keep\n  escalate: {written}").escalate == (step,)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("{after: 1 h, notify: assignee}", "The assignee is reminded, not told. Write remind: true."),
        ("{after: 1 h, notify: manager, to: manager}", "A step does one thing."),
        ("{after: 1 business hour, clock: wall, remind: true}", "The time is working time, and the clock is not."),
        ("{after: 1 month, remind: true}", "The time of the step cannot be read."),
    ],
)
def test_a_step_that_says_two_things_is_refused(written: str, told: str) -> None:
    (fault,) = faults(f"- rule: A\n  assign: keep\n  escalate: {written}\n")
    assert f"{fault.message} {fault.remedy}".startswith(told)


def test_keys_may_be_written_with_underscores_hyphens_and_capitals() -> None:
    found = ruleset(
        "- pool: P\n  never_back: true\n  Open-Leads: 5\n  members: [{user: ana@example.com, open_leads: 3}]\n"
    ).pools["P"]
    assert (found.never_back, found.open_leads, found.members[0].open_leads) == (True, 5, 3)
    assert rule("assign: keep\n  respect_owner: false").respect_owner is False
    assert ruleset("- match: default\n  domain_only: never\n  keep_links: false\n").match.keep_links is False
    (fault,) = faults("- pool: P\n  members: [ana@example.com]\n  never_back: true\n  never back: true\n")
    assert fault.message == "“never back” stands here twice."


def test_an_absence_may_say_from_and_to() -> None:
    days = "[{from: 2026-12-24, to: 2027-01-02}, {from: 2027-05-01}]"
    text = f"- pool: P\n  members: [{{user: ana@example.com, absent: {days}}}]\n"
    assert ruleset(text).pools["P"].members[0].absent == (
        Absence(date(2026, 12, 24), date(2027, 1, 2)),
        Absence(date(2027, 5, 1), None),
    )
    assert faults(text.replace("from: 2026-12-24, ", ""))[0].message == "The absence does not say from when."
    assert faults(text.replace("2026-12-24", "2026-13-24"))[0].message == "There is no day 2026-13-24."
    assert faults(text.replace("2026-12-24", "2028-12-24"))[0].message == "2027-01-02 is before 2028-12-24."


@pytest.mark.parametrize(
    ("text", "place", "told"),
    [
        (
            "- rule: A\n  when: [lead.country in [FR, DE]]\n",
            (2, 26),
            "Put the condition in single quotes, or on a line",
        ),
        ("- rule: A\n  task: {subject: Call {lead.name}}\n", (2, 24), "Put the text with {…} in double quotes."),
        ("- rule: A\n\tassign: keep\n", (2, 1), "Indent with spaces."),
        ('- rule: "A\n  assign: keep\n', (1, 9), "Close it on this line."),
        ("- rule: A\n  when: ['lead.city is Rome]\n", (2, 10), "Close it on this line."),
        ('- rule: A\n  assign: "user "a@b.co""\n', (2, 18), "Quotes must be around the whole value"),
        (
            "rules:\n- rule: A\n  assign: keep\n",
            (1, 1),
            "Delete “rules:”. A rule set is a list: begin each item with a",
        ),
        ("rules:\n  - name: A\n", (1, 1), "Delete “rules:”. A rule set is a list: begin each item with a"),
        ("- Rule: A\n  assign: keep\n", (1, 3), "Write rule:"),
    ],
)
def test_the_traps_of_yaml_are_told_where_they_are(text: str, place: tuple[int, int], told: str) -> None:
    (fault,) = faults(text)
    assert (fault.line, fault.column) == place
    assert fault.remedy.startswith(told)


def test_a_record_with_a_wrapper_says_so_too() -> None:
    with pytest.raises(RuleSetError) as caught:
        load([Source("r", "rules:\n  - rule: A\n    assign: keep\n")])
    assert caught.value.faults[0].message == "“rules:” around the items is not needed."


def test_a_comma_for_thousands_in_brackets_is_no_second_entry() -> None:
    told = faults("- rule: A\n  when: [lead.employees > 1,000, lead.country is FR]\n  assign: keep\n")
    assert [(fault.line, fault.column, fault.remedy) for fault in told] == [
        (2, 10, "Write 1000, or put the entry in quotes.")
    ]
    assert faults("- list: A\n  values: [1,000, 5]\n")[0].message.startswith("“1,000” is two entries here")
    assert ruleset("- list: A\n  values: [201,202,203]\n").lists["A"].values == ("201", "202", "203")
    assert ruleset("- list: A\n  values: ['1,000', 5]\n").lists["A"].values == ("1,000", "5")


def test_a_range_in_two_columns_is_told_to_be_one() -> None:
    text = "- territory: T\n  rows: |\n    Zip From,Zip To,Owner Email\n    90000,90999,ana@example.com\n"
    assert [fault.remedy for fault in faults(text)] == [
        "A range is one cell: head one column zip, with cells such as 90000-90999."
    ] * 2
    sized = faults("- territory: T\n  rows: |\n    employees_min,assign\n    9,ana@example.com\n")
    assert sized[0].remedy == "A range is one cell: head one column employees, with cells such as 50-199."


@pytest.mark.parametrize("header", ["Owner Email", "Assignee", "Assigned To", "user_email", "Sales Rep"])
def test_the_owner_of_a_row_may_be_headed_as_people_do(header: str) -> None:
    found = ruleset(f"- territory: T\n  rows: |\n    Zip,{header}\n    90000-90999,ana@example.com\n").territories["T"]
    assert found.rows[0].target == Target("user", "ana@example.com")
