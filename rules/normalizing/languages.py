"""Languages in any common spelling: ``fr``, ``fr-CA``, ``fra``, ``French``, ``français``, ``French (Canada)``.

Names come from the Unicode CLDR (in Babel), three-letter codes from its aliases of ISO 639.
"""

from __future__ import annotations

import re
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from rules.normalizing.country_names import LANGUAGES
from rules.normalizing.folding import LONGEST, folded
from rules.normalizing.places import country

__all__ = ["language", "tags"]

_MORE = (
    "et", "lv", "lt", "hr", "sl", "sr", "ca", "eu", "gl", "fa", "ur", "bn", "ta", "te", "ms", "sw", "af", "is", "ga",
    "ka", "hy", "az", "kk", "mk", "sq", "bs", "fil", "mt", "cy",
)  # fmt: skip
"""Languages whose own name is understood, beside those whose whole list of names is."""
_ONE = {"nb": "no", "nn": "no", "cmn": "zh", "in": "id", "iw": "he", "fil": "tl", "sh": "sr", "mo": "ro"}
"""Codes of what people call one language: Norwegian in both its forms, and old codes."""
_COMMON = {"mandarin": "zh", "farsi": "fa", "flemish": "nl-BE", "brazilian": "pt-BR", "castilian": "es"}
_NAMED = re.compile(r"(?P<name>[^(\[,]{2,40}?)\s*(?:\(|\[|,| - )\s*(?P<place>[^()\[\]]{2,40}?)\s*[)\]]?")
_TAG = re.compile(r"(?P<code>[a-z]{2,3})(?:[-_](?P<script>[a-z]{4}))?(?:[-_](?P<region>[a-z]{2}|\d{3}))?(?:[._@].*)?")
_SCRIPTS = {"traditional": "hant", "simplified": "hans", "hant": "hant", "hans": "hans"}


def tags(text: str) -> frozenset[str]:
    """Return what a language is called by: ``{fr, fr-CA}`` for Canadian French, ``{zh, zh-TW, zh-hant}``; else none."""
    code, region, script = _parts(text[:LONGEST])
    if not code:
        return frozenset()
    likely = get_global("likely_subtags")
    if code == "zh" and not script:
        script = str(likely.get(f"zh_{region}" if region else "", "")).partition("_")[2].partition("_")[0].lower()
        script = script or ("hans" if region else "")
    found = {code, f"{code}-{region}" if region else code, f"{code}-{script}" if script else code}
    return frozenset(found)


def language(text: str) -> str:
    """Return the one tag that a rule means by a language: ``fr``, ``pt-BR``, ``zh-hant``; "" when it is none."""
    code, region, script = _parts(text[:LONGEST])
    return f"{code}-{region or script}" if code and (region or script) else code


@lru_cache(maxsize=1 << 10)
def _parts(text: str) -> tuple[str, str, str]:
    """Return language, region and script; empty what is not said."""
    key = folded(text)
    if known := _COMMON.get(key) or _names().get(key):
        code, _, rest = known.partition("-")
        return (code, "", rest) if rest.islower() else (code, rest, "")
    if (tag := _TAG.fullmatch(key)) and (code := _code(tag["code"])):
        return code, (tag["region"] or "").upper(), tag["script"] or ""
    if (named := _NAMED.fullmatch(key)) and (code := _names().get(named["name"].strip(), "") or _code(named["name"])):
        place = named["place"].strip()
        script = _SCRIPTS.get(place.split()[0].removesuffix(" chinese"), "")
        return code, "" if script else country(place), script
    return "", "", ""


def _code(text: str) -> str:
    """Return the two-letter code of a language, from any ISO 639 code of it."""
    code = str(get_global("language_aliases").get(text, text))
    code = _ONE.get(code.partition("_")[0], code.partition("_")[0])
    return code if code in _known() else ""


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    return frozenset(_ONE.get(code, code) for code in map(str, Locale("en").languages) if len(code) < 4)  # noqa: PLR2004


def _tag(code: str) -> str:
    """Return CLDR's ``pt_BR`` as ``pt-BR`` and its ``zh_Hant`` as ``zh-hant``."""
    one, _, rest = code.partition("_")
    rest = rest.partition("_")[0]
    return f"{_ONE.get(one, one)}{'-' if rest else ''}{rest if len(rest) < 4 else rest.lower()}"  # noqa: PLR2004


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Return every name of every language in English and in LANGUAGES, and the own names of more."""
    found: dict[str, str] = {}
    for spoken in ("en", *LANGUAGES):
        for code, name in Locale.parse(spoken).languages.items():
            if len(str(name)) > 2:  # noqa: PLR2004 - a shorter one would be taken for a code
                found.setdefault(folded(str(name)), _tag(str(code)))
    for code in _MORE:
        try:
            own = Locale(code).languages.get(code)
        except UnknownLocaleError:
            continue
        if own:
            found.setdefault(folded(str(own)), _tag(code))
    return found
