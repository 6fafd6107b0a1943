"""Words of two names: which of one side are found in the other, spelt alike, shortened, glued or with a slip."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from rules.matching.keys import stem

UNKNOWN = -1.0
"""A feature of names when one side has none."""
_LONG = 6


class Words(NamedTuple):
    """The words of one side's name, with how much each says."""

    tokens: tuple[str, ...]
    weights: list[float]
    total: float
    known: frozenset[str]
    stems: frozenset[str]
    bodies: frozenset[str]
    line: str

    @classmethod
    def of(cls, tokens: tuple[str, ...], weight: Mapping[str, float]) -> Words:
        """Weigh the words of a name."""
        weights = [*map(weight.__getitem__, tokens)]
        known = frozenset(tokens)
        line = " ".join(sorted(tokens))
        return cls(tokens, weights, sum(weights), known, frozenset(map(stem, tokens)), known & BODIES, line)


def found(ours: Words, theirs: Words) -> tuple[list[float], list[float], float]:
    """Return how well each word of one side is found in the other (0 to 1), both ways, and the commonest slip.

    A slip is a word of the lead that would have to be a slip of the pen for one of the account's; it is told by how
    common it is: "geological" for "zoological", a word that other accounts use, is hardly a slip.
    """
    both = ours.known & theirs.known
    of_ours = [1.0 if word in both else 0.0 for word in ours.tokens]
    of_theirs = [1.0 if word in both else 0.0 for word in theirs.tokens]
    if len(both) == len(of_ours) or len(both) == len(of_theirs):
        return of_ours, of_theirs, UNKNOWN
    slip = UNKNOWN
    left = [(place, word) for place, word in enumerate(theirs.tokens) if word not in both]
    for at, word in enumerate(ours.tokens):
        if word in both:
            continue
        for place, other in left:
            alike = same_word(word, other)
            if alike:
                of_ours[at] = max(of_ours[at], alike)
                of_theirs[place] = max(of_theirs[place], alike)
                if alike in _SLIPS:
                    slip = max(slip, NEW - ours.weights[at])
    _glue(ours.tokens, theirs.tokens, of_ours)
    _glue(theirs.tokens, ours.tokens, of_theirs)
    return of_ours, of_theirs, slip


def _glue(ours: tuple[str, ...], theirs: tuple[str, ...], shares: list[float]) -> None:
    """Count a long word as found when the other side writes it in two ("health care") or in a longer one."""
    whole = ""
    for at, word in enumerate(ours):
        if shares[at] < GLUED and len(word) >= _LONG:
            whole = whole or "".join(theirs)
            if word in whole:
                shares[at] = GLUED


GLUED = 0.8
NEW = 10.0
"""The weight of a word that no account has."""
ONE_SLIP, TWO_SLIPS, ONE_STEM = 0.9, 0.8, 0.6
_SLIPS = frozenset({ONE_SLIP, TWO_SLIPS})
SHORTENED, CUT = 0.85, 0.6


@lru_cache(maxsize=1 << 17)
def same_word(one: str, other: str) -> float:
    """Return how surely two words are the same one, 0 to 1: equal, shortened, one or two slips, one stem."""
    if one == other:
        return 1.0
    short, long = (one, other) if len(one) < len(other) else (other, one)
    size = len(short)
    if size < 3:  # noqa: PLR2004 - two letters may be anything
        return 0.0
    if long.startswith(short):
        return SHORTENED if size >= 4 else CUT  # noqa: PLR2004
    if size <= 4:  # noqa: PLR2004
        return CUT if size == 4 and Levenshtein.distance(one, other, score_cutoff=1) == 1 else 0.0  # noqa: PLR2004
    slips = Levenshtein.distance(one, other, score_cutoff=2)
    if slips == 1:
        return ONE_SLIP
    if slips == 2 and size >= 8:  # noqa: PLR2004
        return TWO_SLIPS
    return ONE_STEM if stem(one) == stem(other) else 0.0


def mutual(one: Words, other: Words) -> float:
    """Return how well two names are the same one, both ways (0 to 1): the lower of what each finds in the other."""
    of_one, of_other, _ = found(one, other)
    return min(_share(one, of_one), _share(other, of_other))


def _share(words: Words, shares: list[float]) -> float:
    return sum(map(float.__mul__, words.weights, shares)) / words.total if words.total else 0.0


BODIES = frozenset(
    """
    academy agency airport archive association authority bank board cathedral center chamber choir church city clerk
    clinic club college commission committee community consortium council county court department diocese district
    division embassy faculty federation foundation fund garden government group holding hospital hotel inn institute
    insurance laboratory library ministry museum network observatory office orchestra parish park police port press
    project prison program region restaurant school service society state station store studio system theater town
    township tribunal trust union university village zoo
    """.split()  # noqa: SIM905 - as a column it would be longer than the module
)
"""Words for kinds of bodies: a bank's foundation is not the bank."""
