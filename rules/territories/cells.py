"""What a cell of a territory means: exact values, beginnings (``75*``) and ranges, any of which may hold.

Both sides of a comparison are brought to the same keys: those of a cell are made here, those of a lead's value in
rules.territories.probe. ``@`` marks an ISO code, ``=`` a folded text, ``~`` the folded text of a state that has a code
(for a lead's text that has none), ``#`` a number, ``?`` yes or no; ``n``, ``d``, ``i`` an account's name, domain, id.
"""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import pycountry
from rapidfuzz import fuzz, process

from rules import normalize
from rules.faults import RuleFault
from rules.normalizing import languages, postal
from rules.territories.amounts import number_key, span
from rules.territories.columns import Kind

__all__ = ["EMPTY", "Cell", "Range", "read"]

MOST_ALTERNATIVES = 200
"""In one cell: each has an entry of its own in the index. More of them make several rows."""

FLAGS = {"true": True, "yes": True, "false": False, "no": False}
_LONGEST_CODE = 12
"""The longest postal code that ranges are made of, in letters and digits; the longest there is has ten."""
_SHAPES = str.maketrans("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "9" * 10 + "A" * 26)
_ZONE = 3
"""A range whose ends have no more signs takes every code that begins with something between them, as in conditions."""
_COUNTRY_BEFORE = re.compile(r"\A[a-z]{1,2}-(?=\d{4,6}\Z)")
_WITH_DASH = re.compile(r"\d{2}-\d{3}|\d{3}-\d{4}|\d{4}-\d{3}|\d{5}-\d{3,4}")
"""One postal code with a dash in it: Poland, Japan, Portugal, Brazil, United States."""
_TO = re.compile(r"\s*(?:\.\.+|\u2013|\u2014)\s*|\s+(?:-|to)\s+")


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Numbers from `low` to `high`, both included. Postal codes are numbers too, to the base 36.

    `group` keeps apart what cannot be compared: "" for amounts, ``99999`` for codes of five digits, ``AA9*`` for what
    codes begin with.
    """

    low: float
    high: float
    group: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it has one end only."""
        return math.inf in {-self.low, self.high}


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell asks for. It holds when any of its keys, prefixes or ranges does; without any, always.

    Two cells are equal when they ask for the same, however they are written. `alternatives` counts them, `share` is
    how much the prefixes and ranges let through (for codes between 0 and 1, for amounts their difference).
    """

    keys: frozenset[str] = frozenset()
    prefixes: frozenset[str] = frozenset()
    ranges: frozenset[Range] = frozenset()
    written: str = dataclasses.field(default="", compare=False)
    alternatives: int = dataclasses.field(default=0, compare=False)
    share: float = dataclasses.field(default=0.0, compare=False)

    @property
    def filled(self) -> bool:
        """Whether it asks for anything."""
        return self.alternatives > 0

    @property
    def exact(self) -> bool:
        """Whether it names values only."""
        return self.filled and not self.prefixes and not self.ranges

    @property
    def countries(self) -> tuple[str, ...]:
        """The ISO codes that it names, where it is a cell of countries."""
        return tuple(sorted(key[1:] for key in self.keys))

    @property
    def breadth(self) -> tuple[int, float]:
        """How wide it is, the narrowest first: few values, few codes or amounts, open to one side, anything."""
        if not self.filled:
            return 3, 0.0
        if self.exact:
            return 0, float(self.alternatives)
        edges = [-each.low if each.high == math.inf else each.high for each in self.ranges if each.is_open]
        return (2, min(edges)) if edges else (1, self.share)


EMPTY = Cell()


def read(text: str, kind: Kind, lands: tuple[str, ...] = ()) -> Cell:
    """Read a cell; `lands` are the codes of the row's countries, for its states. Raises RuleFault without a place."""
    if text in {"", "*"}:
        return EMPTY
    told = [part.strip() for part in text.split("|")]
    if len(told) > MOST_ALTERNATIVES:
        raise RuleFault(f"The cell has more than {MOST_ALTERNATIVES} alternatives.", remedy="Make several rows of it.")
    if not all(told):
        raise RuleFault("An alternative is empty.", remedy="Write a value on each side of |, or leave the cell empty.")
    parts = [_state(part, lands) if kind == "state" else _READERS[kind](part) for part in told]
    return Cell(
        frozenset().union(*(part.keys for part in parts)),
        frozenset().union(*(part.prefixes for part in parts)),
        frozenset().union(*(part.ranges for part in parts)),
        text,
        len(parts),
        sum(part.share for part in parts),
    )


def _keys(*keys: str) -> Cell:
    return Cell(frozenset(keys))


def _beginning(text: str, clean: Callable[[str], str]) -> Cell | None:
    """Return what ``75*`` asks for; None when there is no star. A space before the star ends a word."""
    if "*" not in text:
        return None
    body = text.removesuffix("*")
    begin = f"{normalize.fold(body)} " if body.endswith(" ") else clean(body)
    if "*" in body or not begin.strip():
        raise RuleFault(f"“{text}” cannot be read.", remedy="A * stands once, after the beginning: 75*.")
    return Cell(prefixes=frozenset({begin}), share=float(_base(begin)) ** -len(begin))


def _base(code_: str) -> int:
    """Return how many signs each place of a code may have: 10 where all that is known of it are digits."""
    return 10 if code_.isdigit() else 36


def _text(text: str) -> Cell:
    return _beginning(text, normalize.fold) or _keys(f"={normalize.fold(text)}")


def _any(text: str) -> Cell:
    """Read a cell of a custom field, whose values may be numbers, or a picklist of ranges: ``51-200`` asks for both."""
    folded = normalize.fold(text)
    keys = {f"={folded}"} | ({f"?{FLAGS[folded]}"} if folded in FLAGS else set())
    try:
        found = _number(text)
    except RuleFault:
        return _beginning(text, normalize.fold) or _keys(*keys)
    return Cell(found.keys | keys, ranges=found.ranges, share=found.share)


def _number(text: str) -> Cell:
    low, high = span(text)
    if low == high:
        return _keys(number_key(low))
    return Cell(ranges=frozenset({Range(low, high)}), share=high - low)


def _bool(text: str) -> Cell:
    flag = FLAGS.get(normalize.fold(text))
    if flag is None:
        raise RuleFault(f"“{text}” is neither yes nor no.", remedy="Write true or false.")
    return _keys(f"?{flag}")


def _country(text: str) -> Cell:
    if found := normalize.country(text):
        return _keys(f"@{found}")
    meant = process.extractOne(text, _country_names(), scorer=fuzz.ratio, processor=normalize.fold, score_cutoff=70)
    hint = f"Did you mean {meant[0]}? " if meant else ""
    raise RuleFault(f"There is no country “{text}”.", remedy=f"{hint}Write a name or an ISO code; several as DE|AT|CH.")


@lru_cache(maxsize=1)
def _country_names() -> tuple[str, ...]:
    return tuple(normalize.country_name(each.alpha_2) for each in pycountry.countries)


def _state(text: str, lands: tuple[str, ...]) -> Cell:
    codes = {normalize.state(text, land) for land in lands or ("",)} - {""}
    folded = normalize.fold(text)
    return _keys(*(f"@{code}" for code in codes), f"~{folded}" if codes else f"={folded}")


def _language(text: str) -> Cell:
    tag = languages.language(text)
    return _keys(f"@{tag}" if tag else f"={normalize.fold(text)}")


def _account(text: str) -> Cell:
    if begin := _beginning(text, normalize.company):
        return begin
    keys = {f"={normalize.fold(text)}", f"i{account_id(text)}"}
    site = normalize.domain(text) if "." in text and " " not in text else ""
    return _keys(*keys, f"d{site}" if site else f"n{normalize.company(text)}")


def account_id(text: str) -> str:
    """Return an id for comparing: Salesforce writes one with 15 signs, or the same with 3 more that say nothing new."""
    return text[:15] if re.fullmatch(r"[A-Za-z0-9]{18}", text) else text


def code(text: str) -> str:
    """Return a postal code for comparing, without the country that some write before it (``D-10115``)."""
    return postal.code(_COUNTRY_BEFORE.sub("", normalize.fold(text)))


def shape(code_: str) -> str:
    """Return the shape of a code: ``AA9`` for SW1; "" for none that ranges are made of.

    In ranges, as in conditions, letters are never between digits.
    """
    known = code_.isascii() and code_.isalnum() and len(code_) <= _LONGEST_CODE
    return code_.translate(_SHAPES) if known else ""


def _postal(text: str) -> Cell:
    ends = _ends(text)
    if not ends:
        return _beginning(text, code) or _keys(f"={code(text)}")
    first, last = (code(end) for end in ends)
    starred = [end.endswith("*") for end in ends]
    if not (shape(first) and shape(last)) or "*" in ends[0][:-1] + ends[1][:-1] or starred[0] != starred[1]:
        raise RuleFault(f"“{text}” is no range of postal codes.", remedy="Write it like 10000-19999 or 10*-19*.")
    if shape(first) != shape(last):
        message = f"The ends of “{text}” are not alike."
        raise RuleFault(message, remedy="Write both with the same number of digits and letters.")
    if first > last:
        raise RuleFault(f"The range “{text}” goes backwards.", remedy=f"Write {ends[1]}-{ends[0]}.")
    base = _base(first + last)
    share = (int(last, base) - int(first, base) + 1) / base ** len(first)
    cut = "*" if starred[0] or len(first) <= _ZONE else ""
    return Cell(ranges=frozenset({Range(int(first, 36), int(last, 36), shape(first) + cut)}), share=share)


def _ends(text: str) -> tuple[str, str] | None:
    """Return both ends of a range; None when the text is one code, with dashes or without."""
    parts = _TO.split(text)
    if len(parts) == 1:
        tokens = text.split("-")
        half = len(tokens) // 2
        parts = ["-".join(tokens[:half]), "-".join(tokens[half:])] if half and not len(tokens) % 2 else []
        if not parts or (len(code(parts[0])) != len(code(parts[1])) and _is_one(text)):
            return None
    if len(parts) != 2 or not all(parts):  # noqa: PLR2004 - a range has two ends
        raise RuleFault(f"“{text}” is no range of postal codes.", remedy="Write it like 10000-19999.")
    return parts[0].strip(), parts[1].strip()


def _is_one(text: str) -> bool:
    """Tell whether a text whose halves are not equally long is one code (or its beginning) with a dash in it."""
    folded = normalize.fold(text)
    return text.find("*") == len(text) - 1 or bool(_WITH_DASH.fullmatch(folded) or _COUNTRY_BEFORE.match(folded))


_READERS: Mapping[Kind, Callable[[str], Cell]] = {
    "account": _account, "country": _country, "postal": _postal, "number": _number, "bool": _bool, "text": _text,
    "language": _language, "any": _any,
}  # fmt: skip
