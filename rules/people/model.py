"""The model: trees whose leaves add up to the log-odds that two records are one person, and what each thing gave.

The trees stand in ``rules/people/weights.json``, made by ``python -m tests.bench train-people``; their form is that of
:mod:`rules.matching.forest`. Every question is about a number of :class:`rules.people.compare.Likeness`, and a tree
never says less for more of it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any

from rules.matching.forest import Forest, Tree
from rules.people.levels import Company, Family, Given, Glance, Likeness, Mail, Phone

__all__ = [
    "BY_LINE", "CONTRADICTED", "DOUBTFUL", "OWN_ADDRESS", "SURE", "UNRELATED", "contradicts", "contributions",
    "log_odds", "most", "probability", "score",
]  # fmt: skip

CONTRADICTED = 2.1
"""Log-odds, at most, of two of whom something says outright that they are two; just that where they have one address
or profile, so that a person looks."""
BY_LINE = 4.5
"""The same of two with a common name who share only a number that may be a whole company's."""
UNRELATED = -8.0
"""The same of two who have nothing in common that belongs to a person."""
OWN_ADDRESS = 7.2
"""Log-odds, at least, of two who share an address that nobody else reads: a little more than 99.9%."""
DOUBTFUL, SURE = 0.8473, 6.9068
"""Log-odds of 70% and of 99.9%."""
_FILE = "weights.json"
_MOST = 40.0


def probability(found: float) -> float:
    """Return the probability (0 to 1) of log-odds."""
    return 1 / (1 + math.exp(-max(-_MOST, min(_MOST, found))))


def log_odds(likely: float) -> float:
    """Return the log-odds of a probability; 0 and 1 are as far as this goes."""
    if not 0 < likely < 1:
        return math.copysign(_MOST, likely - 0.5)
    return math.log(likely / (1 - likely))


@lru_cache(maxsize=1 << 17)
def score(alike: Likeness) -> float:
    """Return the log-odds that two who compare like this are one person.

    Four things are not left to the trees: nobody is merged against a contradiction, nobody for being at one company,
    nobody with a common name for a number that may be a switchboard's, and an address that only one person reads is
    that person's as long as no name says otherwise.
    """
    found = _calibrated(_forest().score(alike))[0]
    if contradicts(alike):
        return CONTRADICTED if alike.mail == Mail.SAME or alike.ids > 0 else min(found, CONTRADICTED)
    if not _has_likeness(alike.mail, alike.phone, alike.given, alike.family, alike.ids):
        return min(found, UNRELATED)
    if _is_by_line(alike):
        return min(found, BY_LINE)
    if alike.mail == Mail.SAME and alike.family >= Family.UNKNOWN:
        return max(found, OWN_ADDRESS)
    return found


@lru_cache(maxsize=1 << 12)
def most(seen: Glance) -> float:
    """Return the log-odds that two of whom a glance tells this have at most; infinity where that is not known.

    No tree says less for more of anything, so it is what they say when all else speaks for one person; and who has
    nothing in common is UNRELATED but for a contradiction, the only one unseen being father and son.
    """
    if _has_likeness(*seen):
        return math.inf
    mail, phone, given, family, ids = seen
    is_contradicted = given < Given.UNKNOWN or ids < 0
    best = Likeness(
        mail, phone, given, family, middle=1, generation=1 if is_contradicted else -2, ids=ids,
        company=Company.SAME_TWICE, title=2, city=1, country=1, rare=0, of_mail=0,
    )  # fmt: skip
    return min(max(_calibrated(_forest().score(best))[0], UNRELATED), CONTRADICTED)


def contradicts(alike: Likeness) -> bool:
    """Tell whether something says outright that two people are two: another given name, father and son, another id."""
    return alike.given < Given.UNKNOWN or alike.generation < -1 or alike.ids < 0


def _is_by_line(alike: Likeness) -> bool:
    """Tell whether a number that is not said to be a mobile's, and a name that many have, are all that agrees."""
    other = max(alike.mail, alike.ids, alike.company) > 0
    return alike.phone == Phone.SAME and alike.rare == 0 and not other


def _has_likeness(mail: int, phone: int, given: int, family: int, ids: int) -> bool:
    """Tell whether anything that belongs to a person agrees; company, city and title do not."""
    return mail > Mail.UNKNOWN or phone > 0 or ids > 0 or (given > 0 and family > 0)


@lru_cache(maxsize=1 << 12)
def contributions(alike: Likeness) -> tuple[float, dict[str, float]]:
    """Return what holds of any two who are compared, and what each thing adds to it; together what the trees say."""
    gave, told = dict.fromkeys(Likeness._fields, 0.0), alike._asdict()
    root = 0.0
    for tree in _trees():
        root += _value(tree)
        _walk(tree, told, gave)
    summed, slope = _calibrated(root + sum(gave.values()))
    return summed - slope * sum(gave.values()), {name: slope * value for name, value in gave.items()}


def _walk(node: Tree, told: Mapping[str, int], gave: dict[str, float]) -> None:
    while isinstance(node, list):
        feature, limit, value, low, high = node
        node = low if told[feature] <= limit else high
        gave[feature] += _value(node) - value


def _value(node: Tree) -> float:
    return float(node[2] if isinstance(node, list) else node)


@lru_cache(maxsize=1)
def _file() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files("rules.people").joinpath(_FILE).read_text(encoding="utf-8"))
    return found


def _trees() -> Sequence[Tree]:
    trees: Sequence[Tree] = _file()["trees"]
    return trees


@lru_cache(maxsize=1)
def _calibration() -> tuple[float, float, float]:
    """Return slope and shift that make log-odds of the trees' sum, and the log-odds from which on pairs are SURE."""
    slope, shift, sure = _file()["calibration"]
    return slope, shift, sure


def _calibrated(summed: float) -> tuple[float, float]:
    """Return the log-odds that a sum of the trees comes to, and how much they grow there with the sum.

    Up to DOUBTFUL they are those of one pair. SURE is what holds of all pairs that are at least so sure: of those, that
    share is right on people whom neither trees nor slope had seen. In between it is a straight line.
    """
    slope, shift, sure = _calibration()
    found = slope * summed + shift
    if found <= DOUBTFUL:
        return found, slope
    grows = (SURE - DOUBTFUL) / (sure - DOUBTFUL)
    return DOUBTFUL + (found - DOUBTFUL) * grows, slope * grows


@lru_cache(maxsize=1)
def _forest() -> Forest:
    return Forest(Likeness._fields, _trees())
