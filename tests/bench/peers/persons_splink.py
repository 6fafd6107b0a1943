"""Splink on DuckDB over people: blocking, Fellegi-Sunter weights by expectation maximisation, pairs with weights."""

from __future__ import annotations

import logging
import time
from typing import Any

import duckdb
import pyarrow as pa
import splink.comparison_level_library as levels
import splink.comparison_library as comparisons
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

from tests.bench.peers import persons_harness

LEAST = 0.01
SEED = 1
RANDOM_PAIRS = 3e6
DETERMINISTIC_RECALL = 0.6
TEXT = (
    "first",
    "last",
    "email",
    "local",
    "domain",
    "phone",
    "mobile",
    "linkedin",
    "company",
    "title",
    "city",
    "country",
)
BLOCKS = [
    block_on("email"), block_on("phone", "last"), block_on("mobile"), block_on("linkedin"), block_on("first", "last"),
    block_on("last", "domain"), block_on("last", "company"), block_on("first", "domain"), block_on("first", "company"),
    block_on("phone", "first"), block_on("local", "last"),
]  # fmt: skip


def settings() -> SettingsCreator:
    """Return Splink's settings: its own comparisons where it has one that fits."""
    email = comparisons.CustomComparison(
        output_column_name="email",
        comparison_levels=[
            levels.NullLevel("email"),
            levels.ExactMatchLevel("email"),
            levels.ExactMatchLevel("local"),
            levels.JaroWinklerLevel("email", 0.94),
            levels.ElseLevel(),
        ],
    )
    company = comparisons.CustomComparison(
        output_column_name="company",
        comparison_levels=[
            levels.And(levels.NullLevel("company"), levels.NullLevel("domain")),
            levels.Or(levels.ExactMatchLevel("company"), levels.ExactMatchLevel("domain")),
            levels.JaroWinklerLevel("company", 0.92),
            levels.ElseLevel(),
        ],
    )
    phone = comparisons.CustomComparison(
        output_column_name="phone",
        comparison_levels=[
            levels.NullLevel("phone"),
            levels.ExactMatchLevel("phone", term_frequency_adjustments=True),
            levels.ElseLevel(),
        ],
    )
    return SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            comparisons.JaroWinklerAtThresholds("first", [0.94, 0.85]).configure(term_frequency_adjustments=True),
            comparisons.JaroWinklerAtThresholds("last", [0.94, 0.85]).configure(term_frequency_adjustments=True),
            email, phone, comparisons.ExactMatch("mobile"), comparisons.ExactMatch("linkedin"), company,
            comparisons.JaroWinklerAtThresholds("title", [0.9]), comparisons.ExactMatch("city"),
            comparisons.ExactMatch("country"),
        ],
        blocking_rules_to_generate_predictions=BLOCKS,
        retain_matching_columns=False,
    )  # fmt: skip


def find(rows: list[dict[str, Any]], labelled: list[dict[str, Any]]) -> tuple[list[tuple[str, str, float]], float]:
    """Return pairs with their probabilities, and the seconds that training took. Labels are not used."""
    del labelled
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    connection.execute(f"SET threads = {persons_harness.CORES}")
    database = DuckDBAPI(connection)
    schema = pa.schema([("unique_id", pa.string()), *((column, pa.string()) for column in TEXT)])
    table = pa.Table.from_pylist(
        [{"unique_id": row["id"], **persons_harness.plain(row)} for row in rows], schema=schema
    )
    linker = Linker(database.register(table, dataset_display_name="people"), settings(), log_level=None)
    started = time.process_time()
    same = [block_on("email"), block_on("mobile"), block_on("linkedin"), block_on("first", "last", "company")]
    linker.training.estimate_probability_two_random_records_match(same, recall=DETERMINISTIC_RECALL)
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=SEED)
    for rule in (block_on("email"), block_on("first", "last"), block_on("mobile")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    trained = time.process_time() - started
    pairs = linker.inference.predict(threshold_match_probability=LEAST)
    found = connection.execute(
        f"SELECT unique_id_l, unique_id_r, match_probability, match_weight FROM {pairs.physical_name}"  # noqa: S608 - Splink's name
    ).fetchall()
    # Weights tell apart what is all but 1 as a probability.
    return [(one, other, weight) for one, other, _, weight in found], trained


if __name__ == "__main__":
    persons_harness.run(find)
