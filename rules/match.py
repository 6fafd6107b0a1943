"""Which account a lead belongs to: blocking keys to find candidates, evidence to compare them, a policy to decide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rules import evidence, normalize
from rules.evidence import Peers
from rules.legal_forms import COMMON_WORDS
from rules.model import Candidate, Match, MatchStatus, Record
from rules.parts import MatchPolicy
from rules.profile import Profile, profile
from rules.words import percent, showable

__all__ = ["MatchPolicy", "keys", "match"]

RUNNERS_UP = 5
"""How many other candidates a match keeps for the explanation."""

AS_LIKELY = 0.25
"""Two accounts whose log-odds differ by less than this are as likely as each other."""

_PREFIX = 6
_TOKEN = 4
_LAST = math.inf
_LARGEST = 10**12


def keys(record: Record) -> tuple[str, ...]:
    """Return the blocking keys of a lead or an account: two records that share one are worth comparing.

    ``domain:`` registrable domain, ``label:`` what the domain (or the whole name) spells, ``name:`` sorted core name,
    ``token:`` each uncommon word of four letters or more, ``prefix:`` first letters of the squashed name, for typos,
    ``initials:`` a short name or the first letters of a long one. Names are keyed in their own script and in Latin.
    """
    side = profile(record)
    found = [f"domain:{domain}" for domain in side.domains]
    found += [f"label:{label}" for label in sorted(side.labels)]
    for name in dict.fromkeys(filter(None, (side.name, side.latin))):
        found += _name_keys(name)
    return tuple(dict.fromkeys(found))


def _name_keys(name: str) -> list[str]:
    parts, squashed = name.split(), normalize.squash(name)
    found = [f"name:{' '.join(sorted(parts))}", f"label:{squashed}"]
    found += [f"token:{part}" for part in parts if len(part) >= _TOKEN and part not in COMMON_WORDS]
    found += [f"prefix:{squashed[:_PREFIX]}"] if len(squashed) >= _PREFIX else []
    first_letters = "".join(part[0] for part in parts if part not in evidence.SMALL_WORDS)
    short = squashed if len(parts) == 1 else first_letters
    return found + ([f"initials:{short}"] if 3 <= len(short) <= _PREFIX else [])  # noqa: PLR2004 - as in the clue


@dataclass(frozen=True, slots=True)
class _Weighed:
    candidate: Candidate
    log_odds: float
    record: Record


def match(lead: Record, candidates: Sequence[Record], *, policy: MatchPolicy) -> Match:
    """Choose the account of a lead among candidates (in any order), with the evidence for it and its runners-up.

    An account that the lead is linked to already is kept, whatever the evidence: people make links. Two accounts that
    are as likely make a ``review``, unless one person owns both.
    """
    if not candidates:
        return Match("none", reason="No account has anything in common with this lead.")
    ranked = sorted(_weigh(lead, candidates), key=_rank)
    linked = next((weighed for weighed in ranked if weighed.candidate.account_id == lead.text("account_id")), None)
    best = linked or ranked[0]
    others = tuple(weighed for weighed in ranked if weighed is not best)
    status: MatchStatus
    status, reason = (
        ("matched", "The lead is already linked to this account.") if linked else _judge(best, others, policy)
    )
    runners_up = tuple(weighed.candidate for weighed in others[:RUNNERS_UP])
    if status == "none":
        return Match(status, None, (best.candidate, *runners_up)[:RUNNERS_UP], reason)
    return Match(status, best.candidate, runners_up, reason)


def _weigh(lead: Record, candidates: Sequence[Record]) -> list[_Weighed]:
    side = profile(lead)
    unique = {account.id: account for account in candidates}
    profiles = [profile(account) for account in unique.values()]
    peers = Peers.of(profiles)
    return [_weigh_one(side, account, peers) for account in profiles]


def _weigh_one(lead: Profile, account: Profile, peers: Peers) -> _Weighed:
    found = evidence.gather(lead, account, peers)
    record = account.record
    candidate = Candidate(record.id, showable(record.text("name")), record.owner_id, evidence.confidence(found), found)
    return _Weighed(candidate, evidence.log_odds(found), record)


def _rank(weighed: _Weighed) -> tuple[float, bool, float, float, str]:
    """Order candidates, best first: likelier, a customer, more employees, older, smaller id."""
    record = weighed.record
    employees = record.fields.get("employees")
    size = min(employees, _LARGEST) if isinstance(employees, int | float) else 0
    created = record.created_at.timestamp() if record.created_at else _LAST
    customer = record.text("type").casefold().startswith("customer")
    return -round(weighed.log_odds, 6), not customer, -size, created, record.id


def _judge(best: _Weighed, others: Sequence[_Weighed], policy: MatchPolicy) -> tuple[MatchStatus, str]:
    likely = best.candidate.confidence
    if likely < policy.review:
        return "none", f"No account is likely enough: the best is {best.candidate.name} with {percent(likely)}."
    rival = next(
        (other for other in others if best.log_odds - other.log_odds < AS_LIKELY and _owned_apart(best, other)), None
    )
    if rival:
        return "review", f"{best.candidate.name} and {rival.candidate.name} are equally likely: a person should choose."
    if likely < policy.accept:
        return (
            "review",
            f"{best.candidate.name} is likely ({percent(likely)}), but below the limit of {percent(policy.accept)}.",
        )
    return "matched", ""  # who it is and how sure that is stand before the reason wherever a match is shown


def _owned_apart(one: _Weighed, other: _Weighed) -> bool:
    owner = one.candidate.owner_id
    return owner is None or owner != other.candidate.owner_id
