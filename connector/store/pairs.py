"""Pairs: records that may be one person and wait for somebody's word, and what people said of two records.

A suggestion is about a set of records, mostly two; it is there once, whoever finds it, and ends when somebody decided
or when one of its records is gone. A label is what a person said of two records, the same or not; it stays until the
install goes and always wins. What people are shown, and who said it, is sealed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Literal, TypeAlias

from cattrs import Converter
from sqlalchemy import (
    Column,
    Connection,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Row,
    String,
    Table,
    delete,
    func,
    select,
    update,
)

from connector.store import pair_labels, sentences
from connector.store.base import Moment, insert, metadata
from connector.store.installs import INSTALL_ID
from connector.store.pair_labels import Label, keep, label, labels, parts, renamed, said, said_of, stamp, unsay
from connector.store.seal import Seal
from connector.store.sentences import Recipes
from rules.actions import Member
from rules.merging.plan import NOT_EDITED, Edit
from rules.model import Evidence

__all__ = [
    "Answer", "Asked", "Behind", "Label", "State", "Suggestion", "about", "answered", "before", "by_key", "by_start",
    "close", "counts",
    "forget", "keep", "label", "labels", "merged_by", "move", "open_", "pair", "pair_member", "renamed", "said",
    "said_of", "stamp", "suggest", "unsay",
]  # fmt: skip

State: TypeAlias = Literal["open", "accepted", "merging", "merged", "rejected", "gone"]
"""``accepted``: it will be merged; ``merging``: that is decided; ``gone``: nothing is left of it to be asked."""

pair = Table(
    "pair",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(32), primary_key=True, comment="what the ids of its records come to"),
    Column("state", String(8), nullable=False, comment="open, accepted, merging, merged, rejected or gone"),
    Column("confidence", Float, nullable=False),
    Column("run", String(40), nullable=False, comment="the clean-up that found it; empty: a lead on its way did"),
    Column("decision", String(120), nullable=False, comment="key of the decision that merges it"),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Index(None, "install_id", "state", "confidence", "key"),
    Index(None, "install_id", "run", "state", "key"),
)
pair_member = Table(
    "pair_member",
    metadata,
    Column("install_id", INSTALL_ID, primary_key=True),
    Column("record_id", String(64), primary_key=True),
    Column("key", String(32), primary_key=True),
    ForeignKeyConstraint(["install_id", "key"], ["pair.install_id", "pair.key"], ondelete="CASCADE"),
    Index(None, "install_id", "key"),
)
_converter = Converter()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Records that may be one person, and why a person is asked (`why`, in plain words; empty: by the evidence alone).

    `confidence` (0 to 1) is that of the least sure two of them. `lead_id` is the lead whose coming led to it, `names`
    what the records are called, in the order of `members`. `log_odds` is how sure the evidence was before calibration.
    """

    members: tuple[Member, ...]
    confidence: float
    evidence: tuple[Evidence, ...] = ()
    why: tuple[str, ...] = ()
    lead_id: str = ""
    names: tuple[str, ...] = ()
    log_odds: float | None = None

    def kept(self) -> Recipes:
        """Return what its sentences were made of."""
        return sentences.recipes([*(each.text for each in self.evidence), *self.why, *self.names])

    def remembering(self, kept: Recipes) -> Suggestion:
        """Return it with sentences that know what they were made of."""
        evidence = tuple(replace(each, text=sentences.remembering(each.text, kept)) for each in self.evidence)
        why, names = (tuple(sentences.remembering(one, kept) for one in some) for some in (self.why, self.names))
        return replace(self, evidence=evidence, why=why, names=names)

    @property
    def key(self) -> str:
        """What is the same for the same records in any order."""
        return sha256(json.dumps(sorted(each.id for each in self.members)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody said of a suggestion: `edit` is how they want it merged, `seen` the plan that they saw."""

    by: str = ""
    edit: Edit = NOT_EDITED
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """A suggestion as it is kept. `decision` is the key of the decision that merges it, empty until there is one."""

    key: str
    suggestion: Suggestion
    state: State
    run: str
    created_at: datetime
    decision: str = ""
    answer: Answer = field(default_factory=Answer)
    decided_at: datetime | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of its records."""
        return tuple(each.id for each in self.suggestion.members)


@dataclass(frozen=True, slots=True)
class Behind:
    """Where a page of suggestions begins: behind the one of this confidence and key."""

    confidence: float
    key: str


def suggest(
    connection: Connection,
    install_id: str,
    seal: Seal,
    suggestions: Iterable[Suggestion],
    *,
    now: datetime,
    run: str = "",
) -> int:
    """Ask people about these; return how many are new. One row for each set of records.

    One that is open is told anew, and stays that of the run which found it first. One that somebody decided is left;
    one that was gone is asked about again.
    """
    found = {each.key: each for each in suggestions}
    known = {each.key: each for each in _by_keys(connection, install_id, seal, found)}
    new = 0
    for key, each in found.items():
        old = known.get(key)
        if old is None or old.state == "gone":
            _put(connection, install_id, seal, Asked(key, each, "open", run, now))
            new += 1
        elif old.state == "open":
            _put(connection, install_id, seal, replace(old, suggestion=each))
    return new


def open_(
    connection: Connection,
    install_id: str,
    seal: Seal,
    *,
    limit: int,
    after: Behind | None = None,
    state: State = "open",
    run: str | None = None,
    undecided: bool = False,
) -> list[Asked]:
    """Return suggestions that wait for a person (or are in another `state`), the surest first, a page behind `after`.

    `run` asks only for those that this clean-up found, `undecided` for those that no decision was made of.
    """
    query = select(pair).where(pair.c.install_id == install_id, pair.c.state == state)
    if run is not None:
        query = query.where(pair.c.run == run)
    if undecided:
        query = query.where(pair.c.decision == "")
    if after is not None:
        behind = (pair.c.confidence == after.confidence) & (pair.c.key > after.key)
        query = query.where((pair.c.confidence < after.confidence) | behind)
    rows = connection.execute(query.order_by(pair.c.confidence.desc(), pair.c.key).limit(limit))
    return [_asked(seal, row) for row in rows]


def before(connection: Connection, install_id: str, here: Behind) -> str:
    """Return the key of the open suggestion right before this place, which is surer; "" for the first."""
    mine = (pair.c.install_id == install_id) & (pair.c.state == "open")
    ahead = (pair.c.confidence == here.confidence) & (pair.c.key < here.key)
    query = select(pair.c.key).where(mine, (pair.c.confidence > here.confidence) | ahead)
    return connection.execute(query.order_by(pair.c.confidence, pair.c.key.desc()).limit(1)).scalar_one_or_none() or ""


def by_key(connection: Connection, install_id: str, seal: Seal, key: str) -> Asked | None:
    """Return one suggestion, or None."""
    return next(iter(_by_keys(connection, install_id, seal, [key])), None)


def by_start(connection: Connection, install_id: str, seal: Seal, start: str) -> list[Asked]:
    """Return suggestions whose key begins so, two at most: people name one by its first letters."""
    mine = (pair.c.install_id == install_id) & pair.c.key.startswith(start, autoescape=True)
    return [_asked(seal, row) for row in connection.execute(select(pair).where(mine).order_by(pair.c.key).limit(2))]


def about(connection: Connection, install_id: str, seal: Seal, ids: Collection[str]) -> list[Asked]:
    """Return all suggestions about these records, whatever became of them: each is kept with all that people saw."""
    keys = set[str]()
    for some in parts(ids):
        mine = (pair_member.c.install_id == install_id) & pair_member.c.record_id.in_(some)
        keys |= set(connection.execute(select(pair_member.c.key).where(mine)).scalars())
    return list(_by_keys(connection, install_id, seal, keys))


def merged_by(connection: Connection, install_id: str, run: str) -> list[str]:
    """Return the keys of the decisions that merge what a clean-up found."""
    mine = (pair.c.install_id == install_id) & (pair.c.run == run) & pair.c.state.in_(["merging", "merged"])
    return list(connection.execute(select(pair.c.decision).where(mine).order_by(pair.c.key)).scalars())


def counts(connection: Connection, install_id: str, *, run: str | None = None) -> dict[str, int]:
    """Return how many suggestions there are in each state."""
    query = select(pair.c.state, func.count()).where(pair.c.install_id == install_id)
    if run is not None:
        query = query.where(pair.c.run == run)
    return {row.state: row[1] for row in connection.execute(query.group_by(pair.c.state))}


def answered(connection: Connection, install_id: str, *, since: datetime) -> int:
    """Return of how many suggestions people have said something since."""
    mine = (pair.c.install_id == install_id) & pair.c.state.in_(["accepted", "merging", "merged", "rejected"])
    return int(connection.execute(select(func.count()).where(mine, pair.c.decided_at >= since)).scalar_one())


def move(
    connection: Connection, install_id: str, seal: Seal, asked: Asked, to: Asked, *, expected: State | None = None
) -> bool:
    """Replace a suggestion by what became of it; False when somebody else was faster: it is not what it was."""
    mine = (pair.c.install_id == install_id) & (pair.c.key == asked.key)
    was = (pair.c.state == (expected or asked.state)) & (pair.c.decision == asked.decision)
    values = _row(install_id, seal, to)
    fresh = {name: values[name] for name in ("state", "confidence", "decision", "sealed", "decided_at")}
    return connection.execute(update(pair).where(mine, was).values(**fresh)).rowcount > 0


def close(connection: Connection, install_id: str, ids: Collection[str]) -> None:
    """Nobody needs to be asked about these records any more: they are gone, or have become one."""
    for some in parts(ids):
        mine = (pair_member.c.install_id == install_id) & pair_member.c.record_id.in_(some)
        keys = select(pair_member.c.key).where(mine)
        waiting = (pair.c.install_id == install_id) & pair.c.state.in_(["open", "accepted"])
        connection.execute(update(pair).where(waiting, pair.c.key.in_(keys)).values(state="gone"))


def forget(connection: Connection, install_id: str, ids: Collection[str]) -> None:
    """Delete all that is asked or was said about these records."""
    for some in parts(ids):
        mine = (pair_member.c.install_id == install_id) & pair_member.c.record_id.in_(some)
        keys = select(pair_member.c.key).where(mine)
        connection.execute(delete(pair).where(pair.c.install_id == install_id, pair.c.key.in_(keys)))
    pair_labels.forget(connection, install_id, ids)


def _by_keys(connection: Connection, install_id: str, seal: Seal, keys: Collection[str]) -> Iterator[Asked]:
    for some in parts(keys):
        mine = (pair.c.install_id == install_id) & pair.c.key.in_(some)
        for row in connection.execute(select(pair).where(mine).order_by(pair.c.key)).all():
            yield _asked(seal, row)


def _put(connection: Connection, install_id: str, seal: Seal, each: Asked) -> None:
    values = _row(install_id, seal, each)
    statement = insert(connection, pair).values(**values)
    keys = ["install_id", "key"]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=values))
    lines = [{"install_id": install_id, "record_id": one, "key": each.key} for one in dict.fromkeys(each.ids)]
    connection.execute(insert(connection, pair_member).on_conflict_do_nothing(), lines)


def _row(install_id: str, seal: Seal, each: Asked) -> dict[str, Any]:
    plain = {"suggestion": each.suggestion, "answer": each.answer, sentences.KEY: each.suggestion.kept()}
    return {
        "install_id": install_id,
        "key": each.key,
        "state": each.state,
        "confidence": each.suggestion.confidence,
        "run": each.run,
        "decision": each.decision,
        "sealed": seal.close(_converter.unstructure(plain), about=f"pair:{each.key}"),
        "created_at": each.created_at,
        "decided_at": each.decided_at,
    }


def _asked(seal: Seal, row: Row[Any]) -> Asked:
    """Open a suggestion. Raises Unreadable."""
    plain = seal.open(row.sealed, about=f"pair:{row.key}")
    told = _converter.structure(plain["suggestion"], Suggestion).remembering(plain.get(sentences.KEY) or {})
    answer = _converter.structure(plain["answer"], Answer)
    return Asked(row.key, told, row.state, row.run, row.created_at, row.decision, answer, row.decided_at)
