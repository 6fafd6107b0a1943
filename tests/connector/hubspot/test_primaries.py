"""Primary companies: one at most, never replaced, also while HubSpot and people link the same contact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from connector.hubspot import primaries
from connector.hubspot.batches import Done
from connector.hubspot.primaries import OF_CONTACTS, Taken, Wish
from tests.connector.hubspot.conftest import work
from tests.local.processes import until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from connector.hubspot.gateway import HubSpotCrm
    from tests.connector.hubspot.conftest import Portal

PRIMARY = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]


@pytest.fixture
def firms(portal: Portal) -> list[str]:
    return portal.load("companies", [{"name": "Acme", "domain": "acme.com"}, {"name": "Other", "domain": "other.com"}])


def meanwhile(crm: HubSpotCrm, *, before: Callable[[], Any] = str, after: Callable[[], Any] = str) -> None:
    """Let something happen right before and right after the adapter writes associations."""
    write = crm._client.associate

    def associate(from_type: str, to_type: str, inputs: Sequence[Any]) -> Any:
        before()
        answer = write(from_type, to_type, inputs)
        after()
        return answer

    crm._client.associate = associate  # type: ignore[method-assign]


def link(portal: Portal, lead: str, company: str) -> None:
    """A person makes a company the contact's primary one."""
    ends = {"from": "contacts", "fromId": lead, "to": "companies", "toId": company}
    portal.order("associate", types=PRIMARY, **ends)


def test_a_company_that_came_after_the_decision_is_left_as_the_primary_one(portal: Portal, firms: list[str]) -> None:
    (lead,) = portal.people(1)
    item = work(lead, "1", company=firms[0])
    link(portal, lead, firms[1])
    (effect,) = portal.crm().apply("link", [item])
    assert (effect.status, effect.ref) == ("refused", firms[1])
    assert portal.properties("contacts", lead)["associatedcompanyid"] == firms[1]


def test_hubspots_own_link_by_domain_wins_when_it_comes_first(connect: Callable[..., Portal]) -> None:
    portal = connect(tier="enterprise", auto_associate=True, auto_associate_delay=0.05)
    wanted, by_domain = portal.load("companies", [{"name": "Acme"}, {"name": "Acme Inc", "domain": "acme.com"}])
    lead = str(portal.order("create", object="contacts", properties={"email": "ana@acme.com"})["id"])
    item = work(lead, "1", company=wanted)
    joined = "HubSpot's own link"
    until(lambda: portal.properties("contacts", lead).get("associatedcompanyid") == by_domain, seconds=10, what=joined)
    (effect,) = portal.crm().apply("link", [item])
    assert effect.status == "refused"
    assert portal.properties("contacts", lead)["associatedcompanyid"] == by_domain


def test_a_company_that_comes_between_read_and_write_leaves_one_primary_that_is_ours(
    portal: Portal, firms: list[str]
) -> None:
    (lead,) = portal.people(1)
    crm = portal.crm()
    meanwhile(crm, before=lambda: link(portal, lead, firms[1]))
    (effect,) = crm.apply("link", [work(lead, "1", company=firms[0])])
    assert effect.status == "done"
    assert primaries.of(crm._client, OF_CONTACTS, [lead]) == {lead: firms[0]}


def test_a_company_that_comes_right_after_our_write_is_told_and_left(portal: Portal, firms: list[str]) -> None:
    (lead, other) = portal.people(2)
    crm = portal.crm()
    meanwhile(crm, after=lambda: link(portal, lead, firms[1]))
    effects = crm.apply("link", [work(lead, "1", company=firms[0]), work(other, "1", company=firms[0])])
    assert [(each.status, each.ref) for each in effects] == [("refused", firms[1]), ("done", firms[0])]
    assert "already has another primary company" in effects[0].detail


def test_a_plain_company_is_no_primary_one(portal: Portal, firms: list[str]) -> None:
    (lead,) = portal.people(1)
    portal.order("associate", **{"from": "contacts", "fromId": lead, "to": "companies", "toId": firms[1]})
    (effect,) = portal.crm().apply("link", [work(lead, "1", company=firms[0])])
    assert effect.status == "done"
    assert portal.properties("contacts", lead)["associatedcompanyid"] == firms[0]


def test_of_two_wishes_about_one_contact_only_what_stands_in_the_end_is_called_done(
    portal: Portal, firms: list[str]
) -> None:
    (lead,) = portal.people(1)
    wishes = [Wish(f"d{number}", lead, firm) for number, firm in enumerate(firms)]
    crm = portal.crm()
    found = primaries.settle(crm._client, OF_CONTACTS, wishes)
    (primary,) = primaries.of(crm._client, OF_CONTACTS, [lead]).values()
    for wish in wishes:
        outcome = found[wish.key]
        assert isinstance(outcome, Done) if wish.company_id == primary else outcome == Taken(primary)


def test_no_link_makes_no_call(portal: Portal) -> None:
    crm = portal.crm()
    assert primaries.settle(crm._client, OF_CONTACTS, []) == {}
    assert crm.calls == 0
