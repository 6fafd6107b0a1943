"""Asking the local HubSpot what it knows about companies: calls, the open deal, scopes, errors."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from connector.crm import (
    CONTACTS,
    HISTORY,
    LAST_ACTIVITY,
    LAST_LOST,
    LOST_OPPORTUNITIES,
    OPEN_OPPORTUNITIES,
    OPPORTUNITY,
    PARENT_OWNER,
)
from connector.errors import Later
from connector.hubspot import history
from connector.hubspot.history import DEALS_SCOPE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.connector.hubspot.conftest import Portal

COMPANIES, LINKS, DEALS = (
    "POST /crm/objects/2026-09/0-2/batch/read",
    "POST /crm/associations/2026-09/0-2/0-3/batch/read",
    "POST /crm/objects/2026-09/0-3/batch/read",
)
NUMBERS = frozenset({OPEN_OPPORTUNITIES, CONTACTS, LAST_ACTIVITY})
LOST = frozenset({LOST_OPPORTUNITIES, LAST_LOST})
NEVER = {LOST_OPPORTUNITIES: 0, LAST_LOST: None}
OPEN, CLOSED_LOST = "qualifiedtobuy", "closedlost"
JANUARY, FEBRUARY = datetime(2027, 1, 31, tzinfo=UTC), datetime(2027, 2, 28, tzinfo=UTC)


def companies(portal: Portal, count: int) -> list[str]:
    return portal.load("companies", [{"name": f"Firm {number}"} for number in range(count)])


def deals(portal: Portal, company: str, *rows: dict[str, Any]) -> list[str]:
    """Load deals of a company."""
    given = {"dealname": "Deal", "dealstage": OPEN}
    full = [{"properties": given | row, "associations": [{"to": {"id": company}}]} for row in rows]
    ids: list[str] = portal.sandbox.load(portal.id, "deals", full)["ids"]
    return ids


def told(portal: Portal, company: str, wanted: frozenset[str] = HISTORY) -> dict[str, Any]:
    return dict(portal.crm().account_history([company], wanted=wanted)[company])


def test_numbers_of_two_hundred_companies_take_two_calls(portal: Portal) -> None:
    ids = companies(portal, 200)
    found = portal.crm().account_history(ids, wanted=NUMBERS)
    assert portal.calls() == [COMPANIES] * 2
    assert list(found) == ids


def test_the_open_deals_of_two_hundred_companies_take_two_calls_more(portal: Portal) -> None:
    ids = companies(portal, 200)
    for company in ids[:20]:
        deals(portal, company, {"closedate": "2027-01-31"}, {"closedate": "2027-02-28"})
    found = portal.crm().account_history(ids, wanted=HISTORY)
    assert portal.calls() == [COMPANIES, COMPANIES, LINKS, DEALS]
    assert sum("opportunity.id" in each for each in found.values()) == 20


def test_no_deal_is_asked_for_where_hubspot_counts_none(portal: Portal) -> None:
    (company,) = companies(portal, 1)
    deals(portal, company, {"dealstage": "closedlost"})
    assert told(portal, company, frozenset({OPPORTUNITY})) == {}
    assert portal.calls() == [COMPANIES]


def test_the_open_and_the_lost_deals_are_read_together(portal: Portal) -> None:
    ids = companies(portal, 200)
    for company in ids[:20]:
        lost = [{"dealstage": CLOSED_LOST, "closedate": day} for day in ("2027-02-28", "2027-01-31")]
        won = {"dealstage": "closedwon", "closedate": "2027-04-30"}
        deals(portal, company, *lost, won, {"closedate": "2027-03-31"})
    found = portal.crm().account_history(ids, wanted=HISTORY)
    assert portal.calls() == [COMPANIES, COMPANIES, LINKS, DEALS]
    lost_of = [{name: each[name] for name in LOST} for each in found.values()]
    assert lost_of == [{LOST_OPPORTUNITIES: 2, LAST_LOST: FEBRUARY}] * 20 + [NEVER] * 180
    assert sum("opportunity.id" in each for each in found.values()) == 20


def test_no_lost_deal_is_asked_for_where_hubspot_counts_no_deal(portal: Portal) -> None:
    (company,) = companies(portal, 1)
    assert told(portal, company, LOST) == NEVER
    assert portal.calls() == [COMPANIES]


def test_lost_deals_are_found_where_none_is_open(portal: Portal) -> None:
    (company,) = companies(portal, 1)
    deals(portal, company, {"dealstage": CLOSED_LOST, "closedate": "2027-01-31"})
    found = told(portal, company)
    assert portal.calls() == [COMPANIES, LINKS, DEALS]
    assert (found[OPEN_OPPORTUNITIES], found[LOST_OPPORTUNITIES], found[LAST_LOST]) == (0, 1, JANUARY)


def test_a_lost_deal_without_a_close_date_counts_and_has_no_time(portal: Portal) -> None:
    (company,) = companies(portal, 1)
    deals(portal, company, {"dealstage": CLOSED_LOST})
    assert told(portal, company, LOST) == {LOST_OPPORTUNITIES: 1, LAST_LOST: None}


def test_deals_that_do_not_say_whether_they_were_won_tell_of_no_loss(portal: Portal) -> None:
    (company,) = companies(portal, 1)
    (deal,) = deals(portal, company, {"dealstage": CLOSED_LOST})
    silent = {"id": deal, "properties": {"hs_object_id": deal, "hs_is_closed": "true"}, "archived": False}
    portal.fault("objects/2026-09/0-3/batch/read", status=200, body={"results": [silent]})
    assert told(portal, company, LOST) == {}


def test_a_lost_deal_of_two_companies_counts_for_both(portal: Portal) -> None:
    left, right = companies(portal, 2)
    (deal,) = deals(portal, left, {"dealstage": CLOSED_LOST, "closedate": "2027-01-31"})
    portal.order("associate", **{"from": "deals", "fromId": deal, "to": "companies", "toId": right})
    found = portal.crm().account_history([left, right], wanted=LOST)
    assert [found[each] for each in (left, right)] == [{LOST_OPPORTUNITIES: 1, LAST_LOST: JANUARY}] * 2


def test_more_deals_than_one_call_holds_take_one_more(portal: Portal) -> None:
    (company,) = companies(portal, 1)
    deals(portal, company, *[{"closedate": f"2027-05-{day % 28 + 1:02}"} for day in range(110)])
    (first,) = deals(portal, company, {"closedate": "2027-01-31", "dealname": "First"})
    found = told(portal, company)
    assert portal.calls() == [COMPANIES, LINKS, DEALS, DEALS]
    assert (found[OPEN_OPPORTUNITIES], found["opportunity.id"]) == (111, first)


def test_of_very_many_deals_the_newest_are_looked_at(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "DEALS", 2)
    (company,) = companies(portal, 1)
    made = deals(portal, company, *[{"closedate": f"2027-0{month}-01"} for month in (1, 2, 3)])
    assert told(portal, company)["opportunity.id"] == made[1]


def test_the_owners_of_parents_take_one_call_more(portal: Portal) -> None:
    owner = portal.owner()
    (parent,) = portal.load("companies", [{"name": "Group", "hubspot_owner_id": owner}])
    (unowned,) = portal.load("companies", [{"name": "Nobody's"}])
    ends = {"hs_parent_company_id": parent}
    children = portal.load("companies", [ends, ends, {"hs_parent_company_id": unowned}, {"name": "Alone"}])
    found = portal.crm().account_history(children, wanted=frozenset({PARENT_OWNER}))
    assert portal.calls() == [COMPANIES] * 2
    assert [each.get(PARENT_OWNER) for each in found.values()] == [owner, owner, None, None]


def test_a_deal_without_a_close_date_comes_last(portal: Portal) -> None:
    (company,) = companies(portal, 1)
    _, dated = deals(portal, company, {}, {"closedate": "2027-01-31", "amount": "1250.5"})
    found = told(portal, company, frozenset({OPPORTUNITY}))
    assert (found["opportunity.id"], found["opportunity.amount"]) == (dated, 1250.5)
    assert found["opportunity.close_date"] == datetime(2027, 1, 31, tzinfo=UTC)


def test_a_deal_of_two_companies_is_open_for_both(portal: Portal) -> None:
    left, right = companies(portal, 2)
    (deal,) = deals(portal, left, {"closedate": "2027-01-31"})
    portal.order("associate", **{"from": "deals", "fromId": deal, "to": "companies", "toId": right})
    found = portal.crm().account_history([left, right], wanted=frozenset({OPPORTUNITY}))
    assert [found[each]["opportunity.id"] for each in (left, right)] == [deal, deal]


def test_a_deal_archived_while_we_ask_is_left_out(portal: Portal) -> None:
    (company,) = companies(portal, 1)
    (deal,) = deals(portal, company, {"closedate": "2027-01-31"})
    body = {"status": "COMPLETE", "results": [{"from": {"id": company}, "to": [{"toObjectId": deal}]}]}
    portal.fault("associations/2026-09/0-2/0-3", status=200, body=body)
    portal.fault("0-2/batch/read", status=200, body={"results": [_company(company, hs_num_open_deals="1")]})
    portal.order("delete", object="deals", id=deal)
    assert told(portal, company) == {OPEN_OPPORTUNITIES: 1} | NEVER


def test_what_people_and_contacts_did_last_is_the_latest_activity(portal: Portal) -> None:
    early, late = "2026-03-01T10:00:00.000Z", "2026-04-01T10:00:00.000Z"
    rows: Sequence[dict[str, str]] = (
        {"notes_last_updated": early, "hs_last_sales_activity_timestamp": late},
        {"notes_last_updated": late},
        {},
    )
    found = portal.crm().account_history(portal.load("companies", rows), wanted=frozenset({LAST_ACTIVITY}))
    april = datetime(2026, 4, 1, 10, tzinfo=UTC)
    assert [each[LAST_ACTIVITY] for each in found.values()] == [april, april, None]


def test_a_property_that_the_portal_does_not_have_is_left_out(portal: Portal) -> None:
    (company,) = companies(portal, 1)
    portal.fault("0-2/batch/read", status=200, body={"results": [_company(company, num_associated_contacts=None)]})
    assert told(portal, company, NUMBERS) == {CONTACTS: 0}


def test_a_portal_that_did_not_grant_deals_has_numbers_and_no_deal(portal: Portal) -> None:
    (company,) = companies(portal, 1)
    deals(portal, company, {"closedate": "2027-01-31"})
    crm = portal.crm(scopes=portal.scopes - {DEALS_SCOPE})
    assert crm.account_history([company], wanted=HISTORY) == {
        company: {OPEN_OPPORTUNITIES: 1, CONTACTS: 0, LAST_ACTIVITY: None}
    }
    assert portal.calls() == [COMPANIES]
    (line,) = [each for each in crm.check() if each.name == "Deals (optional)"]
    assert not line.ok
    assert DEALS_SCOPE in line.detail
    assert line.remedy


def test_every_tier_can_grant_deals(connect: Callable[..., Portal]) -> None:
    free = connect(tier="free")
    assert DEALS_SCOPE in free.scopes
    (line,) = [each for each in free.crm().check() if each.name == "Deals (optional)"]
    assert line.ok


def test_merged_and_archived_companies_are_left_out(portal: Portal) -> None:
    kept, merged, archived = companies(portal, 3)
    portal.order("delete", object="companies", id=archived)
    portal.order("merge", object="companies", primary=kept, other=merged)
    found = portal.crm().account_history([merged, archived, "nonsense", ""], wanted=HISTORY)
    assert found == {}


@pytest.mark.parametrize("call", ["0-2/batch/read", "0-2/0-3/batch/read", "0-3/batch/read"])
def test_a_reached_rate_limit_is_later(portal: Portal, call: str) -> None:
    (company,) = companies(portal, 1)
    deals(portal, company, {"closedate": "2027-01-31"})
    portal.fault(call, status=429, body={"policyName": "TEN_SECONDLY_ROLLING"})
    with pytest.raises(Later) as caught:
        told(portal, company)
    assert caught.value.seconds == 10
    assert told(portal, company)[OPEN_OPPORTUNITIES] == 1


def _company(company: str, **properties: str | None) -> dict[str, Any]:
    return {"id": company, "properties": {"hs_object_id": company, **properties}, "archived": False}
