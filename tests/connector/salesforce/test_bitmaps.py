"""Bitmaps of change events, with the vector that Salesforce documents for a lead's conversion."""

from __future__ import annotations

from typing import Any

import fastavro
import pytest

from connector.salesforce.bitmaps import field_names, fields_of
from tests.connector.salesforce.schemas import ACCOUNT, LEAD


def test_documented_vector_of_a_conversion() -> None:
    assert field_names(["0x08F81000"], fields_of(LEAD)) == (
        "Status",
        "IsConverted",
        "ConvertedDate",
        "ConvertedAccountId",
        "ConvertedContactId",
        "ConvertedOpportunityId",
        "LastModifiedDate",
    )


@pytest.mark.parametrize(
    ("schema", "bitmaps", "names"),
    [
        (LEAD, [], ()),
        (LEAD, ["0x0"], ()),
        (LEAD, ["0x20000"], ("OwnerId",)),
        (LEAD, ["4-0x10"], ("Country",)),
        (LEAD, ["1-0x04", "4-0x03"], ("LastName", "Street", "City")),
        (LEAD, ["0x20000", "4-0x10"], ("Country", "OwnerId")),
        (LEAD, ["0x10"], ("Address", "Street", "City", "State", "PostalCode", "Country")),
        (LEAD, ["0x100", "0x100"], ("Email",)),
        (ACCOUNT, ["2-0x02"], ("BillingCity",)),
        (ACCOUNT, ["3-0x02"], ("ShippingCity",)),
        (ACCOUNT, ["1-0x04"], ("LastName",)),
        (LEAD, ["0x80000000000000000000"], ()),
        (LEAD, ["12-0x01"], ()),
        (LEAD, ["4-0x8000"], ()),
        (LEAD, ["0x1"], ("ChangeEventHeader",)),
    ],
)
def test_bitmap_names_fields(schema: dict[str, Any], bitmaps: list[str], names: tuple[str, ...]) -> None:
    assert field_names(bitmaps, fields_of(schema)) == names


def test_a_schema_that_fastavro_has_parsed_gives_the_same_names() -> None:
    parsed = fastavro.parse_schema(ACCOUNT)
    assert isinstance(parsed, dict)
    assert field_names(["3-0x02"], fields_of(parsed)) == ("ShippingCity",)


def test_the_order_of_fields_is_the_schemas_and_changes_with_it() -> None:
    fields = list(LEAD["fields"])
    fields[12], fields[17] = fields[17], fields[12]
    assert field_names(["0x20000"], fields_of(LEAD)) == ("OwnerId",)
    assert field_names(["0x1000"], fields_of({**LEAD, "fields": fields})) == ("OwnerId",)
