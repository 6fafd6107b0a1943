"""Territories: tables whose rows say who takes a lead, thousands of them, and the most specific row that holds wins.

A cell is empty or ``*`` (anything), exact (``DE``, ``Bavaria``, ``500``), a beginning (``75*``), a range
(``10000-19999``, ``51-200``, ``>=500``, ``500+``), or alternatives of these (``DE|AT|CH``). Case, accents and the
spelling of countries and states do not matter. A lead that does not say a value holds only for cells that ask nothing.

The most specific row is: one that names the account; else the one with more cells filled; else with more exact cells;
else the one with the narrower cell, from left to right (fewer alternatives, a longer beginning, a narrower range, open
to one side); else the earlier one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, TypeVar, get_args

from rules import normalize
from rules.faults import RuleFault
from rules.limits import MOST_ROWS
from rules.model import Value
from rules.parts import Target, TargetKind
from rules.territories.cells import EMPTY, Cell
from rules.territories.cells import read as read_cell
from rules.territories.columns import Column, Header, header
from rules.territories.index import Index
from rules.territories.table import Line, table

__all__ = ["MOST_FAULTS", "Column", "Row", "Territory", "read"]

MOST_FAULTS = 50
"""Told of one table: who has more of them made one mistake many times."""

_Read: TypeAlias = Callable[[str], Target]
_T = TypeVar("_T")
_KIND = re.compile(rf"(?:{'|'.join(get_args(TargetKind))})(?!\w)")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: where its target stands in the table's text (from 1), what it asks for by column, and who gets it."""

    line: int
    column: int
    cells: tuple[Cell, ...]
    target: Target

    def __str__(self) -> str:
        """Return what the row asks for, as written: ``DE, 10000-19999, >=500``; ``*`` when it asks nothing."""
        return ", ".join(cell.written for cell in self.cells if cell.filled) or "*"


@dataclass(frozen=True)  # no slots: the index is kept beside the fields
class Territory:
    """A table with a name; `otherwise` takes the lead, each in order, when no row holds or its target cannot."""

    name: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    otherwise: tuple[Target, ...] = ()

    def find(self, facts: Mapping[str, Value]) -> Row | None:
        """Return the most specific row that holds for these facts (``scope.field`` -> value); None when none does."""
        found = self._index.first(facts)
        return None if found is None else self._ranked[found]

    def all(self, facts: Mapping[str, Value]) -> tuple[Row, ...]:
        """Return every row that holds, the most specific first."""
        return tuple(self._ranked[found] for found in self._index.every(facts))

    def shadowed(self) -> tuple[tuple[Row, Row], ...]:
        """Return the rows that can never win, each with the earlier row that asks for the same."""
        first: dict[tuple[Cell, ...], Row] = {}
        pairs = ((row, first.setdefault(row.cells, row)) for row in self.rows)
        return tuple((row, earlier) for row, earlier in pairs if row is not earlier)

    def specificity(self, row: Row) -> tuple[object, ...]:
        """Return what rows are ordered by, the smallest first; of two that are alike the earlier one goes first."""
        named = any(
            cell.filled and column.kind == "account" for column, cell in zip(self.columns, row.cells, strict=True)
        )
        filled, exact = sum(cell.filled for cell in row.cells), sum(cell.exact for cell in row.cells)
        return not named, -filled, -exact, tuple(cell.breadth for cell in row.cells)

    @property
    def targets(self) -> tuple[Target, ...]:
        """Everyone who is named, once: by rows in their order, then by `otherwise`."""
        return tuple(dict.fromkeys((*(row.target for row in self.rows), *self.otherwise)))

    @property
    def reads(self) -> frozenset[str]:
        """The facts that it asks for, as ``scope.field``."""
        return frozenset(name for column in self.columns for name in column.reads)

    @property
    def told(self) -> list[object]:
        """What it says, in plain values: the same for texts that differ only in layout and comments."""
        fields = [column.field for column in self.columns]
        rows = [[*(cell.written for cell in row.cells), str(row.target)] for row in self.rows]
        return [self.name, fields, rows, [str(target) for target in self.otherwise]]

    @cached_property
    def _ranked(self) -> tuple[Row, ...]:
        return tuple(sorted(self.rows, key=self.specificity))

    @cached_property
    def _index(self) -> Index:
        return Index(self.columns, [row.cells for row in self._ranked])


