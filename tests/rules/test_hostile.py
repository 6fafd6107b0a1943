"""Rules that nobody writes by accident: they must neither hang nor break the loader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules import conditions, normalize
from rules.clauses import compare, listed
from rules.decide import Scene
from rules.faults import LONGEST_TOLD, Fault, RuleFault
from rules.limits import MOST_CONDITIONS
from rules.linting.regions import Budget, TooComplex, uncovered
from rules.parsing import nodes, pool_reading, target_reading, yamltext
from rules.ruleset import LONGEST_TEXT, RuleSet, RuleSetError, Source, load, split
from rules.wording import templates, words
from tests.rules.make import CASES, USERS, decided, lead, ruleset
from tests.rules.test_conditions import read_or_refused
from tests.rules.test_decide import RULES
from tests.rules.test_ruleset import WHOLE

LONG = 100_000
SPACES = " " * LONG

linear = pytest.mark.timeout(10)
"""A quadratic pattern needs hours for LONG characters, so the limit tells a hang, not a slow machine."""


@linear
@pytest.mark.parametrize(
    ("find", "text"),
    [
        (listed._NAME.fullmatch, f'list{SPACES}"'),
        (listed._NAME.fullmatch, f'list a{SPACES}"'),
        (listed._NAME.fullmatch, f'list "a"{SPACES}"'),
        (listed._NAME.fullmatch, f'list "{"a" * LONG}'),
        (listed._NAME.fullmatch, f'list "{chr(92) * LONG}'),
        (listed._ITEM.match, f'{SPACES}"'),
        (listed._ITEM.match, f'a{SPACES}"'),
        (listed._ITEM.match, f'"a"{SPACES}"'),
        (listed._ITEM.match, f'"{chr(92) * LONG}'),
        (listed._ITEM.match, f"{'a' + chr(39) * LONG}["),
        (listed._SECOND.search, f"and{SPACES}not{SPACES}lead"),
        (listed._SECOND.search, "and " * LONG),
        (conditions._FIELD.match, f"{SPACES}."),
        (conditions._FIELD.match, "a" * LONG),
        (conditions._OPERATOR.match, f"{SPACES}is{SPACES}not{SPACES}emptyx"),
        (target_reading._TARGET.fullmatch, f"user{SPACES}\n"),
        (nodes.time_of, f"1{SPACES}minut"),
        (nodes.time_of, f"1 h{SPACES}x"),
        (nodes.time_of, "1h " * LONG),
        (pool_reading.CAP.fullmatch, f"1{SPACES}per{SPACES}"),
        (templates._PLACE.findall, "{" * LONG),
        (templates._PLACE.findall, f"{{{SPACES}"),
        (templates._PLACE.findall, f"{{a{SPACES}."),
        (templates._PLACE.findall, "{" + "a" * LONG),
        (yamltext._COMMENT_OR_BLANK.fullmatch, f"{SPACES}a"),
        (words._FULL_STOPS.findall, "." * LONG),
        (words._LINE_BREAK.findall, "\n" * LONG + "a"),
        (normalize._HOST.fullmatch, "a" * LONG),
        (normalize._HOST.fullmatch, "a." * LONG),
        (normalize._DOTTED.findall, "a." * LONG),
        (normalize._DOTTED.findall, "a.bb " * LONG),
        (normalize._TIGHT_AMPERSAND.findall, "a&" * LONG),
        (normalize._WEB_ENDING.findall, ".com" * LONG),
        (compare._INTEGER.fullmatch, "1" * LONG),
        (compare._DECIMAL.fullmatch, "1." * LONG),
    ],
)
def test_no_pattern_takes_more_than_linear_time(find: Callable[[str], object], text: str) -> None:
    find(text)


@linear
@pytest.mark.parametrize("inner", [f'[{SPACES}" ]', f'["a"{SPACES}", ]', f'list{SPACES}"', f'[{"a," * LONG}"]'])
def test_the_items_of_a_list_are_read_in_linear_time(inner: str) -> None:
    with pytest.raises(RuleFault):
        conditions._membership("lead.country", "in", inner)


def refused(*texts: str) -> tuple[Fault, ...]:
    with pytest.raises(RuleSetError) as caught:
        load([Source(f"r{number}", text) for number, text in enumerate(texts)])
    return caught.value.faults


@linear
@pytest.mark.parametrize("line", ['lead.country in [{} " ]', 'lead.country in list{}"'])
def test_a_condition_that_is_too_long_is_refused_with_its_place(line: str) -> None:
    (fault,) = refused(f"- rule: A\n  when:\n    - '{line.format(SPACES)}'\n  assign: keep\n")
    assert str(fault) == "r0, line 3, column 8: The line is longer than 2,000 characters. Put its values in a list."


def test_a_condition_may_be_as_long_as_the_limit() -> None:
    line = "lead.city is "
    assert conditions.parse(line + "x" * (conditions.LONGEST_LINE - len(line)))
    with pytest.raises(RuleFault, match="longer than"):
        conditions.parse(line + "x" * (conditions.LONGEST_LINE - len(line) + 1))


def test_a_record_may_be_as_long_as_the_limit() -> None:
    text = "- rule: A\n  assign: keep\n#"
    assert load([Source("r", text.ljust(LONGEST_TEXT, "x"))]).rules
    (fault,) = refused(text.ljust(LONGEST_TEXT + 1, "x"))
    assert (fault.line, fault.column, fault.message) == (1, 1, "The record is longer than 131,072 characters.")
    assert fault.remedy


@linear
@pytest.mark.parametrize(
    "text",
    [
        "- pool: A\n  members: [" + "".join(f"{n:x}@a.co," for n in range(10_000)) + "]\n",
        "- rule: A\n  assign: keep\n  when: " + "[" * LONG,
        "- rule: A\n  assign: keep\n  when:\n" + "  - lead.city in list B\n" * 4000,
        "- " * (LONG // 2),
        "? " * (LONG // 2),
        "- rule: A\n  assign: " + "x" * LONG,
        "- rule: A\n  " + "".join(f"{n}: 1\n  " for n in range(9_000)),
    ],
    ids=["members", "brackets", "lists", "dashes", "keys", "target", "unknown"],
)
def test_a_record_as_large_as_can_be_is_read_in_bounded_time(text: str) -> None:
    others = [f"- list: {number}\n  values: [{'x' * 1000}]\n" for number in range(20)]
    for fault in refused(text, *others, "- rule: Z\n  assign: pool Z\n"):
        assert len(fault.message) <= LONGEST_TOLD
        assert len(fault.remedy) <= LONGEST_TOLD


@linear
def test_the_values_of_a_long_list_are_read_once_and_not_for_each_condition() -> None:
    values = "- list: L\n  values: [" + ", ".join(f"v{n}" for n in range(15_000)) + "]\n"
    lines = "- rule: {}\n  assign: keep\n  when:\n" + "  - lead.city in list L\n" * MOST_CONDITIONS
    rules = load([Source("l", values), *(Source(f"r{n}", lines.format(n)) for n in range(25))]).rules
    first, *rest = (line for rule in rules for line in rule.when)
    assert isinstance(first, conditions.Condition)
    assert len(first.operands) == 15_000
    assert all(isinstance(other, conditions.Condition) and other.operands is first.operands for other in rest)


@linear
def test_cutting_values_along_thousands_of_conditions_is_counted_as_work() -> None:
    """Each question of the hints once cut all of them before it found that it may not."""
    cells, budget = 3_000, Budget(1_000)
    covers = [{"a": (1 << number) - 1, "b": 1} for number in range(1, cells)]
    with pytest.raises(TooComplex):
        uncovered({}, covers, {"a": (1 << cells) - 1, "b": 3}, budget)
    assert budget.left > -cells


@pytest.mark.parametrize("text", ["a: &a [x]\nb: &a [y]\n", "- rule: &a A\n- rule: &a B\n"])
def test_a_name_that_is_given_to_two_values_is_a_fault(text: str) -> None:
    with pytest.raises(RuleSetError) as told:
        split(text)
    assert "aliases are not used" in told.value.faults[0].message


NO_CHARACTER = "An escape in the quoted text stands for no character."
BROKEN = "This is not valid YAML: an escape stands for no character."


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("- rule: A\n  assign: keep\n  when: 'lead.city is \"\\ud800\"'\n", (3, 23), NO_CHARACTER),
        ("- rule: A\n  assign: keep\n  when: 'lead.city in [a, \"\\udfffx\"]'\n", (3, 23), NO_CHARACTER),
        ("- rule: A\n  assign: keep\n  when: 'lead.city in list \"\\u0000\"'\n", (3, 23), NO_CHARACTER),
        ('- rule: "\\ud800"\n  assign: keep\n', (1, 9), BROKEN),
        ('- rule: A\n  assign: pool "\\0"\n- "\\0"', (3, 3), BROKEN),
        ('- rule: A\n  "\\udc00": keep\n', (2, 3), BROKEN),
        ('- rule: "\\0"\n  assign: keep\n', (1, 9), BROKEN),
        ("- rule: A\n  assign: \ud800\n", (2, 11), "There is a character that YAML does not allow."),
        ("- rule: A\n  assign: x\x00\n", (2, 12), "There is a character that YAML does not allow."),
        ('- rule: A\n  assign: "\\U99999999"\n', (2, 14), "This is not valid YAML: a number is too large."),
        ("%YAML 1." + "1" * 5000 + "\n---\n- rule: A\n", (1, 9), "This is not valid YAML: a number is too large."),
    ],
)
def test_what_is_no_character_is_a_fault_with_its_place(text: str, place: tuple[int, int], message: str) -> None:
    (fault,) = refused(text)
    assert ((fault.line, fault.column), fault.message) == (place, message)
    assert fault.remedy
    if message != NO_CHARACTER:  # what stands in a condition is no matter of splitting
        with pytest.raises(RuleSetError):
            split(text)


def test_both_halves_of_an_escape_are_one_character() -> None:
    text = "- rule: A\n  assign: keep\n  when: 'lead.city is \"\\ud83d\\ude00\"'\n"
    assert ruleset(text).rules[0].when[0].holds({"lead.city": "😀"})[0]


def test_a_byte_order_mark_moves_no_place() -> None:
    assert [item.text for item in split("\ufeff" + WHOLE)] == [item.text for item in split(WHOLE)]
    assert [item.text for item in split("\ufeff{rule: A, assign: keep}")] == ["- {rule: A, assign: keep}\n"[:-1]]
    assert [(fault.line, fault.column) for fault in refused("\ufeffruel: A")] == [(1, 1)]


ANY = st.text(st.characters(), max_size=40)
"""All there is, halves of surrogate pairs, NUL and bidi marks among it."""

ESCAPES = st.sampled_from(
    ['"\\ud800"', '"\\U0011ffff"', '"\\x00"', "\ud800", "\x00", "\u2028", "\x85", "\ufeff", "\t", "\r", "'", '"',
     "[", "]", "{", "}", ",", ": ", " #", "- ", "&a ", "*a", "!!t ", "|\n", ">-\n", "? ", "%YAML 1.1\n---\n", "---\n",
     "...\n", "<<: ", "in list ", 'in ["\\udbff"]', "9" * 5000, "lead.", "1e999", ".nan", "٣", "any: ", "pool ",
     "user ", "{lead.", "@"]
)  # fmt: skip
SEEDS = [WHOLE, RULES, *(text for case in CASES.glob("*.yaml") for text in [case.read_text(encoding="utf-8")])]
RECORDS = [item.text for text in (WHOLE, RULES) for item in split(text)]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A record that was right, with a few pieces cut out, put in or copied."""
    text = draw(st.sampled_from(RECORDS))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(ESCAPES | ANY | st.just(text[start:end] * 2)) + text[end:]
    return text


