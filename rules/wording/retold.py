"""A sentence that was said in one language, said once more in another: for others than those whom it was told to.

A sentence that remembers what it was made of (:mod:`rules.wording.said`) is simply said again. Decisions of earlier
versions keep only their words: there the template is looked for that a sentence was made from, and what stood in its
places is put into the same template in the language spoken now. A sentence of which any part stays unknown is left as
it was: half of it in another language reads worse.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from babel.numbers import NumberFormatError, parse_decimal

from rules.wording import catalogue, speech
from rules.wording.called import country_said
from rules.wording.said import Said
from rules.wording.said_again import said_again
from rules.wording.words import OPERATOR_WORDS, amount, operator_word, percent

NESTED: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "leads": ("leads",),
    "then": ("instead",),
    "taken": ("taken",),
    "refusal": ("refusal", "pool"),
    "why": ("closed", "refusal", "pool"),
    "kind": ("kind",),
    "what": ("kind", "missing"),
    "operator": ("operator",),
    "reason": ("reason", "request", "escalation", "undo"),
    "span": ("span",),
    "clue": ("clue", "person", "evidence"),
    "field": ("field of", "field"),
})  # fmt: skip
"""Place -> the families of sentences that stand in it. What stands in all others is a name, a number or a time."""
_LISTS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType({
    "parts": ("; ", ("undo",)), "members": (", ", ("pool.member", "more")),
})  # fmt: skip
"""Place -> what stands between the sentences in it, and their families; "and" may stand before the last."""
_COUNTRIES = frozenset({"phrase.country", "phrase.country.not", "clue.same_country", "clue.other_country"})
"""Sentences in whose places countries stand."""
_PLAIN = frozenset({"what", "field"})
"""Places that hold a name where they hold no sentence."""
_OWN_LETTERS = 3
"""So many letters of its own make a template as much clearer as a place makes it vaguer."""
_PERCENT = re.compile(r"(\d[\d.,]*)\s?%")
_THOUSANDS = re.compile(r"\d{1,3}([.,\s]\d{3})+")


def retold(text: str, *families: str, said: str = "") -> str:
    """Return a sentence in the language spoken now; `text` itself when it is none of these families, as ``clue``.

    `said` is the language that it was said in, or else English; without it each is tried.
    """
    if isinstance(text, Said):
        return said_again(text)
    if not text:
        return text
    for language in (said, catalogue.ENGLISH) if said in catalogue.LANGUAGES else catalogue.LANGUAGES:
        if language != catalogue.spoken() or not said:
            found = _several(text, families, language)
            if found is not None:
                return found
    return text


def _several(text: str, families: tuple[str, ...], said: str) -> str | None:
    """Return one sentence or several, one after the other, as they are said now; None when one is not known."""
    if (found := _of_any(text, families, said)) is not None:
        return found
    for stop in re.finditer(r"(?<=[.!?]) (?=\S)", text):
        first = _of_any(text[: stop.start()], families, said)
        rest = first and _several(text[stop.end() :], families, said)
        if rest:
            return f"{first} {rest}"
    return None


def _of_any(text: str, families: tuple[str, ...], said: str) -> str | None:
    return next((found for family in families if (found := _retold(text, family, said)) is not None), None)


def _retold(text: str, family: str, said: str) -> str | None:
    for sentence, english, pattern in _family(family, said):
        found = pattern.fullmatch(text)
        if found is None:
            continue
        told = _countries if sentence in _COUNTRIES else _value
        values = {name: told(name, value, said) for name, value in found.groupdict().items()}
        if None not in values.values():
            return catalogue.template(sentence, english).format(**values).rstrip()
    return None


def _value(name: str, value: str, said: str) -> str | None:
    """Return what stands in a place as it is said now; None when that is not known."""
    if name in _LISTS:
        return _list(value, *_LISTS[name], said)
    if name == "phrases":
        return _phrases(value, said)
    if name in NESTED:
        found = _of_any(value, NESTED[name], said)
        if found is None and name == "clue":  # within a sentence it has no full stop
            found = _of_any(f"{value}.", NESTED[name], said)
            return found and found.rstrip(".")
        return value if found is None and name in _PLAIN else found
    if share := _PERCENT.fullmatch(value):
        return percent((_number(share[1], said) + 1e-9) / 100)
    return amount(_number(value, said)) if _THOUSANDS.fullmatch(value) else value


def _countries(_name: str, value: str, said: str) -> str:
    """Return a country, or several of which one is meant, as they are called now."""
    for _, english, pattern in _family("or", said):
        if both := pattern.fullmatch(value):
            first = ", ".join(map(country_said, both["first"].split(", ")))
            return catalogue.template("or", english).format(first=first, last=country_said(both["last"]))
    return country_said(value)


def _list(text: str, between: str, families: tuple[str, ...], said: str) -> str | None:
    """Return sentences that stand in one place as they are said now."""
    if between != "; " and (one := _of_any(text, families, said)) is not None:
        return one
    for _, english, pattern in _family("and", said) if between == ", " else ():
        if (both := pattern.fullmatch(text)) and (last := _of_any(both["last"], families, said)):
            first = _list(both["first"], between, families, said)
            return catalogue.template("and", english).format(first=first, last=last) if first else None
    told = [_of_any(part, families, said) for part in text.split(between)]
    return between.join(filter(None, told)) if all(told) else None


def _phrases(text: str, said: str) -> str | None:
    """Return conditions as parts of a sentence, put together as rules.wording.phrases does: by a space, or "and"."""
    for _, english, pattern in _family("and", said):
        if (both := pattern.fullmatch(text)) and (last := _retold(both["last"], "phrase", said)):
            first = _phrases(both["first"], said)
            return catalogue.template("and", english).format(first=first, last=last) if first else None
    places = [place for place, letter in enumerate(text) if letter == " "]
    for place in places:
        if (first := _retold(text[:place], "phrase", said)) and (rest := _phrases(text[place + 1 :], said)):
            return f"{first} {rest}"
    return _retold(text, "phrase", said)


def _number(text: str, said: str) -> float:
    """Return a number as it was written in a language; one that is not written so is read as in English."""
    try:
        return float(parse_decimal(re.sub(r"\s", "\u202f" if said == "fr" else "", text), locale=said))
    except NumberFormatError:
        return float(re.sub(r"[^\d.]", "", text) or 0)


@lru_cache(maxsize=1024)
def _family(family: str, language: str) -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """Return the sentences of a family with what recognises each in a language: the vaguest last."""
    names = (each for each in speech.every().items() if each[0] == family or each[0].startswith(f"{family}."))
    with catalogue.speaking(language):
        told = [(sentence, english, catalogue.template(sentence, english)) for sentence, english in names]
    told.sort(key=lambda each: vagueness(each[2]))
    return tuple((sentence, english, _pattern(template, language)) for sentence, english, template in told)


def vagueness(template: str) -> int:
    """Order templates: the more words of its own one has and the fewer places, the fewer sentences it holds for."""
    return sum(_OWN_LETTERS * bool(name) - len(own) for own, name in parts(template))


def _pattern(template: str, language: str) -> re.Pattern[str]:
    seen: set[str] = set()
    pieces = []
    for own, name in parts(template):
        pieces.append(re.escape(own))
        if name:
            what = _operators(language) if name == "operator" else ".+?"
            pieces.append(f"(?P={name})" if name in seen else f"(?P<{name}>{what})")
            seen.add(name)
    return re.compile("".join(pieces), re.DOTALL)


def _operators(language: str) -> str:
    """Return the operators as alternatives: beside names of several words nothing else tells where they begin."""
    with catalogue.speaking(language):
        words = {operator_word(sign) for sign in OPERATOR_WORDS}
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def parts(template: str) -> Iterator[tuple[str, str]]:
    """Yield the text before each place and the name of the place; "" behind the last one."""
    for own, name, _, _ in string.Formatter().parse(template):
        yield own, name or ""
