"""From a shortlist to a ranking: how likely each account is the lead's, by evidence that adds up.

The index finds a shortlist (rules.matching.keys), this weighs it (rules.matching.likeness measures,
rules.matching.forest adds up, rules.evidence tells), rules.match chooses by the customer's policy. An account is
weighed twice: by itself, and, if it is among the best, beside the others, because how far the next best is behind is
evidence too.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rules import evidence
from rules.matching import forest, keys
from rules.matching.calibrate import logistic
from rules.matching.likeness import FEATURES, Comparison, Surroundings
from rules.matching.name_words import NEW
from rules.matching.profile import Profile, profile
from rules.model import Evidence, Record
from rules.wording import catalogue

LOOKED_AT = 4
"""How many accounts of a shortlist are measured in full: those that promise most at a glance."""
NO_HOPE = 5.0
"""Log-odds by which an account may promise less than the best one at a glance."""
KEPT = 3
"""How many accounts are weighed beside each other; the right one is hardly ever below the fourth."""
TOLD = 0.005
"""An account that is less likely than this needs no evidence told."""
_BESIDE = ("found_of_account", "found_of_lead", "likeness", "domain", "city")
"""Features that are also compared with the best of the others."""
RELATIVE: tuple[str, ...] = (
    "ahead", "rivals", "shortlisted", "promise_ahead", "promise_rivals", *(f"{name}_ahead" for name in _BESIDE), "kin",
    "as_likely",
)  # fmt: skip
"""Features of an account beside the others of its shortlist; those of its promise look at the whole shortlist."""
ALONE = 20.0
"""How far ahead an account is that has no rival."""
_CLOSE = 1.5
_PLACES = tuple(FEATURES.index(name) for name in _BESIDE)


class _Weights(dict[str, float]):
    """The weights of words, worked out once each for a batch."""

    def __init__(self, accounts: int, counts: Mapping[str, int]) -> None:
        super().__init__()
        self._total, self._counts = math.log(accounts + 1), counts

    def __missing__(self, word: str) -> float:
        found = self._counts.get(f"word:{word}", 0)
        weight = NEW * (1 - math.log(found + 1) / self._total) if found and self._total else NEW
        self[word] = weight
        return weight


@dataclass(frozen=True, slots=True)
class Rarity:
    """How many of the customer's accounts there are, and how many share each ``word:...`` and ``domain:...`` key.

    What is not in `counts` is shared by none.
    """

    accounts: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    weights: Mapping[str, float] = field(init=False, repr=False, compare=False)
    """How much each word of a name says: 0 when every account has it, 10 when none has."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", _Weights(self.accounts, self.counts))

    def sharing(self, domain: str) -> int:
        """Return how many accounts use this domain."""
        return self.counts.get(f"domain:{domain}", 0)


@dataclass(frozen=True, slots=True)
class Shortlist:
    """The accounts that share keys with a lead, most promising first, and what is known about them all.

    `contacts` says how many contacts of an account (by its id) use the lead's own domain. `lead` is the lead's side,
    where whoever made the list had it at hand.
    """

    profiles: tuple[Profile, ...] = ()
    rarity: Rarity = field(default_factory=Rarity)
    contacts: Mapping[str, int] = field(default_factory=dict)
    lead: Profile | None = None


