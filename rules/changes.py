"""What differs between two rule sets: item by item, by what they mean; layout and comments are told apart from that."""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rules.faults import RuleFault
from rules.parsing import yamltext
from rules.parsing.reading import Reader
from rules.parsing.yamltext import Item

How: TypeAlias = Literal["added", "removed", "changed", "moved", "reworded"]
HOWS: tuple[How, ...] = ("added", "removed", "changed", "moved", "reworded")


@dataclass(frozen=True, slots=True)
class ItemChange:
    """One item that differs, and how.

    ``changed`` means something else now; ``moved`` is a rule that is asked earlier or later than before, seen from the
    others; ``reworded`` means the same in other words, layout or comments. `before` and `after` are its places among
    the items of its kind, from 1 (0: it is not there). `diff` is a unified diff of its text, "" when that is the same.
    """

    kind: str
    name: str
    how: How
    before: int = 0
    after: int = 0
    diff: str = ""


@dataclass(frozen=True, slots=True)
class _Placed:
    item: Item
    place: int


def changes(before: Sequence[Item], after: Sequence[Item]) -> tuple[ItemChange, ...]:
    """Return every item that differs: what was removed first, then in the order of `after`.

    An item that is both changed and moved is told twice. Items are the same by kind and name.
    """
    old, new = _by_name(before), _by_name(after)
    removed = tuple(
        ItemChange(*key, "removed", before=found.place, diff=_diff(found.item, None))
        for key, found in old.items()
        if key not in new
    )
    moved = _moved([key for key in old if key in new], [key for key in new if key in old])
    return (*removed, *(change for key, found in new.items() for change in _changes(key, old.get(key), found, moved)))


def _by_name(items: Sequence[Item]) -> dict[tuple[str, str], _Placed]:
    """Return items by kind and name; those that have no name, or the same, are told apart by their number."""
    found: dict[tuple[str, str], _Placed] = {}
    places: dict[str, int] = {}
    for item in items:
        places[item.kind] = places.get(item.kind, 0) + 1
        name, number = item.name.strip(), 1
        while (item.kind, name) in found:
            number += 1
            name = f"{item.name.strip()} {number}".strip()
        found[item.kind, name] = _Placed(item, places[item.kind])
    return found


def _changes(
    key: tuple[str, str], old: _Placed | None, new: _Placed, moved: frozenset[tuple[str, str]]
) -> Iterator[ItemChange]:
    if old is None:
        yield ItemChange(*key, "added", after=new.place, diff=_diff(None, new.item))
        return
    if _plain(old.item) != _plain(new.item):
        how: How = "reworded" if _means_the_same(old.item, new.item) else "changed"
        yield ItemChange(*key, how, old.place, new.place, _diff(old.item, new.item))
    if key in moved:
        yield ItemChange(*key, "moved", old.place, new.place)


def _plain(item: Item) -> list[str]:
    """Return the text of an item as lines; a dash, or none, makes no difference."""
    return yamltext.join([item]).splitlines()


def _diff(old: Item | None, new: Item | None) -> str:
    one, other = _plain(old) if old else [], _plain(new) if new else []
    return "\n".join([*difflib.unified_diff(one, other, lineterm="", n=2)][2:])


def _means_the_same(one: Item, other: Item) -> bool:
    first = _part(one)
    return first is not None and first == _part(other)


def _part(item: Item) -> object | None:
    """Return what an item says; None when it has faults, which mean nothing."""
    text = yamltext.bare(item.text)
    try:
        (node,) = yamltext.items(text)
    except (RuleFault, ValueError):
        return None
    return None if item.kind == "test" else Reader("").part(node, text)


def _moved(before: Sequence[tuple[str, str]], after: Sequence[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return the fewest rules that must be moved to come from one order to the other; other items have no order."""
    places = {key: place for place, key in enumerate(key for key in before if key[0] == "rule")}
    rules = [key for key in after if key in places]
    return frozenset(rules) - frozenset(_in_order(rules, [places[key] for key in rules]))


def _in_order(keys: Sequence[tuple[str, str]], places: Sequence[int]) -> list[tuple[str, str]]:
    """Return a longest run of keys whose places go up."""
    ends: list[int] = []  # the smallest place in which a run of that length can end
    at: list[int] = []  # where in `places` that is
    earlier: list[int] = []  # what stands before each in its run; -1 for nothing
    for number, place in enumerate(places):
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        at[length : length + 1] = [number]
        earlier.append(at[length - 1] if length else -1)
    found: list[tuple[str, str]] = []
    number = at[-1] if at else -1
    while number >= 0:
        found.append(keys[number])
        number = earlier[number]
    return found
