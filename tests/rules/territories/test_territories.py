from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules import limits
from rules.faults import RuleFault
from rules.model import Value
from rules.parsing.target_reading import read_target
from rules.parts import Target
from rules.territories import territories
from rules.territories.cells import MOST_ALTERNATIVES
from rules.territories.table import LONGEST_CELL, MOST_COLUMNS
from rules.territories.territories import MOST_FAULTS, Row, Territory
from tests.bench import rule_material
from tests.rules.make import cases

CASES = cases("territories")


def read(text: str, columns: Mapping[str, str] | None = None) -> tuple[Territory | None, list[RuleFault]]:
    faults: list[RuleFault] = []
    return territories.read("Plan", text, columns, target=read_target, faults=faults), faults


def territory(text: str, columns: Mapping[str, str] | None = None) -> Territory:
    found, faults = read(text, columns)
    assert found, faults
    return found


def refused(text: str, columns: Mapping[str, str] | None = None) -> list[RuleFault]:
    found, faults = read(text, columns)
    assert found is None
    return faults


def facts(told: Mapping[str, Value]) -> dict[str, Value]:
    return {name if "." in name else f"lead.{name}": value for name, value in told.items()}


@pytest.mark.parametrize("case", CASES["finds"], ids=lambda case: case["name"])
def test_a_lead_finds_its_row(case: dict[str, Any]) -> None:
    plan = territory(case["rows"], case.get("columns"))
    for lead, expected in case["leads"]:
        found = plan.find(facts(lead))
        assert (str(found) if found else None) == expected, lead


@pytest.mark.parametrize("case", CASES["faults"], ids=lambda case: case["name"])
def test_a_mistake_is_told_with_its_place_and_a_remedy(case: dict[str, Any]) -> None:
    told = [(f"{fault.line}:{fault.column} {fault.message}", fault.remedy) for fault in refused(*_given(case))]
    assert len(told) == len(case["faults"]), told
    for (message, remedy), (expected, hint) in zip(told, case["faults"], strict=True):
        assert message.startswith(expected)
        assert hint in remedy


def _given(case: dict[str, Any]) -> tuple[str, dict[str, str]]:
    return case["rows"], case.get("columns", {})


def test_every_kind_of_target_may_stand_in_a_row() -> None:
    plan = territory(
        "country,assign\nDE,Ana@Example.com\nFR,pool \"Paris desk\"\nIT,queue Inbound\nES,account owner\nPT,keep\n"
        "BR,user bob@example.com\nMX,\"territory \"\"Latin America\"\"\"\n"
    )  # fmt: skip
    assert [row.target for row in plan.rows] == [
        Target("user", "ana@example.com"), Target("pool", "Paris desk"), Target("queue", "Inbound"),
        Target("account owner"), Target("keep"), Target("user", "bob@example.com"),
        Target("territory", "Latin America"),
    ]  # fmt: skip
    assert plan.targets == tuple(row.target for row in plan.rows)


def test_below_pool_a_bare_name_is_a_pool() -> None:
    plan = territory("country,pool\nFR,Paris desk\nDE,ana@example.com\n")
    assert [str(row.target) for row in plan.rows] == ['pool "Paris desk"', 'user "ana@example.com"']


def test_a_row_knows_where_its_target_stands() -> None:
    plan = territory('# plan\ncountry;assign\n\nDE;  "pool ""A; B"""\n"x|FR"; "keep"\n'.replace("x|", "IT|"))
    assert [(row.line, row.column) for row in plan.rows] == [(4, 6), (5, 10)]
    assert plan.rows[0].target == Target("pool", "A; B")


def test_every_row_that_holds_is_told_the_most_specific_first() -> None:
    plan = territory(
        "country,industry,employees,assign\n,,,a@example.com\nDE,,,b@example.com\nDE,Retail,>=5,c@example.com\n"
        "FR,Retail,,d@example.com\n,Retail,>5,e@example.com\n"
    )
    lead = facts({"country": "Germany", "industry": "retail", "employees": 9})
    assert [str(row) for row in plan.all(lead)] == ["DE, Retail, >=5", "Retail, >5", "DE", "*"]
    assert plan.find(lead) == plan.all(lead)[0]


def test_a_row_that_asks_for_the_same_as_an_earlier_one_can_never_win() -> None:
    plan = territory(
        "country,employees,assign\nDE|FR,500+,a@example.com\nDE,500+,b@example.com\nFrance|Germany,>=500,c@example.com\n"
    )
    assert [(str(row), str(earlier)) for row, earlier in plan.shadowed()] == [("France|Germany, >=500", "DE|FR, 500+")]


