"""Addresses stay whole: half of one and half of another would be a place where nobody is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rules import normalize
from rules.clauses import compare
from rules.merging.facts import RecordFacts, named_fields
from rules.merging.policy import ADDRESS, Step
from rules.merging.steps import Taken, take
from rules.model import Record, Value

__all__ = ["Address", "addresses", "same_value"]

_PART = re.compile(
    r"(?P<which>mailing|other|billing|shipping)?"
    r"(?P<part>street|address|city|state|state_?code|postal_?code|zip|country|country_?code|latitude|longitude"
    r"|geocodeaccuracy)"
)
"""The parts of an address, by names as of `own_name`: ``city`` and, of Salesforce's other addresses, ``othercity``."""


@dataclass(frozen=True, slots=True)
class Address:
    """One of the addresses that records have: the names of its parts, and the record that each is taken from."""

    parts: tuple[str, ...]
    taken: Mapping[str, Taken]


def addresses(
    names: Iterable[str], order: Sequence[Record], steps: Sequence[Step], facts: Mapping[str, RecordFacts]
) -> tuple[Address, ...]:
    """Return the addresses among the fields with these names, each chosen by `steps` as a whole; the survivor first.

    What the chosen one lacks is taken from the others as long as what both say is the same.
    """
    blocks: dict[str, list[str]] = {}
    for name in names:
        if part := _PART.fullmatch(name):
            blocks.setdefault(part["which"] or "", []).append(name)
    return tuple(_address(parts, order, steps, facts) for parts in blocks.values() if len(parts) > 1)


def _address(
    parts: Sequence[str], order: Sequence[Record], steps: Sequence[Step], facts: Mapping[str, RecordFacts]
) -> Address:
    known = {record.id: named_fields(record) for record in order}
    told = {each: {name: known[each].get(name, ("", None))[1] for name in parts} for each in known}
    whole = [(record, " ".join(filter(None, map(compare.plain, told[record.id].values())))) for record in order]
    _, donor, _ = take(ADDRESS, whole, steps, facts)
    found: dict[str, Taken] = {}
    for each in sorted(known, key=lambda one: one != donor):
        if all(same_value(name, value, told[each][name]) for name, (value, _, _) in found.items()):
            filled = {name: value for name, value in told[each].items() if not compare.is_empty(value)}
            found |= {name: (value, each, "address") for name, value in filled.items() if name not in found}
    nothing: Taken = (None, donor, "address")
    return Address(tuple(parts), {name: found.get(name, nothing) for name in parts})


def same_value(name: str, one: Value, other: Value) -> bool:
    """Tell whether two values of a field (a name as of `own_name`) mean the same; where one is empty, they may."""
    if compare.is_empty(one) or compare.is_empty(other):
        return True
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    texts = compare.plain(one), compare.plain(other)
    if name.endswith("country"):
        keys = [normalize.country(text) or compare.folded(text) for text in texts]
    elif name.endswith("state"):
        keys = [normalize.state(text) or compare.folded(text) for text in texts]
    elif name.endswith(("phone", "mobile", "fax")):
        keys = [normalize.phone(text) or re.sub(r"\D", "", text) for text in texts]
    elif name == "email":
        keys = [normalize.mailbox(text) or compare.folded(text) for text in texts]
    else:
        keys = [re.sub(r"[^\w]|_", "", compare.folded(text)) or text for text in texts]
    return keys[0] == keys[1]
