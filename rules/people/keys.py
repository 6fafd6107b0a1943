"""Blocking keys: what a person is found by. Both sides make them alike; two records that share one are compared."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from rules import normalize
from rules.people.person import Person
from rules.people.spelling import sound

__all__ = ["KINDS", "keys"]

KINDS: dict[str, float] = {
    "id": 4.0,
    "email": 4.0,
    "box": 2.5,  # the address without what is before and behind a company's name in its host
    "phone": 2.0,
    "line": 2.5,  # number and family name: a switchboard has too many people for the number alone
    "who": 1.5,  # given and family name by their sound, in either order
    "at": 1.5,  # family or given name at a company
}
"""Kind of key -> how much sharing it says; the rarer a key is, the more."""

_BEGINS = 6
_SHORTEST = 2
_HEARD = 6


def keys(who: Person) -> tuple[str, ...]:
    """Return a person's keys, each ``kind:value``."""
    found = [f"id:{field}={value}" for field, value in who.ids]
    if who.mailbox:
        found.append(f"email:{who.mailbox}")
        if not who.has_role_mailbox:
            label = normalize.label(who.mail_domain) if who.mail_domain else "anybody"
            found.append(f"box:{who.local}@{label}")
    family = _heard(who.family)
    given = _heard(who.given[:1])
    for phone in who.phones:
        found.append(f"phone:{phone}")
        found += [f"line:{phone}/{word}" for word in family]
    for one in given:
        found += [f"who:{one} {word}" if one <= word else f"who:{word} {one}" for word in family]
    if who.company or who.labels or who.account_id:
        words = dict.fromkeys((*family, *given))
        found += [f"at:{place} {word}" for place in _places(who) for word in words]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=1 << 15)
def _heard(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return how the words of a name begin by their sound, in a fixed order; single letters are left out."""
    return tuple(sorted({sound(word)[:_HEARD] for word in words if len(word) >= _SHORTEST}))


def _places(who: Person) -> Iterator[str]:
    """Yield what a person's company is called: by its name, by its domains, by the account that it is linked to."""
    found = {who.company[:_BEGINS], *(label[:_BEGINS] for label in who.labels)}
    yield from sorted(place for place in found if len(place) >= _SHORTEST)
    if who.account_id.isprintable() and who.account_id:
        yield f"#{who.account_id}"
