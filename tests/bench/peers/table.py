"""The peers' results as a table to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from tests.bench.peers.comparison import Row

WIDTH = 140
COLUMNS = ("leads", "P", "R", "F1", "R at P≥99%", "ECE", "leads/s", "one lead p50", "index", "peak")


def table(title: str, rows: Sequence[Row]) -> Table:
    """Return one line for each peer; one that did not run has the reason below its name."""
    made = Table(title=title, title_justify="left", caption_justify="left", title_style="", caption_style="")
    made.add_column("peer", no_wrap=True)
    for name in COLUMNS:
        made.add_column(name, justify="right", no_wrap=True)
    for row in rows:
        made.add_row(row.peer, *_cells(row))
    notes = [f"{row.peer}: {row.why_not}" for row in rows if row.why_not]
    most = max((row.asked for row in rows), default=0)
    notes += [f"{row.peer}: asked about a sample only, as it is slow" for row in rows if 0 < row.asked < most]
    made.caption = Text("\n".join(notes)) if notes else None
    return made


def _cells(row: Row) -> list[str]:
    if row.score is None or row.cost is None:
        return ["did not run", *[""] * (len(COLUMNS) - 1)]
    score, cost = row.score, row.cost
    shares = [f"{100 * share:.1f}%" for share in (score.precision, score.recall, score.f1, score.recall_at_99)]
    error = "" if score.ece is None else f"{score.ece:.3f}"
    speed = f"{cost.leads_s:,.0f}" if cost.leads_s >= 10 else f"{cost.leads_s:.1f}"
    return [
        f"{row.asked:,}",
        *shares,
        error,
        speed,
        f"{cost.single_ms:,.2f} ms",
        f"{cost.index_s:,.1f} s",
        f"{cost.peak_mb:,.0f} MB",
    ]
