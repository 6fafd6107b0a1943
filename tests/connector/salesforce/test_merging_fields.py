"""The fields of a merge: their names both ways, and values as the API wants and tells them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from connector.salesforce.describe import FieldShape, ObjectShape
from connector.salesforce.merge_fields import names_of, read_names, same, value_for


def shape(**types: str) -> ObjectShape:
    """An object whose fields can all be written, but for those whose type ends with an exclamation mark."""
    fields = {
        name: FieldShape(name, kind.rstrip("!"), 255, createable=True, updateable=not kind.endswith("!"))
        for name, kind in types.items()
    }
    return ObjectShape("Lead", createable=True, updateable=True, fields=fields)


def test_a_state_is_written_as_its_code_where_the_org_has_codes() -> None:
    found = names_of("lead", shape(State="string", StateCode="picklist", Country="string"), {}, "")
    assert {name: field.name for name, field in found.written.items()} == {"state": "StateCode", "country": "Country"}
    assert found.extra == {}


def test_a_name_that_stands_for_another_field_is_written_there_and_the_usual_field_left_alone() -> None:
    found = names_of("lead", shape(Phone="phone", Direct__c="phone"), {"phone": "Direct__c"}, "")
    assert {name: field.name for name, field in found.written.items()} == {"phone": "Direct__c"}
    assert found.extra == {"phone": "Direct__c"}


def test_what_only_salesforce_writes_is_not_told_but_for_the_customers_formulas() -> None:
    org = shape(
        Id="id!", OwnerId="reference", PhotoUrl="url!", Formula__c="double!", Rating="picklist", Address="address!"
    )
    found = names_of("lead", org, {}, "")
    assert found.extra == {"Formula__c": "Formula__c", "Rating": "Rating"}
    assert set(found.written) == {"rating"}
    assert read_names(org) == ["Id", "OwnerId", "PhotoUrl", "Formula__c", "Rating"]


def test_a_masked_field_is_neither_read_nor_written() -> None:
    org = shape(Secret__c="encryptedstring", Rating="picklist")
    assert read_names(org) == ["Rating"]
    assert set(names_of("lead", org, {}, "").written) == {"rating"}


@pytest.mark.parametrize(
    ("kind", "value", "sent"),
    [
        ("string", "", None),
        ("string", "Köln", "Köln"),
        ("boolean", True, True),
        ("boolean", "true", True),
        ("date", datetime(2026, 1, 2, 12, tzinfo=UTC), "2026-01-02"),
        ("date", date(2026, 1, 2), "2026-01-02"),
        ("datetime", datetime(2026, 1, 2, 12, tzinfo=UTC), "2026-01-02T12:00:00.000Z"),
        ("int", 7.0, 7),
        ("double", 7, 7.0),
        ("multipicklist", "a;b", "a;b"),
    ],
)
def test_a_value_goes_as_the_api_wants_it(kind: str, value: Any, sent: Any) -> None:
    found = value_for(shape(F=kind).fields["F"], value)
    assert found == sent
    assert type(found) is type(sent)


def test_an_amount_goes_back_in_the_currency_of_the_record() -> None:
    field = shape(AnnualRevenue="currency").fields["AnnualRevenue"]
    rates = {"EUR": 1.0, "JPY": 160.0}
    assert value_for(field, 100.0, rates, "JPY") == 16_000.0
    assert value_for(field, 100.0, rates, "EUR") == 100.0


@pytest.mark.parametrize(
    ("kind", "one", "other", "expected"),
    [
        ("string", None, "", True),
        ("string", " a\r\nb ", "a\nb", True),
        ("string", "Ana", "ana", False),
        ("string", None, "a", False),
        ("double", 7, "7.0", True),
        ("boolean", True, 1, True),
        ("boolean", False, True, False),
        ("datetime", "2026-01-02T12:00:00.000Z", "2026-01-02T13:00:00.000+0100", True),
        ("date", "2026-01-02", "2026-01-03", False),
    ],
)
def test_two_values_mean_the_same_or_not(kind: str, one: Any, other: Any, *, expected: bool) -> None:
    assert same(shape(F=kind).fields["F"], one, other) is expected
