"""A rule set: loaded from the texts of the CRM's rule records, checked as a whole, with a version to name it by.

One bad record refuses the whole set, and every fault in it is told at once, with record, line, column and remedy.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from types import MappingProxyType

from yaml.nodes import MappingNode

from rules import yamltext
from rules.conditions import Block, Condition
from rules.conditions import Part as ConditionPart
from rules.faults import Fault, RuleFault, RuleSetError
from rules.fields import FieldType, is_custom, type_of
from rules.parts import MatchPolicy, Member, Part, Pool, Rule, Target, TargetKind, TaskPlan, ValueList
from rules.policy import HISTORY, canonical
from rules.preferences import account_fields, lines
from rules.reading import Reader, Reference
from rules.yamltext import Item, join, split

__all__ = [
    "Fault", "Item", "MatchPolicy", "Member", "Pool", "Rule", "RuleFault", "RuleSet", "RuleSetError",
    "Source", "Target",
    "TargetKind", "TaskPlan", "ValueList", "join", "load", "split",
]  # fmt: skip


LONGEST_TEXT = 131_072
"""The longest record, in characters: no long text field of either CRM holds more."""

_NAMES_TOLD = 10


@dataclass(frozen=True, slots=True)
class Source:
    """One CRM rule record: its name (or id) and its YAML text, a list with one item or a mapping."""

    record: str
    text: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A valid rule set. `reads` and `reads_account` are the custom fields that must be read from the CRM.

    `history` is what it asks for of that which the CRM knows beside an account: policy.HISTORY, ``opportunity``.

    `version` is the same for texts that mean the same: comments and layout do not count, order does.
    """

    rules: tuple[Rule, ...] = ()
    pools: Mapping[str, Pool] = field(default_factory=lambda: MappingProxyType({}))
    lists: Mapping[str, ValueList] = field(default_factory=lambda: MappingProxyType({}))
    match: MatchPolicy = field(default_factory=MatchPolicy)
    version: str = ""
    reads: frozenset[str] = frozenset()
    reads_account: frozenset[str] = frozenset()
    history: frozenset[str] = frozenset()

    @property
    def needs_history(self) -> bool:
        """Whether it asks for anything that only the CRM knows beside an account."""
        return bool(self.history)


@dataclass(frozen=True, slots=True)
class _Entry:
    """An item and where it stands; `part` is None when it has faults of its own."""

    source: Source
    node: MappingNode
    part: Part | None
    references: tuple[Reference, ...]

    @property
    def named(self) -> tuple[str, str]:
        kind, name = yamltext.heading(self.node)
        return kind, "default" if kind == "match" else name.strip()

    def fault(self, message: str, remedy: str = "", *, at: tuple[int, int] | None = None) -> Fault:
        return Fault(self.source.record, *(at or yamltext.place(self.node)), message, remedy)


def load(sources: Sequence[Source]) -> RuleSet:
    """Load a rule set from its records in order. Raises RuleSetError with all faults of all records."""
    faults: list[Fault] = []
    entries = [entry for source in sources for entry in _read(source, faults)]
    named: dict[str, dict[str, Part | None]] = {"rule": {}, "pool": {}, "list": {}, "match": {}}
    for entry in entries:
        kind, name = entry.named
        named.setdefault(kind, {}).setdefault(name, entry.part)
    faults += _repeated(entries) + _dangling(entries, named)
    lists = _Lists(named["list"])
    parts = [_bound(entry, lists, faults) for entry in entries]
    if faults:
        order = {source.record: number for number, source in reversed(list(enumerate(sources)))}
        raise RuleSetError(sorted(faults, key=lambda fault: (order[fault.record], fault.line, fault.column)))
    return _assembled([part for part in parts if part])


def _read(source: Source, faults: list[Fault]) -> list[_Entry]:
    if len(source.text) > LONGEST_TEXT:
        message = f"The record is longer than {LONGEST_TEXT:,} characters."
        faults.append(Fault(source.record, 1, 1, message, "Make several rules or lists of it."))
        return []
    try:
        nodes = yamltext.items(source.text)
    except RuleFault as fault:
        faults.append(fault.within(source.record))
        return []
    reader = Reader(source.record)
    if len(nodes) > 1:
        reader.fault(nodes[1], "A record holds one item, and here begins a second.", "Put it in a record of its own.")
    part = reader.part(nodes[0]) if nodes else None
    faults += (
        reader.faults
        if nodes
        else [Fault(source.record, 1, 1, "The record is empty.", "Write one item, or delete it.")]
    )
    return [_Entry(source, nodes[0], part, tuple(reader.references))] if nodes else []


def _repeated(entries: Iterable[_Entry]) -> list[Fault]:
    first: dict[tuple[str, str], _Entry] = {}
    faults = []
    for entry in entries:
        kind, name = entry.named
        if (earlier := first.setdefault(entry.named, entry)) is not entry:
            record = earlier.source.record
            faults.append(
                entry.fault(f"There is another {kind} “{name}” in {record}.", "Give one of them another name.")
            )
    return faults


