"""The Avro schemas of change events: field order, compound records and header as in recorded schemas."""

from __future__ import annotations

import hashlib
import io
import json
from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING, Any

import fastavro

from .schema import NUMBER_TYPES

if TYPE_CHECKING:
    from .schema import Field, Sobject

CHANGE_TYPES = (
    *("CREATE", "UPDATE", "DELETE", "UNDELETE"),
    *("GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW", "SNAPSHOT"),
)
_DOCS = {
    "boolean": "Data:Boolean",
    "int": "Data:Integer",
    "double": "Data:Double",
    "currency": "Data:Currency",
    "percent": "Data:Percent",
    "date": "Data:DateOnly",
    "datetime": "Data:DateTime",
    "reference": "ForeignKey:EntityId",
    "picklist": "Data:DynamicEnum",
    "phone": "Data:Phone",
    "email": "Data:Email",
    "url": "Data:Url",
}
NAME_PARTS = ("Salutation", "FirstName", "LastName")
ADDRESS_PARTS = {
    **dict.fromkeys(("Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode"), "string"),
    "Latitude": "double",
    "Longitude": "double",
    "GeocodeAccuracy": "string",
}


def event_name(sobject: Sobject) -> str:
    """``LeadChangeEvent``, ``Routing_Rule__ChangeEvent``."""
    return f"{sobject.name[:-1]}ChangeEvent" if sobject.custom else f"{sobject.name}ChangeEvent"


def event_fields(sobject: Sobject) -> list[str]:
    """The event's fields after the header, in Avro order; custom fields come last."""
    ordered = [name for name in sobject.event_order if name in sobject.fields]
    return ordered + [item.name for item in sobject.fields.values() if item.custom]


def avro_schema(sobject: Sobject) -> str:
    """The Avro schema of the object's change event, as JSON text."""
    seen: set[str] = set()
    fields: list[dict[str, Any]] = [{"name": "ChangeEventHeader", "type": _header(), "doc": "Data:ComplexValueType"}]
    for name in event_fields(sobject):
        kind, doc = _avro_type(sobject, name, seen)
        fields.append({"name": name, "type": ["null", *kind], "doc": doc, "default": None})
    record = {"type": "record", "name": event_name(sobject), "namespace": "com.sforce.eventbus", "fields": fields}
    return json.dumps(record)


def schema_id(schema: str) -> str:
    """A 22-character id that changes when the schema does."""
    return urlsafe_b64encode(hashlib.md5(schema.encode(), usedforsecurity=False).digest()).decode().rstrip("=")


def _header() -> dict[str, Any]:
    strings = {"type": "array", "items": "string"}
    kinds: dict[str, Any] = {
        "entityName": "string",
        "recordIds": strings,
        "changeType": {"type": "enum", "name": "ChangeType", "symbols": list(CHANGE_TYPES)},
        "changeOrigin": "string",
        "transactionKey": "string",
        "sequenceNumber": "int",
        "commitTimestamp": "long",
        "commitNumber": "long",
        "commitUser": "string",
        "nulledFields": strings,
        "diffFields": strings,
        "changedFields": strings,
    }
    fields = [{"name": name, "type": kind} for name, kind in kinds.items()]
    return {"type": "record", "name": "ChangeEventHeader", "fields": fields}


def _avro_type(sobject: Sobject, name: str, seen: set[str]) -> tuple[list[Any], str]:
    if name == "Name" and sobject.parts("Name"):
        return [_record("PersonName", dict.fromkeys(NAME_PARTS, "string"), seen)], "Data:PersonName"
    item = sobject.fields[name]
    if item.type == "address":
        return [_record("Address", ADDRESS_PARTS, seen)], "Data:Address"
    if sobject.name == "Account" and name == "Name":
        parts = dict.fromkeys((*NAME_PARTS, "MiddleName", "InformalName", "Suffix"), "string")
        return ["string", _record("Switchable_PersonName", parts, seen)], "Data:Switchable_PersonName"
    doc = "Data:StringPlusClob" if item.long_text else _DOCS.get(item.type, "Data:Text")
    if name == "CreatedDate":
        doc = "CreatedDate:DateTime"
    return [_primitive(item)], f"{doc}:{item.id}" if item.custom else doc


def _record(name: str, parts: dict[str, str], seen: set[str]) -> Any:
    if name in seen:
        return name
    seen.add(name)
    fields = [{"name": part, "type": ["null", kind], "default": None} for part, kind in parts.items()]
    return {"type": "record", "name": name, "fields": fields}


def _primitive(item: Field) -> str:
    if item.type in {"date", "datetime"}:
        return "long"
    if item.type in {"boolean", "int"}:
        return item.type
    return "double" if item.type in NUMBER_TYPES else "string"


def encode(schema: str, header_values: dict[str, Any], body: dict[str, Any]) -> bytes:
    """The Avro payload of an event."""
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, parsed(schema), {"ChangeEventHeader": header_values, **body})
    return buffer.getvalue()


_PARSED: dict[str, Any] = {}


def parsed(schema: str) -> Any:
    """The parsed form of an Avro schema, kept for the next time."""
    if schema not in _PARSED:
        _PARSED[schema] = fastavro.parse_schema(json.loads(schema))
    return _PARSED[schema]
