"""Finding: from the keys that a record asks for to the few others that share the most telling ones."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

from sqlalchemy import Connection

from connector.index import marks
from connector.index.marks import ABOVE, KINDS, TAG, Hash
from connector.store import postings
from connector.store.books import Book
from connector.store.postings import BOOK_BITS
from connector.store.seal import Seal
from rules import dedupe
from rules.matching import keys
from rules.matching.profile import Profile, profile
from rules.matching.ranking import Rarity, Shortlist

KEY_CAP = 50
"""A key that more accounts share says too little to be worth reading: 100 finds no more than 60."""
PEOPLE_CAP = 60
"""The same for people: a switchboard or a shared mailbox has many."""
LEADS_CAP = 500
"""Leads that share a strong key with an account and are still looked at one by one; more are for a mass match."""
SHORTLIST = 12
"""Accounts per lead that are unsealed and compared: the ones whose keys promise most."""
LEAST, SURE = 0.3, 3
"""A share of the best score below which an account is left aside, unless it is among the first few."""
PEOPLE = 20
"""People per lead that are unsealed and compared: the ones that share the most keys."""
CONTACTED = 3
"""Accounts that join a shortlist because contacts of theirs use the lead's domain, those with the most first."""

_LOW = (1 << TAG) - 1


_AGREE: tuple[bool | None, ...] = (None, True, False)
_NEARNESS = [[keys.nearness(country=country, city=city) for city in _AGREE] for country in _AGREE]
"""What it says that an account's country and city agree with a lead's: unknown, yes, no."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a lead may be, as tags: any of these countries, this city. One tag in 255 agrees by chance."""

    countries: frozenset[int]
    city: int

    def near(self, scores: Mapping[int, float]) -> Mapping[int, float]:
        """Return scores by posting with what the postings' tags say about the place."""
        countries, city = self.countries, self.city
        if not countries and not city:
            return scores
        found = {}
        for posting, score in scores.items():
            its_country, its_city = posting >> TAG & _LOW, posting & _LOW
            agrees = (1 if its_country in countries else 2) if its_country and countries else 0
            found[posting] = score + _NEARNESS[agrees][(1 if its_city == city else 2) if its_city and city else 0]
        return found


