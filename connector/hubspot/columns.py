"""All properties of the objects that HubSpot merges: which can be written, and what a record says by our names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from connector.hubspot.fields import COMPANY, CONTACT, OWNER, iso, text, to_record, usual_names
from rules.field_names import of_scope
from rules.merging.policy import own_name
from rules.model import Kind, Value

if TYPE_CHECKING:
    from connector.hubspot.client import HubSpotClient
    from rules.model import Record

    Json = Mapping[str, Any]

_UNTOUCHED = frozenset({OWNER, "associatedcompanyid"})
"""What a merge writes in its own way: the owner is chosen beside the values, the company is an association.

[U] That a portal lets an app write ``associatedcompanyid`` at all."""


def object_type(kind: Kind, lead_type: str) -> str:
    """Return the object that a kind is, as far as HubSpot can merge it; empty: it cannot.

    `lead_type` is what is routed. There is no merge of HubSpot leads (0-136): the paths of the API have none.
    """
    if kind == "account":
        return COMPANY
    return CONTACT if kind == "contact" or lead_type == CONTACT else ""


def scope_of(object_type: str) -> Kind:
    """Return the kind under whose name the properties of an object are known to us."""
    return "account" if object_type == COMPANY else "lead"


@dataclass(frozen=True, slots=True)
class Columns:
    """The properties of one object in one portal: `keys` names each as records do (our name, or its own).

    `writable` are the properties that take a value, `unique` those in which no two records may say the same.
    """

    object_type: str
    keys: Mapping[str, str]
    writable: frozenset[str]
    unique: frozenset[str] = frozenset()

    @property
    def names(self) -> list[str]:
        """All properties."""
        return list(self.keys.values())

    @property
    def own(self) -> frozenset[str]:
        """The fields that a plan may write, by names as of `own_name`."""
        return frozenset(own_name(key) for key, api in self.keys.items() if api in self.writable - _UNTOUCHED)

    def properties(self, values: Mapping[str, Value]) -> dict[str, str]:
        """Return what is to be written for values by names as of `own_name`, as HubSpot stores it.

        Raises KeyError for a field that the portal has not got (any more).
        """
        known = {own_name(key): api for key, api in self.keys.items()}
        return {known[name]: stored(value) for name, value in values.items()}

    def record(self, kind: Kind, row: Json) -> Record:
        """Make a Record with every property, empty ones too, so that a plan sees that there is a place for them.

        A value that we could not write as it was (``25-50`` employees) stays the text that HubSpot has.
        """
        properties: Mapping[str, Any] = row.get("properties") or {}
        renamed = {key: api for key, api in self.keys.items() if key != api}
        base = to_record(scope_of(self.object_type), row, mapped=renamed)
        fields: dict[str, Value] = {}
        for key, api in self.keys.items():
            told = text(properties.get(api))
            read = base.fields.get(key)
            fields[key] = (read if stored(read) == told else told) if told else None
        return replace(base, kind=kind, fields={**base.fields, **fields})


def columns(client: HubSpotClient, object_type: str, names: Mapping[str, str]) -> Columns:
    """Ask for all properties of an object (one call). `names` are the portal's own fields behind names of ours."""
    found = [each for each in client.properties(object_type).get("results") or () if not each.get("archived")]
    known = {str(each["name"]) for each in found}
    kind = scope_of(object_type)
    mapped = {name: api.lower() for name, api in of_scope(names, kind).items() if api.lower() in known}
    ours = {name: api for name, api in {**usual_names(kind), **mapped}.items() if api in known}
    others = {api: api for api in sorted(known - set(ours.values())) if api not in ours}
    return Columns(
        object_type,
        {**ours, **others},
        frozenset(str(each["name"]) for each in found if _is_writable(each)),
        frozenset(str(each["name"]) for each in found if each.get("hasUniqueValue")),
    )


def _is_writable(definition: Json) -> bool:
    """Whether an app may set the property; what HubSpot calculates is read-only, however it is marked."""
    locked = (definition.get("modificationMetadata") or {}).get("readOnlyValue")
    return not locked and not definition.get("calculated")


def stored(value: Value) -> str:
    """Write a value as HubSpot stores it: text, whatever it is; empty clears a property (HubSpot, "Properties")."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return iso(value)
    return value.isoformat() if isinstance(value, date) else text(value)
