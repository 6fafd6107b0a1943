"""From YAML nodes to what a test tells of records: values as the CRM would hold them, people, and moments."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from rules import conditions, normalize
from rules.clauses import compare
from rules.faults import RuleFault
from rules.fields import MONEY, canonical, type_of
from rules.model import Value
from rules.normalizing import numbers
from rules.parsing.people_reading import PeopleReader
from rules.parsing.target_reading import target_of
from rules.parsing.yamltext import place
from rules.parts import Target
from rules.times import moments
from rules.trials.parts import Known, Named

MOMENT_EXAMPLE = "Write it like 2026-11-23T10:00:00+01:00 or 2026-11-23 10:00 Europe/Paris."

_ONCE_HAD = frozenset({"previous", "previous_assignee", "previous_assignees", "previous assignees"})
_NOBODY = frozenset({"", "none", "nobody", "null", "~"})
_NAME = re.compile(r"[A-Za-z_]\w*(\.\w+)*")
_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2150, 1, 1, tzinfo=UTC)

Pairs: TypeAlias = Iterable[tuple[Node, Node]]


def moment_of(text: str) -> datetime | None:
    """Return the moment that a text says, in UTC; a day alone is its first moment. None when it says none."""
    try:
        found = moments.written(text.strip())
    except RuleFault:
        return None
    if not isinstance(found, datetime):
        found = datetime(found.year, found.month, found.day, tzinfo=UTC) if found else None
    return found if found and _FIRST <= found <= _LAST else None


def is_none(node: Node) -> bool:
    """Tell whether a node says that there is nobody or nothing; a quoted ``"none"`` is a name."""
    return isinstance(node, ScalarNode) and not node.style and node.value.strip().casefold() in _NOBODY


class ValueReader(PeopleReader):
    """Reads the records and people of one test. `named` is everybody it has named so far."""

    def __init__(self, record: str) -> None:
        super().__init__(record)
        self.named: list[Named] = []

    def person(self, node: Node, what: str = "The user") -> str:
        """Return an e-mail address, or a queue as ``queue "Name"``; "" when it is said that there is nobody.

        A word alone is the name of a queue; whether there is such a queue shows when the test is run.
        """
        if is_none(node):
            return ""
        text = self.text(node, what)
        target = target_of(text)
        queue = target if target and target.kind == "queue" and target.name else None
        mail = "" if queue else normalize.email(text)
        word = "" if queue or mail or "@" in text else text
        if text and not queue and not mail and not word:
            self.fault(node, f"“{text}” is not an e-mail address.", 'Write ana@example.com, or queue "Name".')
        found = str(queue) if queue else f'queue "{word}"' if word else mail
        self.named += [Named(found, *place(node), word)] if found else []
        return found

    def persons(self, node: Node, what: str) -> tuple[str, ...]:
        """Return the people of a list, or the one who stands in its place."""
        entries = self.entries(node, what) if isinstance(node, SequenceNode) else [node]
        return tuple(filter(None, (self.person(entry) for entry in entries)))

    def counts(self, node: Node, what: str, most: int, example: str = "{ana@example.com: 3}") -> dict[str, int]:
        """Return how many of something each person has, as ``{ana@example.com: 3}``; "" is nobody."""
        found: dict[str, int] = {}
        for key, value in self.pairs(node, what, example):
            found[self.person(key)] = self.whole(value, what, 0, most)
        return found

    def moment(self, node: Node, what: str) -> datetime | None:
        """Return a moment; None and a fault when it is none."""
        found = moment_of(node.value) if isinstance(node, ScalarNode) else None
        if found is None:
            self.fault(node, f"{what} is no moment that can be read.", MOMENT_EXAMPLE)
        return found

    def pairs(self, node: Node, what: str, example: str) -> Sequence[tuple[Node, Node]]:
        """Return the keys and values of a mapping; a fault when it is none, or a key stands there twice."""
        if not isinstance(node, MappingNode):
            self.fault(node, f"{what} cannot be read.", f"Write it like {example}.")
            return []
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value) if isinstance(key, ScalarNode) else ""
            if name in seen:
                self.fault(key, f"“{name}” stands here twice.", "Keep one of them.")
            seen.add(name)
        return [(key, value) for key, value in node.value if isinstance(key, ScalarNode)]

    def known(self, scope: str, pairs: Pairs, special: Collection[str] = ()) -> Known:
        """Return a record of this scope (``lead``, ``account``) from its fields; those in `special` are left out."""
        told: dict[str, Value] = {}
        owner = ""
        for key, node in pairs:
            name = str(key.value)
            if name in special:
                continue
            own = canonical(f"{scope}.{name}").removeprefix(f"{scope}.")
            if own.casefold() == "owner":
                owner = self.person(node, "The owner")
            elif own in told:
                self.fault(key, f"“{name}” is {own}, which stands here already.", "Keep one of them.")
            elif self._is_field(scope, own, key) and (value := self.value(f"{scope}.{own}", node)) is not None:
                told[own] = value
        return Known(told, str(told.pop("id", "")), owner)

    def _is_field(self, scope: str, name: str, key: Node) -> bool:
        """Tell whether rules can ask for this field; a slip of a name that we know is a fault, as it is in a rule."""
        if not _NAME.fullmatch(name):
            self.fault(key, f"“{name}” is not the name of a field.", "Write it like country, or by its API name.")
            return False
        if scope == "lead" and name.casefold() in _ONCE_HAD:
            self.fault(key, f"“{name}” is no field of a lead.", "Write previous: [ana@example.com] beside lead.")
            return False
        try:
            conditions.parse(f"{scope}.{name.partition('.')[0]} is not empty")
        except RuleFault as fault:
            remedy = fault.remedy.replace(f"{scope}.", "")
            self.fault(key, fault.message.replace(f"{scope}.", ""), remedy)
            return False
        return True

    def value(self, field: str, node: Node) -> Value:
        """Return what stands in a field (``scope.name``); None for nothing, and with a fault for what does not fit."""
        if isinstance(node, SequenceNode):
            return ";".join(self.text(entry, "A value") for entry in node.value)  # as both CRMs store several
        if not isinstance(node, ScalarNode):
            self.fault(node, f"{field} must be one value.", "Write it on this line.")
            return None
        if not node.style and node.value.strip().casefold() in {"", "null", "~"}:
            return None
        kind = type_of(field)
        if kind == "number":
            return self._number(field, node)
        if kind == "bool":
            return self.flag(node, field)
        if kind == "time":
            return self.moment(node, field)
        return self._literal(node) if kind == "any" and not node.style else str(node.value)

    def _number(self, field: str, node: ScalarNode) -> Value:
        """Return a number as a rule or a CRM would write it; ``51-200`` stays the text that a CRM has there."""
        text = node.value.strip()
        try:
            found = numbers.written(text, money=field in MONEY)
        except RuleFault as fault:
            self.fault(node, fault.message, fault.remedy)
            return None
        if found is None and numbers.least(text) is None:
            self.fault(node, f"{field} is a number, and “{text}” is none.", "Write it like 9000.")
        return text if found is None else found

    def _literal(self, node: ScalarNode) -> Value:
        """Return the value of a custom field as a rule would read it."""
        try:
            return compare.literal(node.value.strip())
        except RuleFault as fault:
            self.fault(node, fault.message, fault.remedy)
            return None


def queue_name(person: str) -> str:
    """Return the name of the queue that ``queue "Name"`` means; "" for an e-mail address."""
    target: Target | None = target_of(person)
    return target.name if target and target.kind == "queue" else ""
