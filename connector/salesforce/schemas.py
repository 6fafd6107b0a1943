"""The Avro schemas of change events, remembered for as long as the process lives.

A schema's id changes when an admin adds a field, so what an id stands for never does: an org's stream that is opened
again asks for none it has seen. Only what we read is kept: how to read the header, which stands first (bit 0 of every
bitmap is the header), and the names of the fields. A thousand orgs' whole schemas would take gigabytes.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any
from weakref import WeakValueDictionary

import fastavro

from connector.salesforce.bitmaps import HEADER, Fields, fields_of

MOST_SCHEMAS = 20_000
"""Schemas that are remembered: five entities, a few changes of each, of a thousand orgs. Each takes some kilobytes."""


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Schema:
    """What is read of an event: `reader` is fastavro's schema of all that stands up to the header."""

    reader: Any
    fields: Fields

    def header(self, payload: bytes) -> Mapping[str, Any]:
        """Read the header of an event. Raises ValueError, EOFError and others of their kind for what is no event."""
        event: Any = fastavro.schemaless_reader(BytesIO(payload), self.reader, None)
        found: Mapping[str, Any] = event[HEADER]
        return found


class Schemas:
    """Schemas by org and id; the one not used for longest is forgotten first. Orgs with equal schemas share one."""

    def __init__(self, *, most: int = MOST_SCHEMAS) -> None:
        self._most = most
        self._known: OrderedDict[tuple[str, str], Schema] = OrderedDict()
        self._shared: WeakValueDictionary[bytes, Schema] = WeakValueDictionary()

    def get(self, org_id: str, schema_id: str) -> Schema | None:
        """Return a schema that was put before."""
        found = self._known.get((org_id, schema_id))
        if found is not None:
            self._known.move_to_end((org_id, schema_id))
        return found

    def put(self, org_id: str, schema_id: str, text: str) -> Schema:
        """Remember a schema given as JSON text. Raises ValueError, KeyError or TypeError when it is no event's."""
        digest = hashlib.sha256(text.encode()).digest()
        found = self._shared.get(digest)
        if found is None:
            found = self._shared[digest] = parsed(json.loads(text))
        self._known[org_id, schema_id] = found
        while len(self._known) > self._most:
            self._known.popitem(last=False)
        return found


def parsed(schema: Mapping[str, Any]) -> Schema:
    """Return what is read of events of an Avro `schema`, given as parsed JSON."""
    names = [field["name"] for field in schema["fields"]]
    until = schema["fields"][: names.index(HEADER) + 1]
    return Schema(_reader(json.dumps(until)), fields_of(schema))


@lru_cache(maxsize=64)
def _reader(fields: str) -> Any:
    """Return fastavro's schema of a record of these fields; all events of a release have the same header."""
    return fastavro.parse_schema({"type": "record", "name": "Event", "fields": json.loads(fields)})
