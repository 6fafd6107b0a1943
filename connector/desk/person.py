"""All that we hold about one person, for whoever has the right to know: what privacy laws call access.

It looks where :mod:`connector.store.forgetting` forgets: what is missing here would stay there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, LargeBinary, Table, or_, select

from connector.desk import log, typed
from connector.desk.faults import NotThere
from connector.index import Index
from connector.services import Services
from connector.store import asked, codec, decisions, erasures, forgetting, merges, pairs, replies, reviews
from connector.store.base import metadata
from connector.store.changes import ABOUT, change
from connector.store.installs import Install
from connector.store.memos import memo
from connector.store.replies import api_reply
from connector.store.seal import Seal, Unreadable
from rules.actions import Merge, Unmerge
from rules.model import Decision

_ID_COLUMNS = ("lead_id", "record_id", "one", "other", "old_id", "new_id")
"""Columns that hold a record's id, whatever the table."""


@dataclass(frozen=True, slots=True)
class Forgetting:
    """How many people wait to be forgotten: `here` and in the CRM, or in the `crm` alone; who they are is not told.

    `since` is when the first of them was asked for; None when nobody waits.
    """

    here: int
    crm: int
    since: datetime | None


def held(services: Services, install: Install, record_id: str) -> dict[str, Any]:
    """Return all that an install's data says of the person with this record, ready for JSON.

    ``ids`` are the record and what was merged into it; ``records`` are as we read them last; ``decisions`` are whole;
    ``named_in`` is what decisions about others say of them; ``questions`` what people were asked about them and said;
    ``changes`` what people did about them in the console, ``answers`` what is remembered of the CRM's and our own
    answers that name them; ``rows`` is the rest, by table, without what is sealed and told elsewhere here. Raises
    NotThere when nothing is held, and Unusable when it is no id of a lead or contact. A hundred thousand decisions take
    some seconds.
    """
    seal, whole = services.seal(install), typed.person_id(install, record_id)
    with services.database.read() as connection:
        ids = erasures.names_of(connection, install.id, "lead", whole)
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
            "named_in": [_named(made, ids) for made in found.others],
            "questions": _questions(connection, install.id, seal, ids),
            "changes": _changes(connection, install.id, seal, found.changes),
            "answers": _answers(connection, install.id, seal, found),
            "rows": _rows(connection, install.id, ids),
        }
    if not any(told[part] for part in told if part != "ids"):
        raise NotThere("Nothing is held about %(id)s.", id=record_id)
    return told


def export(services: Services, install: Install, record_id: str, *, by: str) -> dict[str, Any]:
    """Return what :func:`held` does, and note who took it out; about whom is not noted. Raises NotThere, Unusable."""
    told = held(services, install, record_id)
    log.note(services, install, by=by, did="person exported")
    return told


def forget(services: Services, install: Install, record_id: str, *, by: str) -> None:
    """Have a person forgotten, here and in what we wrote in the CRM: a drain or the clock does it within a minute.

    The lead or contact itself is the customer's to delete: while it is there, its next change is read like any other.
    Who asked is noted, about whom is not. Raises Unusable when it is no id of a lead or contact.
    """
    whole = typed.person_id(install, record_id)
    with services.database.write() as connection:
        erasures.ask(connection, install.id, [whole], now=services.clock())
    services.ring(install.id)
    log.note(services, install, by=by, did="person forgotten")


def forgetting_of(services: Services, install: Install) -> Forgetting:
    """Return how many people of an install wait to be forgotten."""
    with services.database.read() as connection:
        waiting = erasures.waiting(connection, install.id)
    here = sum(each.stage == "here" for each in waiting)
    return Forgetting(here, len(waiting) - here, min((each.asked_at for each in waiting), default=None))


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


def _named(made: Decision, ids: Collection[str]) -> dict[str, Any]:
    """Return what a decision about somebody else says of this one: what an erasure takes out of it."""
    told: dict[str, Any] = {"decision": made.key, "duplicate": codec.plain(made.duplicate)}
    if made.basis is not None and made.basis.contact is not None and made.basis.contact.id in ids:
        told["contact"] = codec.plain(made.basis.contact)
    if made.label is not None and any(each.id in ids for each in made.label.records):
        told["said"] = codec.plain(made.label)
    if any(each.id in ids for each in merges.members(made)):
        told["merged"] = [codec.plain(each) for each in made.actions if isinstance(each, Merge | Unmerge)]
        told["why"] = [*made.merging, made.route.reason]
    return told


def _questions(connection: Connection, install_id: str, seal: Seal, ids: Collection[str]) -> list[dict[str, Any]]:
    """Return what people are and were asked about this one, and what they said of them and of somebody else."""
    found: list[dict[str, Any]] = [
        *({"duplicate": codec.plain(pair)} for pair in pairs.about(connection, install_id, seal, ids)),
        *({"said": codec.plain(label)} for label in pairs.said_of(connection, install_id, seal, ids)),
    ]
    for each in sorted(ids):
        found += [{"match": codec.plain(review)} for review in reviews.of_lead_all(connection, install_id, seal, each)]
        if (request := asked.of_lead(connection, install_id, seal, each)) is not None:
            found.append({"asked": codec.plain(request)})
    return found


def _changes(connection: Connection, install_id: str, seal: Seal, ids: Collection[int]) -> list[dict[str, Any]]:
    rows = connection.execute(select(change).where(change.c.install_id == install_id, change.c.id.in_(ids)))
    return [
        {"at": row.at.isoformat(), "by": row.by, "did": row.did, **_opened(seal, row.sealed, ABOUT)} for row in rows
    ]


def _answers(connection: Connection, install_id: str, seal: Seal, found: forgetting.Mentions) -> list[dict[str, Any]]:
    """Return what is remembered for a while: it is deleted with the person, though it may name others as well."""
    told = [
        {"remembered": row.name, "until": row.until.isoformat(), **_opened(seal, row.sealed, f"memo:{row.name}")}
        for row in connection.execute(select(memo).where(memo.c.install_id == install_id, memo.c.name.in_(found.memos)))
    ]
    mine = (api_reply.c.install_id == install_id) & api_reply.c.key.in_(found.replies)
    return told + [
        {"answered": row.at.isoformat(), **_opened(seal, row.sealed, replies.ABOUT)}
        for row in connection.execute(select(api_reply).where(mine))
    ]


def _opened(seal: Seal, sealed: bytes, about: str) -> dict[str, Any]:
    try:
        return {"said": seal.open(sealed, about=about)}
    except Unreadable:
        return {"said": None}


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
