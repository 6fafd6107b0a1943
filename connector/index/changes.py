"""What an update of the index will change, worked out before anything is locked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from connector.index import marks
from connector.index.marks import ABOVE, KINDS, NOTHING, Hash, Marks
from connector.store import books, postings
from connector.store.books import Book
from connector.store.postings import BOOK_BITS
from connector.store.seal import Seal
from rules.matching.profile import Profile, profile
from rules.model import Kind, Record

NUMBER = (1 << BOOK_BITS) - 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One record as the index keeps it. `number` is None for a new one."""

    kind: Kind
    record_id: str
    number: int | None
    profile: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an update of the index will change: entries, and the keys, counts and contacts that come and go.

    `new` pairs a hash and tags with the place of its entry in `entries`; `gone` pairs a hash with a posting. `moved`
    are the entries in older books, which these replace; `removed` are the ids of entries that go. `touched` are the
    accounts that matching sees with other eyes, as they were and as they are, where that was asked for. `domains` are
    the mail domains of contacts that come, by the hashes that `contacts` has for them. False when nothing changes.
    """

    entries: tuple[Entry, ...] = ()
    new: tuple[tuple[int, int, int], ...] = ()
    gone: tuple[tuple[int, int], ...] = ()
    counts: Mapping[int, int] | None = None
    contacts: Mapping[tuple[int, str], int] | None = None
    removed: tuple[int, ...] = ()
    moved: tuple[tuple[Kind, int], ...] = ()
    touched: tuple[Profile, ...] = ()
    domains: Mapping[int, str] | None = None

    def __bool__(self) -> bool:
        return bool(self.entries or self.removed or self.moved)


@dataclass(frozen=True, slots=True)
class Kept:
    """A record as a book has it."""

    id: int
    profile: bytes
    sealed: bytes


class Changes:
    """Collects what many records change.

    `watched` are account fields that matching reads beside the profile: an account is `touched` when they, or its
    profile, change. None when nobody wants to know. `ids` are fields of people in which one value is one person.
    """

    def __init__(self, seal: Seal, *, watched: Collection[str] | None = None, ids: Sequence[str] = ()) -> None:
        self._seal, self._hash, self._watched, self._ids = seal, seal.hash, watched, ids
        self._touched: list[Profile] = []
        self._entries: list[Entry] = []
        self._new: list[tuple[int, int, int]] = []
        self._gone: list[tuple[int, int]] = []
        self._counts: Counter[int] = Counter()
        self._contacts: Counter[tuple[int, str]] = Counter()
        self._domains: dict[int, str] = {}
        self._removed: list[int] = []
        self._moved: list[tuple[Kind, int]] = []

    def put(self, record: Record, kept: Kept | None, moved: Sequence[Kept]) -> None:
        """Add or replace one record, which the newest book keeps as `kept` and older ones as `moved`."""
        self._moved += [(record.kind, each.id) for each in moved]
        old = marks.open_record(self._seal, record.kind, record.id, kept.sealed) if kept else None
        if old == record:
            return
        now, side = marks.of_record(self._seal, record, self._ids)
        before = self._before(old, kept)
        number = kept.id & NUMBER if kept else None
        place = len(self._entries)
        profile = marks.close_profile(self._seal, side) if side else b""
        self._entries.append(Entry(record.kind, record.id, number, profile, marks.close_record(self._seal, record)))
        stays = now.tags == before.tags
        self._new += [(each, now.tags, place) for each in (now.hashes - before.hashes if stays else now.hashes)]
        self._lose(before.hashes - now.hashes if stays else before.hashes, before.tags, number)
        self._count(before, now, record.kind, 0 if kept else 1)
        if side and self._watched is not None:
            self._touch(side, record, old or self._last(record.kind, record.id, None, moved))

    def remove(self, kind: Kind, record_id: str, kept: Kept | None, moved: Sequence[Kept]) -> None:
        """Take out one record, from the newest book and from older ones."""
        self._moved += [(kind, each.id) for each in moved]
        if kind == "account" and self._watched is not None:
            was = self._last(kind, record_id, kept, moved)
            self._touched += [profile(was)] if was else []
        if kept is None:
            return
        before = self._before(marks.open_record(self._seal, kind, record_id, kept.sealed), kept)
        self._lose(before.hashes, before.tags, kept.id & NUMBER)
        self._count(before, NOTHING, kind, -1)
        self._removed.append(kept.id)

    def prepared(self) -> Prepared:
        """Return everything that was collected."""
        return Prepared(
            tuple(self._entries),
            tuple(self._new),
            tuple(self._gone),
            self._counts,
            self._contacts,
            tuple(self._removed),
            tuple(self._moved),
            tuple(self._touched),
            self._domains,
        )

    def _touch(self, side: Profile, record: Record, was: Record | None) -> None:
        """Note an account that matching sees with other eyes than before."""
        before = profile(was) if was else None
        fields = was.fields if was else {}
        if side != before or any(record.fields.get(name) != fields.get(name) for name in self._watched or ()):
            self._touched += [side] if before is None else [before, side]

    def _last(self, kind: Kind, record_id: str, kept: Kept | None, moved: Sequence[Kept]) -> Record | None:
        """Return a record as it was indexed last, in whichever book."""
        found = kept or (moved[0] if moved else None)
        return marks.open_record(self._seal, kind, record_id, found.sealed) if found else None

    def _before(self, old: Record | None, kept: Kept | None) -> Marks:
        if old is None or kept is None:
            return NOTHING
        if old.kind == "account":
            return marks.of_account(self._seal, marks.open_profile(self._seal, old.id, kept.profile))
        return marks.of_person(self._hash, old, self._ids)

    def _lose(self, hashes: Iterable[int], tags: int, number: int | None) -> None:
        if number is not None:
            self._gone += [(each, number << ABOVE | tags) for each in hashes]

    def _count(self, before: Marks, now: Marks, kind: Kind, records: int) -> None:
        for each in now.counted - before.counted:
            self._counts[each] += 1
        for each in before.counted - now.counted:
            self._counts[each] -= 1
        self._counts[marks.number_of(self._hash, kind)] += records
        if before.contact != now.contact:
            if now.contact:
                self._contacts[now.contact] += 1
                self._domains[now.contact[0]] = now.domain
            if before.contact:
                self._contacts[before.contact] -= 1


def write(connection: Connection, book: Book, prepared: Prepared, hash_: Hash, *, staged: bool = False) -> None:
    """Write what was prepared to a book; `staged` puts new keys where a build collects them."""
    numbers = _numbers(connection, book, prepared.entries)
    _remove_keys(connection, book, prepared.gone)
    rows = [
        (book.number << BOOK_BITS | number, book.number, KINDS[each.kind], each.record_id, each.profile, each.sealed)
        for number, each in zip(numbers, prepared.entries, strict=True)
    ]
    postings.put_entries(connection, rows)
    lines = [(value, numbers[place] << ABOVE | tags) for value, tags, place in prepared.new]
    added = postings.put_keys(connection, book.number, lines, staged=staged)
    books.stage(connection, book, added if staged else 0)
    postings.add_counts(connection, book.number, (prepared.counts or {}).items())
    changes = [(value, account_id, n) for (value, account_id), n in (prepared.contacts or {}).items()]
    postings.add_contacts(connection, book.number, changes)
    postings.remove_entries(connection, prepared.removed)
    forget_moved(connection, prepared.moved, hash_)


def _remove_keys(connection: Connection, book: Book, gone: Sequence[tuple[int, int]]) -> None:
    """Take postings out, wherever they are."""
    postings.remove_keys(connection, book.number, gone, staged=False)
    if book.staged:
        books.stage(connection, book, -postings.remove_keys(connection, book.number, gone, staged=True))


def forget_moved(connection: Connection, moved: Sequence[tuple[Kind, int]], hash_: Hash) -> None:
    """Take entries out of older books. Their postings stay: they lead to nothing, and the book will soon be cleared."""
    postings.remove_entries(connection, [each for _, each in moved])
    fewer: Counter[tuple[int, int]] = Counter()
    for kind, each in moved:
        fewer[each >> BOOK_BITS, marks.number_of(hash_, kind)] -= 1
    for (number, value), n in fewer.items():
        postings.add_counts(connection, number, [(value, n)])


def _numbers(connection: Connection, book: Book, entries: Sequence[Entry]) -> list[int]:
    """Return the number of each entry; new ones get the next."""
    new = sum(each.number is None for each in entries)
    fresh = iter(books.numbers(connection, book, new))
    return [next(fresh) if each.number is None else each.number for each in entries]
