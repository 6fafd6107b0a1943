"""A rule set: loaded from the texts of the CRM's rule records, checked as a whole, with a version to name it by.

One bad record refuses the whole set, and every fault in it is told at once, with record, line, column and remedy.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from rules import assembly
from rules.conditions import Block, Condition
from rules.conditions import Part as ConditionPart
from rules.faults import Fault, RuleFault, RuleSetError
from rules.field_names import NO_NAMES
from rules.fields import STATES, FieldType, is_custom, type_of
from rules.limits import LONGEST_TABLE, LONGEST_TEXT
from rules.matching.policy import HISTORY
from rules.parsing import yamltext
from rules.parsing.people_reading import TrialText
from rules.parsing.pieces import joined
from rules.parsing.reading import Reader
from rules.parsing.set_checks import Entry, Named, by_name, check
from rules.parsing.yamltext import Item, join, split
from rules.parts import (
    Calendar,
    DeclaredUser,
    FieldNames,
    MatchPolicy,
    Member,
    MergePolicy,
    Part,
    Pool,
    Rule,
    Target,
    TargetKind,
    TaskPlan,
    Users,
    ValueList,
)
from rules.territories.territories import Territory
from rules.version import version_of

__all__ = [
    "LONGEST_TEXT", "Fault", "Item", "MatchPolicy", "Member", "Pool", "Rule", "RuleFault", "RuleSet", "RuleSetError",
    "Source", "Target", "TargetKind", "TaskPlan", "TrialText", "ValueList", "beside", "join", "load", "names_in",
    "split",
]  # fmt: skip

_TABLE = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*(?:-[ \t]+)?territory[ \t]*:")
"""Only an item that begins so may be as long as a table."""
_NAMES = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*(?:-[ \t]+)?fields[ \t]*:")
"""Only an item that begins so can be the names of fields."""
_PartT = TypeVar("_PartT", Pool, ValueList, Calendar, Territory)


@dataclass(frozen=True, slots=True)
class Source:
    """One CRM rule record: its name (or id) and its YAML text, a list with one item or a mapping."""

    record: str
    text: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A valid rule set. `reads` and `reads_account` are the custom fields that must be read from the CRM.

    `history` is what it asks for of that which the CRM knows beside an account: policy.HISTORY, ``opportunity``.
    `watches` are the lead's own states that rules read: whoever reads a status is asked again when it changes.
    `needs_open_leads`: some pool goes by how many open leads its members own; `needs_neighbours`: by who has leads of
    the same account; `needs_parent`: some target is the owner of the account's parent. `users` and `tests` are for its
    tests alone.

    `names` are the fields of the CRM that stand behind names of ours, where they are others than usual:
    ``lead.product`` -> API name.

    `duplicates` says how records of one person become one; None: nothing is merged, and nothing suggested.
    `reads_people` are the custom fields of leads and contacts in which one value is one person.

    `version` is the same for texts that mean the same: comments and layout do not count, nor users and tests; order
    does.
    """

    rules: tuple[Rule, ...] = ()
    pools: Mapping[str, Pool] = field(default_factory=lambda: MappingProxyType({}))
    lists: Mapping[str, ValueList] = field(default_factory=lambda: MappingProxyType({}))
    match: MatchPolicy = field(default_factory=MatchPolicy)
    version: str = ""
    reads: frozenset[str] = frozenset()
    reads_account: frozenset[str] = frozenset()
    history: frozenset[str] = frozenset()
    calendars: Mapping[str, Calendar] = field(default_factory=lambda: MappingProxyType({}))
    territories: Mapping[str, Territory] = field(default_factory=lambda: MappingProxyType({}))
    users: tuple[DeclaredUser, ...] = ()
    tests: tuple[TrialText, ...] = ()
    watches: frozenset[str] = frozenset()
    needs_open_leads: bool = False
    needs_neighbours: bool = False
    needs_parent: bool = False
    names: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    duplicates: MergePolicy | None = None
    reads_people: frozenset[str] = frozenset()

    @property
    def needs_history(self) -> bool:
        """Whether it asks for anything that only the CRM knows beside an account."""
        return bool(self.history)


