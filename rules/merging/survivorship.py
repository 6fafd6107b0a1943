"""Which value of each field stays: by the policy's rule for it, an address as a whole, consent as strict as it was."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from rules import compare, moments, normalize, numbers
from rules.fields import LEAD
from rules.merging import consent
from rules.merging.facts import NOTHING_KNOWN, RecordFacts
from rules.merging.facts import named_fields as named
from rules.merging.policy import ADDRESS, MergePolicy, Step
from rules.model import Record, Value

__all__ = ["OURS", "Chosen", "choose", "same_value"]

OURS = frozenset(
    {
        "id", "owner_id", "created_at", "modified_at", "converted", "decision", "name", "domain", "email_domain",
        "masterrecordid", "isdeleted", "createdbyid", "lastmodifiedbyid", "systemmodstamp", "convertedaccountid",
        "convertedcontactid", "convertedopportunityid", "converteddate", "lastactivitydate", "lastvieweddate",
        "lastreferenceddate", "createdate", "lastmodifieddate", "hs_lastmodifieddate", "hs_object_id",
        "hs_merged_object_ids", "hs_calculated_merged_vids", "hs_all_contact_vids", "contact_id",
    }
)  # fmt: skip
"""What the CRM, the owner's choice or our own note decides: no rule for values does."""
_NOTED = re.compile(r"(?:\w+__)?switchyard_\w+")
_PLACES = "street|address|city|state|statecode|state_code|postalcode|postal_code|zip|country|countrycode|country_code"
_PART = re.compile(rf"(?P<which>mailing|other|billing|shipping)?(?P<part>{_PLACES}|latitude|longitude|geocodeaccuracy)")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The value that a field gets. `from_id` is the record it comes from, "" when several have a part in it.

    `rule` names what chose it: a step of the policy, ``address``, ``strict``, ``basis``, ``consent`` or ``person``.
    `before` is the survivor's own value, `instead_of` are the values that do not stay, each with its record.
    """

    value: Value
    from_id: str
    rule: str
    before: Value = None
    instead_of: tuple[tuple[str, Value], ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether the survivor had another value before."""
        return not (compare.is_empty(self.value) and compare.is_empty(self.before)) and self.value != self.before


def choose(
    order: Sequence[Record], policy: MergePolicy, facts: Mapping[str, RecordFacts], by_person: Mapping[str, str]
) -> dict[str, Chosen]:
    """Return the value of every field that one of the records has, by the name it has there; the survivor is first.

    `by_person` says from which record (its id) a person wants the value of a field (a name as of `own_name`); consent
    and opt-outs do not follow it. The result does not depend on the order of the losers, only on what they are.
    """
    told = [named(record) for record in order]
    known = [name for name in sorted({name for each in told for name in each}) if not _is_ours(name)]
    blocks = _blocks([name for name in known if not policy.names(name) and name not in by_person])
    donors = {which: _donor(order, parts, policy, facts) for which, parts in blocks.items()}
    found: dict[str, Chosen] = {}
    for name in known:
        has = [(record, told[place].get(name, ("", None))[1]) for place, record in enumerate(order)]
        which = _which(name)
        if consent.is_strict(name, policy):
            value, from_id, rule = _strict(name, has, policy)
        elif (wanted := by_person.get(name)) in {record.id for record in order}:
            value, from_id, rule = next((value, record.id, "person") for record, value in has if record.id == wanted)
        elif name in blocks.get(which, ()):
            value, from_id, rule = _part_of(name, order, donors[which], blocks[which])
        else:
            value, from_id, rule = _by_steps(name, has, policy.steps_for(name), facts)
        written = next((each[name][0] for each in told if name in each), name)
        others = tuple((record.id, other) for record, other in has if _goes(other, value, rule))
        found[written] = Chosen(value, from_id, rule, has[0][1], others)
    return found


def _is_ours(name: str) -> bool:
    return name in OURS or _NOTED.fullmatch(name) is not None


def same_value(name: str, one: Value, other: Value) -> bool:
    """Tell whether two values of a field (a name as of `own_name`) mean the same."""
    kind = LEAD.get(name, "any")
    if kind == "country":
        return _country(one) == _country(other)
    if name in {"phone", "mobile"}:
        return _digits(one) == _digits(other)
    return compare.folded(one) == compare.folded(other)


def _country(value: Value) -> str:
    return normalize.country(compare.plain(value)) or compare.folded(value)


def _digits(value: Value) -> str:
    return re.sub(r"\D", "", compare.plain(value))


def _goes(other: Value, value: Value, rule: str) -> bool:
    """Tell whether a record's value does not stay: it says something that the chosen one does not."""
    if compare.is_empty(other) or rule == "sum":
        return False
    if rule in {"union", "basis"}:
        return not set(map(compare.folded, _entries(other))) <= set(map(compare.folded, _entries(value)))
    return compare.folded(other) != compare.folded(value)


_Has = Sequence[tuple[Record, Value]]
_Found = tuple[Value, str, str]


