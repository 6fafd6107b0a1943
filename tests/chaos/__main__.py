"""``make chaos ARGS="--events 10000 --seed 7"``: all that can go wrong does, and nothing is lost or doubled.

People work in a local Salesforce and a local HubSpot at once while every process of the product dies at random and at
every named step, is frozen or told to stop, while Valkey and the database go away, the CRMs answer every fifth call
with a fault, tokens die and clocks jump. Then both CRMs and our database are read as a stranger. Prints progress, a
table and, as the last line, JSON; exits with 1 and the story of each faulty lead when anything was lost or done twice.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests import postgres
from tests.chaos.course import Plan, Report, run

SHOWN = 5
STORIES = 12
ASKED_TO_STOP = 143


def show(console: Console, report: Report) -> None:
    """Print what was done and found."""
    table = Table("", "", show_header=False)
    for title, counts in (
        ("", report.done),
        ("trouble: ", report.troubles),
        ("ended and started again: ", report.died),
        ("", report.found.numbers),
    ):
        for name, count in sorted(counts.items()):
            table.add_row(f"{title}{name}", f"{count:,}")
    table.add_row("steps at which somebody died", f"{len(report.died_at)}")
    table.add_row("steps that nobody reached", ", ".join(report.never_reached))
    for name, ids in report.found.faults.items():
        table.add_row(f"[red]{name}[/red]", f"[red]{len(ids)}[/red] {', '.join(ids[:SHOWN])}")
    console.print(table)
    for story in list(report.found.stories.values())[:STORIES]:
        console.print(story, markup=False, style="red")


def as_json(report: Report) -> dict[str, Any]:
    """Return the report in one object."""
    return {
        "seed": report.seed,
        "events": report.done.total(),
        "seconds": round(report.seconds, 1),
        "settling_seconds": round(report.settling, 1),
        "troubles": report.troubles.total(),
        "kinds_of_trouble": len(report.troubles),
        "processes_ended": report.died.total(),
        "steps_died_at": len(report.died_at),
        "steps_never_reached": report.never_reached,
        **report.found.numbers,
        "faults": {name: len(ids) for name, ids in report.found.faults.items()},
    }


def main() -> int:
    """Run a chaos; 0 when nothing was lost and nothing done twice."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="records that people change (default: 10000)")
    parser.add_argument(
        "--seed", type=int, default=7, help="the same seed makes the same order of troubles (default: 7)"
    )
    parser.add_argument("--rounds", type=int, default=1, help="how often each trouble comes (default: 1)")
    parser.add_argument("--rate", type=float, default=60.0, help="events a second (default: 60)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite", help="which database")
    parser.add_argument("--keep", type=Path, help="keep state and logs in this folder")
    given = parser.parse_args()
    console = Console(highlight=False)
    directory = given.keep or Path(tempfile.mkdtemp(prefix="switchyard-chaos-"))
    plan = Plan(given.events, given.seed, given.rounds, rate=given.rate)
    # Asked to stop, it cleans up as when it is interrupted; killed, its processes end by themselves.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(ASKED_TO_STOP))
    server = postgres.running() if given.database == "postgresql" else contextlib.nullcontext(None)
    try:
        with server as found:
            report = run(directory, plan, postgres=found, say=console.print)
        show(console, report)
        (directory / "stories.txt").write_text("\n\n".join(report.found.stories.values()), encoding="utf-8")
        print(json.dumps(as_json(report)))
    except (TimeoutError, LookupError) as error:
        console.print(f"[red]The chaos stopped:[/red] {error}")
        return 1
    finally:
        if given.keep is None:
            shutil.rmtree(directory, ignore_errors=True)
    return 1 if report.found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
