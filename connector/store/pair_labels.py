"""What people said of two records, the same person or not: it always wins, and the judging of people learns from it.

It stays until the install goes. Who said it is sealed. Others import it from connector.store.pairs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    String,
    Table,
    delete,
    func,
    select,
)

from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import Seal
from rules.actions import Member
from rules.merging.groups import Judgement

SOME = 400
"""Ids a question: SQLite takes 32,766 values."""

pair_label = Table(
    "pair_label",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("one", String(64), primary_key=True, comment="the smaller id"),
    Column("other", String(64), primary_key=True),
    Column("same", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Index(None, "install_id", "other"),
    Index(None, "install_id", "decided_at"),
)


@dataclass(frozen=True, slots=True)
class Label:
    """What a person said of two records, and how sure the evidence was then (log-odds, None when nobody knows).

    `same` is None when what was said is taken back: that is remembered too, so that an older answer which is read in
    the CRM later does not count again. `companies`: they are accounts, which are judged by other evidence than people.
    `spent`: the two have become one since, so that it only teaches; should somebody restore one of them outside of us,
    they are not merged again by it.
    """

    ids: frozenset[str]
    same: bool | None
    by: str
    at: datetime
    log_odds: float | None = None
    companies: bool = False
    spent: bool = False


def label(
    connection: Connection,
    install_id: str,
    seal: Seal,
    members: Sequence[Member],
    *,
    same: bool | None,
    by: str,
    at: datetime,
    log_odds: float | None = None,
) -> None:
    """Keep what a person said of every two of these records, or (None) that it is taken back.

    It replaces what was said before.
    """
    kinds = {each.id: each.kind for each in members}
    keep(
        connection,
        install_id,
        seal,
        [
            Label(frozenset({one, other}), same, by, at, log_odds, kinds[one] == kinds[other] == "account")
            for one in sorted(kinds)
            for other in sorted(kinds)
            if one < other
        ],
    )


def keep(connection: Connection, install_id: str, seal: Seal, said: Iterable[Label]) -> None:
    """Keep labels; each replaces what was said of its two records before, unless that was said later."""
    rows = [_label_row(install_id, seal, each) for each in said]
    if not rows:
        return
    statement = insert(connection, pair_label)
    fresh = {name: statement.excluded[name] for name in ("same", "sealed", "decided_at")}
    later = statement.excluded.decided_at >= pair_label.c.decided_at
    keys = ["install_id", "one", "other"]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=fresh, where=later), rows)


def labels(
    connection: Connection, install_id: str, seal: Seal, ids: Collection[str]
) -> dict[frozenset[str], Judgement]:
    """Return what people said of every two of these records, by both ids."""
    wanted = frozenset(ids)
    found: dict[frozenset[str], Judgement] = {}
    for some in parts(wanted):
        mine = (pair_label.c.install_id == install_id) & pair_label.c.one.in_(some)
        for row in connection.execute(select(pair_label).where(mine)):
            if row.other in wanted and (each := _label(seal, row)).same is not None and not each.spent:
                found[each.ids] = Judgement("same" if each.same else "different", 1.0 if each.same else 0.0, each.by)
    return found


def said(connection: Connection, install_id: str, seal: Seal) -> list[Label]:
    """Return everything that people said and did not take back, in the order in which they did."""
    query = select(pair_label).where(pair_label.c.install_id == install_id)
    rows = connection.execute(query.order_by(pair_label.c.decided_at, pair_label.c.one, pair_label.c.other))
    return [each for row in rows if (each := _label(seal, row)).same is not None]


def said_of(connection: Connection, install_id: str, seal: Seal, ids: Collection[str]) -> list[Label]:
    """Return everything that people said of these records and any others, what they took back too."""
    found: dict[frozenset[str], Label] = {}
    for some in parts(ids):
        theirs = pair_label.c.one.in_(some) | pair_label.c.other.in_(some)
        query = select(pair_label).where(pair_label.c.install_id == install_id, theirs)
        for row in connection.execute(query.order_by(pair_label.c.decided_at, pair_label.c.one, pair_label.c.other)):
            found[frozenset({row.one, row.other})] = _label(seal, row)
    return list(found.values())


def stamp(connection: Connection, install_id: str) -> tuple[int, datetime | None]:
    """Return what changes with every label: how many there are, and when the last one was given."""
    mine = pair_label.c.install_id == install_id
    found = connection.execute(select(func.count(), func.max(pair_label.c.decided_at)).where(mine)).one()
    return found[0], found[1]


def renamed(connection: Connection, install_id: str, seal: Seal, now: Mapping[str, str]) -> None:
    """Have labels speak of the records as they are called by now (old id -> new id).

    That two records are the same stays under their old ids when they have become one: what was said still tells how
    far the evidence can be trusted. That they are not the same goes then.
    """
    for some in parts(now):
        touched = pair_label.c.one.in_(some) | pair_label.c.other.in_(some)
        mine = (pair_label.c.install_id == install_id) & touched
        old = [_label(seal, row) for row in connection.execute(select(pair_label).where(mine))]
        connection.execute(delete(pair_label).where(mine))
        fresh = [(each, replace(each, ids=frozenset(now.get(one, one) for one in each.ids))) for each in old]
        one = [replace(each, spent=True) for each, new in fresh if len(new.ids) == 1 and each.same]
        wanted = [*(new for _, new in fresh if len(new.ids) > 1), *one]
        keep(connection, install_id, seal, wanted)


def unsay(connection: Connection, install_id: str, ids: Collection[str]) -> None:
    """Forget what a person said of every two of these records, as if nobody had."""
    for some in parts(ids):
        both = pair_label.c.one.in_(some) & pair_label.c.other.in_(sorted(ids))
        connection.execute(delete(pair_label).where(pair_label.c.install_id == install_id, both))


def forget(connection: Connection, install_id: str, ids: Collection[str]) -> None:
    """Delete what was said about these records."""
    for some in parts(ids):
        theirs = pair_label.c.one.in_(some) | pair_label.c.other.in_(some)
        connection.execute(delete(pair_label).where(pair_label.c.install_id == install_id, theirs))


def parts(ids: Collection[str]) -> list[list[str]]:
    """Return ids in their order, as many at a time as go into one question."""
    ordered = sorted(ids)
    return [ordered[start : start + SOME] for start in range(0, len(ordered), SOME)]


def _label_row(install_id: str, seal: Seal, each: Label) -> dict[str, Any]:
    one, other = sorted(each.ids)
    plain = {"by": each.by, "log_odds": each.log_odds, "companies": each.companies, "open": each.same is None}
    plain |= {"spent": True} if each.spent else {}
    sealed = seal.close(plain, about=f"label:{one}:{other}")
    told = {"install_id": install_id, "one": one, "other": other, "same": bool(each.same), "decided_at": each.at}
    return {**told, "sealed": sealed}


def _label(seal: Seal, row: Row[Any]) -> Label:
    """Open a label. Raises Unreadable."""
    plain = seal.open(row.sealed, about=f"label:{row.one}:{row.other}")
    same = None if plain.get("open") else row.same
    ids, log_odds = frozenset({row.one, row.other}), plain["log_odds"]
    rest = plain.get("companies", False), plain.get("spent", False)
    return Label(ids, same, plain["by"], row.decided_at, log_odds, *rest)