def load(sources: Sequence[Source]) -> RuleSet:
    """Load a rule set from its records in order. Raises RuleSetError with all faults of all records."""
    faults: list[Fault] = []
    entries = [entry for source in sources for entry in _read(source, faults)]
    named = by_name(entries)
    faults += check(entries, named)
    lists = _Lists(named)
    parts = [_bound(entry, lists, faults) for entry in entries]
    if faults:
        order = {source.record: number for number, source in reversed(list(enumerate(sources)))}
        raise RuleSetError(sorted(faults, key=lambda fault: (order[fault.record], fault.line, fault.column)))
    tests = tuple(entry.part for entry in entries if isinstance(entry.part, TrialText))
    return _assembled(_whole([part for part in parts if part]), tests)


def _whole(parts: Sequence[Part]) -> list[Part]:
    """Return the parts with the pieces of a territory as one, where the first of them stands."""
    pieces: dict[str, list[Territory]] = {}
    for part in parts:
        if isinstance(part, Territory):
            pieces.setdefault(part.name, []).append(part)
    first = {id(found[0]): joined(found) for found in pieces.values() if len(found) > 1}
    later = {id(part) for found in pieces.values() for part in found[1:]}
    return [first.get(id(part), part) for part in parts if id(part) not in later]


def names_in(sources: Iterable[Source]) -> Mapping[str, str]:
    """Return the names of fields among the records, reading no others; none when their record has faults."""
    try:
        return load([source for source in sources if _NAMES.match(yamltext.bare(source.text))]).names
    except RuleSetError:
        return NO_NAMES


def beside(source: Source) -> tuple[tuple[DeclaredUser, ...], tuple[TrialText, ...]]:
    """Return the users and the tests of a file beside the rules. Raises RuleSetError, also for a rule there."""
    reader = Reader(source.record)
    text = yamltext.bare(source.text)
    try:
        nodes = yamltext.items(text)
    except RuleFault as fault:
        raise RuleSetError([fault.within(source.record)]) from None
    users: list[DeclaredUser] = []
    tests: list[TrialText] = []
    for node in nodes:
        kind, _ = yamltext.heading(node)
        if kind in {"rule", "pool", "list", "match", "territory", "calendar", "fields", "duplicates"}:
            reader.fault(node, f"A {kind} is no test.", "Put it in the rules, and only tests and users here.")
            continue
        part = reader.part(node, text)
        users += part.users if isinstance(part, Users) else ()
        tests += [part] if isinstance(part, TrialText) else []
    if reader.faults:
        raise RuleSetError(reader.faults)
    return tuple(users), tuple(tests)


def _read(source: Source, faults: list[Fault]) -> list[Entry]:
    """Return the item of a record; none, and faults, when there is none that could be read."""
    text = yamltext.bare(source.text)
    most = LONGEST_TABLE if _TABLE.match(text) else LONGEST_TEXT
    if len(source.text) > most:
        message = f"The record is longer than {most:,} characters."
        faults.append(Fault(source.record, 1, 1, message, "Make several rules or lists of it."))
        return []
    try:
        nodes = yamltext.items(text)
    except RuleFault as fault:
        faults.append(fault.within(source.record))
        return []
    if not nodes:
        faults.append(Fault(source.record, 1, 1, "The record is empty.", "Write one item, or delete it."))
        return []
    reader = Reader(source.record)
    if len(nodes) > 1:
        reader.fault(nodes[1], "A record holds one item, and here begins a second.", "Put it in a record of its own.")
    part = reader.part(nodes[0], text)
    faults += reader.faults
    return [Entry(source.record, nodes[0], part, tuple(reader.references))]


