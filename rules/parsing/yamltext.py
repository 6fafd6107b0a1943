"""YAML as text with places: compose a document, split it into items that keep their comments, join items again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rules.faults import UNSTORABLE, Fault, RuleFault, RuleSetError
from rules.parsing.yamlfaults import broken

KINDS: tuple[str, ...] = (
    "rule", "test", "pool", "list", "match", "territory", "calendar", "users", "duplicates", "fields",
)  # fmt: skip
"""What an item may be; a key of its mapping says which. A pool may name a calendar, a test a match, and duplicates have
rules for fields: earlier here goes before later."""

_DEPTH = 12
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BYTE_ORDER_MARK = "\ufeff"
_WRAPPERS = frozenset({"rules", "items", "rule set", "ruleset"})
_COMMENT_OR_BLANK = re.compile(r"\s*(#.*)?")


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a rule set: its kind, its name, and its own text with its comments (a YAML list of one)."""

    kind: str
    name: str
    text: str


class _Loader(yaml.SafeLoader):
    """Composes nodes with their places; refuses what no rule needs and what could grow without bound.

    That is aliases, deep nesting, and escapes for what is no character.
    """

    depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        """Compose one node, unless it is an alias, has the name of another one, or is too deep."""
        if self.check_event(yaml.AliasEvent) or getattr(self._next(), "anchor", None) in self.anchors:
            raise yaml.MarkedYAMLError(problem="aliases are not used in rules", problem_mark=self._mark())
        self.depth += 1
        if self.depth > _DEPTH:
            raise yaml.MarkedYAMLError(problem="the nesting is too deep", problem_mark=self._mark())
        node = super().compose_node(parent, index)
        self.depth -= 1
        if isinstance(node, ScalarNode) and UNSTORABLE.search(node.value):
            raise yaml.MarkedYAMLError(problem="an escape stands for no character", problem_mark=node.start_mark)
        return node

    def _next(self) -> yaml.Event:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call] # the stubs have no type for it
        return event

    def _mark(self) -> Any:
        return self._next().start_mark


def bare(text: str) -> str:
    """Return the text without a byte order mark, which stands in no column."""
    return text.removeprefix(_BYTE_ORDER_MARK)


def compose(text: str) -> Node | None:
    """Return the document's root node, None when there is nothing in it. Raises RuleFault where YAML is broken."""
    text = bare(text)
    return yaml.compose(text, Loader=_FAST) if _is_plain(text) else _composed(text)


def _composed(text: str) -> Node | None:
    """Compose as :func:`compose` does, without libyaml: slower, and with words for what is wrong."""
    try:
        loader = _Loader(text)
    except yaml.reader.ReaderError as error:
        before = text[: error.position].split("\n")
        message, line, column = "There is a character that YAML does not allow.", len(before), len(before[-1]) + 1
        raise RuleFault(message, line=line, column=column, remedy="Delete it.") from None
    try:
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise broken(error, text) from None
    except (ValueError, OverflowError):  # PyYAML turns an escape like "\\U99999999" into a character unasked
        large = yaml.MarkedYAMLError(problem="a number is too large", problem_mark=loader.get_mark())
        raise broken(large, text) from None


def _is_plain(text: str) -> bool:
    """Tell whether libyaml may read it, ten times faster; for what is broken or refused _composed has the words."""
    depth = documents = 0
    try:
        for event in yaml.parse(text, Loader=_FAST):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            documents += isinstance(event, yaml.DocumentStartEvent)
            # An anchor is of no use without aliases, and libyaml refuses a second of one name in words of its own.
            if depth >= _DEPTH or documents > 1 or getattr(event, "anchor", None) is not None:
                return False
            if isinstance(event, yaml.ScalarEvent) and UNSTORABLE.search(event.value):
                return False
    except (yaml.YAMLError, UnicodeEncodeError):
        return False
    return True


def place(node: Node) -> tuple[int, int]:
    """Return line and column of a node, counted from 1."""
    return node.start_mark.line + 1, node.start_mark.column + 1


def items(text: str) -> list[MappingNode]:
    """Return the items of a document (a list of mappings, or one mapping). Raises RuleFault for anything else."""
    root = compose(text)
    found = root.value if isinstance(root, SequenceNode) else [root]
    for node in found:
        if not isinstance(node, MappingNode):
            line, column = place(node) if node else (1, 1)
            raise RuleFault("An item is missing here.", line=line, column=column, remedy="Write it like - rule: Name.")
    return list(found)


