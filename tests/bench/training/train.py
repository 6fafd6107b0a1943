"""Trains the model: shortlists from the index, features as the product measures them, trees that LightGBM fits.

First the trees for a glance, then those for an account by itself, then those for an account beside the others. What
one step hands to the next is taken from trees that have not seen the lead's company (five folds), so that the next does
not learn to trust it too much.
"""

from __future__ import annotations

import csv
import hashlib
import json
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from rules.matching import calibrate, likeness, ranking
from rules.matching.profile import profile
from rules.matching.ranking import KEPT, RELATIVE, Ranked
from tests.bench import material, scoring
from tests.bench.material import Lead
from tests.bench.peers import environment
from tests.bench.place import Place, made

WEIGHTS = Path(__file__).resolve().parents[3] / "rules" / "matching" / "weights.json"
BATCH = 200
FOLDS = 5
GLANCE = ("--trees", "80", "--leaves", "10", "--rate", "0.15", "--least", "80")
ALONE = ("--trees", "140", "--leaves", "10", "--rate", "0.1", "--least", "50")
BESIDE = ("--trees", "260", "--leaves", "20", "--rate", "0.05", "--least", "30")
ABOUT = (
    "Log-odds that an account is a lead's. A tree is a number or [feature, limit, value, low, high]; see "
    "rules/matching/forest.py. Made by: python -m tests.bench train"
)


@dataclass(frozen=True)
class Row:
    """A lead and one account of its shortlist."""

    lead: Lead
    ranked: Ranked
    glance: tuple[float, ...]

    @property
    def is_right(self) -> bool:
        return self.ranked.profile.id == self.lead.truth

    @property
    def fold(self) -> int:
        """All leads of one account are in one fold."""
        return int(hashlib.sha256((self.lead.truth or self.lead.record.id).encode()).hexdigest(), 16) % FOLDS


def run(accounts: Path, leads: Path, out: Path = WEIGHTS) -> int:
    """Train on these files and write the weights. Raises NotInstalled when LightGBM cannot be had."""
    console = Console()
    console.print("Setting up the environment for training")
    python = environment.python("training")
    with made() as place, tempfile.TemporaryDirectory(prefix="switchyard-train-") as folder:
        console.print("Filling the index")
        place.fill(material.accounts(accounts))
        console.print("Measuring shortlists")
        known = material.leads(leads)
        rows = list(_rows(place, known))
        told = ((row, row.glance) for row in rows)
        glance = _fitted(python, Path(folder), likeness.GLANCE, told, GLANCE)
        console.print(f"Trees for a glance fitted on {len(rows):,} pairs")
        seen = list(_promising(rows, glance["scores"]))
        alone = _fitted(python, Path(folder), likeness.FEATURES, ((row, row.ranked.measured) for row in seen), ALONE)
        console.print(f"Trees for an account alone fitted on {len(seen):,} pairs")
        table = list(_beside(seen, alone["scores"]))
        names = (*likeness.FEATURES, *RELATIVE)
        beside = _fitted(python, Path(folder), names, table, BESIDE)
        console.print(f"Trees for an account beside others fitted on {len(table):,} pairs")
        console.print(_told([row for row, _ in table], beside["scores"], rows, known))
    forests = {"glance": (likeness.GLANCE, glance), "alone": (likeness.FEATURES, alone), "beside": (names, beside)}
    out.write_text(_text({name: (told, model["trees"]) for name, (told, model) in forests.items()}), encoding="utf-8")
    console.print(f"Wrote {out.name}")
    return 0


