"""How a peer is run: it reads accounts, leads and labelled leads, and writes an answer for every lead.

A peer's module ends with `harness.run(build, harness.parser().parse_args())`. Its last line of output is a JSON object
with the seconds it took to build, the leads it answered per second, the milliseconds of one lead alone, and its peak
memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Record = Mapping[str, Any]
Answer = tuple[str | None, float]
Match = Callable[[Sequence[Record]], Sequence[Answer]]
"""Answers leads: for each, an account's id (or None) and a score, higher being surer."""
Build = Callable[[Sequence[Record], Sequence[Record]], Match]
"""Makes a match from the accounts and from leads whose `truth` is known."""

SINGLES = 50
"""How many leads are asked one by one, to tell how long a single one takes."""


def parser() -> argparse.ArgumentParser:
    """Return the arguments every peer has: four files."""
    made = argparse.ArgumentParser()
    for name in ("accounts", "leads", "labelled", "answers"):
        made.add_argument(f"--{name}", type=Path, required=True)
    return made


def run(build: Build, given: argparse.Namespace) -> None:
    """Build the peer, ask it about every lead, write its answers and print what it cost."""
    _stay_on_one_core()
    accounts, leads, labelled = (read(path) for path in (given.accounts, given.leads, given.labelled))
    started = time.perf_counter()
    match = build(accounts, labelled)
    built = time.perf_counter()
    answers = match(leads)
    answered = time.perf_counter()
    with given.answers.open("w", encoding="utf-8") as file:
        for lead, (account, score) in zip(leads, answers, strict=True):
            file.write(json.dumps({"id": lead["id"], "pred": account, "score": float(score)}) + "\n")
    cost = {
        "index_s": round(built - started, 3),
        "leads_s": round(len(leads) / (answered - built), 1),
        "single_ms": round(_single_ms(match, leads), 3),
        "peak_mb": round(_peak_mb()),
    }
    sys.stdout.write(json.dumps(cost) + "\n")


def read(path: Path) -> list[Record]:
    """Return the records of a JSONL file."""
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _stay_on_one_core() -> None:
    """Make speeds comparable where the system allows it: no peer gets more than one core."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _single_ms(match: Match, leads: Sequence[Record]) -> float:
    """Return the median milliseconds of leads asked alone, spread evenly over the file."""
    spent = []
    for lead in leads[:: max(1, len(leads) // SINGLES)][:SINGLES]:
        started = time.perf_counter()
        match([lead])
        spent.append(time.perf_counter() - started)
    return 1000 * statistics.median(spent)


def _peak_mb() -> float:
    """Return the most memory this process ever had, in megabytes.

    Linux counts into the kernel's figure what the parent had before it became this program, so it is asked elsewhere.
    """
    status = Path("/proc/self/status")
    if status.exists():
        peak = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) / 1024
    peak_rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak_rss / 1024 / 1024 if sys.platform == "darwin" else peak_rss / 1024
