"""The last good rule set of each install (sealed): it stays live until a better one is read from the CRM."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, LargeBinary, String, Table, Text, bindparam, select, update

from connector.store.base import EPOCH, Moment, insert, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import Seal
from rules.ruleset import Source

_IDS = "SELECT ids FROM ruleset WHERE install_id ="

ruleset = Table(
    "ruleset",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("version", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="name and text of each record"),
    Column("read_at", Moment, nullable=False, comment="when the CRM's records were last read"),
    Column(
        "ids", Text, nullable=False, server_default="", comment="names of the fields in which one value is one person"
    ),
    Column("fault", LargeBinary, comment="sealed: why the newest text in the CRM is not live; it quotes that text"),
)


@dataclass(frozen=True, slots=True)
class Live:
    """The rule set in force, when the CRM was last read, and what is wrong with newer text there."""

    sources: tuple[Source, ...]
    version: str
    read_at: datetime
    fault: str


_LIVE = select(ruleset).where(ruleset.c.install_id == bindparam("install_id"))


def get(connection: Connection, install_id: str, seal: Seal) -> Live | None:
    """Return the rule set in force, or None before the first."""
    row = connection.execute(_LIVE, {"install_id": install_id}).one_or_none()
    if row is None:
        return None
    pairs = seal.open(row.sealed, about="ruleset")
    fault = seal.open(row.fault, about="ruleset fault") if row.fault else ""
    return Live(tuple(Source(record, text) for record, text in pairs), row.version, row.read_at, fault)


def ids(connection: Connection, install_id: str) -> tuple[str, ...]:
    """Return the fields of leads and contacts in which one value is one person, as the rule set in force says."""
    # As text, like books.of: every lead that comes alone asks this.
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    row = connection.exec_driver_sql(f"{_IDS} {mark}", (install_id,)).fetchone()
    return tuple(row[0].split()) if row else ()


def put(
    connection: Connection,
    install_id: str,
    seal: Seal,
    *,
    sources: Sequence[Source],
    version: str,
    now: datetime,
    ids: Collection[str] = (),
) -> None:
    """Make a valid rule set live. `ids` are the fields in which one value is one person: the index has keys of them."""
    sealed = seal.close([[source.record, source.text] for source in sources], about="ruleset")
    values = {"version": version, "sealed": sealed, "read_at": now, "fault": None, "ids": " ".join(sorted(ids))}
    statement = insert(connection, ruleset).values(install_id=install_id, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["install_id"], set_=values))


def set_fault(connection: Connection, install_id: str, seal: Seal, fault: str, *, now: datetime) -> None:
    """The CRM's text was read and is not valid: the last good version stays live, and this says why.

    Without a good version there is a row all the same, of version "", so that it is known when to ask again.
    """
    values = {"fault": seal.close(fault, about="ruleset fault"), "read_at": now}
    statement = insert(connection, ruleset).values(
        install_id=install_id, version="", sealed=seal.close([], about="ruleset"), **values
    )
    connection.execute(statement.on_conflict_do_update(index_elements=["install_id"], set_=values))


def expire(connection: Connection, install_id: str) -> None:
    """Have the next drain read the CRM's records again."""
    connection.execute(update(ruleset).where(ruleset.c.install_id == install_id).values(read_at=EPOCH))
