"""Long territories in several records: a record of a CRM holds less text than a table of ten thousand rows has.

A territory may stand in pieces of one name and one header; loading puts their rows together, in the order of the
pieces. Writing to a CRM cuts a long table by rows, and reading it back makes one item of it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from yaml.nodes import MappingNode, ScalarNode

from rules.parsing import yamltext
from rules.parsing.yamltext import Item
from rules.territories.territories import Territory

LONGEST_PIECE = 60_000
"""Characters in one record: HubSpot holds 65,536, and what people add by hand must have room."""


def joined(parts: Sequence[Territory]) -> Territory:
    """Return the pieces of one territory as one; the first that has an ``otherwise`` gives it."""
    otherwise = next((part.otherwise for part in parts if part.otherwise), ())
    return replace(parts[0], rows=tuple(row for part in parts for row in part.rows), otherwise=otherwise)


def cut(items: Iterable[Item]) -> list[Item]:
    """Return items with every long territory in pieces that a record can hold."""
    return [piece for item in items for piece in (_pieces(item) if _is_long(item) else [item])]


def mended(items: Iterable[Item]) -> list[Item]:
    """Return items with the pieces of a territory as one item again, where the first of them stands."""
    found: dict[tuple[str, str], Item] = {}
    for number, item in enumerate(items):
        key = (item.kind, item.name) if item.kind == "territory" else ("", str(number))
        first = found.get(key)
        found[key] = _appended(first, item) if first else item
    return list(found.values())


@dataclass(frozen=True, slots=True)
class _Layout:
    """The lines of a territory's text: where its rows begin and end, its header row, its columns if it names any."""

    lines: list[str]
    first: int
    last: int
    header: str
    columns: list[str]


def _is_long(item: Item) -> bool:
    return item.kind == "territory" and len(item.text) > LONGEST_PIECE


def _pieces(item: Item) -> list[Item]:
    layout = _layout(item.text)
    if layout is None:
        return [item]
    rows = iter(layout.lines[layout.first : layout.last])
    around = [*layout.lines[: layout.first], *layout.lines[layout.last :]]
    head = [f"- territory: {_quoted(item.name)}", *layout.columns, "  rows: |", layout.header]
    pieces: list[Item] = []
    while chunk := list(islice(rows, _fitting(layout, around))):
        text = [*layout.lines[: layout.first], *chunk, *layout.lines[layout.last :]] if not pieces else [*head, *chunk]
        pieces.append(Item(item.kind, item.name, "\n".join(text) + "\n"))
    return pieces


def _fitting(layout: _Layout, around: Sequence[str]) -> int:
    """Return how many rows fit beside the rest of the text, if all were as long as the longest."""
    longest = max(map(len, layout.lines[layout.first : layout.last])) + 1
    return max(1, (LONGEST_PIECE - sum(map(len, around)) - len(around)) // longest)


def _appended(first: Item, more: Item) -> Item:
    ours, theirs = _layout(first.text), _layout(more.text)
    if ours is None or theirs is None:
        return first
    indent = ours.header[: len(ours.header) - len(ours.header.lstrip())]
    rows = [indent + line.strip() for line in theirs.lines[theirs.first : theirs.last] if line.strip()]
    lines = [*ours.lines[: ours.last], *rows, *ours.lines[ours.last :]]
    return replace(first, text="\n".join(lines) + "\n")


def _layout(text: str) -> _Layout | None:
    """Return where things stand; None when the rows are no block of lines."""
    node = yamltext.items(text)[0]
    values = {str(key.value): (key, value) for key, value in node.value}
    if not isinstance(node, MappingNode) or "rows" not in values:
        return None
    rows = values["rows"][1]
    if not isinstance(rows, ScalarNode) or rows.style != "|":
        return None
    lines = text.splitlines()
    begin, end = rows.start_mark.line + 1, min(rows.end_mark.line, len(lines))
    block = [number for number in range(begin, end) if _says(lines[number])]
    if not block:
        return None
    last = block[-1] + 1
    columns: list[str] = []
    if "columns" in values:
        key, value = values["columns"]
        columns = [line for line in lines[key.start_mark.line : value.end_mark.line + 1] if "columns" in line]
        columns = columns if value.flow_style else lines[key.start_mark.line : value.end_mark.line]
    return _Layout(lines, block[0] + 1, last, lines[block[0]], columns)


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
