"""Invents companies by country: coined words, surnames and places with sector words and legal forms.

Every name comes from a serial number by a one-to-one mapping, so domains are unique without a memory of the earlier
ones. Coined companies have domains under real public suffixes; companies named after people or places, which could
exist, are under ``.example`` (RFC 2606). Nothing ever resolves or calls these names.
"""

from __future__ import annotations

import functools
import itertools
import math
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anyascii import anyascii

from .people import cultures

if TYPE_CHECKING:
    from collections.abc import Sequence

GRAMMAR = Path(__file__).with_name("grammar.toml")
# A prime that divides none of the sizes below: stepping by it visits every combination once.
STEP = 7_368_787


@dataclass(frozen=True, slots=True)
class Sector:
    """A sector word with the label it has in a domain."""

    word: str
    label: str
    industry: str


@dataclass(frozen=True, slots=True)
class Digits:
    """A pattern of fixed text and random digits: a printf format and the size of each group of digits."""

    text: str
    sizes: tuple[int, ...]

    @classmethod
    def read(cls, pattern: str) -> Digits:
        """Read a pattern in which every ``#`` is a digit."""
        groups = re.findall(r"#+", pattern)
        return cls(re.sub(r"#+", lambda run: f"%0{len(run[0])}d", pattern), tuple(10 ** len(run) for run in groups))

    def fill(self, chance: Any) -> str:
        """Write the pattern with digits from `chance`, a function that returns a float below 1."""
        if len(self.sizes) == 1:
            return self.text % int(chance() * self.sizes[0])
        return self.text % tuple([int(chance() * size) for size in self.sizes])


@dataclass(frozen=True, slots=True)
class City:
    """A city of the grammar with its postal codes and phone numbers."""

    name: str
    label: str
    state: str
    postal: Digits
    phone: Digits


@dataclass(frozen=True, slots=True)
class Place:
    """A company named after its city; `stem` is its domain label."""

    core: str
    stem: str
    sector: Sector
    city: City


@dataclass(frozen=True, slots=True)
class Country:
    """How companies of one country are called."""

    code: str
    legal: tuple[str, ...]
    prefix: str
    suffixes: tuple[str, ...]
    cities: tuple[City, ...]
    sectors: tuple[Sector, ...]
    surnames: tuple[tuple[str, str], ...]

    def full_name(self, core: str, chance: Any) -> str:
        """Put a legal form on a core name."""
        legal = self.legal[int(chance() * len(self.legal))]
        name = f"{core} {legal}" if legal else core
        return f"{self.prefix} {name}" if self.prefix else name


@dataclass(frozen=True, slots=True)
class Coined:
    """The coined words: three lists whose combinations are all different."""

    first: tuple[str, ...]
    middle: tuple[str, ...]
    end: tuple[str, ...]

    def size(self, sectors: int) -> int:
        """How many combinations of a word and a sector there are."""
        return len(self.first) * len(self.middle) * len(self.end) * sectors

    def word(self, number: int) -> str:
        """Return the word for a number."""
        number, end = divmod(number, len(self.end))
        number, middle = divmod(number, len(self.middle))
        return self.first[number % len(self.first)] + self.middle[middle] + self.end[end]


def label(text: str) -> str:
    """Return text as a domain label: ASCII letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", anyascii(text).lower())


def spread(serial: int, size: int, seed: int) -> int:
    """Map serials below `size` one to one onto numbers below `size`, so that neighbours look unrelated."""
    if math.gcd(STEP, size) != 1:
        message = f"{STEP} and {size} share a factor"
        raise ValueError(message)
    return (serial * STEP + seed * 104_729) % size


@functools.cache
def _grammar() -> dict[str, Any]:
    return tomllib.loads(GRAMMAR.read_text(encoding="utf-8"))


def coined(*, stranger: bool = False) -> Coined:
    """Return the coined words; with `stranger`, those of companies that are in no CRM."""
    words = _grammar()["coined"]
    return Coined(
        tuple(words["stranger" if stranger else "first"].split()),
        tuple(words["middle"].split()),
        tuple(words["end"].split()),
    )


@functools.cache
def countries() -> dict[str, Country]:
    """Return every country of the grammar by ISO-2 code."""
    grammar = _grammar()
    return {code: _country(code, body, grammar["sectors"]) for code, body in grammar["countries"].items()}


@functools.cache
def legal_forms() -> tuple[str, ...]:
    """Return every legal form of the grammar, the longest first."""
    forms = {form for country in countries().values() for form in country.legal if form}
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


@functools.cache
def calendar() -> tuple[str, ...]:
    """Return country codes in the order in which companies come, as often as the weights say."""
    weights = {code: body["weight"] for code, body in _grammar()["countries"].items()}
    rounds = range(max(weights.values()))
    # Each country's turns are spread over the rounds, so that a short stream is international too.
    turns = ((turn / weight, code) for code, weight in weights.items() for turn in rounds if turn < weight)
    return tuple(code for _, code in sorted(turns))


def _country(code: str, body: dict[str, Any], sectors: dict[str, Any]) -> Country:
    words: Sequence[str] = sectors[body["language"]].split()
    return Country(
        code=code,
        legal=tuple(body["legal"]),
        prefix=body.get("prefix", ""),
        suffixes=tuple(body["suffixes"]),
        cities=tuple(_city(line) for line in body["cities"]),
        sectors=tuple(Sector(w, label(w), i) for w, i in zip(words, sectors["industries"], strict=True)),
        surnames=tuple((latin, label(latin)) for _, latin in cultures()[code].last),
    )


def _city(line: str) -> City:
    name, state, postal, phone = line.split("|")
    return City(name, label(name), state, Digits.read(postal), Digits.read(phone))


def place_names(country: Country) -> list[Place]:
    """Return every company name that is made from a place of the country."""
    forms = ("{city} {word}", "{word} {city}", "Grupo {city} {word}", "{city} Central {word}")
    return [
        Place(
            core=form.format(city=city.name, word=sector.word),
            stem=label(form.format(city=city.label, word=sector.label)),
            sector=sector,
            city=city,
        )
        for city, sector, form in itertools.product(country.cities, country.sectors, forms)
    ]
