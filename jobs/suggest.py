"""Accounts that may be one and the same, or belong together: pairs of the index, by the evidence that leads have."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from connector.index import Index
from connector.store.base import Database
from connector.store.seal import Seal
from rules.model import Evidence, Record
from rules.ranking import logistic, rank

PAGE = 200
"""Accounts that are read at once."""
SPARE = 20
"""How many times the wanted number of pairs is held before the less likely ones are let go."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two accounts, by id and name, with the probability (0 to 1) that they belong together and what speaks for it."""

    one: tuple[str, str]
    other: tuple[str, str]
    likely: float
    evidence: tuple[Evidence, ...]


def suggestions(
    database: Database,
    install_id: str,
    seal: Seal,
    *,
    limit: int,
    least: float,
    seen: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Suggestion]:
    """Return the likeliest pairs of accounts, best first, at most `limit` and none below `least` (0 to 1).

    Each account stands once on the side of the lead. Parent and child are no news and left out. `seen` is told after
    each page how many accounts of how many were looked at.
    """
    best: dict[frozenset[str], Suggestion] = {}
    after, done, total = "", 0, 0
    while True:
        with database.read() as connection:
            index = Index(connection, install_id, seal)
            total = total or index.count("account")
            ids = index.page("account", after=after, size=PAGE)
            found = [each for account in index.get("account", ids).values() for each in _like(index, account, least)]
        for each in found:
            pair = frozenset((each.one[0], each.other[0]))
            if pair not in best or best[pair].likely < each.likely:
                best[pair] = each
        if len(best) > SPARE * limit:
            best = {frozenset((each.one[0], each.other[0])): each for each in _first(best, limit)}
        done += len(ids)
        seen(done, max(total, done))
        if len(ids) < PAGE:
            return _first(best, limit)
        after = ids[-1]


def _like(index: Index, account: Record, least: float) -> Iterator[Suggestion]:
    """Yield what one account may be the same as."""
    for each in rank(account, index.alike(account)):
        other, likely = each.profile, logistic(each.score)
        is_kin = other.id == account.text("parent_id") or other.parent_id == account.id
        if likely >= least and not is_kin:
            one = account.id, account.text("name")
            yield Suggestion(one, (other.id, other.name), round(likely, 4), each.evidence)


def _first(best: dict[frozenset[str], Suggestion], limit: int) -> list[Suggestion]:
    ordered = sorted(best.values(), key=lambda each: (-each.likely, each.one[0], each.other[0]))
    return ordered[:limit]
