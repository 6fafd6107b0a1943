"""Countries, states and cities: one code or one spelling for each, from any common spelling in any common language."""

from __future__ import annotations

import gettext
import re
from functools import lru_cache
from importlib import resources

import pycountry

from rules.normalizing import cities_of_asia, cities_of_europe, cities_of_the_world
from rules.normalizing.country_names import COMMON_SPELLINGS, LANGUAGES
from rules.normalizing.folding import LONGEST, cached, folded, latin
from rules.normalizing.state_names import COMMON_STATES, OWN_LANGUAGES, STATE_KINDS

__all__ = ["city", "country", "place_word", "state"]

_SIGNS = re.compile(r"[^\w\s\u0900-\u0e4e]|_")
_SEVERAL = re.compile(r"[\[\]/,;]")
_APOSTROPHES = str.maketrans("", "", "'`\u2019\u00b4.")
_NO_COUNTRY_NEEDED = ("US", "BR", "CA", "AU", "IN", "DE", "MX")
"""Countries whose states people write without the country. Where two would do, the answer is none."""


def _key(text: str) -> str:
    return " ".join(_SIGNS.sub(" ", folded(text).translate(_APOSTROPHES)).split())


@cached(1 << 13)
def country(text: str) -> str:
    """Return the ISO 3166-1 alpha-2 code of a country given as code or as a name in one of many languages."""
    key = _key(text)
    if not key:
        return ""
    if key in COMMON_SPELLINGS:
        return COMMON_SPELLINGS[key]
    found = pycountry.countries.get(alpha_2=key.upper()) or pycountry.countries.get(alpha_3=key.upper())
    return str(found.alpha_2) if found else _country_names().get(key, "")


@lru_cache(maxsize=512)
def country_name(code: str) -> str:
    """Return the English name of a country by its ISO 3166-1 code, as people say it; the code when there is none."""
    found = pycountry.countries.get(alpha_2=code) if code else None
    return str(getattr(found, "common_name", "") or found.name) if found else code


@lru_cache(maxsize=1)
def _country_names() -> dict[str, str]:
    """Return every name of every country in English and in LANGUAGES, from the catalogues inside pycountry."""
    found: dict[str, str] = {}
    english = [
        (getattr(entry, kind, ""), entry.alpha_2)
        for kind in ("name", "common_name", "official_name")
        for entry in pycountry.countries
    ]
    for name, code in english:
        found.setdefault(_key(name), code)
    for language in LANGUAGES:
        told = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
        for name, code in english:
            if name:
                found.setdefault(_key(told.gettext(name)), code)
    found.pop("", None)
    return found


def state(text: str, country_: str = "") -> str:
    """Return the ISO 3166-2 code ("US-CA", "BR-SP") of a state, province or region, given as code or name.

    Without a country the answer is "" where the name or code is used in several countries.
    """
    return _state(text[:LONGEST], country(country_) if country_ else "")


@lru_cache(maxsize=1 << 13)
def _state(text: str, land: str) -> str:
    key = _key(text)
    for form in dict.fromkeys((key, latin(key), _bare_state(key))):
        common = COMMON_STATES.get(form, "").split()
        found = [code for code in (*common, *_state_names().get(form, ())) if not land or code.startswith(f"{land}-")]
        if not land and not common:
            found = _of_large_countries(found)
        if found and (common or len(set(found)) == 1):
            return found[0] if land or len(common) < 2 else ""  # noqa: PLR2004 - two would do
    return ""


def _of_large_countries(found: list[str]) -> list[str]:
    """Return the only code there is, or else those of large countries, without the parts of their states."""
    if len(found) < 2:  # noqa: PLR2004 - no choice
        return found
    return [code for code in found if code[:2] in _NO_COUNTRY_NEEDED and code not in _parts()]


def _bare_state(key: str) -> str:
    return " ".join(STATE_KINDS.sub(" ", key).split())


@lru_cache(maxsize=1)
def _state_names() -> dict[str, tuple[str, ...]]:
    """Return the codes that each name or code of a subdivision stands for."""
    found: dict[str, set[str]] = {}
    told = {language: _catalogue(language) for language in set().union(*OWN_LANGUAGES.values())}
    for entry in pycountry.subdivisions:
        land, _, short = entry.code.partition("-")
        languages = (*OWN_LANGUAGES[""], *OWN_LANGUAGES.get(land, ()))
        names = {entry.name, *_SEVERAL.split(entry.name), f"{land} {short}", short}
        names.update(told[language].gettext(entry.name) for language in languages)
        for key in map(_key, names):
            for form in {key, latin(key), _bare_state(key)} - {""}:
                found.setdefault(form, set()).add(entry.code)
    return {name: _highest(codes) for name, codes in found.items()}


def _catalogue(language: str) -> gettext.NullTranslations:
    """Return what pycountry knows in a language of subdivisions; unlike gettext.translation it is not kept for ever."""
    path = resources.files(pycountry) / "locales" / language / "LC_MESSAGES" / "iso3166-2.mo"
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)


@lru_cache(maxsize=1)
def _parts() -> frozenset[str]:
    """Return the subdivisions that are a part of another."""
    return frozenset(entry.code for entry in pycountry.subdivisions if entry.parent_code)


def _highest(codes: set[str]) -> tuple[str, ...]:
    """Return the codes without the parts of a country whose own states are among them: regions go before provinces."""
    lands = {code[:2] for code in codes - _parts()}
    return tuple(code for code in sorted(codes) if code not in _parts() or code[:2] not in lands)


@cached(1 << 14)
def city(text: str) -> str:
    """Return one spelling for a city, folded and in Latin letters: ``vienna`` for Wien, ``tokyo`` for 東京."""
    key = _key(text)
    known = _cities()
    for form in dict.fromkeys((key, _bare(key), latin(key), _bare(latin(key)))):
        if form in known:
            return known[form]
    return latin(_bare(key))


_CITY_ENDING = re.compile(
    r"(?<=\w\w)(?:\u7279\u522b\u5e02|\ud2b9\ubcc4\uc2dc|\uad11\uc5ed\uc2dc|[\u5e02\u90fd\u5e9c\u533a\u5340\uc2dc])$"
)
"""Signs for "city" at the end of Chinese, Japanese and Korean names."""
_CITY_WORD = re.compile(
    r"^(?:city of|ciudad de|cidade de|ville de|stadt|g|gorod|\u0433\u043e\u0440\u043e\u0434|\u0433|\u043c|"
    r"\u043c\u0456\u0441\u0442\u043e) (?=\w)| (?:shi|si|cedex(?: \d+)?)$"
)
_SHORTENED = {"st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount"}


def _bare(key: str) -> str:
    """Return a city without what says only that it is one, and with saint, fort and mount written out."""
    text = _CITY_WORD.sub("", _CITY_ENDING.sub("", key)) if key not in _cities() else key
    return " ".join(_SHORTENED.get(word, word) for word in text.split())


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    """Return every spelling of every city -> the first of its line."""
    found: dict[str, str] = {}
    for line in (cities_of_europe.CITIES + cities_of_asia.CITIES + cities_of_the_world.CITIES).split("\n"):
        one, *others = (_key(name) for name in line.split(","))
        for spelling in (one, *others, *map(latin, others)):
            if spelling:
                found.setdefault(spelling, one)
    return found


def place_word(word: str) -> str:
    """Return the common spelling of a city for one folded word of a name (``wien`` -> ``vienna``), else the word."""
    return _place_words().get(word, word)


@lru_cache(maxsize=1)
def _place_words() -> dict[str, str]:
    return {written: one for written, one in _cities().items() if " " not in written and len(written) > 1}
