# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
"""The words of names in one language: what other languages call a university, a bank or the north becomes English.

The tables this is made of (:mod:`rules.normalizing.institutions`, :mod:`rules.normalizing.subjects`,
:mod:`rules.normalizing.trades`, :mod:`rules.normalizing.nations`) have one paragraph for every English word: the word,
a colon, and what means the same elsewhere.

- ``nauk~`` is an adjective: the stem with every ending of the Slavic languages (``narodn~``: narodni, narodna ...).
- ``instytut^`` is a noun in the same manner.
- ``ngan_hang`` is a phrase of two words.
- Arabic and Hebrew words are also found behind their articles and one-letter prepositions.
- What is written in Cyrillic or Greek is also found in Latin letters, in the common ways of writing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from rules.normalizing import glued_words, institutions, nations, subjects, trades
from rules.normalizing.folding import fold, romanised

__all__ = ["GENERIC_WORDS", "GLUED", "NATIONS", "PHRASES", "PHRASE_STARTS", "STOP_WORDS", "WORDS", "translated"]

_ADJECTIVE = "y a e i o ego ej ych ich ym im ymi iej iego iej imi eho emu ou og oga oj om ih ega eg"
_NOUN = "a u e i y o ow owi em om ie ach ami ov ova ia iu ii ie ija ije iji iya iyi j"
_CYRILLIC_ADJECTIVE = "ий ый ой ій и а я о е ое ее ая яя ого его ої их ых ог ох ия та ата ото"
_CYRILLIC_NOUN = "а у е ы и й я ь ом ов ия ии ий ія ії ію ям та ът"
_LATIN_ENDINGS = {"": [""], "~": _ADJECTIVE.split(), "^": ["", *_NOUN.split()]}
_CYRILLIC_ENDINGS = {"": [""], "~": _CYRILLIC_ADJECTIVE.split(), "^": ["", *_CYRILLIC_NOUN.split()]}
_SHORTEST_CYRILLIC, _SHORTEST_GREEK = 6, 8
"""Shorter words in Latin letters would be found in too many languages."""
_SHORTEST_PREFIXED = 3
_ARABIC, _HEBREW, _GREEK, _CYRILLIC_OR_GREEK = (
    re.compile("[\u0621-\u064a\u067e-\u06cc]"), re.compile("[\u05d0-\u05ea]"), re.compile("[\u0370-\u03ff]"),
    re.compile("[\u0370-\u052f]"),
)  # fmt: skip
_ARABIC_PREFIXES = ("\u0627\u0644", "\u0648", "\u0648\u0627\u0644", "\u0644\u0644", "\u0628\u0627\u0644")
_HEBREW_PREFIXES = ("\u05d4", "\u05d5", "\u05dc", "\u05d1", "\u05d5\u05d4", "\u05dc\u05d4")


def paragraphs(*tables: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each English word of the tables with what else is written for it, in the tables' own notation."""
    for table in tables:
        for paragraph in re.split(r"\n(?=\S)", table.strip()):
            english, _, written = paragraph.partition(":")
            yield english.strip(), written.split()


def _forms(term: str) -> tuple[list[str], list[str]]:
    """Return every form that a term of a table stands for, and the other ways in which people write those."""
    stem, sign = (term[:-1], term[-1]) if term[-1] in "~^" else (term, "")
    stem = fold(stem.replace("_", " ").replace("'", ""))
    if stem.isascii():
        return [stem + ending for ending in _LATIN_ENDINGS[sign]], []
    if _CYRILLIC_OR_GREEK.search(stem):
        endings = _CYRILLIC_ENDINGS[sign]
        ways = romanised(stem)
        latin = {way + end for endings_ in map(romanised, endings) for way, end in zip(ways, endings_, strict=True)}
        shortest = _SHORTEST_GREEK if _GREEK.search(stem) else _SHORTEST_CYRILLIC
        return [stem + end for end in endings], [each for each in latin if len(each) >= shortest]
    return [stem], _prefixed(stem)


def _prefixed(form: str) -> list[str]:
    """Return an Arabic or Hebrew word behind the letters that are written together with it."""
    if len(form) < _SHORTEST_PREFIXED or " " in form:
        return []
    if _ARABIC.search(form):
        bare = form.removeprefix(_ARABIC_PREFIXES[0])
        return [bare, *(prefix + bare for prefix in _ARABIC_PREFIXES)]
    return [prefix + form for prefix in _HEBREW_PREFIXES] if _HEBREW.search(form) else []