class Accounts:
    """Accounts for a batch of leads, in few queries however many leads there are."""

    def __init__(self, connection: Connection, install_books: Sequence[Book], seal: Seal) -> None:
        self._connection, self._books, self._seal = connection, install_books, seal
        self._hashes: dict[str, int] = {}
        self._profiles: dict[int, Profile] = {}

    def shortlists(self, sides: Mapping[str, Profile], linked: Mapping[str, str]) -> dict[str, Shortlist]:
        """Return the shortlist of each lead's side, by its id; the account it is `linked` to is always on it."""
        if not self._books:
            return {each: Shortlist(lead=side) for each, side in sides.items()}
        total = sum(self._counted([marks.number_of(self._seal.hash, "account")]).values())
        best = self._best(sides, total)
        contacts = self._contacts(sides)
        also = {each: _also(linked.get(each), contacts[each]) for each in sides}
        ids = self._load({entry for found in best.values() for _, entry in found}, also.values())
        rarity = Rarity(total, self._rarity(sides))
        lists = {}
        for each, found in best.items():
            first = [entry for _, entry in found if entry in self._profiles][:SHORTLIST]
            chosen = dict.fromkeys([*first, *(ids[account] for account in also[each] if account in ids)])
            profiles = tuple(self._profiles[entry] for entry in chosen)
            used = contacts[each]
            lists[each] = Shortlist(
                profiles, rarity, {side.id: used[side.id] for side in profiles if side.id in used}, sides[each]
            )
        return lists

    def _best(self, sides: Mapping[str, Profile], total: int) -> dict[str, list[tuple[float, int]]]:
        """Return the most promising entries of each lead with their scores, best first."""
        asked = {each: keys.asked(side) for each, side in sides.items()}
        hashes = self._hashed(set().union(*asked.values()))
        best: dict[str, list[tuple[float, int]]] = {each: [] for each in sides}
        known = self._hashes
        for book in self._books:
            rows = postings.postings(self._connection, book.number, hashes, most=KEY_CAP, staged=bool(book.staged))
            lists = {value: (math.log((total + 1) / len(found)), found) for value, found in rows}
            shared = {
                key: (keys.KINDS[key.partition(":")[0]] * lists[value][0], lists[value][1])
                for key, value in known.items()
                if value in lists
            }
            for each, side in sides.items():
                scores: defaultdict[int, float] = defaultdict(float)
                # In the order of the keys, as sums of floats depend on it.
                for says, found in filter(None, map(shared.get, asked[each])):
                    for posting in found:
                        scores[posting] += says
                best[each] += _top(self._place(side).near(scores), book.number << BOOK_BITS)
        if len(self._books) > 1:
            best = {each: sorted(found, key=lambda line: -line[0]) for each, found in best.items()}
        return best

    def _place(self, side: Profile) -> Place:
        hash_ = self._seal.hash
        return Place(frozenset(marks.country(hash_, code) for code in side.countries), marks.city(hash_, side.city))

    def _contacts(self, sides: Mapping[str, Profile]) -> dict[str, dict[str, int]]:
        """Return, per lead, how many contacts of which account use its domains."""
        domains = {domain for side in sides.values() for domain in side.domains}
        hashes = {domain: marks.domain_of_contacts(self._seal.hash, domain) for domain in domains}
        known = contacted(self._connection, self._books, hashes.values())
        lists: dict[str, dict[str, int]] = {}
        for each, side in sides.items():
            sums: defaultdict[str, int] = defaultdict(int)
            for domain in side.domains:
                for account_id, n in known.get(hashes[domain], {}).items():
                    sums[account_id] += n
            lists[each] = {account_id: min(n, KEY_CAP) for account_id, n in sums.items()}
        return lists

    def _load(self, entries: Collection[int], also: Iterable[Collection[str]]) -> dict[str, int]:
        """Open the profiles of entries, and of accounts by their id; return the entries of the latter."""
        wanted = sorted({account_id for some in also for account_id in some})
        ids: dict[str, int] = {}
        opened = set(entries)
        for book in self._books:
            for entry, account_id, *_ in postings.known(self._connection, book.number, KINDS["account"], wanted):
                opened.add(ids.setdefault(account_id, entry))
        old = {each.number for each in self._books if each.version != keys.VERSION}
        stale = {entry for entry in opened if entry >> BOOK_BITS in old} if old else set()
        for entry, account_id, sealed in postings.profiles(self._connection, opened - stale):
            self._profiles[entry] = marks.open_profile(self._seal, account_id, sealed)
        # Another version's profiles may be packed in another way; whole records are not.
        for entry, _, account_id, sealed in postings.whole(self._connection, stale):
            self._profiles[entry] = profile(marks.open_record(self._seal, "account", account_id, sealed))
        return ids

    def _rarity(self, sides: Mapping[str, Profile]) -> dict[str, int]:
        """Return how many accounts share each word and each of the leads' domains."""
        wanted = {f"word:{word}" for side in (*sides.values(), *self._profiles.values()) for word in side.tokens}
        wanted.update(f"domain:{domain}" for side in sides.values() for domain in side.domains)
        self._hashed(wanted)
        counts = self._counted([self._hashes[key] for key in wanted], most=True)
        return {key: n for key in wanted if (n := counts.get(self._hashes[key]))}

    def _counted(self, hashes: Collection[int], *, most: bool = False) -> dict[int, int]:
        """Return counters, summed over the books; or the `most` of them, where an older book counts what has moved."""
        counts: dict[int, int] = {}
        for book in self._books:
            for value, n in postings.counts(self._connection, book.number, hashes).items():
                counts[value] = max(n, counts.get(value, 0)) if most else n + counts.get(value, 0)
        return counts

    def _hashed(self, wanted: Collection[str]) -> list[int]:
        """Return the hashes of keys, each worked out once for a batch."""
        known = self._hashes
        new = [key for key in wanted if key not in known]
        known.update(zip(new, self._seal.hashes(new), strict=True))
        return sorted(set(map(known.__getitem__, wanted)))


