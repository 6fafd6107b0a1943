from __future__ import annotations

import pytest

from rules.faults import RuleSetError
from rules.parsing import pieces
from rules.parsing.yamltext import Item
from rules.ruleset import RuleSet, Source, load, split
from tests.bench.rule_material import table

LONG = "- territory: World # all of it\n  columns: {size: account.employees}\n  rows: |\n" + "\n".join(
    ["    country,size,assign", *(f"    BR,{n}-{n + 1},rep{n % 7}@example.com" for n in range(1, 6001, 2))]
)
REST = '\n  otherwise: user "chef@example.com"\n'
DESKS = [f"Desk {number:02}" for number in range(100)]
RULE = '- rule: All\n  assign: territory "World"\n'


def loaded(items: list[Item]) -> RuleSet:
    return load([Source(f"{item.kind} {number}", item.text) for number, item in enumerate(items)])


def test_a_long_territory_is_cut_into_pieces_that_a_record_holds_and_means_the_same() -> None:
    whole = list(split(RULE + LONG + REST))
    parts = pieces.cut(whole)
    assert len(parts) > 2
    assert all(len(part.text) <= pieces.LONGEST_PIECE for part in parts)
    assert loaded(parts).version == loaded(whole).version


def test_pieces_are_read_back_as_one_item() -> None:
    whole = list(split(RULE + LONG + REST))
    mended = pieces.mended(pieces.cut(whole))
    assert [(item.kind, item.name) for item in mended] == [("rule", "All"), ("territory", "World")]
    assert loaded(mended).version == loaded(whole).version
    assert "# all of it" in mended[1].text


def test_ten_thousand_rows_go_there_and_back() -> None:
    rows = "\n".join(f"    {line}" for line in table(10_000).splitlines())
    whole = list(split(f"- territory: Big\n  rows: |\n{rows}\n"))
    parts = pieces.cut(whole)
    desks = [Item("pool", name, f"- pool: {name}\n  members: [a@example.com]\n") for name in DESKS]
    assert loaded([*desks, *parts]).version == loaded([*desks, *whole]).version
    assert pieces.mended(parts)[0].text.splitlines() == whole[0].text.splitlines()


def test_what_is_short_stays_as_it_is() -> None:
    short = list(split("- territory: T\n  rows: |\n    country,assign\n    DE,a@example.com\n"))
    assert pieces.cut(short) == short
    assert pieces.mended(short) == short


def test_pieces_with_other_columns_are_two_territories_of_one_name() -> None:
    texts = ("country,assign\n    DE,a@example.com", "state,assign\n    CA,a@example.com")
    items = [Item("territory", "T", f"- territory: T\n  rows: |\n    {text}\n") for text in texts]
    with pytest.raises(RuleSetError, match="There is another territory “T”"):
        loaded(items)
