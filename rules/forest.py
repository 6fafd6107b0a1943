"""The model: small decision trees whose leaves add up to log-odds, and what each kind of evidence gave of the sum.

The trees stand in ``rules/weights.json``, made by ``python -m tests.bench train``. A tree is a number (a leaf) or
``[feature, limit, value, low, high]``: features up to `limit` go on to `low`, others to `high`; `value` is what the
tree says there on average. So a path tells exactly what each question on it changed: the contributions of all
features and the values at the roots add up to the score.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, NamedTuple, TypeAlias

Tree: TypeAlias = Any
"""A float, or a list of a feature's name, limit, value, low and high: JSON has no narrower type for it."""

_FILE = "weights.json"

KINDS: tuple[tuple[str, frozenset[str]], ...] = (
    ("domain", frozenset({"domain", "is_root", "label_likeness"})),
    ("sharing", frozenset({"sharing"})),
    ("name", frozenset({
        "found_of_account", "found_of_lead", "rarest_missing_of_account", "rarest_missing_of_lead", "best_part",
        "likeness", "sorted_likeness", "shared_words_likeness", "partial_likeness", "beginning_likeness", "same_stems",
        "acronym_of_account", "acronym_of_lead", "known_slip"})),
    ("rarity", frozenset({"found", "weight_of_account", "weight_of_lead"})),
    ("body", frozenset({"kinds_of_lead", "kinds_of_account", "kinds_of_both"})),
    ("spelling", frozenset({"lead_label_spells", "account_label_spells", "word_in_label"})),
    ("phone", frozenset({"phone"})),
    ("city", frozenset({"city"})),
    ("city in name", frozenset({"city_in_name"})),
    ("state", frozenset({"state"})),
    ("country", frozenset({"country"})),
    ("family", frozenset({"has_parent", "family"})),
)  # fmt: skip
"""The kinds of evidence of an account by itself, in the order in which people read them, and the features of each."""

KIND_OF: Mapping[str, int] = {feature: place for place, (_, features) in enumerate(KINDS) for feature in features}


class Forest:
    """Trees over named features: `score` adds up a list of measured features."""

    def __init__(self, features: Sequence[str], trees: Sequence[Tree]) -> None:
        self.features, self._trees = tuple(features), trees
        names = {feature: f"f{place}" for place, feature in enumerate(features)}
        lines = [f"    total += {_expression(tree, names)}" for tree in trees]
        self.score: Callable[[Sequence[float]], float] = _compiled(names, ["total"], lines, "total")

    @cached_property
    def gave(self) -> Callable[[Sequence[float]], tuple[float, ...]]:
        """Say what each kind of evidence, in the order of KINDS, gave of a score; the rest is at the trees' roots."""
        names = {feature: f"f{place}" for place, feature in enumerate(self.features)}
        totals = [f"g{place}" for place in range(len(KINDS))]
        lines = [line for tree in self._trees for line in _statements(tree, names, KIND_OF, {}, 1)]
        found: Callable[[Sequence[float]], tuple[float, ...]] = _compiled(
            names, totals, lines, f"({', '.join(totals)},)"
        )
        return found


def _value(node: Tree) -> float:
    return float(node[2] if isinstance(node, list) else node)


def _compiled(names: Mapping[str, str], totals: Sequence[str], lines: Sequence[str], result: str) -> Any:
    """Return the trees as one Python function: walking them costs five times as much, and every lead pays it.

    Only names and numbers of our own making stand in its text: see `_expression` and `_statements`.
    """
    head = ["def run(measured):", f"    {', '.join(names.values())}, = measured", f"    {' = '.join(totals)} = 0.0"]
    space: dict[str, Any] = {}
    exec(compile("\n".join([*head, *lines, f"    return {result}"]), _FILE, "exec"), space)  # noqa: S102
    return space["run"]


def _expression(node: Tree, names: Mapping[str, str]) -> str:
    """Return a tree as an expression; `names` and float() let nothing but known features and numbers into it."""
    if not isinstance(node, list):
        return repr(float(node))
    feature, limit, _, low, high = node
    return f"({_expression(low, names)} if {names[feature]} <= {float(limit)!r} else {_expression(high, names)})"


def _statements(
    node: Tree, names: Mapping[str, str], kinds: Mapping[str, int], gave: Mapping[int, float], depth: int
) -> Iterator[str]:
    """Yield a tree as statements that add, at each leaf, what the questions on the way to it changed."""
    space = "    " * depth
    if not isinstance(node, list):
        told = [f"g{kind} += {float(value)!r}" for kind, value in sorted(gave.items()) if value]
        yield space + ("; ".join(told) or "pass")
        return
    feature, limit, value, low, high = node
    kind = kinds[feature]
    yield f"{space}if {names[feature]} <= {float(limit)!r}:"
    for branch, other in ((low, f"{space}else:"), (high, "")):
        changed = {**gave, kind: gave.get(kind, 0.0) + _value(branch) - value}
        yield from _statements(branch, names, kinds, changed, depth + 1)
        if other:
            yield other


class Forests(NamedTuple):
    """The three forests: what a glance promises, an account by itself, an account beside the others."""

    glance: Forest
    alone: Forest
    beside: Forest


@lru_cache(maxsize=1)
def load() -> Forests:
    """Return the forests of the weights file."""
    data = json.loads(files("rules").joinpath(_FILE).read_text(encoding="utf-8"))
    return Forests(*(Forest(data[name]["features"], data[name]["trees"]) for name in Forests._fields))
