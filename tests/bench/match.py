"""How well and how fast leads find their accounts: the index in the database, batches as in a drain, default policy."""

from __future__ import annotations

import json
import resource
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from connector.index import Index
from jobs import worker
from rules import match
from rules.matching.policy import MatchPolicy
from rules.matching.ranking import Ranked, rank
from rules.model import Match, Record
from tests.bench import material
from tests.bench.material import Lead
from tests.bench.place import Place, made

BATCH = 200
"""Leads of a round of the drain."""
POLICY = MatchPolicy()
SINGLES = 1_000
"""Leads that are also asked for one at a time."""


@dataclass(frozen=True)
class Answer:
    """What was found for a lead: the likeliest account of all, and what the policy made of it."""

    lead_id: str
    ranked: tuple[Ranked, ...]
    match: Match
    shortlist: frozenset[str]

    @property
    def line(self) -> dict[str, Any]:
        best = self.match.account or next(iter(self.match.runners_up), None)
        return {
            "id": self.lead_id,
            "pred": best.account_id if best else None,
            "score": round(best.confidence, 6) if best else 0.0,
        }


def run(accounts: Path, leads: Path, out: Path, url: str | None) -> int:
    """Match leads with accounts, write a line for each lead to `out`, and print the figures as JSON."""
    console = Console(file=sys.stderr)
    known = material.leads(leads)
    worker.warm_up()
    with made(url) as place:
        console.print("Filling the index")
        filled = place.fill(material.accounts(accounts), tell=lambda done, _: console.print(f"  {done:,} accounts"))
        answer(place, [lead.record for lead in known[:BATCH]])  # what a process does once is not a lead's cost
        console.print("Matching")
        begun, used = time.perf_counter(), time.process_time()
        lines, shortlists = [], []
        for start in range(0, len(known), BATCH):
            for found in answer(place, [lead.record for lead in known[start : start + BATCH]]):
                lines.append(found.line)  # a drain keeps no more of a batch than its decisions, either
                shortlists.append(found.shortlist)
        wall, core = time.perf_counter() - begun, time.process_time() - used
        singles = _singles(place, [lead.record for lead in known[:SINGLES]])
        with out.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        figures = {
            "leads": len(known),
            "leads_per_s": round(len(known) / wall, 1),
            "leads_per_core_s": round(len(known) / core, 1),
            "single_p50_ms": round(statistics.median(singles), 3),
            "single_p99_ms": round(statistics.quantiles(singles, n=100)[98], 3),
            "index_s": round(filled, 1),
            "index_bytes": place.size,
            "candidate_recall": _shortlisted(known, shortlists),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        }
    print(json.dumps(figures))
    return 0


def answer(place: Place, leads: Sequence[Record], policy: MatchPolicy = POLICY) -> list[Answer]:
    """Match a batch of leads as a drain does: shortlists, ranking, whole records of the likely accounts, choice."""
    with place.database.read() as connection:
        index = Index(connection, place.install_id, place.seal)
        shortlists = index.accounts(leads)
        rankings = {lead.id: rank(lead, shortlists[lead.id]) for lead in leads}
        whole = index.get("account", match.worth_reading(rankings.values()))
    return [
        Answer(
            lead.id,
            rankings[lead.id],
            match.choose(lead, rankings[lead.id], whole, policy=policy),
            frozenset(each.id for each in shortlists[lead.id].profiles),
        )
        for lead in leads
    ]


def _singles(place: Place, leads: Sequence[Record]) -> list[float]:
    """Return the milliseconds that each lead takes alone."""
    found = []
    for lead in leads:
        begun = time.perf_counter()
        answer(place, [lead])
        found.append((time.perf_counter() - begun) * 1000)
    return found


def _shortlisted(leads: Sequence[Lead], shortlists: Sequence[frozenset[str]]) -> float | None:
    """Return the share of the right accounts that were on the shortlist."""
    wanted = [(lead.truth, shortlist) for lead, shortlist in zip(leads, shortlists, strict=True) if lead.truth]
    return round(sum(truth in shortlist for truth, shortlist in wanted) / len(wanted), 4) if wanted else None
