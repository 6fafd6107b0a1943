"""Lists on the right of a condition, ``[A, B]`` and ``list "Name"``, and what does not belong on its line."""

from __future__ import annotations

import re

from rules import normalize
from rules.clauses import compare
from rules.faults import RuleFault
from rules.fields import CANONICAL

__all__ = ["alone", "items", "name_of", "values"]

# In all patterns here, what stands beside a run of spaces cannot itself begin or end with one: so they stay linear.
_NAME = re.compile(r'list\s+(?P<name>"(?:[^"\\]|\\.)*"|[^"\[\]\s][^"\[\]]*)')
_ITEM = re.compile(
    r"""\s*(?:(?P<quoted>"(?:[^"\\]|\\.)*"|'[^']*')\s*|(?P<bare>[^,"'\[\]\s](?:[^,"'\[\]]|(?<=\w)')*))(?:,|\Z)"""
)
_QUOTED = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|(?<![^\s\[,])'[^']*')""", re.DOTALL)
_SECOND = re.compile(rf"(?:(?<!\w)(?:and|or)(?!\w)|&&|\|\|)\s*(?:not\s+)?(?:{'|'.join(CANONICAL)})\.\w", re.IGNORECASE)


def alone(rest: str, at: int) -> None:
    """Refuse a second condition on the line of the first (RuleFault): it would be taken for a part of its value.

    `rest` is what follows the operator, from column `at` on.
    """
    told = _QUOTED.sub(lambda found: "_" * len(found[0]), rest)
    if found := _SECOND.search(told):
        either = found[0][:2].casefold() in {"or", "||"}
        remedy = "Write any: with the two below it, each on a line of its own." if either else "Write two lines."
        raise RuleFault("Here a second condition begins.", column=at + found.start(), remedy=remedy)


def name_of(rest: str) -> str:
    """Return the name that stands in ``list "Name"``; "" when it is none. Raises RuleFault for a broken quote."""
    found = _NAME.fullmatch(rest)
    return str(compare.literal(found["name"].strip(), text_only=True)) if found else ""


def values(rest: str) -> list[str]:
    """Return the values in brackets after an operator that takes one value, too, as written. Raises RuleFault."""
    if not (rest.startswith("[") and rest.endswith("]")):
        remedy = "Write it like [A, B], and put a text that begins with a bracket in quotes."
        raise RuleFault("The list cannot be read.", remedy=remedy)
    found = items(rest[1:-1])
    if (
        len(found) == 1 and found[0][0] not in {'"', "'"} and normalize.is_placeholder(found[0])
    ):  # Salesforce writes so where a company is not known
        raise RuleFault(f"“{rest}” may be a list or a text.", remedy=f'Write "{rest}" for the text.')
    return found


def items(inner: str) -> list[str]:
    """Return the values between brackets as written, with their quotes. Raises RuleFault."""
    found: list[str] = []
    at = 0
    while at < len(inner):
        item = _ITEM.match(inner, at)
        if not item:
            raise RuleFault(
                "The list cannot be read here.", column=at + 2, remedy="Separate values by commas; quote commas."
            )
        found.append(item["quoted"] or item["bare"].strip())
        at = item.end()
    if not found:
        raise RuleFault("The list is empty.", remedy="Write at least one value.")
    return found
