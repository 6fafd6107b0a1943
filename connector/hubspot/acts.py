"""Who has acted on which contact since our decisions, and how many open leads an owner has.

A batch read of a hundred contacts tells all of them, one of a hundred tasks which of ours are done. Counts come from
search, one call an owner: HubSpot has no sums by group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.acts import Acted, summed_up
from connector.errors import Later
from connector.hubspot import reading
from connector.hubspot.fields import CONTACT, MODIFIED, OWNER, TASK, moment, text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime

    from connector.acts import Act, Deed
    from connector.hubspot.client import HubSpotClient

    Json = Mapping[str, Any]

STATUS = "hs_lead_status"
LAST_CONTACTED = "notes_last_contacted"
"""When somebody last logged a call, a mail to one person, a meeting or a chat with the contact.

[U] That it is the activity's own time. Neither of its neighbours will do: notes_last_updated may count our own open
task, and hs_last_sales_activity_timestamp is what the contact did (opened a mail, sent another form).
"""
BECAME = (
    "hs_v2_date_entered_opportunity",
    "hs_v2_date_entered_customer",
    "hs_lifecyclestage_opportunity_date",
    "hs_lifecyclestage_customer_date",
)
"""When the contact's lifecycle came to the stages that a lead is converted by. [U] Which of the two spellings a portal
has depends on its age; a name that it does not know breaks nothing."""
CHANGED_AT = MODIFIED["lead"]
"""When the contact was last changed by anybody: of another status no more is known, so it counts as late rather than
early."""
PROPERTIES = (OWNER, STATUS, LAST_CONTACTED, CHANGED_AT, *BECAME)
TASK_STATUS, DONE = "hs_task_status", "COMPLETED"
COMPLETED_AT, TASK_CHANGED_AT = "hs_task_completion_date", "hs_lastmodifieddate"
"""When a task was completed. [U] That every portal fills the first: else the last change counts. hs_timestamp is when
it is due."""

OPEN_STAGES = ("lead", "marketingqualifiedlead", "salesqualifiedlead")
GIVEN_UP = ("UNQUALIFIED",)
"""Which contacts are open leads: those in a stage before an opportunity, unless their lead status gives them up.

A portal may have stages and statuses of its own: contacts in such a stage do not count, those with such a status do.
"""
OWNERS = 4
"""Owners that are counted at once: search allows five calls a second for the whole portal, and scans use it too."""


def states(client: HubSpotClient, contact_ids: Collection[str]) -> dict[str, Json]:
    """Return what PROPERTIES say of each contact that is there, a hundred a call."""
    found = reading.living(client, CONTACT, contact_ids, PROPERTIES)
    return {contact_id: result["properties"] for contact_id, result in found.items()}


def acted(client: HubSpotClient, leads: Mapping[str, Deed], now: Mapping[str, Json]) -> dict[str, Acted]:
    """Return what was done with leads, by id; see :meth:`connector.crm.Crm.acted`. `now` are their states.

    One call for a hundred tasks. Raises Later, Revoked or Refused.
    """
    wanted = [TASK_STATUS, COMPLETED_AT, TASK_CHANGED_AT]
    tasks = reading.living(client, TASK, [leads[one].task_ref for one in now], wanted)
    found: dict[str, Acted] = {}
    for one, deed in leads.items():
        acts = dict(_changes(deed, now.get(one)))
        task = tasks[deed.task_ref]["properties"] if deed.task_ref in tasks else {}
        if text(task.get(TASK_STATUS)) == DONE:
            acts["task done"] = moment(task.get(COMPLETED_AT)) or moment(task.get(TASK_CHANGED_AT))
        if done := summed_up(acts):
            found[one] = done
    return found


def _changes(deed: Deed, properties: Json | None) -> Iterator[tuple[Act, datetime | None]]:
    """Say in what a contact is not as we left it; a property that the portal does not have tells nothing."""
    if properties is None:
        yield "gone", None
        return
    if became := [at for name in BECAME if (at := _later(properties.get(name), deed))]:
        yield "converted", min(became)
    if OWNER in properties and text(properties[OWNER]) != deed.owner_id:
        yield "owner changed", None
    if STATUS in properties and text(properties[STATUS]) != deed.status:
        yield "status changed", moment(properties.get(CHANGED_AT))
    if at := _later(properties.get(LAST_CONTACTED), deed):
        yield "activity logged", at


def _later(value: Any, deed: Deed) -> datetime | None:
    """Return a time that lies after we were done; None for any other."""
    at = moment(value)
    return at if at is not None and at > deed.since else None


def open_leads(
    client: HubSpotClient, user_ids: Collection[str], object_type: str, open_of: Callable[[str], Json]
) -> dict[str, int]:
    """Count the open leads of the first OWNERS owners; see :meth:`connector.crm.Crm.open_leads`.

    `open_of` writes the search for those of one owner.
    When search has enough of us, those counted so far are the answer. Raises Later when that is nobody.
    """
    found: dict[str, int] = {}
    for owner in list(dict.fromkeys(filter(reading.is_id, user_ids)))[:OWNERS]:
        try:
            found[owner] = int(client.search(object_type, open_of(owner))["total"])
        except Later:
            if not found:
                raise
            break
    return found


def open_of(owner: str) -> Json:
    """Return the search for the contacts of an owner that are open leads.

    [U] Whether NOT_IN finds contacts without a value: so those are asked for by a group of their own.
    """
    mine = [
        {"propertyName": OWNER, "operator": "EQ", "value": owner},
        {"propertyName": "lifecyclestage", "operator": "IN", "values": list(OPEN_STAGES)},
    ]
    unsaid = {"propertyName": STATUS, "operator": "NOT_HAS_PROPERTY"}
    going_on = {"propertyName": STATUS, "operator": "NOT_IN", "values": list(GIVEN_UP)}
    return {"filterGroups": [{"filters": [*mine, each]} for each in (unsaid, going_on)], "properties": [], "limit": 1}
