"""Many people at once: all pairs among records that may be one person, each judged once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from rules.model import Record
from rules.people import model
from rules.people.compare import Crowd, compare_on, glance, is_somebody_else
from rules.people.keys import keys
from rules.people.person import Person, person

__all__ = ["CAP", "Pair", "candidates", "crowd_of", "pairs", "posted"]

CAP = 60
"""A key that more people share is not read: what is true of so many says little of two."""
_CROWDED = ("phone", "email")
_SAMPLE = 50


class Pair(NamedTuple):
    """Two records, by their places in the sequence, and the probability (0 to 1) that they are one person."""

    one: int
    other: int
    probability: float


def pairs(
    records: Sequence[Record], *, ids: Sequence[str] = (), least: float = 0.7, people: Sequence[Person] | None = None
) -> Iterator[Pair]:
    """Yield the pairs among records that are one person with a probability of at least `least`, in no order.

    `ids` are fields in which one value is one person. Memory: about 2 KB a record.
    """
    people = people or [person(record, ids) for record in records]
    by_key = posted(people)
    crowd = crowd_of(people, by_key)
    floor, score, most = model.log_odds(least), model.score, model.most
    for at, place in sorted(candidates(by_key)):
        one, other = people[at], people[place]
        seen = glance(one, other, crowd)
        # Half of all pairs are strangers at one company: what is left of them cannot be enough.
        if most(seen) >= floor and (found := score(compare_on(one, other, seen))) >= floor:
            yield Pair(at, place, model.probability(found))


def posted(people: Iterable[Person]) -> dict[str, list[int]]:
    """Return the places of people by key, of keys that two people have or more."""
    found: dict[str, list[int]] = {}
    first: dict[str, int] = {}  # most keys are of one person: a list for each would take most of the time
    for place, who in enumerate(people):
        for key in keys(who):
            before = first.setdefault(key, place)
            if before != place:
                found.setdefault(key, [before]).append(place)
    return found


def candidates(by_key: Mapping[str, Sequence[int]]) -> set[tuple[int, int]]:
    """Return the pairs that share a key which no more than CAP people have."""
    found: set[tuple[int, int]] = set()
    for places in by_key.values():
        if 1 < len(places) <= CAP:
            found.update((one, other) for at, one in enumerate(places) for other in places[at + 1 :])
    return found


def crowd_of(people: Sequence[Person], by_key: Mapping[str, Sequence[int]] | None = None) -> Crowd:
    """Return the mailboxes and numbers that people with clearly different names share, among these."""
    by_key = _shareable(people) if by_key is None else by_key
    shared: dict[str, set[str]] = {kind: set() for kind in _CROWDED}
    for key, places in by_key.items():
        kind, _, value = key.partition(":")
        if kind in shared and len(places) > 1 and _differ([people[place] for place in places[:_SAMPLE]]):
            shared[kind].add(value)
    return Crowd(frozenset(shared["email"]), frozenset(shared["phone"]))


def _shareable(people: Sequence[Person]) -> Mapping[str, Sequence[int]]:
    """Return the places of people by the only keys that a crowd is told by: working out all takes ten times as long."""
    found: dict[str, list[int]] = {}
    for place, who in enumerate(people):
        for key in (*((f"email:{who.mailbox}",) if who.mailbox else ()), *(f"phone:{phone}" for phone in who.phones)):
            found.setdefault(key, []).append(place)
    return found


def _differ(holders: Sequence[Person]) -> bool:
    named = [who for who in holders if who.given and who.family]
    return bool(named) and any(is_somebody_else(named[0], who) for who in named[1:])