@dataclass(frozen=True)
class Ranked:
    """One account of a ranking.

    `alone` is what the account is worth by itself, `score` beside the `others`, both in log-odds. `measured` are its
    features, `beside` the same with those that compare it with the others; `promises` are what the accounts of the
    shortlist, by their ids, promised at a glance. `alias` says why it was found by another name of the lead's
    company, if it was; `fixed` is evidence with weights set by hand.
    """

    profile: Profile
    score: float
    alone: float = 0.0
    measured: tuple[float, ...] = ()
    lead: Profile | None = None
    contacts: int = 0
    promises: Mapping[str, float] = field(default_factory=dict, repr=False, compare=False)
    others: tuple[Ranked, ...] = field(default=(), repr=False, compare=False)
    beside: tuple[float, ...] = ()
    alias: str = ""
    fixed: tuple[Evidence, ...] = ()

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What speaks for and against it; the weights add up to `score`. An account that is not thinkable has none."""
        language = catalogue.spoken()
        if language not in self._told:
            self._told[language] = evidence.tell(self) if self.beside and self.is_thinkable else ()
        return self._told[language]

    @cached_property
    def _told(self) -> dict[str, tuple[Evidence, ...]]:
        return {}

    @property
    def is_thinkable(self) -> bool:
        """Whether it is likely enough to be worth a word."""
        return logistic(self.score) >= TOLD


def rank(lead: Record, shortlist: Shortlist, *, alias: str = "") -> tuple[Ranked, ...]:
    """Return the likeliest accounts of a shortlist (at most KEPT), best first; ties by id.

    `alias` says why the lead's company stands here under another name than the lead says, if it does.
    """
    forests = forest.load()
    looks = Looks(shortlist.lead or profile(lead), shortlist)
    promise = [forests.glance.score(looks.glance(place)) for place in range(len(shortlist.profiles))]
    promises = {account.id: each for account, each in zip(shortlist.profiles, promise, strict=True)}
    measured = [looks.measured(place, promises) for place in promising(promise, shortlist.profiles)]
    found = [scored(each, forests.alone.score(each.measured), alias) for each in measured]
    found.sort(key=lambda each: (-each.alone, each.profile.id))
    return among(found[:KEPT])


def merged(rankings: Iterable[Sequence[Ranked]]) -> tuple[Ranked, ...]:
    """Return one ranking of a lead's under several names of its company; an account counts by its best name."""
    best: dict[str, Ranked] = {}
    for each in (each for ranking in rankings for each in ranking):
        if each.profile.id not in best or each.alone > best[each.profile.id].alone:
            best[each.profile.id] = each
    found = sorted(best.values(), key=lambda each: (-each.alone, each.profile.id))
    return among(found[:KEPT])


def promising(promise: Sequence[float], accounts: Sequence[Profile]) -> list[int]:
    """Return the places of the accounts that are worth more than a glance, best first; `promise` is in log-odds."""
    if not promise:
        return []
    least = max(promise) - NO_HOPE
    places = [place for place, each in enumerate(promise) if each >= least]
    return sorted(places, key=lambda place: (-round(promise[place], 6), accounts[place].id))[:LOOKED_AT]


class Looks:
    """A lead's looks at the accounts of its shortlist."""

    def __init__(self, lead: Profile, shortlist: Shortlist) -> None:
        accounts = self._accounts = shortlist.profiles
        self._lead, self._contacts = lead, shortlist.contacts
        around = Surroundings(
            shortlist.rarity.weights,
            shortlist.rarity.sharing,
            frozenset([account.id for account in accounts]),
            tuple([account.parent_id for account in accounts]),
        )
        self._comparison = Comparison(lead, around)

    def glance(self, place: int) -> tuple[float, ...]:
        """Return what a glance at the account at this place tells."""
        account = self._accounts[place]
        return self._comparison.glance(account, self._contacts.get(account.id, 0))

    def measured(self, place: int, promises: Mapping[str, float]) -> Ranked:
        """Return the account at this place with all its features, and without scores."""
        account = self._accounts[place]
        contacts = self._contacts.get(account.id, 0)
        features = tuple(self._comparison.measure(account, contacts))
        return Ranked(account, 0.0, 0.0, features, self._lead, contacts, promises)


def _promise(each: Ranked, left_out: Collection[str]) -> tuple[float, float, float]:
    """Return how many accounts are on the shortlist, how far this one is ahead, and how much all promise."""
    mine = each.promises.get(each.profile.id, 0.0)
    others = [promise for id_, promise in each.promises.items() if id_ != each.profile.id and id_ not in left_out]
    if not others:
        return 1.0, ALONE, 0.0
    next_best = max(others)
    most = max(mine, next_best)
    together = math.log(sum([math.exp(promise - most) for promise in sorted((mine, *others))]))
    return float(len(others) + 1), round(mine - next_best, 6), round(together, 6)


