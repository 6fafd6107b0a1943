"""Splink on DuckDB: blocking, Fellegi-Sunter weights, the likeliest account of each lead.

The weights are learned without labels (expectation maximisation) or, with --labels, from the labelled leads.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from functools import partial
from itertools import count
from typing import Any

import duckdb
import pyarrow as pa
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

from tests.bench.peers import fields, harness, places
from tests.bench.peers.harness import Answer, Match, Record

PREFIX = 5
COMMON = 100
"""A word in more names than this says too little to block on."""
RANDOM_PAIRS = 1e7
"""Splink's own advice while a model is tried out."""
DETERMINISTIC_RECALL = 0.5
"""About the share of true pairs with the same domain or the same name; Splink asks for a guess."""
SEED = 1
TEXT = ("name", "host", "site", "prefix", "country", "city", "phone")
BLOCKS = [block_on("site"), block_on("prefix"), block_on("phone"), block_on("rare", arrays_to_explode=["rare"])]


def build(accounts: Sequence[Record], labelled: Sequence[Record], *, labels: bool) -> Match:
    """Learn the weights from accounts and leads, and from their labels when `labels`, and return a linkage."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    known = Counter(word for account in accounts for word in set(fields.core(account["name"])))
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    database = DuckDBAPI(connection)
    base = database.register(arrow(accounts, "name", known), dataset_display_name="accounts")
    asked = database.register(arrow(labelled, "company", known), dataset_display_name="leads")
    linker = Linker([base, asked], _settings(), log_level=None)
    _train(linker, _pairs(database, labelled) if labels else None)
    calls = count()

    def match(leads: Sequence[Record]) -> list[Answer]:
        # Splink takes no name twice.
        new = database.register(arrow(leads, "company", known), dataset_display_name=f"leads_{next(calls)}")
        pairs = linker.inference.predict_between(base, new, warning_mode="never")
        best = connection.execute(
            "SELECT unique_id_r, arg_max(unique_id_l, match_weight), max(match_probability) "  # noqa: S608 - Splink's name
            f"FROM {pairs.physical_name} GROUP BY 1"
        ).fetchall()
        pairs.drop_table_from_database_and_remove_from_cache()
        found = {lead: (account, likely) for lead, account, likely in best}
        return [found.get(lead["id"], (None, 0.0)) for lead in leads]

    return match


def arrow(records: Sequence[Record], name: str, known: Counter[str]) -> pa.Table:
    """Return the columns to block on and to compare; `known` counts in how many accounts' names a word is."""
    rows = [_row(record, name, known) for record in records]
    columns = [("unique_id", pa.string()), *((column, pa.string()) for column in TEXT)]
    lists = [("words", pa.list_(pa.string())), ("rare", pa.list_(pa.string()))]
    return pa.Table.from_pylist(rows, schema=pa.schema([*columns, *lists]))


def _row(record: Record, name: str, known: Counter[str]) -> dict[str, Any]:
    words = fields.core(record[name])
    host = fields.host(record)
    return {
        "unique_id": record["id"],
        "name": " ".join(words) or None,
        "host": host,
        "site": fields.registered(host),
        "prefix": "".join(words)[:PREFIX] or None,
        "country": places.country(record["country"]),
        "city": " ".join(fields.words(record["city"])) or None,
        "phone": fields.phone(record),
        "words": sorted(set(words)) or None,
        "rare": sorted({word for word in words if 0 < known[word] <= COMMON}),
    }


def _settings() -> SettingsCreator:
    contained = (
        "(list_has_all(words_l, words_r) OR list_has_all(words_r, words_l)) AND least(len(words_l), len(words_r)) > 1"
    )
    shared = "len(list_intersect(words_l, words_r)) / len(list_distinct(list_concat(words_l, words_r)))"
    name = comparisons.CustomComparison(
        output_column_name="name",
        comparison_levels=[
            levels.NullLevel("name"),
            levels.ExactMatchLevel("name", term_frequency_adjustments=True),
            levels.JaroWinklerLevel("name", 0.95),
            levels.CustomLevel(f"{shared} >= 0.6", "most words"),
            levels.CustomLevel(contained, "contained"),
            levels.JaroWinklerLevel("name", 0.88),
            levels.CustomLevel(f"{shared} >= 0.3", "some words"),
            levels.ElseLevel(),
        ],
    )
    domain = comparisons.CustomComparison(
        output_column_name="site",
        comparison_levels=[
            levels.NullLevel("site"),
            levels.ExactMatchLevel("host"),
            levels.ExactMatchLevel("site", term_frequency_adjustments=True),
            levels.ElseLevel(),
        ],
    )
    city = comparisons.ExactMatch("city").configure(term_frequency_adjustments=True)
    country = comparisons.ExactMatch("country").configure(term_frequency_adjustments=True)
    return SettingsCreator(
        link_type="link_only",
        comparisons=[name, domain, country, city, comparisons.ExactMatch("phone")],
        blocking_rules_to_generate_predictions=BLOCKS,
        retain_matching_columns=False,
    )


def _pairs(database: DuckDBAPI, labelled: Sequence[Record]) -> Any:
    """Return the true pairs as Splink takes them."""
    sides = {"source_dataset_l": "accounts", "source_dataset_r": "leads", "clerical_match_score": 1.0}
    pairs = [{**sides, "unique_id_l": lead["truth"], "unique_id_r": lead["id"]} for lead in labelled if lead["truth"]]
    return database.register(pa.Table.from_pylist(pairs), dataset_display_name="pairs")


def _train(linker: Linker, pairs: Any) -> None:
    same = [block_on("site", "prefix"), block_on("name")]
    linker.training.estimate_probability_two_random_records_match(same, recall=DETERMINISTIC_RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
    if pairs is not None:
        linker.training.estimate_m_from_pairwise_labels(pairs)
    else:
        # Each pass blocks on one field and learns the others.
        for rule in (block_on("site"), block_on("name")):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
    for column in ("name", "site", "city", "country"):
        linker.table_management.compute_tf_table(column)


if __name__ == "__main__":
    parser = harness.parser()
    parser.add_argument("--labels", action="store_true")
    given = parser.parse_args()
    harness.run(partial(build, labels=given.labels), given)
