"""Changing parts of the item `match` in its own text: comments, pairs, dictionaries and layout stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from connector.desk.faults import Unusable
from rules.faults import RuleFault
from rules.parsing import yamltext

NEW = "- match: default\n"
"""What an item begins with where the rules have none."""
INDENT = 2

Part: TypeAlias = str | Sequence[str]
"""A value as it is written, or the entries of a list."""


def rewritten(text: str, parts: Mapping[str, Part], entries: Mapping[str, int]) -> str:
    """Return an item's text with these parts instead of those it has, and new ones at its end.

    `entries` are lines of a list that stand in the text already, with their place in it: they keep how they are written
    there. Raises Unusable for a text that is written on one line, or cannot be read.
    """
    text = text or NEW
    for name, part in parts.items():
        text = _with(text, name, part, entries)
    return text


def _with(text: str, name: str, part: Part, entries: Mapping[str, int]) -> str:
    node = _item(text)
    found = {str(key.value): (key, value) for key, value in node.value}
    key, value = found.get(name, (None, None))
    column = node.value[0][0].start_mark.column
    old = _entries(text, value) if value is not None else []
    lines = text.splitlines()
    if isinstance(part, str):
        if isinstance(value, ScalarNode):
            return text[: value.start_mark.index] + part + text[value.end_mark.index :]
        fresh = [f"{' ' * column}{name}: {part}"]
    else:
        dash = " " * _dash(value, column + INDENT)
        written = [old[entries[each]] if entries.get(each, len(old)) < len(old) else scalar(each) for each in part]
        listed = [f"{dash}- {each}" for each in written]
        fresh = [f"{' ' * column}{name}:", *listed] if listed else [f"{' ' * column}{name}: []"]
    if key is None or value is None:
        at = _last(node) + 1
        return "\n".join([*lines[:at], *fresh, *lines[at:]]) + "\n"
    return "\n".join([*lines[: key.start_mark.line], *fresh, *lines[_last(value) + 1 :]]) + "\n"


def scalar(text: str) -> str:
    """Return a text as YAML that reads as just this text, quoted where it must be."""
    return str(yaml.safe_dump(text, width=10_000, allow_unicode=True)).removesuffix("...\n").strip()


def _item(text: str) -> MappingNode:
    try:
        node = yamltext.items(text)[0]
    except (RuleFault, IndexError):
        raise Unusable("The item match cannot be read: mend its text first.", field="text") from None
    if node.flow_style:
        raise Unusable("The item match is written on one line: change its text instead.", field="text")
    return node


def _entries(text: str, value: Node) -> list[str]:
    """Return how the entries of a list are written, each without its dash."""
    if not isinstance(value, SequenceNode):
        return []
    lines, found = text.splitlines(), []
    for entry in value.value:
        start, last = entry.start_mark, _last(entry)
        if value.flow_style or (start.line == last and isinstance(entry, ScalarNode)):
            found.append(text[start.index : entry.end_mark.index])
        else:
            found.append("\n".join([lines[start.line][start.column :], *lines[start.line + 1 : last + 1]]))
    return found


def _dash(value: Node | None, usual: int) -> int:
    """Return the column of a list's dashes, so that entries of several lines keep their indentation."""
    if isinstance(value, SequenceNode) and not value.flow_style and value.value:
        return value.start_mark.column
    return usual


def _last(node: Node) -> int:
    """Return the last line on which something of a node stands; YAML ends a list where the next thing begins."""
    if isinstance(node, SequenceNode | MappingNode) and not node.flow_style:
        inner = [part for each in node.value for part in (each if isinstance(each, tuple) else (each,))]
        return max((_last(each) for each in inner), default=node.start_mark.line)
    mark = node.end_mark
    return int(mark.line - 1 if mark.column == 0 and mark.line > node.start_mark.line else mark.line)
