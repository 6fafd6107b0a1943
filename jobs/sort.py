"""Sorting the mail: letters that are no leads keep the index, the rules and the directory current."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping

from connector.index import Index
from connector.store import decisions, letters, timers
from connector.store.letters import Letter
from jobs import reconcile, rematch, requests, routing, rulebook
from jobs.shift import Shift
from rules.model import WHOLE_KIND, Event, Kind

MOST_WAITING = 1000
"""Leads that wait which are looked through when an account changes; the others are asked about at their time."""


def sort(shift: Shift, inbox: list[Letter]) -> list[Letter]:
    """Answer everything that is no lead; return the letters about leads."""
    piles: dict[str, list[Letter]] = defaultdict(list)
    for letter in inbox:
        piles["resync" if letter.event.record_id == WHOLE_KIND else letter.event.kind].append(letter)
    leads = piles.pop("lead", [])
    if not piles:
        return leads
    for letter in piles.get("resync", ()):
        event = letter.event
        # Only a wildcard names fields; after an overflow nobody knows which have changed.
        reconcile.start(shift, event.kind, since=event.at, whole=bool(event.changed))
    if "rule" in piles:
        rulebook.refresh(shift)
    if "user" in piles:
        rulebook.forget_directory(shift)
    kinds: tuple[Kind, ...] = ("account", "contact")
    for kind in kinds:
        if kind in piles:
            piles[kind] = _index(shift, kind, piles[kind])
    with shift.write() as connection:
        if "user" in piles:
            timers.ask_all(connection, shift.install.id, now=shift.tools.clock())
        letters.settle(connection, shift.install.id, [each.id for pile in piles.values() for each in pile])
    return leads


def _index(shift: Shift, kind: Kind, pile: list[Letter]) -> list[Letter]:
    """Bring these records in the index up to date with the CRM; leads that an account now may concern get letters.

    Return the letters that are answered, which are all but those of contacts that are asked for something and are busy.
    """
    ids = list(dict.fromkeys(each.event.record_id for each in pile))
    # Also what an event calls deleted is asked for: the record is the truth, events come late and out of order.
    records = shift.crm.read(kind, ids, extra=rulebook.extra_fields(shift, kind))
    sharing = shift.crm.leads_of(ids) if kind == "contact" and "leads" in shift.crm.can else {}
    gone = [(kind, each) for each in ids if each not in records]
    busy = requests.refuse_contacts(shift, records.values()) if kind == "contact" else {}
    install_id = shift.install.id
    policy = rulebook.policy(shift)
    watched = rematch.watched(policy) if kind == "account" else None
    with shift.read() as connection:
        prepared = Index(connection, install_id, shift.seal).prepare(records.values(), gone, watched=watched)
        leads = rematch.concerned(connection, install_id, shift.seal, prepared, policy)
    waiting = _waiting(shift, ids) if kind == "account" else []
    now = shift.tools.clock()
    with shift.write() as connection:
        Index(connection, install_id, shift.seal).write(prepared)
        letters.receive(connection, install_id, rematch.asks(leads, now=now), now=now, priority=letters.BACKFILL)
        letters.receive(connection, install_id, [routing.awaited(each, now=now) for each in waiting], now=now)
        letters.receive(connection, install_id, _shared(pile, sharing), now=now)
    if late := [each for each in pile if each.event.record_id in busy]:
        requests.postpone(shift, late, max(busy.values()))
    return [each for each in pile if each not in late]


def _shared(pile: list[Letter], sharing: Mapping[str, Collection[str]]) -> list[Event]:
    """Return events that leads have changed because their contacts have: once for each change that was told.

    The key of such an event ends with a digest: what it is made of may be as long as a key can be.
    """
    found = []
    for event in (each.event for each in pile):
        for lead_id in sharing.get(event.record_id, ()):
            digest = hashlib.sha256(f"{event.key}/{lead_id}".encode()).hexdigest()
            found.append(Event(f"contact:{digest}", "lead", lead_id, "updated", event.at, event.changed))
    return found


def _waiting(shift: Shift, account_ids: list[str]) -> list[str]:
    """Return the leads of these accounts that wait: perhaps for what the account says now."""
    install_id = shift.install.id
    with shift.read() as connection:
        asking = timers.asking(connection, install_id, limit=MOST_WAITING)
        last = decisions.latest(connection, install_id, shift.seal, asking)
    return [
        lead_id
        for lead_id, each in last.items()
        if each.outcome == "waiting" and each.match.account and each.match.account.account_id in account_ids
    ]