class _Lists:
    """The values of lists as conditions want them, read once for all conditions on fields of one type."""

    def __init__(self, named: Named) -> None:
        self._named = named["list"]
        self.values = {name: part.values for name, part in self._named.items() if isinstance(part, ValueList)}
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


def _bound(entry: Entry, lists: _Lists, faults: list[Fault]) -> Part | None:
    """Return the part with the values of its lists in its conditions; None for a test, which is no part."""
    part = entry.part
    try:
        if isinstance(part, MatchPolicy):
            return part.bind(lambda one: _with_values(one, lists), lists.values)
        if isinstance(part, MergePolicy):
            return part.bind(lambda one: _with_values(one, lists))
        if isinstance(part, Rule):
            return replace(part, when=_all_with_values(part.when, lists))
        if isinstance(part, Pool):
            members = (replace(member, when=_all_with_values(member.when, lists)) for member in part.members)
            return replace(part, members=tuple(members))
    except RuleFault as fault:
        faults.append(entry.fault(fault.message, "A value of the list does not fit. " + fault.remedy))
        return None
    return None if isinstance(part, TrialText) else part


def _all_with_values(parts: Sequence[ConditionPart], lists: _Lists) -> tuple[ConditionPart, ...]:
    return tuple(_with_values(part, lists) for part in parts)


def _with_values(part: ConditionPart, lists: _Lists) -> ConditionPart:
    if isinstance(part, Block):
        return replace(part, parts=_all_with_values(part.parts, lists))
    return lists.bind(part)


def _assembled(parts: Sequence[Part], tests: tuple[TrialText, ...]) -> RuleSet:
    policy = next((part for part in parts if isinstance(part, MatchPolicy)), MatchPolicy())
    asked = assembly.fields_asked(parts)
    custom = {name for name in asked | {line.field for line in policy.lines} if is_custom(name)}
    of_account = frozenset(name.removeprefix("account.") for name in asked if name.startswith("account."))
    kinds = {target.kind for part in parts for target in assembly.targets_of(part)}
    pools = _named(parts, Pool)
    duplicates = next((part for part in parts if isinstance(part, MergePolicy)), None)
    ids = duplicates.ids if duplicates else ()
    identifying = frozenset(name for name in ids if is_custom(f"lead.{name}"))
    return RuleSet(
        rules=tuple(part for part in parts if isinstance(part, Rule)),
        pools=pools,
        lists=_named(parts, ValueList),
        match=policy,
        version=version_of(parts),
        reads=frozenset(name.removeprefix("lead.") for name in custom if name.startswith("lead.")) | identifying,
        reads_account=policy.needs_custom | {name for name in of_account - HISTORY if is_custom(f"account.{name}")},
        history=((policy.needs | of_account) & HISTORY) | _opportunity(asked, kinds),
        calendars=_named(parts, Calendar),
        territories=_named(parts, Territory),
        users=tuple(user for part in parts if isinstance(part, Users) for user in part.users),
        tests=tests,
        watches=frozenset(name.removeprefix("lead.") for name in asked if name.startswith("lead.")) & STATES,
        needs_open_leads=any(map(assembly.counts_open_leads, pools.values())),
        needs_neighbours=any(pool.sticky for pool in pools.values()),
        needs_parent="parent owner" in kinds,
        names=MappingProxyType(dict(pair for part in parts if isinstance(part, FieldNames) for pair in part.pairs)),
        duplicates=duplicates,
        reads_people=identifying,
    )


def _opportunity(asked: Iterable[str], kinds: Collection[TargetKind]) -> frozenset[str]:
    """Return the name under which the CRM is asked for an account's open opportunity, if anything reads one."""
    reads = "opportunity owner" in kinds or any(name.startswith("opportunity.") for name in asked)
    return frozenset({"opportunity"} if reads else ())


def _named(parts: Sequence[Part], kind: type[_PartT]) -> Mapping[str, _PartT]:
    return MappingProxyType({part.name: part for part in parts if isinstance(part, kind)})
