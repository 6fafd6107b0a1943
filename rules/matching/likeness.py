"""How alike a lead and an account are, in numbers: what the model weighs. Missing is not the same as different.

Every feature stands in FEATURES, in the order of the list that :meth:`Comparison.measure` returns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from rules.matching.keys import stem
from rules.matching.name_words import UNKNOWN, Words, found, mutual
from rules.matching.profile import Profile

_NO_NAME = (UNKNOWN,) * 20

FEATURES: tuple[str, ...] = (
    # name: words weighted by rarity, 0 to 10 each; what is found of one side in the other, and what is not
    "found_of_account", "found_of_lead", "found", "rarest_missing_of_account", "rarest_missing_of_lead",
    "weight_of_account", "weight_of_lead", "best_part",
    # name: as text, 0 to 100
    "likeness", "sorted_likeness", "shared_words_likeness", "partial_likeness", "beginning_likeness", "same_stems",
    "acronym_of_account", "acronym_of_lead",
    # name: words for what kind of body it is (bank, foundation, town) that only one side has or both have
    "kinds_of_lead", "kinds_of_account", "kinds_of_both", "known_slip",
    # domain
    "domain", "sharing", "is_root", "label_likeness", "has_parent", "family",
    # what a domain spells, 0 to 1; the weight of a word of one side in the label of the other
    "lead_label_spells", "account_label_spells", "word_in_label",
    # place: 1 same, 0 unknown, -1 different
    "country", "city", "state", "city_in_name",
    # phone: 3 same, 2 same block, 1 same area, 0 unknown, -1 different
    "phone",
)  # fmt: skip

GLANCE: tuple[str, ...] = (
    "words_of_account", "words_of_lead", "words", "stems", "shares_domain", "spelt", "same_country",
    "same_city", "same_phone",
)  # fmt: skip
"""What a glance at an account tells, for a tenth of the cost: enough to leave most of a shortlist aside."""

SAME_HOST, BELOW, ABOVE, SAME_DOMAIN, SAME_LABEL, OTHER = 6.0, 5.0, 4.0, 3.0, 2.0, 0.0
"""Relations of two domains: the lead's host is the account's, is below it, is above it, is under the same registered
domain, has the same label under another ending, is another one."""
NOT_OF_LEAD, FREE_MAIL, NOT_OF_ACCOUNT, NEITHER = -3.0, -2.0, -1.0, -4.0
SAME_PHONE, SAME_BLOCK, SAME_AREA, OTHER_PHONE = 3.0, 2.0, 1.0, -1.0
_BLOCK, _AREA, _NUMBER = 4, 6, 9
_CLOSE = 85.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside the two: how much a word says, how many accounts use a domain, and the other candidates."""

    weight: Mapping[str, float]
    sharing: Callable[[str], int]
    ids: frozenset[str] = frozenset()
    parents: Sequence[str] = ()


