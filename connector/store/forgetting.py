"""Forgetting a person: every row about some leads goes, and what other leads' decisions say of them.

Tables are found by their columns, so a new table with a ``lead_id`` is forgotten without a line here. What is sealed is
opened where only the content tells: a decision about somebody else may call one of these leads its duplicate.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Column, ColumnElement, Connection, delete, select, update

from connector.erased import Left
from connector.store import aliases, changes, cleanups, codec, decisions, merges, named, pairs, replies
from connector.store.base import metadata
from connector.store.changes import change
from connector.store.decisions import decision
from connector.store.ledger import ledger
from connector.store.letters import letter
from connector.store.memos import memo
from connector.store.replies import api_reply
from connector.store.seal import Seal, Unreadable
from rules.actions import Merge, Notify, Task
from rules.model import AUDIT, Decision, Kind

PAGE = 500
"""Decisions opened between two looks at the database: some 50 ms."""
PEOPLE: tuple[Kind, ...] = ("lead", "contact")
CONTACT_ID = "contact_id"
"""Field of a lead that takes its values from a contact (HubSpot's leads): the contact's id."""
TASKS = (Task.key, Notify.key)


@dataclass(frozen=True, slots=True)
class Mentions:
    """What is sealed about some people: decisions about their own `leads`, `others` that mention them, and memos.

    `changes` are ids of what was noted as done about them, `replies` keys of answers of the API that tell of them.
    """

    leads: frozenset[str] = frozenset()
    others: tuple[Decision, ...] = ()
    memos: tuple[str, ...] = ()
    changes: tuple[int, ...] = ()
    replies: tuple[int, ...] = ()


def mentions(connection: Connection, install_id: str, seal: Seal, ids: Collection[str]) -> Mentions:
    """Open all that an install has sealed and return what is about these records. It only reads, for as long as needed.

    A hundred thousand decisions take a few seconds.
    """
    wanted = set(ids)
    marks = named.marks(wanted)
    leads, others = set(wanted), list[Decision]()
    for made in _opened(connection, install_id, seal, marks):
        if made.lead.id in wanted or str(made.lead.fields.get(CONTACT_ID) or "") in wanted:
            leads.add(made.lead.id)
        elif _mentions(made, wanted):
            others.append(made)
    every = named.marks(leads)
    noted = change.c.did.not_in(changes.OF_NUMBERS)
    return Mentions(
        frozenset(leads),
        tuple(others),
        tuple(_memos(connection, install_id, seal, marks)),
        tuple(_holding(connection, install_id, seal, (change.c.id, change.c.sealed, changes.ABOUT), every, noted)),
        tuple(_holding(connection, install_id, seal, (api_reply.c.key, api_reply.c.sealed, replies.ABOUT), every)),
    )


def forget(connection: Connection, install_id: str, seal: Seal, found: Mentions) -> Left:
    """Delete every row about these leads, and what others' decisions say of them; return what the CRM still has.

    The index is no part of it: see connector/index.
    """
    mine = (decision.c.install_id == install_id) & decision.c.lead_id.in_(found.leads)
    keys = frozenset(connection.execute(select(decision.c.key).where(mine)).scalars())
    beside = [each.key for each in found.others]
    left = Left(
        leads=found.leads,
        keys=keys,
        audits=_refs(connection, install_id, keys, [AUDIT]),
        tasks=_refs(connection, install_id, keys, TASKS),
        others=_refs(connection, install_id, beside, [AUDIT]),
        told=_refs(connection, install_id, beside, TASKS),
    )
    for table in metadata.sorted_tables:
        if "lead_id" in table.c and "install_id" in table.c:
            where = (table.c.install_id == install_id) & table.c.lead_id.in_(found.leads)
            connection.execute(delete(table).where(where))
    aliases.forget(connection, install_id, found.leads)
    pairs.forget(connection, install_id, found.leads)
    cleanups.forget(connection, install_id, found.leads)
    written = (letter.c.install_id == install_id) & letter.c.kind.in_(PEOPLE) & letter.c.record_id.in_(found.leads)
    connection.execute(delete(letter).where(written))
    for made in found.others:
        rewrite(connection, install_id, seal, _without(made, found.leads))
    known = (memo.c.install_id == install_id) & memo.c.name.in_(found.memos)
    connection.execute(delete(memo).where(known))
    changes.empty(connection, install_id, seal, found.changes)
    told = (api_reply.c.install_id == install_id) & api_reply.c.key.in_(found.replies)
    connection.execute(delete(api_reply).where(told))
    return left


def _refs(connection: Connection, install_id: str, keys: Collection[str], actions: Collection[str]) -> frozenset[str]:
    """Return the CRM's ids of what these decisions made."""
    mine = (ledger.c.install_id == install_id) & ledger.c.decision_key.in_(keys) & ledger.c.action.in_(actions)
    return frozenset(filter(None, connection.execute(select(ledger.c.ref).where(mine)).scalars()))


def _opened(connection: Connection, install_id: str, seal: Seal, marks: Collection[str]) -> Iterator[Decision]:
    """Open the decisions that may name one of the marks; damaged ones say nothing to anybody."""
    last = ""
    while True:
        page = select(decision.c.key, decision.c.sealed).where(decision.c.install_id == install_id)
        rows = connection.execute(page.where(decision.c.key > last).order_by(decision.c.key).limit(PAGE)).all()
        if not rows:
            return
        last = rows[-1].key
        for row in rows:
            try:
                plain = seal.open_bytes(row.sealed, about=decisions.about(row.key))
            except Unreadable:
                continue
            if any(mark.encode() in plain for mark in marks):
                yield codec.load(plain)


def _memos(connection: Connection, install_id: str, seal: Seal, marks: Collection[str]) -> Iterator[str]:
    """Return the names of memos that name one of the marks: they are answers remembered, and asked for again.

    So is what a damaged one held: nobody can say that it is not about these people.
    """
    for row in connection.execute(select(memo.c.name, memo.c.sealed).where(memo.c.install_id == install_id)).all():
        try:
            plain = seal.open_bytes(row.sealed, about=f"memo:{row.name}")
        except Unreadable:
            yield row.name
            continue
        if named.is_named(marks, plain):
            yield row.name


def _holding(
    connection: Connection,
    install_id: str,
    seal: Seal,
    where: tuple[Column[int], Column[bytes], str],
    marks: Collection[str],
    *conditions: ColumnElement[bool],
) -> Iterator[int]:
    """Return the keys of the rows whose sealed text names one of the marks, or cannot be opened.

    `where` are the key, the sealed text, and what that is about; only rows that meet the `conditions` are looked at.
    """
    key, sealed, about = where
    query = select(key, sealed).where(key.table.c.install_id == install_id, sealed.is_not(None), *conditions)
    for name, closed in connection.execute(query):
        try:
            plain = seal.open_bytes(closed, about=about)
        except Unreadable:
            yield name
            continue
        if named.is_named(marks, plain):
            yield name


def _mentions(made: Decision, ids: Collection[str]) -> bool:
    contact = made.basis.contact if made.basis else None
    merged = any(each.id in ids for each in merges.members(made))
    labelled = made.label is not None and any(each.id in ids for each in made.label.records)
    return merged or labelled or made.duplicate.of_id in ids or (contact is not None and contact.id in ids)


def _without(made: Decision, ids: Collection[str]) -> Decision:
    """Return a decision about somebody else without what it says of these people: their record, and how like they are.

    That it was called a duplicate stays, or the lead's owner would stand there for no reason.
    """
    contact = made.basis.contact if made.basis else None
    basis = made.basis
    if basis is not None and contact is not None and contact.id in ids:
        basis = replace(basis, contact=None)
    duplicate = made.duplicate
    if duplicate.of_id in ids:
        duplicate = replace(duplicate, of_id=None, evidence=())
    if any(each.id in ids for each in merges.members(made)):
        # Which ids became one stays: without it nobody knew that they were to be forgotten together.
        actions = tuple(replace(each, values={}) if isinstance(each, Merge) else each for each in made.actions)
        made = replace(made, actions=actions, merging=(), route=replace(made.route, reason=""))
    elif made.label is not None and any(each.id in ids for each in made.label.records):
        made = replace(made, label=None, route=replace(made.route, reason=""))
    return replace(made, basis=basis, duplicate=duplicate)


def rewrite(connection: Connection, install_id: str, seal: Seal, made: Decision) -> None:
    """Store a decision anew, in whatever state it is; nothing but what it says is changed."""
    mine = (decision.c.install_id == install_id) & (decision.c.key == made.key)
    connection.execute(update(decision).where(mine).values(sealed=decisions.closed(seal, made)))
