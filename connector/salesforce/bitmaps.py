"""Which fields a change event speaks of: its bitmaps, read with the event's Avro schema. PURE.

``0x08F81000`` marks fields of the schema by position, the lowest bit first (field 0 is ChangeEventHeader itself);
``4-0x10`` marks the children of the compound field at position 4. Source: Pub/Sub API guide "Event Deserialization
Considerations". The order comes from the schema, which changes when an admin adds a field.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

HEADER = "ChangeEventHeader"


Fields: TypeAlias = tuple[tuple[str, tuple[str, ...] | None], ...]
"""A schema's fields in their order: each one's API name, and its children's names when it is a compound field."""


def fields_of(schema: Mapping[str, Any]) -> Fields:
    """Return the fields of an event's Avro schema, given as parsed JSON.

    A child of a compound field gets the name it has on the record: Address.City -> City,
    BillingAddress.City -> BillingCity, Name.LastName -> LastName.
    """
    records = {name: record for record in _records(schema) for name in (record["name"], _full_name(record))}
    return tuple(_field(field, records) for field in schema["fields"])


def field_names(bitmaps: Iterable[str], fields: Fields) -> tuple[str, ...]:
    """Return the API names of the fields that any of `bitmaps` marks, in the schema's order, each once."""
    places: set[tuple[int, int]] = set()
    for bitmap in bitmaps:
        parent, dash, bits = bitmap.rpartition("-")
        if dash:
            places.update((int(parent), bit) for bit in _bits(bits))
        else:
            places.update((bit, -1) for bit in _bits(bits))
    names: dict[str, None] = {}
    for place, child in sorted(places):
        if place < len(fields):
            names.update(dict.fromkeys(_names_at(*fields[place], child)))
    return tuple(names)


def _bits(text: str) -> Iterator[int]:
    """Return the positions of the set bits of a hexadecimal number."""
    number = int(text, 16)
    return (position for position in range(number.bit_length()) if number >> position & 1)


def _names_at(name: str, children: tuple[str, ...] | None, child: int) -> tuple[str, ...]:
    """Name one marked place: a plain field, one child of a compound field, or all its children (child -1)."""
    if children is None:
        return (name,) if child < 0 else ()
    if child < 0:
        return (name, *children)
    return (children[child],) if child < len(children) else ()


def _field(field: Mapping[str, Any], records: Mapping[str, Any]) -> tuple[str, tuple[str, ...] | None]:
    """Return a field's name and its children's; the texts are shared, thousands of schemas repeat them."""
    name = str(field["name"])
    compound = None if name == HEADER else _compound(field["type"], records)
    if compound is None:
        return sys.intern(name), None
    prefix = name.removesuffix("Address") if name.endswith("Address") else ""
    return sys.intern(name), tuple(sys.intern(f"{prefix}{one['name']}") for one in compound["fields"])


def _compound(kind: Any, records: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Find the record among the types of a field; a record used before is given by its name."""
    for one in kind if isinstance(kind, list) else [kind]:
        if isinstance(one, Mapping) and one.get("type") == "record":
            return one
        if isinstance(one, str) and one in records:
            found: Mapping[str, Any] = records[one]
            return found
    return None


def _records(schema: Any) -> Iterator[Mapping[str, Any]]:
    """Walk all record definitions inside a schema."""
    if isinstance(schema, list):
        for one in schema:
            yield from _records(one)
    elif isinstance(schema, Mapping):
        if schema.get("type") == "record":
            yield schema
            for field in schema["fields"]:
                yield from _records(field["type"])
        elif isinstance(schema.get("type"), list | Mapping):
            yield from _records(schema["type"])
        elif schema.get("type") == "array":
            yield from _records(schema["items"])


def _full_name(record: Mapping[str, Any]) -> str:
    """Return a record's name with its namespace."""
    return f"{record['namespace']}.{record['name']}" if record.get("namespace") else str(record["name"])
