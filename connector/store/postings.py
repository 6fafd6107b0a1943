"""The tables of the match index and the statements on them, in bulk and the same on both databases.

Every index is one *book*, a small number, so that its millions of rows do not each repeat the install's id. Rows of a
book have no foreign key to it: checking one costs more than writing the row, and :mod:`connector.store.books` clears
the rows of a book that nobody owns any more.
"""

# ruff: noqa: S608 - what is put into statements are names of this module; values are parameters
from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
    select,
)

from connector.store.base import metadata
from connector.store.installs import INSTALL_ID

BOOK_BITS = 40
"""An entry's id is its book and, in so many bits, its number in the book: found by one number, cleared by a range."""
_ID = BigInteger().with_variant(Integer(), "sqlite")

book = Table(
    "index_book",
    metadata,
    Column("number", Integer, primary_key=True),
    Column(
        "install_id",
        INSTALL_ID,
        ForeignKey("install.id", ondelete="SET NULL"),
        index=True,
        comment="NULL = nobody's: the clock clears its rows",
    ),
    Column("version", Integer, nullable=False, comment="of the keys that its records are posted under"),
    Column("next", BigInteger, nullable=False, comment="the next record's number"),
    Column("staged", Integer, nullable=False, comment="rows in index_fresh"),
    Column("merged", BigInteger, nullable=False, comment="hash up to which index_fresh was last merged"),
)

