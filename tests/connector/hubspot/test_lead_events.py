"""What a delivery says about leads (0-136), and what a portal makes of it that has leads or contacts routed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest

from connector.crm import Routes
from tests.connector.hubspot.test_events import delivered, item

if TYPE_CHECKING:
    from connector.hubspot.events import OfPortal

LEAD, CONTACT, COMPANY = "0-136", "0-1", "0-2"


def about_lead(verb: str = "propertyChange", **changes: Any) -> dict[str, Any]:
    """Make an item about a lead."""
    return item(**({"subscriptionType": f"object.{verb}", "objectTypeId": LEAD, "objectId": 77} | changes))


def association(left: str, right: str, **changes: Any) -> dict[str, Any]:
    """Make an item about an association of record 1 with record 2."""
    sides = {"fromObjectTypeId": left, "fromObjectId": 1, "toObjectTypeId": right, "toObjectId": 2}
    given = {"subscriptionType": "object.associationChange", "objectTypeId": left, "objectId": 1, "propertyName": None}
    return item(**(given | sides | {"associationRemoved": False} | changes))


def read(*items: Any) -> OfPortal:
    """Return what a delivery says about its one portal."""
    found = delivered(*items)
    assert found.faults == []
    (of_portal,) = found.portals.values()
    return of_portal


@pytest.mark.parametrize(
    ("verb", "change"),
    [("creation", "created"), ("propertyChange", "updated"), ("deletion", "deleted"), ("restore", "restored")],
)
def test_events_of_leads_are_told_apart_from_those_of_contacts(verb: str, change: str) -> None:
    found = read(about_lead(verb), item(objectId=77))
    (event,) = found.of_leads
    assert (event.kind, event.record_id, event.change) == ("lead", "77", change)
    assert [each.record_id for each in found.events] == ["77"]
    assert event.key != found.events[0].key, "a lead and a contact may have the same number"


def test_a_stage_is_the_status_of_a_lead() -> None:
    (event,) = read(about_lead(propertyName="hs_pipeline_stage")).of_leads
    assert event.changed == ("status",)


def test_our_own_write_to_a_lead_is_an_echo() -> None:
    (event,) = read(about_lead(changeSource="INTEGRATION", sourceId="50780459")).of_leads
    assert event.ours


def test_a_portal_with_contacts_routed_hears_nothing_of_leads() -> None:
    found = read(about_lead(), item(objectId=5), association(LEAD, CONTACT))
    assert [(each.kind, each.record_id) for each in found.meant("contacts")] == [("lead", "5")]


@pytest.mark.parametrize("routes", [each for each in get_args(Routes) if each != "contacts"])
def test_a_portal_with_leads_routed_hears_of_contacts_as_contacts(routes: Routes) -> None:
    company = item(subscriptionType="company.propertyChange", propertyName="name", objectId=9)
    found = read(about_lead(), item(objectId=5), company)
    told = {(each.kind, each.record_id) for each in found.meant(routes)}
    assert told == {("lead", "77"), ("contact", "5"), ("account", "9")}


def test_an_association_of_a_lead_that_is_told_from_both_sides_is_one_change() -> None:
    found = read(association(LEAD, CONTACT), association(CONTACT, LEAD, fromObjectId=2, toObjectId=1))
    assert found.events == []
    assert {(each.record_id, each.change) for each in found.of_leads} == {("1", "updated")}
    assert len({each.key for each in found.of_leads}) == 1


def test_another_company_of_a_lead_is_another_account() -> None:
    (event,) = read(association(LEAD, COMPANY)).of_leads
    assert (event.record_id, event.changed) == ("1", ("account_id",))


def test_other_associations_of_leads_are_passed_over() -> None:
    assert delivered(association(LEAD, "0-27")).portals == {}
