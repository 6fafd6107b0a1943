"""The fewest calls by which a CRM can be given what a decision means for a lead, by its documented limits.

A decision reads the lead, gives it owner, link and stamp, makes a task, writes the audit record, and tells the owner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from tests.local.world import CrmName


@dataclass(frozen=True)
class Call:
    """A kind of call that cannot be spared: what for, how many leads one may hold, and where that is written."""

    what: str
    leads: int
    source: str


CALLS: dict[CrmName, tuple[Call, ...]] = {
    "salesforce": (
        Call("read the leads again", 200, "sObject Collections: 200 records"),
        Call("audit, lead and task as one all-or-none graph a lead", 75, "Composite Graph: 75 graphs of 500 nodes"),
        Call("tell the owners by custom notification", 200, "Custom Notification Action: 200 inputs"),
    ),
    "hubspot": (
        Call("read the contacts again", 100, "objects, batch read: 100 inputs"),
        Call("owner and stamp", 100, "objects, batch update: 100 inputs"),
        Call("link to the company", 2_000, "associations v4, batch create: 2,000 inputs"),
        Call("tasks with their reminder", 100, "objects, batch create: 100 inputs"),
        Call("audits", 100, "objects, batch create: 100 inputs"),
    ),
}
"""HubSpot writes no two kinds of records in one call; Salesforce's bell is no record and has a call of its own."""


def calls(crm: CrmName, leads: int) -> int:
    """Return the fewest calls for so many leads that are all there at once."""
    return sum(math.ceil(leads / each.leads) for each in CALLS[crm])