def read(
    name: str,
    text: str,
    columns: Mapping[str, str] | None = None,
    *,
    target: Callable[[str], Target],
    otherwise: Sequence[Target] = (),
    faults: list[RuleFault],
) -> Territory | None:
    """Read a table from CSV text. `columns` says which field a header means where it is none by itself.

    `target` reads a text such as ``pool "Name"`` and raises RuleFault when it cannot; it is asked once for each text.
    What is wrong is added to `faults`, with line and column within `text`, at most MOST_FAULTS; then None is returned.
    """
    found: list[RuleFault] = []
    plain = table(text, found, most_rows=MOST_ROWS, most_faults=MOST_FAULTS)
    head = header(plain.header, columns or {}, found) if plain else None
    rows: tuple[Row, ...] = ()
    if plain and head:
        rows = _Reader(head, target, found).rows(plain.rows)
        if not plain.rows and not found:
            found.append(plain.header.fault(0, "The table has no rows.", "Write at least one below the header."))
    faults += sorted(found[:MOST_FAULTS], key=lambda fault: (fault.line, fault.column))
    if found or not head:
        return None
    return Territory(name, tuple(column for _, column in head.asked), rows, tuple(otherwise))


class _Reader:
    """Reads the rows below a header; a text that stands in many rows is read once."""

    def __init__(self, head: Header, target: _Read, faults: list[RuleFault]) -> None:
        self._head = head
        self._target = target
        self._faults = faults
        self._cells: dict[tuple[str, int, tuple[str, ...]], Cell | RuleFault] = {}
        self._targets: dict[str, Target | RuleFault] = {}
        columns = [column for _, column in head.asked]
        self._country_of = _countries(columns)
        self._order = sorted(range(len(columns)), key=lambda number: columns[number].kind == "state")

    def rows(self, lines: Sequence[Line]) -> tuple[Row, ...]:
        """Return the rows, and note what is wrong with them, until there are too many faults."""
        found: list[Row] = []
        first: dict[tuple[tuple[Cell, ...], Target], Row] = {}
        for line in lines:
            before = len(self._faults)
            row = self._row(line)
            if before == len(self._faults) and (earlier := first.setdefault((row.cells, row.target), row)) is not row:
                self._faults.append(line.fault(0, f"The row is the same as that of line {earlier.line}.", "Delete it."))
            if len(self._faults) >= MOST_FAULTS:
                break
            found.append(row)
        return tuple(found)

    def _row(self, line: Line) -> Row:
        headers, texts = self._head.headers, line.cells
        for index in (at for at, text in enumerate(texts) if text and (at >= len(headers) or not headers[at])):
            remedy = "A cell that has a separator in it stands in quotes." if index >= len(headers) else "Head it."
            self._faults.append(line.fault(index, f"“{texts[index]}” stands below no header.", remedy))
        cells = [EMPTY] * len(self._head.asked)
        for number in self._order:
            country = self._country_of[number]
            cells[number] = self._cell(line, number, () if country is None else cells[country].countries)
        return Row(*line.place(self._head.target), tuple(cells), self._taker(line))

    def _cell(self, line: Line, number: int, lands: tuple[str, ...]) -> Cell:
        index, column = self._head.asked[number]
        key = line.cells[index] if index < len(line.cells) else "", number, lands
        if key not in self._cells:
            self._cells[key] = _tried(lambda: read_cell(key[0], column.kind, lands))
        return self._kept(self._cells[key], line, index) or EMPTY

    def _taker(self, line: Line) -> Target:
        index = self._head.target
        text = line.cells[index] if index < len(line.cells) else ""
        if text not in self._targets:
            self._targets[text] = _tried(lambda: self._named(text))
        return self._kept(self._targets[text], line, index) or Target("keep")

    def _named(self, text: str) -> Target:
        """Return the target that a cell names. Raises RuleFault."""
        if not text:
            raise RuleFault("The row does not say who gets the lead.", remedy="Write an e-mail address or a pool.")
        if _KIND.match(text):
            return self._target(text)
        if "@" in text:
            if mail := normalize.email(text):
                return self._target(f'user "{mail}"')
            raise RuleFault(f"“{text}” is not an e-mail address.", remedy="A user is named by e-mail address.")
        if self._head.of_pools:
            return self._target(f'pool "{text}"')
        raise RuleFault(
            f"“{text}” is not a target.", remedy=f'Write an e-mail address, pool "{text}" or queue "{text}".'
        )

    def _kept(self, read_: _T | RuleFault, line: Line, index: int) -> _T | None:
        """Return what was read, or note at this cell what is wrong with it."""
        if not isinstance(read_, RuleFault):
            return read_
        self._faults.append(line.fault(index, read_.message, read_.remedy))
        return None


def _tried(read_: Callable[[], _T]) -> _T | RuleFault:
    try:
        return read_()
    except RuleFault as fault:
        return fault


def _countries(columns: Sequence[Column]) -> list[int | None]:
    """Return, for each column of states, the column of their countries: that of the same record, or any."""
    found = [number for number, column in enumerate(columns) if column.kind == "country"]
    scopes = {columns[number].field.partition(".")[0]: number for number in reversed(found)}
    some = found[0] if found else None
    return [scopes.get(each.field.partition(".")[0], some) if each.kind == "state" else None for each in columns]
