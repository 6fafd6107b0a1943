"""Trains the model of people: pairs as the product finds them, what the product compares, trees by LightGBM.

The people are others than those that are scored: other seeds, other noise.
"""

from __future__ import annotations

import json
import math
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from rules.matching.forest import Forest
from rules.model import Record
from rules.people import bulk
from rules.people.compare import Likeness, compare
from rules.people.model import contradicts, probability
from rules.people.person import person
from tests.bench import people
from tests.bench.peers import environment

OUT = Path(bulk.__file__).parent / "weights.json"
FIT = Path(__file__).parent / "training" / "fit.py"
SEEDS, OTHERS = (101, 202), (303, 404)
"""Those that trees learn from, and those that their sums are calibrated on."""
TELLING = 1.0
ROUNDS = 12
PRECISE, ENOUGH = 0.999, 2_000
OPTIONS = ("--trees", "200", "--leaves", "12", "--rate", "0.1", "--least", "100", "--rising")


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


def fitted(scored: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Return slope and shift by which scores become log-odds: logistic regression, by Newton's method.

    Only scores from TELLING on count: below, nobody is merged, and the many that are plain would decide the fit.
    """
    slope, shift = 1.0, 0.0
    some = [(score, right) for score, right in scored if score >= TELLING]
    for _ in range(ROUNDS):
        g1 = g2 = h11 = h12 = h22 = 0.0
        for score, right in some:
            likely = probability(slope * score + shift)
            miss, weight = right - likely, likely * (1 - likely)
            g1, g2 = g1 + miss * score, g2 + miss
            h11, h12, h22 = h11 + weight * score * score, h12 + weight * score, h22 + weight
        det = h11 * h22 - h12 * h12
        slope, shift = slope + (h22 * g1 - h12 * g2) / det, shift + (h11 * g2 - h12 * g1) / det
    return round(slope, 4), round(shift, 4)


def surest(scored: Sequence[tuple[float, bool]]) -> float:
    """Return the lowest log-odds at which 99.9% of the pairs that are at least so sure are right."""
    right, found = 0, math.inf
    for number, (odds, same) in enumerate(sorted(scored, reverse=True), start=1):
        right += same
        if number >= ENOUGH and right / number < PRECISE:
            break
        found = odds
    return round(found, 4)


def run(size: int, out: Path = OUT) -> int:
    """Train on two worlds of `size` people each, calibrate on two others, and write the trees."""
    with tempfile.TemporaryDirectory() as scratch:
        table, made = Path(scratch, "table.csv"), Path(scratch, "made.json")
        with table.open("w", encoding="utf-8") as file:
            file.write(",".join(("fold", "right", *Likeness._fields)) + "\n")
            for right, alike in _worlds(SEEDS, size):
                file.write(f"0,{int(right)},{','.join(map(str, map(int, alike)))}\n")
        subprocess.run([environment.python("training"), str(FIT), str(table), str(made), *OPTIONS], check=True)
        trees = json.loads(made.read_text(encoding="utf-8"))["trees"]
    score = lru_cache(maxsize=None)(Forest(Likeness._fields, trees).score)
    scored = [(score(alike), right) for right, alike in _worlds(OTHERS, size) if not contradicts(alike)]
    slope, shift = fitted(scored)
    told = {
        "calibration": (slope, shift, surest([(slope * each + shift, right) for each, right in scored])),
        "trees": trees,
    }
    out.write_text(json.dumps(told, separators=(",", ":")) + "\n", encoding="utf-8")
    return 0


def _worlds(seeds: Sequence[int], size: int) -> Iterator[tuple[bool, Likeness]]:
    for seed, noise in zip(seeds, people.TRAINING, strict=True):
        yield from rows(list(people.records(size, seed, noise)))