def test_what_a_territory_reads_and_says_is_plain() -> None:
    plan = territory(
        "state,size,assign\nBavaria,5,a@example.com # x\n".replace(" # x", ""), {"size": "account.employees"}
    )
    assert plan.reads == {"lead.state", "lead.country", "account.employees"}
    same = territory(
        '\n# other layout\nstate ; size;assign\n"Bavaria";5 ;A@example.com\n', {"Size": "account.employees"}
    )
    assert plan.told == same.told
    assert plan.told == ["Plan", ["lead.state", "account.employees"], [["Bavaria", "5", 'user "a@example.com"']], []]


def test_a_named_account_reads_what_is_known_of_the_company() -> None:
    plan = territory("account,assign\nAcme,a@example.com\n")
    assert {"lead.company", "lead.email", "account.name", "account.domain", "account.id"} <= plan.reads


def test_a_table_keeps_its_limits() -> None:
    header = "country,assign\n"
    many = "|".join(["DE"] * (MOST_ALTERNATIVES + 1))
    wide = ",".join(["note"] * MOST_COLUMNS + ["assign"])
    assert [fault.message for fault in refused(f"{header}{many},a@example.com\n")] == [
        f"The cell has more than {MOST_ALTERNATIVES} alternatives."
    ]
    assert f"more than {MOST_COLUMNS} columns" in refused(f"{wide}\n")[0].message
    (fault,) = refused(f"{header}DE,{'x' * (LONGEST_CELL + 1)}\n")
    assert (fault.line, fault.column) == (2, 4)
    assert f"longer than {LONGEST_CELL:,}" in fault.message


def test_too_many_rows_are_refused_at_the_first_that_is_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(territories, "MOST_ROWS", 3)
    text = "country,assign\n" + "".join(f"{land},a@example.com\n" for land in ("DE", "FR", "IT", "ES", "PT"))
    (fault,) = refused(text)
    assert (fault.line, fault.message) == (5, "The table has more than 3 rows.")
    assert limits.MOST_ROWS == 50_000


def test_one_mistake_made_a_thousand_times_is_told_some_times() -> None:
    assert len(refused("country,assign\n" + "Nowhere,Nobody\n" * 1000)) == MOST_FAULTS
    assert len(refused("country,assign\n" + '"\n' * 1000)) == MOST_FAULTS


# The index against a naive scan, which knows nothing of it: leads and cells are made beside what they mean.

LANDS = {"DE": ("DE", "Germany", "Deutschland"), "FR": ("FR", "france"), "AT": ("Österreich", "Austria")}
INDUSTRIES = ("Retail", "Banking", "Rail")


@dataclass(frozen=True)
class Ask:
    """One alternative of a cell: as written, whether it is exact, and what it means."""

    written: str
    exact: bool
    share: float
    edge: float | None
    low: Any
    high: Any

    def holds(self, value: Any) -> bool:
        if value is None:
            return False
        if isinstance(value, str) and self.written.endswith("*"):
            return value.casefold().startswith(self.low)
        return bool(self.low <= (value.casefold() if isinstance(value, str) else value) <= self.high)


def _land(code: str, at: int) -> Ask:
    return Ask(LANDS[code][at % len(LANDS[code])], True, 0, None, code.casefold(), code.casefold())


def _postal(first: int, last: int) -> Ask:
    low, high = sorted((first, last))
    return Ask(f"{low:04}-{high:04}", False, (high - low + 1) / 10_000, None, f"{low:04}", f"{high:04}")


def _begin(digits: str) -> Ask:
    return Ask(f"{digits}*", False, 10.0 ** -len(digits), None, digits, None)


def _word(part: str) -> Ask:
    return Ask(f"{part}*", False, 36.0 ** -len(part), None, part.casefold(), None)


def _sizes(first: int, last: int) -> Ask:
    low, high = sorted((first, last))
    if low == high:
        return Ask(str(low), True, 0, None, low, high)
    return Ask(f"{low}-{high}", False, high - low, None, low, high)


DIGITS = st.text("0123", min_size=1, max_size=3)
CODE = st.integers(0, 3333).filter(lambda number: set(str(number)) <= set("0123"))
SIZE = st.integers(0, 12)
ASKS = {
    "country": st.builds(_land, st.sampled_from(sorted(LANDS)), st.integers(0, 2)),
    "postal_code": st.one_of(
        st.builds(_postal, CODE, CODE),
        st.builds(_begin, DIGITS),
        st.builds(lambda code: Ask(f"{code:04}", True, 0, None, f"{code:04}", f"{code:04}"), CODE),
    ),
    "employees": st.one_of(
        st.builds(_sizes, SIZE, SIZE),
        st.builds(lambda size: Ask(f">={size}", False, 0, -size, size, 10**9), SIZE),
        st.builds(lambda size: Ask(f"<={size}", False, 0, size, -(10**9), size), SIZE),
    ),
    "industry": st.one_of(
        st.sampled_from(INDUSTRIES).map(lambda name: Ask(name, True, 0, None, name.casefold(), name.casefold())),
        st.sampled_from(("Ra", "R", "Ban")).map(_word),
    ),
}  # fmt: skip
FIELDS = tuple(ASKS)
Cells = tuple[tuple[Ask, ...], ...]
TABLES = st.lists(
    st.tuples(*(st.lists(ASKS[field], max_size=2).map(tuple) for field in FIELDS)), min_size=1, max_size=30
)
LEADS = st.fixed_dictionaries(
    {
        "country": st.none() | st.sampled_from(sorted(LANDS)),
        "postal_code": st.none() | CODE.map(lambda number: f"{number:04}"),
        "employees": st.none() | SIZE,
        "industry": st.none() | st.sampled_from(INDUSTRIES),
    }
)


