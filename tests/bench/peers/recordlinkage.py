"""The Python Record Linkage Toolkit: blocking, comparison of fields, logistic regression trained on labelled leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd
import recordlinkage as rl
from recordlinkage.compare import Exact, String

from tests.bench.peers import fields, harness, places
from tests.bench.peers.harness import Answer, Match, Record

CHUNK = 2000
"""Leads linked at once; each has some two hundred candidates, and the comparison keeps all their words in memory."""
BLOCKS = ("site", "prefix", "rarest", "phone")
PREFIX = 5
AGREE = {"agree_value": 1, "disagree_value": -1, "missing_value": 0}


def build(accounts: Sequence[Record], labelled: Sequence[Record]) -> Match:
    """Return a linkage of leads to accounts by the pair that the model finds likeliest."""
    known = Counter(word for account in accounts for word in set(fields.core(account["name"])))
    base = frame(accounts, "name", known)
    index, compare = _index(), _compare()
    model = rl.LogisticRegressionClassifier()

    def features(leads: Sequence[Record]) -> pd.DataFrame:
        asked = frame(leads, "company", known)
        pairs = index.index(asked, base)
        # The comparison fails when there is nothing to compare.
        return compare.compute(pairs, asked, base) if len(pairs) else pd.DataFrame()

    learned = pd.concat([features(labelled[at : at + CHUNK]) for at in range(0, len(labelled), CHUNK)])
    pairs = [(lead["id"], lead["truth"]) for lead in labelled if lead["truth"]]
    model.fit(learned, pd.MultiIndex.from_tuples(pairs).intersection(learned.index))

    def match(leads: Sequence[Record]) -> list[Answer]:
        found: dict[str, Answer] = {}
        for at in range(0, len(leads), CHUNK):
            compared = features(leads[at : at + CHUNK])
            if len(compared):
                likely = model.prob(compared)
                best = likely.groupby(level=0).idxmax()
                found |= {lead: (pair[1], float(likely[pair])) for lead, pair in best.items()}
        return [found.get(lead["id"], (None, 0.0)) for lead in leads]

    return match


def frame(records: Sequence[Record], name: str, known: Counter[str]) -> pd.DataFrame:
    """Return the columns to block on and to compare; `known` counts in how many accounts' names a word is."""
    rows = []
    for record in records:
        words = fields.core(record[name])
        host = fields.host(record)
        row = {
            "name": " ".join(words) or None,
            "host": host,
            "site": fields.registered(host),
            "prefix": "".join(words)[:PREFIX] or None,
            "rarest": min((word for word in words if known[word]), key=lambda word: (known[word], word), default=None),
            "country": places.country(record["country"]),
            "city": " ".join(fields.words(record["city"])) or None,
            "phone": fields.phone(record),
        }
        rows.append(row)
    return pd.DataFrame(rows, index=pd.Index([record["id"] for record in records]), dtype=object)


def _index() -> rl.Index:
    made = rl.Index()
    for column in BLOCKS:
        made.block(column)
    return made


def _compare() -> rl.Compare:
    return rl.Compare(
        [
            String("name", "name", method="jarowinkler", label="jarowinkler"),
            String("name", "name", method="cosine", label="cosine"),
            Exact("name", "name", label="name", **AGREE),
            Exact("host", "host", label="host", **AGREE),
            Exact("site", "site", label="site", **AGREE),
            Exact("country", "country", label="country", **AGREE),
            Exact("city", "city", label="city", **AGREE),
            Exact("phone", "phone", label="phone", **AGREE),
        ]
    )


if __name__ == "__main__":
    harness.run(build, harness.parser().parse_args())
