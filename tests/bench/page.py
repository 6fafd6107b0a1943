"""``make benchmarks``: runs every benchmark and writes docs/benchmarks.md, each figure below the command that it is of.

The page is made from what the commands print as their last line; nobody edits it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.sections import SECTIONS, Section
from tests.local.processes import ROOT

PAGE = ROOT / "docs" / "benchmarks.md"
MEASURED = ROOT / "build" / "benchmarks.json"
"""What the commands said, so that a section can be measured anew by itself (``--only``)."""
HOURS = 3 * 3600
HEAD = """# Benchmarks

Written by `make benchmarks` (`ARGS=--short` for a quick look), never by hand: each table is made of what the
command above it printed. The local CRMs, the database and everything of Switchyard share one machine, and the CRMs
use as much of it as the product does; so look at ratios first. A real CRM answers in a tenth of a second to some
seconds, the local ones in milliseconds: times from event to owner are ours, without the CRM's.
"""


@dataclass(frozen=True)
class Facts:
    """Where and when it was measured, without the machine's name."""

    cores: int
    processor: str
    memory_gb: float
    system: str
    python: str
    commit: str
    date: str
    form: str
    load: float

    def table(self) -> str:
        """Return them as a table."""
        busy = f"{self.load:.1f} when it began" + (", so others used it too" if self.load > self.cores / 2 else "")
        rows = {
            "machine": f"{self.cores} cores, {self.processor}, {self.memory_gb:.0f} GB of memory",
            "system": f"{self.system}, Python {self.python}",
            "commit": self.commit,
            "date": self.date,
            "form": self.form,
            "load": busy,
        }
        return plain_table(("", ""), list(rows.items()))


def facts(*, short: bool) -> Facts:
    """Look around."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Facts(
        cores=len(os.sched_getaffinity(0)),
        processor=_processor(),
        memory_gb=pages / 2**30,
        system=f"{platform.system()} {platform.release().split('-')[0]}",
        python=platform.python_version(),
        commit=_commit(),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        form="short" if short else "long",
        load=os.getloadavg()[0],
    )


def plain_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(where: Facts, measured: dict[str, dict[str, Any]]) -> str:
    """Return the whole page. `measured` holds of each section its ``command`` and what it ``said``."""
    parts = [HEAD.strip(), where.table()]
    for section in SECTIONS:
        found = measured.get(section.name)
        if found is None:
            continue
        parts.append(f"## {section.title}\n\n    {found['command']}\n\n{section.meaning}")
        tables = section.tables(found["said"])
        parts += [f"{caption}\n\n{plain_table(titles, rows)}".strip() for caption, titles, rows in tables]
        if section.not_measured:
            parts.append(f"Not measured: {section.not_measured}")
    return "\n\n".join(parts) + "\n"


def measure(section: Section, *, short: bool) -> dict[str, Any]:
    """Run a section's command; return it with what it said. Raises RuntimeError with the end of what went wrong."""
    arguments = section.short if short else section.long
    print(f"==> {section.command(short=short)}", file=sys.stderr, flush=True)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True, check=False, timeout=HOURS
    )
    lines = done.stdout.strip().splitlines()
    # 1 is what a command says whose promise was not kept, and its figures tell which.
    if done.returncode not in {0, 1} or not lines or not lines[-1].startswith(("{", "[")):
        raise RuntimeError(f"{section.command(short=short)}: {done.returncode}\n{(done.stdout + done.stderr)[-2000:]}")
    print(f"    {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return {"command": section.command(short=short), "said": json.loads(lines[-1])}


def main() -> int:
    """Measure and write the page; 1 when a command failed, and the page then stays as it is."""
    parser = argparse.ArgumentParser(prog="make benchmarks", description=__doc__)
    parser.add_argument("--short", action="store_true", help="small sizes: ten minutes instead of two hours")
    parser.add_argument("--only", action="append", default=[], choices=[each.name for each in SECTIONS])
    parser.add_argument("--out", type=Path, default=PAGE, help="another place for the page")
    given = parser.parse_args()
    where = facts(short=given.short)
    measured: dict[str, dict[str, Any]] = {}
    for section in SECTIONS:
        if not given.only or section.name in given.only:
            found = measure(section, short=given.short)
            measured = (_kept() if given.only else measured) | {section.name: found}
            MEASURED.parent.mkdir(exist_ok=True)
            MEASURED.write_text(json.dumps(measured), encoding="utf-8")
    given.out.write_text(page(where, measured), encoding="utf-8")
    print(f"Wrote {given.out}", file=sys.stderr)
    return 0


def _kept() -> dict[str, dict[str, Any]]:
    """Return what commands said before."""
    return json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else {}


def _processor() -> str:
    """Return the processor's kind as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    told = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(told, platform.machine())


def _commit() -> str:
    told = subprocess.run(
        shlex.split("git describe --always --dirty --abbrev=10"), cwd=ROOT, capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
