"""The clues: one small function per kind of evidence that a lead belongs to an account.

Each looks at a pair and answers with the values for its sentence, or None when it does not apply. The first line of
its docstring is the sentence that users are shown. How much a clue weighs is not said here: the model says so
(rules.evidence). What is missing on one side is never evidence against by itself. Clues of place, telephone, family and
rivals stand in :mod:`rules.matching.more_clues`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from rules.matching.name_words import BODIES, same_word
from rules.matching.profile import Profile
from rules.wording.words import percent

Values: TypeAlias = Mapping[str, object] | None
Clue: TypeAlias = Callable[["Pair"], Values]

RARE = 7.0
"""From this weight on (of 10) a word is rare among the customer's accounts."""
ALIKE = 80.0
_ALL = 0.99


@dataclass(frozen=True, slots=True)
class Pair:
    """A lead and an account, what was measured of them (by feature), and how the account stands among the others.

    `ahead` is how far the next best is behind, `gained` what standing beside the others changed, both in log-odds.
    """

    lead: Profile
    account: Profile
    measured: Mapping[str, float]
    contacts: int
    rival: Profile | None
    ahead: float
    gained: float

    @property
    def domain(self) -> str:
        """The domain that both use; empty when there is none."""
        return next((each for each in self.lead.domains if each in self.account.domains), "")

    @property
    def names(self) -> dict[str, str]:
        """The two names for a sentence."""
        return {"one": self.lead.name, "other": self.account.name}


def same_host(pair: Pair) -> Values:
    """Both are at {host}."""
    shared = next((host for host in pair.lead.hosts if host in pair.account.hosts), "")
    return {"host": shared} if shared else None


def same_domain(pair: Pair) -> Values:
    """Both use the domain {domain}."""
    return {"domain": pair.domain} if pair.domain else None


def colleagues_domain(pair: Pair) -> Values:
    """{count} of this account's contacts use the domain {domain}."""
    return {"count": pair.contacts, "domain": pair.lead.domains[0]} if pair.contacts and pair.lead.domains else None


def same_label(pair: Pair) -> Values:
    """The domains {one} and {other} differ only in their ending."""
    if not set(pair.lead.labels) & set(pair.account.labels):
        return None
    return {"one": pair.lead.domains[0], "other": pair.account.domains[0]}


def other_domain(pair: Pair) -> Values:
    """Their domains differ: {one} and {other}."""
    if not pair.lead.domains or not pair.account.domains:
        return None
    return {"one": pair.lead.domains[0], "other": pair.account.domains[0]}


def free_mail_domain(pair: Pair) -> Values:
    """{domain} is a free mail service and says nothing about the company."""
    return {"domain": pair.lead.free_mail} if pair.lead.free_mail and not pair.lead.domains else None


def no_domain(pair: Pair) -> Values:
    """There are no two domains to compare."""
    return {} if not pair.lead.domains or not pair.account.domains else None


def shared_domain(pair: Pair) -> Values:
    """{count} accounts use the domain {domain}, so it says less."""
    count = int(pair.measured["sharing"])
    return {"count": count, "domain": pair.domain} if count > 1 else None


def only_domain(pair: Pair) -> Values:
    """No other account uses the domain {domain}."""
    return {"domain": pair.domain} if pair.measured["sharing"] == 1 and pair.domain else None


def same_name(pair: Pair) -> Values:
    """Both are called “{name}”."""
    return {"name": pair.account.name} if pair.lead.squashed and pair.lead.squashed == pair.account.squashed else None


def same_words(pair: Pair) -> Values:
    """“{one}” and “{other}” say the same."""
    told = pair.measured
    return pair.names if min(told["found_of_account"], told["found_of_lead"]) >= _ALL else None


def initials(pair: Pair) -> Values:
    """“{short}” are the initials of “{long}”."""
    if pair.measured["acronym_of_account"] > 2:  # noqa: PLR2004 - two letters are initials of anything
        return {"short": pair.lead.name, "long": pair.account.name}
    if pair.measured["acronym_of_lead"] > 2:  # noqa: PLR2004
        return {"short": pair.account.name, "long": pair.lead.name}
    return None


def part_of_name(pair: Pair) -> Values:
    """All words of “{part}” are in “{whole}”."""
    if pair.measured["found_of_lead"] >= _ALL:
        return {"part": pair.lead.name, "whole": pair.account.name}
    if pair.measured["found_of_account"] >= _ALL:
        return {"part": pair.account.name, "whole": pair.lead.name}
    return None


def similar_name(pair: Pair) -> Values:
    """The names “{one}” and “{other}” are {percent} alike."""
    alike = max(pair.measured["likeness"], pair.measured["sorted_likeness"])
    return {**pair.names, "percent": percent(alike / 100)} if alike >= ALIKE else None


def words_in_common(pair: Pair) -> Values:
    """“{one}” and “{other}” have {words} in common."""
    theirs = pair.account.tokens
    shared = [word for word in pair.lead.tokens if word in theirs or any(same_word(word, other) for other in theirs)]
    return {**pair.names, "words": ", ".join(f"“{word}”" for word in shared)} if shared else None


def other_name(pair: Pair) -> Values:
    """The names “{one}” and “{other}” are not alike."""
    return pair.names if pair.lead.tokens and pair.account.tokens else None


def no_name(pair: Pair) -> Values:
    """There are no two names to compare."""
    return {} if not pair.lead.tokens or not pair.account.tokens else None


def rare_name(pair: Pair) -> Values:
    """Few accounts have “{word}” in their name."""
    shared = [word for word in pair.lead.tokens if word in pair.account.tokens]
    rare = pair.measured["found"] >= RARE and shared
    return {"word": max(shared, key=len)} if rare else None


def common_name(pair: Pair) -> Values:
    """Many accounts have the words of this name."""
    return {} if pair.lead.tokens and pair.account.tokens and pair.measured["found"] < RARE else None


def other_kind(pair: Pair) -> Values:
    """Only one of the names says “{word}”."""
    told = BODIES.intersection(pair.lead.tokens) ^ BODIES.intersection(pair.account.tokens)
    return {"word": min(told)} if told and pair.lead.tokens and pair.account.tokens else None


def same_kind(pair: Pair) -> Values:
    """Both names say “{word}”."""
    told = BODIES.intersection(pair.lead.tokens) & BODIES.intersection(pair.account.tokens)
    return {"word": min(told)} if told else None


def domain_spells_name(pair: Pair) -> Values:
    """The domain {domain} spells the name “{name}”."""
    told = pair.measured
    sides = (
        (told["lead_label_spells"], pair.lead, pair.account),
        (told["account_label_spells"], pair.account, pair.lead),
    )
    for level, of, named in sides:
        if level >= 1 and of.domains:
            return {"domain": of.domains[0], "name": named.name}
    return None


def word_in_domain(pair: Pair) -> Values:
    """“{word}” stands in the domain {domain}."""
    for domain, label in zip(pair.account.domains, pair.account.labels, strict=False):
        if word := next((each for each in pair.lead.tokens if len(each) > 3 and each in label), ""):  # noqa: PLR2004
            return {"word": word, "domain": domain}
    return None


def told(clues: Sequence[Clue], pair: Pair) -> tuple[Clue, Mapping[str, object]] | None:
    """Return the first of these clues that applies, with the values for its sentence."""
    for clue in clues:
        values = clue(pair)
        if values is not None:
            return clue, values
    return None
