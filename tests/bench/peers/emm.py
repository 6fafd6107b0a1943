"""ING's Entity Matching Model: three name indexers, a classifier trained on labelled leads, with the country."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

import pandas as pd
from emm import PandasEntityMatching

from tests.bench.peers import harness, places
from tests.bench.peers.harness import Answer, Match, Record

NEGATIVE = 0.5
"""The share of known names whose account is hidden in training, so that the model learns to say none."""


def build(accounts: Sequence[Record], labelled: Sequence[Record]) -> Match:
    """Fit the indexers on the accounts and the classifier on the labelled leads that have an account."""
    logging.disable(logging.WARNING)
    # The library takes numbers for ids, so an account is its place in the file.
    place = {account["id"]: at for at, account in enumerate(accounts)}
    model = PandasEntityMatching({"name_only": False, "supervised_on": True, "n_jobs": 1})
    model.fit(_frame(accounts, "name", place.values()))
    known = [lead for lead in labelled if lead["truth"] and lead["company"]]
    model.fit_classifier(
        _frame(known, "company", [place[lead["truth"]] for lead in known]), create_negative_sample_fraction=NEGATIVE
    )

    def match(leads: Sequence[Record]) -> list[Answer]:
        named = [at for at, lead in enumerate(leads) if (lead["company"] or "").strip()]
        answers: list[Answer] = [(None, 0.0)] * len(leads)
        if named:
            found = model.transform(_frame([leads[at] for at in named], "company", named).drop(columns="id"))
            best = found[found["best_match"]]
            for row, account, score in zip(best["uid"], best["gt_entity_id"], best["nm_score"], strict=True):
                answers[named[row]] = (accounts[int(account)]["id"], float(score))
        return answers

    return match


def _frame(records: Sequence[Record], name: str, ids: Iterable[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "id": list(ids),
            "name": [record[name] for record in records],
            "country": [places.country(record["country"]) or "" for record in records],
        }
    )


if __name__ == "__main__":
    harness.run(build, harness.parser().parse_args())
