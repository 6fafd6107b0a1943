"""Which field of the CRM stands behind a name of ours, where a customer's CRM keeps it in another one than usual."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from rules.fields import ACCOUNT, CANONICAL, CONTACT, LEAD, TEXTUAL, FieldType, canonical
from rules.matching.policy import HISTORY

__all__ = [
    "API_NAME",
    "HOLDS",
    "MAPPED",
    "NO_NAMES",
    "FieldNames",
    "Holds",
    "changed_names",
    "fits",
    "of_scope",
    "write",
]

Holds: TypeAlias = Literal["text", "number", "bool", "time", "other"]
"""What kind of value a field of a CRM holds, whatever the CRM calls its type; ``other`` fits no name of ours."""

NO_NAMES: Mapping[str, str] = MappingProxyType({})
API_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}", re.ASCII)
"""How both CRMs name fields; Salesforce's may begin with the prefix of a package."""
_OURS = frozenset(
    {
        "id", "owner_id", "created_at", "modified_at", "account_id", "decision", "converted", "parent_id", "person",
        "email_domain", "status",
    }
)  # fmt: skip
"""Names behind which the CRM itself, or the product, has its one field: they cannot be another one. By the status it
shows whether anybody has acted on a lead (connector/acts.py), and the CRM is asked for its own."""
MAPPED: Mapping[str, Mapping[str, FieldType]] = MappingProxyType(
    {
        scope: MappingProxyType({name: kind for name, kind in names.items() if name not in _OURS | HISTORY})
        for scope, names in (("lead", LEAD), ("contact", CONTACT), ("account", ACCOUNT))
    }
)
"""Scope -> the names that may stand for another field of the CRM -> their type."""
HOLDS: Mapping[FieldType, Holds] = MappingProxyType(
    {"number": "number", "bool": "bool", "time": "time", **dict.fromkeys(TEXTUAL, "text")}
)


@dataclass(frozen=True, slots=True)
class FieldNames:
    """The names of a rule set's item ``fields``, as ``scope.name`` and the CRM's API name, in the order of the text."""

    pairs: tuple[tuple[str, str], ...] = ()


def fits(name: str, holds: Holds) -> bool:
    """Tell whether a field that holds such values can stand behind ``scope.name``."""
    scope, _, field = name.partition(".")
    return HOLDS.get(CANONICAL[scope][field]) == holds


def of_scope(names: Mapping[str, str], scope: str) -> dict[str, str]:
    """Return the names of one scope without it: ``product`` -> ``Product_Line__c``."""
    start = f"{scope}."
    return {name.removeprefix(start): api for name, api in names.items() if name.startswith(start)}


def changed_names(changed: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the fields of a lead that an event says were changed, under our names.

    Events are told by the CRM's usual names, for they are decoded before anybody knows the rules. A field that stands
    behind a name of ours is told by that name too: also one that usually stands behind another name (``MobilePhone``
    is told as ``mobile``), and where the mapping leaves out a package's prefix. Our name is kept where it was told: a
    test says it so, and nobody knows whether it was the usual field that changed.
    """
    wanted = of_scope(names, "lead").items()
    told = [ours for name in changed for ours, api in wanted if _is_field(name, api)]
    return tuple(dict.fromkeys([*changed, *told]))


def write(names: Iterable[tuple[str, str]]) -> str:
    """Return the item ``fields`` as the text of a record, by scope and name; "" when nothing is mapped."""
    order = list(MAPPED)
    lines = sorted(names, key=lambda pair: (order.index(pair[0].partition(".")[0]), pair[0]))
    return "- fields:\n" + "".join(f"    {name}: {api}\n" for name, api in lines) if lines else ""


def _is_field(told: str, api: str) -> bool:
    """Whether an event's name of a lead's field means the field that a mapping names."""
    field = told.casefold()
    return f"__{field}".endswith(f"__{api.casefold()}") or f"lead.{field}" == canonical(f"lead.{api}")
