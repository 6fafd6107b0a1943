"""A contest between accounts that are as likely: the tie-breakers in order, then whoever owns all that are left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from rules import compare
from rules.model import Record, User
from rules.preferences import KINDS, WITHIN_ONE_OWNER, Preference, because
from rules.words import say, showable

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Settled:
    """How a contest ended: its winner, in words what decided, and whether nothing but the id could tell them apart."""

    winner: Record
    why: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Contest:
    """Accounts that are as likely for a lead."""

    lead: Record
    accounts: tuple[Record, ...]
    users: Mapping[str, User]

    def narrowed(self, preference: Preference) -> tuple[Record, ...]:
        """Return the accounts that a tie-breaker prefers; all of them when it sees no difference."""
        worth = {account.id: KINDS[preference.kind][1](preference, account, self) for account in self.accounts}
        best = max(worth.values(), default=0.0)
        return tuple(account for account in self.accounts if worth[account.id] == best)

    def settled(self, prefer: Sequence[Preference]) -> Settled:
        """Return the winner by these tie-breakers.

        Accounts of one owner need no person to choose: size, age and at last the id decide between them.
        """
        if len(self.accounts) == 1:
            return Settled(self.accounts[0])
        left, decisive = _after(self, prefer)
        if owner_of_all(left):
            left, more = _after(replace(self, accounts=left), WITHIN_ONE_OWNER)
            decisive += more
        winner = min(left, key=lambda account: account.id)
        if len(left) > 1 and not owner_of_all(left):
            return Settled(winner, say("tie.open"), is_open=True)
        reasons = [because(each, winner) for each in decisive] + ([say("prefer.id")] if len(left) > 1 else [])
        sentence = "tie.one owner" if owner_of_all(self.accounts) else "tie.decided"
        why = reduce(lambda first, last: say("tie.then", first=first, last=last), dict.fromkeys(reasons))
        return Settled(
            winner, say(sentence, names=listed(self.accounts), winner=told_apart(self.accounts)[winner.id], why=why)
        )


def _after(contest: Contest, prefer: Sequence[Preference]) -> tuple[tuple[Record, ...], list[Preference]]:
    """Return the accounts that all of these tie-breakers leave, and the tie-breakers that saw a difference."""
    decisive: list[Preference] = []
    for preference in prefer:
        better = contest.narrowed(preference)
        if len(better) < len(contest.accounts):
            contest = replace(contest, accounts=better)
            decisive.append(preference)
    return contest.accounts, decisive


def owner_of_all(accounts: Sequence[Record]) -> str:
    """Return the id of the one owner of all these accounts; empty when they have several, or one has none."""
    owners = {account.owner_id for account in accounts}
    return next(iter(owners)) or "" if len(owners) == 1 else ""


def listed(accounts: Sequence[Record]) -> str:
    """Return the names of accounts as a list for people; the first few of many."""
    names = list(told_apart(accounts).values())
    if len(names) > _NAMED:
        names = [*names[:_NAMED], say("more", count=len(names) - _NAMED)]
    *first, last = names
    return say("and", first=", ".join(first), last=last) if first else last


def told_apart(accounts: Sequence[Record]) -> dict[str, str]:
    """Return the names of accounts by id, for people; where several have one name, the id stands beside it."""
    names = {account.id: showable(account.text("name")) or account.id for account in accounts}
    common = Counter(compare.folded(name) for name in names.values())
    return {id_: f"{name} ({id_})" if common[compare.folded(name)] > 1 else name for id_, name in names.items()}
