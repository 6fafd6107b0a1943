"""The clues: one small function per kind of evidence that a lead belongs to an account.

Each takes what both sides say (normalised, as a Profile) and answers with one Evidence or None. The first line of
its docstring is the text that users are shown, with the values filled in. Weights are log-odds and add up, so that an
explanation is exact: confidence = logistic(PRIOR + sum). What is missing on one side is never evidence against.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from rapidfuzz import fuzz

from rules import normalize
from rules.legal_forms import COMMON_WORDS
from rules.model import Evidence
from rules.profile import Profile
from rules.words import showable

PRIOR = -2.0
"""Log-odds that an account found by a blocking key is the right one, before any clue is heard."""

WEIGHTS: dict[str, float] = {
    "already_linked": 12.0,
    "same_domain": 4.8,
    "same_label": 0.8,
    "domain_spells_name": 3.0,
    "other_domain": -2.0,
    "free_mail_domain": 0.0,
    "shared_domain": -1.2,  # for every doubling of the number of accounts
    "same_name": 4.6,
    "similar_name/95": 3.2,
    "similar_name/88": 2.0,
    "similar_name/80": 0.2,
    "part_of_name": 0.6,
    "initials": 1.0,
    "other_name": -2.0,
    "same_phone": 3.0,
    "same_city": 1.6,
    "same_country": 0.5,
    "other_country": -2.4,
}
"""Kind of evidence (and its level) -> log-odds."""

NAME_LEVELS = (95, 88, 80)
"""Levels of likeness of two names, in percent, best first."""


@dataclass(frozen=True, slots=True)
class Peers:
    """What must be known of all candidates together: how many accounts use each domain."""

    domains: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, profiles: Iterable[Profile]) -> Peers:
        """Count the domains of these accounts."""
        return cls(Counter(domain for profile in profiles for domain in set(profile.domains)))


Clue: TypeAlias = Callable[[Profile, Profile, Peers], "Evidence | None"]


def _found(clue: Clue, weight: float | str, **values: object) -> Evidence:
    """Return evidence with the clue's own sentence; `weight` may name its level in WEIGHTS."""
    template = (clue.__doc__ or clue.__name__).splitlines()[0]
    worth = WEIGHTS[weight] if isinstance(weight, str) else weight
    told = {name: showable(str(value)) for name, value in values.items()}
    return Evidence(clue.__name__, template.format(**told), round(worth, 2))


def already_linked(lead: Profile, account: Profile, _peers: Peers) -> Evidence | None:
    """The lead is already linked to this account."""
    linked = lead.record.text("account_id")
    return _found(already_linked, "already_linked") if linked and linked == account.record.id else None


def _shared(lead: Profile, account: Profile) -> str:
    return next((domain for domain in lead.domains if domain in account.domains), "")


def same_domain(lead: Profile, account: Profile, _peers: Peers) -> Evidence | None:
    """Both use the domain {domain}."""
    domain = _shared(lead, account)
    return _found(same_domain, "same_domain", domain=domain) if domain else None


def shared_domain(lead: Profile, account: Profile, peers: Peers) -> Evidence | None:
    """{count} accounts use the domain {domain}, so it says less."""
    domain = _shared(lead, account)
    count = peers.domains.get(domain, 0)
    if count < 2:  # noqa: PLR2004 - it takes two to share
        return None
    return _found(shared_domain, WEIGHTS["shared_domain"] * math.log2(count), count=count, domain=domain)


def same_label(lead: Profile, account: Profile, _peers: Peers) -> Evidence | None:
    """The domains {one} and {other} differ only in their ending."""
    if _shared(lead, account) or not lead.labels & account.labels:
        return None
    return _found(same_label, "same_label", one=lead.domains[0], other=account.domains[0])


def domain_spells_name(lead: Profile, account: Profile, _peers: Peers) -> Evidence | None:
    """The domain {domain} spells the name “{name}”."""
    if _shared(lead, account) or _same_name(lead, account):
        return None  # a company's own domain spells its own name: that is no second clue
    for one, other in ((lead, account), (account, lead)):
        spelled = normalize.squash(other.latin)
        for domain in one.domains:
            if len(spelled) > 2 and normalize.label(domain) == spelled:  # noqa: PLR2004 - two letters spell anything
                return _found(domain_spells_name, "domain_spells_name", domain=domain, name=_shown(other))
    return None


def other_domain(lead: Profile, account: Profile, _peers: Peers) -> Evidence | None:
    """Their domains differ: {one} and {other}."""
    if not lead.domains or not account.domains or _shared(lead, account) or lead.labels & account.labels:
        return None
    return _found(other_domain, "other_domain", one=lead.domains[0], other=account.domains[0])


def free_mail_domain(lead: Profile, _account: Profile, _peers: Peers) -> Evidence | None:
    """{domain} is a free mail service and says nothing about the company."""
    return _found(free_mail_domain, "free_mail_domain", domain=lead.free_mail) if lead.free_mail else None


def same_name(lead: Profile, account: Profile, _peers: Peers) -> Evidence | None:
    """Both are called “{name}”."""
    return _found(same_name, "same_name", name=_shown(account)) if _same_name(lead, account) else None


