"""What a fault says, in the language that is spoken now: faults are made in English, at some 400 places in rules/.

A sentence is recognised by its template, and what stood in its places is put into the translation as it is: words of
rules, and names. Places that hold English of ours are told too. What is not recognised stays English, whole.
The templates are those of the catalogue ``faults.po`` of a language, collected by ``make catalogues``.

Anybody's names stand in faults, so nothing here searches: a template fits by its own words, each looked for once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from itertools import islice
from typing import TypeAlias

from babel.messages.pofile import read_po

from rules import catalogue
from rules.faults import LONGEST_TOLD, Fault
from rules.retold import parts, vagueness

__all__ = ["fault_told", "listing_told", "sentence_told"]

MOST_LINES = 100
"""So many faults of a text that is kept are told; more than that nobody reads before the first are mended."""
_PLACED = re.compile(r"(?P<where>.{0,300}?, line \d{1,7}, column \d{1,7}|line \d{1,7}): ")
_STOP = re.compile(r"(?<=[.?!]) (?=\S)")
_MOST_STOPS = 8
_DEEPEST = 2
"""A sentence may stand in a place of another, and a subject such as "The rule's name" in that one."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A template: the words before, between and behind its places, their names, and its translation."""

    words: tuple[str, ...]
    places: tuple[str, ...]
    said: str


_Known: TypeAlias = tuple[Mapping[str, str], Sequence[_Sentence]]
"""Sentences without places by their English, and those with places: the vaguest last."""


def fault_told(fault: Fault) -> Fault:
    """Return a fault with message and remedy in the language spoken now."""
    if catalogue.spoken() == catalogue.ENGLISH:
        return fault
    return replace(fault, message=sentence_told(fault.message), remedy=sentence_told(fault.remedy))


def listing_told(text: str) -> str:
    """Return faults that are kept as text, one in a line as ``str`` writes them, in the language spoken now."""
    if catalogue.spoken() == catalogue.ENGLISH:
        return text
    told, *more = text.split("\n", MOST_LINES)
    lines = [told, *more[: MOST_LINES - 1]]
    return "\n".join([*map(_line_told, lines), *more[MOST_LINES - 1 :]])


def _line_told(line: str) -> str:
    """Return one fault with its place; message and remedy are parted at the first stop that leaves two sentences."""
    found = _PLACED.match(line)
    if found is None or len(line) - found.end() > 2 * LONGEST_TOLD + 1:
        return line
    known, said = _known(catalogue.spoken()), line[found.end() :]
    where = _told(found["where"], known, 0) or found["where"]
    for stop in islice(_STOP.finditer(said), _MOST_STOPS):
        message = _told(said[: stop.start()], known, _DEEPEST)
        if remedy := message and _told(said[stop.end() :], known, _DEEPEST):
            return f"{where}: {message} {remedy}"
    told = _told(said, known, _DEEPEST)
    return f"{where}: {told}" if told else line


def sentence_told(text: str) -> str:
    """Return a message or remedy in the language spoken now; `text` itself when it is none that we know."""
    language = catalogue.spoken()
    if language == catalogue.ENGLISH or len(text) > LONGEST_TOLD:
        return text
    return _told(text, _known(language), _DEEPEST) or text


def _told(text: str, known: _Known, depth: int) -> str:
    """Return the translation; "" for what is not known."""
    plain, templates = known
    if text in plain:
        return plain[text]
    for each in templates:
        values = _values(each.words, text)
        if values is not None:
            told = {
                name: value if before.endswith(("“", '"')) or not depth else _told(value, known, depth - 1) or value
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


@lru_cache(maxsize=len(catalogue.LANGUAGES))
def _known(language: str) -> _Known:
    """Return the sentences of a language; those that are not translated are left out."""
    text = files("rules").joinpath("locale", language, "LC_MESSAGES", "faults.po").read_text(encoding="utf-8")
    pairs = [
        (str(each.id), str(each.string))
        for each in read_po(text.splitlines(keepends=True), locale=language)
        if each.id and each.string and not each.fuzzy
    ]
    plain: dict[str, str] = {}
    templates: list[_Sentence] = []
    for english, said in sorted(pairs, key=lambda pair: vagueness(pair[0])):
        found = [(own, name) for own, name in parts(english)]
        if any(name for _, name in found):
            templates.append(_sentence(found, said))
        else:
            plain[english.format()] = said.format()
    return plain, tuple(templates)


def _sentence(found: Sequence[tuple[str, str]], said: str) -> _Sentence:
    words, places = [""], []
    for own, name in found:
        words[-1] += own
        if name:
            words.append("")
            places.append(name)
    return _Sentence(tuple(words), tuple(places), said)
