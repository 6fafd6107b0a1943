"""One install's index: what is put in and taken out, and what is found in it."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from connector.index import changes, marks, search
from connector.index.changes import Changes, Kept, Prepared
from connector.index.marks import KINDS
from connector.index.search import PEOPLE, Accounts
from connector.store import books, postings, rulesets
from connector.store.books import Book
from connector.store.seal import Seal
from rules import dedupe
from rules.matching import keys
from rules.matching.profile import Profile, profile
from rules.matching.ranking import Shortlist
from rules.model import Kind, Record

_Ref = tuple[Kind, str]
"""Kind and record id."""
_OWN_BITS = 16
"""Bits of keys.VERSION in a book's version, which has 31."""
_NAMED = (1 << 31 - _OWN_BITS) - 1


class Index:
    """One install's index. All methods are part of the caller's transaction; one process at a time writes."""

    def __init__(self, connection: Connection, install_id: str, seal: Seal) -> None:
        self._connection, self._install_id, self._seal = connection, install_id, seal
        self._read: tuple[Book, ...] | None = None
        self._named: tuple[str, ...] | None = None

    def put(self, records: Iterable[Record]) -> None:
        """Add or replace records; only keys that changed are touched."""
        self.write(self.prepare(records))

    def prepare(
        self, records: Iterable[Record], gone: Iterable[_Ref] = (), *, watched: Collection[str] | None = None
    ) -> Prepared:
        """Work out what `write` will change: hashing and sealing need no write lock, only the one drain's lease.

        `gone` are records to be taken out, by kind and id. `watched` asks for the accounts that are `touched`, by the
        fields that matching reads beside the profile.
        """
        fresh = {(record.kind, record.id): record for record in records}
        old = dict.fromkeys(gone)
        kept, moved = self._kept_by_age([*fresh, *old])
        found = Changes(self._seal, watched=watched, ids=self._ids)
        for ref, record in fresh.items():
            found.put(record, kept.get(ref), moved.get(ref, ()))
        for ref in old:
            found.remove(*ref, kept.get(ref), moved.get(ref, ()))
        return found.prepared()

    def write(self, prepared: Prepared, *, staged: bool = False) -> None:
        """Write what `prepare` worked out. `staged` is for a build: keys wait beside the index for :meth:`merge`."""
        if not prepared:
            return
        book, _ = self._newest()
        if book is None:
            book = books.begin(self._connection, self._install_id, version=self._version)
        changes.write(self._connection, book, prepared, self._seal.hash, staged=staged)
        self._read = None

    def merge(self) -> int:
        """Move a slice of what a build has staged to its place; return how many rows are left."""
        left = books.merge(self._connection, self._books[0]) if self._books and self._books[0].staged else 0
        self._read = None
        return left

    @property
    def staged(self) -> int:
        """How many rows a build has staged."""
        return self._books[0].staged if self._books else 0

    @property
    def outdated(self) -> bool:
        """Whether the index was built with other keys than this code and the rules in force ask for, or not at all.

        Every record is to be read then.
        """
        return self._newest()[0] is None

    def renew(self) -> None:
        """Start anew with the keys that are asked for; what there was is still searched until :meth:`finish`."""
        books.begin(self._connection, self._install_id, version=self._version)
        self._read = None

    def finish(self) -> None:
        """Every record has been put since :meth:`renew`: let go of what there was before."""
        books.finish(self._connection, self._install_id)
        self._read = None

    def remove(self, kind: Kind, ids: Collection[str]) -> None:
        """Take records out."""
        self.write(self.prepare((), [(kind, each) for each in ids]))

    def get(self, kind: Kind, ids: Collection[str]) -> dict[str, Record]:
        """Return the records of these ids that the index knows."""
        found = self._kept(self._books, [(kind, each) for each in ids])
        return {ref[1]: marks.open_record(self._seal, *ref, some[0].sealed) for ref, some in found.items()}

    def accounts(self, records: Sequence[Record], *, free_mail: frozenset[str] = frozenset()) -> dict[str, Shortlist]:
        """Return, per id of a lead or a contact, the accounts it may belong to, most promising first.

        At most SHORTLIST, the account that it is linked to (`account_id`), and those of contacts with its mail domain.
        `free_mail` are mail domains that this customer knows to say nothing.
        """
        linked = {each.id: account_id for each in records if (account_id := each.text("account_id"))}
        return self._accounts().shortlists({each.id: profile(each, free_mail) for each in records}, linked)

    def alike(self, accounts: Sequence[Record]) -> dict[str, Shortlist]:
        """Return, per id of an account, the other accounts that it may be the same as, or belong to."""
        found = self._accounts().shortlists({each.id: profile(each) for each in accounts}, {})
        return {
            account_id: replace(each, profiles=tuple(other for other in each.profiles if other.id != account_id))
            for account_id, each in found.items()
        }

    def people(self, leads: Sequence[Record]) -> dict[str, list[Record]]:
        """Return, per lead id, the other leads and contacts that share a key with it."""
        wanted = {lead.id: dedupe.keys(lead, self._ids) for lead in leads}
        chosen = search.people(self._connection, self._books, self._seal.hash, wanted)
        rows = postings.whole(self._connection, {entry for found in chosen.values() for entry in found})
        records = {
            entry: marks.open_record(self._seal, marks.NAMES[kind], record_id, sealed)
            for entry, kind, record_id, sealed in rows
        }
        return {
            lead_id: [records[each] for each in found if each in records and records[each].id != lead_id][:PEOPLE]
            for lead_id, found in chosen.items()
        }

    def leads_of(self, accounts: Iterable[Profile], domains: Iterable[str] = ()) -> dict[str, frozenset[str]]:
        """Return the ids of leads that could belong to these accounts, by strong keys, each with the accounts' ids.

        Those who only write from one of these mail domains come with no account's.
        """
        return search.leads(self._connection, self._books, self._seal.hash, accounts, domains)

    def learned(self, prepared: Prepared) -> frozenset[str]:
        """Return the mail domains that an account gets by its contacts, of which it has none yet; before `write`.

        What contacts of very many accounts use says nothing, and is left out.
        """
        more = [pair for pair, n in (prepared.contacts or {}).items() if n > 0]
        had = search.contacted(self._connection, self._books, {value for value, _ in more})
        names = prepared.domains or {}
        return frozenset(names[value] for value, id_ in more if value in had and id_ not in had[value])

    def page(self, kind: Kind, *, after: str = "", size: int) -> list[str]:
        """Return the next record ids of a kind in the database's order, from the one behind `after`; "" begins."""
        numbers = [book.number for book in self._books]
        return postings.page(self._connection, numbers, KINDS[kind], after=after, size=size)

    def count(self, kind: Kind) -> int:
        """Return how many records of a kind are indexed."""
        hashes = [marks.number_of(self._seal.hash, kind)]
        found = (postings.counts(self._connection, book.number, hashes) for book in self._books)
        return sum(n for counts in found for n in counts.values())

    @property
    def _books(self) -> tuple[Book, ...]:
        if self._read is None:
            self._read = books.of(self._connection, self._install_id)
        return self._read

    @property
    def _ids(self) -> tuple[str, ...]:
        """The fields in which one value is one person, of which people have keys."""
        if self._named is None:
            self._named = rulesets.ids(self._connection, self._install_id)
        return self._named

    @property
    def _version(self) -> int:
        """The version of the keys: of this code's, and above it which fields' values are keys beside."""
        named = " ".join(self._ids)
        return keys.VERSION | (zlib.crc32(named.encode()) % _NAMED + 1 if named else 0) << _OWN_BITS

    def _newest(self) -> tuple[Book | None, tuple[Book, ...]]:
        """Return the book that this code writes to, if there is one, and the older ones."""
        if self._books and self._books[0].version == self._version:
            return self._books[0], self._books[1:]
        return None, self._books

    def _accounts(self) -> Accounts:
        return Accounts(self._connection, self._books, self._seal)

    def _kept_by_age(self, refs: Collection[_Ref]) -> tuple[dict[_Ref, Kept], dict[_Ref, list[Kept]]]:
        """Return what the newest book has of these records, and what older ones have."""
        book, older = self._newest()
        kept = self._kept([book] if book else [], refs)
        return {ref: found[0] for ref, found in kept.items()}, self._kept(older, refs)

    def _kept(self, some: Iterable[Book], refs: Iterable[_Ref]) -> dict[_Ref, list[Kept]]:
        """Return what books have of these records, in the order of the books."""
        ids: dict[Kind, list[str]] = defaultdict(list)
        for kind, record_id in refs:
            ids[kind].append(record_id)
        found: dict[_Ref, list[Kept]] = defaultdict(list)
        for book in some:
            for kind, wanted in ids.items():
                rows = postings.known(self._connection, book.number, KINDS[kind], wanted)
                for entry, record_id, profile_, sealed in rows:
                    found[kind, record_id].append(Kept(entry, profile_, sealed))
        return found
