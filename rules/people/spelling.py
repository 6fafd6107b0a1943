"""How one word of a name is compared with another: by sound, by a slip of the pen, by its consonants."""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

__all__ = ["differs_in_ending", "is_near", "skeleton", "sound"]

_ALIKE = (
    ("tsch", "k"), ("shch", "s"), ("sch", "s"), ("sh", "s"), ("zh", "s"), ("ph", "f"), ("ck", "k"), ("qu", "k"),
    ("kh", "k"), ("dj", "j"), ("dzh", "j"), ("ae", "a"), ("oe", "o"), ("ue", "u"), ("yu", "u"), ("iu", "u"),
    ("ju", "u"), ("ou", "u"), ("oo", "u"), ("ee", "i"), ("ya", "a"), ("ia", "a"), ("ja", "a"), ("x", "ks"), ("c", "k"),
    ("q", "k"), ("y", "i"), ("j", "i"), ("z", "s"), ("w", "v"), ("h", ""),
)  # fmt: skip
_DOUBLED = re.compile(r"(.)\1+")
_VOWELS = re.compile("[aeiouy]")
_LEAST = 4
"""A shorter word with a slip is another word."""
_SURE = 0.9
_BRIEF = 3
_ENDINGS = frozenset(("a", "e", "o", "na", "ne", "le", "ine"))


@lru_cache(maxsize=1 << 15)
def sound(word: str) -> str:
    """Return what a Latin word sounds like across languages: Müller and Mueller, Yulia and Iuliia are the same."""
    for written, heard in _ALIKE:
        if written in word:
            word = word.replace(written, heard)
    return _DOUBLED.sub(r"\1", word)


@lru_cache(maxsize=1 << 14)
def skeleton(word: str) -> str:
    """Return a word's consonants: all that Arabic and Hebrew write."""
    heard = sound(word)
    return _DOUBLED.sub(r"\1", heard[:1] + _VOWELS.sub("", heard[1:]))


@lru_cache(maxsize=1 << 15)
def is_near(one: str, other: str) -> bool:
    """Tell whether two words may be one with a slip of the pen: one letter wrong, missing, or two changed places."""
    if min(len(one), len(other)) < _LEAST:
        return False
    if OSA.distance(one, other, score_cutoff=1) <= 1:
        return True
    return min(len(one), len(other)) > _LEAST and JaroWinkler.similarity(one, other, score_cutoff=_SURE) > 0


@lru_cache(maxsize=1 << 14)
def differs_in_ending(one: str, other: str) -> bool:
    """Tell whether two given names differ only as those of a man and a woman: Mario and Maria, Daniel and Daniela."""
    short, long_ = sorted((one, other), key=len)
    if len(short) == len(long_):
        return short != long_ and short[:-1] == long_[:-1] and {short[-1], long_[-1]} <= set("aeiou")
    return len(short) >= _BRIEF and long_.startswith(short) and long_[len(short) :] in _ENDINGS
