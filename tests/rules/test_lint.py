from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.conditions import Block, Condition, Part, parse
from rules.lint import Finding, lines_of, lint
from rules.linting.ground import Ground
from rules.matching.preferences import lines
from rules.model import User, Value
from rules.parts import Member, Pool, Rule, Target
from rules.ruleset import RuleSet
from tests.rules.make import CASES, USERS, ruleset

FAULTS = [case for file in sorted((CASES / "lint").glob("*.yaml")) for case in yaml.safe_load(file.read_text("utf-8"))]
PEOPLE = {
    **USERS,
    "U5": User("U5", "Dora", "dora@example.com", manager_id="U4"),
    "U6": User("U6", "Emil", "emil@example.com", manager_id="U1"),
}


def told(case: Mapping[str, Any]) -> tuple[Finding, ...]:
    users = PEOPLE if case.get("users") else None
    return lint(ruleset(case["rules"]), users, lines_of(case["rules"]))


@pytest.mark.parametrize("case", [case for case in FAULTS if "finds" in case], ids=lambda case: case["name"])
def test_every_planted_fault_is_found_and_nothing_else(case: Mapping[str, Any]) -> None:
    found = [f"{finding.severity} {finding.code} {finding.record}".rstrip() for finding in told(case)]
    assert sorted(found) == sorted(case["finds"])
    text = " ".join(str(finding) for finding in told(case))
    for words in case.get("says", ()):
        assert words in text


@pytest.mark.parametrize("case", [case for case in FAULTS if "finds" not in case], ids=lambda case: case["name"])
def test_a_clean_set_raises_nothing(case: Mapping[str, Any]) -> None:
    assert [str(finding) for finding in told(case)] == []


def test_a_finding_says_where_its_item_begins() -> None:
    text = "# ours\n- rule: All\n  assign: keep\n\n- rule: Late\n  assign: keep\n"
    (finding,) = lint(ruleset(text), lines=lines_of(text))
    assert (finding.record, finding.line, finding.code) == ('rule "Late"', 5, "dead-rule")
    assert str(finding).startswith('error [dead-rule] rule "Late", line 5: No lead ever reaches it')


@pytest.mark.parametrize(
    ("members", "told"),
    [("[ana@example.com]", "ana@example.com gets no lead"), ("[a@example.com, b@example.com]", "b@example.com get no")],
)
def test_one_member_gets_no_lead_and_several_get_none(members: str, told: str) -> None:
    found = lint(ruleset(f"- rule: All\n  assign: keep\n- pool: Idle\n  members: {members}\n"))
    assert told in next(each.message for each in found if each.code == "pool-unused")


# Brute force: every lead of small domains is asked of every rule. The values beside those that the rules can name
# stand for all others.

