"""The steps where leads (0-136) are routed: the lead itself decides what is called done, its contact follows.

What the contact does not take is told beside what was done, and stops nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.errors import Later
from connector.hubspot import leads, performing, primaries
from connector.hubspot.answers import Fault
from connector.hubspot.batches import Done
from connector.hubspot.effects import action, contact_of, effects
from connector.hubspot.fields import CONTACT, LEAD
from connector.hubspot.performing import UPDATE_ACTIONS, company_of, new_owner, new_stamp, written
from connector.hubspot.primaries import OF_CONTACTS, OF_LEADS, Wish
from connector.hubspot.undoing import UNLINK_ACTIONS
from connector.work import Effect
from rules.actions import Unlink

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connector.hubspot.batches import Verdict
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.performing import Lacking
    from connector.hubspot.primaries import Outcome
    from connector.work import Work

LAST_PRIMARY = "The company is the lead's last primary record: without it HubSpot would delete the lead"
_UNWRITTEN = Done({})
NOWHERE = "This portal has no Switchyard properties on leads, and the lead has no contact: nothing can be stamped"


def update(client: HubSpotClient, work: Sequence[Work], lacking: Lacking, *, with_owner: bool) -> list[Effect]:
    """Set owner and stamp of leads, and stamp their contacts; `with_owner`: these get the lead's owner too.

    Two calls for a hundred. `lacking` are properties of ours that the portal has not got, by object type.
    """
    mine: dict[str, tuple[str, dict[str, str]]] = {}
    theirs: dict[str, tuple[str, dict[str, str]]] = {}
    for item in work:
        key, owner = item.decision.key, new_owner(item)
        mine[key] = (item.decision.lead.id, owner | new_stamp(item, lacking.get(LEAD, ())))
        if contact := contact_of(item.decision):
            theirs[key] = (contact, new_stamp(item, lacking.get(CONTACT, ())) | (owner if with_owner else {}))
    verdicts = written(client, LEAD, {key: change for key, change in mine.items() if change[1]})
    # What HubSpot refused on the lead was not done: its contact must not say, or get, otherwise.
    going_on = [key for key in theirs if isinstance(verdicts.get(key, _UNWRITTEN), Done)]
    of_contacts = _of_contacts(client, {key: theirs[key] for key in going_on if theirs[key][1]})
    return [each for item in work for each in _updated(item, verdicts, of_contacts)]


def _of_contacts(client: HubSpotClient, changes: Mapping[str, tuple[str, dict[str, str]]]) -> dict[str, Verdict]:
    """Update contacts once each, although several leads may be about one: the last decision stands in the end."""
    last = {contact: key for key, (contact, _) in changes.items()}
    merged: dict[str, dict[str, str]] = {}
    for contact, properties in changes.values():
        merged[contact] = merged.get(contact, {}) | properties
    verdicts = written(client, CONTACT, {key: (contact, merged[contact]) for contact, key in last.items()})
    return {key: verdicts[last[contact]] for key, (contact, _) in changes.items()}


def _updated(item: Work, verdicts: Mapping[str, Verdict], of_contacts: Mapping[str, Verdict]) -> Iterator[Effect]:
    """Say what became of owner and stamp: as of the lead; when nothing was to be written on it, as of its contact."""
    key = item.decision.key
    theirs = of_contacts.get(key)
    if key in verdicts:
        for each in effects(item, UPDATE_ACTIONS, verdicts[key], ref=item.decision.lead.id):
            yield _beside(each, theirs, "owner and stamp")
    elif theirs is not None:
        yield from effects(item, UPDATE_ACTIONS, theirs, ref=item.decision.lead.id)
    else:
        for name in sorted(item.pending & UPDATE_ACTIONS):
            yield Effect(key, name, "refused", detail=NOWHERE)


def link(client: HubSpotClient, work: Sequence[Work]) -> list[Effect]:
    """Make the account the primary company of leads and of their contacts, where these have none by now."""
    of_leads = [
        Wish(item.decision.key, item.decision.lead.id, company_of(item), item.decision.lead.text("account_id"))
        for item in work
    ]
    of_contacts = [
        Wish(item.decision.key, contact, company_of(item)) for item in work if (contact := contact_of(item.decision))
    ]
    mine = primaries.settle(client, OF_LEADS, of_leads)
    theirs = primaries.settle(client, OF_CONTACTS, of_contacts)
    found: list[Effect] = []
    for item in work:
        outcome: Outcome | None = theirs.get(item.decision.key)
        verdict = None if isinstance(outcome, primaries.Taken) else outcome
        found += [
            _beside(each, verdict, "company") for each in performing.linked(item, mine[item.decision.key], OF_LEADS)
        ]
    return found


def unlink(client: HubSpotClient, work: Sequence[Work]) -> list[Effect]:
    """Take off leads and their contacts the companies that we linked, but never a lead's last primary association.

    HubSpot deletes a lead with its last one, so what else each lead has is read before.
    """
    wanted = [item for item in work if action(item, Unlink)]
    if not wanted:
        return []
    people = leads.contacts(client, [item.decision.lead.id for item in wanted])
    safe = [item for item in wanted if item.decision.lead.id in people]
    mine = primaries.untie(client, OF_LEADS, {item.decision.key: _pair(item, item.decision.lead.id) for item in safe})
    pairs = {item.decision.key: _pair(item, contact) for item in wanted if (contact := contact_of(item.decision))}
    theirs = primaries.untie(client, OF_CONTACTS, pairs)
    found: list[Effect] = []
    for item in wanted:
        key = item.decision.key
        if item in safe:
            told = effects(item, UNLINK_ACTIONS, mine[key])
            found += [_beside(each, theirs.get(key), "company") for each in told]
        else:
            found.append(Effect(key, Unlink.key, "refused", detail=LAST_PRIMARY))
    return found


def _pair(item: Work, record_id: str) -> tuple[str, str]:
    return record_id, next(each.account_id for each in item.decision.actions if isinstance(each, Unlink))


def _beside(effect: Effect, theirs: Verdict | None, what: str) -> Effect:
    """Add what became of the contact: it may be put off with the whole, and what it refused is only told."""
    if effect.status not in {"done", "already"}:
        return effect
    if isinstance(theirs, Later):
        return replace(effect, status="later", detail=str(theirs), seconds=theirs.seconds)
    if isinstance(theirs, Fault):
        return replace(effect, detail=f"The {what} of its contact stayed as it was. {theirs.words}")
    return effect
