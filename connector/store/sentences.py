"""What stored sentences were made of, kept beside them: so they can be said in the language of whoever looks at them.

It stands by a mark of each text and not in its place: whoever knows nothing of it has the texts as ever, and a text
that was changed by hand remembers nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias
from zlib import crc32

from connector.store.seal import LONE
from rules.wording.said import Recipe, Said, made_of, said_of

__all__ = ["KEY", "Recipes", "recipes", "remembering"]

KEY = "said"
"""Under which name they stand in what is sealed."""
Recipes: TypeAlias = "Mapping[str, Recipe]"


def recipes(texts: Iterable[str]) -> dict[str, Recipe]:
    """Return what those of the texts were made of that remember it, to be kept."""
    return {_mark(text): made_of(text) for text in texts if isinstance(text, Said)}


def remembering(text: str, kept: Recipes) -> str:
    """Return a text with what it was made of, where that was kept."""
    recipe = kept.get(_mark(text)) if text else None
    return said_of(text, recipe) if recipe else text


def _mark(text: str) -> str:
    """Return a short mark of a text: no two of some dozen sentences have the same."""
    return f"{crc32(text.encode(errors=LONE)):x}.{len(text)}"