def _strict(name: str, has: _Has, policy: MergePolicy) -> _Found:
    values = [value for _, value in has]
    if name == consent.LEGAL_BASIS:
        return consent.all_bases(values) or None, "", "basis"
    is_opt_out = consent.is_opt_out(name, policy)
    value = consent.stricter_answer(values, opt_out=is_opt_out)
    from_id = next((record.id for record, other in has if other == value), has[0][0].id)
    return value, from_id, "strict" if is_opt_out else "consent"


def _by_steps(name: str, has: _Has, steps: Sequence[Step], facts: Mapping[str, RecordFacts]) -> _Found:
    """Return what the first step finds that finds a value; else the survivor's own, which is empty then or was kept."""
    filled = [(record, value) for record, value in has if not compare.is_empty(value)]
    for step in steps:
        if filled and (found := _STEPS[step.kind](name, filled, step, has[0][0], facts)) is not None:
            value, record = found
            return value, record.id if record else "", step.kind
    survivor, value = has[0]
    if compare.is_empty(value) and filled:
        record, value = filled[0]
        return value, record.id, "non-empty"
    return value, survivor.id, "survivor"


_Taken = tuple[Value, Record | None]
_Take = Callable[[str, _Has, Step, Record, Mapping[str, RecordFacts]], _Taken | None]


def _when(name: str, record: Record, facts: Mapping[str, RecordFacts]) -> datetime:
    """Return when a record's value was last written, as well as it is known."""
    told = facts.get(record.id, NOTHING_KNOWN).changed.get(name)
    return told or record.modified_at or record.created_at or _LONG_AGO


def _newest(name: str, filled: _Has, _step: Step, _survivor: Record, facts: Mapping[str, RecordFacts]) -> _Taken:
    record, value = max(filled, key=lambda each: _when(name, each[0], facts))
    return value, record


def _oldest(name: str, filled: _Has, _step: Step, _survivor: Record, facts: Mapping[str, RecordFacts]) -> _Taken:
    record, value = min(filled, key=lambda each: _when(name, each[0], facts))
    return value, record


def _own(_name: str, filled: _Has, _step: Step, survivor: Record, _facts: Mapping[str, RecordFacts]) -> _Taken | None:
    return next(((value, record) for record, value in filled if record is survivor), None)


def _any(_name: str, filled: _Has, _step: Step, _survivor: Record, _facts: Mapping[str, RecordFacts]) -> _Taken:
    return filled[0][1], filled[0][0]


def _longest(_name: str, filled: _Has, _step: Step, _survivor: Record, _facts: Mapping[str, RecordFacts]) -> _Taken:
    record, value = max(filled, key=lambda each: len(compare.plain(each[1]).strip()))
    return value, record


def _entries(value: Value) -> list[str]:
    return [part.strip() for part in compare.plain(value).split(";") if part.strip()]


def _union(_name: str, filled: _Has, _step: Step, _survivor: Record, _facts: Mapping[str, RecordFacts]) -> _Taken:
    told: dict[str, str] = {}
    for _, value in filled:
        for entry in _entries(value):
            told.setdefault(compare.folded(entry), entry)
    return ";".join(told.values()), None


def _sum(_name: str, filled: _Has, _step: Step, _survivor: Record, _facts: Mapping[str, RecordFacts]) -> _Taken | None:
    found = [number for _, value in filled if (number := numbers.number(value)) is not None]
    total = sum(sorted(found))
    return (round(total, 6) if isinstance(total, float) else total, None) if found else None


def _extreme(sign: int) -> _Take:
    def take(
        _name: str, filled: _Has, _step: Step, _survivor: Record, _facts: Mapping[str, RecordFacts]
    ) -> _Taken | None:
        sized = [(size, record, value) for record, value in filled if (size := _size(value)) is not None]
        best = max(sized, key=lambda each: sign * each[0], default=None)
        return (best[2], best[1]) if best else None

    return take


def _size(value: Value) -> float | None:
    number = numbers.number(value)
    if number is not None:
        return float(number)
    at = moments.moment(value)
    return at.at.timestamp() if at else None


def _trusted(
    _name: str, filled: _Has, step: Step, _survivor: Record, _facts: Mapping[str, RecordFacts]
) -> _Taken | None:
    ranks = {compare.folded(source): rank for rank, source in reversed(list(enumerate(step.sources)))}
    ranked = [(ranks.get(compare.folded(named(record).get("source", ("", None))[1])), each) for each in filled for record in each[:1]]
    best = min(((rank, place) for place, (rank, _) in enumerate(ranked) if rank is not None), default=None)
    return (ranked[best[1]][1][1], ranked[best[1]][1][0]) if best else None


_STEPS: Mapping[str, _Take] = {
    "survivor": _own, "newest": _newest, "oldest": _oldest, "non-empty": _any, "longest": _longest, "union": _union,
    "sum": _sum, "highest": _extreme(1), "lowest": _extreme(-1), "most trusted source": _trusted,
}  # fmt: skip
