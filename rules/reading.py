"""From YAML nodes to the parts of a rule set: rule, pool, list; the match policy is read in rules.policy_reading."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from yaml.nodes import MappingNode, Node, ScalarNode

from rules import normalize, templates
from rules.condition_reading import Reference
from rules.nodes import LATER
from rules.parts import Member, Part, Pool, Rule, Target, TargetKind, TaskPlan, ValueList
from rules.policy_reading import PolicyReader
from rules.yamltext import heading, place

__all__ = ["Reader", "Reference"]

_TARGET = re.compile(
    r"(?P<kind>account owner|duplicate owner|keep|user|pool|queue|territory)(?:\s+(?P<name>.+))?", re.DOTALL
)
_NAMED: frozenset[str] = frozenset({"user", "pool", "queue"})
_TARGETS = ("account owner", "duplicate owner", 'user "e-mail"', 'pool "Name"', 'queue "Name"', "keep")
_DUE = re.compile(r"(?P<count>\d{1,4})\s*(?P<unit>minute|hour|day)s?")
_WEIGHT_LIMIT = 1000


class Reader(PolicyReader):
    """Reads the item of one record. `faults` holds what was wrong, `references` what it names."""

    def part(self, node: MappingNode) -> Part | None:
        """Return the part that an item's mapping describes."""
        kind, _ = heading(node)
        if kind in LATER:
            self.fault(node, f"“{kind}” is not supported yet.", LATER[kind])
            return None
        readers: dict[str, Callable[[MappingNode], Part]] = {
            "rule": self._rule,
            "pool": self._pool,
            "list": self._list,
            "match": self.policy,
        }
        reader = readers.get(kind)
        if reader is None:
            self.fault(node, f"“{kind}” is not a kind of item.", "Begin with one of: rule, pool, list, match.")
            return None
        before = len(self.faults)
        found = reader(node)
        return found if len(self.faults) == before else None

    def _rule(self, node: MappingNode) -> Rule:
        fields = self.fields(node, ("rule", "when", "assign", "otherwise", "task", "notify"))
        assign = Target("keep")
        if "assign" in fields:
            assign = self.target(fields["assign"][1])
        else:
            self.fault(
                node, "The rule does not say who gets the lead.", f"Add assign: with one of: {', '.join(_TARGETS)}."
            )
        default_task = None if assign.kind == "keep" else TaskPlan()
        return Rule(
            name=self.text(fields["rule"][1], "The rule's name") if "rule" in fields else "",
            when=self.conditions_of(fields["when"][1]) if "when" in fields else (),
            assign=assign,
            otherwise=self.target(fields["otherwise"][1]) if "otherwise" in fields else None,
            task=self._task(fields["task"][1]) if "task" in fields else default_task,
            notify=self.flag(fields["notify"][1], "notify") if "notify" in fields else False,
        )

    def target(self, node: Node) -> Target:
        """Return the target a text names; ``keep`` and a fault when it names none."""
        text = self.text(node, "The target")
        found = _TARGET.fullmatch(text)
        if not found:
            if text:
                self.fault(node, f"“{text}” is not a target.", f"Write one of: {', '.join(_TARGETS)}.")
            return Target("keep")
        return self._target(node, found["kind"], (found["name"] or "").strip().strip("\"'").strip())

    def _target(self, node: Node, kind: str, name: str) -> Target:
        if kind in LATER:
            self.fault(node, f"The target “{kind}” is not supported yet.", LATER[kind])
        elif kind in _NAMED and not name:
            self.fault(node, f"“{kind}” needs a name.", f'Write {kind} "Name".')
        elif kind not in _NAMED and name:
            self.fault(node, f"Nothing may follow “{kind}”.", f"Write only {kind}.")
        elif kind == "user" and not normalize.email(name):
            self.fault(node, f"“{name}” is not an e-mail address.", "A user is named by e-mail address.")
        elif kind == "pool":
            self.references.append(Reference("pool", name, *place(node)))
        kinds: dict[str, TargetKind] = {target.kind: target.kind for target in _PLAIN_TARGETS}
        return Target(kinds.get(kind, "keep"), name)

    def _task(self, node: Node) -> TaskPlan | None:
        if isinstance(node, ScalarNode):
            return TaskPlan() if self.flag(node, "task") else None
        if not isinstance(node, MappingNode):
            self.fault(node, "task must be false, true, or say subject, body and due.")
            return None
        fields = self.fields(node, ("subject", "body", "due"))
        return TaskPlan(
            subject=self._template(fields["subject"][1]) if "subject" in fields else "",
            body=self._template(fields["body"][1]) if "body" in fields else "",
            due=self._due(fields["due"][1]) if "due" in fields else None,
        )

    def _template(self, node: Node) -> str:
        text = self.text(node, "The text")
        for name in templates.unknown(text):
            self.fault(node, f"There is no {{{name}}} to put in.", f"Use one of: {', '.join(templates.EXAMPLES)} …")
        return text

    def _due(self, node: Node) -> timedelta | None:
        found = _DUE.fullmatch(self.text(node, "due"))
        if not found or not int(found["count"]):
            self.fault(node, "The time for the task cannot be read.", "Write it like 15 minutes, 2 hours or 1 day.")
            return None
        minutes = {"minute": 1, "hour": 60, "day": 24 * 60}[found["unit"]]
        return timedelta(minutes=int(found["count"]) * minutes)

    def _pool(self, node: MappingNode) -> Pool:
        fields = self.fields(node, ("pool", "members", "overflow"))
        if "members" not in fields:
            self.fault(node, "The pool has no members.", "Add members: with at least one - {user: e-mail}.")
        members = (
            [self._member(entry) for entry in self.entries(fields["members"][1], "members")]
            if "members" in fields
            else []
        )
        if "members" in fields and not members:
            self.fault(fields["members"][0], "The pool has no members.", "Add at least one - {user: e-mail}.")
        return Pool(
            name=self.text(fields["pool"][1], "The pool's name"),
            members=self._once(members, fields["members"][1] if "members" in fields else node),
            overflow=self.target(fields["overflow"][1]) if "overflow" in fields else None,
        )

    def _member(self, node: Node) -> Member:
        if isinstance(node, ScalarNode):
            return Member(self._mail(node))
        if not isinstance(node, MappingNode):
            self.fault(node, "This is not a member.", "Write it like - {user: ana@example.com, weight: 2}.")
            return Member("")
        fields = self.fields(node, ("user", "weight"))
        if "user" not in fields:
            self.fault(node, "The member has no user.", "Write it like - {user: ana@example.com}.")
        weight = (
            self.number(fields["weight"][1], "weight", lambda text: int(text) if text.isascii() else 0)
            if "weight" in fields
            else 1
        )
        if not 1 <= weight <= _WEIGHT_LIMIT:
            self.fault(
                fields["weight"][1],
                "The weight must be a whole number from 1 to 1000.",
                "Write weight: 2 for a double share.",
            )
        return Member(self._mail(fields["user"][1]) if "user" in fields else "", int(weight))

    def _mail(self, node: Node) -> str:
        text = self.text(node, "The user")
        mail = normalize.email(text)
        if text and not mail:
            self.fault(node, f"“{text}” is not an e-mail address.", "A user is named by e-mail address.")
        return mail

    def _once(self, members: Sequence[Member], node: Node) -> tuple[Member, ...]:
        users = [member.user for member in members]
        for user in (user for user, count in Counter(users).items() if user and count > 1):
            self.fault(node, f"{user} is in this pool twice.", "Keep one entry and give it the weight.")
        return tuple(members)

    def _list(self, node: MappingNode) -> ValueList:
        fields = self.fields(node, ("list", "values"))
        if "values" not in fields:
            self.fault(node, "The list has no values.", "Add values: [A, B].")
        entries = self.entries(fields["values"][1], "values") if "values" in fields else []
        if "values" in fields and not entries:
            self.fault(fields["values"][0], "The list has no values.", "Add at least one.")
        values = tuple(self.text(entry, "A value") for entry in entries)
        return ValueList(self.text(fields["list"][1], "The list's name"), values)


_PLAIN_TARGETS = (
    Target("account owner"), Target("duplicate owner"), Target("user"), Target("pool"), Target("queue"), Target("keep"),
)  # fmt: skip
