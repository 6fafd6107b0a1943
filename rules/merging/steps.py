"""The ways to choose one value of several: the newest, the longest, all together, the most trusted source's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias

from rules.clauses import compare
from rules.merging.facts import NOTHING_KNOWN, RecordFacts, named_fields
from rules.merging.policy import Step
from rules.model import Record, Value
from rules.normalizing import numbers
from rules.times import moments

__all__ = ["Has", "Taken", "entries", "take"]

Has: TypeAlias = Sequence[tuple[Record, Value]]
"""Records with their values of one field, the survivor first."""
Taken: TypeAlias = tuple[Value, str, str]
"""A value, the id of the record that it comes from ("" when several have a part in it), and what chose it."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Offers:
    """What there is to choose from: `filled` are the values that say something; never none of them."""

    name: str
    filled: Has
    survivor: Record
    facts: Mapping[str, RecordFacts]

    def when(self, record: Record) -> datetime:
        """Return when a record's value was last written, as well as it is known."""
        told = self.facts.get(record.id, NOTHING_KNOWN).changed.get(self.name)
        return told or record.modified_at or record.created_at or _LONG_AGO


_Found: TypeAlias = tuple[Record | None, Value] | None


def take(name: str, has: Has, steps: Sequence[Step], facts: Mapping[str, RecordFacts]) -> Taken:
    """Return what the first step chooses that finds a value; if none does, the first value that there is.

    So no field is emptied that one of the records has filled in. `name` is a name as of `own_name`.
    """
    survivor, own = has[0]
    filled = [(record, value) for record, value in has if not compare.is_empty(value)]
    if not filled:
        return own, survivor.id, "survivor"
    offers = _Offers(name, filled, survivor, facts)
    for step in steps:
        if found := _STEPS[step.kind](offers, step):
            record, value = found
            return value, record.id if record else "", step.kind
    record, value = filled[0]
    return value, record.id, "survivor" if record is survivor else "non-empty"


def entries(value: Value) -> list[str]:
    """Return the entries of a multi-select field, which both CRMs separate by semicolons."""
    return [part.strip() for part in compare.plain(value).split(";") if part.strip()]


def _own(offers: _Offers, _step: Step) -> _Found:
    return next((each for each in offers.filled if each[0] is offers.survivor), None)


def _newest(offers: _Offers, _step: Step) -> _Found:
    return max(offers.filled, key=lambda each: offers.when(each[0]))


def _oldest(offers: _Offers, _step: Step) -> _Found:
    return min(offers.filled, key=lambda each: offers.when(each[0]))


def _first(offers: _Offers, _step: Step) -> _Found:
    return offers.filled[0]


def _longest(offers: _Offers, _step: Step) -> _Found:
    return max(offers.filled, key=lambda each: len(compare.plain(each[1]).strip()))


def _union(offers: _Offers, _step: Step) -> _Found:
    told: dict[str, str] = {}
    for _, value in offers.filled:
        for entry in entries(value):
            told.setdefault(compare.folded(entry), entry)
    return None, ";".join(told.values())


def _sum(offers: _Offers, _step: Step) -> _Found:
    found = sorted(number for _, value in offers.filled if (number := numbers.number(value)) is not None)
    total = sum(found)
    return (None, round(total, 6) if isinstance(total, float) else total) if found else None


def _extreme(sign: int) -> Callable[[_Offers, Step], _Found]:
    def found(offers: _Offers, _step: Step) -> _Found:
        sized = [(sign * size, each) for each in offers.filled if (size := _size(each[1])) is not None]
        return max(sized, key=lambda each: each[0])[1] if sized else None

    return found


def _size(value: Value) -> float | None:
    """Return a number, or a moment in seconds."""
    number = numbers.number(value)
    if number is not None:
        return float(number)
    at = moments.moment(value)
    return at.at.timestamp() if at else None


def _trusted(offers: _Offers, step: Step) -> _Found:
    ranks = {compare.folded(source): rank for rank, source in reversed(list(enumerate(step.sources)))}
    ranked = [(rank, each) for each in offers.filled if (rank := ranks.get(_source(each[0]))) is not None]
    return min(ranked, key=lambda each: each[0])[1] if ranked else None


def _source(record: Record) -> str:
    return compare.folded(named_fields(record).get("source", ("", None))[1])


_STEPS: Mapping[str, Callable[[_Offers, Step], _Found]] = {
    "survivor": _own, "newest": _newest, "oldest": _oldest, "non-empty": _first, "longest": _longest, "union": _union,
    "sum": _sum, "highest": _extreme(1), "lowest": _extreme(-1), "most trusted source": _trusted,
}  # fmt: skip
