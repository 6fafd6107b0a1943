"""Who survives a merge: the policy's order, the first merit that sees a difference, and in the end the stable id."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from rules.clauses import compare
from rules.merging.blockers import is_converted
from rules.merging.facts import NOTHING_KNOWN, RecordFacts, asked, named_fields
from rules.merging.policy import MergePolicy, Merit, own_name
from rules.merging.survivorship import is_ours
from rules.model import Record, Value
from rules.normalizing import numbers
from rules.times import moments
from rules.wording.words import say, showable

__all__ = ["survivor"]

_UNKNOWN = -math.inf


def survivor(
    records: Sequence[Record], facts: Mapping[str, RecordFacts], policy: MergePolicy, now: datetime
) -> tuple[tuple[Record, ...], str]:
    """Return the records in the order in which they should survive, and why the first one does, for people.

    `facts` are by record id. The order is total and does not depend on that of the input: the id decides in the end.
    """
    scored = {
        id(record): tuple(_score(merit, record, facts.get(record.id, NOTHING_KNOWN), now) for merit in policy.survivor)
        for record in records
    }
    order = sorted(records, key=lambda record: ([-score for score in scored[id(record)]], record.id, record.kind))
    if len(order) < 2:  # noqa: PLR2004 - nobody to differ from
        return tuple(order), say("survivor.id")
    best, next_ = scored[id(order[0])], scored[id(order[1])]
    decided = next(
        (merit for merit, one, other in zip(policy.survivor, best, next_, strict=True) if one != other), None
    )
    return tuple(order), _because(decided, order[0], facts.get(order[0].id, NOTHING_KNOWN))


def _score(merit: Merit, record: Record, known: RecordFacts, now: datetime) -> float:
    """Return how well a record does; what is not known never wins."""
    if merit.condition:
        return float(merit.condition.test(asked(record, now)))
    if merit.field:
        number = _number(_value(merit, record))
        return number if merit.kind == "highest" or number == _UNKNOWN else -number
    return _SCORES[merit.kind](record, known)


def _number(value: Value) -> float:
    """Return a number, or a moment in seconds, for comparing."""
    found = numbers.number(value)
    if found is not None:
        return float(found)
    at = moments.moment(value)
    return at.at.timestamp() if at else _UNKNOWN


def _age(at: datetime | None, sign: int) -> float:
    return sign * at.timestamp() if at else _UNKNOWN


def _filled(record: Record) -> int:
    known = named_fields(record).items()
    return sum(not is_ours(name) and not compare.is_empty(value) for name, (_, value) in known)


_SCORES: Mapping[str, Callable[[Record, RecordFacts], float]] = {
    "contact before lead": lambda record, _known: record.kind == "contact",
    "converted": lambda record, _known: is_converted(record),
    "has open opportunity": lambda _record, known: known.open_opportunities > 0,
    "most complete": lambda record, _known: _filled(record),
    "most activity": lambda _record, known: known.activities,
    "latest activity": lambda _record, known: _age(known.last_activity_at, 1),
    "owner active": lambda _record, known: known.owner_active is True,
    "oldest": lambda record, _known: _age(record.created_at, -1),
    "newest": lambda record, _known: _age(record.created_at, 1),
    "latest change": lambda record, _known: _age(record.modified_at, 1),
}


def _value(merit: Merit, record: Record) -> Value:
    return named_fields(record).get(own_name(merit.field), ("", None))[1]


def _because(merit: Merit | None, record: Record, known: RecordFacts) -> str:
    """Return in words what decided for a record."""
    if merit is None:
        return say("survivor.id")
    values: dict[str, Value] = {
        "oldest": record.created_at,
        "newest": record.created_at,
        "latest change": record.modified_at,
        "latest activity": known.last_activity_at,
        "most activity": known.activities,
        "most complete": _filled(record),
    }
    told = values.get(merit.kind, _value(merit, record) if merit.field else None)
    return say(
        f"survivor.{merit.kind}",
        value=compare.shown(told),
        field=showable(merit.field),
        condition=showable(str(merit)),
    )
