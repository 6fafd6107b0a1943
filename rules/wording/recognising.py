"""Sentences that were put together elsewhere, recognised by the templates of a catalogue and said in another language.

Anybody's names stand in such sentences, so nothing here searches: a template fits by its own words, each looked for
once. What stands in a place is put into the translation as it is; English of ours in a place is told too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TypeAlias

from babel.messages.pofile import read_po

from rules.wording.retold import parts, vagueness

__all__ = ["ANSWERS", "DEEPEST", "FAULTS", "Known", "known", "recognised"]

FAULTS, ANSWERS = "faults", "answers"
"""The catalogues: what is wrong with rules, and what we say of what a CRM answers."""
DEEPEST = 2
"""A sentence may stand in a place of another, and a subject such as "The rule's name" in that one."""
_MOST = 16
"""Languages times catalogues, with room for more."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A template: the words before, between and behind its places, their names, and its translation."""

    words: tuple[str, ...]
    places: tuple[str, ...]
    said: str


Known: TypeAlias = tuple[Mapping[str, str], Sequence[Sentence]]
"""Sentences without places by their English, and those with places: the vaguest last."""


def recognised(text: str, sentences: Known, depth: int = DEEPEST) -> str:
    """Return the translation; "" for what is not known."""
    plain, templates = sentences
    if text in plain:
        return plain[text]
    for each in templates:
        values = _values(each.words, text)
        if values is not None:
            told = {
                name: value
                if before.endswith(("“", '"')) or not depth
                else recognised(value, sentences, depth - 1) or value
                for name, before, value in zip(each.places, each.words, values, strict=False)
            }
            return each.said.format(**told)
    return ""


def _values(words: Sequence[str], text: str) -> list[str] | None:
    """Return what stands in the places between these words, the first of them the shortest; None where they do not fit.

    Each word is looked for once, from where the one before it ended: if any way fits, this one does.
    """
    first, *between, last = words
    at, end = len(first), len(text) - len(last)
    if at > end or not text.startswith(first) or not text.endswith(last):
        return None
    found = []
    for word in between:
        stop = text.find(word, at, end)
        if stop < 0:
            return None
        found.append(text[at:stop])
        at = stop + len(word)
    return [*found, text[at:end]]


@lru_cache(maxsize=_MOST)
def known(language: str, family: str) -> Known:
    """Return the sentences of a language's catalogue; those that are not translated are left out."""
    text = (
        files("rules.wording").joinpath("locale", language, "LC_MESSAGES", f"{family}.po").read_text(encoding="utf-8")
    )
    pairs = [
        (str(each.id), str(each.string))
        for each in read_po(text.splitlines(keepends=True), locale=language)
        if each.id and each.string and not each.fuzzy
    ]
    plain: dict[str, str] = {}
    templates: list[Sentence] = []
    for english, said in sorted(pairs, key=lambda pair: (vagueness(pair[0]), -len(pair[0]))):
        found = [(own, name) for own, name in parts(english)]
        if any(name for _, name in found):
            templates.append(_sentence(found, said))
        else:
            plain[english.format()] = said.format()
    return plain, tuple(templates)


def _sentence(found: Sequence[tuple[str, str]], said: str) -> Sentence:
    words, places = [""], []
    for own, name in found:
        words[-1] += own
        if name:
            words.append("")
            places.append(name)
    return Sentence(tuple(words), tuple(places), said)
