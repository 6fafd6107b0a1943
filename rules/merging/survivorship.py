"""Which value of each field stays: by the policy's rule for it, an address as a whole, consent as strict as it was."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rules.clauses import compare
from rules.merging import consent
from rules.merging.addresses import addresses
from rules.merging.facts import RecordFacts, named_fields
from rules.merging.policy import ADDRESS, MergePolicy, own_name
from rules.merging.steps import Has, Taken, entries, take
from rules.model import Record, Value

__all__ = ["DERIVED", "OURS", "Chosen", "choose", "is_ours"]

OURS = frozenset(
    {
        "id", "owner_id", "created_at", "modified_at", "converted", "decision",
        "masterrecordid", "isdeleted", "createdbyid", "lastmodifiedbyid", "lastmodifieddate", "convertedaccountid",
        "convertedcontactid", "convertedopportunityid", "converteddate", "lastactivitydate", "lastvieweddate",
        "lastreferenceddate", "hs_lastmodifieddate", "hs_object_id", "hs_merged_object_ids",
        "hs_calculated_merged_vids", "hs_all_contact_vids", "contact_id", "person",
    }
)  # fmt: skip
"""What the CRM or the choice of an owner decides, by names as of `own_name`: no rule for values does."""
DERIVED = frozenset({"name", "domain", "email_domain"})
"""What follows from the other fields of a person; an account has them itself."""
_NOTED = re.compile(r"(?:\w+__)?switchyard_\w+")
"""What we note on records."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The value that a field gets. `from_id` is the record it comes from, "" when several have a part in it.

    `rule` names what chose it: a step of the policy, ``address``, ``strict`` (an opt-out), ``consent``, ``basis``
    (legal) or ``person``. `before` is the survivor's own value, `instead_of` are those that do not stay, by record id.
    """

    value: Value
    from_id: str
    rule: str
    before: Value = None
    instead_of: tuple[tuple[str, Value], ...] = ()

    @property
    def is_new(self) -> bool:
        """Whether the survivor says something else than before."""
        return not (compare.is_empty(self.value) and compare.is_empty(self.before)) and self.value != self.before


def choose(
    order: Sequence[Record], policy: MergePolicy, facts: Mapping[str, RecordFacts], by_person: Mapping[str, str]
) -> dict[str, Chosen]:
    """Return the value of every field that one of the records has, by the name it has there; the survivor is first.

    `by_person` says from which record (its id) a person wants the value of a field (a name as of `own_name`); consent
    and opt-outs do not follow it.
    """
    told = {record.id: named_fields(record) for record in order}
    names = sorted({name for each in told.values() for name in each if not is_ours(name)})
    if order[0].kind != "account":
        names = [name for name in names if name not in DERIVED]
    wanted = {own_name(name): from_id for name, from_id in by_person.items() if from_id in told}
    rules = policy.by_field
    free = [name for name in names if name not in wanted and name not in rules]
    whole = {
        name: one
        for each in addresses(free, order, rules.get(ADDRESS, policy.others), facts)
        for name, one in each.taken.items()
    }
    found: dict[str, Chosen] = {}
    for name in names:
        has = [(record, told[record.id].get(name, ("", None))[1]) for record in order]
        if consent.is_strict(name, policy):
            taken = _strict(name, has, policy)
        elif name in wanted:
            taken = told[wanted[name]].get(name, ("", None))[1], wanted[name], "person"
        else:
            taken = whole.get(name) or take(name, has, rules.get(name, policy.others), facts)
        written = next(each[name][0] for each in told.values() if name in each)
        found[written] = _chosen(taken, has)
    return found


def is_ours(name: str) -> bool:
    """Tell whether a field (a name as of `own_name`) is the CRM's own, or a note of ours: no rule chooses it."""
    return name in OURS or _NOTED.fullmatch(name) is not None


def _chosen(taken: Taken, has: Has) -> Chosen:
    value, from_id, rule = taken
    others = tuple((record.id, other) for record, other in has if not _stays(other, value, rule))
    return Chosen(value, from_id, rule, has[0][1], others)


def _stays(other: Value, value: Value, rule: str) -> bool:
    """Tell whether the chosen value still says what another one says."""
    if compare.is_empty(other) or rule == "sum":
        return True
    if rule in {"union", "basis"}:
        return set(map(compare.folded, entries(other))) <= set(map(compare.folded, entries(value)))
    return compare.folded(other) == compare.folded(value)


def _strict(name: str, has: Has, policy: MergePolicy) -> Taken:
    values = [value for _, value in has]
    if name == consent.LEGAL_BASIS:
        return consent.all_bases(values) or None, "", "basis"
    is_opt_out = consent.is_opt_out(name, policy)
    value = consent.stricter_answer(values, opt_out=is_opt_out)
    from_id = next((record.id for record, other in has if other == value), has[0][0].id)
    return value, from_id, "strict" if is_opt_out else "consent"
