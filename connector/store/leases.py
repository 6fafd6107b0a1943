"""Leases: one worker per install, one clock, one stream per org; kept in the database beside what they guard."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    bindparam,
    delete,
    func,
    literal,
    select,
    update,
)

from connector.store.base import Moment, insert, metadata

lease = Table(
    "lease",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("holder", String(64), nullable=False),
    Column("until", Moment, nullable=False),
)


FROZEN_SECONDS = 30.0
"""How long a transaction that holds a lease may do nothing; our longest one takes a tenth of a second."""


class LeaseLost(Exception):  # noqa: N818 - a state, not a fault
    """Somebody else holds the lease now: stop without writing."""


def take(connection: Connection, name: str, holder: str, *, now: datetime, seconds: float) -> bool:
    """Take or renew a lease; False while another holder's has not run out."""
    until = now + timedelta(seconds=seconds)
    if connection.execute(_TAKE, {"of": name, "by": holder, "now": now, "to": until}).rowcount == 1:
        return True
    statement = insert(connection, lease).values(name=name, holder=holder, until=until).on_conflict_do_nothing()
    return connection.execute(statement.returning(lease.c.name)).first() is not None


def confirm(connection: Connection, name: str, holder: str, *, frozen_after: float = FROZEN_SECONDS) -> None:
    """Fence a transaction: raise LeaseLost unless `holder` still has the lease. Call it first in the transaction.

    From then on the transaction may do nothing for `frozen_after` seconds at most; PostgreSQL then undoes it. Else a
    process that froze would keep the row that it locked, and nobody could ever take the lease.
    """
    given = {"of": name, "by": holder}
    if connection.dialect.name == "postgresql":
        found = connection.execute(_CONFIRM_AND_LIMIT, {**given, "limit": _milliseconds(frozen_after)}).all()
    else:
        found = connection.execute(_CONFIRM_ONLY, given).all()
    if not found:
        raise LeaseLost(name)


def release(connection: Connection, name: str, holder: str) -> None:
    """Give a lease back."""
    connection.execute(_RELEASE, {"of": name, "by": holder})


def take_all(
    connection: Connection, names: Collection[str], holder: str, *, now: datetime, seconds: float
) -> frozenset[str]:
    """Take those of the leases that no other holder has; return their names.

    One that somebody's transaction is about to confirm is left for the next time: a frozen process must not hold up
    the taking of all others.
    """
    _hurry(connection, seconds)
    until, named = now + timedelta(seconds=seconds), lease.c.name.in_(names)
    free = select(lease.c.name).where(named, (lease.c.holder == holder) | (lease.c.until < now))
    # In the order of their names, as everybody locks them: two who take many at once never wait crosswise.
    unlocked = free.order_by(lease.c.name).with_for_update(skip_locked=True)
    taken = update(lease).where(lease.c.name.in_(unlocked)).values(holder=holder, until=until)
    mine = set(connection.execute(taken.returning(lease.c.name)).scalars())
    known = set(connection.execute(select(lease.c.name).where(named)).scalars())
    rows = [{"name": name, "holder": holder, "until": until} for name in sorted(set(names) - known)]
    if rows:
        made = insert(connection, lease).values(rows).on_conflict_do_nothing().returning(lease.c.name)
        mine.update(connection.execute(made).scalars())
    return frozenset(mine)


def renew_all(connection: Connection, holder: str, *, now: datetime, seconds: float) -> frozenset[str]:
    """Renew every lease of a holder in one statement; return the names of those that are still theirs."""
    _hurry(connection, seconds)
    mine = select(lease.c.name).where(lease.c.holder == holder).order_by(lease.c.name).with_for_update()
    until = now + timedelta(seconds=seconds)
    renewed = update(lease).where(lease.c.name.in_(mine)).values(until=until).returning(lease.c.name)
    return frozenset(connection.execute(renewed).scalars())


def release_all(connection: Connection, holder: str, names: Collection[str] | None = None) -> None:
    """Give back these leases of a holder, or all they have."""
    mine = lease.c.holder == holder
    if names is not None:
        mine &= lease.c.name.in_(names)
    connection.execute(delete(lease).where(mine))


def purge(connection: Connection, prefix: str, *, now: datetime) -> int:
    """Delete the leases whose name begins with `prefix` and that have run out; return how many."""
    over = lease.c.name.startswith(prefix, autoescape=True) & (lease.c.until < now)
    return connection.execute(delete(lease).where(over)).rowcount


def live(connection: Connection, prefix: str, *, now: datetime) -> list[str]:
    """Return the names that begin with `prefix` of leases that somebody holds now, in order."""
    query = select(lease.c.name).where(lease.c.name.startswith(prefix, autoescape=True), lease.c.until >= now)
    return list(connection.execute(query.order_by(lease.c.name)).scalars())


def known(connection: Connection, prefix: str) -> list[tuple[str, datetime]]:
    """Return names that begin with `prefix` and until when each is held, also those that have run out, in order."""
    query = select(lease.c.name, lease.c.until).where(lease.c.name.startswith(prefix, autoescape=True))
    return [(row.name, row.until) for row in connection.execute(query.order_by(lease.c.name))]


def ends(connection: Connection, name: str) -> datetime | None:
    """Return until when a lease is held, also one that has run out; None when nobody took it."""
    return connection.execute(_ENDS, {"of": name}).scalar_one_or_none()


def held(connection: Connection, name: str, *, now: datetime) -> bool:
    """Whether anybody holds the lease now."""
    return connection.execute(_HELD, {"of": name, "now": now}).first() is not None


def _hurry(connection: Connection, frozen_after: float) -> None:
    """Limit how long this transaction may do nothing; SQLite has no such limit."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LIMIT_ONLY, {"limit": _milliseconds(frozen_after)})


def _milliseconds(seconds: float) -> str:
    return f"{max(round(seconds * 1000), 1)}ms"


# Each drain and each of its transactions says these: building one anew takes twice as long as having it answered.
_OF: ColumnElement[bool] = lease.c.name == bindparam("of")
_MINE = _OF & (lease.c.holder == bindparam("by"))
_LIMIT: ColumnElement[str] = func.set_config(
    "idle_in_transaction_session_timeout", bindparam("limit", type_=String), literal(True)
)
"""How long the transaction may do nothing, until it ends."""
_LIMIT_ONLY = select(_LIMIT)
_TAKE = (
    update(lease)
    .where(_OF, (lease.c.holder == bindparam("by")) | (lease.c.until < bindparam("now")))
    .values(holder=bindparam("by"), until=bindparam("to"))
)
# An update, not a select: it locks the row, so nobody can take the lease before this transaction ends.
_CONFIRM = update(lease).where(_MINE).values(holder=bindparam("by"))
_CONFIRM_AND_LIMIT, _CONFIRM_ONLY = _CONFIRM.returning(_LIMIT), _CONFIRM.returning(lease.c.name)
_RELEASE = delete(lease).where(_MINE)
_ENDS = select(lease.c.until).where(_OF)
_HELD = select(lease.c.name).where(_OF, lease.c.until >= bindparam("now"))
