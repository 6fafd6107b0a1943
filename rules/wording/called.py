"""What people call fields and countries in the language spoken now."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale

from rules.normalizing import places
from rules.wording import catalogue
from rules.wording.catalogue import ENGLISH
from rules.wording.said import COUNTRY, Said
from rules.wording.words import SENTENCES, say

__all__ = ["country", "country_said", "field_label", "field_word"]


def field_word(name: str) -> str:
    """Return what people call a field of ours by its name without the scope (``postal_code``); "" for other fields."""
    sentence = f"field.{name}"
    return say(sentence) if sentence in SENTENCES else ""


def field_label(field: str) -> str:
    """Return what a field is called within a sentence: ``country``, ``account employees``; API names stay."""
    scope, _, name = field.partition(".")
    plain = field_word(name) or (name if "__" in name else name.replace("_", " "))
    return say(f"field of.{scope}", field=plain) if f"field of.{scope}" in SENTENCES else plain


def country_said(text: str) -> str:
    """Return a country however it was written by its name in the language spoken now; what is none as it is."""
    code = places.country(text)
    return country(code) if code else text


def country(code: str) -> str:
    """Return the name of a country by its ISO 3166-1 code, in the language spoken now."""
    return Said(_country(code, catalogue.spoken()), COUNTRY, {"code": code})


@lru_cache(maxsize=2048)
def _country(code: str, language: str) -> str:
    english = places.country_name(code)
    if language == ENGLISH:
        return english
    return str(Locale.parse(language).territories.get(code, english))
