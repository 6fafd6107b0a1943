from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import normalize
from rules.clauses.facts import Facts
from rules.clauses.operators import ALLOWED, UNARY
from rules.conditions import Block, Condition, parse
from rules.faults import RuleFault
from rules.fields import CANONICAL, FieldType, type_of
from rules.model import Value
from tests.rules.make import cases


@pytest.mark.parametrize("case", cases("conditions"), ids=lambda case: f"{case['line']} | {case['facts']}")
def test_a_condition_holds_or_not_and_says_what_it_found(case: dict[str, Any]) -> None:
    condition = parse(case["line"])
    assert condition.holds(case["facts"]) == (case["holds"], case["found"])
    known = Facts(case["facts"])
    assert [condition.test(known), condition.test(known)] == [case["holds"]] * 2
    assert str(condition) == case["line"]
    assert parse(condition.canonical) == condition
    assert parse(condition.canonical).canonical == condition.canonical


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
CODES = st.sampled_from(
    ["75*", "SW1*", "92000-92999", "01-09", "SW1A 1AA", "12-345", "01310-100", "94105-1234", "K1A 0B1"]
)
NUMBERS = st.integers(-(10**12), 10**12) | st.decimals(-(10**6), 10**6, places=4).map(float)
TIMES = st.dates() | st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
OPERANDS: dict[FieldType, st.SearchStrategy[Any]] = {
    "text": TEXTS, "country": TEXTS | st.sampled_from(["FR", "Deutschland", "UK"]),
    "state": TEXTS | st.sampled_from(["CA", "Bayern", "WA"]), "language": TEXTS | st.sampled_from(["fr", "pt-BR"]),
    "postal": CODES, "number": NUMBERS, "bool": st.booleans(), "time": TIMES,
    "any": TEXTS | NUMBERS | st.booleans() | TIMES,
}  # fmt: skip
SPANS = st.builds(
    "{} {}s".format, st.integers(2, 99999), st.sampled_from(["minute", "hour", "day", "week", "month", "year"])
)
PATTERNS = st.sampled_from(["^a.c$", "(vp|head) of", r"\d+\s*$", r"@acme\.com$", '[^"]', "a'b"]).map(
    lambda text: text.replace('"', '\\"')
)
NAMES = [
    (f"{scope}.{name}", kind) for scope in sorted(CANONICAL) for name, kind in sorted(CANONICAL[scope].items())
] + [("lead.Own__c", "any"), ("account.Own__c", "any")]  # fmt: skip


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    """Any condition that there may be: every field, every operator that fits it, every kind of value."""
    name, kind = draw(st.sampled_from(NAMES))
    fitting = sorted(ALLOWED[kind] if name.startswith("lead.") else ALLOWED[kind] - {"changed"})
    operator = draw(st.sampled_from(fitting))
    if operator in UNARY:
        return Condition(name, operator)
    if operator in {"within last", "within next"}:
        return Condition(name, operator, (draw(SPANS),))
    if operator == "matches":
        return Condition(name, operator, (draw(PATTERNS),))
    if operator == "between":
        ends: dict[str, st.SearchStrategy[list[Any]]] = {
            "postal": st.just(["10000", "19999"]),
            "any": st.just([1, 2]),
            "number": st.lists(NUMBERS, min_size=2),
        }
        pair = draw(ends.get(kind, st.lists(st.dates(), min_size=2, max_size=2)))
        return Condition(name, operator, tuple(sorted(pair)[:2]))
    listed = {"contains", "does not contain", "starts with", "ends with", "contains all of"}
    if operator in listed:
        return Condition(name, operator, tuple(draw(st.lists(OPERANDS[kind], min_size=1, max_size=3))))
    if operator not in {"in", "not in"}:
        return Condition(name, operator, (draw(OPERANDS[kind]),))
    if draw(st.booleans()):
        return Condition(name, operator, list_name=draw(TEXTS))
    return Condition(name, operator, tuple(draw(st.lists(OPERANDS[kind], min_size=1, max_size=4))))


@given(conditions())
def test_every_condition_is_printed_so_that_it_can_be_read_back(condition: Condition) -> None:
    again = parse(str(condition))
    assert again == condition
    assert str(again) == str(condition)


FACTS: st.SearchStrategy[Value] = st.none() | TEXTS | NUMBERS | st.booleans() | st.datetimes() | st.dates()


@given(conditions(), FACTS)
def test_no_value_breaks_a_condition(condition: Condition, value: Value) -> None:
    told: dict[str, Value] = {"event.now": datetime(2026, 3, 1, tzinfo=UTC), condition.field: value}
    held, found = condition.holds(told)
    assert held is condition.test(Facts(told))
    assert found


