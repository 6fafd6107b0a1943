"""Taking back: what became of our tasks, deleting them, and the contact without the company that we linked.

All of it may be repeated without harm: what is gone already is as wanted.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from connector.hubspot import primaries, reading, tasks
from connector.hubspot.acts import DONE, TASK_STATUS
from connector.hubspot.batches import Batch, Row
from connector.hubspot.batches import Done as Accepted
from connector.hubspot.effects import action, effects
from connector.hubspot.fields import OWNER, TASK, chunks, moment, text
from connector.hubspot.primaries import MOST_ARCHIVED
from connector.hubspot.properties import NOT_STARTED, TASK_BODY, TASK_DUE, TASK_SUBJECT, task_properties
from connector.work import TaskNow
from rules.actions import Unlink, Withdraw
from rules.model import Notify, Task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from connector.hubspot.batches import Verdict
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.tasks import Anchor
    from connector.work import Effect, Made, Work

    Json = Mapping[str, Any]

UNLINK_ACTIONS = frozenset({Unlink.key})
WITHDRAW_ACTIONS = frozenset({Withdraw.key})
_COMPARED = (OWNER, TASK_SUBJECT, TASK_BODY)
_TAG = re.compile(r"<[^<>]*>")


def unlink(client: HubSpotClient, work: Sequence[Work]) -> list[Effect]:
    """Take off the contacts the companies that we linked."""
    pairs = {
        item.decision.key: (item.decision.lead.id, found.account_id) for item in work if (found := action(item, Unlink))
    }
    verdicts = primaries.untie(client, primaries.OF_CONTACTS, pairs)
    return [each for item in work for each in effects(item, UNLINK_ACTIONS, verdicts[item.decision.key])]


def withdraw(client: HubSpotClient, work: Sequence[Work]) -> list[Effect]:
    """Delete tasks; HubSpot keeps them in its recycling bin for 90 days."""
    wanted = [(item, ref) for item in work if (found := action(item, Withdraw)) for ref in found.tasks]
    rows = [Row(ref, {"id": ref}, marks=frozenset({ref})) for ref in dict.fromkeys(ref for _, ref in wanted)]

    def call(inputs: Sequence[Json]) -> Json:
        client.archive(TASK, inputs)
        return {"results": [{"id": each["id"]} for each in inputs]}

    verdicts: dict[str, Verdict] = {}
    for part in chunks(rows, MOST_ARCHIVED):
        verdicts |= Batch(call, _id, repeatable=True).send(part)
    found_effects: list[Effect] = []
    for item in work:
        mine = [verdicts[ref] for each, ref in wanted if each is item]
        worst = next((verdict for verdict in mine if not isinstance(verdict, Accepted)), mine[0])
        found_effects.extend(effects(item, WITHDRAW_ACTIONS, worst))
    return found_effects


def tasks_now(client: HubSpotClient, made: Sequence[Made], anchor: Anchor) -> dict[str, TaskNow]:
    """Return what became of the tasks of some decisions, by decision key: a hundred a call.

    A notification without a task is a task of its own here.
    """
    if not made:
        return {}
    refs = {one.decision.key: one.ref for one in made if one.ref}
    refs |= tasks.find(client, [one for one in made if not one.ref], anchor)
    rows = reading.living(client, TASK, list(refs.values()), [*_COMPARED, TASK_STATUS, TASK_DUE])
    return {one.decision.key: _now(one, rows.get(refs.get(one.decision.key, ""))) for one in made}


def _now(one: Made, row: Json | None) -> TaskNow:
    if row is None:
        return TaskNow("gone")
    ref, properties = str(row["id"]), row.get("properties") or {}
    status = text(properties.get(TASK_STATUS))
    if status == DONE:
        return TaskNow("done", ref)
    return TaskNow("open" if status == NOT_STARTED and _is_ours(one, properties) else "changed", ref)


def _is_ours(one: Made, properties: Json) -> bool:
    """Whether a task says what we wrote; by its words, for HubSpot may mark up its body in its own way."""
    order = next((each for each in one.decision.actions if isinstance(each, Task)), None)
    bell = next((each for each in one.decision.actions if isinstance(each, Notify)), None)
    due_at = order.due_at if order else moment(properties.get(TASK_DUE)) or one.decision.decided_at
    if order is None and bell is not None:
        order = Task(bell.user_id, bell.title, bell.body, due_at)
    if order is None:
        return False
    ours = task_properties(
        key=one.decision.key,
        owner_id=order.owner_id,
        subject=order.subject,
        body=order.body,
        due_at=due_at,
        remind_at=None,
    )
    same_due = moment(properties.get(TASK_DUE)) == moment(ours[TASK_DUE])
    return same_due and all(_words(properties.get(name)) == _words(ours[name]) for name in _COMPARED)


def _words(value: Any) -> list[str]:
    return html.unescape(_TAG.sub(" ", text(value))).split()


def _id(result: Json) -> str:
    return str(result.get("id"))
