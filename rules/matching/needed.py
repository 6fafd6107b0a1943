"""What would have needed to differ: why a match was not taken, and what would have made it one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rules.matching.calibrate import log_odds, logistic
from rules.matching.contest import Contest, told_apart
from rules.matching.policy import MatchPolicy
from rules.matching.preferences import CUSTOMERS, Preference
from rules.matching.profile import profile
from rules.matching.ranking import Ranked
from rules.model import Evidence, MatchStatus, Record
from rules.wording.said import strung, unstopped
from rules.wording.words import percent, say, showable

_HEAVY = -0.3
"""Evidence against that weighs less than this changes too little to be named."""
_THINKABLE = 0.01
"""A runner-up that is less likely needs no word."""
_OFTEN_ASKED = (
    Preference("customer", types=CUSTOMERS), Preference("active owner"), Preference("lead's country"),
    Preference("ultimate parent"), Preference("highest", field="employees"), Preference("highest", field="revenue"),
    Preference("oldest"),
)  # fmt: skip
"""The tie-breakers that are proposed: those that need nothing to be asked of the CRM."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a choice stands: the best account and how likely it is (0 to 1, calibrated)."""

    lead: Record
    best: Ranked
    likely: float
    policy: MatchPolicy


def for_more(outlook: Outlook, status: MatchStatus) -> str:
    """Return what the best account lacked to be matched; empty when it is."""
    if status == "matched":
        return ""
    limits = {"accept": percent(outlook.policy.accept), "review": percent(outlook.policy.review)}
    short = say("needed.accept" if status == "review" else "needed.review", percent=percent(outlook.likely), **limits)
    return strung(" ", [each for each in (short, _against(outlook), _missing(outlook)) if each])


def for_other(best: Ranked, other: Ranked, likely: float, policy: MatchPolicy) -> str:
    """Return what a runner-up lacked to be as likely as the best; empty when nobody would have thought of it."""
    gap = best.score - other.score - math.log1p(policy.tie)
    if likely < _THINKABLE or gap <= 0:
        return ""
    values = {"name": showable(other.profile.name), "percent": percent(likely), "gap": f"{gap:+.1f}"}
    worst = _worst(other)
    if worst is None:
        return say("needed.other", **values)
    return say("needed.other.against", clue=unstopped(worst.text), weight=f"{worst.weight:+.1f}", **values)


def for_tie(contest: Contest, policy: MatchPolicy) -> str:
    """Return which tie-breaker, behind those of the policy, would have decided between accounts of several owners."""
    for preference in _OFTEN_ASKED:
        settled = contest.settled((*policy.prefer, preference))
        if preference not in policy.prefer and not settled.is_open:
            return say("needed.tie", preference=preference, name=told_apart(contest.accounts)[settled.winner.id])
    return say("needed.tie.nothing")


def for_any(lead: Record) -> str:
    """Return what an account would have needed to have in common with a lead, or what the lead does not say."""
    side = profile(lead)
    lacks = [field for field, has in (("company", side.name), ("domain", side.domains)) if not has]
    return strung(" ", [each for each in (_unsaid(lacks), say("needed.common")) if each])


def _against(outlook: Outlook) -> str:
    """Return the heaviest evidence against the account, and how likely it would be without."""
    worst = _worst(outlook.best)
    if worst is None:
        return ""
    without = logistic(log_odds(outlook.likely) - worst.weight)
    return say("needed.without", clue=unstopped(worst.text), weight=f"{worst.weight:+.1f}", percent=percent(without))


def _worst(ranked: Ranked) -> Evidence | None:
    """Return the heaviest evidence against an account; None when nothing speaks much against it."""
    worst = min(ranked.evidence, key=lambda clue: clue.weight, default=None)
    return worst if worst and worst.weight <= _HEAVY else None


def _missing(outlook: Outlook) -> str:
    """Return what the lead does not say although the account does."""
    lead, account = outlook.best.lead or profile(outlook.lead), outlook.best.profile
    both = (
        ("company", lead.name, account.name),
        ("domain", lead.domains, account.domains),
        ("country", lead.country, account.country),
        ("phone", lead.phones, account.phones),
    )
    return _unsaid([field for field, mine, theirs in both if theirs and not mine])


def _unsaid(lacks: list[str]) -> str:
    told = [say(f"missing.{field}") for field in lacks[:2]]
    what = say("or", first=told[0], last=told[1]) if len(told) > 1 else strung("", told)
    return say("needed.missing", what=what) if what else ""
