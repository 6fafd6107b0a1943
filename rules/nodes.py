"""Reading YAML nodes with their places: every mistake is collected as a fault, none is raised."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from rapidfuzz import fuzz, process
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rules.faults import Fault
from rules.yamltext import place

LATER: Mapping[str, str] = {
    "territory": "Use conditions and lists.",
    "calendar": "Leave it out.",
    "escalate": "Leave it out.",
    "cap": "Leave it out.",
    "hours": "Leave it out.",
    "skills": "Leave it out.",
}
"""What the design knows and this version does not do yet, with what to do instead."""

_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

Fields: TypeAlias = dict[str, tuple[ScalarNode, Node]]


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
        """Return the entries of a mapping by key; unknown and repeated keys are faults."""
        found: Fields = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else ""
            if name in LATER and name not in known:
                self.fault(key, f"“{name}” is not supported yet.", LATER[name])
            elif name not in known:
                meant = process.extractOne(str(name), known, scorer=fuzz.ratio, score_cutoff=60)
                self.fault(
                    key,
                    f"“{name}” is not known here.",
                    f"Did you mean “{meant[0]}”?" if meant else f"Known are: {', '.join(known)}.",
                )
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

    def entries(self, node: Node, what: str) -> list[Node]:
        """Return the entries of a list; a fault when it is none."""
        if isinstance(node, SequenceNode):
            return list(node.value)
        self.fault(node, f"{what} must be a list.", "Put each entry on its own line after a dash.")
        return []

    def flag(self, node: Node, what: str) -> bool:
        """Return a yes or no; a fault when it is neither."""
        value = _FLAGS.get(node.value.casefold()) if isinstance(node, ScalarNode) else None
        if value is None:
            self.fault(node, f"{what} must be true or false.")
        return bool(value)

    def number(self, node: Node, what: str, read: Callable[[str], float]) -> float:
        """Return a number; a fault when it is none."""
        try:
            return read(self.text(node, what))
        except ValueError:
            self.fault(node, f"{what} must be a number.")
            return 1
