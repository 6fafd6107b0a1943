"""There is a limit to everything that a rule set holds, and the first thing beyond it is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from rules import limits
from rules.faults import Fault
from rules.parsing.people_reading import TrialText
from rules.parts import Target
from rules.ruleset import Source, load
from rules.trials import reading as trial_reading
from rules.trials import work as trial_work
from tests.rules.make import ruleset
from tests.rules.test_language import refused

MORE = "There are more than"


def many(count: int, text: str) -> list[str]:
    return [text.format(number) for number in range(count)]


@pytest.mark.parametrize(
    ("texts", "place", "message"),
    [
        (many(2_001, "{{rule: R{}, assign: keep}}"), ("r2000", 1, 1), f"{MORE} 2,000 items of the kind “rule”."),
        (many(501, "{{pool: P{}, members: [a@b.co]}}"), ("r500", 1, 1), f"{MORE} 500 items of the kind “pool”."),
        (many(201, "{{calendar: C{}, hours: 24/7}}"), ("r200", 1, 1), f"{MORE} 200 items of the kind “calendar”."),
        (
            [f"{{pool: P, members: [{', '.join(many(1_001, 'a{}@b.co'))}]}}"], ("r0", 1, 10_911),
            "members has more than 1,000 entries.",
        ),
        (
            [f"{{rule: R, assign: keep, when: [{', '.join(many(201, 'lead.city is A{}'))}]}}"], ("r0", 1, 31),
            "There are 201 conditions, more than 200.",
        ),
        (
            [f"{{list: L{n}, values: [{', '.join(many(12_501, 'v{}'))}]}}" for n in range(4)], ("r3", 1, 1),
            f"{MORE} 50,000 values in all lists.",
        ),
        (
            [f"{{rule: R, assign: [{', '.join(many(11, 'user a{}@b.co'))}]}}"], ("r0", 1, 160),
            "assign has more than 10 entries.",
        ),
    ],
    ids=["rules", "pools", "calendars", "members", "conditions", "values", "targets"],
)  # fmt: skip
def test_there_is_a_limit_to_everything_and_the_first_beyond_it_is_told(
    texts: Sequence[str], place: tuple[Any, ...], message: str
) -> None:
    (fault,) = refused(*texts)
    assert ((fault.record, fault.line, fault.column), fault.message) == (place, message)
    assert fault.remedy


def test_what_is_just_within_the_limits_is_taken() -> None:
    texts = [
        *many(limits.MOST_POOLS - 1, "{{pool: P{}, members: [a@b.co]}}"),
        f"{{pool: P, members: [{', '.join(many(limits.MOST_MEMBERS, 'a{}@b.co'))}]}}",
        *many(limits.MOST_RULES, "{{rule: R{}, assign: keep}}"),
    ]
    rules = load([Source(f"r{number}", text) for number, text in enumerate(texts)])
    assert (len(rules.rules), len(rules.pools), len(rules.pools["P"].members)) == (2_000, 500, 1_000)


def test_a_table_in_a_file_may_be_longer_than_any_record() -> None:
    rows = "".join(f"    DE,{number:05},a{number % 300}@example.com\n" for number in range(10_000))
    text = f"# ours\n- territory: T\n  rows: |\n    country,postal_code,assign\n{rows}"
    assert len(text) > limits.LONGEST_TEXT
    row = ruleset(text).territories["T"].find({"lead.country": "Germany", "lead.postal_code": "09999"})
    assert row is not None
    assert row.target == Target("user", "a99@example.com")
    (fault,) = refused(f"- list: T\n  values: [a]\n# territory: T\n{'#' * limits.LONGEST_TEXT}")
    assert fault.message == "The record is longer than 131,072 characters."


def test_a_pool_that_many_rows_name_is_missing_once() -> None:
    rows = "".join(f"    DE,{number:05},pool X\n" for number in range(100))
    (fault,) = refused(f"- territory: T\n  rows: |\n    country,postal_code,assign\n{rows}")
    assert (fault.line, fault.message) == (4, "There is no pool “X”.")


TRIED = "test: {0}\nleads: [{{country: France}}]\nrepeat: {1}\nexpect: {{rule: R0}}\n"


def tried(*repeats: int, pool: int = 1) -> Sequence[Fault]:
    """Return what is against tests of that many leads, of 500 rules and a pool of that many members."""
    texts = [
        *many(500, "{{rule: R{}, assign: pool P}}"),
        f"{{pool: P, members: [{', '.join(many(pool, 'a{}@b.co'))}]}}",
    ]
    tests = [TrialText(f"T{n}", TRIED.format(f"T{n}", times), f"t{n}") for n, times in enumerate(repeats)]
    rules = load([Source(f"r{number}", text) for number, text in enumerate(texts)])
    return trial_work.beyond(rules, trial_reading.read(tests))


def test_all_tests_together_are_no_more_work_than_publishing_waits_for() -> None:
    assert tried(*[1] * 5_000) == (), "a test for each case of 500 rules"
    assert tried(9_000, 7_000) == ()
    (fault,) = tried(9_000, 7_000, 639)
    assert (fault.record, fault.message) == (
        "t2",
        "Tests of these rules may have 16,638 leads in all, and here are more.",
    )
    (fault,) = tried(9_000, pool=1_000)
    assert fault.message == "Tests of these rules may have 6,250 leads in all, and here are more."


def test_whoever_overflows_into_others_asks_their_members_too() -> None:
    chain = many(20, "{{pool: P{0}, members: [a@b.co], overflow: pool P{0}n}}")
    assert trial_work.beyond(load([]), ()) == ()
    pools = [text.replace(f"P{n}n", f"P{n + 1}") for n, text in enumerate(chain)]
    rules = load([Source(text, text) for text in [*pools, "{pool: P20, members: [b@b.co, c@b.co]}"]])
    assert trial_work._members(rules) == 22
