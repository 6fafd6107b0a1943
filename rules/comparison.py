"""What a simulation found: both rule sets side by side, as plain values, as JSON and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from rules.cells import harmless

__all__ = ["NOBODY", "Comparison", "Ending", "Fate", "Moved", "Tally", "csv_lines"]

Ending: TypeAlias = Literal["given", "kept", "unassigned", "waiting"]

NOBODY = "nobody"
"""Stands for an owner where nobody got the lead."""
COLUMNS = (
    "lead", "name", "received_at", "owner_before", "owner_after", "rule_before", "rule_after", "reason_before",
    "reason_after", "given_at_before", "given_at_after",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fate:
    """What one rule set makes of a lead.

    `ending`: ``given`` to `owner`; ``kept``: a rule leaves it with whoever has it; ``unassigned``: nobody can take it;
    ``waiting``: still so when the simulation ended. `given_at` is when that came about, `held`: it had to wait first.
    """

    ending: Ending
    rule: str
    target: str
    owner: str
    reason: str
    given_at: datetime
    fallback: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """A lead that changes hands: what the one and the other rule set make of it."""

    lead_id: str
    name: str
    received_at: datetime
    before: Fate
    after: Fate


@dataclass(slots=True)
class Tally:
    """The sums of one rule set. Owners are by user id, weeks are ISO weeks in UTC (``2026-W47``).

    `escalations` are those that were set, by what they do. `answered` are those of them whose lead's first action is
    known, `in_time` those of these where that came before. The action is the one that really happened, by whoever had
    the lead then.
    """

    version: str
    owners: dict[str, int] = field(default_factory=dict)
    rules: dict[str, int] = field(default_factory=dict)
    weeks: dict[str, dict[str, int]] = field(default_factory=dict)
    fallbacks: int = 0
    unassigned: int = 0
    kept: int = 0
    held: int = 0
    waiting: int = 0
    escalations: dict[str, int] = field(default_factory=dict)
    answered: int = 0
    in_time: int = 0

    def add(self, fate: Fate) -> None:
        """Count what became of one lead."""
        self.fallbacks += fate.fallback
        self.held += fate.held
        self.unassigned += fate.ending == "unassigned"
        self.kept += fate.ending == "kept"
        self.waiting += fate.ending == "waiting"
        _count(self.rules, fate.rule or "(no rule)")
        if fate.ending == "given":
            _count(self.owners, fate.owner)
            year, week, _ = fate.given_at.isocalendar()
            _count(self.weeks.setdefault(fate.owner, {}), f"{year}-W{week:02}")

    def escalates(self, kinds: Iterable[tuple[str, datetime]], acted_at: datetime | None) -> None:
        """Count the escalations of a lead that was given, each with when it is due."""
        for kind, due_at in kinds:
            _count(self.escalations, kind)
            if acted_at:
                self.answered += 1
                self.in_time += acted_at <= due_at


def _count(counts: dict[str, int], key: str) -> None:
    counts[key] = counts.get(key, 0) + 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two rule sets over the same past leads. `names` are the people's by user id; `moved` is in order of arrival.

    `moves` counts all leads that change hands, `moved` may hold fewer of them.
    """

    leads: int
    before: Tally
    after: Tally
    moves: int
    moved: tuple[Moved, ...]
    names: Mapping[str, str]

    def owners(self) -> list[tuple[str, int, int]]:
        """Return owner id, leads before, leads after; those first whose number changes most."""
        return _side_by_side(self.before.owners, self.after.owners)

    def rules(self) -> list[tuple[str, int, int]]:
        """Return rule, leads before, leads after; those first whose number changes most."""
        return _side_by_side(self.before.rules, self.after.rules)

    def name(self, owner: str) -> str:
        """Return what somebody is called."""
        return self.names.get(owner, owner) or NOBODY

    def plain(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        return {
            "leads": self.leads,
            "moves": self.moves,
            "before": _tally(self.before),
            "after": _tally(self.after),
            "owners": [
                {"id": id_, "name": self.name(id_), "before": before, "after": after}
                for id_, before, after in self.owners()
            ],
            "rules": [{"rule": rule, "before": before, "after": after} for rule, before, after in self.rules()],
            "moved": [dict(zip(COLUMNS, row, strict=True)) for row in self._rows()],
        }

    def csv(self) -> list[str]:
        """Return the leads that change hands as the lines of a CSV file, its header first."""
        return csv_lines([COLUMNS, *self._rows()])

    def _rows(self) -> Iterator[tuple[str, ...]]:
        for each in self.moved:
            one, other = each.before, each.after
            yield (
                each.lead_id, each.name, each.received_at.isoformat(), self.name(one.owner), self.name(other.owner),
                one.rule, other.rule, one.reason, other.reason, one.given_at.isoformat(), other.given_at.isoformat(),
            )  # fmt: skip


def _side_by_side(one: Mapping[str, int], other: Mapping[str, int]) -> list[tuple[str, int, int]]:
    rows = [(key, one.get(key, 0), other.get(key, 0)) for key in {**one, **other}]
    return sorted(rows, key=lambda row: (-abs(row[1] - row[2]), -row[1], row[0]))


def _tally(tally: Tally) -> dict[str, Any]:
    return {name: getattr(tally, name) for name in Tally.__dataclass_fields__}


class _Lines(list[str]):
    """What csv.writer writes to."""

    def write(self, line: str) -> int:
        self.append(line)
        return len(line)


def csv_lines(rows: Iterable[Iterable[str]]) -> list[str]:
    """Return rows as the lines of a CSV file in which no cell is a formula."""
    lines = _Lines()
    writer = csv.writer(lines, lineterminator="\n")
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return list(lines)
