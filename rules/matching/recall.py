"""The few telling keys by which an account finds the leads that could be its own, when the account has changed.

A lead finds accounts by many keys (rules.matching.keys); the other way round a handful must do, or every new account
would call thousands of leads. Both sides make them alike.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules.matching.profile import Profile

_SHORTEST = 3


def keys(side: Profile) -> tuple[str, ...]:
    """Return the keys of a lead or an account, each ``kind:value``: domains, name, spelling, telephone."""
    return tuple(dict.fromkeys(_keys(side)))


def of_domain(domain: str) -> str:
    """Return the key of all who write from this registrable domain."""
    return f"domain:{domain}"


def _keys(side: Profile) -> Iterator[str]:
    for domain in side.domains:
        yield of_domain(domain)
    for words in (side.tokens, *side.parts):
        if words:
            yield f"name:{' '.join(sorted(words))}"
    for spelling in (side.squashed, *side.labels, *map("".join, side.parts)):
        if len(spelling) >= _SHORTEST:
            yield f"spelt:{spelling}"
    for phone in side.phones:
        yield f"phone:{phone}"
