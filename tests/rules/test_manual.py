"""What the manual shows loads."""

from __future__ import annotations

import re
from pathlib import Path

from rules import limits
from rules.parts import Target
from rules.trials import reading as trial_reading
from rules.trials import trials
from tests.rules.make import ruleset
from tests.rules.test_schema import faults

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_examples_of_the_manual_are_one_rule_set() -> None:
    first, blocks, match, pool, calendar, territory, clocks, tests = EXAMPLES
    named = match[match.index("- list: Named accounts") :]
    rules = ruleset(first + blocks + named + pool + calendar + territory + clocks + tests)
    names = ["Customers in DACH", "Everyone else", "Large or senior, and nobody's competitor", "Enterprise"]
    assert [rule.name for rule in rules.rules] == names
    assert rules.pools["Paris desk"].overflow == (Target("user", "chef@example.com"), Target("queue", "Inbound"))
    assert len(rules.territories["EMEA"].rows) == 3
    assert rules.tests


def test_the_test_of_the_manual_is_green() -> None:
    rules = ruleset(EXAMPLES[0] + EXAMPLES[-1])
    assert trials.run(rules, trial_reading.read(rules.tests)).is_green


def test_editors_take_the_examples_of_the_manual() -> None:
    assert [faults(text) for text in EXAMPLES] == [[]] * len(EXAMPLES)


def test_the_manual_tells_the_limits() -> None:
    table = PAGE[PAGE.index("## Limits") :]
    told = (
        limits.MOST_RULES, limits.MOST_CONDITIONS, limits.MOST_VALUES, limits.MOST_POOLS, limits.MOST_MEMBERS,
        limits.MOST_ROWS, limits.MOST_TERRITORIES, limits.MOST_USERS, limits.MOST_TESTS, limits.MOST_CLOSED_DAYS,
        limits.MOST_WORK, limits.MOST_LEADS,
    )  # fmt: skip
    assert [most for most in told if f"{most:,}" not in table] == []
