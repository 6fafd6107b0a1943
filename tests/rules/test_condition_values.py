from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rules import fields
from rules.clauses import patterns
from rules.clauses.facts import Facts
from rules.clauses.operators import SPELLINGS, UNARY
from rules.conditions import OPERATORS, Block, parse
from rules.faults import RuleFault
from rules.linting.doubts import doubts
from rules.model import Candidate, Match, Record, Value, Verdict
from rules.normalizing import languages, postal
from rules.normalizing.numbers import least, written
from rules.parsing.condition_reading import DEEPEST, ConditionReader
from rules.wording import phrases, templates


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("50k", 50_000), ("1.5m", 1_500_000), ("$50,000", 50_000), ("€ 1.000.000", 1_000_000), ("USD 3bn", 3 * 10**9),
        ("1 000 000", 1_000_000), ("1'000'000 CHF", 1_000_000), ("1.000,50 EUR", 1000.5), ("-2 million", -2_000_000),
        ("0.9", 0.9),
        ("5,00", None), ("1,5m", None), ("007", None), ("1e5", None), ("", None), ("k", None), ("5 000 00", None),
    ],
)  # fmt: skip
def test_only_a_spelling_that_means_one_number_is_one(text: str, number: float | None) -> None:
    assert written(text) == number


def test_a_range_counts_by_its_lower_end() -> None:
    texts = [
        "1000-5000",
        "1,001 - 5,000",
        "10,000+",
        "51 to 200 employees",
        "5000-1000",
        "unknown",
        "Group A-B",
        None,
        True,
    ]
    assert [least(text) for text in texts] == [1000, 1001, 10000, 51, None, None, None, None, None]


def test_thousands_of_postal_codes_are_one_look_each() -> None:
    codes = postal.codes([*(f"{n:05}-{n + 4:05}" for n in range(10_000, 90_000, 10)), "SW*", "01067"])
    assert [codes.holds(code) for code in ("10004", "10005", "89994", "SW1A1AA", "01067", "SX1", "1000", "1000A")] == [
        True, False, True, True, True, False, False, False,
    ]  # fmt: skip
    (_, lows, highs) = postal.codes(["10-30", "20-40", "50-60"]).ranges[0]
    assert (lows, highs) == (("10", "50"), ("40", "60"))


@pytest.mark.timeout(10)
@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(.*)*x", "(a?){200}a{200}", "((a{1,30}){1,30})x"])
def test_no_pattern_takes_more_than_linear_time(pattern: str) -> None:
    assert parse(f'lead.title matches "{pattern}"').holds({"lead.title": "a" * 60_000 + "!"})[0] in {True, False}


def test_a_pattern_that_is_too_long_or_too_large_is_refused() -> None:
    with pytest.raises(RuleFault, match="longer than"):
        parse(f"lead.title matches {'x' * (patterns.LONGEST_PATTERN + 1)}")
    with pytest.raises(RuleFault, match=r"too large|repetition"):
        parse(r'lead.title matches "((\pL{500}\pN{500}){2}){500}"')


def test_every_spelling_of_an_operator_is_read() -> None:
    rest = {"in": "[x]", "not in": "[x]", "between": "1 and 2", "within last": "2 days", "within next": "2 days"}
    for spelling, operator in SPELLINGS.items():
        value = "" if operator in UNARY else "2026-01-31" if operator in "<>" else rest.get(operator, "x")
        value = "[x, y]" if spelling.endswith(" of") else value
        assert parse(f"lead.Own__c {spelling} {value}").operator == operator
    assert set(SPELLINGS.values()) == set(OPERATORS)


def test_facts_are_read_once_and_do_not_change() -> None:
    known = Facts({"lead.country": "Frankreich"})
    assert parse("lead.country is FR").test(known)
    assert known.read == {"lead.country\ncountry": "FR"}
    assert parse("lead.country is not France").test(known) is False
    with pytest.raises(TypeError, match="do not change"):
        known["lead.country"] = "Spain"
    again = pickle.loads(pickle.dumps(known))  # noqa: S301 - our own bytes
    assert (again, again.read) == (known, {})


def test_a_condition_can_be_copied_after_it_was_asked() -> None:
    block = Block("any", (parse("lead.country in [FR, ES]"), parse('lead.email matches "@acme"')))
    assert not block.test(Facts({}))
    for other in (copy.deepcopy(block), pickle.loads(pickle.dumps(block))):  # noqa: S301 - our own bytes
        assert other == block
        assert other.test(Facts({"lead.email": "a@ACME.com"}))


