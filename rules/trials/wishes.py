"""From YAML nodes to what a test expects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import get_args

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rules.actions import TimerKind
from rules.limits import MOST_REPEATS
from rules.model import Outcome
from rules.parsing.nodes import Fields, meant
from rules.parsing.yamltext import place
from rules.trials.parts import Due, Wanted, Wish, WishKind
from rules.trials.values import ValueReader, is_none

EXPECTED: tuple[WishKind, ...] = get_args(WishKind)
_STEPS: tuple[TimerKind, ...] = get_args(TimerKind)
_EXAMPLE = "Write it like expect: {rule: Name, assignee: ana@example.com}."
_DUE_EXAMPLE = "Write it like {remind: 15 minutes} or {tell: 2026-11-23T10:30:00Z, to: manager}."
_STARTS_AS_DATE = re.compile(r"\s*\d{4}-")


class WishReader(ValueReader):
    """Reads what a test expects."""

    def wishes(self, node: Node) -> tuple[Wish, ...]:
        """Return everything that is expected; a fault when that is nothing."""
        if not isinstance(node, MappingNode) or not node.value:
            self.fault(node, "The test expects nothing.", _EXAMPLE)
            return ()
        found = []
        for key, (at, value) in self.fields(node, EXPECTED).items():
            what: WishKind = next(each for each in EXPECTED if each == key)
            wanted = self._readers.get(what, self._name)(value)
            if wanted is not None:
                found.append(Wish(what, wanted, *place(at)))
        return tuple(found)

    @property
    def _readers(self) -> Mapping[WishKind, Callable[[Node], Wanted | None]]:
        return {
            "assignee": self._someone,
            "assignees": self._several,
            "fallback": self._fallback,
            "because": self._because,
            "outcome": self._outcome,
            "task": self._task,
            "until": lambda node: self.moment(node, "until"),
            "escalations": self._escalations,
        }

    def _name(self, node: Node) -> str:
        return "" if is_none(node) else self.text(node, "The name")

    def _someone(self, node: Node) -> str:
        return self.person(node, "The assignee")

    def _several(self, node: Node) -> Wanted | None:
        if isinstance(node, SequenceNode):
            return tuple(self.person(entry) for entry in node.value)
        if isinstance(node, MappingNode):
            return self.counts(node, "How many leads somebody gets", MOST_REPEATS)
        self.fault(node, "assignees must be counts or a list.", "Write {ana@example.com: 4} or [ana@example.com].")
        return None

    def _fallback(self, node: Node) -> Wanted:
        flag = self.maybe_flag(node)
        return self.text(node, "fallback") if flag is None else flag

    def _because(self, node: Node) -> Wanted:
        entries = node.value if isinstance(node, SequenceNode) else [node]
        return tuple(self.text(entry, "because") for entry in entries)

    def _outcome(self, node: Node) -> str:
        text = self.text(node, "outcome")
        if text and text not in get_args(Outcome):
            self.fault(node, f"“{text}” is not an outcome.", meant(text, get_args(Outcome)))
        return text

    def _task(self, node: Node) -> Wanted:
        flag = self.maybe_flag(node)
        if flag is not None:
            return flag
        return False if is_none(node) else self.text(node, "task")

    def _escalations(self, node: Node) -> tuple[Due, ...]:
        entries = [] if is_none(node) else self.entries(node, "escalations")
        return tuple(due for due in map(self._due, entries) if due)

    def _due(self, node: Node) -> Due | None:
        """Return a step: ``remind``, or ``{remind: 15 minutes}``, or ``{tell: 30 minutes, to: manager}``."""
        if isinstance(node, ScalarNode) and node.value in _STEPS:
            return Due(next(step for step in _STEPS if step == node.value))
        if not isinstance(node, MappingNode):
            self.fault(node, "This is not a step.", _DUE_EXAMPLE)
            return None
        fields = self.fields(node, (*_STEPS, "to"))
        named = [step for step in _STEPS if step in fields]
        if len(named) != 1:
            self.fault(node, "A step is one of: " + ", ".join(_STEPS) + ".", _DUE_EXAMPLE)
            return None
        return self._dated(named[0], fields)

    def _dated(self, step: TimerKind, fields: Fields) -> Due:
        at = fields[step][1]
        to = self._recipient(fields["to"][1]) if "to" in fields else ""
        if isinstance(at, ScalarNode) and _STARTS_AS_DATE.match(at.value):
            return Due(step, at=self.moment(at, step), to=to)
        return Due(step, after=None if is_none(at) else self.duration(at, step), to=to)

    def _recipient(self, node: Node) -> str:
        text = self.text(node, "to")
        return text if text == "manager" else self.person(node, "to")
