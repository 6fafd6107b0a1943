"""A sentence that remembers what it was made of, said again in the language that is spoken now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from rules.wording import catalogue, phrases, said, speech
from rules.wording.called import country
from rules.wording.said import Said
from rules.wording.words import SENTENCES, amount, percent, say

__all__ = ["said_again"]


class _Forgotten(Exception):  # noqa: N818 - it is an answer, caught right here
    """A sentence of another version, which nobody knows any more."""


def said_again(text: Said) -> str:
    """Return a sentence as it is said now; what it said before when this version does not know it or its places."""
    try:
        return _again(text)
    except (_Forgotten, KeyError, IndexError, TypeError, ValueError):
        return text


def _again(text: Said) -> str:
    values = {name: _value(value) for name, value in text.values.items()}
    if made := _MADE.get(text.sentence):
        return made(values)
    if text.sentence in SENTENCES:
        return say(text.sentence, **values)
    english = _others().get(text.sentence)
    if english is None:
        raise _Forgotten(text.sentence)
    return Said(catalogue.template(text.sentence, english).format(**values), text.sentence, values)


def _value(value: object) -> Any:
    if isinstance(value, Said):
        return _again(value)
    return tuple(map(_value, value)) if isinstance(value, tuple) else value


_MADE: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    said.AMOUNT: lambda values: amount(values["number"]),
    said.COUNTRY: lambda values: country(values["code"]),
    said.PERCENT: lambda values: percent(values["number"]),
    said.STRUNG: lambda values: said.strung(values["between"], values["parts"]),
    said.PHRASES: lambda values: phrases.together(values["parts"]),
    said.UNSTOPPED: lambda values: said.unstopped(values["text"]),
}


@cache
def _others() -> Mapping[str, str]:
    """Return the English of the sentences that do not stand in rules.wording.words: of clues, and operators."""
    return {sentence: english for sentence, english in speech.every().items() if sentence not in SENTENCES}
