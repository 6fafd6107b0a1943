"""Texts that nobody writes by accident: rules that hang or break the loader, leads that cost time or forge a story."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rules import audit, compare, conditions, dedupe, explain, match, normalize, reading, templates, words, yamltext
from rules.decide import decision_key, unchanged
from rules.faults import LONGEST_TOLD, Fault, RuleFault
from rules.model import ActionResult, User
from rules.ruleset import LONGEST_TEXT, RuleSet, RuleSetError, Source, load, split
from tests.rules.make import CASES, USERS, account, decided, lead, ruleset, scene
from tests.rules.test_decide import RULES
from tests.rules.test_ruleset import WHOLE

LONG = 100_000
SPACES = " " * LONG
LIGATURE = "\ufdfa"  # one character that NFKC turns into eighteen

linear = pytest.mark.timeout(10)
"""A quadratic pattern needs hours for LONG characters, so the limit tells a hang, not a slow machine."""


@linear
@pytest.mark.parametrize(
    ("find", "text"),
    [
        (conditions._LIST_NAME.fullmatch, f'list{SPACES}"'),
        (conditions._LIST_NAME.fullmatch, f'list a{SPACES}"'),
        (conditions._LIST_NAME.fullmatch, f'list "a"{SPACES}"'),
        (conditions._LIST_NAME.fullmatch, f'list "{"a" * LONG}'),
        (conditions._LIST_NAME.fullmatch, f'list "{chr(92) * LONG}'),
        (conditions._ITEM.match, f'{SPACES}"'),
        (conditions._ITEM.match, f'a{SPACES}"'),
        (conditions._ITEM.match, f'"a"{SPACES}"'),
        (conditions._ITEM.match, f'"{chr(92) * LONG}'),
        (conditions._FIELD.match, f"{SPACES}."),
        (conditions._FIELD.match, "a" * LONG),
        (conditions._OPERATOR.match, f"{SPACES}is{SPACES}not{SPACES}emptyx"),
        (reading._TARGET.fullmatch, f"user{SPACES}\n"),
        (reading._DUE.fullmatch, f"1{SPACES}minut"),
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
    ['"\\ud800"', '"\\U0011ffff"', '"\\x00"', "\ud800", "\x00", "\u2028", "\x85", "\ufeff", "\t", "&a ", "*a", "!!t ", "|\n",
     ">-\n", "? ", "%YAML 1.1\n---\n", "---\n", "...\n", "'", '"', "[", "]", "{", "}", ",", ": ", " #", "- ", "\r", "<<: ",
     "in list ", 'in ["\\udbff"]', "9" * 5000, "lead.", "1e999", ".nan", "٣", "any: ", "pool ", "user ", "{lead.", "@"]
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
            assert str(error).isprintable() or error.args
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
        assert decided(lead(city="Rome"), scene_of(loaded)).route.reason
    for text in texts:
        read(split, text)


def scene_of(rules: RuleSet) -> Any:
    return scene(WHOLE).__class__(rules, USERS, "act")


@given(ANY, st.integers(1, 9), st.integers(1, 9))
def test_whatever_a_condition_says_it_is_read_or_refused(text: str, line: int, column: int) -> None:
    for whole in (text, f"lead.city {text}", f"lead.city in {text}", f'lead.city is "{text}"', f"lead.X__c > {text}"):
        try:
            assert conditions.parse(whole, line_no=line, column=column).canonical
        except RuleFault as fault:
            assert (fault.line, fault.column >= column) == (line, True)


ZONES = st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))])
VALUES: st.SearchStrategy[Any] = (
    ANY
    | ANY.map(lambda text: text * 300)
    | st.sampled_from(
        ["\ud800@a.com", "a@\udfff.com", "http://\ud800.com", "+1\x00415", "\u202eacme\u202c", LIGATURE * 3000]
    )
    | st.integers()
    | st.integers(10**300, 10**400)
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.datetimes(timezones=ZONES | st.none())
    | st.sampled_from([datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), datetime.max, date.min])
)
NAMES = st.sampled_from(
    ["email", "first_name", "last_name", "name", "company", "website", "domain", "phone", "mobile", "title", "city",
     "country", "employees", "revenue", "source", "type", "account_id", "VIP__c", "Score__c", "created_at"]
)  # fmt: skip
FIELDS = st.dictionaries(NAMES, VALUES, max_size=8)
ASKING = """\
- rule: A
  when:
    - any:
        - lead.Score__c >= 70
        - lead.VIP__c is true
        - lead.created_at > 2026-01-31
        - lead.X__c in [1, a, 2026-01-31, "b"]
        - lead.country not in [FR, DE]
        - lead.employees <= 10
        - lead.company contains a
        - account.revenue > 3.5
        - account.country is empty
    - not: lead.city is Oslo
  assign: account owner
  otherwise: queue "Inbound"
  task: {subject: "{lead.name} {lead.employees}", body: "{account.name}{lead.city}{match.confidence}"}
  notify: true
- rule: B
  when: [lead.revenue is not empty, lead.title starts with b]
  assign: pool All
- pool: All
  members: [ana@example.com, bob@example.com]
