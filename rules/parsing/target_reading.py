"""From YAML nodes to targets: where a rule, a pool or a territory sends a lead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast, get_args

from yaml import Mark
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rules import normalize
from rules.conditions import Condition
from rules.conditions import Part as ConditionPart
from rules.faults import RuleFault
from rules.limits import MOST_CONDITIONS, MOST_FIELDS, MOST_TARGETS
from rules.matching.preferences import lines
from rules.parsing.condition_reading import ConditionReader, Reference
from rules.parsing.nodes import meant
from rules.parsing.yamltext import place
from rules.parts import Target, TargetKind

KINDS: tuple[TargetKind, ...] = get_args(TargetKind)
NAMED: frozenset[str] = frozenset({"user", "pool", "queue", "territory"})
"""Targets that are followed by a name."""
TARGETS = (
    "account owner", "parent owner", "contact owner", "duplicate owner", "opportunity owner", "previous assignee",
    'user "e-mail"', 'pool "Name"', 'queue "Name"', 'territory "Name"', "keep",
)  # fmt: skip
"""All that may be written, for people."""
_KINDS = "|".join(kind.replace(" ", r"\s+") for kind in KINDS)
_TARGET = re.compile(rf"(?P<kind>{_KINDS})(?:\s+(?P<name>\S.*))?", re.DOTALL | re.IGNORECASE)
_WHOSE: Mapping[str, TargetKind] = {
    "account": "account owner", "matched account": "account owner", "company": "account owner",
    "parent": "parent owner", "parent account": "parent owner", "account parent": "parent owner",
    "contact": "contact owner", "matched contact": "contact owner", "duplicate": "duplicate owner",
    "opportunity": "opportunity owner", "open opportunity": "opportunity owner", "deal": "opportunity owner",
    "previous": "previous assignee", "last": "previous assignee", "former": "previous assignee",
}  # fmt: skip
"""Whose owner is meant: ``parent account's owner``, ``owner of the parent account``."""
_OWNERS = frozenset({"owner", "assignee"})


def target_of(text: str) -> Target | None:
    """Return the target that a text has the form of, be its name missing or out of place; None when it is none."""
    stripped = text.strip()
    found = _TARGET.fullmatch(stripped)
    if not found:
        owner = _owner(stripped)
        return Target(owner) if owner else None
    name = (found["name"] or "").strip().strip("\"'").strip()
    return Target(cast("TargetKind", " ".join(found["kind"].casefold().split())), name)


def _owner(text: str) -> TargetKind | None:
    """Return the kind of a target that says in other words whose owner it means."""
    told = text.casefold().replace("\u2019", "'").split()
    words = [word.removesuffix("'s").removesuffix("'") for word in told if word != "the"]
    if len(words) > 1 and words[-1] in _OWNERS:
        return _WHOSE.get(" ".join(words[:-1]))
    return _WHOSE.get(" ".join(words[2:])) if words[:1] and words[0] in _OWNERS and words[1:2] == ["of"] else None


def read_target(text: str) -> Target:
    """Return the target that a text is: ``pool "Name"``, or a user's e-mail. Raises RuleFault when it is none."""
    target = target_of(text)
    if target is None and normalize.email(text):
        return Target("user", text.strip())
    if target is None:
        remedy = meant(text, TARGETS, otherwise=f"Write one of: {', '.join(TARGETS)}.")
        raise RuleFault(f"“{text}” is not a target.", remedy=remedy)
    return _checked(target)


def _checked(target: Target) -> Target:
    """Return a target that has a name where it needs one. Raises RuleFault for others."""
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
        target = self._mapped(node) if isinstance(node, MappingNode) else self.heard(node, "The target", read_target)
        if target:
            self.refers(target, place(node))
        return target or Target("keep")

    def _mapped(self, node: MappingNode) -> Target | None:
        """Return the target of ``{pool: Name}``."""
        kinds = [str(key.value).strip().casefold() for key, _ in node.value if isinstance(key, ScalarNode)]
        if len(node.value) == 1 and kinds and kinds[0] in NAMED:
            kind = cast("TargetKind", kinds[0])
            return self.heard(node.value[0][1], "The name", lambda name: _checked(Target(kind, name)))
        self.fault(node, "This is not a target.", f"Write one of: {', '.join(TARGETS)}.")
        return None

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
