"""What people call fields, and the sentences about fields of the CRM that stand behind our names."""

from __future__ import annotations

from rules.fields import CANONICAL

_ALSO = ("annual_revenue", "rating")
"""What merging and reviews call fields beside the names that rules know."""
_KNOWN = (*_ALSO, *(name for names in CANONICAL.values() for name in names))
NAMES: dict[str, str] = {f"field.{name}": name.replace("_", " ") for name in _KNOWN}
"""Our names as they stand within a sentence."""
SENTENCES: dict[str, str] = {
    **NAMES,
    **{f"field of.{scope}": f"{scope} {{field}}" for scope in CANONICAL if scope != "lead"},
    # The types of fields in Salesforce, as an admin knows them.
    "field type.address": "address",
    "field type.boolean": "checkbox",
    "field type.combobox": "combo box",
    "field type.currency": "currency",
    "field type.date": "date",
    "field type.datetime": "date and time",
    "field type.email": "e-mail",
    "field type.encryptedstring": "encrypted text",
    "field type.id": "record id",
    "field type.location": "geolocation",
    "field type.multipicklist": "multi-select picklist",
    "field type.number": "number",
    "field type.percent": "percent",
    "field type.phone": "phone",
    "field type.picklist": "picklist",
    "field type.reference": "lookup",
    "field type.string": "text",
    "field type.textarea": "long text",
    "field type.time": "time of day",
    "field type.url": "URL",
    # Why a field does not stand behind a name.
    "fields.hidden": "{field} is hidden from the connected user, so {name} is empty.",
    "fields.unseen": "The connected user sees no field {field}: it is hidden from them, or it is not there.",
    "fields.no property": "There is no property {field}.",
    "fields.instead": "{field} is read instead.",
    "fields.empty": "{name} is empty meanwhile.",
    "fields.type": "{field} is of the type {type}, and {name} needs {needed}.",
    "fields.values": "Values that are none count as empty.",
    "fields.needed.number": "a number, currency or percent",
    "fields.needed.bool": "a checkbox",
    "fields.needed.time": "a date or a date and time",
    "fields.needed.text": "text or a picklist",
    "fields.needed.number.hubspot": "a number",
    "fields.needed.bool.hubspot": "a single checkbox",
    "fields.needed.time.hubspot": "a date",
    "fields.needed.text.hubspot": "text or a list of choices",
    "fields.other": "Choose a field of such a type.",
    "fields.other.hubspot": "Choose a property of such a type.",
    "fields.show": "Open Setup > Object Manager > {object} > Fields & Relationships > {field} > "
    "Set Field-Level Security > tick Visible for that user's profile > Save.",
    "fields.listed": "If it is not listed there, it was deleted or renamed: choose another field.",
    "fields.archived": "Open Settings > Properties > {object} properties: restore it under Archived, or choose "
    "another.",
    "fields.codes": "State and country picklists are on: {fields} are read first, as codes such as FR or CA.",
    "fields.persons": "Person accounts are on: one is a person, and no lead is matched to it by a company's name or "
    "domain.",
    "fields.currency": "Several currencies are on: amounts are compared in the corporate currency, {currency}.",
    "fields.no rates": "Several currencies are on, and their rates (CurrencyType) cannot be read: amounts count as "
    "empty.",
    "fields.no name": "This is no name that can stand for another field.",
    "fields.no api name": "“{field}” is not the API name of a field.",
    "fields.no records": "This CRM has no such records.",
}
