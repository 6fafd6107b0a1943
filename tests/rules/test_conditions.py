from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.conditions import OPERATORS, Block, Condition, parse
from rules.faults import RuleFault
from rules.fields import CANONICAL
from rules.model import Value
from tests.rules.make import cases


@pytest.mark.parametrize("case", cases("conditions"), ids=lambda case: f"{case['line']} | {case['facts']}")
def test_a_condition_holds_or_not_and_says_what_it_found(case: dict[str, Any]) -> None:
    condition = parse(case["line"])
    assert condition.holds(case["facts"]) == (case["holds"], case["found"])
    assert str(condition) == case["line"]
    assert parse(condition.canonical) == condition
    assert parse(condition.canonical).canonical == condition.canonical


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
NUMBERS = st.integers(-(10**12), 10**12) | st.decimals(-(10**6), 10**6, places=4).map(float)
OPERANDS: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXTS,
    "country": TEXTS,
    "number": NUMBERS,
    "bool": st.booleans(),
    "time": st.dates(),
}


@st.composite
def conditions(draw: st.DrawFn) -> Condition:
    scope = draw(st.sampled_from(sorted(CANONICAL)))
    name, kind = draw(st.sampled_from(sorted(CANONICAL[scope].items())))
    fitting = {"text", "country"} if kind in {"text", "country"} else {kind}
    operator = draw(st.sampled_from(OPERATORS))
    order, texts = {">=", "<=", ">", "<"}, {"contains", "starts with", "ends with"}
    if (operator in order and fitting & {"text", "country", "bool"}) or (
        operator in texts and kind not in fitting & {"text", "country"}
    ):
        operator = "is"
    if operator.endswith("empty"):
        return Condition(f"{scope}.{name}", operator)
    if operator not in {"in", "not in"}:
        return Condition(f"{scope}.{name}", operator, (draw(OPERANDS[kind]),))
    if draw(st.booleans()):
        return Condition(f"{scope}.{name}", operator, list_name=draw(TEXTS))
    return Condition(f"{scope}.{name}", operator, tuple(draw(st.lists(OPERANDS[kind], min_size=1, max_size=4))))


@given(conditions())
def test_every_condition_is_printed_so_that_it_can_be_read_back(condition: Condition) -> None:
    again = parse(str(condition))
    assert again == condition
    assert str(again) == str(condition)


FACTS: st.SearchStrategy[Value] = st.none() | TEXTS | NUMBERS | st.booleans() | st.datetimes() | st.dates()


@given(conditions(), FACTS)
def test_no_value_breaks_a_condition(condition: Condition, value: Value) -> None:
    held, found = condition.holds({condition.field: value})
    assert isinstance(held, bool)
    assert found


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
        ("lead.Company is x", 1, "There is no field lead.Company.", "Did you mean lead.company?"),
        ("lead.FirstName is x", 1, "There is no field lead.FirstName.", "Did you mean lead.first_name?"),
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
        ("lead.country equals FR", 14, "There is no operator “equals”.", ""),
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
        ("lead.converted is maybe", 19, "lead.converted is a bool, and “maybe” is not.", "Write true or false."),
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
    ],
)
def test_a_fault_says_where_and_what_to_write_instead(line: str, column: int, message: str, remedy: str) -> None:
    with pytest.raises(RuleFault) as caught:
        parse(line)
    assert (caught.value.column, caught.value.message) == (column, message)
    assert caught.value.remedy == remedy or (not remedy and caught.value.remedy)


@pytest.mark.parametrize(
    "name",
    ["lead.Region__c", "lead.ns__Region__c", "lead.email__c", "lead.hs_lead_status", "account.Rating", "lead.stage"],
)
def test_custom_fields_go_by_their_api_name(name: str) -> None:
    assert parse(f"{name} is x").field == name


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
