"""The library dedupe over people: blocking rules and a model learned from labelled pairs, pairs with probabilities."""

from __future__ import annotations

import io
import json
import random
import time
from itertools import combinations
from typing import Any

import dedupe
from dedupe import variables

from tests.bench.peers import persons_harness

LABELLED_PAIRS = 300
"""Pairs of each kind. Of thousands it learns what to block by for hours; people who use it label some dozens."""
LABELLED = 3_000
SAMPLE = 1_500
"""Records of which it learns what to block by: its own default."""
LEAST = 0.01
FIELDS = ("first", "last", "email", "domain", "phone", "mobile", "linkedin", "company", "title", "city", "country")


def find(rows: list[dict[str, Any]], labelled: list[dict[str, Any]]) -> tuple[list[tuple[str, str, float]], float]:
    """Return pairs with their probabilities, and the seconds that training took."""
    random.seed(1)
    started = time.process_time()
    labelled = labelled[:LABELLED]
    known = {row["id"]: persons_harness.plain(row) for row in labelled}
    linker = dedupe.Dedupe(_fields(), num_cores=1)
    # It takes labels of records outside its sample only from a training file.
    training = io.StringIO(json.dumps(_pairs(labelled, known)))
    linker.prepare_training(known, training_file=training, sample_size=SAMPLE)
    linker.train(recall=0.95, index_predicates=False)
    trained = time.process_time() - started
    data = {row["id"]: persons_harness.plain(row) for row in rows}
    scored = linker.score(linker.pairs(data))
    found = [(str(one), str(other), float(score)) for (one, other), score in scored if score >= LEAST]
    return found, trained


def _fields() -> list[Any]:
    exact = ("mobile", "linkedin", "phone", "country")
    return [
        variables.Exact(name, has_missing=True) if name in exact else
        # With String it looks for keys by TF-IDF too, which never came to an end here: its manual says to use this one.
        variables.ShortString(name, has_missing=True) for name in FIELDS
    ]  # fmt: skip


def _pairs(labelled: list[dict[str, Any]], known: dict[str, Any]) -> dict[str, list[Any]]:
    """Return labelled pairs: copies of one person, and strangers who share a name, a company or a number."""
    by_person: dict[str, list[str]] = {}
    by_value: dict[tuple[str, str], list[str]] = {}
    for row in labelled:
        by_person.setdefault(row["truth"], []).append(row["id"])
        for name in ("last", "domain", "phone"):
            if value := known[row["id"]][name]:
                by_value.setdefault((name, value), []).append(row["id"])
    whose = {row["id"]: row["truth"] for row in labelled}
    same = [pair for ids in by_person.values() for pair in combinations(ids, 2)]
    near = [(ids[0], each) for ids in by_value.values() for each in ids[1:4] if whose[ids[0]] != whose[each]]
    chosen = {
        "match": random.sample(same, min(LABELLED_PAIRS, len(same))),
        "distinct": random.sample(near, min(LABELLED_PAIRS, len(near))),
    }
    return {name: [(known[one], known[other]) for one, other in some] for name, some in chosen.items()}


if __name__ == "__main__":
    persons_harness.run(find)
