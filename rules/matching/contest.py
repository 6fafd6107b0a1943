"""A contest between accounts that are as likely: the tie-breakers in order, then whoever owns all that are left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

from rules.clauses import compare
from rules.matching.preferences import KINDS, WITHIN_ONE_OWNER, Preference, because
from rules.model import Record, User
from rules.wording.words import say, showable

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Settled:
    """How a contest ended: its winner, and in words what decided.

    `left` are the accounts that nothing but the id could tell apart, the best of each owner; none when it was decided.
    """

    winner: Record
    why: str = ""
    left: tuple[Record, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether a person should choose."""
        return bool(self.left)


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

        Accounts of one owner need no person to choose: size, age and at last the id decide between them. That this
        comes after the tie-breakers changes no winner: the best of all is the best of its owner's. Only ``parent`` and
        ``child`` would see fewer relatives, had each owner's accounts been made one before.
        """
        if len(self.accounts) == 1:
            return Settled(self.accounts[0])
        left, decisive = _after(self, prefer)
        of_owners = [_after(replace(self, accounts=own), WITHIN_ONE_OWNER) for own in _by_owner(left)]
        best = [min(own, key=lambda account: account.id) for own, _ in of_owners]
        if len(best) > 1:
            return Settled(min(best, key=lambda account: account.id), say("tie.open"), tuple(best))
        (winner,), ((left, more),) = best, of_owners
        reasons = [because(each, winner) for each in (*decisive, *more)]
        reasons += [say("prefer.id")] if len(left) > 1 else []
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


def _by_owner(accounts: Sequence[Record]) -> list[tuple[Record, ...]]:
    """Return the accounts of each owner; one without an owner is by itself."""
    found: defaultdict[tuple[str, str], list[Record]] = defaultdict(list)
    for account in accounts:
        found[(account.owner_id, "") if account.owner_id else ("", account.id)].append(account)
    return [tuple(own) for own in found.values()]


def owner_of_all(accounts: Sequence[Record]) -> str:
    """Return the id of the one owner of all these accounts; empty when they have several, or one has none."""
    owners = {account.owner_id for account in accounts}
    return next(iter(owners)) or "" if len(owners) == 1 else ""


def listed(accounts: Sequence[Record], among: Sequence[Record] = ()) -> str:
    """Return the names of accounts as a list for people, told apart `among` others too; the first few of many."""
    every = told_apart((*accounts, *among))
    names = [every[account.id] for account in accounts]
    if len(names) > _NAMED:
        names = [*names[:_NAMED], say("more", count=len(names) - _NAMED)]
    *first, last = names
    return say("and", first=", ".join(first), last=last) if first else last


def told_apart(accounts: Sequence[Record]) -> dict[str, str]:
    """Return the names of accounts by id, for people; where several have one name, the id stands beside it."""
    names = {account.id: showable(account.text("name")) or account.id for account in accounts}
    common = Counter(compare.folded(name) for name in names.values())
    return {id_: f"{name} ({id_})" if common[compare.folded(name)] > 1 else name for id_, name in names.items()}
