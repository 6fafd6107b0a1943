"""Another field than usual behind a name of ours: the same sentences for the fake and both real adapters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connector.crm import Crm
from connector.fieldtable import FieldUse
from rules.model import Kind, Record
from tests.contract.place import Place

KINDS: tuple[Kind, ...] = ("lead", "contact", "account")


@pytest.fixture
def plain(crm: Crm) -> Iterator[Crm]:
    """A CRM that reads the usual fields again afterwards: the fake is shared."""
    yield crm
    crm.use_fields({})


def use(crm: Crm, name: str, api: str) -> FieldUse:
    return next(each for each in crm.fields("lead", {name: api}).uses if each.name == name)


def test_a_name_is_read_from_the_field_that_stands_behind_it(place: Place, plain: Crm) -> None:
    lead = place.lead(first_name="Ñandú", last_name="Mapped")
    assert "region" not in plain.read("lead", [lead])[lead].fields
    plain.use_fields({"lead.region": place.first_name})
    found = plain.read("lead", [lead], extra=["region"])[lead]
    assert (found.fields["region"], found.fields["first_name"]) == ("Ñandú", "Ñandú")
    plain.use_fields({})
    assert "region" not in plain.read("lead", [lead])[lead].fields


def test_a_scan_reads_it_too(place: Place, plain: Crm) -> None:
    lead = place.lead(first_name="EMEA", last_name="Scanned")
    plain.use_fields({"lead.region": place.first_name})
    after: str | None = None
    found: dict[str, Record] = {}
    while lead not in found:
        page = plain.scan("lead", after=after)
        found |= {each.id: each for each in page.records}
        assert lead in found or page.after is not None
        after = page.after
    assert found[lead].fields["region"] == "EMEA"


def test_a_field_that_is_not_there_stops_no_lead(place: Place, plain: Crm) -> None:
    lead = place.lead(first_name="Ada", last_name="Here")
    plain.use_fields({"lead.region": "No_Such_Field__c", "lead.last_name": "no_such_property"})
    found = plain.read("lead", [lead])[lead]
    assert found.text("last_name") == "Here"
    assert "region" not in found.fields


def test_what_stands_behind_a_name_is_told(place: Place, plain: Crm) -> None:
    told = use(plain, "lead.region", place.first_name)
    assert (told.state, told.used and told.used.name, told.why) == ("fine", place.first_name, "")
    missing = use(plain, "lead.region", "No_Such_Field__c")
    assert (missing.state, missing.used) == ("missing", None)
    assert missing.why
    assert missing.remedy
    wrong = use(plain, "lead.score", place.first_name)
    assert wrong.state == "wrong type"
    assert wrong.remedy


def test_every_kind_has_a_table_and_offers_each_field_once(plain: Crm) -> None:
    for kind in KINDS:
        table = plain.fields(kind, {})
        assert table.kind == kind
        names = [each.name for each in table.offered]
        assert len(names) == len(set(names))
        assert all(each.used is None or each.used in table.offered for each in table.uses)