WORDS = ("".join(letters) for size in range(1, 7) for letters in product("abc", repeat=size))
DOMAINS: Mapping[str, tuple[Value, ...]] = {
    "lead.country": (None, "DE", "France", "AT", "Peru", "nowhere we know"),
    "lead.employees": (None, 0, 1, 2, 3, 4, 5, 9),
    "lead.title": (None, *WORDS),
    "lead.VIP__c": (None, True, False, "Yes", "TRUE", "no", "0", 1, "maybe", "else"),
}
LINES = st.one_of(
    st.builds(
        "lead.country {} [{}]".format,
        st.sampled_from(["in", "not in"]),
        st.lists(st.sampled_from(["Germany", "FR", "Austria"]), min_size=1, max_size=2).map(", ".join),
    ),
    st.sampled_from(["lead.country is empty", "lead.country is not empty", "lead.country is not Frankreich"]),
    st.builds(
        "lead.employees {} {}".format, st.sampled_from(["<", "<=", ">", ">=", "is", "is not"]), st.integers(1, 4)
    ),
    st.builds(lambda low, more: f"lead.employees between {low} and {low + more}", st.integers(0, 3), st.integers(0, 2)),
    st.builds(
        "lead.title {} {}".format,
        st.sampled_from(["contains", "starts with", "ends with", "is", "is not", "does not contain"]),
        st.sampled_from(["a", "b", "ab", "bc"]),
    ),
    st.builds(
        lambda operator, sought: f"lead.title {operator} [{', '.join(sought)}]",
        st.sampled_from(["contains", "contains all of", "starts with", "ends with", "is", "does not contain"]),
        st.lists(st.sampled_from(["a", "b", "ab", "bc"]), min_size=1, max_size=3),
    ),
    st.just("lead.title is empty"),
    st.builds(
        "lead.VIP__c {} {}".format,
        st.sampled_from(["is", "is not"]),
        st.sampled_from(["yes", "checked", "off", "maybe"]),
    ),
    st.just("lead.VIP__c is [unchecked, maybe]"),
).map(parse)
PARTS: st.SearchStrategy[Part] = st.recursive(
    LINES,
    lambda inner: st.builds(
        Block, st.sampled_from(["any", "all", "none", "not"]), st.lists(inner, min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=4,
)
RULES = st.lists(st.lists(PARTS, max_size=3).map(tuple), min_size=1, max_size=6)


def every_lead(conditions: Sequence[Condition]) -> Iterator[dict[str, Value]]:
    """Yield a lead for every combination of values; of values that no condition tells apart, one is enough."""
    kept: dict[str, list[Value]] = {}
    for name in sorted({line.field for line in conditions}):
        asked = [line for line in conditions if line.field == name]
        first: dict[tuple[bool, ...], Value] = {}
        for value in DOMAINS[name]:
            first.setdefault(tuple(line.test({name: value}) for line in asked), value)
        kept[name] = list(first.values())
    for values in product(*kept.values()):
        yield dict(zip(kept, values, strict=True))


@settings(max_examples=100, deadline=None)
@given(RULES)
def test_dead_rules_contradictions_and_gaps_are_what_asking_every_lead_says(whens: list[tuple[Part, ...]]) -> None:
    rules = RuleSet(rules=tuple(Rule(str(number), when, Target("queue", "Q")) for number, when in enumerate(whens)))
    leads = list(every_lead([line for when in whens for line in lines(when)]))
    takers = [[all(part.test(lead) for part in when) for lead in leads] for when in whens]
    findings = lint(rules)
    dead = {finding.record for finding in findings if finding.code == "dead-rule"}
    never = {finding.record for finding in findings if finding.code == "contradiction" and finding.severity == "error"}
    taken = [False] * len(leads)
    for number, held in enumerate(takers):
        record = f'rule "{number}"'
        assert (record in never) == (not any(held))
        assert (record in dead) == (any(held) and all(before for before, ours in zip(taken, held, strict=True) if ours))
        taken = [before or ours for before, ours in zip(taken, held, strict=True)]
    assert any(finding.code == "no-catch-all" for finding in findings) == (not all(taken))


CODES = [f"{number:0{size}}" for size in (1, 2, 3, 4) for number in range(10**size)]
DIGITS = st.text("0129", min_size=2, max_size=4)
TONGUES = ["fr", "fr-CA", "fr-BE", "French", "zh", "zh-TW", "zh-CN", "zh-hant", "pt-BR", "en", "it"]
SOUGHT = st.one_of(
    DIGITS,
    DIGITS.map("{}*".format),
    st.tuples(DIGITS, DIGITS)
    .filter(lambda ends: len(ends[0]) == len(ends[1]))
    .map(lambda ends: "-".join(sorted(ends))),
)
PLACES = st.builds(
    lambda operator, sought: parse(f"lead.postal_code {operator} [{', '.join(sought)}]"),
    st.sampled_from(["in", "not in"]),
    st.lists(SOUGHT, min_size=1, max_size=3),
)
SPOKEN = st.builds(
    lambda operator, sought: parse(f"lead.language {operator} [{', '.join(sought)}]"),
    st.sampled_from(["in", "not in"]),
    st.lists(st.sampled_from(TONGUES), min_size=1, max_size=2),
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.lists(PLACES, min_size=1, max_size=4), st.lists(SPOKEN, min_size=1, max_size=4)))
def test_postal_codes_and_languages_are_told_apart_just_as_asking_them_all_does(when: list[Condition]) -> None:
    ground = Ground.of(when)
    values: list[Value] = [None, *(CODES if when[0].field == "lead.postal_code" else [*TONGUES, "zh-hant-TW", "de"])]
    axis = ground.axes[when[0].field]
    shown = {tuple(line.test({axis.field: sample}) for line in when) for sample in axis.samples}
    asked = {tuple(line.test({axis.field: value}) for line in when) for value in values}
    assert asked <= shown


@settings(max_examples=150, deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=3))
def test_a_region_holds_the_samples_for_which_the_conditions_hold(when: list[Part]) -> None:
    ground = Ground.of(lines(when))
    region = ground.region(when)
    axes = list(ground.axes.values())
    for cells in product(*([cell for cell in range(len(axis.samples)) if axis.full >> cell & 1] for axis in axes)):
        lead = {axis.field: axis.samples[cell] for axis, cell in zip(axes, cells, strict=True)}
        at = {axis.field: cell for axis, cell in zip(axes, cells, strict=True)}
        inside = any(all(mask >> at[name] & 1 for name, mask in box.items()) for box in region)
        assert inside == all(part.test(lead) for part in when)


def test_the_one_dead_rule_among_five_hundred_is_found() -> None:
    lands = ["FR", "DE", "ES", "IT", "GB", "US", "BR", "JP", "IN", "PL", "NL", "BE", "SE", "NO", "DK", "FI", "AT", "CH"]
    whens = [
        (
            parse(f"lead.country is {land}"),
            parse(f"lead.employees between {size} and {size + 99}"),
            parse(f"lead.industry is {trade}"),
        )
        for land in lands
        for size in range(0, 1000, 100)
        for trade in ("Banking", "Retail", "Software")
    ][:499]
    rules = [Rule(str(number), when, Target("user", f"u{number % 7}@example.com")) for number, when in enumerate(whens)]
    catch_all = Rule("Rest", (), Target("queue", "Q"))
    dead = replace(rules[250], name="Late", assign=Target("keep"))
    findings = lint(RuleSet(rules=(*rules, dead, catch_all)))
    assert [finding.record for finding in findings if finding.severity == "error"] == ['rule "Late"']


def test_conditions_too_complex_to_check_are_named_and_nothing_is_claimed_of_them() -> None:
    blocks = tuple(
        Block("any", tuple(parse(f"lead.Field{number}__c is {value}") for number in (each, each + 1)))
        for each in range(0, 24, 2)
        for value in ["x"]
    )
    pool = Pool("P", (Member("ana@example.com"),))
    findings = lint(RuleSet(rules=(Rule("Wide", blocks, Target("pool", "P")),), pools={"P": pool}))
    assert [(finding.code, finding.record) for finding in findings] == [("too-complex", 'rule "Wide"')]
