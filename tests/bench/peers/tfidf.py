"""TF-IDF over three-letter pieces of names, the nearest by cosine (sparse_dot_topn)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sparse_dot_topn import sp_matmul_topn

from tests.bench.peers import fields, harness
from tests.bench.peers.harness import Answer, Match, Record

PIECE = 3


def build(accounts: Sequence[Record], _labelled: Sequence[Record]) -> Match:
    """Return a search for the account whose name is nearest."""
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(PIECE, PIECE), sublinear_tf=True)
    names = vectors.fit_transform([" ".join(fields.words(account["name"])) for account in accounts]).T.tocsr()

    def match(leads: Sequence[Record]) -> list[Answer]:
        asked = vectors.transform([" ".join(fields.words(lead["company"])) for lead in leads])
        near = sp_matmul_topn(asked, names, top_n=1, n_threads=1)
        return [_answer(near, row, accounts) for row in range(len(leads))]

    return match


def _answer(near: Any, row: int, accounts: Sequence[Record]) -> Answer:
    """Return the one entry of a row of the sparse table, if it has any."""
    start, end = near.indptr[row : row + 2]
    return (accounts[near.indices[start]]["id"], near.data[start]) if end > start else (None, 0.0)


if __name__ == "__main__":
    harness.run(build, harness.parser().parse_args())