@given(conditions(), FACTS)
def test_what_is_not_held_is_held_by_the_opposite(condition: Condition, value: Value) -> None:
    opposites = {"is": "is not", "==": "!=", "in": "not in", "contains": "does not contain", "is empty": "is not empty"}
    if other := opposites.get(condition.operator):
        told = {condition.field: value}
        opposite = Condition(condition.field, other, condition.operands, condition.list_name)
        assert condition.holds(told)[0] is not opposite.holds(told)[0]


@given(conditions().filter(lambda each: type_of(each.field) in {"text", "any"} and each.operator != "matches"), TEXTS)
def test_case_accents_and_width_change_nothing(condition: Condition, text: str) -> None:
    once = condition.holds({condition.field: text})[0]
    dressed = {text.swapcase().swapcase(), f" {text}  ", unicodedata.normalize("NFD", text)}
    for other in dressed:
        if normalize.fold(other) == normalize.fold(text):
            assert condition.holds({condition.field: other})[0] is once or condition.operator.endswith("empty")


@pytest.mark.parametrize("value", ["SÃO PAULO", "sao paulo", "Sa\u0303o  Paulo", "\uff33ÃO \uff50aulo"])
@pytest.mark.parametrize(
    "line",
    [
        "lead.city is São Paulo", "lead.city in [sao paulo, x]", "lead.city contains ÃO P", "lead.city starts with são",
        "lead.city ends with PAULO", 'lead.city matches "SAO +paulo"', "lead.city does not contain rio",
        "lead.Town__c is são paulo",
    ],
)  # fmt: skip
def test_a_text_is_the_same_in_any_case_and_dress(line: str, value: str) -> None:
    condition = parse(line)
    assert condition.holds({condition.field: value})[0]


@given(st.text(max_size=60))
def test_any_line_parses_or_is_refused_with_place_and_remedy(line: str) -> None:
    told = read_or_refused(f"lead.{line}")
    if isinstance(told, Condition):
        assert str(told) == f"lead.{line}".strip()
    else:
        assert told.line == 7
        assert 5 <= told.column <= 5 + len(line) + 6
        assert told.message
        assert told.remedy


def read_or_refused(line: str) -> Condition | RuleFault:
    try:
        return parse(line, line_no=7, column=5)
    except RuleFault as fault:
        return fault


