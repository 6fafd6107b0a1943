"""Books: the match indexes of an install, newest first. Normally it is one.

Another version of the keys needs another index. It is a second book, which every record moves to as it is read again;
until all have, both are searched. A book that is no longer needed, or whose install has gone, belongs to nobody and is
cleared a little at a time: millions of rows in one transaction would stop everybody.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, Table, bindparam, delete, func, select, update

from connector.store.base import Database, insert
from connector.store.postings import BOOK_BITS, book, contact, count, entry, fresh, key

LOWEST = -(1 << 63)
_OF = "SELECT number, version, staged FROM index_book WHERE install_id ="
CLEARED = 20_000
"""Rows that are deleted, or merged, at once: some 50 ms during which nobody else can write to SQLite."""


@dataclass(frozen=True, slots=True)
class Book:
    """One index: `version` of its keys, and how many postings of a build are `staged` beside it."""

    number: int
    version: int
    staged: int


def of(connection: Connection, install_id: str) -> tuple[Book, ...]:
    """Return the books of an install, the one that is written to first."""
    # As text: every lead that comes alone asks this, and building the statement anew takes longer than its answer.
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    rows = connection.exec_driver_sql(f"{_OF} {mark} ORDER BY number DESC", (install_id,))
    return tuple([Book(*row) for row in rows])


def begin(connection: Connection, install_id: str, *, version: int) -> Book:
    """Start a book with keys of this version; records move to it as they are written."""
    values = {"install_id": install_id, "version": version, "next": 1, "staged": 0, "merged": LOWEST}
    number = connection.execute(insert(connection, book).values(**values).returning(book.c.number)).scalar_one()
    return Book(number, version, 0)


def finish(connection: Connection, install_id: str) -> None:
    """All records are in the newest book: let go of the others."""
    mine = book.c.install_id == install_id
    newest = select(func.max(book.c.number)).where(mine).scalar_subquery()
    connection.execute(update(book).where(mine, book.c.number < newest).values(install_id=None))


def numbers(connection: Connection, book_: Book, size: int) -> range:
    """Return so many numbers for new records of a book, never given before, and hold the book for this transaction.

    Raises NoResultFound when its install has gone meanwhile: nothing may be written that nobody would clear.
    """
    after = connection.execute(_NUMBERS, {"of": book_.number, "size": size}).scalar_one()
    return range(after - size, after)


_NUMBERS = (
    update(book)
    .where(book.c.number == bindparam("of"), book.c.install_id.is_not(None))
    .values(next=book.c.next + bindparam("size", type_=BigInteger))
    .returning(book.c.next)
)


def stage(connection: Connection, book_: Book, rows: int) -> None:
    """Note that so many rows were added to `fresh`, or fewer than none that were taken out."""
    if rows:
        connection.execute(update(book).where(book.c.number == book_.number).values(staged=book.c.staged + rows))


def merge(connection: Connection, book_: Book) -> int:
    """Move the next slice of `fresh` to `key`; return how many rows are left.

    Going through the hashes in order, again and again, each page of `key` is written once for many records.
    """
    where = book.c.number == book_.number
    start = connection.execute(select(book.c.merged).where(where)).scalar_one()
    rest = (fresh.c.book == book_.number) & (fresh.c.hash >= start)
    last = connection.execute(select(fresh.c.hash).where(rest).order_by(fresh.c.hash).offset(CLEARED - 1).limit(1))
    end = last.scalar()
    slice_ = rest if end is None else rest & (fresh.c.hash <= end)
    names = ["book", "hash", "posting"]
    chosen = select(fresh).where(slice_).order_by(fresh.c.hash, fresh.c.posting)
    connection.execute(insert(connection, key).from_select(names, chosen).on_conflict_do_nothing())
    moved = connection.execute(delete(fresh).where(slice_)).rowcount
    emptied = end is None and start == LOWEST
    values = {"staged": 0 if emptied else book.c.staged - moved, "merged": LOWEST if end is None else end + 1}
    left = connection.execute(update(book).where(where).values(**values).returning(book.c.staged))
    return int(left.scalar_one())


def clear(connection: Connection) -> bool:
    """Delete some rows of a book that belongs to nobody; False when there is none left."""
    nobodys = select(book.c.number).where(book.c.install_id.is_(None)).limit(1)
    number = connection.execute(nobodys).scalar()
    if number is None:
        return False
    for table in (key, fresh, count, contact):
        if _clear_some(connection, table, number):
            return True
    first = number << BOOK_BITS
    rest = (entry.c.id >= first) & (entry.c.id < first + (1 << BOOK_BITS))
    end = connection.execute(select(entry.c.id).where(rest).order_by(entry.c.id).offset(CLEARED // 4).limit(1)).scalar()
    if connection.execute(delete(entry).where(rest if end is None else rest & (entry.c.id <= end))).rowcount:
        return True
    connection.execute(delete(book).where(book.c.number == number))
    return True


def clear_for(database: Database, *, seconds: float) -> bool:
    """Clear books that belong to nobody for so long, a transaction at a time; tell whether anything was there."""
    ends, found = time.monotonic() + seconds, False
    while time.monotonic() < ends:
        with database.write() as connection:
            if not clear(connection):
                break
        found = True
    return found


def _clear_some(connection: Connection, table: Table, number: int) -> int:
    """Delete the first rows of a book in the order in which they lie; return how many."""
    mine = table.c.book == number
    last = connection.execute(select(table.c.hash).where(mine).order_by(table.c.hash).offset(CLEARED - 1).limit(1))
    end = last.scalar()
    return connection.execute(delete(table).where(mine if end is None else mine & (table.c.hash <= end))).rowcount
