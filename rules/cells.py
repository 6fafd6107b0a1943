"""Cells of tables that people open in a spreadsheet: what leads wrote into forms must not run there."""

from __future__ import annotations

import re

_FORMULA = "=+\\-@\uff1d\uff0b\uff0d\uff20"
"""What a formula begins with, also in full width."""
_BLANK = "\\s\\x00-\\x1f\u200b-\u200f\u2060\ufeff"
_OPENING = re.compile(f"(?<![{_BLANK}])[{_BLANK}]*+(?=[{_FORMULA}])")
_SEPARATORS = ';,|"'
"""By which a spreadsheet may cut a cell in two: which sign parts the columns, it takes from its own language."""
_BREAKS = "\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


def harmless(cell: str) -> str:
    """Return a text that no spreadsheet takes for a formula, by an apostrophe in front of what looks like one.

    Also inside a text: where a semicolon parts columns, ``Acme;=1+1`` becomes two cells.
    """
    found = _OPENING.sub(_quoted, cell)
    return f"'{found}" if found.startswith(tuple(_BREAKS)) else found


def _quoted(found: re.Match[str]) -> str:
    blank, before = found[0], found.string[: found.start()][-1:]
    if not set(_BREAKS).isdisjoint(blank) or (before and before in _SEPARATORS):
        return f"{blank}'"
    return blank if before else f"'{blank}"
