"""Blocking keys: what an account is found by, so that a lead is compared with a dozen accounts and not with a million.

An account is posted under its keys, a lead asks for its own. What both share says how promising the account is: a key
that few accounts share says much, and some kinds of key say more than others (KINDS).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

from rules.matching.profile import Profile

__all__ = ["KINDS", "VERSION", "asked", "nearness", "posted", "stem"]

VERSION = 5
"""Raised with every change of the keys, also of those of people: an index of another version is built anew."""

KINDS: dict[str, float] = {
    "domain": 1.3,  # registrable domain
    "host": 1.5,  # the whole host, and those above it
    "in domain": 0.8,  # a word of the name beside the domain, where many accounts share the domain
    "spelt": 1.2,  # what the name, its short forms and the domain are spelt like, without spaces
    "word": 1.0,
    "pair": 0.9,  # two words, by their stems
    "word in country": 0.4,
    "word in city": 0.6,
    "begins": 0.5,  # six letters, for names that go on differently
    "half": 0.5,  # one half of a long name: a slip of the pen leaves the other half as it is
    "slip": 0.7,  # a short name without one of its letters
    "phone": 2.0,
    "phone block": 1.2,  # a number without its last four digits: a company's own lines
}
"""Kind of key -> how much finding an account by it says, relative to a word of the name."""

_BEGINS = 6
_SHORT = 7
_BLOCK = 4
_PAIRED = 6
_WORDS = 12
_SHORTEST = 3
_LABEL_PIECE = 4
_ALIKE = (
    ("ph", "f"), ("th", "t"), ("ck", "k"), ("qu", "k"), ("c", "k"), ("q", "k"), ("y", "i"), ("z", "s"), ("x", "ks"),
    ("w", "v"), ("j", "i"), ("h", ""),
)  # fmt: skip
_DOUBLED = re.compile(r"(.)\1")
_STEM = 5
_COMMON_BEGINNING = re.compile(
    "^(?:thecityof|cityof|townof|villageof|countyof|university|univ|uni|hospital|the|city|town|village|institute|inst|"
    "bank|group|grupo|hotel|go|my|get|st|saint)"
)
"""What domains often begin with before the name begins."""


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """Return the beginning of a word by its sound, which languages share: geophysics, geofísica and Geofyzikální."""
    for written, sound in _ALIKE:
        word = word.replace(written, sound)
    return _DOUBLED.sub(r"\1", word)[:_STEM]


def posted(account: Profile) -> tuple[str, ...]:
    """Return the keys that an account is found by, each ``kind:value``."""
    found = [*_of_both(account), *_slips(account, asking=False)]
    found += [f"host:{host}" for host in account.hosts]
    found += [f"spelt:{each}" for each in sorted(_spellings(account))]
    found += [f"begins:{account.squashed[:_BEGINS]}"] if len(account.squashed) >= _BEGINS else []
    found += _placed(account, account.initials)
    found += _in_domains(account, account.initials)
    return tuple(dict.fromkeys(found))


def asked(lead: Profile) -> tuple[str, ...]:
    """Return the keys that a lead looks for."""
    found = [*_of_both(lead), *_slips(lead, asking=True)]
    found += [f"host:{above}" for host in lead.hosts for above in _hosts_above(host, lead.domains)]
    tokens = lead.tokens
    glued = {one + other for one, other in pairwise(tokens)}
    spellings = _spellings(lead) | glued | {word for word in tokens if len(word) >= _SHORTEST}
    found += [f"spelt:{each}" for each in sorted(spellings)]
    found += [f"begins:{each[:_BEGINS]}" for each in (lead.squashed, *lead.labels) if len(each) >= _BEGINS]
    found += [f"word:{piece}" for label in lead.labels for piece in _pieces(label)]
    short = lead.initials | lead.acronyms
    found += _placed(lead, short | frozenset(lead.labels))
    found += _in_domains(lead, short)
    return tuple(dict.fromkeys(found))


def nearness(*, country: bool | None, city: bool | None) -> float:
    """Return what agreement on a place adds to an account's promise; None where one side does not say."""
    by_country = 0.0 if country is None else (2.5 if country else -4.0)
    return by_country + (0.0 if city is None else (4.0 if city else -1.0))


def _of_both(side: Profile) -> Iterator[str]:
    """Yield the keys that both sides make alike."""
    for domain in side.domains:
        yield f"domain:{domain}"
    for word in side.tokens:
        if len(word) > 1:
            yield f"word:{word}"
    stems = [stem(word) for word in side.tokens[:_WORDS]]
    for place, one in enumerate(stems):
        for other in stems[place + 1 : place + _PAIRED]:
            yield f"pair:{one} {other}" if one < other else f"pair:{other} {one}"
    for phone in side.phones:
        yield f"phone:{phone}"
        if len(phone) > 2 * _BLOCK:
            yield f"phone block:{phone[:-_BLOCK]}"


def _spellings(side: Profile) -> set[str]:
    """Return what the name is spelt like without spaces, whole, in part and in short, and what its hosts spell."""
    found = {side.squashed, *side.labels, *side.initials, *side.acronyms, *map("".join, side.parts)}
    found |= {host.partition(".")[0] for host in side.hosts if host not in side.domains}
    return {each for each in found if len(each) > 1}


def _placed(side: Profile, short_forms: Iterable[str]) -> list[str]:
    stems = [stem(word) for word in side.tokens if len(word) > _SHORTEST]
    found = [f"word in country:{each} {country}" for country in sorted(side.countries) for each in stems]
    if side.city:
        found += [f"word in city:{each} {side.city}" for each in stems]
        found += [f"word in city:#{short} {side.city}" for short in sorted(short_forms) if 1 < len(short) <= _SHORT]
    return found


def _in_domains(side: Profile, short_forms: Iterable[str]) -> list[str]:
    words = [word for word in (*side.tokens, *sorted(short_forms)) if len(word) >= _SHORTEST]
    return [f"in domain:{domain} {word}" for domain in side.domains for word in words]


def _slips(side: Profile, *, asking: bool) -> Iterator[str]:
    """Yield keys that survive one slip of the pen: short names without a letter, halves of longer ones."""
    name = side.squashed
    if _SHORTEST < len(name) <= _SHORT + asking:
        yield f"slip:{name}"
        yield from (f"slip:{name[:at]}{name[at + 1 :]}" for at in range(len(name)))
    if len(name) > _SHORT - asking:
        yield from _halves(name, asking=asking)


def _halves(word: str, *, asking: bool) -> Iterator[str]:
    """Yield the first and the last half of a name; who asks may have a letter too many or too few."""
    size = len(word)
    for half in sorted({(size - 1) // 2, size // 2, (size + 1) // 2} if asking else {size // 2}):
        yield f"half:{word[:half]}-"
        yield f"half:-{word[-half:]}"


def _hosts_above(host: str, domains: tuple[str, ...]) -> Iterator[str]:
    yield host
    while host not in domains and "." in host:
        host = host.partition(".")[2]
        yield host


def _pieces(label: str) -> Iterator[str]:
    """Yield the words that a label may begin or end with."""
    yield label
    for size in range(_LABEL_PIECE, len(label)):
        yield label[:size]
        yield label[-size:]
    if begins := _COMMON_BEGINNING.match(label):
        rest = label[begins.end() :]
        yield from (rest[:size] for size in range(_LABEL_PIECE, len(rest) + 1))
