"""Best fit: what a lead wants of a person, and how much of it a member's skills cover.

A skill is compared without regard to case and accents. For a language field it is also read as a language, whatever its
spelling and country (``fr`` is ``fr-FR`` and ``Français``), for a country field as a country. Two small letters are
always a language and never a country: who speaks ``fr`` does not have to know France; write ``FR`` or ``France``.
Who has no language among their skills speaks that of their user in the CRM.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Literal, TypeAlias

from rules.clauses import compare
from rules.fields import type_of
from rules.model import Value
from rules.normalizing import languages, places
from rules.normalizing.folding import fold

FIT: tuple[str, ...] = ("lead.language", "lead.industry", "lead.product", "lead.country", "lead.source")
"""The fields whose values a lead wants, where the pool names none."""

Wish: TypeAlias = frozenset[str]
"""One wanted value: a skill that is any of these covers it."""

_Sort: TypeAlias = Literal["language", "country", "text"]
_CODE = 2


def wishes(fields: tuple[str, ...], facts: Mapping[str, Value]) -> list[Wish]:
    """Return what the lead wants: each value of these fields (or of FIT). A field may hold several, ``A;B``."""
    found: list[Wish] = []
    for field in fields or FIT:
        value = facts.get(field)
        if not compare.is_empty(value):
            sort = _sort(field)
            found += [_wish(part, sort) for part in compare.plain(value).split(";") if part.strip()]
    return found


def covered(wanted: Collection[Wish], skills: tuple[str, ...], spoken: str = "") -> int:
    """Return how many of the wanted values somebody with these skills covers; `spoken` is the language of their user.

    It counts only for who names no language among the skills.
    """
    if not (skills or spoken):
        return 0
    offered = _offered(skills, spoken)
    return sum(not wish.isdisjoint(offered) for wish in wanted)


@lru_cache(maxsize=512)
def _sort(field: str) -> _Sort:
    """Return how a field's values are compared; a custom field says by its name what it holds."""
    kind, name = type_of(field), field.casefold()
    if kind == "language" or (kind == "any" and "language" in name):
        return "language"
    return "country" if kind == "country" or (kind == "any" and "country" in name) else "text"


@lru_cache(maxsize=4096)
def _wish(text: str, sort: _Sort) -> Wish:
    if sort == "language" and (code := _language(text)):
        return frozenset({f"language {code}"})
    if sort == "country" and (land := places.country(text)):
        return frozenset({f"country {land}"})
    return frozenset({fold(text)})


@lru_cache(maxsize=4096)
def _offered(skills: tuple[str, ...], spoken: str) -> frozenset[str]:
    found = {fold(skill) for skill in skills}
    tongues = {f"language {code}" for skill in skills if (code := _language(skill))}
    if not tongues and (own := _language(spoken)):
        tongues = {f"language {own}"}
    spelled = (skill for skill in skills if not (len(skill) == _CODE and skill.islower()))
    return frozenset(found | tongues | {f"country {land}" for skill in spelled if (land := places.country(skill))})


def _language(text: str) -> str:
    """Return the code of a language without its region or script."""
    return languages.language(text).partition("-")[0]
