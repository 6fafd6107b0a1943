"""What is measured on: accounts and leads as JSON lines, each with an ``id`` and our canonical field names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.model import Kind, Record

ANSWERS = frozenset({"id", "truth", "kind", "real", "src"})
"""What stands in a line beside the fields of a record."""


@dataclass(frozen=True)
class Lead:
    """A lead, the id of the account it belongs to (None when there is none), and what it tests."""

    record: Record
    truth: str | None
    kind: str


def accounts(path: Path) -> Iterator[Record]:
    """Read accounts."""
    return (_record("account", line) for line in _lines(path))


def leads(path: Path) -> list[Lead]:
    """Read leads; those of a file without ``truth`` belong to nobody."""
    return [Lead(_record("lead", line), line.get("truth"), str(line.get("kind") or "")) for line in _lines(path)]


def _record(kind: Kind, line: dict[str, Any]) -> Record:
    fields = {name: value for name, value in line.items() if name not in ANSWERS and value is not None}
    return Record(kind, str(line["id"]), fields)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)
