"""Blocking keys: what a person is found by. Both sides make them alike; two records that share one are compared."""

from __future__ import annotations

from collections.abc import Iterator

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
    return tuple(dict.fromkeys(_every(who)))


def _every(who: Person) -> Iterator[str]:
    for field, value in who.ids:
        yield f"id:{field}={value}"
    if who.mailbox:
        yield f"email:{who.mailbox}"
        if not who.has_role_mailbox:
            label = normalize.label(who.mail_domain) if who.mail_domain else "anybody"
            yield f"box:{who.local}@{label}"
    family = sorted({sound(word)[:_HEARD] for word in who.family if len(word) >= _SHORTEST})
    given = [sound(word)[:_HEARD] for word in who.given[:1] if len(word) >= _SHORTEST]
    for phone in who.phones:
        yield f"phone:{phone}"
        yield from (f"line:{phone}/{word}" for word in family)
    for one in given:
        yield from (f"who:{min(one, word)} {max(one, word)}" for word in family)
    words = dict.fromkeys((*family, *given))
    for place in _places(who):
        yield from (f"at:{place} {word}" for word in words)


def _places(who: Person) -> Iterator[str]:
    """Yield what a person's company is called: by its name, by its domains, by the account that it is linked to."""
    found = {who.company[:_BEGINS], *(label[:_BEGINS] for label in who.labels)}
    yield from sorted(place for place in found if len(place) >= _SHORTEST)
    if who.account_id.isprintable() and who.account_id:
        yield f"#{who.account_id}"