def similar_name(lead: Profile, account: Profile, _peers: Peers) -> Evidence | None:
    """The names “{one}” and “{other}” are {percent}% alike."""
    percent = _likeness(lead, account)
    level = next((level for level in NAME_LEVELS if percent >= level), None)
    if level is None or _same_name(lead, account):
        return None
    return _found(similar_name, f"similar_name/{level}", one=_shown(lead), other=_shown(account), percent=int(percent))


def part_of_name(lead: Profile, account: Profile, _peers: Peers) -> Evidence | None:
    """All words of “{part}” are in “{whole}”."""
    if _likeness(lead, account) >= NAME_LEVELS[-1] or not _is_part(lead, account):
        return None
    part, whole = sorted((lead, account), key=lambda side: len(side.latin))
    return _found(part_of_name, "part_of_name", part=_shown(part), whole=_shown(whole))


def initials(lead: Profile, account: Profile, _peers: Peers) -> Evidence | None:
    """“{short}” are the initials of “{long}”."""
    for short, long in ((lead, account), (account, lead)):
        if _are_initials(short.latin, long.latin):
            return _found(initials, "initials", short=_shown(short), long=_shown(long))
    return None


def other_name(lead: Profile, account: Profile, peers: Peers) -> Evidence | None:
    """The names “{one}” and “{other}” are not alike."""
    if not lead.name or not account.name or _likeness(lead, account) >= NAME_LEVELS[-1]:
        return None
    if _is_part(lead, account) or initials(lead, account, peers):
        return None
    return _found(other_name, "other_name", one=_shown(lead), other=_shown(account))


def same_country(lead: Profile, account: Profile, _peers: Peers) -> Evidence | None:
    """Both are in {country}."""
    same = lead.country and lead.country == account.country
    return _found(same_country, "same_country", country=account.record.text("country")) if same else None


def other_country(lead: Profile, account: Profile, _peers: Peers) -> Evidence | None:
    """The lead is in {one}, the account in {other}."""
    if not lead.country or not account.country or lead.country == account.country:
        return None
    one, other = lead.record.text("country"), account.record.text("country")
    return _found(other_country, "other_country", one=one, other=other)


def same_city(lead: Profile, account: Profile, _peers: Peers) -> Evidence | None:
    """Both are in the city of {city}."""
    elsewhere = lead.country and account.country and lead.country != account.country
    if not lead.city or lead.city != account.city or elsewhere:
        return None
    return _found(same_city, "same_city", city=account.record.text("city"))


def same_phone(lead: Profile, account: Profile, _peers: Peers) -> Evidence | None:
    """Both have the phone number {phone}."""
    same = next((phone for phone in lead.phones if phone in account.phones), "")
    return _found(same_phone, "same_phone", phone=same) if same else None


CLUES: tuple[Clue, ...] = (
    already_linked, same_domain, shared_domain, same_label, domain_spells_name, other_domain,
    free_mail_domain, same_name,
    similar_name, part_of_name, initials, other_name, same_phone, same_city, same_country, other_country,
)  # fmt: skip
"""All clues, in the order in which people read them."""


def gather(lead: Profile, account: Profile, peers: Peers) -> tuple[Evidence, ...]:
    """Return all evidence for and against this account."""
    heard = (clue(lead, account, peers) for clue in CLUES)
    return tuple(evidence for evidence in heard if evidence)


def log_odds(evidence: Iterable[Evidence]) -> float:
    """Return PRIOR plus all weights."""
    return PRIOR + sum(clue.weight for clue in evidence)


def confidence(evidence: Iterable[Evidence]) -> float:
    """Return the probability (0 to 1) that the evidence makes, to four places."""
    return round(1 / (1 + math.exp(-log_odds(evidence))), 4)


def _shown(side: Profile) -> str:
    return side.record.text("name" if side.record.kind == "account" else "company")


def _same_name(lead: Profile, account: Profile) -> bool:
    return bool(lead.latin) and _is_same(lead.latin, account.latin)


@lru_cache(maxsize=1 << 14)
def _is_same(one: str, other: str) -> bool:
    return normalize.squash(one) == normalize.squash(other) or sorted(one.split()) == sorted(other.split())


def _likeness(lead: Profile, account: Profile) -> float:
    return _name_likeness(lead.latin, account.latin) if lead.latin and account.latin else 0.0


@lru_cache(maxsize=1 << 14)
def _name_likeness(one: str, other: str) -> float:
    """Return how alike two core names are, in percent; the order of the words does not matter."""
    return max(fuzz.ratio(one, other), fuzz.token_sort_ratio(one, other))


def _is_part(lead: Profile, account: Profile) -> bool:
    """Tell whether one name holds all words of the other, and one of them is not a common word."""
    one, other = set(lead.latin.split()), set(account.latin.split())
    small, large = sorted((one, other), key=len)
    return small <= large and any(len(word) > 2 and word not in COMMON_WORDS for word in small)  # noqa: PLR2004


def _are_initials(short: str, long: str) -> bool:
    """Tell whether `short` (3 to 6 letters) is made of the first letters of the words of `long`, "and", "of" aside."""
    parts = long.split()
    letters = {"".join(part[0] for part in parts), "".join(part[0] for part in parts if part not in SMALL_WORDS)}
    return 3 <= len(short) <= 6 and short in letters  # noqa: PLR2004


SMALL_WORDS = frozenset(
    {"and", "of", "the", "for", "de", "do", "da", "du", "des", "di", "del", "la", "le", "y", "e", "in"}
)
