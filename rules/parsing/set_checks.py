"""What only the whole rule set shows: names that stand twice or are not there, circles, and too much of everything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from rapidfuzz import fuzz, process
from yaml.nodes import MappingNode

from rules import limits
from rules.assembly import targets_of
from rules.faults import Fault
from rules.parsing import yamltext
from rules.parsing.condition_reading import Reference
from rules.parsing.people_reading import TrialText
from rules.parts import Part, Pool, Users, ValueList
from rules.territories.territories import Territory

_NAMES_TOLD = 10
_CLOSE = 60
_ONE_OF_A_KIND = frozenset({"match", "fields", "duplicates"})
_NAMELESS = frozenset({"users"})
_MOST: Mapping[str, tuple[int, str]] = {
    "rule": (limits.MOST_RULES, "Make lists and territories of rules that are alike."),
    "pool": (limits.MOST_POOLS, "Give members conditions of their own with when:."),
    "calendar": (limits.MOST_CALENDARS, "Pools and members may share a calendar."),
    "territory": (limits.MOST_TERRITORIES, "Put tables of the same columns together."),
    "test": (limits.MOST_TESTS, "Put more of them in a file beside."),
}

Named: TypeAlias = "Mapping[str, Mapping[str, Part | TrialText | None]]"
"""Kind -> name -> part; the part is None when it has faults of its own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An item and where it stands; `part` is None when it has faults of its own."""

    record: str
    node: MappingNode
    part: Part | TrialText | None
    references: tuple[Reference, ...]

    @property
    def named(self) -> tuple[str, str]:
        """Kind and name; all of a kind that there is only one of have one name."""
        kind, name = yamltext.heading(self.node)
        return kind, "default" if kind in _ONE_OF_A_KIND else name.strip()

    def fault(self, message: str, remedy: str = "", *, at: tuple[int, int] | None = None) -> Fault:
        """Return a fault of this item."""
        return Fault(self.record, *(at or yamltext.place(self.node)), message, remedy)


def by_name(entries: Iterable[Entry]) -> Named:
    """Return the first of each kind and name."""
    named: dict[str, dict[str, Part | TrialText | None]] = {kind: {} for kind in yamltext.KINDS}
    for entry in entries:
        kind, name = entry.named
        named.setdefault(kind, {}).setdefault(name, entry.part)
    return named


def check(entries: Sequence[Entry], named: Named) -> list[Fault]:
    """Return everything that is wrong with the items as a whole."""
    return [
        *_repeated(entries),
        *_dangling(entries, named),
        *_circles(entries),
        *_too_many(entries),
        *_declared(entries),
    ]


def _repeated(entries: Iterable[Entry]) -> Iterator[Fault]:
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        kind, name = entry.named
        if kind not in _NAMELESS and (earlier := first.setdefault(entry.named, entry)) is not entry:
            if _are_pieces(earlier.part, entry.part):
                continue
            message = f"There is another {kind} “{name}” in {earlier.record}."
            yield entry.fault(message, "Give one of them another name.")


def _are_pieces(one: object, other: object) -> bool:
    """Tell whether two items of one name are pieces of one territory; a faulty one is not told of twice."""
    if isinstance(one, Territory) and isinstance(other, Territory):
        return one.columns == other.columns
    return (one is None or other is None) and isinstance(one or other, Territory)


def _dangling(entries: Iterable[Entry], named: Named) -> Iterator[Fault]:
    """Yield a fault for every pool, list, calendar or territory that is named but not there."""
    for entry in entries:
        for wanted in entry.references:
            if wanted.name not in named[wanted.kind]:
                message, at = f"There is no {wanted.kind} “{wanted.name}”.", (wanted.line, wanted.column)
                yield entry.fault(message, _meant(wanted.name, named[wanted.kind]), at=at)


def _meant(name: str, known: Iterable[str]) -> str:
    names = tuple(known)
    found = process.extractOne(name, names, scorer=fuzz.ratio, score_cutoff=_CLOSE, processor=str.casefold)
    return (f"Did you mean “{found[0]}”? " if found else "") + f"Known: {_told_names(names)}."


def _told_names(names: Iterable[str]) -> str:
    first = [f"“{name}”" for name in islice(names, _NAMES_TOLD + 1)]
    return ", ".join([*first[:_NAMES_TOLD], "…"] if len(first) > _NAMES_TOLD else first) or "none"


def _circles(entries: Sequence[Entry]) -> Iterator[Fault]:
    """Yield a fault for every pool and territory that leads back to itself when it cannot take a lead."""
    found = {entry.named: entry for entry in reversed(entries) if isinstance(entry.part, Pool | Territory)}
    leads = {at: _next(part, found) for at, entry in found.items() if isinstance(part := entry.part, Pool | Territory)}
    for at in reversed(_tangled(leads)):
        if _comes_back(at, leads):
            kind, name = at
            does = "overflows into" if kind == "pool" else "leads back to"
            yield found[at].fault(f"The {kind} “{name}” {does} itself.", "Let the last one overflow elsewhere.")


_At: TypeAlias = tuple[str, str]


def _next(part: Pool | Territory, known: Container[_At]) -> set[_At]:
    """Return the pools and territories that are asked when this one cannot take a lead."""
    named: set[_At] = {(target.kind, target.name) for target in targets_of(part)}
    return {at for at in named if at in known}


def _tangled(leads: Mapping[_At, set[_At]]) -> list[_At]:
    """Return what may be in a circle: what is left when all that lead nowhere are taken away, one after the other."""
    left = {at: len(nexts) for at, nexts in leads.items()}
    before: dict[_At, list[_At]] = {at: [] for at in leads}
    for at, nexts in leads.items():
        for each in nexts:
            before[each].append(at)
    ends = [at for at, count in left.items() if not count]
    while ends:
        end = ends.pop()
        del left[end]
        for at in before[end]:
            left[at] -= 1
            if not left[at]:
                ends.append(at)
    return list(left)


def _comes_back(start: _At, leads: Mapping[_At, set[_At]]) -> bool:
    seen: set[_At] = set()
    ahead = [start]
    while ahead:
        for each in leads[ahead.pop()] - seen:
            if each == start:
                return True
            seen.add(each)
            ahead.append(each)
    return False


def _too_many(entries: Sequence[Entry]) -> Iterator[Fault]:
    """Yield a fault at the first item of each kind that is too many."""
    counts: Counter[str] = Counter()
    for entry in entries:
        kind, _ = entry.named
        most, remedy = _MOST.get(kind, (0, ""))
        counts[kind] += 1
        if counts[kind] == most + 1 and most:
            yield entry.fault(f"There are more than {most:,} items of the kind “{kind}”.", remedy)
    yield from _too_long(entries, ValueList, limits.MOST_VALUES, "values in all lists")
    yield from _too_long(entries, Territory, limits.MOST_ROWS, "rows in all territories")


def _too_long(entries: Iterable[Entry], kind: type[ValueList | Territory], most: int, what: str) -> Iterator[Fault]:
    total = 0
    for entry in entries:
        part = entry.part
        size = len(part.values) if isinstance(part, ValueList) else len(part.rows) if isinstance(part, Territory) else 0
        if isinstance(part, kind) and size:
            total += size
            if total > most >= total - size:
                yield entry.fault(f"There are more than {most:,} {what}.", "Keep a field of the record for it instead.")


def _declared(entries: Iterable[Entry]) -> Iterator[Fault]:
    """Yield a fault for every item that declares a user anew."""
    seen: set[str] = set()
    for entry in entries:
        for user in entry.part.users if isinstance(entry.part, Users) else ():
            if user.user in seen:
                yield entry.fault(f"{user.user} is declared twice.", "Keep one of them.")
            seen.add(user.user)