def _table(entries: Iterable[tuple[str, list[str]]]) -> dict[str, tuple[str, ...]]:
    """Return form -> English words. What is written out goes before what is inflected, and that before the rest."""
    plain: dict[str, tuple[str, ...]] = {}
    inflected: dict[str, tuple[str, ...]] = {}
    others: dict[str, tuple[str, ...]] = {}
    for english, terms in entries:
        meaning = tuple(english.split())
        for term in terms:
            forms, also = _forms(term)
            target = inflected if term[-1] in "~^" else plain
            target.update((form, meaning) for form in forms if form not in target)
            others.update((form, meaning) for form in also if form not in others)
    english_words = {word for meaning in plain.values() for word in meaning}
    return {form: meaning for form, meaning in others.items() if form not in english_words} | inflected | plain


_ALL = _table(paragraphs(*institutions.TABLES, *subjects.TABLES, *trades.TABLES, *nations.TABLES))
WORDS: dict[str, tuple[str, ...]] = {form: meaning for form, meaning in _ALL.items() if " " not in form}
"""A folded word -> the English word (or two) for it."""

PHRASES: dict[tuple[str, ...], tuple[str, ...]] = {
    tuple(form.split()): meaning for form, meaning in _ALL.items() if " " in form
}
"""Words that mean something only together."""

PHRASE_STARTS: dict[str, tuple[int, ...]] = {
    start: tuple(sorted({len(phrase) for phrase in PHRASES if phrase[0] == start}, reverse=True))
    for start in {phrase[0] for phrase in PHRASES}
}
"""The first word of each phrase -> how many words phrases that begin so have, longest first."""

GLUED: dict[str, str] = {
    form: english
    for table in glued_words.TABLES
    for english, forms in paragraphs(table)
    for form in map(fold, forms)
}  # fmt: skip
"""Words of scripts that write without spaces -> English."""

NATIONS: dict[str, str] = dict(line.split(": ") for line in nations.ADJECTIVES.strip().splitlines())
"""What belongs to a country -> the country ("german" -> "germany"), both as they stand in WORDS."""

_BUSINESS = """
solutions solution services service systems system global worldwide consulting consultants consultancy partners partner
capital digital media ventures venture network networks enterprises enterprise associates company companies group
holding international studio studios labs software hardware data cloud web online design designs marketing advertising
agency properties property realty estate wealth advisors advisory asset assets equity products supply supplies
equipment tools store stores shop market markets retail wholesale distribution distributors import export imports
logistics freight shipping travel tours tour events event entertainment games gaming brands brand innovations creative
concepts ideas strategies strategy resources resource professional professionals specialists specialist experts expert
team pro plus premier quality care home homes living life lifestyle fashion beauty wellness fitness foods beverage
beverages restaurant cafe bar kitchen catering auto automotive motors motor car cars parts machinery machines tool metal
metals steel plastics paper packaging print printing textile textiles chemicals materials building builders contractors
contracting roofing plumbing heating cooling electric electronics lighting power solar renewable renewables oil gas
petroleum mining minerals staffing recruiting recruitment payroll benefits tax accounting accountants audit legal
attorneys lawyers firm office offices practice communications telecom wireless mobile interactive analytics
intelligence security securities trust credit loans mortgage lending payments financial investments investors fund
funds bancorp bancshares financials republic kingdom province campus program programme programs initiative project
projects unit division branch section corporation incorporated limited trading trade industry brothers sons main
headquarters worldwide corporate community local people family
"""
GENERIC_WORDS: frozenset[str] = frozenset(
    word
    for english, _ in paragraphs(*institutions.TABLES, *subjects.TABLES, *trades.TABLES)
    for word in english.split()
) | frozenset(_BUSINESS.split())
"""Words that name no company by themselves."""

STOP_WORDS: frozenset[str] = frozenset(
    fold(word) for line in nations.STOP.strip().splitlines() for word in line.partition(":")[2].split()
)
"""Articles, prepositions and the like, of all these languages: they say nothing in a name."""

_GLUED = re.compile("|".join(sorted(map(re.escape, GLUED), key=len, reverse=True)))


def split_glued(text: str) -> str:
    """Return folded text with the words of GLUED cut out of what they are glued to, and put into English."""
    return _GLUED.sub(lambda found: f" {GLUED[found[0]]} ", text)


def translated(parts: list[str]) -> tuple[str, ...]:
    """Return the words of a name in English, as far as WORDS and PHRASES know them."""
    if not PHRASE_STARTS.keys().isdisjoint(parts):
        parts = _without_phrases(parts)
    if WORDS.keys().isdisjoint(parts):
        return tuple(parts)
    found: list[str] = []
    for part in parts:
        found.extend(WORDS.get(part) or (part,))
    return tuple(found)


def _without_phrases(parts: list[str]) -> list[str]:
    found: list[str] = []
    at = 0
    while at < len(parts):
        sizes = PHRASE_STARTS.get(parts[at], ())
        size = next((size for size in sizes if tuple(parts[at : at + size]) in PHRASES), 0)
        found.extend(PHRASES[tuple(parts[at : at + size])] if size else (parts[at],))
        at += size or 1
    return found
