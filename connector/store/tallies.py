"""Tallies: how many decisions came to what, by the half hour, for reports that reach back further than decisions do.

One sealed row for each half hour of an install: what is counted (rules, people, lead sources) cannot be read here. A
half hour, because days begin on the half hour in India; where they begin on the quarter (Nepal), a day is told a
quarter of an hour off. What is counted of a decision stands in connector/store/counting.py.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias, get_args

import structlog
from pydantic_core import from_json
from sqlalchemy import Column, Connection, ForeignKey, LargeBinary, Table, delete, func, select, update

from connector.store.base import EPOCH, Moment, insert, metadata
from connector.store.installs import INSTALL_ID
from connector.store.seal import LONE, Seal, Unreadable
from rules.outcomes import MatchStatus, Outcome, ResponseStatus

log = structlog.get_logger()

Label: TypeAlias = tuple[str, ...]
"""What is counted: its kind first (``outcome``, ``rule`` …), then which one."""
Counts: TypeAlias = Mapping[Label, int]

SLOT = timedelta(minutes=30)
KEPT = timedelta(days=400)
"""How long it is known: a year, and the month that is compared with that of last year."""
MOST_LABELS = 3_000
"""Different labels of one half hour; a field that says something else of every lead would fill the row for nothing."""
LONGEST = 255
"""Characters of a part of a label; the name of a record in a CRM is no longer."""
OTHERS = "…"
"""What is counted once there are too many labels."""
FEW = frozenset(each for kind in (Outcome, MatchStatus, ResponseStatus) for each in get_args(kind))
"""Parts of labels that can be one of a few words."""
_BETWEEN = "\t"

tally = Table(
    "tally",
    metadata,
    Column("install_id", INSTALL_ID, ForeignKey("install.id", ondelete="CASCADE"), primary_key=True),
    Column("slot", Moment, primary_key=True, comment="when its half hour begins"),
    Column("sealed", LargeBinary, nullable=False),
)


def slot(moment: datetime) -> datetime:
    """Return when the half hour of a moment begins."""
    return moment - (moment - EPOCH) % SLOT


def add(connection: Connection, install_id: str, seal: Seal, found: Iterable[tuple[datetime, Counts]]) -> None:
    """Count what happened at these moments; one row is written for each half hour, in the caller's transaction."""
    more: dict[datetime, Counter[str]] = {}
    for moment, counts in found:
        more.setdefault(slot(moment), Counter()).update({_written(label): count for label, count in counts.items()})
    for start in sorted(more):
        if more[start]:
            _add(connection, install_id, seal, start, more[start])


def read(
    connection: Connection, install_id: str, seal: Seal, *, since: datetime, until: datetime
) -> Iterator[tuple[datetime, dict[str, int]]]:
    """Yield the half hours that begin from `since` until before `until`, the oldest first, with what they counted.

    As written; :func:`labelled` tells what it means. Adding up comes first: there are thousands of half hours.
    """
    query = select(tally).where(tally.c.install_id == install_id, tally.c.slot >= since, tally.c.slot < until)
    for row in connection.execute(query.order_by(tally.c.slot)):
        yield row.slot, _open(seal, row.slot, row.sealed)


def labelled(counts: Mapping[str, int]) -> Counter[Label]:
    """Return what was counted by its labels."""
    return Counter({tuple(key.split(_BETWEEN)): count for key, count in counts.items()})


def first(connection: Connection, install_id: str) -> datetime | None:
    """Return when the oldest half hour begins of which anything is known; None when nothing was counted yet."""
    query = select(func.min(tally.c.slot)).where(tally.c.install_id == install_id)
    return connection.execute(query).scalar_one_or_none()


def purge(connection: Connection, *, before: datetime) -> int:
    """Delete the half hours that began before."""
    return connection.execute(delete(tally).where(tally.c.slot < before)).rowcount


def _add(connection: Connection, install_id: str, seal: Seal, start: datetime, counts: Counter[str]) -> None:
    # Locked: the clock may be counting what an older version left uncounted, so the row must be there first.
    mine = (tally.c.install_id == install_id) & (tally.c.slot == start)
    locked = select(tally.c.sealed).where(mine).with_for_update()
    found = connection.execute(locked).scalar_one_or_none()
    if found is None:
        empty = insert(connection, tally).on_conflict_do_nothing()
        connection.execute(empty.values(install_id=install_id, slot=start, sealed=_closed(seal, start, {})))
        found = connection.execute(locked).scalar_one()
    kept = Counter(_open(seal, start, found))
    for label, count in counts.items():
        kept[label if label in kept or len(kept) < MOST_LABELS else _other(label)] += count
    connection.execute(update(tally).where(mine).values(sealed=_closed(seal, start, kept)))


def _written(label: Label) -> str:
    return _BETWEEN.join(" ".join(part.split())[:LONGEST] for part in label)


def _other(label: str) -> str:
    """Return the label of the same kind for all that have none of their own; what can say only a few words stays."""
    kind, *rest = label.split(_BETWEEN)
    return _BETWEEN.join((kind, *(each if each in FEW else OTHERS for each in rest)))


def _closed(seal: Seal, start: datetime, counts: Mapping[str, int]) -> bytes:
    plain = json.dumps(counts, separators=(",", ":"), ensure_ascii=False).encode(errors=LONE)
    return seal.close_bytes(plain, about=_about(start))


def _open(seal: Seal, start: datetime, sealed: bytes) -> dict[str, int]:
    """Open a half hour; a damaged one counts nothing, and holds up nobody."""
    try:
        return _parsed(seal.open_bytes(sealed, about=_about(start)))
    except (Unreadable, ValueError) as error:
        log.warning("tally unreadable", error=type(error).__name__)
        return {}


def _parsed(plain: bytes) -> dict[str, int]:
    """Read what was counted: by pydantic's parser, which takes half the time of json's, as reports open thousands."""
    try:
        return dict(from_json(plain))
    except ValueError:  # halves of surrogate pairs, which json takes
        return dict(json.loads(plain))


def _about(start: datetime) -> str:
    return f"tally:{start.isoformat()}"
