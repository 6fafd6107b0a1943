"""The CSV text of a territory: its header, its rows, and where each cell stands; cells mean nothing here yet."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from rules.faults import UNSTORABLE, RuleFault

MOST_COLUMNS = 20
"""A row of more cells is no longer understood by who reads it, and each column costs time for every lead."""
LONGEST_CELL = 2_000
"""In characters, as a condition may have: some hundred alternatives. More of them make several rows."""

_BYTE_ORDER_MARK = "\ufeff"
_LINE_END = re.compile(r"\r\n|\r|\n")
_SEPARATORS = ",;\t"
_SPACE_AFTER_QUOTE = {separator: re.compile(f'" +(?={separator}|$)') for separator in _SEPARATORS}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the text, counted from 1, and its cells without the space around them."""

    number: int
    text: str
    separator: str
    cells: tuple[str, ...]

    def place(self, index: int) -> tuple[int, int]:
        """Return line and column, from 1, of a cell; a cell that is not there stands at the line's end."""
        begins = self._begins()
        if index >= len(begins):
            return self.number, len(self.text.rstrip()) + 1
        rest = self.text[begins[index] :]
        return self.number, begins[index] + len(rest) - len(rest.lstrip(" ")) + 1

    def _begins(self) -> list[int]:
        """Return where, from 0, the cells begin."""
        if '"' not in self.text:
            return [0, *(found.end() for found in re.finditer(self.separator, self.text))]
        begins, fresh, quoted = [0], True, False
        for at, char in enumerate(self.text):
            if char == '"' and (fresh or quoted):
                quoted = not quoted
            elif char == self.separator and not quoted:
                begins.append(at + 1)
            fresh = not quoted and (char == self.separator or (fresh and char.isspace()))
        return begins

    def fault(self, index: int, message: str, remedy: str) -> RuleFault:
        """Return a fault at a cell."""
        line, column = self.place(index)
        return RuleFault(message, line=line, column=column, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Table:
    """The header and the rows below it."""

    header: Line
    rows: tuple[Line, ...]


def table(text: str, faults: list[RuleFault], *, most_rows: int, most_faults: int) -> Table | None:
    """Read CSV text. Comma, semicolon or tab separates cells: whichever the header has most of.

    Blank lines, lines of empty cells and lines that begin with # do not count. What is wrong is added to `faults`;
    None when there is no header.
    """
    header: Line | None = None
    rows: list[Line] = []
    for number, told in enumerate(_LINE_END.split(text.removeprefix(_BYTE_ORDER_MARK)), start=1):
        if not told.strip() or told.lstrip().startswith("#"):
            continue
        separator = header.separator if header else max(_SEPARATORS, key=told.count)
        try:
            line = Line(number, told, separator, _cells(told, separator, number))
        except RuleFault as fault:
            faults.append(fault)
            if header is None or len(faults) >= most_faults:
                return None
            continue
        if not any(line.cells):
            continue
        if header is None:
            header = _checked(line, faults)
        elif len(rows) >= most_rows:
            faults.append(line.fault(0, f"The table has more than {most_rows:,} rows.", "Make rules of its parts."))
            break
        else:
            rows.append(line)
    if header is None:
        faults.append(RuleFault("The table is empty.", remedy="Write a header such as country,postal_code,assign."))
        return None
    return Table(header, tuple(rows))


def _checked(header: Line, faults: list[RuleFault]) -> Line:
    if len(header.cells) > MOST_COLUMNS:
        message = f"The table has more than {MOST_COLUMNS} columns."
        faults.append(header.fault(MOST_COLUMNS, message, "Keep those that say who gets the lead."))
    return header


def _cells(text: str, separator: str, number: int) -> tuple[str, ...]:
    """Return the cells of a line. Raises RuleFault where quotes are broken, or a cell is none."""
    if broken := UNSTORABLE.search(text):
        message = "There is a character here that cannot be stored."
        raise RuleFault(message, line=number, column=broken.start() + 1, remedy="Delete it.")
    try:
        found = _split(text, separator)
    except csv.Error:  # perhaps only for the space between a quote and the separator
        try:
            found = _split(_SPACE_AFTER_QUOTE[separator].sub('"', text), separator)
        except csv.Error:
            raise RuleFault(
                "The quotes of this line cannot be read.", line=number, column=text.rfind('"') + 1,
                remedy='Put the whole cell in quotes, on one line, and write "" for a quote within it.',
            ) from None  # fmt: skip
    cells = tuple(cell.strip() for cell in found)
    for index, cell in enumerate(cells):
        if len(cell) > LONGEST_CELL:
            message = f"The cell is longer than {LONGEST_CELL:,} characters."
            raise Line(number, text, separator, cells).fault(index, message, "Make several rows of it.")
    return cells


def _split(text: str, separator: str) -> list[str]:
    return next(csv.reader((text,), delimiter=separator, skipinitialspace=True, strict=True), [])
