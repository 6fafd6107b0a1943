"""The text of an item, cut at its keys, so that one of them is written anew and all others stay to the letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import yaml
from yaml.nodes import MappingNode, Node, SequenceNode

from rules.parsing import yamltext


@dataclass(frozen=True, slots=True)
class Piece:
    """One key with its value. `head` are the comments above it; `body` is its text, without the indentation before.

    `tail` is the comment in the key's own line, with the spaces before it; it stays when the value is another.
    """

    key: str
    head: str
    body: str
    tail: str = ""


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
            first, end, more = body.partition("\n")
            kept = (
                replace(each, body=f"{first}{each.tail}{end}{more}") if each.key == key else each
                for each in self.pieces
            )
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
    for (key, value), mark, end in zip(node.value, starts, ends, strict=True):
        own = [lines[mark.line][indent:], *lines[mark.line + 1 : end]]
        last = end == len(lines)
        kept = len(own) if last else _before_comments(own, indent)
        pieces.append(Piece(_plain(key), head, _ended("".join(own[:kept])), _tail(plain, key, value)))
        head = "".join(own[kept:])
    return Cut(before, indent, tuple(pieces))


def slice_of(text: str, node: Node) -> str:
    """Return the text of a value, its further lines indented as if it began in the first column."""
    plain = yamltext.bare(text)
    found = plain[node.start_mark.index : node.end_mark.index].rstrip()
    first, *more = found.split("\n")
    column = node.start_mark.column
    return "\n".join([first, *(line[column:] if not line[:column].strip() else line.lstrip() for line in more)])


def spliced(text: str, values: Mapping[Node, str]) -> str:
    """Return a text with other values in the places of these nodes; all else stays to the letter."""
    plain = yamltext.bare(text)
    for node in sorted(values, key=lambda each: -each.start_mark.index):
        plain = plain[: node.start_mark.index] + values[node] + plain[node.end_mark.index :]
    return plain


def behind(text: str, node: Node) -> str:
    """Return the comment behind a node in its last line, with the spaces before it; "" for none."""
    rest = yamltext.bare(text)[node.end_mark.index :].partition("\n")[0].rstrip()
    return rest if rest.lstrip().startswith("#") else ""


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
    return _in_quotes(text)


def _in_quotes(text: str) -> str:
    if "\n" in text or any(not each.isprintable() for each in text):
        return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=10_000)).strip()
    return "'" + text.replace("'", "''") + "'"


def within(text: str) -> str:
    """Return a text as YAML that stands in braces and brackets as well: in quotes where it must be."""
    try:
        same = yaml.safe_load(f"{{a: {text}, b: 1}}") == {"a": text, "b": 1} and ":" not in text
    except yaml.YAMLError:
        same = False
    return text if same and text == scalar(text) else _in_quotes(text)


def values_of(node: MappingNode) -> dict[str, Node]:
    """Return the values of a mapping by their keys, in plain writing (``open_leads`` is ``open leads``)."""
    return {_plain(key): value for key, value in node.value}


def entries(text: str, node: Node) -> list[tuple[str, str]]:
    """Return the entries of a list as if each began in the first column, with the comments between it and the next."""
    own = node.value if isinstance(node, SequenceNode) else [node]
    if not isinstance(node, SequenceNode) or node.flow_style:
        return [(slice_of(text, each), "") for each in own]
    lines = yamltext.bare(text).splitlines()
    places = [yamltext.place(each) for each in own]
    dash = yamltext.place(node)[1] - 1
    ends = [*(line - 1 for line, _ in places[1:]), _end(lines, places[-1][0], dash)]
    return [_chunk(lines[line - 1 : end], column - 1) for (line, column), end in zip(places, ends, strict=True)]


def _end(lines: Sequence[str], line: int, dash: int) -> int:
    """Return where a list ends whose last entry begins above `line`; what is less deep than its dashes is behind it."""
    end = line
    for number, each in enumerate(lines[line:], start=line + 1):
        depth = len(each) - len(each.lstrip())
        if each.strip() and depth < dash:
            break
        end = number if each.strip() else end
    return end


def _chunk(lines: Sequence[str], column: int) -> tuple[str, str]:
    body = len(lines)
    while body > 1 and not lines[body - 1][:column].isspace():
        body -= 1
    first, *more = lines[:body]
    told = "\n".join([first[column:], *(line[column:] for line in more)]).rstrip()
    return told, "\n".join(line.strip() for line in lines[body:] if line.strip())


def _plain(key: Node) -> str:
    return " ".join(str(key.value).casefold().replace("_", " ").replace("-", " ").split())


def _tail(text: str, key: Node, value: Node) -> str:
    """Return the comment in a key's own line: behind its value, or behind the colon when the value begins below."""
    line = key.start_mark.line
    if value.start_mark.line == value.end_mark.line == line:
        return behind(text, value)
    if value.start_mark.line == line:
        return ""
    rest = text[key.end_mark.index :].partition("\n")[0].lstrip().removeprefix(":").rstrip()
    return rest if rest.lstrip().startswith("#") else ""


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
