"""``make soak ARGS="--changes 20000 --seed 7"``: a working day of changes in minutes, with everything going wrong.

People create, change, delete, merge and convert in a local Salesforce, while streams are cut, tokens die, events turn
into gaps, a transaction overflows, the place in the stream is lost, the quota of events is used up and processes are
killed. With ``--crm hubspot`` they work in two portals of a local HubSpot, restore and erase as well, and webhooks come
late, twice, in any order or never. In the end the CRM is read as a stranger: every lead that is there was decided once,
has the owner the rules chose, and one task; the index is the CRM; and no more calls were made than HubSpot allows.
Prints progress, a table and, as the last line, JSON; exits with 1 when anything was lost or done twice.
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
from typing import Any, Generic

from rich.console import Console
from rich.table import Table

from tests.soak import salesforce
from tests.soak.hubspot import scene as hubspot
from tests.soak.scene import Findings, Found_co, Plan, Scene

MOST_WAITING = 1500
"""Letters that may wait before people pause: a soak measures what gets lost, not how long a queue can be."""
PAUSE_SECONDS = 300.0
SHOWN = 5


@dataclass
class Report(Generic[Found_co]):
    """What was done and found."""

    found: Found_co
    changes: int = 0
    seconds: float = 0.0
    settling: float = 0.0
    troubles: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    calls: int = 0


def soak(scene: Scene[Found_co], plan: Plan, say: Callable[[str], None] = lambda _line: None) -> Report[Found_co]:
    """Let people work and things go wrong; return what came of it."""
    began, happened, people = time.monotonic(), Counter[str](), scene.people
    names = [name for _ in range(plan.rounds) for name in scene.troubles]
    for number, name in enumerate([*names, ""], start=1):
        _work(scene, plan, until_done=number * plan.changes // (len(names) + 1))
        if name:
            say(f"{people.done.total():>7,} changes, {time.monotonic() - began:>4.0f} s: {name}")
            scene.troubles[name]()
            happened[name] += 1
    seconds = time.monotonic() - began
    say(f"{people.done.total():>7,} changes made in {seconds:.0f} s; waiting until all are answered")
    scene.finish(plan.quiet)
    settling = time.monotonic() - began - seconds
    return Report(scene.reckon(), people.done.total(), seconds, settling, happened, people.done, scene.calls())


def _work(scene: Scene[Findings], plan: Plan, *, until_done: int) -> None:
    """Let people make changes at the plan's rate, until so many have been made in all."""
    here = scene.here
    began, made, left = time.monotonic(), 0, until_done - scene.people.done.total()
    while made < left:
        made += scene.people.act()
        ahead = made / plan.rate - (time.monotonic() - began)
        time.sleep(max(ahead, 0.0))  # changes come over time; nothing is waited for here
        if here.waiting() > MOST_WAITING:
            here.wait(lambda: here.waiting() < MOST_WAITING // 2, PAUSE_SECONDS, "fewer letters")


def show(console: Console, report: Report[Findings]) -> None:
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
    for name, value in vars(found).items():
        if name == "stories":
            continue
        if isinstance(value, list):
            style = "red" if value else "green"
            table.add_row(name.replace("_", " "), f"[{style}]{len(value)}[/{style}] {', '.join(value[:SHOWN])}")
        else:
            table.add_row(name.replace("_", " "), f"{value:,}" if isinstance(value, int) else str(value))
    console.print(table)
    for record, story in getattr(found, "stories", {}).items():
        console.print(f"[red]{record}[/red]: {story}")


def as_json(report: Report[Findings]) -> dict[str, Any]:
    """Return the report in one flat object."""
    found = {
        name: len(value) if isinstance(value, list) else value
        for name, value in vars(report.found).items()
        if name != "stories"
    }
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
    parser.add_argument("--crm", choices=("salesforce", "hubspot"), default="salesforce", help="which CRM")
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
    stage = salesforce.scene if given.crm == "salesforce" else hubspot.scene
    try:
        with stage(directory, plan, database=given.database) as scene:
            report = soak(scene, plan, console.print)
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