entry = Table(
    "index_entry",
    metadata,
    Column("id", _ID, primary_key=True, autoincrement=False, comment="book << 40 | number"),
    Column("book", Integer, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("record_id", String(64), nullable=False),
    Column("profile", LargeBinary, nullable=False, comment="sealed: what an account is compared by; empty for people"),
    Column("sealed", LargeBinary, nullable=False, comment="the whole record"),
    UniqueConstraint("book", "kind", "record_id"),
)


def _postings(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("book", Integer, primary_key=True, autoincrement=False),
        Column("hash", BigInteger, primary_key=True, autoincrement=False, comment="keyed hash of a blocking key"),
        Column("posting", BigInteger, primary_key=True, autoincrement=False, comment="number, tie and place tags"),
        sqlite_with_rowid=False,
    )


key = _postings("index_key")
fresh = _postings("index_fresh")
"""Postings of a build that are still to be merged into `key`, a slice of the hashes at a time."""

count = Table(
    "index_count",
    metadata,
    Column("book", Integer, primary_key=True, autoincrement=False),
    Column("hash", BigInteger, primary_key=True, autoincrement=False),
    Column("n", Integer, nullable=False, comment="how many records share it"),
    sqlite_with_rowid=False,
)

contact = Table(
    "index_contact",
    metadata,
    Column("book", Integer, primary_key=True, autoincrement=False),
    Column("hash", BigInteger, primary_key=True, autoincrement=False, comment="keyed hash of a mail domain"),
    Column("account_id", String(64), primary_key=True),
    Column("n", Integer, nullable=False, comment="contacts of the account that use the domain"),
    sqlite_with_rowid=False,
)

_TYPES = {
    "id": "bigint", "book": "integer", "kind": "smallint", "record_id": "text", "profile": "bytea", "sealed": "bytea",
    "hash": "bigint", "posting": "bigint", "n": "integer", "account_id": "text",
}  # fmt: skip
_REPLACE = "ON CONFLICT (id) DO UPDATE SET profile = excluded.profile, sealed = excluded.sealed"
_ADD = "DO UPDATE SET n = {table}.n + excluded.n"

Row = tuple[Any, ...]


def put_entries(connection: Connection, rows: Sequence[Row]) -> None:
    """Add or replace entries: (id, book, kind, record id, profile, sealed)."""
    _insert(connection, "index_entry", ("id", "book", "kind", "record_id", "profile", "sealed"), rows, _REPLACE)


def remove_entries(connection: Connection, ids: Sequence[int]) -> None:
    """Take entries out, by id."""
    _delete(connection, "index_entry", ("id",), [(each,) for each in ids])


def put_keys(connection: Connection, number: int, rows: Iterable[tuple[int, int]], *, staged: bool) -> int:
    """Add postings (hash, posting) to `key`, or to `fresh`; return how many there were.

    Sorted, so that each page of the table is visited once.
    """
    lines = [(number, value, posting) for value, posting in rows]
    lines.sort(key=itemgetter(1))
    table = "index_fresh" if staged else "index_key"
    _insert(connection, table, ("book", "hash", "posting"), lines, "ON CONFLICT DO NOTHING")
    return len(lines)


def remove_keys(connection: Connection, number: int, rows: Iterable[tuple[int, int]], *, staged: bool) -> int:
    """Take postings out of `key`, or of `fresh`; return how many were there."""
    lines = [(number, *row) for row in sorted(rows)]
    return _delete(connection, "index_fresh" if staged else "index_key", ("book", "hash", "posting"), lines)


def add_counts(connection: Connection, number: int, changes: Iterable[tuple[int, int]]) -> None:
    """Add to counters: (hash, how many more or fewer); one that comes to nothing is deleted."""
    lines = [(number, hash_, n) for hash_, n in sorted(changes) if n]
    _insert(connection, "index_count", ("book", "hash", "n"), lines, _on(("book", "hash"), "index_count"))
    fewer = [(book_, hash_, 0) for book_, hash_, n in lines if n < 0]
    _delete(connection, "index_count", ("book", "hash", "n"), fewer)


def add_contacts(connection: Connection, number: int, changes: Iterable[tuple[int, str, int]]) -> None:
    """Add to the contacts of a domain's accounts: (hash, account id, how many more or fewer)."""
    lines = [(number, *row) for row in sorted(changes) if row[-1]]
    names = ("book", "hash", "account_id")
    _insert(connection, "index_contact", (*names, "n"), lines, _on(names, "index_contact"))
    _delete(connection, "index_contact", (*names, "n"), [(*line[:-1], 0) for line in lines if line[-1] < 0])


def postings(
    connection: Connection, number: int, hashes: Collection[int], *, most: int, staged: bool
) -> list[tuple[int, list[int]]]:
    """Return the postings of each hash, in one query; hashes without any, or with more than `most`, are left out.

    However many records share a hash, no more than one above `most` are looked at.
    """
    tables = ("index_key", "index_fresh") if staged else ("index_key",)
    if _postgres(connection):
        some = [f"ARRAY(SELECT posting FROM {table} WHERE book = %s AND hash = h LIMIT {most + 1})" for table in tables]
        query = f"SELECT h, {' || '.join(some)} FROM unnest(%s::bigint[]) AS h"
        rows = _rows(connection, query, (*(number for _ in tables), list(hashes)))
        return [(hash_, found) for hash_, found in rows if 0 < len(found) <= most]
    # SQLite has no LATERAL; a subquery that refers to the row outside has a LIMIT of its own all the same. Looking for
    # one at all, as half of the hashes have none, and for one too many, takes half the time of collecting all lists.
    here = "{} WHERE book = ?1 AND hash = h.value"
    lists = ", ".join(
        f"CASE WHEN (SELECT 1 FROM {here.format(table)} LIMIT 1 OFFSET {most}) IS NULL "
        f"THEN (SELECT group_concat(posting) FROM {here.format(table)}) ELSE '' END"
        for table in tables
    )
    any_ = " OR ".join(f"EXISTS (SELECT 1 FROM {here.format(table)})" for table in tables)
    query = f"SELECT h.value, {lists} FROM json_each(?2) AS h WHERE {any_}"
    rows = _rows(connection, query, (number, json.dumps(list(hashes))))
    if not staged:
        return [(hash_, [*map(int, found.split(","))]) for hash_, found in rows if found]
    whole = (
        (hash_, [int(each) for some in found if some for each in some.split(",")])
        for hash_, *found in rows
        if "" not in found
    )
    return [(hash_, found) for hash_, found in whole if 0 < len(found) <= most]


def profiles(connection: Connection, ids: Collection[int]) -> list[Row]:
    """Return (id, record id, profile) of entries."""
    return _among(connection, "e.id, e.record_id, e.profile", "index_entry e", "e.id = {value}", ids)


def known(connection: Connection, number: int, kind: int, record_ids: Collection[str]) -> list[Row]:
    """Return (id, record id, profile, sealed) of the records that a book has."""
    columns, where = (
        "e.id, e.record_id, e.profile, e.sealed",
        "e.book = {one} AND e.kind = {two} AND e.record_id = {value}",
    )
    return _among(connection, columns, "index_entry e", where, record_ids, first=(number, kind), type_="text")


def whole(connection: Connection, ids: Collection[int]) -> list[Row]:
    """Return (id, kind, record id, sealed) of entries."""
    return _among(connection, "e.id, e.kind, e.record_id, e.sealed", "index_entry e", "e.id = {value}", ids)


def page(connection: Connection, numbers: Collection[int], kind: int, *, after: str, size: int) -> list[str]:
    """Return the next record ids of a kind that books have, in the database's order, from the one behind `after`."""
    mine = entry.c.book.in_(list(numbers)) & (entry.c.kind == kind)
    query = select(entry.c.record_id).where(mine, entry.c.record_id > after).distinct()
    return list(connection.execute(query.order_by(entry.c.record_id).limit(size)).scalars())


def counts(connection: Connection, number: int, hashes: Collection[int]) -> dict[int, int]:
    """Return how many records share each hash; none where it is missing."""
    where = "e.book = {one} AND e.hash = {value}"
    return dict(_among(connection, "e.hash, e.n", "index_count e", where, hashes, first=(number,)))


def contacts(
    connection: Connection, number: int, hashes: Collection[int], *, limit: int
) -> dict[int, list[tuple[str, int]]]:
    """Return up to `limit` accounts of each domain's contacts, with how many contacts."""
    if not hashes:
        return {}
    inner = f"(SELECT account_id, n FROM index_contact WHERE book = {{}} AND hash = {{}} LIMIT {limit}) AS c"
    if _postgres(connection):
        some = f"(SELECT json_agg(json_build_array(account_id, n)) FROM {inner.format('%s', 'h')})"
        rows = _rows(connection, f"SELECT h, {some} FROM unnest(%s::bigint[]) AS h", (number, list(hashes)))
        return {hash_: [(account, n) for account, n in found] for hash_, found in rows if found}
    some = f"(SELECT json_group_array(json_array(account_id, n)) FROM {inner.format('?1', 'h.value')})"
    rows = _rows(connection, f"SELECT h.value, {some} FROM json_each(?2) AS h", (number, json.dumps(list(hashes))))
    return {hash_: [(account, n) for account, n in json.loads(found)] for hash_, found in rows if found != "[]"}


def _postgres(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _rows(connection: Connection, query: str, values: Row) -> list[Row]:
    """Run a query; return the driver's own tuples: wrapping each would cost more than reading it."""
    cursor = connection.exec_driver_sql(query, values).cursor
    return [] if cursor is None else list(cursor.fetchall())


def _among(
    connection: Connection,
    columns: str,
    table: str,
    where: str,
    values: Collection[Any],
    *,
    first: Row = (),
    type_: str = "bigint",
) -> list[Row]:
    """Look up a list of values of any length, each by a whole key; the list is one parameter, not a long text to parse.

    CROSS JOIN (SQLite) and LIMIT (PostgreSQL) have the values taken one by one, whatever a planner thinks of the table.
    """
    if not values:
        return []
    if _postgres(connection):
        found = f"SELECT {columns} FROM {table} WHERE {where.format(value='h', one='%s', two='%s')} LIMIT 1"
        query = f"SELECT e.* FROM unnest(%s::{type_}[]) AS h CROSS JOIN LATERAL ({found}) AS e"
        return _rows(connection, query, (list(values), *first))
    where = where.format(value="h.value", one="?2", two="?3")
    query = f"SELECT {columns} FROM json_each(?1) AS h CROSS JOIN {table} WHERE {where}"
    return _rows(connection, query, (json.dumps(list(values)), *first))


def _on(names: tuple[str, ...], table: str) -> str:
    return f"ON CONFLICT ({', '.join(names)}) {_ADD.format(table=table)}"


def _insert(connection: Connection, table: str, names: tuple[str, ...], rows: Sequence[Row], tail: str) -> None:
    if not rows:
        return
    start = f"INSERT INTO {table} ({', '.join(names)})"
    if _postgres(connection):
        arrays = ", ".join(f"%s::{_TYPES[name]}[]" for name in names)
        columns = tuple(map(list, zip(*rows, strict=True)))
        connection.exec_driver_sql(f"{start} SELECT * FROM unnest({arrays}) {tail}", columns)
    else:
        marks = ", ".join("?" * len(names))
        connection.exec_driver_sql(f"{start} VALUES ({marks}) {tail}", list(rows))


def _delete(connection: Connection, table: str, names: tuple[str, ...], rows: Sequence[Row]) -> int:
    if not rows:
        return 0
    if _postgres(connection):
        # Each row is looked up by itself: a join may be planned as a scan of the whole table.
        arrays = ", ".join(f"%s::{_TYPES[name]}[]" for name in names)
        same = " AND ".join(f"t.{name} = gone.{name}" for name in names)
        found = f"(SELECT t.ctid FROM {table} t WHERE {same}) FROM unnest({arrays}) AS gone ({', '.join(names)})"
        query = f"DELETE FROM {table} WHERE ctid = ANY (ARRAY(SELECT {found}))"
        return connection.exec_driver_sql(query, tuple(map(list, zip(*rows, strict=True)))).rowcount
    same = " AND ".join(f"{name} = ?" for name in names)
    return connection.exec_driver_sql(f"DELETE FROM {table} WHERE {same}", list(rows)).rowcount
