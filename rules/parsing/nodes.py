"""Reading YAML nodes with their places: every mistake is collected as a fault, none is raised."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import TypeAlias, TypeVar

from rapidfuzz import fuzz, process
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rules.faults import Fault, RuleFault
from rules.parsing.yamltext import place

_STEP = re.compile(
    r"(?P<count>\d{1,4})\s*(?P<unit>minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)\b\s*(?:(?:,|and\b)\s*(?=\d))?"
)
"""One step of a time: ``1 hour 30 minutes`` has two."""
DURATION_EXAMPLES = "15 minutes, 2 hours, 1 day or 3 weeks"

_THOUSAND = re.compile(r"\d{3}(?!\d)")
_MINUTES = {"m": 1, "h": 60, "d": 24 * 60, "w": 24 * 60}
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_CLOSE = 60
_BLOCK_STYLES = frozenset({"|", ">"})

Fields: TypeAlias = dict[str, tuple[ScalarNode, Node]]
_T = TypeVar("_T")


def time_of(text: str, *, days_a_week: int = 7) -> timedelta | None:
    """Return a time written like ``15 minutes`` or ``1 hour 30 minutes``; None when it is none, or no time at all."""
    at, minutes, text = 0, 0, text.casefold()
    while found := _STEP.match(text, at):
        unit = found["unit"][0]
        minutes += int(found["count"]) * _MINUTES[unit] * (days_a_week if unit == "w" else 1)
        at = found.end()
    return timedelta(minutes=minutes) if minutes and at == len(text) else None


def meant(written: str, known: Sequence[str], *, otherwise: str = "") -> str:
    """Return "Did you mean …?" for a slip, else `otherwise`, or what is known."""
    found = process.extractOne(written, known, scorer=fuzz.ratio, score_cutoff=_CLOSE)
    return f"Did you mean “{found[0]}”?" if found else otherwise or f"Known are: {', '.join(known)}."


def _plain(key: str) -> str:
    return " ".join(key.casefold().replace("_", " ").replace("-", " ").split())


def _is_split(one: Node, other: Node) -> bool:
    """Tell whether two entries are one number with a comma for thousands."""
    if not (isinstance(one, ScalarNode) and isinstance(other, ScalarNode)) or one.style or other.style:
        return False
    touches = other.start_mark.index == one.end_mark.index + 1
    is_number = one.value[-1:].isdigit() and _THOUSAND.match(other.value) is not None
    return touches and is_number and (" " in one.value or other.value == "000")


class NodeReader:
    """Reads nodes of one record's text. `faults` holds what was wrong so far."""

    def __init__(self, record: str) -> None:
        self.record = record
        self.faults: list[Fault] = []

    def fault(self, node: Node, message: str, remedy: str = "") -> None:
        """Note a fault at a node."""
        line, column = place(node)
        self.faults.append(Fault(self.record, line, column, message, remedy))

    def fields(self, node: MappingNode, known: Sequence[str]) -> Fields:
        """Return the entries of a mapping by key; unknown and repeated keys are faults.

        ``never_back`` and ``Never Back`` are the key ``never back``.
        """
        found: Fields = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else ""
            if name not in known and (plain := _plain(name)) in known:
                name = plain
            if name not in known:
                self.fault(key, f"“{name}” is not known here.", meant(str(name), known))
            elif name in found:
                self.fault(key, f"“{name}” stands here twice.", "Keep one of them.")
            else:
                found[name] = (key, value)
        return found

    def text(self, node: Node, what: str) -> str:
        """Return a scalar's text as written; a fault when it is empty or no scalar."""
        if isinstance(node, ScalarNode) and node.value.strip():
            return str(node.value).strip()
        self.fault(node, f"{what} must be a text.", "Write it on this line.")
        return ""

    def entries(self, node: Node, what: str, most: int = 0, why: str = "") -> list[Node]:
        """Return the entries of a list; a fault when it is none, or longer than `most` (0: any length)."""
        if not isinstance(node, SequenceNode):
            self.fault(node, f"{what} must be a list.", "Put each entry on its own line after a dash.")
            return []
        found = self._whole_numbers(node)
        if most and len(found) > most:
            self.fault(found[most], f"{what} has more than {most:,} entries.", why)
        return found[:most] if most else found

    def _whole_numbers(self, node: SequenceNode) -> list[Node]:
        """Return the entries; of a number such as 1,000 in brackets YAML makes two: a fault. [201,202] is a list."""
        found: list[Node] = list(node.value[:1])
        for one, other in pairwise(node.value):
            if node.flow_style and _is_split(one, other):
                number = f"{one.value.split()[-1]},{other.value[:3]}"
                remedy = f"Write {number.replace(',', '')}, or put the entry in quotes."
                self.fault(one, f"“{number}” is two entries here, for the comma ends the first.", remedy)
            else:
                found.append(other)
        return found

    def some(self, node: Node, what: str, most: int = 0, why: str = "") -> list[Node]:
        """Return the entries of a list, or the one value that stands in its place; a fault when there is none."""
        entries = self.entries(node, what, most, why) if isinstance(node, SequenceNode) else [node]
        if not entries:
            self.fault(node, f"{what} has no values.", "Add at least one, or leave it out.")
        return entries

    def flag(self, node: Node, what: str) -> bool:
        """Return a yes or no; a fault when it is neither."""
        value = self.maybe_flag(node)
        if value is None:
            self.fault(node, f"{what} must be true or false.")
        return bool(value)

    def maybe_flag(self, node: Node) -> bool | None:
        """Return a yes or no; None when it is neither."""
        return _FLAGS.get(node.value.casefold()) if isinstance(node, ScalarNode) else None

    def number(self, node: Node, what: str, read: Callable[[str], float]) -> float:
        """Return a number; a fault when it is none."""
        try:
            return read(self.text(node, what))
        except ValueError:
            self.fault(node, f"{what} must be a number.")
            return 1

    def whole(self, node: Node, what: str, least: int, most: int, remedy: str = "") -> int:
        """Return a whole number from `least` to `most`; `least` and a fault when it is none."""
        text = self.text(node, what)
        value = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(most)) else least - 1
        if text and not least <= value <= most:
            self.fault(node, f"{what} must be a whole number from {least} to {most}.", remedy)
        return max(value, least)

    def duration(self, node: Node, what: str) -> timedelta | None:
        """Return a time written like ``15 minutes``; None and a fault when it is none."""
        found = time_of(node.value.strip()) if isinstance(node, ScalarNode) else None
        if found is None:
            self.fault(node, f"{what} cannot be read.", f"Write it like {DURATION_EXAMPLES}.")
        return found

    def heard(self, node: Node, what: str, read: Callable[[str], _T]) -> _T | None:
        """Return what `read` makes of a text; the RuleFault it may raise is noted where it stands in the node."""
        text = self.text(node, what)
        if not text or not isinstance(node, ScalarNode):
            return None
        try:
            return read(text)
        except RuleFault as fault:
            line, column = place(node)
            if node.style in _BLOCK_STYLES:  # its text begins below
                line, column = line + fault.line, fault.column
            else:
                column += fault.column - 1 + (node.style in {"'", '"'})
            self.faults.append(Fault(self.record, line, column, fault.message, fault.remedy))
            return None