@pytest.mark.parametrize(
    ("line", "column", "message", "remedy"),
    [
        ("lead.emial is x", 1, "There is no field lead.emial.", "Did you mean lead.email?"),
        ("lead.Compnay is x", 1, "There is no field lead.Compnay.", "Did you mean lead.company?"),
        ("lead.Frist_Name is x", 1, "There is no field lead.Frist_Name.", "Did you mean lead.first_name?"),
        ("account.employes > 3", 1, "There is no field account.employes.", "Did you mean account.employees?"),
        ("leed.country is FR", 1, "There is no field leed.country.", "Did you mean lead.country?"),
        ("country is FR", 1, "There is no field country.", "Did you mean lead.country?"),
        ("kind is FR", 1, "There is no field kind.", "Did you mean duplicate.kind?"),
        ("colour is red", 1, "There is no field colour.", "Fields begin with lead. or account."),
        ("match.confidense > 1", 1, "There is no field match.confidense.", "Did you mean match.confidence?"),
        (
            "match.colour is red",
            1,
            "There is no field match.colour.",
            "Known are: status, confidence, account_id, account_name.",
        ),
        ("lead.country resembles FR", 14, "There is no operator “resembles”.", ""),
        ("lead.title startswith VP", 12, "There is no operator “startswith”.", "Did you mean “starts with”?"),
        ("lead.title contain VP", 12, "There is no operator “contain”.", "Did you mean “contains”?"),
        ("lead.country", 13, "An operator is missing.", ""),
        ("lead.country is", 16, "A value is missing after “is”.", "Write it like lead.country is …"),
        ("lead.country in FR", 17, "“in” needs a list.", 'Write [A, B] or list "Name" after “in”.'),
        ("lead.country in []", 17, "The list is empty.", "Write at least one value."),
        ("lead.country in [FR,,DE]", 21, "The list cannot be read here.", "Separate values by commas; quote commas."),
        (
            "lead.employees >= many",
            19,
            "lead.employees is a number, and “many” is not.",
            "Write a number such as 5000 or 0.9, without quotes.",
        ),
        (
            'lead.employees >= "5000"',
            19,
            "lead.employees is a number, and “5000” is not.",
            "Write a number such as 5000 or 0.9, without quotes.",
        ),
        ("lead.converted is maybe", 19, "lead.converted is a bool, and “maybe” is not.", "Write yes or no."),
        (
            "lead.created_at > today",
            19,
            "lead.created_at is a time, and “today” is not.",
            "Write a date such as 2026-01-31.",
        ),
        ("lead.created_at > 2026-02-30", 19, "There is no day 2026-02-30.", "Write a date such as 2026-01-31."),
        ("lead.company > 5", 16, "“>” does not fit lead.company (text).", ""),
        ("lead.employees contains 5", 25, "“contains” does not fit lead.employees (number).", ""),
        ('lead.company is "Acme', 17, "A quote is not closed.", ""),
        ("lead.company is empty now", 23, "Nothing may follow “is empty”.", "Put a text that says “empty” in quotes."),
        ("", 1, "A condition begins with a field.", "Write it like lead.country is France."),
        ('lead.email matches "[a-z"', 21, "The pattern cannot be read: missing ]: [a-z.", ""),
        ("lead.email matches acme)", 20, "The pattern cannot be read: unexpected ): acme).", ""),
        ('lead.email matches "a(?=b)"', 22, "The pattern cannot be read: invalid perl operator: (?=.", ""),
        ('lead.email matches "a"b"', 21, "A quote stands inside the pattern.", 'Write \\" for a quote.'),
        ('lead.email matches ""', 21, "The pattern is empty.", "Write what is looked for."),
        ("lead.revenue >= 1.000", 17, "“1.000” may be 1000 or 1.0000.", "Write 1000, or 1.0000."),
        ("lead.revenue > €1.000", 16, "“€1.000” may be 1000 or 1.0000.", "Write 1000, or 1.0000."),
        ("lead.revenue > 5 apples", 16, "lead.revenue is a number, and “5 apples” is not.", ""),
        ("lead.employees between 5", 24, "“between” needs two values.", ""),
        ("lead.employees between 9 and 5", 24, "The range from 9 to 5 runs backwards.", "Write the lower value first."),
        ("lead.X__c between 5 and 2026-01-01", 19, "“5” and “2026-01-01” are no range.", ""),
        ("lead.X__c between a and b", 19, "“a” and “b” are no range of postal codes.", ""),
        ("lead.zip between 20000 and 10000", 18, "The range from 20000 to 10000 runs backwards.", "Write 10000 first."),
        ("lead.zip between 1000 and 19999", 18, "“1000” and “19999” are no range of postal codes.", ""),
        ("lead.postal_code in [*]", 21, "“*” is every postal code.", ""),
        ("lead.postal_code is 92999-92000", 21, "The range from 92999 to 92000 runs backwards.", ""),
        ("lead.created_at within last week", 29, "“week” is no span of time.", ""),
        ("lead.created_at within last 0 days", 29, "“0 days” is no span of time.", ""),
        ("lead.employees within last 3 days", 28, "“within last” does not fit lead.employees (number).", ""),
        ("account.name changed", 21, "Nobody says whether account.name changed.", "Ask it of a field of the lead."),
        ("lead.title changed now", 20, "Nothing may follow “changed”.", ""),
        ("lead.employees before 5", 23, "“before” does not fit lead.employees (number).", ""),
        ("lead.X__c before 5", 18, "After “before” a date is missing.", "Write it like lead.X__c before 2026-01-31."),
        ("lead.created_at > 2026-01-31 10:00 Europe/Pariss", 19, "There is no time zone Europe/Pariss.", ""),
        ("lead.created_at > 2026-01-31T25:00", 19, "There is no moment 2026-01-31T25:00.", ""),
        ("lead.country is in EMEA", 20, "“in” needs a list.", ""),
        ("lead.company matchs x", 14, "There is no operator “matchs”.", "Did you mean “matches”?"),
        (
            "lead.city is Paris and lead.title is CEO",
            20,
            "Here a second condition begins.",
            "Write two lines.",
        ),
        (
            "lead.city is Paris || account.type is A",
            20,
            "Here a second condition begins.",
            "Write any: with the two below it, each on a line of its own.",
        ),
        ("lead.title is empty AND NOT lead.city is Rome", 21, "Here a second condition begins.", "Write two lines."),
        ("lead.employees >= 50 or match.status is none", 22, "Here a second condition begins.", ""),
        ("lead.city in [Paris, Lyon] and lead.zip is 7*", 28, "Here a second condition begins.", ""),
        ("not lead.country is Spain", 1, "A line cannot begin with “not”.", ""),
        ("lead.city is [Paris, Lyon", 14, "The list cannot be read.", ""),
        ("lead.city contains any of Paris", 27, "The list cannot be read.", ""),
        ('lead.city contains all of list "A"', 27, "The list cannot be read.", ""),
        ("lead.employees > [5]", 18, "No list may follow “>”.", ""),
        (
            "lead.company is [not provided]",
            17,
            "“[not provided]” may be a list or a text.",
            'Write "[not provided]" for the text.',
        ),
        (
            "lead.created_at > 31/12/2026",
            19,
            "lead.created_at is a time, and “31/12/2026” is not.",
            "Write 2026-12-31.",
        ),
        ("lead.created_at before 1.2.2026", 24, "After “before” a date is missing.", "Write 2026-02-01 or 2026-01-02."),
        ("lead.Renewal__c >= 12/31/2026", 20, "“12/31/2026” is no date that can be read.", "Write 2026-12-31."),
        ("lead.email matches /a/x", 23, "“x” after the pattern is not known.", ""),
        ("lead.annual_revenu > 5", 1, "There is no field lead.annual_revenu.", "Did you mean lead.annual_revenue?"),
    ],
)
def test_a_fault_says_where_and_what_to_write_instead(line: str, column: int, message: str, remedy: str) -> None:
    with pytest.raises(RuleFault) as caught:
        parse(line)
    assert (caught.value.column, caught.value.message) == (column, message)
    assert caught.value.remedy == remedy or (not remedy and caught.value.remedy)


