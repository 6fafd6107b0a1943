"""How right answers are: precision, recall, calibration, and the share right of each kind of lead."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import material, scoring


def run(leads: Path, answers: Path, threshold: float | None) -> int:
    """Print a table and, as the last line, JSON."""
    known = material.leads(leads)
    found = {}
    for line in answers.read_text(encoding="utf-8").splitlines():
        told = json.loads(line)
        found[told["id"]] = (told["pred"], float(told["score"]))
    truths = {lead.record.id: lead.truth for lead in known}
    score = scoring.score(found, truths, threshold=threshold, kinds={lead.record.id: lead.kind for lead in known})
    table = Table("", "")
    for name in ("threshold", "precision", "recall", "f1", "recall_at_99", "ece"):
        value = getattr(score, name)
        table.add_row(name.replace("_", " "), "-" if value is None else f"{value:.4f}")
    for kind, share in sorted((score.by_kind or {}).items()):
        table.add_row(f"right: {kind}", f"{share:.3f}")
    Console().print(table)
    print(json.dumps(asdict(score)))
    return 0
