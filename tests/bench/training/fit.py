"""Fits trees to a table, in an environment of its own (LightGBM is too heavy for the product, its trees are not).

Reads CSV: ``fold,right`` and a column for every feature. Writes JSON: ``trees`` fitted on all rows, in the form of
rules.matching.forest, and for every row ``scores``, the log-odds by trees fitted on the other folds. One thread, fixed
seeds: the same table gives the same bytes.
"""

# mypy: ignore-errors

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path

import lightgbm
import numpy as np

DECIMALS = 5
"""More would not change a decision, and the file is to be read."""
FIXED = {
    "objective": "binary", "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": 1, "verbose": -1,
    "bagging_fraction": 0.8, "bagging_freq": 1, "feature_fraction": 0.6, "lambda_l2": 8.0, "boost_from_average": True,
}  # fmt: skip


def fitted(features, right, options, names):
    data = lightgbm.Dataset(features, right, feature_name=names, params={"verbose": -1})
    settings = {**FIXED, "num_leaves": options.leaves, "learning_rate": options.rate, "min_data_in_leaf": options.least}
    if options.rising:
        settings |= {"monotone_constraints": [1] * len(names), "monotone_constraints_method": "intermediate"}
    return lightgbm.train(settings, data, options.trees)


def limit_of(threshold):
    """Return a limit to so many decimals, on the same side of zero: LightGBM's limits next to zero are 1e-35 off it."""
    return round(threshold, DECIMALS) or math.copysign(10**-DECIMALS, threshold)


def plain(node, names):
    """Return a node of LightGBM's dump as rules.matching.forest reads it."""
    if "leaf_value" in node:
        return round(node["leaf_value"], DECIMALS)
    feature, limit = names[node["split_feature"]], limit_of(node["threshold"])
    value = round(node["internal_value"], DECIMALS)
    return [feature, limit, value, plain(node["left_child"], names), plain(node["right_child"], names)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("table")
    parser.add_argument("out")
    parser.add_argument("--trees", type=int, required=True)
    parser.add_argument("--leaves", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True)
    parser.add_argument("--least", type=int, required=True)
    parser.add_argument("--rising", action="store_true", help="No tree says less for more of a feature.")
    options = parser.parse_args()
    with Path(options.table).open(encoding="utf-8") as file:
        names = file.readline().strip().split(",")[2:]
        table = np.loadtxt(file, delimiter=",", ndmin=2)
    folds, right, features = table[:, 0], table[:, 1], table[:, 2:]
    scores = np.zeros(len(right))
    for fold in sorted(set(folds)) if len(set(folds)) > 1 else ():
        others = folds != fold
        model = fitted(features[others], right[others], options, names)
        scores[~others] = model.predict(features[~others], raw_score=True)
    dump = fitted(features, right, options, names).dump_model()
    trees = [plain(tree["tree_structure"], names) for tree in dump["tree_info"]]
    with Path(options.out).open("w", encoding="utf-8") as file:
        json.dump({"trees": trees, "scores": [round(score, 6) for score in scores.tolist()]}, file)


if __name__ == "__main__":
    sys.exit(main())
