"""What the tests of the index share: records, an open index, and everything that it has written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from connector.index import Index
from connector.store import books
from connector.store.base import Database
from connector.store.postings import contact, count, entry, fresh, key
from connector.store.seal import Seal
from rules.model import Kind, Record
from tests.connector.store.kit import Tenant


def account(id_: str = "a1", **fields: Any) -> Record:
    """Make an account."""
    return Record("account", id_, {"name": "Globex", "website": "https://globex.com"} | fields, owner_id="u1")


def lead(id_: str = "l1", kind: Kind = "lead", **fields: Any) -> Record:
    """Make a lead or a contact."""
    return Record(kind, id_, {"email": "kim@globex.com", "last_name": "Kim", "company": "Globex"} | fields)


@contextmanager
def index(database: Database, who: Tenant, seal: Seal | None = None) -> Iterator[Index]:
    """Open an index for writing."""
    with database.write() as connection:
        yield Index(connection, who.id, seal or who.seal)


def ids(mine: Index, of: Record) -> list[str]:
    """Return the ids of a record's shortlist."""
    return [each.id for each in mine.accounts([of])[of.id].profiles]


def rows_of(database: Database, who: Tenant) -> dict[str, list[Any]]:
    """Return what an install's books hold, with records by their id where the database has their numbers."""
    with database.read() as connection:
        numbers = [each.number for each in books.of(connection, who.id)]
        names = {
            row.id: (row.kind, row.record_id)
            for row in connection.execute(select(entry).where(entry.c.book.in_(numbers)))
        }
        found: dict[str, list[Any]] = {"entries": sorted(names.values())}
        for table in (key, fresh):
            rows = connection.execute(select(table).where(table.c.book.in_(numbers)))
            found[table.name] = sorted(
                (row.hash, *names[row.book << 40 | row.posting >> 24], row.posting & 0xFFFFFF) for row in rows
            )
        for table in (count, contact):
            rows = connection.execute(select(table).where(table.c.book.in_(numbers)))
            found[table.name] = sorted(tuple(row)[1:] for row in rows)
    return found
