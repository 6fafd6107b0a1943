"""Names of ours and the properties of a portal: which property stands behind which name, and why one does not. Pure."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from connector.fieldtable import CrmField, FieldTable, FieldUse, names_of
from connector.hubspot.fields import usual_names
from rules.field_names import Holds, fits, of_scope
from rules.wording.words import say, showable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rules.fields import FieldType
    from rules.model import Kind

_HOLDS: Mapping[str, Holds] = {
    "string": "text",
    "enumeration": "text",
    "phone_number": "text",
    "number": "number",
    "bool": "bool",
    "date": "time",
    "datetime": "time",
}
"""Property type -> what its values are (HubSpot, "Properties")."""
_NEEDED = frozenset({"number", "bool", "time"})
"""Types of names that take properties of their own; all others take text."""
_LABELS: Mapping[Kind, str] = {"lead": "Contact", "account": "Company"}


def table(kind: Kind, properties: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> FieldTable:
    """Return every name of a kind with the property behind it, from all property definitions."""
    offered = tuple(sorted((_field(each) for each in properties), key=lambda each: (each.label.casefold(), each.name)))
    known = {each.name.casefold(): each for each in offered}
    usual, wanted = usual_names(kind), of_scope(names, kind)
    uses = tuple(
        _use(f"{kind}.{name}", type_, usual.get(name, ""), wanted.get(name, ""), known)
        for name, type_ in names_of(kind).items()
    )
    return FieldTable(kind, _LABELS[kind], uses, offered)


def _use(name: str, type_: FieldType, usual: str, wanted: str, known: Mapping[str, CrmField]) -> FieldUse:
    """Return what stands behind one name: the wanted property, or the usual one and what is wrong with the wanted."""
    there = known.get(usual.casefold())
    if not wanted:
        return FieldUse(name, type_, usual, "", there, "fine" if there else "none")
    found = known.get(wanted.casefold())
    instead = say("fields.instead", field=there.name) if there else say("fields.empty", name=name)
    if found is None:
        way = say("fields.archived", object=_LABELS["lead" if name.startswith("lead.") else "account"])
        why = say("fields.no property", field=showable(wanted))
        return FieldUse(name, type_, usual, wanted, there, "missing", why, way, instead)
    if not fits(name, found.holds):
        needed = say(f"fields.needed.{type_ if type_ in _NEEDED else 'text'}.hubspot")
        why = say("fields.type", field=found.name, type=found.type, name=name, needed=needed)
        other = say("fields.other.hubspot")
        return FieldUse(name, type_, usual, wanted, there, "wrong type", why, other, say("fields.values"))
    return FieldUse(name, type_, usual, wanted, found, "fine")


def _field(found: Mapping[str, Any]) -> CrmField:
    """Return one property definition; of its options those that people can choose."""
    options = {
        str(each["value"]): str(each.get("label") or each["value"])
        for each in found.get("options") or ()
        if not each.get("hidden")
    }
    name, type_ = str(found["name"]), str(found.get("type", ""))
    return CrmField(
        name=name,
        label=str(found.get("label") or name),
        type=type_,
        holds=_HOLDS.get(type_, "other"),
        values=MappingProxyType(options),
        restricted=bool(options),
    )
