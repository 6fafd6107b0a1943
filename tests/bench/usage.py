"""What is used: the CPU's time and the memory of a process with all that it has forked, as Linux tells it; storage."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from connector.store.base import Database

TICKS = os.sysconf("SC_CLK_TCK")
KILO = 1024


@dataclass(frozen=True)
class Memory:
    """Memory of a process and its children, in MB: `rss` counts what they share once for each, `pss` once."""

    rss: float
    pss: float


def family(pid: int) -> Iterator[int]:
    """Yield a process and all that it has forked."""
    yield pid
    for task in _listed(Path(f"/proc/{pid}/task")):
        with contextlib.suppress(OSError):
            for child in (task / "children").read_text(encoding="utf-8").split():
                yield from family(int(child))


def cpu_seconds(pid: int) -> float:
    """Return the seconds of a core that a process has used, with its children: those that have ended, too."""
    spent = 0
    for each in family(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{each}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
            spent += sum(map(int, fields[11:15]))
    return spent / TICKS


def memory(pid: int) -> Memory:
    """Return what a process and its children occupy now."""
    rss = pss = 0
    for each in family(pid):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{each}/smaps_rollup").read_text(encoding="utf-8").splitlines():
                name, _, rest = line.partition(":")
                rss += int(rest.split()[0]) if name == "Rss" else 0
                pss += int(rest.split()[0]) if name == "Pss" else 0
    return Memory(round(rss / KILO, 1), round(pss / KILO, 1))


def stored(database: Database) -> int:
    """Return the bytes that a database holds."""
    database.forget()
    with database.read() as connection:
        if connection.dialect.name == "postgresql":
            return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
        pages, page = (
            connection.exec_driver_sql(f"PRAGMA {each}").scalar_one() for each in ("page_count", "page_size")
        )
        return int(pages * page)


def _listed(path: Path) -> list[Path]:
    try:
        return list(path.iterdir())
    except OSError:
        return []