def test_unknown_names_are_doubts_and_no_faults() -> None:
    part = Block("all", (parse("lead.country in [Frankrich, FR, UK]"), parse("lead.state is Kalifornya")))
    assert [(doubt.value, doubt.remedy) for doubt in doubts(part)] == [
        ("Frankrich", "Did you mean France?"), ("Kalifornya", "Did you mean California?"),
    ]  # fmt: skip
    assert [each.message for each in doubts(parse("lead.language is Elvish"))] == [
        "“Elvish” is no language that we know."
    ]
    fine = ("lead.state is WA", "lead.state is Limburg", "lead.language is fr-CA", "lead.country contains land")
    assert [doubts(parse(line)) for line in fine] == [()] * 4


def test_blocks_may_stand_in_blocks_so_deep_and_no_deeper() -> None:
    def written_so(depth: int) -> yaml.Node:
        node = yaml.compose("{not: " * depth + "[lead.city is Rome]" + "}" * depth)
        assert node is not None
        return node

    def faults(depth: int) -> list[str]:
        reader = ConditionReader("r")
        reader.conditions_of(written_so(depth))
        return [fault.message for fault in reader.faults]

    assert faults(DEEPEST) == []
    assert faults(DEEPEST + 1) == [f"There are more than {DEEPEST} blocks in one another."]


def test_the_facts_tell_what_the_records_hold() -> None:
    account = Record("account", "A", {"name": "Acme", "opportunity.name": "Lake", "opportunity.amount": 9})
    contact = Record("contact", "C", {"title": "CFO", "city": "Rome", "Own__c": "x"})
    match = Match("matched", Candidate("A", "Acme", None, 0.99))
    lead = Record("lead", "L", {"score": 7})
    now = datetime(2026, 3, 1, tzinfo=UTC)
    told = fields.facts(
        lead,
        account=account,
        match=match,
        duplicate=Verdict("same"),
        event={"now": now, "changed": ""},
        contact=contact,
    )
    asked = ("opportunity.is_open", "opportunity.amount", "contact.city", "event.now")
    assert [told.get(name) for name in asked] == [True, 9, "Rome", now]
    assert "contact.Own__c" not in told
    bare = fields.facts(lead, account=None, match=Match("none"), duplicate=Verdict("different"), event={})
    assert bare["opportunity.is_open"] is False
    assert parse("lead.score >= 7").test(bare)
    assert [fields.is_custom(name) for name in ("lead.score", "lead.Own__c", "lead.revenue")] == [True, True, False]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("lead.employees between 50 and 2000", "with 50 to 2,000 employees"),
        ("lead.revenue between 1m and 2m", "whose revenue is between 1,000,000 and 2,000,000"),
        ("lead.created_at within last 7 days", "whose created at is within the last 7 days"),
        ("lead.status changed", "whose status changed"),
        ("lead.title does not contain intern", "whose title does not contain intern"),
        ("lead.country matches land$", "whose country matches land$"),
        ("lead.country is empty", "whose country is empty"),
    ],
)
def test_new_operators_are_told_in_words(line: str, told: str) -> None:
    assert phrases.phrase(parse(line), {}) == told


def test_templates_know_the_other_names_of_fields() -> None:
    assert templates.unknown("{lead.annual_revenue} {contact.title} {opportunity.stage} {lead.nothing}") == (
        "lead.nothing",
    )
    assert templates.fill("{lead.zip} {opportunity.stage}", {"lead.postal_code": "75001"}) == "75001 (no stage)"


@given(st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC)), st.integers(0, 500))  # noqa: DTZ001
def test_within_last_days_counts_from_now(now: datetime, days: int) -> None:
    condition = parse("lead.created_at within last 90 days")
    told: dict[str, Value] = {"event.now": now, "lead.created_at": now - timedelta(days=days)}
    assert condition.test(Facts(told)) is (days <= 90)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("French", "fr"), ("FRANÇAIS", "fr"), ("fra", "fr"), ("fre", "fr"), ("fr_FR", "fr-FR"), ("Französisch", "fr"),
        ("French (Canada)", "fr-CA"), ("Canadian French", "fr-CA"), ("English - United States", "en-US"),
        ("Portuguese (Brazil)", "pt-BR"), ("português", "pt"), ("Chinese (Traditional)", "zh-hant"), ("zh-tw", "zh-TW"),
        ("Simplified Chinese", "zh-hans"), ("nb", "no"), ("Norsk bokmål", "no"), ("he", "he"), ("iw", "he"),
        ("Elvish", ""), ("", ""), ("x", ""), ("12", ""),
    ],
)  # fmt: skip
def test_a_language_is_known_in_any_spelling(text: str, tag: str) -> None:
    assert languages.language(text) == tag


def test_several_values_are_told_with_the_word_that_the_operator_means() -> None:
    told = {
        "lead.title contains all of [VP, Sales]": "whose title contains VP and Sales",
        "lead.title contains [VP, Sales]": "whose title contains VP or Sales",
        "lead.title does not contain [VP, Sales]": "whose title does not contain VP or Sales",
    }
    assert {line: phrases.phrase(parse(line), {}) for line in told} == told