def _holds(cells: Cells, lead: Mapping[str, Any]) -> bool:
    told = zip(FIELDS, cells, strict=True)
    return all(not asks or any(ask.holds(lead[field]) for ask in asks) for field, asks in told)


def _order(cells: Cells) -> tuple[Any, ...]:
    """Return the written order: more filled, more exact, then the narrower cell from the left."""
    filled = sum(bool(asks) for asks in cells)
    exact = sum(bool(asks) and all(ask.exact for ask in asks) for asks in cells)
    return -filled, -exact, [_breadth(asks) for asks in cells]


def _breadth(asks: tuple[Ask, ...]) -> tuple[int, float]:
    if not asks:
        return 3, 0
    if all(ask.exact for ask in asks):
        return 0, len(asks)
    edges = [ask.edge for ask in asks if ask.edge is not None]
    return (2, min(edges)) if edges else (1, sum(ask.share for ask in asks))


def _line(cells: Cells, number: int) -> str:
    return ",".join(["|".join(ask.written for ask in asks) for asks in cells] + [f"u{number}@example.com"])


@settings(max_examples=150, deadline=None)
@given(TABLES, st.lists(LEADS, min_size=1, max_size=10))
def test_the_index_finds_what_a_scan_of_all_rows_finds(rows: list[Cells], leads: list[dict[str, Any]]) -> None:
    lines = [_line(cells, number) for number, cells in enumerate(rows)]
    plan = territory("\n".join([",".join([*FIELDS, "assign"]), *lines]))
    for lead in leads:
        holding = [number for number, cells in enumerate(rows) if _holds(cells, lead)]
        expected = sorted(holding, key=lambda number: _order(rows[number]))
        assert [plan.rows.index(row) for row in plan.all(facts(lead))] == expected
        found = plan.find(facts(lead))
        assert (plan.rows.index(found) if found else None) == (expected[0] if expected else None)


def test_a_large_table_finds_what_a_scan_finds() -> None:
    """So many rows that some sets of rows are kept as tuples and others as numbers."""
    plan = territory(rule_material.table(3_000))
    assert len(plan.rows) == 3_000
    for lead in rule_material.leads(60):
        known = facts(lead.fields)
        expected = [row for row in plan.rows if territory_of(plan, row).find(known)]
        assert sorted(expected, key=plan.specificity) == list(plan.all(known))
        assert plan.find(known) == plan.all(known)[0]


_ALONE: dict[int, Territory] = {}


def territory_of(plan: Territory, row: Row) -> Territory:
    """Return a territory of one row, for asking it alone."""
    return _ALONE.setdefault(row.line, Territory("", plan.columns, (row,)))


def test_material_for_measuring_is_the_same_each_time() -> None:
    assert rule_material.rule_set(40, 100) == rule_material.rule_set(40, 100)
    assert rule_material.leads(50) == rule_material.leads(50)
    for rows in (1, 9, 10, 99, 1_000, 20_001):
        assert len(territory(rule_material.table(rows)).rows) == rows


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader(text: str) -> None:
    for whole in (text, f"country,postal_code,employees,assign\n{text}", f"{text},assign\n{text},a@example.com"):
        found, faults = read(whole)
        assert (found is None) == bool(faults)
        assert all(fault.line >= 1 and fault.column >= 1 and fault.remedy for fault in faults)


NAMES = st.sampled_from([*FIELDS, "state", "company", "email", "X__c", "language", "account.id"])
VALUES = st.none() | st.text(max_size=40) | st.integers() | st.floats() | st.booleans()


@given(st.dictionaries(NAMES, VALUES))
def test_no_lead_breaks_a_table(told: dict[str, Value]) -> None:
    plan = territory(
        "country,state,postal_code,employees,industry,account,X__c,language,assign\nDE,,,,,,,,a@example.com\n"
        ",Bavaria,1*,,,,,,b@example.com\n,,SW1A-SW9Z|10000-20000,>=5,Re*,,,,c@example.com\n,,,,,Acme,5,fr,d@example.com\n"
        ",,,,,,1-5,,e@example.com\n,,,,,,,,f@example.com\n"
    )
    assert plan.find(facts(told)) in plan.rows
