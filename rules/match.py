"""Which of the ranked accounts a lead gets: the customer's policy over the evidence.

What people said comes first (pairs, links), then filters, then the likeliest accounts; the policy's tie-breakers decide
between those that are as likely. What only the id could decide is left to a person, unless one person owns them all.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from rules.matching import needed, ranking
from rules.matching.calibrate import IDENTITY, Calibration, log_odds
from rules.matching.contest import Contest, Settled, listed
from rules.matching.entrants import BY_DOMAIN, BY_NAME, Entrant, chances, entrants, speaks, weighed_anew
from rules.matching.pairs import NO_PAIRS, Pairs
from rules.matching.policy import MatchPolicy
from rules.matching.preferences import facts
from rules.matching.ranking import Ranked
from rules.model import Candidate, Evidence, Filtered, Match, MatchStatus, Record, User
from rules.wording.said import strung
from rules.wording.words import percent, say, showable

__all__ = ["BY_DOMAIN", "BY_NAME", "MatchPolicy", "choose", "match", "worth_reading"]

RUNNERS_UP = 5
"""How many other candidates a match keeps for the explanation, and how many that were left out."""

_NOBODY: Mapping[str, User] = MappingProxyType({})


def match(lead: Record, candidates: Sequence[Record], *, policy: MatchPolicy) -> Match:
    """Choose among these records as if they were all the accounts there are (for tests and previews)."""
    found = ranking.rank(lead, ranking.of_records(lead, candidates))
    return choose(lead, found, {account.id: account for account in candidates}, policy=policy)


def worth_reading(rankings: Iterable[Sequence[Ranked]]) -> set[str]:
    """Return the ids of the accounts whose whole records a choice may need: those that are at all likely."""
    return {each.profile.id for ranking_ in rankings for each in ranking_ if each.is_thinkable}


def choose(
    lead: Record,
    ranked: Sequence[Ranked],
    accounts: Mapping[str, Record],
    *,
    policy: MatchPolicy,
    users: Mapping[str, User] = _NOBODY,
    pairs: Pairs = NO_PAIRS,
    calibration: Calibration = IDENTITY,
) -> Match:
    """Choose the account of a lead, with the evidence for it, its runners-up and all that the policy did.

    `accounts` holds the whole records of the ranked accounts by id, with what the policy `needs`; beside them the
    account that the lead is linked to and those that pairs name, ranked or not. `users` are the owners by id, `pairs`
    what people reviewed in this install, `calibration` what their reviews say about the probabilities.
    """
    return _Choice(lead, policy, users, calibration, entrants(lead, ranked, accounts, policy, pairs)).match()


@dataclass(frozen=True, slots=True)
class _Sifted:
    """The accounts by what people and filters said of them."""

    linked: Entrant | None
    chosen: tuple[Entrant, ...]
    kept: tuple[Entrant, ...]
    out: tuple[tuple[Entrant, str], ...]

    @property
    def others(self) -> tuple[Entrant, ...]:
        """All that may be shown as runners-up: ranked, and not left out."""
        return tuple(entry for entry in (*self.chosen, *self.kept) if entry.is_ranked)


class _Weighed(NamedTuple):
    """Accounts weighed beside each other alone, likeliest first, and the probability of each by its id."""

    entries: list[Entrant]
    chances: dict[str, float]


@dataclass(frozen=True, slots=True)
class _Choice:
    """One choice: the lead, the policy with what it needs to know, and the accounts in the running."""

    lead: Record
    policy: MatchPolicy
    users: Mapping[str, User]
    calibration: Calibration
    entries: tuple[Entrant, ...]
    weighed: dict[tuple[str, ...], _Weighed] = field(default_factory=dict)

    def match(self) -> Match:
        sifted = self._sifted()
        if sifted.linked:
            return self._by_people(sifted, sifted.linked, "already_linked", say("match.linked"))
        if sifted.chosen:
            return self._always(sifted)
        if sifted.kept:
            return self._likeliest(sifted)
        return self._nobody(sifted)

    def _sifted(self) -> _Sifted:
        linked: Entrant | None = None
        chosen: list[Entrant] = []
        kept: list[Entrant] = []
        out: list[tuple[Entrant, str]] = []
        for entry in self.entries:
            if entry.pair and entry.pair.verdict == "never":
                out += [(entry, entry.pair.told)] if entry.is_ranked else []
            elif self.policy.keep_links and entry.id == self.lead.text("account_id"):
                linked = entry
            elif entry.pair:
                chosen.append(entry)
            elif entry.is_ranked and (why := self._filter(entry)):
                out.append((entry, why))
            elif entry.is_ranked:
                kept.append(entry)
        kept, by_domain = self._domain_only(kept)
        return _Sifted(linked, tuple(chosen), tuple(kept), (*out, *by_domain))

    def _filter(self, entry: Entrant) -> str:
        """Return why a filter leaves an account out; empty when none does."""
        told = facts(self.lead, entry.record, self.users) if self.policy.only else {}
        for part in self.policy.only:
            holds, found = part.holds(told)
            if not holds:
                return say("filtered.only", condition=showable(str(part)), found=found)
        return ""

    def _domain_only(self, kept: list[Entrant]) -> tuple[list[Entrant], list[tuple[Entrant, str]]]:
        """Leave out the accounts that only a domain speaks for, as far as the policy says."""
        if self.policy.domain_only == "always":
            return kept, []
        by_domain = [entry for entry in kept if speaks(entry, BY_DOMAIN)]
        both = [entry for entry in by_domain if speaks(entry, BY_NAME)]
        if len(both) == len(by_domain) or (self.policy.domain_only == "fallback" and not both):
            return kept, []
        alone = [entry for entry in by_domain if not speaks(entry, BY_NAME)]
        why = say("filtered.domain")
        if self.policy.domain_only == "fallback":
            why = say("filtered.domain.fallback", name=both[0].name)
        left_out = {entry.id for entry in alone}
        return [entry for entry in kept if entry.id not in left_out], [(entry, why) for entry in alone]

    def _by_people(self, sifted: _Sifted, entry: Entrant, kind: str, reason: str) -> Match:
        candidate = entry.candidate(1.0, Evidence(kind, reason, 0.0))
        return Match("matched", candidate, self._runners_up(sifted, entry), reason, "", _told(sifted.out))

    def _always(self, sifted: _Sifted) -> Match:
        """Choose among the accounts that a pair gives to the lead, of the most exact pairs."""
        exact = max(entry.pair.precedence for entry in sifted.chosen if entry.pair)
        tied = [entry for entry in sifted.chosen if entry.pair and entry.pair.precedence == exact]
        settled = self._settled(tied)
        winner = next(entry for entry in tied if entry.id == settled.winner.id)
        found = self._by_people(sifted, winner, "always", winner.pair.told if winner.pair else "")
        if not settled.is_open:
            return replace(found, tie=settled.why)
        undecided = replace(found.account, confidence=round(1 / len(tied), 4)) if found.account else None
        told = needed.for_tie(self._contest(tied), self.policy)
        reason = _tied(settled, tied)
        return replace(found, status="review", account=undecided, reason=reason, tie=settled.why, needed=told)

    def _likeliest(self, sifted: _Sifted) -> Match:
        kept, best = sifted.kept, sifted.kept[0]
        widest = math.log1p(self.policy.tie) + 1e-6
        tied = [entry for entry in kept if best.ranked.score - entry.ranked.score <= widest]
        settled = self._settled(tied)
        winner = next(entry for entry in tied if entry.id == settled.winner.id)
        # Those it was tied with do not count against it: the tie is the policy's to decide.
        beaten = {entry.id for entry in tied} - {winner.id}
        without = self._weighed([entry for entry in kept if entry.id not in beaten])
        alone = without.chances[winner.id]
        if not settled.is_open:
            winner = next(entry for entry in without.entries if entry.id == winner.id)
        likely = self.calibration.probability(alone)
        status, reason = self._judged(winner, likely, _tied(settled, tied))
        missing = needed.Outlook(self.lead, winner.ranked, likely, self.policy)
        told = (
            needed.for_tie(self._contest(tied), self.policy)
            if status == "review" and settled.is_open
            else needed.for_more(missing, status)
        )
        more = (self._ahead(sifted, winner), self._behind(kept, winner, status))
        told = strung(" ", [each for each in (told, *more) if each])
        if status == "none":
            return Match(status, None, self._runners_up(sifted, None), reason, "", _told(sifted.out), told)
        own = self._weighed(kept).chances[winner.id] if settled.is_open else alone
        candidate = winner.candidate(self.calibration.probability(own))
        others = self._runners_up(sifted, winner)
        return Match(status, candidate, others, reason, settled.why, _told(sifted.out), told, round(log_odds(own), 4))

    def _judged(self, winner: Entrant, likely: float, undecided: str) -> tuple[MatchStatus, str]:
        if likely < self.policy.review:
            return "none", say("match.unlikely", name=winner.name, percent=percent(likely))
        if undecided:
            return "review", undecided
        if likely < self.policy.accept:
            limit = percent(self.policy.accept)
            return "review", say("match.below", name=winner.name, percent=percent(likely), limit=limit)
        return "matched", ""  # who it is and how sure that is stand before the reason wherever a match is shown

    def _nobody(self, sifted: _Sifted) -> Match:
        if not sifted.out:
            return Match("none", reason=say("match.nothing"), needed=needed.for_any(self.lead))
        first, *more = [entry for entry, _ in sifted.out]
        reason = say("match.all filtered" if more else "match.one filtered", name=first.name)
        return Match("none", None, (), reason, "", _told(sifted.out), self._ahead(sifted, None))

    def _ahead(self, sifted: _Sifted, winner: Entrant | None) -> str:
        """Say which account would have been ahead of the winner, had it not been left out."""
        best = max((entry for entry, _ in sifted.out), key=lambda entry: entry.ranked.score, default=None)
        if best is None or (winner and best.ranked.score <= winner.ranked.score):
            return ""
        every = self._weighed([*sifted.others, *(entry for entry, _ in sifted.out)])
        likely = self.calibration.probability(every.chances[best.id])
        if likely < self.policy.review:
            return ""
        return say("needed.filtered", name=best.name, percent=percent(likely))

    def _behind(self, kept: Sequence[Entrant], winner: Entrant, status: MatchStatus) -> str:
        """Say what the first runner-up of a match lacked."""
        other = next((entry for entry in kept if entry.id != winner.id), None)
        if other is None or status != "matched":
            return ""
        likely = self.calibration.probability(self._weighed(kept).chances[other.id])
        return needed.for_other(winner.ranked, other.ranked, likely, self.policy)

    def _runners_up(self, sifted: _Sifted, winner: Entrant | None) -> tuple[Candidate, ...]:
        running = [*sifted.others, *([winner] if winner and winner is sifted.linked and winner.is_ranked else [])]
        weighed = self._weighed(running)
        others = [entry for entry in weighed.entries if not winner or entry.id != winner.id][:RUNNERS_UP]
        return tuple([entry.candidate(self.calibration.probability(weighed.chances[entry.id])) for entry in others])

    def _weighed(self, entries: Sequence[Entrant]) -> _Weighed:
        """Return these accounts weighed beside each other alone: once, as several questions are about the same ones."""
        ids = tuple([entry.id for entry in entries])
        if ids not in self.weighed:
            found = weighed_anew(entries)
            self.weighed[ids] = _Weighed(found, chances(found))
        return self.weighed[ids]

    def _contest(self, tied: Iterable[Entrant]) -> Contest:
        return Contest(self.lead, tuple(entry.record for entry in tied), self.users)

    def _settled(self, tied: Iterable[Entrant]) -> Settled:
        return self._contest(tied).settled(self.policy.prefer)


def _tied(settled: Settled, tied: Iterable[Entrant]) -> str:
    """Say between which accounts a person should choose; empty when it was decided."""
    among = [entry.record for entry in tied]
    return say("match.tied", names=listed(settled.left, among)) if settled.is_open else ""


def _told(out: Iterable[tuple[Entrant, str]]) -> tuple[Filtered, ...]:
    likeliest = sorted(out, key=lambda each: (-round(each[0].ranked.score, 6), each[0].id))
    return tuple(Filtered(entry.id, entry.name, why) for entry, why in likeliest[:RUNNERS_UP])