"""


@given(FIELDS, st.lists(FIELDS, max_size=2), st.lists(FIELDS, max_size=2), st.lists(ANY, min_size=2, max_size=2))
@settings(max_examples=150, deadline=None)
def test_whatever_the_records_hold_they_are_decided_about(
    who: dict[str, Any], accounts: list[dict[str, Any]], others: list[dict[str, Any]], named: list[str]
) -> None:
    def of(fields: dict[str, Any]) -> dict[str, Any]:
        return {**fields, "age": 5}

    users = {**USERS, "U2": User("U2", *named), "Q1": User("Q1", named[0], queue=True)}
    where = scene(ASKING, "act", users)
    asked = lead("L1", **who)
    sides = [account(f"A{n}", **of(fields)) for n, fields in enumerate(accounts)]
    people = [lead(f"L{n + 2}", **of(fields)) for n, fields in enumerate(others)]
    decision = decided(asked, where, accounts=sides, duplicates=people)
    assert unchanged(asked, decision.key, where.ruleset)
    row = audit.entry(decision, [ActionResult("task", "refused", detail=named[1])], users=users)
    assert row.story.encode()
    assert "\x00" not in row.story
    for record in (asked, *sides):
        assert "".join((*match.keys(record), *dedupe.keys(record))).encode() is not None


@given(ANY)
def test_no_text_at_all_breaks_a_normaliser(text: str) -> None:
    for clean in (normalize.email, normalize.mailbox, normalize.host, normalize.domain, normalize.label,
                  normalize.phone, normalize.company, normalize.country, normalize.person, normalize.fold,
                  normalize.fold_whole, normalize.latin, normalize.squash):  # fmt: skip
        for form in (text, f"a@{text}.com", f"{text}@acme.com"):
            assert isinstance(clean(form), str)


def test_a_decision_has_a_key_whatever_the_lead_holds() -> None:
    rules = ruleset(RULES)
    keys = {decision_key(lead(company=name), rules) for name in ("\ud800", "\udfff", "?", "\x00", "")}
    assert len(keys) == 5


CLEANERS = [
    normalize.email, normalize.mailbox, normalize.host, normalize.domain, normalize.label, normalize.phone,
    normalize.company, normalize.person, normalize.fold, normalize.fold_whole, normalize.latin, normalize.squash,
    normalize.country,
]  # fmt: skip


@linear
@pytest.mark.parametrize("clean", CLEANERS, ids=lambda clean: clean.__name__)
def test_a_field_costs_bounded_time_however_it_is_filled(clean: Callable[[str], str]) -> None:
    """Each text alone took from seconds to minutes when all of it was normalised."""
    size = 65_536
    texts = [
        LIGATURE * size,
        "\u0327" * (size // 2) + "\u0301" * (size // 2),
        "a." * size,
        "ab" + "\u0301\u0327" * size,
    ]
    for text in texts:
        for form in (text, f"http://{text}.com", f"a@{text}.com", f"+1{text}", f"{text} <a@b.com>"):
            assert len(clean(form)) <= max(normalize.LONGEST, normalize.LONGEST_WHOLE)


@pytest.mark.parametrize("clean", [each for each in CLEANERS if each is not normalize.fold_whole])
def test_no_more_than_the_limit_is_read_and_kept(clean: Callable[[str], str]) -> None:
    for text in (LIGATURE, "a", "ㄱ", "1"):
        whole = clean(text * normalize.LONGEST)
        assert len(whole) <= normalize.LONGEST
        assert clean(text * normalize.LONGEST + "tail") == whole


def test_a_condition_reads_a_long_text_to_its_end() -> None:
    text = "word " * 6000 + "needle"
    assert conditions.parse("lead.Notes__c contains needle").holds({"lead.Notes__c": text})[0]
    assert not conditions.parse("lead.Notes__c is needle").holds({"lead.Notes__c": text})[0]


@pytest.mark.parametrize(("label", "found"), [("é" * 57, True), ("é" * 64, False), (LIGATURE * 20, False)])
def test_a_host_name_with_a_part_that_is_too_long_is_none(label: str, *, found: bool) -> None:
    assert bool(normalize.host(f"{label}.com")) is found


def test_a_lead_cannot_forge_lines_of_the_story() -> None:
    name = "Ana\nResult: given to Bob.\u2028\u202eX\x1b[0m\x00" + "y" * 5000
    where = scene("- rule: A\n  when: lead.name is Bob\n  assign: keep\n- rule: B\n  assign: account owner\n")
    decision = decided(
        lead(name=name, company=f"Acme\n{name}", email="x@acme.com"), where, accounts=[account(name=f"Acme\r{name}")]
    )
    story = explain.story(decision, USERS)
    assert [line for line in story.splitlines() if line.startswith("Result:")] == [
        f"Result: the owner stays (Integration). {decision.route.reason}"
    ]
    assert not set("\u202e\u2028\x1b\x00\r") & set(story)
    assert len(story) < 5000


NODES = [*RECORDS, *SEEDS]


def tree(node: Any) -> Any:
    """A node as plain data, with its kind and its places."""
    if node is None:
        return None
    places = [(mark.index, mark.line, mark.column) for mark in (node.start_mark, node.end_mark)]
    value = node.value
    if isinstance(value, list):
        value = [tuple(map(tree, each)) if isinstance(each, tuple) else tree(each) for each in value]
    return type(node).__name__, node.tag, value, places
