"""Trains the model of people: pairs as the product finds them, what the product compares, trees by LightGBM.

The people are others than those that are scored: other seeds, other noise.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rules.model import Record
from rules.people import bulk
from rules.people.compare import Likeness, compare
from rules.people.person import person
from tests.bench import people
from tests.bench.peers import environment

OUT = Path(bulk.__file__).parent / "weights.json"
FIT = Path(__file__).parent / "training" / "fit.py"
SEEDS = 101, 202
OPTIONS = ("--trees", "150", "--leaves", "12", "--rate", "0.1", "--least", "100", "--rising")


def record_of(row: dict[str, Any]) -> Record:
    """Return a made-up record as the product reads it."""
    named = {"linkedin": "LinkedIn__c"}
    fields = {named.get(name, name): value for name, value in row.items() if name not in {"id", "truth", "kind", "at"}}
    return Record(row["kind"], row["id"], fields)


def rows(found: Sequence[dict[str, Any]]) -> Iterator[tuple[bool, Likeness]]:
    """Yield for each pair that the product compares whether it is one person, how the two compare."""
    sides = [person(record_of(row)) for row in found]
    posted = bulk.posted(sides)
    crowd = bulk.crowd_of(sides, posted)
    for one, other in sorted(bulk.candidates(posted)):
        right = found[one]["truth"] == found[other]["truth"]
        yield right, compare(sides[one], sides[other], crowd)


def run(size: int, out: Path = OUT) -> int:
    """Train on two worlds of `size` people each and write the trees."""
    with tempfile.TemporaryDirectory() as scratch:
        table, made = Path(scratch, "table.csv"), Path(scratch, "made.json")
        with table.open("w", encoding="utf-8") as file:
            file.write(",".join(("fold", "right", *Likeness._fields)) + "\n")
            for seed, noise in zip(SEEDS, people.TRAINING, strict=True):
                for right, alike in rows(list(people.records(size, seed, noise))):
                    file.write(f"0,{int(right)},{','.join(map(str, map(int, alike)))}\n")
        subprocess.run([environment.python("training"), str(FIT), str(table), str(made), *OPTIONS], check=True)
        trees = json.loads(made.read_text(encoding="utf-8"))["trees"]
    out.write_text(json.dumps({"trees": trees}, separators=(",", ":")) + "\n", encoding="utf-8")
    return 0
