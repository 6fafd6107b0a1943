"""A sentence that was said in one language, said once more in another: for others than those whom it was told to.

Stored decisions keep what they said, in the language of whoever got the lead, and not what it was made of. So the
template is looked for that it was made from; what stood in its places is put into the same template in the language
spoken now. A sentence of which any part stays unknown is left as it was: half of it in another language reads worse.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from babel.numbers import NumberFormatError, parse_decimal

from rules import catalogue, speech
from rules.words import OPERATOR_WORDS, amount, operator_word, percent

NESTED: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "leads": ("leads",),
    "then": ("instead",),
    "taken": ("taken",),
    "refusal": ("refusal", "pool"),
    "why": ("closed", "refusal", "pool"),
    "kind": ("kind",),
    "what": ("kind",),
    "operator": ("operator",),
    "reason": ("reason",),
    "span": ("span",),
})  # fmt: skip
"""Place -> the families of sentences that stand in it. What stands in all others is a name, a number or a time."""
_UNTOLD = frozenset({"members", "parts"})
"""Places that hold several sentences in one, which cannot be told apart any more."""
_OWN_LETTERS = 3
"""So many letters of its own make a template as much clearer as a place makes it vaguer."""
_PERCENT = re.compile(r"(\d[\d.,]*)\s?%")
_THOUSANDS = re.compile(r"\d{1,3}([.,\s]\d{3})+")


def retold(text: str, *families: str, said: str = "") -> str:
    """Return a sentence in the language spoken now; `text` itself when it is none of these families, as ``clue``.

    `said` is the language that it was said in; without it each is tried.
    """
    languages = [said] if said in catalogue.LANGUAGES else catalogue.LANGUAGES
    for language in languages:
        if language == catalogue.spoken() and said:
            return text
        for family in families:
            found = _retold(text, family, language)
            if found is not None:
                return found
    return text


def _retold(text: str, family: str, said: str) -> str | None:
    for sentence, english, pattern in _family(family, said):
        found = pattern.fullmatch(text)
        if found is None:
            continue
        values = {name: _value(name, value, said) for name, value in found.groupdict().items()}
        if None not in values.values():
            return catalogue.template(sentence, english).format(**values).rstrip()
    return None


def _value(name: str, value: str, said: str) -> str | None:
    """Return what stands in a place as it is said now; None when that is not known."""
    if name in _UNTOLD:
        return None
    if name == "phrases":
        return _phrases(value, said)
    if name in NESTED:
        return next(filter(None, (_retold(value, family, said) for family in NESTED[name])), None)
    if share := _PERCENT.fullmatch(value):
        return percent((_number(share[1], said) + 1e-9) / 100)
    return amount(_number(value, said)) if _THOUSANDS.fullmatch(value) else value


def _phrases(text: str, said: str) -> str | None:
    """Return conditions as parts of a sentence, put together as :mod:`rules.phrases` does: by a space, or by "and"."""
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
    told.sort(key=lambda each: _vagueness(each[2]))
    return tuple((sentence, english, _pattern(template, language)) for sentence, english, template in told)


def _vagueness(template: str) -> int:
    """Order templates: the more words of its own one has and the fewer places, the fewer sentences it holds for."""
    return sum(_OWN_LETTERS * bool(name) - len(own) for own, name in _parts(template))


def _pattern(template: str, language: str) -> re.Pattern[str]:
    seen: set[str] = set()
    pieces = []
    for own, name in _parts(template):
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


def _parts(template: str) -> Iterator[tuple[str, str]]:
    """Yield the text before each place and the name of the place; "" behind the last one."""
    for own, name, _, _ in string.Formatter().parse(template):
        yield own, name or ""
