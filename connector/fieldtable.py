"""Names of ours and fields of a CRM, side by side: what a CRM offers, and which of it stands behind which name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from rules.field_names import MAPPED, Holds
from rules.fields import FieldType
from rules.model import Kind

FieldState: TypeAlias = Literal["fine", "none", "hidden", "missing", "wrong type"]
"""``none``: no field stands behind a name, which is no fault. The last three say why the one that is wanted is not
read; what a CRM hides from the connected user looks as if it were not there, so ``hidden`` is said only of a field that
every CRM of its kind has."""

KINDS: tuple[Kind, ...] = ("lead", "contact", "account")
"""The kinds whose fields have names of ours, in the order in which people read them."""


@dataclass(frozen=True, slots=True)
class CrmField:
    """One field as the connected user sees it. `type` is the CRM's word for its type, `holds` what that comes to.

    `values` are those of a list of choices, as records have them, with what people see; `restricted`: no record can
    have another.
    """

    name: str
    label: str
    type: str
    holds: Holds
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    restricted: bool = False


@dataclass(frozen=True, slots=True)
class FieldUse:
    """Which field stands behind a name of ours. `usual` is its API name without a mapping, "" where there is none.

    `wanted` is what the mapping says, "" without one. `used` is the field that is read, None when there is none.
    `why` and `remedy` say what is wrong with the wanted one, or why the usual one is not there; `meanwhile` what is
    read instead. They, and the words for types, are in the language that is spoken when they are asked for.
    """

    name: str
    type: FieldType
    usual: str
    wanted: str
    used: CrmField | None
    state: FieldState
    why: str = ""
    remedy: str = ""
    meanwhile: str = ""

    @property
    def trouble(self) -> str:
        """All that is wrong, in sentences; empty when nothing is."""
        return " ".join(filter(None, (self.why, self.meanwhile)))


@dataclass(frozen=True, slots=True)
class FieldTable:
    """All names of a kind, and every field that the CRM offers for it. `object` is the CRM's label of the kind.

    `notes` are sentences on what else is done with these records, such as in which currency amounts are compared.
    """

    kind: Kind
    object: str
    uses: tuple[FieldUse, ...] = ()
    offered: tuple[CrmField, ...] = ()
    notes: tuple[str, ...] = ()

    def find(self, api_name: str) -> CrmField | None:
        """Return an offered field by its API name, in any case."""
        return next((each for each in self.offered if each.name.casefold() == api_name.casefold()), None)


def names_of(kind: Kind) -> Mapping[str, FieldType]:
    """Return the names of a kind that may stand for another field, with their types; none for other kinds."""
    return MAPPED.get(kind, {})
