"""The text of an item, cut at its keys, so that one of them is written anew and all others stay to the letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import yaml
from yaml.nodes import MappingNode, Node

from rules import yamltext


@dataclass(frozen=True, slots=True)
class Piece:
    """One key with its value. `head` are the comments above it; `body` is its text, without the indentation before."""

    key: str
    head: str
    body: str


@dataclass(frozen=True, slots=True)
class Cut:
    """An item: what stands before its first key (comments and the dash), its keys in order, and how deep they stand."""

    before: str
    indent: int
    pieces: tuple[Piece, ...]

    def text(self) -> str:
        """Return the item as a text again."""
        first, *more = self.pieces
        rest = "".join(f"{each.head}{' ' * self.indent}{each.body}" for each in more)
        return f"{self.before}{first.body}{rest}".rstrip() + "\n"

    def without(self, key: str) -> Cut:
        """Return the item without a key."""
        return replace(self, pieces=tuple(each for each in self.pieces if each.key != key))

    def put(self, key: str, lines: Sequence[str], order: Sequence[str]) -> Cut:
        """Return the item with a key as these lines (their own indentation from 0), at its place in `order`."""
        indent = " " * self.indent
        body = "".join(f"{'' if number == 0 else indent}{line}\n" for number, line in enumerate(lines))
        if any(each.key == key for each in self.pieces):
            kept = (replace(each, body=body) if each.key == key else each for each in self.pieces)
            return replace(self, pieces=tuple(kept))
        earlier = set(order[: order.index(key)])
        place = max((number + 1 for number, each in enumerate(self.pieces) if each.key in earlier), default=1)
        whole = (*self.pieces[:place], Piece(key, "", body), *self.pieces[place:])
        return replace(self, pieces=whole)


def node_of(text: str) -> MappingNode:
    """Return the first item of a text. Raises RuleFault."""
    return yamltext.items(yamltext.bare(text))[0]


def cut(text: str) -> Cut:
    """Cut an item at its keys. Raises RuleFault for what is no item."""
    plain = yamltext.bare(text)
    node = node_of(plain)
    if node.flow_style:
        return _of_flow(plain, node)
    lines = plain.splitlines(keepends=True)
    starts = [key.start_mark for key, _ in node.value]
    indent = starts[0].column
    before = "".join(lines[: starts[0].line]) + lines[starts[0].line][:indent]
    ends = [*(mark.line for mark in starts[1:]), len(lines)]
    pieces: list[Piece] = []
    head = ""
    for (key, _), mark, end in zip(node.value, starts, ends, strict=True):
        own = [lines[mark.line][indent:], *lines[mark.line + 1 : end]]
        last = end == len(lines)
        kept = len(own) if last else _before_comments(own, indent)
        pieces.append(Piece(_plain(key), head, _ended("".join(own[:kept]))))
        head = "".join(own[kept:])
    return Cut(before, indent, tuple(pieces))


def slice_of(text: str, node: Node) -> str:
    """Return the text of a value, its further lines indented as if it began in the first column."""
    plain = yamltext.bare(text)
    found = plain[node.start_mark.index : node.end_mark.index].rstrip()
    first, *more = found.split("\n")
    column = node.start_mark.column
    return "\n".join([first, *(line[column:] if not line[:column].strip() else line.lstrip() for line in more)])


def entry(text: str, indent: int = 2) -> list[str]:
    """Return a value as the lines of an entry of a list, `indent` deep."""
    first, *more = text.split("\n")
    return [f"{' ' * indent}- {first}", *(f"{' ' * (indent + 2)}{line}" if line else "" for line in more)]


def scalar(text: str) -> str:
    """Return a text as YAML reads it back: bare where that is the same, else in quotes."""
    try:
        same = yaml.safe_load(f"- {text}") == [text] and text == text.strip() and "\n" not in text
    except yaml.YAMLError:
        same = False
    if same:
        return text
    if "\n" in text or any(not each.isprintable() for each in text):
        return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10_000)).strip()
    return "'" + text.replace("'", "''") + "'"


def _plain(key: Node) -> str:
    return " ".join(str(key.value).casefold().replace("_", " ").replace("-", " ").split())


def _before_comments(lines: Sequence[str], indent: int) -> int:
    """Return where the comments and blank lines begin that stand right above the next key."""
    end = len(lines)
    while end > 1 and (not lines[end - 1].strip() or lines[end - 1].startswith(" " * indent + "#")):
        end -= 1
    return end


def _ended(text: str) -> str:
    return text if text.endswith("\n") else f"{text}\n"


def _of_flow(text: str, node: MappingNode) -> Cut:
    """Return an item in braces as one with a line for each key."""
    pieces = [Piece(_plain(key), "", f"{key.value}: {slice_of(text, value)}\n") for key, value in node.value]
    return Cut("- ", 2, tuple(pieces))