def scored(ranked: Ranked, alone: float, alias: str = "") -> Ranked:
    """Return an account with what it is worth by itself, to six places, so that equal accounts are equally likely."""
    fixed = evidence.fixed(ranked.lead, ranked.profile) if ranked.lead else ()
    likely = round(alone + sum([clue.weight for clue in fixed]), 6)
    return Ranked(
        ranked.profile, likely, likely, ranked.measured, ranked.lead, ranked.contacts, ranked.promises,
        alias=alias, fixed=fixed,
    )  # fmt: skip


def among(ranking: Sequence[Ranked], left_out: Collection[str] = ()) -> tuple[Ranked, ...]:
    """Weigh accounts of one ranking beside each other, as if those with the ids `left_out` were not on the shortlist.

    Best first, ties by id.
    """
    beside = forest.load().beside
    weighed = []
    for each in ranking:
        if not each.measured:  # somebody named it, nothing was measured
            weighed.append(each)
            continue
        others = tuple(other for other in ranking if other is not each)
        values = (*each.measured, *relative(each, others, left_out))
        score = round(beside.score(values) + sum([clue.weight for clue in each.fixed]), 6)
        weighed.append(
            Ranked(each.profile, score, each.alone, each.measured, each.lead, each.contacts, each.promises, others,
                   values, each.alias, each.fixed)
        )  # fmt: skip
    weighed.sort(key=lambda each: (-each.score, each.profile.id))
    return tuple(weighed)


def anew(ranking: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Weigh accounts beside each other as :func:`among` does, unless these are the ones they were weighed with."""
    ids = {each.profile.id for each in ranking}
    left_out = {other.profile.id for each in ranking for other in each.others} - ids
    if not left_out and all(len(each.others) == len(ids) - 1 for each in ranking):
        return tuple(ranking)
    return among(ranking, left_out)


def probabilities(ranking: Sequence[Ranked]) -> tuple[float, ...]:
    """Return the probability that each account is the right one, given those that it was weighed beside."""
    return tuple([logistic(each.score) for each in ranking])


def of_records(lead: Record, accounts: Sequence[Record]) -> Shortlist:
    """Return a shortlist of these records, as if they stood among EXAMPLE others (for tests and previews).

    Accounts that have no key in common with the lead are not on it, as they would not be found.
    """
    side = profile(lead)
    wanted = set(keys.asked(side))
    profiles = [profile(account) for account in {each.id: each for each in accounts}.values()]
    counts: dict[str, int] = {}
    for each in profiles:
        for key in {*(f"word:{word}" for word in each.tokens), *(f"domain:{domain}" for domain in each.domains)}:
            counts[key] = counts.get(key, 0) + 1
    linked = lead.text("account_id")
    found = tuple(each for each in profiles if each.id == linked or not wanted.isdisjoint(keys.posted(each)))
    return Shortlist(found, Rarity(max(EXAMPLE, len(profiles)), counts), lead=side)


EXAMPLE = 10_000
"""Accounts that a preview is thought to stand among: as many as a usual CRM has."""


def relative(each: Ranked, others: Sequence[Ranked], left_out: Collection[str] = ()) -> tuple[float, ...]:
    """Return the features of an account beside the others, in the order of RELATIVE."""
    promise = _promise(each, left_out)
    if not others:
        return (ALONE, 0.0, *promise, *(ALONE for _ in _BESIDE), 0.0, 1.0)
    best = min(others, key=lambda other: (-other.alone, other.profile.id))
    highest = max(best.alone, each.alone)
    ahead = each.alone - best.alone
    rivals = math.log(sum(sorted([math.exp(other.alone - highest) for other in (each, *others)])))
    beside = [each.measured[at] - max([other.measured[at] for other in others]) for at in _PLACES]
    close = sum([other.alone > highest - _CLOSE for other in (each, *others)])
    return (ahead, rivals, *promise, *beside, _kin(each.profile, best.profile), float(close))


def _kin(account: Profile, rival: Profile) -> float:
    """Return 1 when the rival is a child of the account, -1 when it is the parent, 0.5 when they are sisters."""
    if account.id and account.id == rival.parent_id:
        return 1.0
    if rival.id and rival.id == account.parent_id:
        return -1.0
    return 0.5 if account.parent_id and account.parent_id == rival.parent_id else 0.0
