"""The model: small decision trees whose leaves add up to log-odds, and what each kind of evidence gave of the sum.

The trees stand in ``rules/matching/weights.json``, made by ``python -m tests.bench train``. A tree is a number (a leaf)
or ``[feature, limit, value, low, high]``: features up to `limit` go on to `low`, others to `high`; `value` is what the
tree says there on average. So a path tells exactly what each question on it changed: the contributions of all features
and the values at the roots add up to the score.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from itertools import accumulate
from operator import or_
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


UNITS = 100_000
"""Parts of a log-odd in which trees are added up: whole numbers, as training writes no more than five decimals."""


class Forest:
    """Trees over named features.

    To add up, no tree is walked: a leaf is a bit, the value of each feature leaves some leaves in reach, and what all
    features leave is one leaf of each tree. That takes half the time of trees made into code for the largest forest,
    and a quarter of the time to load; and sums of whole numbers are the same in whatever order.
    """

    def __init__(self, features: Sequence[str], trees: Sequence[Tree]) -> None:
        self.features, self._trees = tuple(features), trees
        worths = [list(_leaves(tree)) for tree in trees]
        digits = _digits([worth - min(some) for some in worths for worth in some])
        self._total = _summed(_ways(features, trees), sum(map(min, worths)), digits)

    def score(self, measured: Sequence[float]) -> float:
        """Return what all trees say of these features together, in log-odds."""
        return self._total(measured) / UNITS

    @cached_property
    def gave(self) -> Callable[[Sequence[float]], tuple[float, ...]]:
        """Say what each kind of evidence, in the order of KINDS, gave of a score; the rest is at the trees' roots."""
        names = {feature: f"f{place}" for place, feature in enumerate(self.features)}
        lines = [line for tree in self._trees for line in _statements(tree, names, KIND_OF, {}, 1)]
        found: Callable[[Sequence[float]], tuple[float, ...]] = _compiled(names, lines)
        return found


def _ways(features: Sequence[str], trees: Sequence[Tree]) -> list[tuple[list[float], list[int]]]:
    """Return for each feature its limits, and the leaves that its values leave in reach, a bit for each leaf."""
    cuts: dict[str, dict[float, list[int]]] = {feature: {} for feature in features}
    every = 0
    for tree in trees:
        every |= _cut(tree, 1 << every.bit_length(), cuts)
    return [_left(of, every) for of in cuts.values()]


def _summed(
    ways: Sequence[tuple[list[float], list[int]]], least: int, digits: Sequence[tuple[int, int]]
) -> Callable[[Sequence[float]], int]:
    """Return what adds up the worths of the leaves in reach, as one Python function: loops cost a quarter more.

    Only names and whole numbers of our own making stand in its text; limits and leaves are its defaults.
    """
    known: dict[str, Any] = {"place": bisect_left}
    known |= {f"limits{at}": limits for at, (limits, _) in enumerate(ways)}
    known |= {f"left{at}": left for at, (_, left) in enumerate(ways)}
    known |= {f"digit{at}": leaves for at, (_, leaves) in enumerate(digits)}
    values = "".join(f"value{at}, " for at in range(len(ways)))
    reached = " & ".join(["-1", *(f"left{at}[place(limits{at}, value{at})]" for at in range(len(ways)))])
    worths = "".join(f" + {worth} * (reached & digit{at}).bit_count()" for at, (worth, _) in enumerate(digits))
    lines = [
        f"def run(measured, {', '.join(f'{name}={name}' for name in known)}):",
        f"    {values or '()'} = measured",
        f"    reached = {reached}",
        f"    return {least}{worths}",
    ]
    exec(compile("\n".join(lines), _FILE, "exec"), known)  # noqa: S102
    found: Callable[[Sequence[float]], int] = known["run"]
    return found


def _cut(node: Tree, first: int, cuts: Mapping[str, dict[float, list[int]]]) -> int:
    """Return the leaves below a node, of which `first` is the first; add to `cuts` what each limit parts."""
    if not isinstance(node, list):
        return first
    feature, limit, _, low, high = node
    below = _cut(low, first, cuts)
    above = _cut(high, 1 << below.bit_length(), cuts)
    parted = cuts[feature].setdefault(limit, [0, 0])
    parted[0] |= below
    parted[1] |= above
    return below | above


def _left(cuts: Mapping[float, Sequence[int]], every: int) -> tuple[list[float], list[int]]:
    """Return the limits of a feature in their order, and the leaves that values leave: up to the first limit, up to
    the second, and so on, and above the last.
    """  # noqa: D205 - one sentence
    limits = sorted(cuts)
    below = accumulate((cuts[limit][0] for limit in limits), or_, initial=0)
    above = [*accumulate((cuts[limit][1] for limit in reversed(limits)), or_, initial=0)][::-1]
    return limits, [every & ~(low | high) for low, high in zip(below, above, strict=True)]


def _leaves(node: Tree) -> Iterator[int]:
    """Yield what each leaf of a tree is worth, in the order of their bits."""
    if isinstance(node, list):
        yield from (*_leaves(node[3]), *_leaves(node[4]))
    else:
        yield round(node * UNITS)


def _digits(worths: Sequence[int]) -> list[tuple[int, int]]:
    """Return for each binary digit what it is worth and the leaves whose worth has it."""
    sizes = range(max(worths, default=0).bit_length())
    return [(1 << size, sum(1 << place for place, worth in enumerate(worths) if worth >> size & 1)) for size in sizes]


def _value(node: Tree) -> float:
    return float(node[2] if isinstance(node, list) else node)


def _compiled(names: Mapping[str, str], lines: Sequence[str]) -> Any:
    """Return the trees as one Python function: walking them costs five times as much, and every lead pays it.

    Only names and numbers of our own making stand in its text: see `_statements`. By bits, as scores are added up, a
    sum for each kind of evidence costs more than this.
    """
    totals = [f"g{place}" for place in range(len(KINDS))]
    head = ["def run(measured):", f"    {', '.join(names.values())}, = measured", f"    {' = '.join(totals)} = 0.0"]
    space: dict[str, Any] = {}
    exec(compile("\n".join([*head, *lines, f"    return ({', '.join(totals)},)"]), _FILE, "exec"), space)  # noqa: S102
    return space["run"]


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
    data = json.loads(files("rules.matching").joinpath(_FILE).read_text(encoding="utf-8"))
    return Forests(*(Forest(data[name]["features"], data[name]["trees"]) for name in Forests._fields))