def _told(beside: Sequence[Row], scores: Sequence[float], rows: Sequence[Row], leads: Sequence[Lead]) -> str:
    """Return how trees did on companies that they had not seen."""
    found: dict[str, tuple[str | None, float]] = {lead.record.id: (None, 0.0) for lead in leads}
    for row, score in zip(beside, scores, strict=True):
        likely = calibrate.logistic(score)
        if likely > found[row.lead.record.id][1]:
            found[row.lead.record.id] = (row.ranked.profile.id, likely)
    truths = {lead.record.id: lead.truth for lead in leads}
    told = scoring.score(found, truths, kinds={lead.record.id: lead.kind for lead in leads})
    shortlisted = sum(row.is_right for row in rows) / sum(truth is not None for truth in truths.values())
    return (
        f"On unseen companies: F1 {told.f1:.4f}, precision {told.precision:.4f}, recall {told.recall:.4f}, recall at "
        f"99% precision {told.recall_at_99:.4f}, calibration error {told.ece:.4f}, on a shortlist {shortlisted:.4f}; "
        "right: " + ", ".join(f"{kind} {share:.2f}" for kind, share in sorted((told.by_kind or {}).items()))
    )


def _rows(place: Place, leads: Sequence[Lead]) -> Iterator[Row]:
    for start in range(0, len(leads), BATCH):
        batch = leads[start : start + BATCH]
        shortlists = place.shortlists([lead.record for lead in batch])
        for lead in batch:
            shortlist = shortlists[lead.record.id]
            looks = ranking.Looks(profile(lead.record), shortlist)
            many = len(shortlist.profiles)
            for at in range(many):
                yield Row(lead, looks.measured(at, {}), looks.glance(at))


def _promising(rows: Sequence[Row], scores: Sequence[float]) -> Iterator[Row]:
    """Yield the accounts of each lead that a glance, by these scores, would not leave aside."""
    for told in _by_lead(rows, scores):
        promise = [score for _, score in told]
        promises = {row.ranked.profile.id: score for row, score in told}
        for place in ranking.promising(promise, [row.ranked.profile for row, _ in told]):
            row = told[place][0]
            yield replace(row, ranked=replace(row.ranked, promises=promises))


def _by_lead(rows: Sequence[Row], scores: Sequence[float]) -> Iterable[list[tuple[Row, float]]]:
    by_lead: dict[str, list[tuple[Row, float]]] = {}
    for row, score in zip(rows, scores, strict=True):
        by_lead.setdefault(row.lead.record.id, []).append((row, score))
    return by_lead.values()


def _beside(rows: Sequence[Row], scores: Sequence[float]) -> Iterator[tuple[Row, Sequence[float]]]:
    """Yield the best accounts of each lead, by these scores, with how they stand beside each other."""
    for told in _by_lead(rows, scores):
        scored = [(row, ranking.scored(row.ranked, score)) for row, score in told]
        scored.sort(key=lambda each: (-each[1].alone, each[1].profile.id))
        best = scored[:KEPT]
        for row, ranked in best:
            others = [other for _, other in best if other is not ranked]
            yield row, (*ranked.measured, *ranking.relative(ranked, others))


def _fitted(
    python: str,
    folder: Path,
    names: Sequence[str],
    table: Iterable[tuple[Row, Sequence[float]]],
    options: Sequence[str],
) -> Mapping[str, Any]:
    source, target = folder / "table.csv", folder / "trees.json"
    with source.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["fold", "right", *names])
        for row, measured in table:
            writer.writerow([row.fold, int(row.is_right), *measured])
    fit = Path(__file__).with_name("fit.py")
    subprocess.run([python, str(fit), str(source), str(target), *options], check=True)
    found: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    return found


def _text(forests: Mapping[str, tuple[Sequence[str], Sequence[Any]]]) -> str:
    """Return the file: one line a tree, so that a change of it can be read."""
    parts = []
    for name, (features, trees) in forests.items():
        lines = ",\n".join(json.dumps(tree, separators=(",", ":")) for tree in trees)
        parts.append(f'"{name}": {{"features": {json.dumps(list(features))},\n"trees": [\n{lines}\n]}}')
    return f'{{"about": {json.dumps(ABOUT)},\n' + ",\n".join(parts) + "}\n"
