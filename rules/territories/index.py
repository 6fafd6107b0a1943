"""Which rows of a territory hold, found without asking each of them.

A set of rows is a whole number with a bit for each row, the most specific row's the highest. Each column answers with
the rows that its cells let through, from tables by key, by prefix and by range; the rows that all columns let through
are the ``&`` of these numbers, and the one to take is its highest bit. That costs the same whatever columns are filled.
Few rows are kept as a tuple instead: a number is as long as the table has rows, and a table may have as many keys.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from rules.model import Value
from rules.territories.cells import Cell, Range
from rules.territories.columns import Column
from rules.territories.probe import Probe, probe

_Rows: TypeAlias = "int | tuple[int, ...]"

_REMEMBERED = 256
"""How many values a column remembers its answer for: all countries and sizes; with 50,000 rows that is 2 MB."""
_SPARSE = 256
"""A set with less than one row in so many is kept as a tuple, which then takes no more memory than the number."""


class Index:
    """The rows of one territory. `rows` has the cells of each, the most specific row first."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> None:
        self._size = len(rows)
        self._columns = [
            (column.reads, _ColumnIndex(column, [cells[at] for cells in reversed(rows)]))
            for at, column in enumerate(columns)
        ]

    def first(self, facts: Mapping[str, Value]) -> int | None:
        """Return the number (from 0) of the most specific row that holds; None when none does."""
        bits = self._bits(facts)
        return self._size - bits.bit_length() if bits else None

    def every(self, facts: Mapping[str, Value]) -> Iterator[int]:
        """Yield the numbers of all rows that hold, the most specific first."""
        bits = self._bits(facts)
        while bits:
            top = bits.bit_length() - 1
            yield self._size - 1 - top
            bits ^= 1 << top

    def _bits(self, facts: Mapping[str, Value]) -> int:
        bits = (1 << self._size) - 1
        for reads, column in self._columns:
            bits &= column.rows(*[facts.get(name) for name in reads])
            if not bits:
                break
        return bits


class _ColumnIndex:
    """One column: which rows let a value through."""

    def __init__(self, column: Column, cells: Sequence[Cell]) -> None:
        self._kind = column.kind
        self._size = size = len(cells)
        self._open = _number((bit for bit, cell in enumerate(cells) if not cell.filled), size)
        self._keys = _packed(((key, bit) for bit, cell in enumerate(cells) for key in cell.keys), size)
        self._prefixes = _packed(((begin, bit) for bit, cell in enumerate(cells) for begin in cell.prefixes), size)
        self._lengths = sorted({len(begin) for cell in cells for begin in cell.prefixes})
        ranges: dict[str, list[tuple[Range, int]]] = {}
        for bit, cell in enumerate(cells):
            for each in cell.ranges:
                ranges.setdefault(each.group, []).append((each, bit))
        self._ranges = {group: _Ranges(found, size) for group, found in ranges.items()}
        self.rows = lru_cache(maxsize=_REMEMBERED, typed=True)(self._rows)  # typed: 1 is not True

    def _rows(self, *values: Value) -> int:
        asked = probe(self._kind, values)
        return self._open | _union(self._found(asked), self._size)

    def _found(self, asked: Probe) -> Iterator[_Rows]:
        for key in asked.keys:
            if key in self._keys:
                yield self._keys[key]
        for text in asked.texts:
            for length in self._lengths:
                if (begin := text[:length]) in self._prefixes:
                    yield self._prefixes[begin]
        for group, number in asked.numbers:
            if group in self._ranges:
                yield from self._ranges[group].around(number)


class _Ranges:
    """Ranges of one group, in a segment tree: each stands at O(log n) nodes, and a number asks O(log n) of them.

    The leaves are the ends of all ranges, and the gaps before, between and after them.
    """

    def __init__(self, ranges: Sequence[tuple[Range, int]], size: int) -> None:
        ends = {end for each, _ in ranges for end in (each.low, each.high)}
        self._ends = sorted(end for end in ends if math.isfinite(end))
        self._leaves = 2 * len(self._ends) + 1
        spans = ((self._leaf(each.low), self._leaf(each.high), bit) for each, bit in ranges)
        self._nodes = _packed(((node, bit) for low, high, bit in spans for node in self._cover(low, high)), size)

    def around(self, number: float) -> Iterator[_Rows]:
        """Yield the rows whose range has this number in it."""
        node = self._leaf(number) + self._leaves
        while node:
            if node in self._nodes:
                yield self._nodes[node]
            node >>= 1

    def _leaf(self, number: float) -> int:
        at = bisect_left(self._ends, number)
        return 2 * at + (at < len(self._ends) and self._ends[at] == number)

    def _cover(self, low: int, high: int) -> Iterator[int]:
        """Yield the fewest nodes that cover the leaves from `low` to `high`."""
        left, right = low + self._leaves, high + self._leaves + 1
        while left < right:
            if left & 1:
                yield left
                left += 1
            if right & 1:
                right -= 1
                yield right
            left >>= 1
            right >>= 1


def _packed(entries: Iterable[tuple[object, int]], size: int) -> dict[object, _Rows]:
    """Return the rows of each key, as a number where they are many."""
    found: dict[object, list[int]] = {}
    for key, bit in entries:
        found.setdefault(key, []).append(bit)
    return {
        key: _number(bits, size) if len(bits) * _SPARSE >= size > _SPARSE else tuple(bits)
        for key, bits in found.items()
    }


def _number(bits: Iterable[int], size: int) -> int:
    """Return the number that has these bits."""
    told = bytearray(size // 8 + 1)
    for bit in bits:
        told[bit >> 3] |= 1 << (bit & 7)
    return int.from_bytes(told, "little")


def _union(sets: Iterable[_Rows], size: int) -> int:
    """Return the rows that stand in any of the sets."""
    found = 0
    few: list[int] = []
    for rows in sets:
        if isinstance(rows, int):
            found |= rows
        else:
            few += rows
    return found | _number(few, size) if few else found
