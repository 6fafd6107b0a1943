"""Public holidays of countries and their parts, by ISO 3166 codes; the days come from a maintained library."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import holidays
from holidays.registry import COUNTRIES
from rapidfuzz import fuzz, process

from rules.faults import RuleFault
from rules.normalizing.folding import folded
from rules.normalizing.places import country, country_name

__all__ = ["holiday", "read_holidays"]

_CLOSE = 60
_ENGLISH = "en_US"


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    """Return the countries that the library knows. Asking it for the list of their parts as well takes seconds."""
    return frozenset(codes[1] for codes in COUNTRIES.values())


def read_holidays(text: str) -> str:
    """Return the code of a country (``FR``) or of a part of one (``FR-57``), as ISO 3166 writes it.

    The country may be written in any common spelling, the part by its local name where the library knows it. RuleFault
    at the unknown half.
    """
    whole = country(text.strip())
    if whole in _codes():
        return whole
    head, dash, tail = text.partition("-")
    code = country(head.strip())
    if code not in _codes():
        raise RuleFault(f"There are no holidays for “{text.strip()}”.", remedy=_nearest_country(head.strip() or text))
    return f"{code}-{_part(code, tail, len(head) + 2)}" if dash else code


def _nearest_country(text: str) -> str:
    names = {folded(country_name(code)): code for code in _codes()}
    found = process.extractOne(folded(text), names.keys(), scorer=fuzz.ratio, score_cutoff=_CLOSE)
    if found:
        return f"Did you mean {names[found[0]]} ({country_name(names[found[0]])})?"
    return "Write a country like FR, or a part of one like FR-57."


def _part(code: str, text: str, column: int) -> str:
    """Return the code of a part of a country, which may be given by its name; RuleFault when there is none."""
    library = holidays.country_holidays(code)
    known = {folded(part): part for part in library.subdivisions}
    known.update((folded(name), part) for name, part in library.subdivisions_aliases.items())
    key = folded(text.strip())
    if key in known:
        return known[key]
    name = country_name(code)
    if not known:
        raise RuleFault(f"{name} has the same holidays everywhere.", column=column, remedy=f"Write {code}.")
    near = process.extractOne(key, known.keys(), scorer=fuzz.ratio, score_cutoff=_CLOSE)
    parts = ", ".join(f"{code}-{part}" for part in library.subdivisions)
    remedy = f"Did you mean {code}-{known[near[0]]}?" if near else f"Known are: {parts}."
    raise RuleFault(f"There is no part “{text.strip()}” of {name}.", column=column, remedy=remedy)


@lru_cache(maxsize=1 << 10)
def _year(code: str, year: int) -> Mapping[date, str]:
    """Return the public holidays of one year with their English names; empty beyond what the library knows."""
    place, _, part = code.partition("-")
    languages = holidays.country_holidays(place).supported_languages
    # Where the library has one language only, it is English and must not be asked for.
    english = _ENGLISH if _ENGLISH in languages else next((one for one in languages if one.startswith("en")), None)
    return dict(holidays.country_holidays(place, subdiv=part or None, years=year, language=english))


def holiday(codes: tuple[str, ...], day: date) -> str:
    """Return the English name of the public holiday that `day` is in the first of `codes` that has one, else ""."""
    return next((name for code in codes if (name := _year(code, day.year).get(day))), "")
