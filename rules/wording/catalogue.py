"""Sentences in the languages of the people who read them: gettext catalogues beside the code, one per language.

A sentence is known by its id (msgctxt) and its English text (msgid). What a catalogue lacks, or has of an older English
text, is said in English: a new sentence is never missing. ``make catalogues`` brings the files up to date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.resources import files

from babel.core import negotiate_locale
from babel.messages.pofile import read_po

ENGLISH = "en"
LANGUAGES: tuple[str, ...] = (ENGLISH, "pt_BR", "es", "fr", "de")
"""What Switchyard speaks."""

_spoken: ContextVar[str] = ContextVar("spoken", default=ENGLISH)


def chosen(wanted: str) -> str:
    """Return the language to speak to somebody whose CRM says `wanted` (``pt-BR``, ``de_AT``): ENGLISH for others.

    Any Portuguese is answered in that of Brazil.
    """
    return known(wanted) or ENGLISH


def known(wanted: str) -> str:
    """Return which of LANGUAGES is meant, as :func:`chosen` does; "" when none of them is."""
    tag = wanted.strip().replace("-", "_")
    base = tag.partition("_")[0].lower()
    found = "pt_BR" if base == "pt" else negotiate_locale([base], LANGUAGES)
    return found if found in LANGUAGES else ""


def spoken() -> str:
    """Return the language that sentences are said in here."""
    return _spoken.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say all sentences within the block in this language, one of LANGUAGES."""
    before = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(before)


def template(sentence: str, english: str) -> str:
    """Return a sentence's template in the language that is spoken; `english` is its template in English."""
    language = _spoken.get()
    if language == ENGLISH:
        return english
    return _catalogue(language).get((sentence, english), english)


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> Mapping[tuple[str, str], str]:
    """Return a language's templates by id and English template; fuzzy and empty ones are left out."""
    text = (
        files("rules.wording").joinpath("locale", language, "LC_MESSAGES", "switchyard.po").read_text(encoding="utf-8")
    )
    found = read_po(text.splitlines(keepends=True), locale=language)
    return {
        (str(each.context), str(each.id)): str(each.string)
        for each in found
        if each.id and each.context and each.string and not each.fuzzy
    }