def heading(node: MappingNode) -> tuple[str, str]:
    """Return kind and name of an item: those of the key that is a kind, else of its first key."""
    pairs = {str(key.value): value for key, value in reversed(node.value) if isinstance(key, ScalarNode)}
    first = next((str(key.value) for key, _ in node.value if isinstance(key, ScalarNode)), "")
    kind = next((kind for kind in KINDS if kind in pairs), first)
    named = pairs.get(kind)
    return kind, named.value if isinstance(named, ScalarNode) else ""


def no_kind(kind: str, node: MappingNode, otherwise: str = "") -> tuple[str, str]:
    """Return message and remedy for an item that begins with no kind of item; `otherwise` for want of a better one."""
    plain = kind.strip().casefold()
    if plain in _WRAPPERS and len(node.value) == 1:
        remedy = f"Delete “{kind}:”. A rule set is a list: begin each item with a dash, such as - rule: Name."
        return f"“{kind}:” around the items is not needed.", remedy
    fitting = f"Write {plain}:" if plain in KINDS else otherwise or f"Begin with one of: {', '.join(KINDS)}."
    return f"“{kind}” is not a kind of item.", fitting


def split(text: str) -> tuple[Item, ...]:
    """Split a document into its items; each keeps its text and the comments above it. Raises RuleSetError."""
    text = bare(text)
    try:
        if not (nodes := items(text) if compose(text) else []):
            return ()
        headings = [_known(node) for node in nodes]
    except RuleFault as fault:
        raise RuleSetError([Fault("", fault.line, fault.column, fault.message, fault.remedy)]) from None
    texts = _block_texts(text) or [_flow_text(text, node) for node in nodes]
    return tuple(Item(kind, name, own) for (kind, name), own in zip(headings, texts, strict=True))


def _known(node: MappingNode) -> tuple[str, str]:
    kind, name = heading(node)
    if kind in KINDS:
        return kind, name
    line, column = place(node)
    message, remedy = no_kind(kind, node)
    raise RuleFault(message, line=line, column=column, remedy=remedy)


def _block_texts(text: str) -> list[str]:
    """Cut a block list before each of its dashes, comments above a dash included; empty for other documents."""
    lines = text.splitlines()
    tokens = yaml.scan(text, Loader=_FAST if _is_plain(text) else _Loader)
    dashes = [token.start_mark for token in tokens if isinstance(token, yaml.BlockEntryToken)]
    root = compose(text)
    if not dashes or not isinstance(root, SequenceNode) or root.flow_style:
        return []
    indent = dashes[0].column
    starts = [_with_comments(lines, mark.line, indent) for mark in dashes if mark.column == indent]
    starts[0] = next((number + 1 for number, line in enumerate(lines[: starts[0]]) if line.startswith("---")), 0)
    dedented = [line[indent:] if not line[:indent].strip() else line for line in lines]
    return [_trimmed(dedented[one:next_]) for one, next_ in pairwise([*starts, len(lines)])]


def _with_comments(lines: Sequence[str], line: int, indent: int) -> int:
    """Return where the comments right above a dash begin; deeper lines with a # may be text of the item before."""
    while line > 0 and _COMMENT_OR_BLANK.fullmatch(lines[line - 1]) and not lines[line - 1][: indent + 1].isspace():
        line -= 1
    return line


def _flow_text(text: str, node: MappingNode) -> str:
    inner = text[node.start_mark.index : node.end_mark.index]
    return inner if node.flow_style is False else f"- {inner}"


def _trimmed(lines: Sequence[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n") + "\n"


def join(parts: Sequence[Item]) -> str:
    """Join items to one document, a blank line between them; the inverse of :func:`split`."""
    return "\n".join(_as_entry(item.text) for item in parts)


def _as_entry(text: str) -> str:
    """Return an item's text as a list entry; a bare mapping gets its dash."""
    lines = text.strip("\n").splitlines()
    first = next((number for number, line in enumerate(lines) if not _COMMENT_OR_BLANK.fullmatch(line)), 0)
    if not lines or lines[first].startswith("-"):
        return _trimmed(lines)
    rest = [f"  {line}" if line.strip() else line for line in lines[first + 1 :]]
    return _trimmed([*lines[:first], f"- {lines[first]}", *rest])
