"""The HubSpot lead (0-136), where a portal has its leads routed: read with what its contact says, in batches.

A lead carries little of its own: a name, a stage, an owner. Who it is stands on its primary contact, so kind ``lead``
is then both in one: the contact's fields, the lead's id, owner, stage, times and stamp. The account is the lead's
primary company, or else the contact's. Sources: HubSpot's pages "Leads" and "Associate records".
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from connector.hubspot import acts, primaries, reading
from connector.hubspot.fields import (
    CONTACT,
    CONTACT_ID,
    DECISION,
    LEAD,
    MODIFIED,
    OWNER,
    STAGE,
    properties_to_read,
    text,
    to_record,
    usual_names,
)
from rules.field_names import NO_NAMES

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from connector.hubspot.client import HubSpotClient
    from rules.model import Record, Value

    Json = Mapping[str, Any]

SCOPES = frozenset({"crm.objects.leads.read", "crm.objects.leads.write"})
"""Optional in the app: only subscriptions with leads (Sales Hub Professional and up) grant them."""
PRIMARY_CONTACT = 578
"""lead -> primary contact. A lead has one from its creation on; it dies with its last primary association."""

NAME = "hs_lead_name"
QUALIFIED = "qualified-stage-id"
CLOSED = (QUALIFIED, "unqualified-stage-id")
"""The stages that end a lead in the pipeline that every portal starts with; what somebody adds counts as open. A lead
that was qualified counts as converted: it has become a deal.

[unverified] The spelling: it stands in code of others, not on HubSpot's pages.
"""
CHANGED = "hs_lastmodifieddate"


def wanted(extra: Collection[str] = (), mapped: Mapping[str, str] = NO_NAMES) -> reading.Wanted:
    """Say how leads are read: three calls for a hundred, and one more for the contacts of those.

    A field of `extra` or `mapped` may stand on the lead or on its contact; where both have a value, the lead's counts.
    """
    others = [*(api.lower() for api in mapped.values()), *extra]
    own = list(dict.fromkeys([NAME, STAGE, DECISION, OWNER, CHANGED, *others]))
    return reading.Wanted(LEAD, CHANGED, own, partial(_records, extra=extra, mapped=mapped, others=frozenset(others)))


def contacts(client: HubSpotClient, lead_ids: Collection[str]) -> dict[str, str]:
    """Return the primary contact of each lead that has one, a thousand leads a call."""
    if not lead_ids:
        return {}
    linked = reading.associations(client, LEAD, CONTACT, list(dict.fromkeys(filter(reading.is_id, lead_ids))))
    return {
        lead_id: str(other["toObjectId"])
        for lead_id, others in linked.items()
        for other in others
        if primaries.is_of_type(other, PRIMARY_CONTACT)
    }


def of_contacts(client: HubSpotClient, contact_ids: Collection[str]) -> dict[str, list[str]]:
    """Return the leads of each contact that has any; of those that it is the primary contact of, and of others."""
    ids = list(dict.fromkeys(filter(reading.is_id, contact_ids)))
    linked = reading.associations(client, CONTACT, LEAD, ids) if ids else {}
    return {one: [str(other["toObjectId"]) for other in others] for one, others in linked.items() if others}


def states(client: HubSpotClient, lead_ids: Collection[str]) -> dict[str, Json]:
    """Return what :func:`connector.hubspot.acts.acted` asks of contacts, for leads: three calls for a hundred."""
    rows = reading.living(client, LEAD, lead_ids, [OWNER, STAGE, CHANGED])
    of_lead = contacts(client, rows)
    people = reading.living(client, CONTACT, of_lead.values(), [acts.LAST_CONTACTED, *acts.BECAME])
    return {lead_id: _state(row, people.get(of_lead.get(lead_id, ""))) for lead_id, row in rows.items()}


def open_of(owner: str) -> Json:
    """Return the search for an owner's open leads: those of every stage but the two that end one."""
    mine = {"propertyName": OWNER, "operator": "EQ", "value": owner}
    unsaid = {"propertyName": STAGE, "operator": "NOT_HAS_PROPERTY"}
    going_on = {"propertyName": STAGE, "operator": "NOT_IN", "values": list(CLOSED)}
    return {"filterGroups": [{"filters": [mine, each]} for each in (unsaid, going_on)], "properties": [], "limit": 1}


def definitions(client: HubSpotClient) -> list[Json]:
    """Return all properties that a rule may ask of a lead: its own, and those of contacts that it does not have."""
    own: dict[str, Json] = {str(each["name"]): each for each in client.properties(LEAD).get("results") or ()}
    theirs = {str(each["name"]): each for each in client.properties(CONTACT).get("results") or ()}
    return list({**theirs, **own}.values())


def _state(row: Json, person: Json | None) -> Json:
    own = row.get("properties") or {}
    theirs = (person or {}).get("properties") or {}
    said = {name: own[mine] for name, mine in ((acts.STATUS, STAGE), (acts.CHANGED_AT, CHANGED)) if mine in own}
    became = {acts.BECAME[0]: own.get(CHANGED)} if own.get(STAGE) == QUALIFIED else {}
    return {**theirs, **said, **became, OWNER: own.get(OWNER)}


def _records(
    client: HubSpotClient,
    results: Sequence[Json],
    *,
    extra: Collection[str],
    mapped: Mapping[str, str],
    others: frozenset[str],
) -> list[Record]:
    """Make records of leads: with their contacts (a hundred a call), and the companies they are tied to themselves."""
    ids = [str(result["id"]) for result in results]
    of_lead = contacts(client, ids)
    companies = primaries.of(client, primaries.OF_LEADS, ids)
    people = reading.living(client, CONTACT, of_lead.values(), properties_to_read("lead", extra, mapped))
    found = []
    for lead_id, result in zip(ids, results, strict=True):
        person = people.get(of_lead.get(lead_id, ""), {})
        merged = _merged(result.get("properties") or {}, person.get("properties") or {}, others)
        if company := companies.get(lead_id):
            merged[usual_names("lead")["account_id"]] = company
        record = to_record("lead", {**result, "properties": merged}, extra, mapped)
        mine: dict[str, Value] = {CONTACT_ID: str(person["id"])} if person else {}
        if (result.get("properties") or {}).get(STAGE) == QUALIFIED:
            mine["converted"] = True
        if "name" not in record.fields and (name := text((result.get("properties") or {}).get(NAME))):
            mine["name"] = name
        found.append(replace(record, fields={**record.fields, **mine}))
    return found


def _merged(own: Json, theirs: Json, others: frozenset[str]) -> dict[str, Any]:
    """Put the lead's own values over those of its contact; its stamp, owner and stage never come from the contact.

    The stamp least of all: a contact may have several leads, and each has a decision of its own.
    """
    said = {name: value for name, value in own.items() if name in others and (text(value) or name not in theirs)}
    fixed = {DECISION: own.get(DECISION), OWNER: own.get(OWNER), MODIFIED["lead"]: own.get(CHANGED)}
    return {**theirs, **said, **fixed, acts.STATUS: own.get(STAGE)}
