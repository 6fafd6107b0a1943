"""A sentence that remembers what it was made of, so that it can be said in another language later.

It is text as any other: what writes it somewhere writes the words. What takes it apart (cuts it, joins it by hand) has
text that remembers nothing, so sentences are put together by :func:`strung`. :mod:`rules.wording.retold` says them
again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Self, TypeAlias

__all__ = [
    "AMOUNT", "COUNTRY", "PERCENT", "PHRASES", "STRUNG", "UNSTOPPED", "Recipe", "Said", "alike", "made_of",
    "said_of", "strung", "unstopped",
]  # fmt: skip

AMOUNT, PERCENT = "amount", "percent"
"""Numbers as people write them: their one value is the ``number``."""
COUNTRY = "country"
"""The name of a country: its one value is the ``code``."""
STRUNG, PHRASES = "strung", "phrases"
"""Sentences one after the other: ``parts``, with what is ``between`` them; of phrases the language says that."""
UNSTOPPED = "unstopped"
"""A sentence without the full stop at its end: ``text``."""

Recipe: TypeAlias = "list[Any]"
"""What a sentence was made of, as JSON: its id and its values by name, each a text, a recipe or a list of these."""


class Said(str):
    """A text, with the id of the sentence that it is and the values that were put in."""

    __slots__ = ("sentence", "values")

    sentence: str
    values: Mapping[str, object]

    def __new__(cls, text: str, sentence: str, values: Mapping[str, object] = MappingProxyType({})) -> Self:
        """Make it; `values` may hold other sentences, and lists of them."""
        made = super().__new__(cls, text)
        made.sentence = sentence
        made.values = values
        return made

    def __reduce__(self) -> tuple[type[Said], tuple[str, str, Mapping[str, object]]]:
        """Go between processes with what it was made of."""
        return Said, (str(self), self.sentence, dict(self.values))

    def __deepcopy__(self, memo: dict[int, Any]) -> Said:
        """Return itself: nothing of it changes."""
        return self


def strung(between: str, parts: Sequence[str]) -> str:
    """Return texts one after the other, as ``between.join(parts)`` does."""
    if len(parts) < 2:  # noqa: PLR2004 - one needs nothing between
        return parts[0] if parts else ""
    text = between.join(parts)
    if all(part.__class__ is str for part in parts):
        return text
    return Said(text, STRUNG, {"between": between, "parts": tuple(parts)})


def unstopped(text: str) -> str:
    """Return a sentence without the full stop at its end, to stand within another one."""
    bare = text.rstrip(".")
    return Said(bare, UNSTOPPED, {"text": text}) if isinstance(text, Said) else bare


def made_of(text: Said) -> Recipe:
    """Return what a sentence was made of."""
    return [text.sentence, {name: _plain(value) for name, value in text.values.items()}]


def said_of(text: str, recipe: Recipe) -> Said:
    """Return the sentence that was made of this; `text` is what it said."""
    sentence, values = recipe
    return Said(text, sentence, {name: _value(value) for name, value in values.items()})


def alike(one: str, other: str) -> bool:
    """Tell whether two texts that say the same were made of the same, so that one may stand for the other."""
    if one is other or one.__class__ is other.__class__ is str:
        return True
    if not (isinstance(one, Said) and isinstance(other, Said)):
        return False
    return one.sentence == other.sentence and one.values == other.values


def _plain(value: object) -> Any:
    if isinstance(value, Said):
        return made_of(value)
    if isinstance(value, tuple):
        return {"parts": [_plain(each) for each in value]}
    return value if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _value(plain: Any) -> object:
    if isinstance(plain, list):
        return said_of("", plain)
    return tuple(map(_value, plain["parts"])) if isinstance(plain, dict) else plain
