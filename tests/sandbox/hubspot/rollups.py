"""What HubSpot keeps on a company about its contacts, deals and activities, and on a contact about the calls with it.

Worked out when they are asked for; HubSpot keeps them up to date itself, seconds behind. Search does not find by them
here. Source: the knowledge base's "HubSpot's default company properties". [U] That a company without any has 0, and
that an activity counts for its own time (a task when it is completed).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.sandbox.hubspot.values import iso, moment_ms

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.records import Record

CONTACT, COMPANY, DEAL, TASK, NOTE, CALL = "0-1", "0-2", "0-3", "0-27", "0-46", "0-48"
LAST_ACTIVITY, LAST_CONTACTED = "notes_last_updated", "notes_last_contacted"


def rollups(hub: Hub, record: Record, names: Collection[str]) -> dict[str, str]:
    """Return those of `names` that HubSpot rolls up on a company or contact; of other records nothing."""
    if record.type == CONTACT and LAST_CONTACTED in names:
        calls = [moment_ms(call.props["hs_timestamp"]) for call in _associated(hub, record, CALL)]
        return {LAST_CONTACTED: iso(max(calls))} if calls else {}
    if record.type != COMPANY:
        return {}
    values: dict[str, str] = {}
    if "num_associated_contacts" in names:
        values["num_associated_contacts"] = str(len(_associated(hub, record, CONTACT)))
    deals = _associated(hub, record, DEAL) if {"num_associated_deals", "hs_num_open_deals"} & set(names) else []
    if "num_associated_deals" in names:
        values["num_associated_deals"] = str(len(deals))
    if "hs_num_open_deals" in names:
        values["hs_num_open_deals"] = str(sum(deal.props.get("hs_is_closed") == "false" for deal in deals))
    if LAST_ACTIVITY in names and (times := list(_times(hub, record))):
        values[LAST_ACTIVITY] = iso(max(times))
    return values


def _associated(hub: Hub, record: Record, type_id: str) -> list[Record]:
    """Return the living records of a type that a record is associated with."""
    found = hub.associations.read([record.id], type_id).get(record.id, {})
    return list(hub.records.many(record.portal, type_id, found).values())


def _times(hub: Hub, record: Record) -> Iterable[int]:
    """Return when the company's notes and completed tasks were, in Unix milliseconds."""
    notes = _associated(hub, record, NOTE)
    tasks = [task for task in _associated(hub, record, TASK) if task.props.get("hs_task_status") == "COMPLETED"]
    return (moment_ms(each.props["hs_timestamp"]) for each in (*notes, *tasks) if "hs_timestamp" in each.props)
