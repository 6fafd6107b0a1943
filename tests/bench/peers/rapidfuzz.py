"""RapidFuzz, brute force: each lead's company name against every account's, by one of its scorers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process, utils
from rapidfuzz.distance import JaroWinkler

from tests.bench.peers import harness
from tests.bench.peers.harness import Answer, Match, Record

SCORERS: dict[str, Callable[..., Any]] = {
    "wratio": fuzz.WRatio,
    "token-sort": fuzz.token_sort_ratio,
    "jaro-winkler": JaroWinkler.normalized_similarity,
}
CHUNK = 64
"""Leads compared at once; the table of scores has this many rows of four bytes for each account."""


def build(accounts: Sequence[Record], _labelled: Sequence[Record], *, scorer: str) -> Match:
    """Return a search for the most similar name."""
    names = [utils.default_process(account["name"]) for account in accounts]
    compare = partial(process.cdist, choices=names, scorer=SCORERS[scorer], dtype=np.float32, workers=1)

    def match(leads: Sequence[Record]) -> list[Answer]:
        answers: list[Answer] = []
        for start in range(0, len(leads), CHUNK):
            companies = [utils.default_process(lead["company"] or "") for lead in leads[start : start + CHUNK]]
            scores = compare(companies)
            best = scores.argmax(axis=1)
            answers += [
                (accounts[at]["id"] if company else None, float(scores[row, at]))
                for row, (company, at) in enumerate(zip(companies, best, strict=True))
            ]
        return answers

    return match


if __name__ == "__main__":
    parser = harness.parser()
    parser.add_argument("--scorer", choices=SCORERS, required=True)
    given = parser.parse_args()
    harness.run(partial(build, scorer=given.scorer), given)
