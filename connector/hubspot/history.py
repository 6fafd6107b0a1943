"""What a portal knows about companies beside their own fields: deals, contacts, the latest activity, the parent.

Most numbers are properties that HubSpot keeps on the company itself, so one batch read of a hundred companies tells all
of them. The open deal and the lost ones need the deals, which are read once for both: the associations of a thousand
companies a call, then a hundred deals a call. The parent's owner needs the parents, a hundred a call.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from connector.crm import (
    CONTACTS,
    LAST_ACTIVITY,
    LAST_LOST,
    LOST_OPPORTUNITIES,
    OPEN_OPPORTUNITIES,
    OPPORTUNITY,
    PARENT_OWNER,
)
from connector.hubspot import reading
from connector.hubspot.fields import COMPANY, DEAL, OWNER, moment, number, text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from connector.hubspot.client import HubSpotClient
    from rules.model import Value

    Json = Mapping[str, Any]

DEALS_SCOPE = "crm.objects.deals.read"

# HubSpot's pages name these by their labels; the first three names stand in real company payloads, the last two
# [unverified] in code of others only. A name that a portal does not know tells nothing, and breaks nothing.
OPEN_DEALS = "hs_num_open_deals"
ASSOCIATED_CONTACTS = "num_associated_contacts"
ACTIVITIES = ("notes_last_updated", "hs_last_sales_activity_timestamp")
"""When somebody last logged a note, call, mail, meeting or task; when a contact last did something. The later one."""
PARENT = "hs_parent_company_id"
# [unverified] That these two are there for the stages of every pipeline, and what is closed and not won is lost; and
# that the company's number of deals counts the closed ones too, and those whose primary company is another.
CLOSED, WON = "hs_is_closed", "hs_is_closed_won"
ALL_DEALS = "num_associated_deals"
NAME, STAGE, AMOUNT, CLOSE_DATE = "dealname", "dealstage", "amount", "closedate"
DEAL_PROPERTIES = (NAME, STAGE, AMOUNT, CLOSE_DATE, OWNER, CLOSED, WON)

DEALS = 500
"""Deals of one company that are looked at, the newest first: a partner's thousands would take all calls there are.
More lost ones than that are not counted."""
_PROPERTIES = {
    OPEN_OPPORTUNITIES: (OPEN_DEALS,),
    CONTACTS: (ASSOCIATED_CONTACTS,),
    LAST_ACTIVITY: ACTIVITIES,
    PARENT_OWNER: (PARENT,),
    OPPORTUNITY: (OPEN_DEALS,),
    LOST_OPPORTUNITIES: (ALL_DEALS,),
    LAST_LOST: (ALL_DEALS,),
}
_OF_DEALS = frozenset({OPPORTUNITY, LOST_OPPORTUNITIES, LAST_LOST})
"""What only the deals themselves tell."""


def account_history(
    client: HubSpotClient, ids: Collection[str], wanted: frozenset[str], scopes: frozenset[str]
) -> dict[str, dict[str, Value]]:
    """Return what is `wanted` of companies by id; see :meth:`connector.crm.Crm.account_history`.

    Without the scope for deals the open deal and the lost ones are left out. Raises Later, Revoked or Refused.
    """
    if not wanted:
        return {}
    if DEALS_SCOPE not in scopes:
        wanted -= _OF_DEALS
    names = {name for each in wanted for name in _PROPERTIES[each]}
    companies = reading.living(client, COMPANY, ids, sorted(names))
    found = {company: _numbers(result["properties"], wanted) for company, result in companies.items()}
    if PARENT_OWNER in wanted:
        for company, owner in _parent_owners(client, companies).items():
            found[company][PARENT_OWNER] = owner
    if of_deals := wanted & _OF_DEALS:
        deals = _deals(client, _having_deals(companies, of_deals))
        for company in found:
            found[company] |= _told(deals.get(company, ()), of_deals)
    return found


def _numbers(properties: Json, wanted: Collection[str]) -> dict[str, Value]:
    """Read what stands on the company; a property that the portal does not have is left out."""
    values: dict[str, Value] = {}
    for asked, name in ((OPEN_OPPORTUNITIES, OPEN_DEALS), (CONTACTS, ASSOCIATED_CONTACTS)):
        if asked in wanted and name in properties:
            values[asked] = int(number(properties[name]) or 0)
    if LAST_ACTIVITY in wanted and any(name in properties for name in ACTIVITIES):
        times = [at for name in ACTIVITIES if (at := moment(properties.get(name))) is not None]
        values[LAST_ACTIVITY] = max(times, default=None)
    return values


def _parent_owners(client: HubSpotClient, companies: Mapping[str, Json]) -> dict[str, str]:
    """Return who owns the parent of each company that has one with an owner; no call when none has a parent."""
    parents = {company: text(result["properties"].get(PARENT)) for company, result in companies.items()}
    known = reading.living(client, COMPANY, [parent for parent in parents.values() if parent], [OWNER])
    owners = {parent: text(result["properties"].get(OWNER)) for parent, result in known.items()}
    return {company: owners[parent] for company, parent in parents.items() if owners.get(parent)}


def _having_deals(companies: Mapping[str, Json], wanted: Collection[str]) -> list[str]:
    """Return the companies to ask for deals: HubSpot's own counts save asking about those that it says have none."""
    counts = {name for each in wanted for name in _PROPERTIES[each]}
    return [
        company
        for company, result in companies.items()
        if any(text(result["properties"].get(name)) != "0" for name in counts)
    ]


