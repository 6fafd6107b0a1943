"""``python -m tests.bench persons``: who is the same person, ours beside Splink and dedupe, on the same records.

Half of the people are held out for scoring; of the others a peer that learns may see labels. The product's model was
trained on other people (``train-people``). Pairs are counted: every two records of one person are a pair to be found.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from rules.merging.policy import MergePolicy
from rules.people import bulk
from tests.bench import people
from tests.bench.peers import environment
from tests.bench.people_training import record_of

ROOT = Path(__file__).resolve().parents[2]
PEERS = ("splink", "dedupe")
SEED = 7
"""The one that the model was developed with; another one is fairer."""
PEER_SECONDS = 6 * 3600
PRECISE = 0.999
Scored = Sequence[tuple[str, str, float]]


@dataclass(frozen=True)
class Row:
    """How one of them did: at its own best F1, at the most recall with a precision of 99.9%, at our merge threshold.

    `seconds` are of one core, `training` is part of them; `per_second` counts records without the training.
    """

    name: str
    f1: float
    precision: float
    recall: float
    recall_precise: float
    seconds: float
    training: float
    per_second: float
    merge_precision: float | None = None
    merge_recall: float | None = None


def run(size: int, only: Sequence[str], seed: int = SEED) -> int:
    """Make people, run ours and the peers, print the table and a line of JSON; return the exit status."""
    everybody = list(people.records(size, seed))
    held = [row for row in everybody if int(row["truth"].rpartition("-")[2]) % 2]
    labelled = [row for row in everybody if not int(row["truth"].rpartition("-")[2]) % 2]
    truths = {row["id"]: row["truth"] for row in held}
    found, missing = [ours(held, truths)], dict[str, str]()
    with tempfile.TemporaryDirectory() as scratch:
        for name in only or PEERS:
            try:
                found.append(_peer(name, Path(scratch), held, labelled, truths))
            except environment.NotInstalled as reason:
                missing[name] = f"could not be installed: {reason}"
            except subprocess.CalledProcessError as failed:
                missing[name] = f"stopped with an error: {(failed.stderr.strip().splitlines() or ['no word'])[-1]}"
            except subprocess.TimeoutExpired as late:
                missing[name] = f"was not done after {late.timeout / 3600:.1f} hours"
    _show(found, len(held))
    for name, why in missing.items():
        sys.stderr.write(f"{name} {why}\n")
    told = {"people": size, "records": len(held), "rows": [asdict(row) for row in found], "missing": missing}
    sys.stdout.write(json.dumps(told) + "\n")
    return 1 if missing else 0


def ours(held: Sequence[dict[str, Any]], truths: Mapping[str, str]) -> Row:
    """Run the product on one core, as the peers are."""
    cores = os.sched_getaffinity(0) if sys.platform == "linux" else set[int]()
    if cores:
        os.sched_setaffinity(0, {max(cores)})
    started = time.process_time()
    records = [record_of(row) for row in held]
    pairs = list(bulk.pairs(records, least=0.01))
    spent = time.process_time() - started
    if cores:
        os.sched_setaffinity(0, cores)
    scored = [(records[pair.one].id, records[pair.other].id, pair.probability) for pair in pairs]
    return _row("switchyard", scored, truths, seconds=spent, merge=MergePolicy().merge)


def _peer(name: str, folder: Path, held: Sequence[Any], labelled: Sequence[Any], truths: Mapping[str, str]) -> Row:
    """Run a peer in an environment of its own, on one core. Raises CalledProcessError when it stops with an error."""
    files = {part: folder / f"{part}.jsonl" for part in ("records", "labelled", "answers")}
    for part, rows in (("records", held), ("labelled", labelled)):
        # A peer that does not learn from labels sees none: those of `records` stay here.
        plain = ({key: value for key, value in row.items() if part == "labelled" or key != "truth"} for row in rows)
        files[part].write_text("".join(json.dumps(row) + "\n" for row in plain), encoding="utf-8")
    options = [word for part, path in files.items() for word in (f"--{part}", str(path))]
    command = [environment.python(name), "-m", f"tests.bench.peers.persons_{name}", *options]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=PEER_SECONDS)
    cost = json.loads(done.stdout.splitlines()[-1])
    with files["answers"].open(encoding="utf-8") as file:
        scored = [tuple(json.loads(line)) for line in file]
    return _row(name, scored, truths, seconds=cost["cpu"], training=cost["training_cpu"])


def _row(
    name: str, scored: Scored, truths: Mapping[str, str], *, seconds: float, training: float = 0.0,
    merge: float | None = None,
) -> Row:  # fmt: skip
    """Count pairs, the surest first."""
    sizes = Counter(truths.values())
    total = sum(size * (size - 1) // 2 for size in sizes.values())
    best, precise, merged, right = (0.0, 0.0, 0.0), 0.0, (0.0, 0.0), 0
    ordered = sorted(scored, key=lambda each: -each[2])
    for number, (one, other, score) in enumerate(ordered, start=1):
        right += truths[one] == truths[other]
        if number < len(ordered) and ordered[number][2] == score:
            continue  # what is as sure is taken together
        precision, recall = right / number, right / total
        best = max(best, (2 * precision * recall / (precision + recall) if right else 0.0, precision, recall))
        precise = recall if precision >= PRECISE else precise
        merged = (precision, recall) if merge is not None and score >= merge else merged
    speed = len(truths) / max(0.001, seconds - training)
    return Row(
        name, round(best[0], 4), round(best[1], 4), round(best[2], 4), round(precise, 4), round(seconds, 2),
        round(training, 2), round(speed), None if merge is None else round(merged[0], 5),
        None if merge is None else round(merged[1], 4),
    )  # fmt: skip


def _show(rows: Sequence[Row], records: int) -> None:
    table = Table(title=f"{records:,} records")
    for name in (
        "",
        "best F1",
        "precision",
        "recall",
        "recall at 99.9%",
        "merged: precision",
        "recall",
        "CPU s",
        "records/s",
    ):
        table.add_column(name)
    for row in rows:
        merged = [f"{row.merge_precision:.5f}", f"{row.merge_recall:.4f}"] if row.merge_precision else ["", ""]
        told = [f"{each:.3f}" for each in (row.f1, row.precision, row.recall, row.recall_precise)]
        table.add_row(row.name, *told, *merged, f"{row.seconds:.1f}", f"{row.per_second:,.0f}")
    Console(width=120).print(table)
