"""``make soak ARGS="--changes 20000 --seed 7"``: a working day of changes in minutes, with everything going wrong.

People create, change, delete, merge and convert in a local Salesforce, while streams are cut, tokens die, events turn
into gaps, a transaction overflows, the place in the stream is lost, the quota of events is used up and processes are
killed. In the end the org is read as a stranger: every lead that is there was decided once, has the owner the rules
chose, and one task; the index is the org. Prints progress, a table and, as the last line, JSON; exits with 1 when
anything was lost or done twice.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.local.processes import until
from tests.soak.people import People
from tests.soak.place import Place, place
from tests.soak.reckoning import Reckoning, reckon
from tests.soak.troubles import Troubles

MOST_WAITING = 1500
"""Letters that may wait before people pause: a soak measures what gets lost, not how long a queue can be."""
PAUSE_SECONDS, QUIET_SECONDS = 300.0, 600.0
SHOWN = 5


@dataclass(frozen=True)
class Plan:
    """How many records are changed, how often everything goes wrong meanwhile, and how large a mass change is.

    `rate` is changes a second, `quiet` how many seconds all may take to be answered in the end.
    """

    changes: int
    seed: int = 7
    rounds: int = 1
    accounts: int = 300
    large: int = 300
    rate: float = 100.0
    quiet: float = QUIET_SECONDS


@dataclass
class Report:
    """What was done and found."""

    changes: int = 0
    seconds: float = 0.0
    settling: float = 0.0
    troubles: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    found: Reckoning = field(default_factory=Reckoning)


def soak(here: Place, plan: Plan, say: Callable[[str], None] = lambda _line: None) -> Report:
    """Let people work and things go wrong; return what came of it."""
    people = People(here.control, here.companies, seed=plan.seed)
    troubles = Troubles(here, people, large=plan.large)
    report, began = Report(), time.monotonic()
    names = [name for _ in range(plan.rounds) for name in troubles.kinds]
    for number, name in enumerate([*names, ""], start=1):
        _work(here, people, plan, until_done=number * plan.changes // (len(names) + 1))
        if name:
            say(f"{people.changes:>7,} changes, {time.monotonic() - began:>4.0f} s: {name}")
            troubles.kinds[name]()
            report.troubles[name] += 1
    report.seconds = time.monotonic() - began
    say(f"{people.changes:>7,} changes made in {report.seconds:.0f} s; waiting until all are answered")
    (last,) = people.create_many(1)
    here.wait_until_quiet(last, plan.quiet)
    report.settling = time.monotonic() - began - report.seconds
    report.changes, report.done, report.calls = people.changes, people.done, here.eye.calls()
    report.found = reckon(here, people)
    return report


def _work(here: Place, people: People, plan: Plan, *, until_done: int) -> None:
    """Let people make changes at the plan's rate, until so many have been made in all."""
    began, before = time.monotonic(), people.changes
    while people.changes < until_done:
        people.act()
        ahead = (people.changes - before) / plan.rate - (time.monotonic() - began)
        time.sleep(max(ahead, 0.0))  # changes come over time; nothing is waited for here
        if here.waiting() > MOST_WAITING:
            until(lambda: here.waiting() < MOST_WAITING // 2, seconds=PAUSE_SECONDS, what="fewer letters", every=0.1)


def show(console: Console, report: Report) -> None:
    """Print what was done and found."""
    table = Table("", "", show_header=False)
    for name, count in (
        *report.done.items(),
        *((f"trouble: {name}", count) for name, count in report.troubles.items()),
    ):
        table.add_row(name, f"{count:,}")
    found = report.found
    rate = report.changes / max(report.seconds + report.settling, 1)
    table.add_row("changes a second, until all were answered", f"{rate:.0f}")
    table.add_row("API calls", f"{report.calls:,}")
    table.add_row("leads that are there / their decisions", f"{found.leads:,} / {found.decisions:,}")
    for name, value in vars(found).items():
        if isinstance(value, list):
            style = "red" if value else "green"
            table.add_row(name.replace("_", " "), f"[{style}]{len(value)}[/{style}] {', '.join(value[:SHOWN])}")
    console.print(table)


def as_json(report: Report) -> dict[str, Any]:
    """Return the report in one flat object."""
    found = {name: len(value) if isinstance(value, list) else value for name, value in vars(report.found).items()}
    return {
        "changes": report.changes,
        "seconds": round(report.seconds, 1),
        "settling_seconds": round(report.settling, 1),
        "calls": report.calls,
        "troubles": dict(report.troubles),
        **found,
    }


def main() -> int:
    """Run the soak; 0 when nothing was lost and nothing done twice."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--changes", type=int, default=20_000, help="records to change (default: 20000)")
    parser.add_argument("--seed", type=int, default=7, help="the same seed makes the same changes (default: 7)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each trouble comes (default: 3)")
    parser.add_argument("--rate", type=float, default=100.0, help="changes a second (default: 100)")
    parser.add_argument("--accounts", type=int, default=400, help="accounts in the org (default: 400)")
    parser.add_argument("--database", default="", help="URL of an empty PostgreSQL database (default: SQLite)")
    parser.add_argument("--keep", type=Path, help="keep state and logs in this folder")
    given = parser.parse_args()
    console = Console(highlight=False)
    directory = given.keep or Path(tempfile.mkdtemp(prefix="switchyard-soak-"))
    plan = Plan(given.changes, given.seed, given.rounds, given.accounts, rate=given.rate)
    try:
        with place(directory, accounts=plan.accounts, database=given.database) as here:
            report = soak(here, plan, console.print)
        show(console, report)
        print(json.dumps(as_json(report)))
    except (TimeoutError, LookupError) as error:
        console.print(f"[red]The soak stopped:[/red] {error}")
        return 1
    finally:
        if given.keep is None:
            shutil.rmtree(directory, ignore_errors=True)
    return 1 if report.found.faults else 0


if __name__ == "__main__":
    sys.exit(main())
