"""The task step: a task on the contact, with a reminder that rings.

HubSpot has no endpoint to notify a user, and neither a new owner nor a mention written by an app rings. A task's
reminder is the one notification that an app can cause on every subscription, so a Notify becomes the reminder of the
decision's task, or a task of its own when there is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from connector.hubspot.batches import Batch, Row
from connector.hubspot.effects import action, already, contact_of, effects, hubspot_defined
from connector.hubspot.fields import CONTACT, LEAD, TASK, chunks
from connector.hubspot.properties import TASK_BODY, task_properties, task_ref
from connector.hubspot.reading import READ_SIZE, associations, merged_into, results
from rules.model import Notify, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from connector.hubspot.client import HubSpotClient
    from connector.work import Effect, Made, Work

TASK_ACTIONS = frozenset({Task.key, Notify.key})
TASK_TO_CONTACT, TASK_TO_LEAD = 204, 647
"""task -> contact, task -> lead; the list is on HubSpot's page "Associate records"."""

REMINDER_DELAY = timedelta(minutes=1)  # a reminder that lies in the past does not ring


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a task hangs on, and is looked for by: the object that is routed. One on a lead hangs on its contact too."""

    object_type: str
    type_id: int


ON_CONTACTS, ON_LEADS = Anchor(CONTACT, TASK_TO_CONTACT), Anchor(LEAD, TASK_TO_LEAD)


@dataclass(frozen=True, slots=True)
class Clockwork:
    """The times that a task needs: now, and how long a notified person has when no rule says."""

    now: datetime
    due: timedelta


def task(client: HubSpotClient, work: Sequence[Work], clockwork: Clockwork, anchor: Anchor) -> list[Effect]:
    """Create the tasks that are not there yet, in one call.

    HubSpot has no idempotency key, so each task ends with its decision's key, and what an earlier attempt began is
    looked for by it.
    """
    there = find(client, [item for item in work if _may_be_there(item)], anchor)
    found: list[Effect] = []
    wanted: list[Work] = []
    for item in work:
        if ref := there.get(item.decision.key):
            found.extend(already(item, TASK_ACTIONS, ref))
        else:
            wanted.append(item)

    def match(result: Mapping[str, Any]) -> str | None:
        return result.get("objectWriteTraceId") or task_ref((result.get("properties") or {}).get(TASK_BODY))

    batch = Batch(lambda inputs: client.create(TASK, inputs), match, repeatable=False)
    verdicts = batch.send([_row(item, clockwork, anchor) for item in wanted])
    return found + [effect for item in wanted for effect in effects(item, TASK_ACTIONS, verdicts[item.decision.key])]


def find(client: HubSpotClient, work: Sequence[Work | Made], anchor: Anchor) -> dict[str, str]:
    """Look for the tasks of these decisions: task id by decision key. One call, and one for every 100 tasks.

    What hung on a record that a person has merged since hangs on the one that remains: of records without any task it
    is asked what they are called by now.
    """
    if not work:
        return {}
    keys = {item.decision.key for item in work}
    linked = associations(client, anchor.object_type, TASK, list(dict.fromkeys(item.decision.lead.id for item in work)))
    remain = merged_into(client, anchor.object_type, [lead for lead, others in linked.items() if not others])
    linked |= associations(client, anchor.object_type, TASK, sorted(set(remain.values()) - linked.keys()))
    task_ids = list(dict.fromkeys(str(other["toObjectId"]) for others in linked.values() for other in others))
    found: dict[str, str] = {}
    for part in chunks(sorted(task_ids, key=int, reverse=True), READ_SIZE):  # newest first: ours are among them
        for result in results(client, TASK, part, [TASK_BODY]):
            key = task_ref((result.get("properties") or {}).get(TASK_BODY))
            if key in keys:
                found[key] = str(result["id"])
        if len(found) == len(keys):
            break
    return found


def _may_be_there(item: Work) -> bool:
    """Whether an earlier attempt may have made the task: it was begun, or it is settled and only the bell is not."""
    if item.uncertain & TASK_ACTIONS:
        return True
    return Task.key not in item.pending and any(isinstance(found, Task) for found in item.decision.actions)


def _row(item: Work, clockwork: Clockwork, anchor: Anchor) -> Row:
    """Write one task; the lead is associated in the same call, so that the task is never without it."""
    decision = item.decision
    notify = action(item, Notify)
    order = action(item, Task)
    if order is None:
        bell = next(found for found in decision.actions if isinstance(found, Notify))
        order = Task(bell.user_id, bell.title, bell.body, decision.decided_at + clockwork.due)
    properties = task_properties(
        key=decision.key,
        owner_id=order.owner_id,
        subject=order.subject,
        body=order.body,
        due_at=order.due_at,
        remind_at=clockwork.now + REMINDER_DELAY if notify else None,
    )
    ends = [(decision.lead.id, anchor.type_id)]
    if anchor is ON_LEADS and (contact := contact_of(decision)):
        ends.append((contact, TASK_TO_CONTACT))
    given = {
        "properties": properties,
        "objectWriteTraceId": decision.key,
        "associations": [{"to": {"id": other}, "types": hubspot_defined(type_id)} for other, type_id in ends],
    }
    return Row(decision.key, given, marks=frozenset({decision.key}), shared=frozenset(other for other, _ in ends))
