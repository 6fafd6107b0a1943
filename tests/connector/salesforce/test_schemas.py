"""Schemas of change events: remembered by org and id, bounded, shared between equals."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import fastavro
import pytest

from connector.salesforce.schemas import Schemas, parsed
from tests.connector.salesforce.scripted import HEADER, SCHEMA, lead_created

TEXT = json.dumps(SCHEMA)


def test_what_was_put_is_remembered_by_org_and_id() -> None:
    schemas = Schemas()
    made = schemas.put("org1", "s1", TEXT)
    assert schemas.get("org1", "s1") is made
    assert schemas.get("org1", "s2") is None
    assert schemas.get("org2", "s1") is None


def test_orgs_with_equal_schemas_share_one() -> None:
    schemas = Schemas()
    assert schemas.put("org1", "s1", TEXT) is schemas.put("org2", "s9", TEXT)


def test_the_one_that_was_not_used_for_longest_is_forgotten_first() -> None:
    schemas = Schemas(most=2)
    for number in (1, 2):
        schemas.put("org", f"s{number}", TEXT)
    assert schemas.get("org", "s1") is not None
    schemas.put("org", "s3", TEXT)
    assert [schemas.get("org", f"s{number}") is not None for number in (1, 2, 3)] == [True, False, True]


def test_only_the_header_is_read_so_a_body_that_we_do_not_understand_does_no_harm() -> None:
    schema = parsed(SCHEMA)
    header = schema.header(lead_created(1) + b"\xff\xff")
    assert header["recordIds"] == ["00Q000000000001AAA"]
    assert [name for name, _ in schema.fields] == ["ChangeEventHeader", "Company"]


def test_a_header_that_does_not_stand_first_is_found_too() -> None:
    fields = [{"name": "Before", "type": "string"}, {"name": "ChangeEventHeader", "type": HEADER}]
    schema: dict[str, Any] = {"type": "record", "name": "Odd", "fields": fields}
    values = parsed(SCHEMA).header(lead_created(7))
    out = BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(schema), {"Before": "x", "ChangeEventHeader": values})
    assert parsed(schema).header(out.getvalue()) == values


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"type": "record", "name": "X", "fields": []}'])
def test_what_is_no_events_schema_is_refused(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Schemas().put("org", "s", text)
