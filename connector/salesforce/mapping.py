"""Names of ours and the fields of an org: which field stands behind which name, and why one does not. PURE.

A rule set may name another field than the usual one (``lead.product: Product_Line__c``). It is read when the connected
user sees it and its type fits; else the usual one is, so that a field that vanishes stops no lead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from connector.fieldtable import CrmField, FieldTable, FieldUse, names_of
from connector.salesforce.fields import CODES, CURRENCY, PERSON, api_names
from rules.field_names import Holds, fits, of_scope
from rules.fields import FieldType
from rules.model import Kind
from rules.wording.words import SENTENCES, say, showable

_HOLDS: Mapping[str, Holds] = MappingProxyType(
    {
        **dict.fromkeys(
            ("string", "textarea", "picklist", "multipicklist", "combobox", "email", "phone", "url", "encryptedstring"),
            "text",
        ),
        **dict.fromkeys(("int", "long", "double", "currency", "percent"), "number"),
        **dict.fromkeys(("date", "datetime"), "time"),
        "boolean": "bool",
    }
)
"""Salesforce field type -> what its values are. Source: Object Reference "Field Types"."""
_NUMBERS = frozenset({"int", "long", "double"})
_NEEDED = frozenset({"number", "bool", "time"})
"""Types of names that take fields of their own; all others take text."""
_CHOICES = frozenset({"picklist", "multipicklist", "combobox"})
_SOMETIMES = frozenset({CURRENCY, PERSON})
"""Standard fields that only some orgs have."""


def holds(kind: str) -> Holds:
    """Return what values a field of this Salesforce type has."""
    return _HOLDS.get(kind, "other")


def find(wanted: str, by_lower: Mapping[str, str], namespace: str = "") -> str | None:
    """Return the API name that somebody meant, whatever the case; `by_lower` maps lower case to API names.

    The prefix of a package may be left out: ours is tried, and any other when only one field can be meant.
    """
    lower = wanted.lower()
    if lower in by_lower:
        return by_lower[lower]
    if namespace and (own := by_lower.get(f"{namespace.lower()}__{lower}")):
        return own
    others = [name for known, name in by_lower.items() if known.endswith(f"__{lower}")]
    return others[0] if len(others) == 1 else None


def replaced(
    kind: Kind, names: Mapping[str, str], types: Mapping[str, str], by_lower: Mapping[str, str], namespace: str = ""
) -> dict[str, str]:
    """Return, of what a mapping says of a kind, name -> API name as far as the org has the field and its type fits.

    `types` maps API names to Salesforce field types.
    """
    meant = {name: find(api, by_lower, namespace) for name, api in of_scope(names, kind).items()}
    return {name: api for name, api in meant.items() if api and fits(f"{kind}.{name}", holds(types[api]))}


def table(
    kind: Kind,
    body: Mapping[str, Any],
    names: Mapping[str, str],
    *,
    namespace: str = "",
    corporate: str | None = None,
) -> FieldTable:
    """Return every name of a kind with the field behind it, from a whole describe.

    `corporate` is the corporate currency, "" where the org does not tell it, None in an org with one currency.
    """
    label = str(body.get("label") or body["name"])
    offered = _offered(body["fields"])
    known = {field.name.lower(): field for field in offered}
    usual, wanted = api_names(kind, namespace), of_scope(names, kind)
    uses = tuple(
        _use(f"{kind}.{name}", type_, usual.get(name, ""), wanted.get(name, ""), _Org(label, known, namespace))
        for name, type_ in names_of(kind).items()
    )
    return FieldTable(kind, label, uses, offered, tuple(_notes(kind, known, corporate)))


class _Org:
    """One object as the connected user sees it."""

    def __init__(self, label: str, known: Mapping[str, CrmField], namespace: str) -> None:
        self.label = label
        self._known = known
        self._by_lower = {lower: field.name for lower, field in known.items()}
        self._namespace = namespace

    def field(self, api_name: str) -> CrmField | None:
        """Return the field that somebody meant."""
        found = find(api_name, self._by_lower, self._namespace) if api_name else None
        return self._known[found.lower()] if found else None

    def shown(self, api_name: str) -> str:
        """Return the click path by which a field is made visible."""
        return say("fields.show", object=showable(self.label), field=api_name)

    def way(self, api_name: str) -> str:
        """Return the click path to a field that is hidden, or not there: nobody can tell which."""
        return f"{self.shown(api_name)} {say('fields.listed')}"


def _use(name: str, type_: FieldType, usual: str, wanted: str, org: _Org) -> FieldUse:
    """Return what stands behind one name: the wanted field, or the usual one and what is wrong with the wanted."""
    there = org.field(usual)
    if not wanted:
        if usual and there is None and _is_standard(usual):
            why = say("fields.hidden", field=usual, name=name)
            return FieldUse(name, type_, usual, "", None, "hidden", why, org.shown(usual))
        return FieldUse(name, type_, usual, "", there, "fine" if there else "none")
    found = org.field(wanted)
    instead = say("fields.instead", field=there.name) if there else say("fields.empty", name=name)
    if found is None:
        why = say("fields.unseen", field=showable(wanted))
        return FieldUse(name, type_, usual, wanted, there, "missing", why, org.way(wanted), instead)
    if not fits(name, found.holds):
        needed = say(f"fields.needed.{type_ if type_ in _NEEDED else 'text'}")
        why = say("fields.type", field=found.name, type=found.type, name=name, needed=needed)
        return FieldUse(name, type_, usual, wanted, there, "wrong type", why, say("fields.other"), instead)
    return FieldUse(name, type_, usual, wanted, found, "fine")


def _is_standard(api_name: str) -> bool:
    """Whether every org has this field, so that not to see it means that it is hidden."""
    return not api_name.endswith("__c") and api_name not in _SOMETIMES


def _offered(fields: Iterable[Mapping[str, Any]]) -> tuple[CrmField, ...]:
    found = (_field(each) for each in fields)
    return tuple(sorted(found, key=lambda each: (each.label.casefold(), each.name)))


def _field(found: Mapping[str, Any]) -> CrmField:
    """Return one field of a describe; of its choices those that are active."""
    type_ = str(found.get("type", ""))
    listed: Sequence[Mapping[str, Any]] = found.get("picklistValues") or () if type_ in _CHOICES else ()
    values = {str(each["value"]): str(each.get("label") or each["value"]) for each in listed if each.get("active")}
    name = str(found["name"])
    return CrmField(
        name=name,
        label=str(found.get("label") or name),
        type=_type(type_),
        holds=holds(type_),
        values=MappingProxyType(values),
        restricted=bool(found.get("restrictedPicklist")),
    )


def _type(type_: str) -> str:
    """Return what an admin knows a Salesforce field type by; itself when it is none that we know."""
    sentence = f"field type.{'number' if type_ in _NUMBERS else type_}"
    return say(sentence) if sentence in SENTENCES else type_


def _notes(kind: Kind, known: Mapping[str, CrmField], corporate: str | None) -> Iterable[str]:
    """Yield what else an admin should know of how records of a kind are read."""
    texts = (name for name in api_names(kind).values() if name in CODES)
    if codes := [CODES[name] for name in texts if CODES[name].lower() in known]:
        yield say("fields.codes", fields=say("and", first=codes[0], last=codes[-1]) if codes[1:] else codes[0])
    if kind == "account" and PERSON.lower() in known:
        yield say("fields.persons")
    if corporate:
        yield say("fields.currency", currency=corporate)
    elif corporate is not None:
        yield say("fields.no rates")
