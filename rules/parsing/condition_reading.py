"""From YAML nodes to conditions: one line each, or blocks of them under any:, all:, none: and not:."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from yaml.nodes import MappingNode, Node, ScalarNode

from rules import conditions
from rules.conditions import Block, Kind
from rules.faults import RuleFault
from rules.parsing.nodes import NodeReader
from rules.parsing.yamltext import place

DEEPEST = 8
"""How deep blocks may stand in blocks; nobody follows more when asking why."""
KINDS: Mapping[str, Kind] = {"any": "any", "all": "all", "none": "none", "not": "not"}
"""The blocks, by what stands before their colon."""
BLOCKS = "any:, all:, none: or not:"
_MEANT: Mapping[str, Kind] = {
    "or": "any", "any of": "any", "either": "any", "one of": "any", "and": "all", "all of": "all", "both": "all",
    "none of": "none", "nor": "none", "neither": "none", "not any": "none",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reference:
    """A part that an item names, and where."""

    kind: Literal["pool", "list", "territory", "calendar"]
    name: str
    line: int
    column: int


class ConditionReader(NodeReader):
    """Reads conditions. `references` holds the pools and lists that were named so far."""

    def __init__(self, record: str) -> None:
        super().__init__(record)
        self.references: list[Reference] = []
        self._depth = 0

    def conditions_of(self, node: Node, what: str = "when") -> tuple[conditions.Part, ...]:
        """Return the conditions of one line, one block, or a list of them."""
        nodes = [node] if isinstance(node, ScalarNode | MappingNode) else self.entries(node, what)
        parts = [self.condition(entry) for entry in nodes]
        return tuple(part for part in parts if part)

    def condition(self, node: Node) -> conditions.Part | None:
        """Return one condition or one block of them; None and a fault when it is neither."""
        if isinstance(node, ScalarNode):
            return self._line(node)
        if isinstance(node, MappingNode) and len(node.value) == 1:
            key, inner = node.value[0]
            if kind := KINDS.get(str(key.value).casefold()):
                return self._block(kind, key, inner)
            if meant := _MEANT.get(str(key.value).casefold()):
                self.fault(key, f"“{key.value}:” is no block of conditions.", f"Write {meant}:")
                return None
        self.fault(node, "This is not a condition.", f"Write one line, or {BLOCKS} with lines below it.")
        return None

    def _block(self, kind: Kind, key: Node, inner: Node) -> Block | None:
        if self._depth >= DEEPEST:
            self.fault(key, f"There are more than {DEEPEST} blocks in one another.", "Make several rules of them.")
            return None
        self._depth += 1
        faults = len(self.faults)
        parts = self.conditions_of(inner)
        self._depth -= 1
        if not parts and len(self.faults) == faults:
            self.fault(key, f"{kind}: has no conditions.", "Put at least one below it.")
        return Block(kind, parts) if parts else None

    def _line(self, node: ScalarNode) -> conditions.Condition | None:
        line, column = place(node)
        quoted = 1 if node.style in {"'", '"'} else 0
        try:
            found = conditions.parse(str(node.value), line_no=line, column=column + quoted)
        except RuleFault as fault:
            self.faults.append(fault.within(self.record))
            return None
        if found.list_name:
            self.references.append(Reference("list", found.list_name, line, column))
        return found
