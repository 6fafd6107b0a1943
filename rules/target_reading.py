"""From YAML nodes to targets: where a rule, a pool or a territory sends a lead."""

from __future__ import annotations

import re
from typing import cast, get_args

from yaml import Mark
from yaml.nodes import Node, ScalarNode, SequenceNode

from rules import normalize
from rules.condition_reading import ConditionReader, Reference
from rules.conditions import Condition
from rules.conditions import Part as ConditionPart
from rules.faults import RuleFault
from rules.limits import MOST_CONDITIONS, MOST_FIELDS, MOST_TARGETS
from rules.nodes import meant
from rules.parts import Target, TargetKind
from rules.preferences import lines
from rules.yamltext import place

KINDS: tuple[TargetKind, ...] = get_args(TargetKind)
NAMED: frozenset[str] = frozenset({"user", "pool", "queue", "territory"})
"""Targets that are followed by a name."""
TARGETS = (
    "account owner", "parent owner", "contact owner", "duplicate owner", "opportunity owner", "previous assignee",
    'user "e-mail"', 'pool "Name"', 'queue "Name"', 'territory "Name"', "keep",
)  # fmt: skip
"""All that may be written, for people."""
_TARGET = re.compile(rf"(?P<kind>{'|'.join(KINDS)})(?:\s+(?P<name>\S.*))?", re.DOTALL)


def target_of(text: str) -> Target | None:
    """Return the target that a text has the form of, be its name missing or out of place; None when it is none."""
    found = _TARGET.fullmatch(text.strip())
    name = (found["name"] or "").strip().strip("\"'").strip() if found else ""
    return Target(cast("TargetKind", found["kind"]), name) if found else None


def read_target(text: str) -> Target:
    """Return the target that a text is: ``pool "Name"``. Raises RuleFault when it is none."""
    target = target_of(text)
    if target is None:
        fitting = f"Write one of: {', '.join(TARGETS)}."
        remedy = f'Write user "{text}".' if normalize.email(text) else meant(text, TARGETS, otherwise=fitting)
        raise RuleFault(f"“{text}” is not a target.", remedy=remedy)
    kind, name = target.kind, target.name
    if kind in NAMED and not name:
        raise RuleFault(f"“{kind}” needs a name.", remedy=f'Write {kind} "Name".')
    if kind not in NAMED and name:
        raise RuleFault(f"Nothing may follow “{kind}”.", remedy=f"Write only {kind}.")
    if kind == "user" and not normalize.email(name):
        raise RuleFault(f"“{name}” is not an e-mail address.", remedy="A user is named by e-mail address.")
    return target


class TargetReader(ConditionReader):
    """Reads targets and what they are made of: users, and fields by name."""

    def targets(self, node: Node, what: str) -> tuple[Target, ...]:
        """Return the one target or the list of them, to be tried in order."""
        if not isinstance(node, SequenceNode):
            return (self.target(node),)
        entries = self.entries(node, what, MOST_TARGETS, "Nobody follows so many: let the last one be a pool.")
        if not entries:
            self.fault(node, f"{what} names no target.", f"Write one of: {', '.join(TARGETS)}.")
        found = tuple(self.target(entry) for entry in entries)
        for number, (entry, target) in enumerate(zip(entries, found, strict=True)):
            if target in found[:number] and target.kind != "keep":
                self.fault(entry, f"“{target}” stands here twice.", "It is asked once: keep the first.")
        return found

    def target(self, node: Node) -> Target:
        """Return the target a text names; ``keep`` and a fault when it names none."""
        target = self.heard(node, "The target", read_target)
        if target:
            self.refers(target, place(node))
        return target or Target("keep")

    def refers(self, target: Target, at: tuple[int, int]) -> None:
        """Note the pool or territory that a target names at this line and column: the rule set must have it."""
        if target.kind == "pool" or target.kind == "territory":  # noqa: PLR1714 - mypy narrows only this way
            self.references.append(Reference(target.kind, target.name, *at))

    def mail(self, node: Node, what: str = "The user") -> str:
        """Return an e-mail address in lower case; empty and a fault when it is none."""
        text = self.text(node, what)
        mail = normalize.email(text)
        if text and not mail:
            self.fault(node, f"“{text}” is not an e-mail address.", "A user is named by e-mail address.")
        return mail

    def conditions_within(self, node: Node) -> tuple[ConditionPart, ...]:
        """Return the conditions of one rule or member, of which there must not be too many."""
        found = self.conditions_of(node)
        count = sum(1 for _ in lines(found))
        if count > MOST_CONDITIONS:
            remedy = "Put values that are alike in a list, or make several rules of it."
            self.fault(node, f"There are {count:,} conditions, more than {MOST_CONDITIONS}.", remedy)
        return found

    def asked(self, node: Node, what: str) -> tuple[str, ...]:
        """Return the fields (``scope.name``) that a text or a list names; what is no field is a fault."""
        entries = self.some(node, what, MOST_FIELDS, "Keep those that tell the most.")
        found = [self._asked(entry) for entry in entries]
        for number, (entry, name) in enumerate(zip(entries, found, strict=True)):
            if name and name in found[:number]:
                self.fault(entry, f"“{name}” stands here twice.", "Keep one of them.")
        return tuple(filter(None, found))

    def _asked(self, node: Node) -> str:
        name = self.text(node, "The field")
        if not name:
            return ""
        if len(name.split()) > 1:
            self.fault(node, f"“{name}” is not a field.", "Write it like lead.language.")
            return ""
        quoted = getattr(node, "style", None) in {"'", '"'}
        mark = node.start_mark
        at = Mark(mark.name, mark.index, mark.line, mark.column + quoted, None, 0)
        found = self.condition(ScalarNode(node.tag, f"{name} is not empty", at, node.end_mark))
        return found.field if isinstance(found, Condition) else ""