def people(
    connection: Connection, install_books: Sequence[Book], hash_: Hash, wanted: Mapping[str, Collection[str]]
) -> dict[str, list[int]]:
    """Return, per lead id, the entries of the people whose keys in common with its `wanted` ones say most."""
    hashes = {
        lead_id: {hash_(f"person {key}"): dedupe.KINDS[key.partition(":")[0]] for key in found}
        for lead_id, found in wanted.items()
    }
    every = sorted({value for mine in hashes.values() for value in mine})
    best: dict[str, list[tuple[float, int]]] = {lead_id: [] for lead_id in wanted}
    for book in install_books:
        lists = dict(postings.postings(connection, book.number, every, most=PEOPLE_CAP, staged=bool(book.staged)))
        for lead_id, mine in hashes.items():
            scores: defaultdict[int, float] = defaultdict(float)
            for value, says in mine.items():
                found = lists.get(value, ())
                for posting in found:
                    scores[posting] += says / (1 + math.log(len(found)))
            best[lead_id] += _top(scores, book.number << BOOK_BITS, most=PEOPLE + 1)
    return {lead_id: [entry for _, entry in found] for lead_id, found in best.items()}


def contacted(
    connection: Connection, install_books: Sequence[Book], hashes: Collection[int]
) -> dict[int, dict[str, int]]:
    """Return, by the hash of a mail domain, whose contacts use it: accounts' ids, with how many contacts.

    A domain that contacts of more than KEY_CAP accounts use is not in it.
    """
    known: dict[int, dict[str, int]] = {value: {} for value in hashes}
    for book in install_books:
        for value, some in postings.contacts(connection, book.number, hashes, limit=KEY_CAP + 1).items():
            if len(some) > KEY_CAP:
                known.pop(value, None)
            for account_id, n in some if value in known else ():
                # An older book still counts contacts that have moved to the newer one.
                known[value][account_id] = max(n, known[value].get(account_id, 0))
    return known


def leads(
    connection: Connection,
    install_books: Sequence[Book],
    hash_: Hash,
    accounts: Iterable[Profile],
    domains: Iterable[str] = (),
) -> dict[str, frozenset[str]]:
    """Return the ids of leads that share a strong key with accounts, each with the ids of these accounts.

    Those who only write from one of these mail domains come with no id.
    """
    callers: defaultdict[int, set[str]] = defaultdict(set)
    for side in accounts:
        for value in marks.called(hash_, side).values():
            callers[value].add(side.id)
    for domain in domains:
        callers[marks.calling(hash_, domain)].update(())
    found: defaultdict[int, set[str]] = defaultdict(set)
    for book in install_books:
        rows = postings.postings(connection, book.number, sorted(callers), most=LEADS_CAP, staged=bool(book.staged))
        for value, posted in rows:
            for posting in posted:
                found[book.number << BOOK_BITS | posting >> ABOVE] |= callers[value]
    concerned: defaultdict[str, set[str]] = defaultdict(set)
    for entry, kind, lead_id, _ in postings.whole(connection, found):
        if kind == KINDS["lead"]:
            concerned[lead_id] |= found[entry]
    return {lead_id: frozenset(ids) for lead_id, ids in concerned.items()}


def _top(scores: Mapping[int, float], book: int, *, most: int = SHORTLIST) -> list[tuple[float, int]]:
    """Return the entries with the highest scores; ties by the tag, which is the same in every build of the index."""
    best_scores = sorted(scores.values(), reverse=True)[:most]
    least = best_scores[-1] if len(scores) > most else -math.inf
    if len(best_scores) > SURE:
        least = max(least, min(best_scores[SURE - 1], LEAST * best_scores[0]))
    best = [(-score, posting) for posting, score in scores.items() if score >= least]
    best.sort(key=lambda line: (line[0], line[1] >> 2 * TAG & _LOW, line[1]))
    return [(-score, book | posting >> ABOVE) for score, posting in best[:most]]


def _also(linked: str | None, contacts: Mapping[str, int]) -> list[str]:
    """Return the accounts that are on a shortlist whatever their keys: the linked one, those of the contacts."""
    most = nlargest(CONTACTED, contacts, key=lambda account_id: (contacts[account_id], account_id))
    return [linked, *most] if linked else most