def _dangling(entries: Iterable[_Entry], named: Mapping[str, Mapping[str, Part | None]]) -> list[Fault]:
    """Return a fault for every pool or list that is named but not there, and for pools that overflow in a circle."""
    faults = []
    for entry in entries:
        for wanted in entry.references:
            if wanted.name not in named[wanted.kind]:
                known = _told_names(named[wanted.kind])
                message, at = f"There is no {wanted.kind} “{wanted.name}”.", (wanted.line, wanted.column)
                faults.append(entry.fault(message, f"Known: {known}.", at=at))
        if isinstance(entry.part, Pool) and _circles(entry.part, named["pool"]):
            faults.append(
                entry.fault(
                    f"The pool “{entry.part.name}” overflows into itself.", "Let the last one overflow elsewhere."
                )
            )
    return faults


def _told_names(names: Iterable[str]) -> str:
    first = [f"“{name}”" for name in islice(names, _NAMES_TOLD + 1)]
    return ", ".join([*first[:_NAMES_TOLD], "…"] if len(first) > _NAMES_TOLD else first) or "none"


def _circles(pool: Pool, pools: Mapping[str, Part | None]) -> bool:
    at: Part | None = pool
    for _ in range(len(pools)):
        target = at.overflow if isinstance(at, Pool) else None
        at = pools.get(target.name) if target and target.kind == "pool" else None
        if at is pool:
            return True
    return False


class _Lists:
    """The values of lists as conditions want them, read once for all conditions on fields of one type."""

    def __init__(self, named: Mapping[str, Part | None]) -> None:
        self._named = named
        self.values = {name: part.values for name, part in named.items() if isinstance(part, ValueList)}
        self._bound: dict[tuple[str, FieldType], Condition] = {}

    def bind(self, line: Condition) -> Condition:
        """Return the condition with its list's values. Raises RuleFault when one does not fit the field."""
        listed = self._named.get(line.list_name)
        if not isinstance(listed, ValueList):
            return line
        key = line.list_name, type_of(line.field)
        if key not in self._bound:
            self._bound[key] = line.bind(listed.values)
        return replace(line, operands=self._bound[key].operands)


def _bound(entry: _Entry, lists: _Lists, faults: list[Fault]) -> Part | None:
    """Return the part with the values of its lists in its conditions."""
    try:
        if isinstance(entry.part, MatchPolicy):
            return entry.part.bind(lambda part: _with_values(part, lists), lists.values)
        if not isinstance(entry.part, Rule):
            return entry.part
        return replace(entry.part, when=tuple(_with_values(part, lists) for part in entry.part.when))
    except RuleFault as fault:
        faults.append(entry.fault(fault.message, "A value of the list does not fit. " + fault.remedy))
        return None


def _with_values(part: ConditionPart, lists: _Lists) -> ConditionPart:
    if isinstance(part, Block):
        return replace(part, parts=tuple(_with_values(inner, lists) for inner in part.parts))
    return lists.bind(part)


def _assembled(parts: Sequence[Part]) -> RuleSet:
    rules = tuple(part for part in parts if isinstance(part, Rule))
    policy = next((part for part in parts if isinstance(part, MatchPolicy)), MatchPolicy())
    asked = [*(line for rule in rules for line in lines(rule.when)), *policy.lines]
    custom = {line.field.removeprefix("lead.") for line in asked if is_custom(line.field)}
    of_account = account_fields(part for rule in rules for part in rule.when)
    return RuleSet(
        rules=rules,
        pools=MappingProxyType({part.name: part for part in parts if isinstance(part, Pool)}),
        lists=MappingProxyType({part.name: part for part in parts if isinstance(part, ValueList)}),
        match=policy,
        version=_version(parts),
        reads=frozenset(name for name in custom if "." not in name),
        reads_account=policy.needs_custom | {name for name in of_account - HISTORY if is_custom(f"account.{name}")},
        history=((policy.needs | of_account) & HISTORY) | _opportunity(asked),
    )


def _opportunity(asked: Iterable[Condition]) -> frozenset[str]:
    """Return the name under which the CRM is asked for an account's open opportunity, if a condition reads one."""
    return frozenset({"opportunity"} if any(line.field.startswith("opportunity.") for line in asked) else ())


def _version(parts: Sequence[Part]) -> str:
    """Return 12 hex digits of SHA-256 over the canonical form of all parts."""
    told = [[type(part).__name__, _canonical(part)] for part in parts]
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:12]


def _canonical(part: Part) -> object:
    if isinstance(part, Rule):
        due = part.task.due.total_seconds() if part.task and part.task.due else None
        task = [part.task.subject, part.task.body, due] if part.task else None
        return [
            part.name,
            [canonical(one) for one in part.when],
            str(part.assign),
            str(part.otherwise),
            task,
            part.notify,
        ]
    return part.told if isinstance(part, MatchPolicy) else asdict(part)