class Comparison:
    """A lead, ready to be compared with many accounts."""

    def __init__(self, lead: Profile, around: Surroundings) -> None:
        self._lead, self._around = lead, around
        self._words = Words.of(lead.tokens, around.weight)
        self._domains, self._hosts = frozenset(lead.domains), frozenset(lead.hosts)
        self._spelt = frozenset({lead.squashed, *lead.labels, *lead.acronyms, *lead.initials} - {""})
        self._parts = [Words.of(part, around.weight) for part in lead.parts]

    def glance(self, account: Profile, contacts: int = 0) -> tuple[float, ...]:
        """Return the features of GLANCE; `contacts` of the account use the lead's domain."""
        lead, ours = self._lead, self._words
        tokens, known = account.tokens, ours.known
        weights = [*map(self._around.weight.__getitem__, tokens)]
        total = sum(weights)
        found = 0.0
        if not known.isdisjoint(tokens):
            # In their order, as sums of floats depend on it.
            found = sum([each for each, word in zip(weights, tokens, strict=True) if word in known])
        stems = ours.stems.intersection(map(stem, tokens))
        domains = 0.0
        if self._domains:
            if contacts or not self._domains.isdisjoint(account.domains):
                domains = 1.0 if self._hosts.isdisjoint(account.hosts) else 2.0
            elif account.domains:
                domains = -1.0
        spelt = self._spelt
        phone = 0.0
        if lead.phones and account.phones:
            one, other = lead.phones[0], account.phones[0]
            phone = 2.0 if one == other else 1.0 if one[:-_BLOCK] == other[:-_BLOCK] else -1.0
        return (
            found / total if total else UNKNOWN,
            found / ours.total if ours.total else UNKNOWN,
            found,
            len(stems) / (len(ours.stems) or 1),
            domains,
            float(account.squashed in spelt or not spelt.isdisjoint(account.labels)),
            _same(lead.countries, account.countries),
            0.0 if not lead.city or not account.city else 1.0 if lead.city == account.city else -1.0,
            phone,
        )

    def measure(self, account: Profile, contacts: int = 0) -> list[float]:
        """Return the features of a pair, in the order of FEATURES; `contacts` of the account use the lead's domain."""
        lead, around = self._lead, self._around
        return [
            *self._names(account),
            *_domains(lead, account, around, contacts),
            *_spelling(lead, account, around.weight),
            *_place(lead, account),
            _phone(lead, account),
        ]

    def _names(self, account: Profile) -> tuple[float, ...]:
        ours = self._words
        if not ours.tokens or not account.tokens:
            return _NO_NAME
        theirs = Words.of(account.tokens, self._around.weight)
        of_lead, of_account, slip = found(ours, theirs)
        found_ours = sum(map(float.__mul__, ours.weights, of_lead))
        found_theirs = sum(map(float.__mul__, theirs.weights, of_account))
        lead = self._lead
        shared = len(ours.stems & theirs.stems)
        return (
            found_theirs / theirs.total if theirs.total else 0.0,
            found_ours / ours.total if ours.total else 0.0,
            found_ours,
            max([weight * (1 - found) for weight, found in zip(theirs.weights, of_account, strict=True)]),
            max([weight * (1 - found) for weight, found in zip(ours.weights, of_lead, strict=True)]),
            theirs.total,
            ours.total,
            self._best_part(account, theirs),
            *_strings(lead.squashed, account.squashed),
            fuzz.ratio(ours.line, theirs.line),
            fuzz.token_set_ratio(ours.line, theirs.line),
            100 * shared / (len(ours.stems) + len(theirs.stems) - shared),
            *_acronyms(lead, account),
            float(len(ours.bodies - theirs.bodies)),
            float(len(theirs.bodies - ours.bodies)),
            float(len(ours.bodies & theirs.bodies)),
            slip,
        )

    def _best_part(self, account: Profile, theirs: Words) -> float:
        """Return how well the best part of one name is the whole other name, both ways (0 to 1)."""
        weight = self._around.weight
        pairs = [(part, theirs) for part in self._parts]
        pairs += [(self._words, Words.of(part, weight)) for part in account.parts]
        return max([mutual(one, other) for one, other in pairs], default=UNKNOWN)


def _strings(one: str, other: str) -> tuple[float, float, float]:
    beginning = JaroWinkler.normalized_similarity(one, other) * 100
    partial = fuzz.partial_ratio(one, other) if min(len(one), len(other)) > 3 else 0.0  # noqa: PLR2004
    return fuzz.ratio(one, other), beginning, partial


def _acronyms(lead: Profile, account: Profile) -> tuple[float, float]:
    of_account = max(map(len, lead.acronyms & account.initials), default=0)
    of_lead = max(map(len, account.acronyms & lead.initials), default=0)
    return float(of_account), float(of_lead)


def _domains(lead: Profile, account: Profile, around: Surroundings, contacts: int) -> tuple[float, ...]:
    shared = [domain for domain in lead.domains if domain in account.domains]
    has_parent = float(bool(account.parent_id))
    family = float(around.parents.count(account.id)) if account.id else 0.0
    if account.parent_id and account.parent_id in around.ids:
        family = -1.0
    if shared:
        sharing = max(map(around.sharing, shared))
        root = float(any(host in shared for host in account.hosts)) * (0.5 if account.is_section else 1.0)
        return relation(lead, account), float(sharing), root, UNKNOWN, has_parent, family
    if contacts:  # what its people write from is the account's own domain too
        return SAME_DOMAIN, 1.0, 0.0, UNKNOWN, has_parent, family
    alike = max((_alike(one, other) for one in lead.labels for other in account.labels), default=UNKNOWN)
    return relation(lead, account), 0.0, UNKNOWN, alike, has_parent, family


