"""Two of the four steps: update the contact, and link it to its company. Both may be repeated without harm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connector.hubspot import primaries
from connector.hubspot.batches import Batch, Row
from connector.hubspot.effects import action, already, effects
from connector.hubspot.fields import CONTACT, OWNER
from connector.hubspot.primaries import Taken, Wish
from connector.hubspot.properties import EMPTY_STAMP, report_properties, stamp_properties
from connector.work import Effect
from rules.actions import Unassign, Unstamp
from rules.model import Assign, Link, Stamp

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from connector.hubspot.batches import Verdict
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.primaries import Outcome, Tie
    from connector.work import Work

    Lacking = Mapping[str, Collection[str]]

UPDATE_ACTIONS = frozenset({Assign.key, Stamp.key, Unassign.key, Unstamp.key})
LINK_ACTIONS = frozenset({Link.key})


def update(client: HubSpotClient, work: Sequence[Work], lacking: Lacking) -> list[Effect]:
    """Set owner and stamp in one update of the contact: both or neither.

    `lacking` are properties of ours that the portal has not got, by object type: they are left out.
    """
    changes = {
        item.decision.key: (item.decision.lead.id, new_owner(item) | new_stamp(item, lacking.get(CONTACT, ())))
        for item in work
    }
    verdicts = written(client, CONTACT, changes)
    return [
        effect
        for item in work
        for effect in effects(item, UPDATE_ACTIONS, verdicts[item.decision.key], ref=item.decision.lead.id)
    ]


def new_owner(item: Work) -> dict[str, str]:
    """Return the owner that is to be written; an empty text clears it."""
    if assign := action(item, Assign):
        return {OWNER: assign.owner_id}
    return {OWNER: ""} if action(item, Unassign) else {}


def new_stamp(item: Work, lacking: Collection[str] = ()) -> dict[str, str]:
    """Return the stamp that is to be written with what can be reported on, or wiped off; without what is `lacking`."""
    stamp = action(item, Stamp)
    found = stamp_properties(stamp) | report_properties(item) if stamp else {}
    if action(item, Unstamp):
        found |= EMPTY_STAMP
    return {name: value for name, value in found.items() if name not in lacking}


def written(
    client: HubSpotClient, object_type: str, changes: Mapping[str, tuple[str, Mapping[str, str]]]
) -> dict[str, Verdict]:
    """Update records in one call: by decision key, which record and its new properties. May be repeated."""
    rows = [
        Row(
            key,
            {"id": record_id, "objectWriteTraceId": key, "properties": properties},
            marks=frozenset({key}),
            shared=frozenset({record_id}),
        )
        for key, (record_id, properties) in changes.items()
    ]

    def match(result: Mapping[str, Any]) -> str:
        return str(result.get("objectWriteTraceId") or result.get("id"))

    return Batch(lambda inputs: client.update(object_type, inputs), match, repeatable=True).send(rows)


def link(client: HubSpotClient, work: Sequence[Work]) -> list[Effect]:
    """Make the account the contact's primary company, unless the contact has one by now: writing would replace it."""
    wishes = [
        Wish(item.decision.key, item.decision.lead.id, company_of(item), item.decision.lead.text("account_id"))
        for item in work
    ]
    outcomes = primaries.settle(client, primaries.OF_CONTACTS, wishes)
    return [each for item in work for each in linked(item, outcomes[item.decision.key], primaries.OF_CONTACTS)]


def linked(item: Work, outcome: Outcome, tie: Tie) -> Iterator[Effect]:
    """Say what became of the link to a primary company."""
    company_id = company_of(item)
    if not isinstance(outcome, Taken):
        yield from effects(item, LINK_ACTIONS, outcome, ref=company_id)
    elif outcome.company_id == company_id:
        yield from already(item, LINK_ACTIONS, company_id)
    else:
        detail = f"The {tie.noun} already has another primary company, which was left as it is"
        yield Effect(item.decision.key, Link.key, "refused", ref=outcome.company_id, detail=detail)


def company_of(item: Work) -> str:
    """Return the company that the decision links to."""
    return next(found.account_id for found in item.decision.actions if isinstance(found, Link))
