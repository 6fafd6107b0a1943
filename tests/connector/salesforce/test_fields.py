"""Our names and Salesforce's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connector.salesforce.fields import (
    FIELDS,
    api_names,
    canonical_name,
    columns,
    is_id,
    match_names,
    moment,
    object_name,
    timestamp,
    to_record,
)
from rules.model import Kind


def test_a_lead_as_read() -> None:
    row = {
        "attributes": {"type": "Lead", "url": "/services/data/v66.0/sobjects/Lead/00Q000000000001AAA"},
        "Id": "00Q000000000001AAA",
        "Email": " Ana@Muster.example ",
        "FirstName": None,
        "LastName": "Muster",
        "Company": "  ",
        "NumberOfEmployees": 5000,
        "AnnualRevenue": 1200000,
        "IsConverted": False,
        "Address": {"city": "Paris"},
        "OwnerId": "005000000000001AAA",
        "CreatedDate": "2026-11-22T10:00:00.000+0000",
        "SystemModstamp": "2026-11-22T12:30:00.000+0200",
        "acme__Switchyard_Decision__c": "d1",
        "Region__c": "EMEA",
        "Trial_Ends__c": "2026-12-01",
        "Opens__c": 3.0,
        "Tags__c": "a;b",
    }
    types = {"Trial_Ends__c": "date", "Email": "email"}
    extra = {name: name for name in ("Region__c", "Trial_Ends__c", "Opens__c", "Tags__c", "Address")}
    found = to_record("lead", row, namespace="acme", extra=extra, types=types)
    assert found.fields == {
        "email": "Ana@Muster.example",
        "last_name": "Muster",
        "employees": 5000,
        "revenue": 1200000.0,
        "converted": False,
        "decision": "d1",
        "Region__c": "EMEA",
        "Trial_Ends__c": datetime(2026, 12, 1, tzinfo=UTC),
        "Opens__c": 3.0,
        "Tags__c": "a;b",
    }
    assert isinstance(found.fields["revenue"], float)
    assert found.owner_id == "005000000000001AAA"
    assert found.created_at == datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    assert found.modified_at == datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


def test_a_record_without_owner_or_times() -> None:
    found = to_record("user", {"Id": "005000000000001AAA", "Name": "Ana"})
    assert (found.owner_id, found.created_at, found.modified_at) == (None, None, None)
    assert found.fields == {"name": "Ana"}


@pytest.mark.parametrize("value", ["many", "", None, {}])
def test_a_number_that_is_none_is_left_out(value: Any) -> None:
    assert "employees" not in to_record("lead", {"Id": "1", "NumberOfEmployees": value}).fields


def test_only_the_packages_fields_carry_the_namespace() -> None:
    names = api_names("lead", "acme")
    assert names["account_id"] == "acme__Switchyard_Account__c"
    assert names["email"] == "Email"
    assert api_names("lead")["account_id"] == "Switchyard_Account__c"
    assert object_name("rule", "acme") == "acme__Routing_Rule__c"
    assert object_name("lead", "acme") == "Lead"


@pytest.mark.parametrize("kind", list(FIELDS))
def test_every_field_finds_its_way_back(kind: Kind) -> None:
    for namespace in ("", "acme"):
        for name, api in api_names(kind, namespace).items():
            assert canonical_name(kind, api, namespace) == name


def test_a_field_without_a_name_of_ours_keeps_its_own() -> None:
    assert canonical_name("lead", "Region__c") == "Region__c"
    assert canonical_name("lead", "other__Region__c", "acme") == "other__Region__c"


def test_columns_name_each_field_once_and_the_id_first() -> None:
    for kind in FIELDS:
        names = columns(kind)
        assert names[0] == "Id"
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("kind", "text", "ok"),
    [
        ("lead", "00Q000000000001AAA", True),
        ("lead", "00Q000000000001", True),
        ("lead", "003000000000001AAA", False),
        ("lead", "00Q00000000000", False),
        ("lead", "00Q000000000001AAA' OR Id != '", False),
        ("lead", "", False),
        ("rule", "a00000000000001AAA", True),
    ],
)
def test_what_can_be_an_id(*, kind: Kind, text: str, ok: bool) -> None:
    assert is_id(kind, text) is ok


def test_names_in_any_case_find_the_field() -> None:
    assert match_names(["region__C", "Nope__c"], {"region__c": "Region__c"}) == {"region__C": "Region__c"}


def test_times_survive_the_way_there_and_back() -> None:
    at = datetime(2026, 11, 22, 10, 0, 0, 123_000, tzinfo=UTC)
    assert timestamp(at) == "2026-11-22T10:00:00.123Z"
    assert moment(timestamp(at)) == at
    assert moment("soon") is None
    assert moment(None) is None


def test_a_field_of_the_customers_has_no_namespace_of_ours() -> None:
    names = api_names("lead", "acme")
    assert (names["product"], names["account_id"]) == ("ProductInterest__c", "acme__Switchyard_Account__c")
    row = {"Id": "00Q000000000001AAA", "ProductInterest__c": "GC5000 series", "CurrencyIsoCode": "EUR"}
    found = to_record("lead", row, namespace="acme")
    assert found.fields == {"product": "GC5000 series", "currency": "EUR"}
    assert to_record("lead", {"Id": "00Q000000000001AAA"}, namespace="acme").fields == {}
