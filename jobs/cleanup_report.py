"""What came of a clean-up, for people: its report, and its suggestions as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from connector.store import cleanups, pairs, progress
from connector.store.cleanups import Cleanup
from connector.store.pairs import Asked, Behind, State
from connector.store.progress import Progress
from connector.store.seal import Seal
from jobs.cleanup import sentence
from rules.comparison import csv_lines

STATES: tuple[State, ...] = ("open", "accepted", "merging", "merged", "rejected", "gone")
COLUMNS = (
    "key", "state", "confidence", "records", "ids", "kinds", "evidence", "why", "answered_by", "found_at", "decided_at",
    "decision", "run",
)  # fmt: skip
PAGE = 500
"""Suggestions that are opened at once."""


@dataclass(frozen=True, slots=True)
class Report:
    """A run, how far it is (None: nobody knows any more), and how many of its suggestions are in which state."""

    run: Cleanup
    work: Progress | None
    states: Mapping[str, int]

    @property
    def sentence(self) -> str:
        """What came of it so far."""
        return sentence(self.run, self.states)

    @property
    def state(self) -> str:
        """How far it is, in one word."""
        return self.work.state if self.work else "done"

    def plain(self) -> dict[str, Any]:
        """Return it as JSON values."""
        run, work = self.run, self.work
        return {
            "name": run.name,
            "by": run.by,
            "created_at": run.created_at.isoformat(),
            "applies": run.applies,
            "kinds": list(run.kinds),
            "rules": run.version,
            "state": self.state,
            "records": work.done if work else None,
            "of": work.total if work else None,
            "counts": dict(run.counts),
            "suggestions": {state: self.states.get(state, 0) for state in STATES},
            "calls": {"estimated": run.calls, "spent": run.spent},
            "reason": work.reason if work else "",
        }


def reports(connection: Connection, install_id: str, seal: Seal, *, limit: int = 20) -> list[Report]:
    """Return the reports of an install's runs, the newest first."""
    works = {each.name: each for each in progress.of(connection, install_id)}
    return [
        Report(run, works.get(run.name), pairs.counts(connection, install_id, run=run.name))
        for run in cleanups.every(connection, install_id, seal)[:limit]
    ]


def report(connection: Connection, install_id: str, seal: Seal, name: str) -> Report | None:
    """Return the report of one run, or None."""
    run = cleanups.get(connection, install_id, seal, name)
    if run is None:
        return None
    work = next((each for each in progress.of(connection, install_id) if each.name == name), None)
    return Report(run, work, pairs.counts(connection, install_id, run=name))


def every(
    connection: Connection, install_id: str, seal: Seal, *, states: Iterable[State] = STATES, run: str | None = None
) -> Iterator[Asked]:
    """Yield the suggestions of an install, or of one run, by state and then the surest first."""
    for state in states:
        behind: Behind | None = None
        while found := pairs.open_(connection, install_id, seal, limit=PAGE, after=behind, state=state, run=run):
            yield from found
            behind = Behind(found[-1].suggestion.confidence, found[-1].key)


def csv(found: Iterable[Asked]) -> list[str]:
    """Return suggestions as the lines of a CSV file, its header first; no cell is run by a spreadsheet."""
    return csv_lines([COLUMNS, *map(_row, found)])


def _row(each: Asked) -> tuple[str, ...]:
    told = each.suggestion
    return (
        each.key, each.state, f"{told.confidence:.4f}", " | ".join(told.names), " ".join(each.ids),
        " ".join(member.kind for member in told.members), " | ".join(clue.text for clue in told.evidence),
        " | ".join(told.why), each.answer.by, each.created_at.isoformat(),
        each.decided_at.isoformat() if each.decided_at else "", each.decision, each.run,
    )  # fmt: skip


def plain(each: Asked) -> dict[str, Any]:
    """Return a suggestion as JSON values."""
    told = each.suggestion
    return {
        "key": each.key,
        "state": each.state,
        "confidence": told.confidence,
        "records": [
            {"kind": member.kind, "id": member.id, "name": name}
            for member, name in zip(told.members, told.names or each.ids, strict=False)
        ],
        "evidence": [clue.text for clue in told.evidence],
        "why": list(told.why),
        "by": each.answer.by,
        "run": each.run,
        "decision": each.decision,
    }
