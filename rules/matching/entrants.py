"""The accounts in the running for a lead: ranked by evidence, or named by people without any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import is_

from rules.matching import ranking
from rules.matching.pairs import Pair, Pairs, strongest
from rules.matching.policy import MatchPolicy
from rules.matching.profile import profile
from rules.matching.ranking import Ranked
from rules.model import Candidate, Evidence, Record
from rules.wording.words import showable

BY_DOMAIN = frozenset({"same_domain", "same_host", "same_label", "colleagues_domain"})
"""The kinds of evidence that a domain gives."""
BY_NAME = frozenset(
    {"same_name", "same_words", "similar_name", "part_of_name", "words_in_common", "initials", "alias", "same_phone"}
)
"""The kinds of evidence that let a match stand on more than a domain: the name, or the telephone."""


@dataclass(frozen=True, slots=True)
class Entrant:
    """An account in the running, whole, with the pair that speaks of it and the lead. Not all of them are ranked."""

    ranked: Ranked
    record: Record
    pair: Pair | None = None
    is_ranked: bool = True

    @property
    def id(self) -> str:
        """The account's id."""
        return self.record.id

    @property
    def name(self) -> str:
        """The account's name, fit to stand in a sentence."""
        return showable(self.record.text("name"))

    def candidate(self, confidence: float, *more: Evidence) -> Candidate:
        """Return it as a candidate, with its evidence and `more` of it in front."""
        told = self.ranked.evidence
        if more:
            kinds = {clue.kind for clue in told}
            told = (*(clue for clue in more if clue.kind not in kinds), *told)
        return Candidate(self.id, self.name, self.record.owner_id, round(confidence, 4), told)


def entrants(
    lead: Record, ranked: Sequence[Ranked], accounts: Mapping[str, Record], policy: MatchPolicy, reviewed: Pairs
) -> tuple[Entrant, ...]:
    """Return the ranked accounts, best first, and after them those that people chose without any evidence."""
    spoken = (*policy.pairs.about(lead), *reviewed.about(lead))
    best_first = sorted(ranked, key=lambda each: (-round(each.score, 6), each.profile.id))
    found = [Entrant(each, accounts.get(each.profile.id) or _outline(each)) for each in best_first]
    known, linked = {entry.id for entry in found}, lead.text("account_id")
    if not spoken and (not linked or linked in known):
        return tuple(found)
    others = (accounts[id_] for id_ in sorted(accounts) if id_ not in known)
    named = (each for each in others if each.id == linked or any(pair.names(each) for pair in spoken))
    found += [Entrant(Ranked(profile(record), 0.0), record, is_ranked=False) for record in named]
    return tuple(replace(entry, pair=strongest(spoken, entry.record)) for entry in found) if spoken else tuple(found)


def _outline(ranked: Ranked) -> Record:
    """Return what is known of an account whose whole record is not at hand."""
    side = ranked.profile
    fields = {"name": side.name, "country": side.country, "parent_id": side.parent_id}
    return Record("account", side.id, fields, owner_id=side.owner_id or None)


def speaks(entry: Entrant, kinds: frozenset[str]) -> bool:
    """Tell whether evidence of one of these kinds speaks for an account."""
    return any(clue.kind in kinds and clue.weight > 0 for clue in entry.ranked.evidence)


def best_first(entries: Iterable[Entrant]) -> list[Entrant]:
    """Return the likeliest first; ties by id."""
    return sorted(entries, key=lambda entry: (-round(entry.ranked.score, 6), entry.id))


def weighed_anew(entries: Iterable[Entrant]) -> list[Entrant]:
    """Return entries weighed beside each other alone, likeliest first; those that nobody ranked come last."""
    ordered = best_first(entries)
    before = [entry.ranked for entry in ordered]
    after = ranking.anew(before)
    if all(map(is_, before, after)):
        return ordered
    found = {each.profile.id: each for each in after}
    return best_first(replace(entry, ranked=found[entry.id]) for entry in ordered)


def chances(weighed: Sequence[Entrant]) -> dict[str, float]:
    """Return the probability of each of these accounts, weighed beside each other, before calibration."""
    found = ranking.probabilities([entry.ranked for entry in weighed])
    return {entry.id: likely for entry, likely in zip(weighed, found, strict=True)}