def read(load_: Callable[[Any], object], source: Any) -> object:
    try:
        return load_(source)
    except RuleSetError as error:
        for fault in error.faults:
            assert fault.line >= 1
            assert fault.column >= 1
            assert fault.message
        return None


@given(st.lists(mutated() | ANY, min_size=1, max_size=3))
@example(["- rule: A\n  assign: keep\n  when: 'lead.city is \"\\ud800\"'"])
@example(['- rule: "\\ud800"'])
@example(["\ud800"])
@example(['- rule: "\\Uffffffff"'])
@settings(max_examples=300, deadline=None)
def test_whatever_the_texts_are_they_load_or_are_refused(texts: list[str]) -> None:
    loaded = read(load, [Source(f"r{number}", text) for number, text in enumerate(texts)])
    if isinstance(loaded, RuleSet):
        assert decided(lead(city="Rome"), Scene(loaded, USERS, "act")).route.reason
    for text in texts:
        read(split, text)


@given(ANY)
def test_whatever_a_condition_says_it_is_read_or_refused(text: str) -> None:
    for whole in (text, f"lead.city {text}", f"lead.city in {text}", f'lead.city is "{text}"', f"lead.X__c > {text}"):
        told = read_or_refused(whole)
        assert (told.line, told.column >= 5) == (7, True) if isinstance(told, RuleFault) else told.canonical
