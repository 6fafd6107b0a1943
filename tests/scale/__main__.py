"""``make scale ARGS="--portals 94 --orgs 6"``: a hundred customers, several hosts, a noisy one, a deploy.

PostgreSQL, Redis and both local CRMs are on this side of a switch; web, workers, listeners and clocks on hosts of their
own (network namespaces). Afterwards the judge of the chaos suite reads both CRMs and our database as a stranger. Prints
progress, tables and, as the last line, JSON; exits with 1 when anything was lost or done twice, or when the neighbours
of the noisy one waited more than twice as long.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.scale.course import Plan, Report, run
from tests.scale.hosts import NoHostsError, alone

SHOWN = 5


def show(console: Console, report: Report) -> None:
    """Print what was measured and found."""
    table = Table("leads of", "leads", "p50", "p99", "slowest")
    rows = {**report.waits} | ({"the noisy one itself": report.noisy} if report.noisy else {})
    for name, each in rows.items():
        table.add_row(name, str(each.leads), f"{each.p50:.2f} s", f"{each.p99:.2f} s", f"{each.slowest:.2f} s")
    console.print(table)
    console.print(f"The neighbours' p99 beside the noisy one, of their quiet p99: {report.ratio:.2f}")
    slowest = max(report.stops, key=lambda name: report.stops[name])
    console.print(f"Slowest to stop: {slowest}, {report.stops[slowest]:.1f} s")
    for name, count in sorted(report.found.numbers.items()):
        console.print(f"{name}: {count:,}")
    for name, ids in report.faults.items():
        console.print(f"[red]{name}[/red]: {len(ids)} {', '.join(ids[:SHOWN])}")
    for story in list(report.found.stories.values())[:SHOWN]:
        console.print(story, markup=False, style="red")


def as_json(report: Report) -> dict[str, Any]:
    """Return the report in one object."""
    return {
        "installs": report.installs,
        "waits": {name: asdict(each) for name, each in report.waits.items()},
        "noisy": asdict(report.noisy) if report.noisy else None,
        "ratio": report.ratio,
        "share_of_noisy": report.share_of_noisy,
        "slowest_stop": round(max(report.stops.values()), 1),
        "replaced": len(report.stops),
        "refused_calls": report.refused_calls,
        **report.found.numbers,
        "faults": {name: len(ids) for name, ids in report.faults.items()},
    }


def main() -> int:
    """Run; 0 when every promise was kept, 1 when not, 2 when there can be no hosts here."""
    plan = Plan()
    parser = argparse.ArgumentParser(prog="make scale", description=__doc__)
    parser.add_argument("--portals", type=int, default=plan.portals, help="portals of the local HubSpot")
    parser.add_argument("--orgs", type=int, default=plan.orgs, help="local Salesforce orgs, a process each")
    parser.add_argument("--accounts", type=int, default=plan.accounts, help="accounts of each")
    parser.add_argument("--hosts", type=int, default=plan.hosts, help="hosts with workers and a listener")
    parser.add_argument("--workers", type=int, default=plan.workers, help="workers on each of them")
    parser.add_argument("--rate", type=float, default=plan.rate, help="leads a second of all customers together")
    parser.add_argument("--noise", type=float, default=plan.noise, help="times the leads of another one that one makes")
    parser.add_argument("--seconds", type=float, default=plan.seconds, help="how long each part lasts")
    parser.add_argument("--keep", type=Path, help="keep state and logs in this folder")
    given = parser.parse_args()
    console = Console(highlight=False)
    chosen = {name: value for name, value in vars(given).items() if name != "keep"}
    try:
        code = alone("tests.scale", sys.argv[1:])
        if code is not None:
            return code
        directory = given.keep or Path(tempfile.mkdtemp(prefix="sy-scale-"))
        try:
            report = run(directory, Plan(**chosen), console.print)
        finally:
            if given.keep is None:
                shutil.rmtree(directory, ignore_errors=True)
    except NoHostsError as error:
        console.print(f"[red]{error}[/red]")
        return 2
    except (TimeoutError, LookupError) as error:
        console.print(f"[red]The run stopped:[/red] {error}")
        return 1
    show(console, report)
    print(json.dumps(as_json(report)))
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
