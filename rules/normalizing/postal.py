"""Postal codes: compared without spaces, signs and case, and sought by code, by beginning (``75*``) and by range.

A range is ``92000-92999``: two codes of one length. It takes codes of that length; with ends of up to three characters
(``01-09``, ``SW1-SW3``) it takes every code that begins with something between them. An American code with four more
digits (``94105-1234``) counts as what stands before them, too.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from rules.faults import RuleFault
from rules.normalizing.folding import fold

__all__ = ["Codes", "code", "codes", "is_code", "span"]

_RANGE = re.compile(r"([^-\u2013]{1,20}?)\s*[-\u2013]\s*([^-\u2013]{1,20})")
_COUNTRY_BEFORE = re.compile(r"\A[a-z]{1,2}-(?=\d{4,6}\Z)")
"""What some write before a code: ``D-10115``, ``LV-1010``."""
_SHORT = 3
_LONGEST = 12


def code(text: str) -> str:
    """Return a code for comparing: upper case, letters and digits only, no country; "" when nothing is left."""
    return "".join(filter(str.isalnum, _COUNTRY_BEFORE.sub("", fold(text), count=1))).upper()[:64]


def is_code(text: str) -> bool:
    """Tell whether a text looks like a postal code or the beginning of one: short, with a digit in it."""
    bare = code(text)
    return bool(bare) and len(bare) <= _LONGEST and any(map(str.isdigit, bare)) and bare.isascii()


def _shape(bare: str) -> str:
    return "".join("9" if char.isdigit() else "A" for char in bare)


def span(first: str, last: str) -> tuple[str, str]:
    """Return both ends of a range for comparing. Raises RuleFault when they make none."""
    low, high = code(first), code(last)
    if len(low) != len(high) or not (is_code(first) and is_code(last)):
        raise RuleFault(
            f"“{first}” and “{last}” are no range of postal codes.", remedy="Both need the same number of characters."
        )
    if low > high:
        raise RuleFault(f"The range from {first} to {last} runs backwards.", remedy=f"Write {last} first.")
    return low, high


def _as_range(text: str) -> tuple[str, str] | None:
    """Return the ends of ``92000-92999``; None for a single code, such as the Polish 12-345 and the Korean 123-456."""
    found = _RANGE.fullmatch(text.strip())
    if not found:
        return None
    low, high = code(found[1]), code(found[2])
    alike = len(low) == len(high) and _shape(low) == _shape(high) and is_code(low) and is_code(high)
    return (low, high) if alike else None


def base(bare: str) -> str:
    """Return an American code without its four more digits, any other code as it is."""
    return bare[:5] if len(bare) == 9 and bare.isdigit() else bare  # noqa: PLR2004 - five and four digits


@dataclass(frozen=True, slots=True)
class Codes:
    """Codes that are sought: single ones, beginnings by their length, and per length of ends ranges that are apart."""

    single: frozenset[str]
    beginnings: tuple[tuple[int, frozenset[str]], ...] = ()
    ranges: tuple[tuple[int, tuple[str, ...], tuple[str, ...]], ...] = ()

    def holds(self, bare: str) -> bool:
        """Tell whether a code, as :func:`code` returns it, is among them."""
        if bare in self.single or base(bare) in self.single:
            return True
        if any(bare[:size] in known for size, known in self.beginnings):
            return True
        return bool(self.ranges) and self._in_range(base(bare))

    def _in_range(self, bare: str) -> bool:
        for size, lows, highs in self.ranges:
            if len(bare) == size or (size <= _SHORT and len(bare) > size):
                head = bare[:size]
                at = bisect_right(lows, head) - 1
                if at >= 0 and head <= highs[at] and (head.isdigit() or not lows[at].isdigit()):
                    return True
        return False


def codes(texts: Iterable[str]) -> Codes:
    """Return what is sought by these texts: codes, beginnings with a star, ranges. Raises RuleFault for a bare star."""
    single, beginnings, ranges = set[str](), dict[int, set[str]](), dict[int, list[tuple[str, str]]]()
    for text in texts:
        bare = code(text)
        if text.rstrip().endswith("*"):
            if not bare:
                raise RuleFault("“*” is every postal code.", remedy="Write “is not empty”, or digits before it.")
            beginnings.setdefault(len(bare), set()).add(bare)
        elif ends := _as_range(text):
            if ends[0] > ends[1]:
                span(*text.replace("\u2013", "-").split("-"))
            ranges.setdefault(len(ends[0]), []).append(ends)
        else:
            single.add(bare)
    return Codes(
        frozenset(single - {""}),
        tuple((size, frozenset(known)) for size, known in sorted(beginnings.items())),
        tuple((size, *_apart(known)) for size, known in sorted(ranges.items())),
    )


def between(low: str, high: str) -> Codes:
    """Return the codes of one range, its ends as :func:`span` returns them."""
    return Codes(frozenset(), (), ((len(low), (low,), (high,)),))


def _apart(ranges: list[tuple[str, str]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the low and the high ends of ranges, sorted and with those that overlap made one."""
    lows: list[str] = []
    highs: list[str] = []
    for low, high in sorted(ranges):
        if highs and low <= highs[-1]:
            highs[-1] = max(highs[-1], high)
        else:
            lows.append(low)
            highs.append(high)
    return tuple(lows), tuple(highs)
