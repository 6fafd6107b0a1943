"""All that we hold about one person, for whoever has the right to know: what privacy laws call access.

It looks where :mod:`connector.store.forgetting` forgets: what is missing here would stay there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, or_, select

from connector.desk.faults import NotThere
from connector.index import Index
from connector.services import Services
from connector.store import asked, codec, decisions, erasures, forgetting, pairs, reviews
from connector.store.base import metadata
from connector.store.installs import Install
from connector.store.seal import Seal

_ID_COLUMNS = ("lead_id", "record_id", "one", "other")
"""Columns that hold a record's id, whatever the table."""


def held(services: Services, install: Install, record_id: str) -> dict[str, Any]:
    """Return all that an install's data says of the person with this record, ready for JSON.

    ``ids`` are the record and what was merged into it; ``records`` are as we read them last; ``decisions`` are whole;
    ``named_in`` are decisions about others that name them; ``rows`` is the rest, by table, without what is sealed and
    told elsewhere here. Raises NotThere when nothing is held. A hundred thousand decisions take some seconds.
    """
    seal = services.seal(install)
    with services.database.read() as connection:
        ids = erasures.names_of(connection, install.id, "lead", record_id)
        found = forgetting.mentions(connection, install.id, seal, ids)
        ids |= found.leads
        index = Index(connection, install.id, seal)
        told = {
            "ids": sorted(ids),
            "records": [
                codec.plain(record)
                for kind in forgetting.PEOPLE
                for _, record in sorted(index.get(kind, sorted(ids)).items())
            ],
            "decisions": _decisions(connection, install.id, seal, ids),
            "named_in": [{"decision": made.key, "duplicate": codec.plain(made.duplicate)} for made in found.others],
            "questions": _questions(connection, install.id, seal, ids),
            "rows": _rows(connection, install.id, ids),
        }
    if not any(told[part] for part in told if part != "ids"):
        raise NotThere("Nothing is held about %(id)s.", id=record_id)
    return told


def _decisions(connection: Connection, install_id: str, seal: Seal, ids: Collection[str]) -> list[dict[str, Any]]:
    return [
        {
            "decision": codec.plain(stored.decision),
            "state": stored.state,
            "created_at": stored.created_at.isoformat(),
            "actions": {name: codec.plain(entry) for name, entry in stored.ledger.items()},
        }
        for each in sorted(ids)
        for stored in decisions.of_lead(connection, install_id, seal, each)
    ]


def _questions(connection: Connection, install_id: str, seal: Seal, ids: Collection[str]) -> list[dict[str, Any]]:
    """Return what people are asked about this one, and what they said."""
    found: list[dict[str, Any]] = []
    for each in sorted(ids):
        found += [{"match": codec.plain(review)} for review in reviews.of_lead_all(connection, install_id, seal, each)]
        found += [{"duplicate": codec.plain(pair)} for pair in pairs.about(connection, install_id, seal, each)]
        if (request := asked.of_lead(connection, install_id, seal, each)) is not None:
            found.append({"asked": codec.plain(request)})
    return found


def _rows(connection: Connection, install_id: str, ids: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows about these records of every table that says which install and which record they are of."""
    return {
        table.name: rows
        for table in metadata.sorted_tables
        if "install_id" in table.c
        and table.name != "decision"
        and (rows := list(_of(connection, table, install_id, ids)))
    }


def _of(connection: Connection, table: Table, install_id: str, ids: Collection[str]) -> Iterator[dict[str, Any]]:
    named = [table.c[name].in_(ids) for name in _ID_COLUMNS if name in table.c]
    if not named:
        return
    shown = [column for column in table.c if not isinstance(column.type, LargeBinary) and column.name != "install_id"]
    for row in connection.execute(select(*shown).where(table.c.install_id == install_id, or_(*named))):
        yield {name: _plain(value) for name, value in row._mapping.items()}  # noqa: SLF001 - SQLAlchemy's own way


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
