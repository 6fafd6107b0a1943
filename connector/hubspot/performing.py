"""Two of the four steps: update the contact, and link it to its company. Both may be repeated without harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.crm import Effect
from connector.hubspot.batches import Batch, Row
from connector.hubspot.effects import action, already, effects, hubspot_defined
from connector.hubspot.fields import COMPANY, CONTACT, OWNER
from connector.hubspot.properties import EMPTY_STAMP, stamp_properties
from connector.hubspot.reading import associations
from rules.actions import Unassign, Unstamp
from rules.model import Assign, Link, Stamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.crm import Work
    from connector.hubspot.client import HubSpotClient

UPDATE_ACTIONS = frozenset({Assign.key, Stamp.key, Unassign.key, Unstamp.key})
LINK_ACTIONS = frozenset({Link.key})
PRIMARY_COMPANY = 1
"""contact -> primary company; the list is on HubSpot's page "Associate records"."""


def update(client: HubSpotClient, work: Sequence[Work]) -> list[Effect]:
    """Set owner and stamp in one update of the contact: both or neither."""
    rows = []
    for item in work:
        properties: dict[str, str] = {}
        if assign := action(item, Assign):
            properties[OWNER] = assign.owner_id
        if action(item, Unassign):
            properties[OWNER] = ""  # clears it
        if stamp := action(item, Stamp):
            properties |= stamp_properties(stamp)
        if action(item, Unstamp):
            properties |= EMPTY_STAMP
        key, lead_id = item.decision.key, item.decision.lead.id
        given = {"id": lead_id, "objectWriteTraceId": key, "properties": properties}
        rows.append(Row(key, given, marks=frozenset({key}), shared=frozenset({lead_id})))

    def match(result: Mapping[str, Any]) -> str:
        return str(result.get("objectWriteTraceId") or result.get("id"))

    verdicts = Batch(lambda inputs: client.update(CONTACT, inputs), match, repeatable=True).send(rows)
    return [
        effect
        for item in work
        for effect in effects(item, UPDATE_ACTIONS, verdicts[item.decision.key], ref=item.decision.lead.id)
    ]


def link(client: HubSpotClient, work: Sequence[Work]) -> list[Effect]:
    """Make the account the contact's primary company, unless the contact has one: writing another would replace it.

    The lead as it was decided about tells whether it has one. After an attempt that was cut off, HubSpot is asked.
    """
    present = {item.decision.key: item.decision.lead.text("account_id") for item in work}
    present |= _primary_companies(client, [item for item in work if item.uncertain & LINK_ACTIONS])
    found: list[Effect] = []
    rows: list[Row] = []
    wanted: list[tuple[Work, str]] = []
    for item in work:
        key, lead_id, company_id = item.decision.key, item.decision.lead.id, _company(item)
        if present[key] == company_id:
            found.extend(already(item, LINK_ACTIONS, company_id))
        elif present[key]:
            detail = "The contact already has another primary company, which was left as it is"
            found.append(Effect(key, Link.key, "refused", ref=present[key], detail=detail))
        else:
            wanted.append((item, company_id))
            given = {"from": {"id": lead_id}, "to": {"id": company_id}, "types": hubspot_defined(PRIMARY_COMPANY)}
            rows.append(Row(key, given, marks=frozenset({lead_id}), shared=frozenset({company_id})))

    def match(result: Mapping[str, Any]) -> str:
        return str(result.get("fromObjectId") or (result.get("from") or {}).get("id"))

    verdicts = Batch(lambda inputs: client.associate(CONTACT, COMPANY, inputs), match, repeatable=True).send(rows)
    for item, company_id in wanted:
        found.extend(effects(item, LINK_ACTIONS, verdicts[item.decision.key], ref=company_id))
    return found


def _company(item: Work) -> str:
    """Return the company that the decision links to."""
    return next(found.account_id for found in item.decision.actions if isinstance(found, Link))


def _primary_companies(client: HubSpotClient, work: Sequence[Work]) -> dict[str, str]:
    """Ask HubSpot for the primary company of each lead (empty: none), by decision key."""
    if not work:
        return {}
    linked = associations(client, CONTACT, COMPANY, [item.decision.lead.id for item in work])
    primary = {
        lead_id: str(other["toObjectId"])
        for lead_id, others in linked.items()
        for other in others
        if any(
            kind.get("category") == "HUBSPOT_DEFINED" and kind.get("typeId") == PRIMARY_COMPANY
            for kind in other.get("associationTypes") or ()
        )
    }
    return {item.decision.key: primary.get(item.decision.lead.id, "") for item in work}
