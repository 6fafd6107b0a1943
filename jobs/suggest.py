"""Suggestions from the index, by the evidence that leads have: accounts that may be one, accounts for contacts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from connector.index import Index
from connector.store import pairs
from connector.store.base import Database
from connector.store.seal import Seal
from jobs import reviews
from rules.matching.calibrate import logistic
from rules.matching.pairs import NO_PAIRS, Pair, Pairs, strongest
from rules.matching.profile import Profile
from rules.matching.ranking import Shortlist, rank
from rules.model import Evidence, Kind, Record

PAGE = 200
"""Accounts that are read at once."""
SPARE = 20
"""How many times the wanted number of pairs is held before the less likely ones are let go."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A contact or an account, and an account, by id and name: how likely (0 to 1) they belong together, and why."""

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
    kind: Kind = "account",
    seen: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Suggestion]:
    """Return the likeliest pairs, best first, at most `limit` and none below `least` (0 to 1).

    Each account, or each contact or lead without an account (`kind`), stands once on the side of the lead. Parent and
    child are no news and left out, and so is what a person has said: that accounts are different, or that a contact or
    lead does not belong to one. `seen` is told after each page how many records of how many were looked at.
    """
    best: dict[frozenset[str], Suggestion] = {}
    after, done, total = "", 0, 0
    while True:
        with database.read() as connection:
            index = Index(connection, install_id, seal)
            total = total or index.count(kind)
            ids = index.page(kind, after=after, size=PAGE)
            records = [
                each for each in index.get(kind, ids).values() if kind == "account" or not each.text("account_id")
            ]
            lists = index.alike(records) if kind == "account" else index.accounts(records)
            answers = reviews.learned(connection, install_id, seal).pairs if kind != "account" else NO_PAIRS
            found = [each for record in records for each in _like(record, lists[record.id], least, answers)]
            named = {one for each in found for one in (each.one[0], each.other[0])}
            said = pairs.labels(connection, install_id, seal, named) if kind == "account" else {}
        for each in found:
            pair = frozenset((each.one[0], each.other[0]))
            if pair in said and said[pair].status == "different":
                continue
            if pair not in best or best[pair].likely < each.likely:
                best[pair] = each
        if len(best) > SPARE * limit:
            best = {frozenset((each.one[0], each.other[0])): each for each in _first(best, limit)}
        done += len(ids)
        seen(done, max(total, done))
        if len(ids) < PAGE:
            return _first(best, limit)
        after = ids[-1]


def _like(record: Record, shortlist: Shortlist, least: float, answers: Pairs) -> Iterator[Suggestion]:
    """Yield the accounts that one may belong to, or be the same as; of a contact the likeliest alone."""
    about = answers.about(record)
    ranked = [each for each in rank(record, shortlist) if not _is_apart(about, each.profile)]
    for each in ranked if record.kind == "account" else ranked[:1]:
        other, likely = each.profile, logistic(each.score)
        is_kin = other.id == record.text("parent_id") or other.parent_id == record.id
        if likely >= least and not is_kin:
            one = record.id, record.text("name") or record.text("email")
            yield Suggestion(one, (other.id, other.name), round(likely, 4), each.evidence)


def _is_apart(about: Sequence[Pair], account: Profile) -> bool:
    """Tell whether a person said that those whom pairs are about do not belong to an account."""
    found = strongest(about, Record("account", account.id, {"name": account.name})) if about else None
    return found is not None and found.verdict == "never"


def _first(best: dict[frozenset[str], Suggestion], limit: int) -> list[Suggestion]:
    ordered = sorted(best.values(), key=lambda each: (-each.likely, each.one[0], each.other[0]))
    return ordered[:limit]