@lru_cache(maxsize=1 << 14)
def _alike(one: str, other: str) -> float:
    return fuzz.ratio(one, other)


def relation(lead: Profile, account: Profile) -> float:
    """Return how the domains of two sides relate: one of the levels above."""
    ours, theirs = lead.domains, account.domains
    if not ours or not theirs:
        if ours:
            return NOT_OF_ACCOUNT
        return NEITHER if not theirs else FREE_MAIL if lead.free_mail else NOT_OF_LEAD
    if not set(ours) & set(theirs):
        return SAME_LABEL if set(lead.labels) & set(account.labels) else OTHER
    if set(lead.hosts) & set(account.hosts):
        return SAME_HOST
    if any(one.endswith("." + other) for one in lead.hosts for other in account.hosts):
        return BELOW
    if any(other.endswith("." + one) for one in lead.hosts for other in account.hosts):
        return ABOVE
    return SAME_DOMAIN


def _spelling(lead: Profile, account: Profile, weight: Mapping[str, float]) -> tuple[float, float, float]:
    ours = max((_spells(label, account) for label in lead.labels), default=UNKNOWN)
    theirs = max((_spells(label, lead) for label in account.labels), default=UNKNOWN)
    inside = [word for word in lead.tokens for label in account.labels if len(word) > 3 and word in label]  # noqa: PLR2004
    return ours, theirs, max([weight[word] for word in inside], default=0.0)


def _spells(label: str, side: Profile) -> float:
    """Return how well a domain label spells a name: 3 is the name, 2 a short form of it, else a share of the label."""
    if label == side.squashed:
        return 3.0
    if label in side.initials or label in side.acronyms:
        return 2.0
    return _covered(label, side.tokens, side.squashed)


def _covered(label: str, words: tuple[str, ...], squashed: str) -> float:
    """Return the share of a label that beginnings of words make, in their order, words left out ("fhsu", "stkate")."""
    reached = {0}
    for word in words:
        for start in tuple(reached):
            end = start
            for letter in word:
                if end == len(label) or label[end] != letter:
                    break
                end += 1
                reached.add(end)
    share = max(reached) / len(label)
    if min(len(label), len(squashed)) > 3:  # noqa: PLR2004
        inside = fuzz.partial_ratio(label, squashed, score_cutoff=_CLOSE) / 100
        return max(share, inside)
    return share


def _place(lead: Profile, account: Profile) -> tuple[float, float, float, float]:
    country = _same(lead.countries, account.countries)
    city = 0.0
    if lead.city and account.city:
        city = 1.0 if lead.city == account.city else 0.5 if _near(lead.city, account.city) else -1.0
    state = 0.0
    if lead.state and account.state:
        state = 1.0 if lead.state == account.state else -1.0
    return country, city, state, float(_names_city(lead, account) + 2 * _names_city(account, lead))


def _names_city(one: Profile, other: Profile) -> bool:
    return len(one.city) > 3 and one.city in other.core  # noqa: PLR2004


def _same(ours: frozenset[str], theirs: frozenset[str]) -> float:
    if not ours or not theirs:
        return 0.0
    return -1.0 if ours.isdisjoint(theirs) else 1.0


def _near(one: str, other: str) -> bool:
    return bool(fuzz.partial_ratio(one, other, score_cutoff=_CLOSE))


def _phone(lead: Profile, account: Profile) -> float:
    if not lead.phones or not account.phones:
        return 0.0
    return max(_phones(one, other) for one in lead.phones for other in account.phones)


def _phones(one: str, other: str) -> float:
    if one == other or one[-_NUMBER:] == other[-_NUMBER:]:
        return SAME_PHONE
    if len(one) > 2 * _BLOCK and one[-_AREA - _BLOCK : -_BLOCK] == other[-_AREA - _BLOCK : -_BLOCK]:
        return SAME_BLOCK
    return SAME_AREA if one[:_AREA] == other[:_AREA] else OTHER_PHONE
