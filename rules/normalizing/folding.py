# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
"""Letters: one way to write text for comparing, whatever script, accents, width or case it comes in."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeAlias

from anyascii import anyascii

__all__ = ["LONGEST", "LONGEST_WHOLE", "cached", "fold", "fold_whole", "folded", "latin", "romanised", "squash"]

LONGEST = 2_048
"""How much of a field is read for comparing, and how long what comes of it may be. URLs are the longest we know."""

LONGEST_WHOLE = 65_536
"""How much of a text a condition looks at: a whole long text field of HubSpot."""

_PIECE = 256
"""NFKC sorts runs of accents in quadratic time, so a long text is normalised in pieces."""

_Cleaner: TypeAlias = Callable[[str], str]

_ARABIC = str.maketrans("\u0623\u0625\u0622\u0649\u0629\u0624", "\u0627\u0627\u0627\u064a\u0647\u0648", "\u0640")
"""Arabic letters that are written in several ways: the forms of alef, yeh, teh marbuta and waw; no tatweel."""
_ARABIC_MARKS = ("COMBINING", "ARABIC FATHA", "ARABIC DAMMA", "ARABIC KASRA", "ARABIC SHADDA")


def cached(size: int) -> Callable[[_Cleaner], _Cleaner]:
    """Keep the answers for the last `size` texts, and let no text longer than LONGEST in or out."""

    def keeper(clean: _Cleaner) -> _Cleaner:
        kept = lru_cache(size)(lambda text: clean(text)[:LONGEST])

        @wraps(clean)
        def cut(text: str) -> str:
            return kept(text if len(text) <= LONGEST else text[:LONGEST])

        return cut

    return keeper


def fold(text: str) -> str:
    """Return text for comparing: NFKC, case-folded, Latin and Greek accents removed, spaces single.

    Marks stay where they make another letter, as in Cyrillic, Hindi and Japanese.
    """
    if text.isascii():  # quicker than looking whether it is known
        return " ".join((text if len(text) <= LONGEST else text[:LONGEST]).lower().split())
    return _fold(text)


@cached(1 << 15)
def _fold(text: str) -> str:
    return folded(text)


def fold_whole(text: str) -> str:
    """Return a text of up to LONGEST_WHOLE characters folded as :func:`fold` does; what comes after does not count."""
    return fold(text) if len(text) <= LONGEST else _fold_long(text[:LONGEST_WHOLE])


@lru_cache(maxsize=16)  # many conditions ask about the same few long texts
def _fold_long(text: str) -> str:
    return folded(text)[:LONGEST_WHOLE]


def folded(text: str) -> str:
    """Return what :func:`fold` does, without keeping it: for tables that are made once, and texts cut already."""
    if text.isascii():
        return " ".join(text.lower().split())
    pieces = (text[at : at + _PIECE] for at in range(0, len(text), _PIECE))
    plain = "".join(unicodedata.normalize("NFKC", piece) for piece in pieces).casefold().translate(_ARABIC)
    return " ".join("".join(map(_unaccented, plain)).split())


@lru_cache(maxsize=4096)
def _unaccented(char: str) -> str:
    if char.isascii():
        return char
    name = unicodedata.name(char, "")
    if name.startswith("LATIN"):
        return anyascii(char).lower()
    if name.startswith("GREEK"):
        return unicodedata.normalize("NFD", char)[0]
    return "" if name.startswith(_ARABIC_MARKS) else char


def latin(text: str) -> str:
    """Return folded text transliterated to Latin letters, for comparing beside its own script."""
    return text[:LONGEST] if text.isascii() else _transliterated(text)


@cached(1 << 14)
def _transliterated(text: str) -> str:
    return " ".join(anyascii(text).lower().replace("'", "").split())


def squash(text: str) -> str:
    """Return text without its spaces and signs: ``coca cola`` and ``Coca-Cola`` are both ``cocacola``."""
    if text.isalnum() and text.isascii():
        return (text if len(text) <= LONGEST else text[:LONGEST]).lower()
    return _squash(text)


@cached(1 << 15)
def _squash(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


_BASE = dict(
    zip("абвгдезиклмнопрстуфыэёіјћқғңәөұүһў", "abvgdeziklmnoprstufyeeijcqgnaouuhu", strict=True),
    ь="", љ="lj", њ="nj", ђ="dj", џ="dz",
)  # fmt: skip
_SOFT = {
    "ж": ("zh", "z", "zh"), "х": ("kh", "h", "kh"), "ц": ("ts", "c", "ts"), "ч": ("ch", "c", "ch"),
    "ш": ("sh", "s", "sh"), "й": ("y", "j", "i"), "щ": ("shch", "s", "sht"), "ю": ("yu", "ju", "iu"),
    "я": ("ya", "ja", "ia"), "є": ("ye", "je", "ie"), "ї": ("yi", "ji", "i"), "ъ": ("", "a", "a"),
}  # fmt: skip
"""Letters that English papers, scholars and libraries write differently."""
_WAYS = tuple(str.maketrans(_BASE | {letter: ways[at] for letter, ways in _SOFT.items()}) for at in range(3))


@lru_cache(maxsize=256)  # the same few endings, again and again
def romanised(word: str) -> tuple[str, str, str]:
    """Return three common ways of writing a folded Cyrillic or Greek word in Latin letters."""
    one, two, three = (word.translate(way) for way in _WAYS)
    return (one, two, three) if one.isascii() else (latin(word),) * 3
