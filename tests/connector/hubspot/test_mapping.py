"""Names of ours and the properties of a portal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from connector.hubspot.fields import properties_to_read, to_record
from connector.hubspot.mapping import table

if TYPE_CHECKING:
    from connector.fieldtable import FieldTable, FieldUse
    from tests.connector.hubspot.conftest import Portal

PROPERTIES: list[dict[str, Any]] = [
    {"name": "industry", "label": "Industry", "type": "string"},
    {"name": "score", "label": "Score", "type": "number"},
    {
        "name": "line", "label": "Line", "type": "enumeration",
        "options": [{"value": "p", "label": "Pumps"}, {"value": "old", "label": "Old", "hidden": True}],
    },
]  # fmt: skip


def use(found: FieldTable, name: str) -> FieldUse:
    return next(each for each in found.uses if each.name == name)


def record(mapped: dict[str, str], **properties: str | None) -> dict[str, Any]:
    result = {"id": "1", "properties": properties, "createdAt": None, "updatedAt": None}
    return dict(to_record("lead", result, (), mapped).fields)


def test_both_the_chosen_property_and_the_usual_one_are_asked_for() -> None:
    asked = properties_to_read("lead", ["fax"], {"industry": "Line", "score": "score"})
    assert {"industry", "line", "score", "fax"} <= set(asked)
    assert len(asked) == len(set(asked))


def test_values_are_read_by_the_type_of_the_name() -> None:
    names = {"score": "points", "industry": "Line", "employees": "size"}
    found = record(names, points="81.5", line="p", industry="Banking", size="25-50")
    assert found == {"score": 81.5, "industry": "p", "employees": 25}
    assert record({"score": "points"}, points="many") == {}


def test_an_empty_choice_is_empty_and_one_that_is_gone_is_the_usual_property() -> None:
    assert record({"industry": "line"}, line=None, industry="Banking") == {}
    assert record({"industry": "line"}, industry="Banking") == {"industry": "Banking"}


def test_a_name_of_a_person_can_be_a_property_of_its_own() -> None:
    assert record({"name": "full"}, firstname="A", lastname="B", full="Dr. A B")["name"] == "Dr. A B"


def test_what_stands_behind_each_name_is_told() -> None:
    found = table("lead", PROPERTIES, {"lead.product": "LINE", "lead.score": "line", "lead.region": "nope"})
    assert found.object == "Contact"
    assert (use(found, "lead.industry").state, use(found, "lead.city").state) == ("fine", "none")
    product = use(found, "lead.product")
    assert product.used is not None
    assert (product.state, dict(product.used.values), product.used.restricted) == ("fine", {"p": "Pumps"}, True)
    score = use(found, "lead.score")
    assert score.state == "wrong type"
    assert "line is of the type enumeration, and lead.score needs a number" in score.why
    region = use(found, "lead.region")
    assert (region.state, region.trouble) == ("missing", "There is no property nope. lead.region is empty meanwhile.")
    assert "Settings > Properties > Contact properties" in region.remedy


@pytest.mark.parametrize("kind", ["lead", "account"])
def test_a_real_portal_offers_its_properties(portal: Portal, kind: Any) -> None:
    found = portal.crm().fields(kind, {})
    assert use(found, f"{kind}.industry").state == "fine"
    assert found.find("hubspot_owner_id")


def test_a_company_is_read_by_the_properties_that_were_chosen(portal: Portal) -> None:
    (company,) = portal.load("companies", [{"name": "Acme", "numberofemployees": 5, "annualrevenue": 5000}])
    crm = portal.crm()
    crm.use_fields({"account.employees": "annualrevenue", "account.domain": "no_such_property"})
    assert crm.read("account", [company])[company].fields["employees"] == 5000
    (found,) = crm.scan("account", since=datetime(2020, 1, 1, tzinfo=UTC)).records
    assert found.fields["employees"] == 5000
