"""Names of countries, states and languages in conditions that nobody knows: they are compared as mere text."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import pycountry

from rules import compare, languages, normalize
from rules.conditions import Condition
from rules.fields import type_of
from rules.lint_axes import NEGATIVE, SAME
from rules.lint_finding import heading, several
from rules.lint_study import Study
from rules.preferences import lines

__all__ = ["unknown_names"]


def unknown_names(study: Study) -> None:
    """Note every value of a condition or a used list that should be a country, state or language, and is none."""
    for record, line in _asked(study):
        kind = type_of(line.field)
        if NEGATIVE.get(line.operator, line.operator) not in SAME or kind not in {"country", "state", "language"}:
            continue
        unknown = [text for text in map(compare.plain, line.operands) if not _is_known(kind, text)]
        if unknown:
            told = several(f"“{text}”" for text in unknown)
            message = f"{told} is no {kind} that we know, and is compared as text ({line.field})."
            remedy = "Check the spelling, or write a code." if kind != "country" else _COUNTRY
            study.say(
                "unknown-name",
                "warning",
                heading("list", line.list_name) if line.list_name else record,
                message,
                remedy,
            )


_COUNTRY = "Check the spelling, write an ISO code, or make a list of countries for a region."


def _asked(study: Study) -> Iterator[tuple[str, Condition]]:
    for rule in study.ruleset.rules:
        yield from ((heading("rule", rule.name), line) for line in lines(rule.when))
    for pool in study.ruleset.pools.values():
        for member in pool.members:
            yield from ((heading("pool", pool.name), line) for line in lines(member.when))
    yield from (("match", line) for line in study.ruleset.match.lines)


@lru_cache(maxsize=1 << 10)
def _is_known(kind: str, text: str) -> bool:
    if kind == "country":
        return bool(normalize.country(text))
    if kind == "language":
        return bool(languages.language(text))
    codes = (land.alpha_2 for land in pycountry.countries)
    return bool(normalize.state(text)) or any(normalize.state(text, code) for code in codes)
