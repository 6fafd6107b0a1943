"""What leads wrote into forms is text in a spreadsheet, however its language parts columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.cells import harmless
from rules.comparison import csv_lines
from tests.rules.test_hostile import linear

LONG = 100_000

STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
HOSTILE = st.text(st.sampled_from([*STARTS, *" \t\r\n;,|\"'a1(", "\u00a0", "\ufeff", "\u200b", "\x0b"]), max_size=12)


def cells(text: str, sign: str) -> Iterator[str]:
    """The cells of a file as a spreadsheet reads it by this sign, and as one does that knows no quotes."""
    for row in csv.reader(text.splitlines(keepends=True), delimiter=sign):
        yield from row
    for line in text.splitlines():
        yield from line.split(sign)


def begins(cell: str) -> str:
    """What a cell begins with, without what a spreadsheet may leave out."""
    return cell.strip(' \t\r\n\x0b\x0c\u00a0\ufeff\u200b"')[:1]


@pytest.mark.threat("T19")
@given(st.lists(HOSTILE, min_size=1, max_size=3), st.sampled_from(",;\t|"))
@example(['Acme;=HYPERLINK("http://x")'], ";")
@example(["Acme\n=1+1"], ",")
@example(["a\t+1"], "\t")
@example(["\u00a0=1", "\ufeff@x"], ",")
def test_no_cell_of_a_file_is_a_formula_whatever_parts_its_columns(row: list[str], sign: str) -> None:
    found = [each for each in cells("".join(csv_lines([["id", *row]])), sign) if begins(each) in STARTS]
    assert found == []


@pytest.mark.parametrize("text", ["Zoë Li", "a-b", "x = y", "1+1", "mail@acme.com", "Müller & Co. - Paris", "", "日本"])
def test_a_plain_text_stays_as_it_was(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.threat("T15")
@linear
@pytest.mark.parametrize("text", [" ", "\t", ";", "=", "; ", "\n\n="])
def test_a_long_cell_costs_no_more_than_its_length(text: str) -> None:
    assert harmless(text * LONG)