@pytest.mark.parametrize(
    "name",
    ["lead.Region__c", "lead.ns__Region__c", "lead.email__c", "lead.hs_lead_label", "account.Rating", "lead.stage"],
)
def test_custom_fields_go_by_their_api_name(name: str) -> None:
    assert parse(f"{name} is x").field == name


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ("lead.Email", "lead.email"), ("LEAD.LeadSource", "lead.source"), ("lead.NumberOfEmployees", "lead.employees"),
        ("lead.numberofemployees", "lead.employees"), ("lead.jobtitle", "lead.title"), ("lead.zip", "lead.postal_code"),
        ("account.BillingCountry", "account.country"), ("account.hs_parent_company_id", "account.parent_id"),
        ("contact.MailingCity", "contact.city"), ("opportunity.StageName", "opportunity.stage"),
        ("lead.PostCode", "lead.postal_code"), ("Lead.Tier__c", "lead.Tier__c"), ("lead.address2", "lead.address2"),
    ],
)  # fmt: skip
def test_api_names_of_both_crms_mean_the_canonical_field_in_any_case(written: str, field: str) -> None:
    assert parse(f"{written} is not empty").field == field


def test_a_list_gives_its_values_to_the_condition() -> None:
    condition = parse('lead.country in list "Iberia"')
    bound = condition.bind(["Spain", "PT"])
    assert bound.holds({"lead.country": "Portugal"}) == (True, "Portugal")
    assert str(bound) == 'lead.country in list "Iberia"'
    assert parse("lead.employees in list Sizes").bind(["10"]).operands == (10,)
    with pytest.raises(RuleFault, match="is a number"):
        parse("lead.employees in list Sizes").bind(["ten"])


def test_blocks_combine_conditions_and_tell_what_they_found() -> None:
    one, two = parse("lead.city is Paris"), parse("lead.country is FR")
    facts = {"lead.city": "Lyon", "lead.country": "France"}
    assert Block("any", (one, two)).holds(facts) == (True, "Lyon; France")
    assert Block("all", (one, two)).holds(facts) == (False, "Lyon; France")
    assert Block("not", (one,)).holds(facts) == (True, "Lyon")
    assert Block("not", (two,)).holds(facts) == (False, "France")
    assert str(Block("not", (one, two))) == "not: (lead.city is Paris; lead.country is FR)"


def test_a_typed_value_keeps_its_type() -> None:
    assert parse("lead.employees is 5").operands == (5,)
    assert parse("lead.revenue is 5.5").operands == (5.5,)
    assert parse("lead.converted is TRUE").operands == (True,)
    assert parse("lead.created_at > 2026-01-31").operands == (date(2026, 1, 31),)
    assert parse("lead.company is 5").operands == ("5",)
    assert parse("lead.company is 'a, \"b\"'").operands == ('a, "b"',)
    assert parse('lead.company in ["a, b", c]').operands == ("a, b", "c")
