"""What people ask for on a card of a CRM that has no room for it on the record: wrong match, wrong owner, undo.

One row per lead: what was asked last. As long as it is pending nobody can ask for anything else about that lead; the
drain answers it. What the person wrote, and why nothing was done, is sealed: both may name people.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    String,
    Table,
    delete,
    select,
    update,
)

from connector.store.base import Database, Moment, insert, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import Seal

KEPT = timedelta(days=30)
"""How long a card says what became of a request; and how long one waits about a lead that nobody can read any more.

The clock deletes what is older (:func:`purge`).
"""

asked = Table(
    "asked",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("lead_id", String(64), primary_key=True),
    Column("what", String(16), nullable=False, comment="wrong_match, wrong_owner or undo"),
    Column("user_id", String(64), nullable=False, comment="who asks: the id that owns leads"),
    Column("decision", String(120), nullable=False, comment="key of the decision that they saw"),
    Column("note", LargeBinary, comment="sealed: what the person wrote; NULL: nothing"),
    Column("asked_at", Moment, nullable=False),
    Column("answered_at", Moment, comment="NULL: it is pending"),
    Column("refused", LargeBinary, comment="sealed: why nothing was done; NULL: it was done, or is pending"),
    Index(None, "install_id", "asked_at"),
)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for on a lead, having seen a decision; `refused` says why it was not done.

    `note` is what they wrote, for the audit.
    """

    lead_id: str
    what: str
    user_id: str
    decision: str
    asked_at: datetime
    answered_at: datetime | None = None
    refused: str = ""
    note: str = ""

    @property
    def pending(self) -> bool:
        """Whether it waits for its answer."""
        return self.answered_at is None


def put(connection: Connection, install_id: str, seal: Seal, request: Request) -> bool:
    """Note a new request, in the place of one that was answered; False while another one of that lead is pending."""
    values = {
        "what": request.what,
        "user_id": request.user_id,
        "decision": request.decision,
        "note": seal.close(request.note, about=_about(request.lead_id, "note")) if request.note else None,
        "asked_at": request.asked_at,
        "answered_at": None,
        "refused": None,
    }
    statement = insert(connection, asked).values(install_id=install_id, lead_id=request.lead_id, **values)
    answered = asked.c.answered_at.is_not(None)
    again = statement.on_conflict_do_update(index_elements=["install_id", "lead_id"], set_=values, where=answered)
    return connection.execute(again.returning(asked.c.lead_id)).first() is not None


def of_lead(connection: Connection, install_id: str, seal: Seal, lead_id: str) -> Request | None:
    """Return what was asked last about a lead; None when nothing was. Raises Unreadable."""
    row = connection.execute(select(asked).where(_is(install_id, [lead_id]))).one_or_none()
    return None if row is None else _read(row, seal)


def pending(connection: Connection, install_id: str, seal: Seal, lead_ids: Collection[str]) -> dict[str, Request]:
    """Return what is asked for on leads and not answered yet, by lead id. Raises Unreadable."""
    mine = _is(install_id, lead_ids) & asked.c.answered_at.is_(None)
    return {row.lead_id: _read(row, seal) for row in connection.execute(select(asked).where(mine))}


def answer(connection: Connection, install_id: str, seal: Seal, said: Mapping[str, str], *, now: datetime) -> None:
    """Answer what is pending on leads: by lead id why it was refused, empty when it was done. Safe to repeat."""
    for lead_id, why in said.items():
        values: dict[str, Any] = {"answered_at": now, "refused": None, "note": None}
        if why:
            values["refused"] = seal.close(why, about=_about(lead_id, "refused"))
        mine = _is(install_id, [lead_id]) & asked.c.answered_at.is_(None)
        connection.execute(update(asked).where(mine).values(**values))


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete what was asked for before, answered or not; return how many rows."""
    return connection.execute(delete(asked).where(asked.c.asked_at < before)).rowcount


class StoredRequests:
    """The requests of one install, for an adapter to read with its leads. `clock` returns the time now in UTC."""

    def __init__(self, database: Database, install_id: str, seal: Seal, clock: Callable[[], datetime]) -> None:
        self._database, self._install_id, self._seal, self._clock = database, install_id, seal, clock

    def pending(self, lead_ids: Collection[str]) -> dict[str, Request]:
        """Return what is asked for on these leads and not answered yet."""
        with self._database.read() as connection:
            return pending(connection, self._install_id, self._seal, lead_ids)

    def answer(self, said: Mapping[str, str]) -> None:
        """Answer: by lead id why it was refused, empty when it was done."""
        if said:
            with self._database.write() as connection:
                answer(connection, self._install_id, self._seal, said, now=self._clock())


def _is(install_id: str, lead_ids: Collection[str]) -> ColumnElement[bool]:
    return (asked.c.install_id == install_id) & asked.c.lead_id.in_(list(lead_ids))


def _read(row: Row[Any], seal: Seal) -> Request:
    note = seal.open(row.note, about=_about(row.lead_id, "note")) if row.note else ""
    refused = seal.open(row.refused, about=_about(row.lead_id, "refused")) if row.refused else ""
    return Request(
        row.lead_id, row.what, row.user_id, row.decision, row.asked_at, row.answered_at, refused=refused, note=note
    )


def _about(lead_id: str, what: str) -> str:
    return f"asked {what}:{lead_id}"
