"""The model's trees: adding up their leaves by bits says what walking each tree says."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest

from rules.matching.forest import KINDS, Forest, load

NAMES = [name for _, features in KINDS for name in sorted(features)][:6]


def walked(node: Any, named: dict[str, float]) -> float:
    """Return what a tree says, question by question."""
    while isinstance(node, list):
        feature, limit, _, low, high = node
        node = low if named[feature] <= limit else high
    return float(node)


def grown(chance: random.Random, depth: int) -> Any:
    """Return a tree of at most so many questions one after the other; equal limits are common, as in real ones."""
    if depth == 0 or chance.random() < 0.2:
        return round(chance.uniform(-2, 2), 5)
    limit = float(chance.randint(-3, 3))
    below, above = grown(chance, depth - 1), grown(chance, depth - 1)
    return [chance.choice(NAMES), limit, round(chance.uniform(-1, 1), 5), below, above]


def told(forest: Forest, trees: Sequence[Any], measured: Sequence[float]) -> float:
    named = dict(zip(forest.features, measured, strict=True))
    return sum(walked(tree, named) for tree in trees)


@pytest.mark.parametrize("seed", range(20))
def test_a_forest_says_what_its_trees_say_one_by_one(seed: int) -> None:
    chance = random.Random(seed)
    trees = [grown(chance, 5) for _ in range(chance.randint(1, 30))]
    forest = Forest(NAMES, trees)
    for _ in range(30):
        measured = [chance.choice((-100.0, -3.0, -0.5, 0.0, 1.0, 3.0, 3.5, 100.0)) for _ in NAMES]
        assert forest.score(measured) == pytest.approx(told(forest, trees, measured), abs=1e-9)


def test_a_value_at_a_limit_goes_with_those_below_it() -> None:
    forest = Forest(NAMES, [[NAMES[0], 1.0, 0.0, -1.0, 1.0]])
    rest = [0.0] * (len(NAMES) - 1)
    assert [forest.score([value, *rest]) for value in (0.5, 1.0, 1.00001)] == [-1.0, -1.0, 1.0]


def test_the_model_says_what_its_trees_say_one_by_one() -> None:
    chance = random.Random(1)
    for forest in load():
        for _ in range(20):
            measured = [chance.choice((-1.0, 0.0, 0.5, 1.0, 2.0, 7.5, 60.0, 100.0)) for _ in forest.features]
            assert forest.score(measured) == pytest.approx(told(forest, forest._trees, measured), abs=1e-9)


def test_a_score_does_not_hang_on_the_order_of_the_trees() -> None:
    """Sums of floats would: a tie between two accounts is one only when both sums are the same to the last digit."""
    trees = [0.1, 0.2, 0.3, [NAMES[0], 0.0, 0.0, 0.7, -0.6]]
    measured = [0.0] * len(NAMES)
    assert len({Forest(NAMES, order).score(measured) for order in (trees, trees[::-1])}) == 1