def _deals(client: HubSpotClient, companies: Sequence[str]) -> dict[str, list[Json]]:
    """Return the newest deals of each company."""
    links = reading.associations(client, COMPANY, DEAL, companies) if companies else {}
    mine = {company: _newest(str(each["toObjectId"]) for each in found) for company, found in links.items()}
    every = [deal for deals in mine.values() for deal in deals]
    known = reading.living(client, DEAL, every, DEAL_PROPERTIES)
    return {company: [known[deal] for deal in deals if deal in known] for company, deals in mine.items()}


def _told(deals: Sequence[Json], wanted: Collection[str]) -> dict[str, Value]:
    """Return what a company's deals tell: the open one that closes first, and the lost ones."""
    values: dict[str, Value] = {}
    still_open = [deal for deal in deals if _is_open(deal)]
    if OPPORTUNITY in wanted and still_open:
        values |= _opportunity(min(still_open, key=_closes))
    # A deal that does not say whether it was won may be lost: then no number is better than a wrong one.
    if all({CLOSED, WON} <= deal["properties"].keys() for deal in deals):
        lost = [deal for deal in deals if _is_lost(deal)]
        times = [at for deal in lost if (at := moment(deal["properties"].get(CLOSE_DATE))) is not None]
        known: dict[str, Value] = {LOST_OPPORTUNITIES: len(lost), LAST_LOST: max(times, default=None)}
        values |= {name: value for name, value in known.items() if name in wanted}
    return values


def _newest(deals: Iterable[str]) -> list[str]:
    """Return the deals made last, by their numbers, which grow."""
    return sorted(set(deals), key=int, reverse=True)[:DEALS]


def _is_open(deal: Json) -> bool:
    """Whether a deal is neither won nor lost; one that does not say is not called open."""
    properties = deal["properties"]
    return CLOSED in properties and text(properties[CLOSED]).lower() != "true"


def _is_lost(deal: Json) -> bool:
    """Whether a deal is closed and not won."""
    properties = deal["properties"]
    return text(properties.get(CLOSED)).lower() == "true" and text(properties.get(WON)).lower() != "true"


def _closes(deal: Json) -> tuple[float, int]:
    """Order deals by close date, those without one last, then by age."""
    at = moment(deal["properties"].get(CLOSE_DATE))
    return (at.timestamp() if at else inf, int(deal["id"]))


def _opportunity(deal: Json) -> dict[str, Value]:
    """Return a deal in flat keys; empty properties have none."""
    properties = deal["properties"]
    values: dict[str, Value] = {
        "id": str(deal["id"]),
        "name": text(properties.get(NAME)),
        "stage": text(properties.get(STAGE)),
        "amount": number(properties.get(AMOUNT)),
        "close_date": moment(properties.get(CLOSE_DATE)),
        "owner_id": text(properties.get(OWNER)),
    }
    return {f"{OPPORTUNITY}.{name}": value for name, value in values.items() if value not in (None, "")}
