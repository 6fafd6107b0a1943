"""Memos: slow-changing answers of a CRM (users, schemas), sealed, with a time to forget."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, LargeBinary, String, Table, bindparam, delete, select

from connector.store.base import Database, Moment, insert, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import Seal

memo = Table(
    "memo",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("until", Moment, nullable=False),
)


_FRESH = select(memo.c.sealed).where(
    memo.c.install_id == bindparam("install_id"), memo.c.name == bindparam("name"), memo.c.until > bindparam("now")
)


class StoredMemo:
    """The memos of one install; implements connector.crm.Memo. `clock` returns the time now in UTC."""

    def __init__(self, database: Database, install_id: str, seal: Seal, clock: Callable[[], datetime]) -> None:
        self._database, self._install_id, self._seal, self._clock = database, install_id, seal, clock

    def get(self, name: str) -> Any | None:
        """Return what was put under `name` if it is still fresh."""
        given = {"install_id": self._install_id, "name": name, "now": self._clock()}
        with self._database.read() as connection:
            sealed = connection.execute(_FRESH, given).scalar_one_or_none()
        return None if sealed is None else self._seal.open(sealed, about=f"memo:{name}")

    def put(self, name: str, value: Any, *, seconds: float) -> None:
        """Keep `value` (JSON) for that long."""
        until = self._clock() + timedelta(seconds=seconds)
        values = {"sealed": self._seal.close(value, about=f"memo:{name}"), "until": until}
        with self._database.write() as connection:
            statement = insert(connection, memo).values(install_id=self._install_id, name=name, **values)
            connection.execute(statement.on_conflict_do_update(index_elements=["install_id", "name"], set_=values))

    def forget(self, name: str) -> None:
        """Drop `name`."""
        with self._database.write() as connection:
            connection.execute(delete(memo).where(self._is(name)))

    def _is(self, name: str) -> Any:
        return (memo.c.install_id == self._install_id) & (memo.c.name == name)


def purge(connection: Connection, *, now: datetime) -> None:
    """Delete memos whose time is over."""
    connection.execute(delete(memo).where(memo.c.until <= now))
