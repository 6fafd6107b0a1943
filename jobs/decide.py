"""Lead letters -> decisions: gathers what rules.decide needs, in batches, and stores the intent before any act."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from connector import telemetry
from connector.crm import PARENT_OWNER
from connector.index import Index
from connector.store import decisions, letters, unfinished
from connector.store import reviews as store
from connector.store.assignments import holding
from connector.store.decisions import Intent, Stored
from connector.store.letters import Letter
from jobs import (
    accounts,
    handover,
    lapse,
    merge,
    merged,
    past,
    rematch,
    requests,
    reviews,
    routing,
    rulebook,
    stale,
    trail,
)
from jobs.accounts import Found
from jobs.before import Before, before, last_assignee
from jobs.merge import Course
from jobs.past import Ground
from jobs.requests import Heard
from jobs.shift import Shift
from jobs.trail import Trail
from rules import decide as door
from rules.decide import Reviews, Scene
from rules.model import Assign, Decision, Record
from rules.wording.words import english

log = structlog.get_logger()

SEEN_IN_RECORD = frozenset({"created", "updated"})
"""Changes that a record, read after them, shows; that it is gone shows only by asking for it."""


@dataclass(frozen=True)
class _Known:
    """What the store knows about a batch of leads."""

    found: Found
    people: Mapping[str, list[Record]]
    latest: Mapping[str, Decision]
    ground: Ground
    reviews: Reviews
    trail: Trail = field(default_factory=Trail)
    given: dict[str, str] = field(default_factory=dict)
    """Who gets a lead by an unfinished decision or earlier in this batch; the CRM does not know yet."""

    def duplicates(self, lead_id: str) -> list[Record]:
        """Return the other people like this lead, with the owners that were decided for them."""
        return [replace(each, owner_id=self.given.get(each.id, each.owner_id)) for each in self.people.get(lead_id, ())]


def decide(shift: Shift, inbox: list[Letter]) -> list[Stored]:
    """Decide about the leads of these letters; return the decisions to be performed, stored as intended.

    Letters that ask for nothing (the lead is gone, converted, or nothing changed that rules or matching read) are
    settled here.
    """
    if not inbox:
        return []
    piles: dict[str, list[Letter]] = defaultdict(list)
    for letter in inbox:
        piles[letter.event.record_id].append(letter)
    install_id = shift.install.id
    with shift.read() as connection:
        latest = decisions.latest(connection, install_id, shift.seal, list(piles))
    answered = _answered(piles, latest) + lapse.outworked(shift, piles)
    scene = rulebook.scene(shift)
    # Also what an event calls deleted is asked for: the record is the truth, events come late and out of order.
    records = shift.crm.read("lead", list(piles), extra=scene.ruleset.reads) if piles else {}
    answered += merged.echoes(shift, piles, records)
    stale.revive(shift, [each for each, pile in piles.items() if each in records and _is_restored(pile)])
    heard = requests.hear(shift, scene, records, latest)
    requests.put_off(shift, heard, piles)
    known = _known(shift, scene, heard, [each for each in piles if each not in records], latest)
    merging = merge.plan_batch(shift, scene, piles, _mergeable(shift, scene, piles, heard, known), known)
    merging.put_off(shift, piles)
    intents, ignored = _decide_all(shift, scene, piles, heard, known, merging=merging)
    intents = handover.with_tasks(shift, intents, latest)
    with shift.write() as connection:
        now = shift.tools.clock()
        new = decisions.intend(connection, install_id, shift.seal, intents, now=now)
        made = [each.decision for each in intents if each.decision.lead.id not in heard.undone]
        known.trail.write(connection, install_id, known.ground, made, new, now=now)
        heard.write(connection, shift, new, made)
        store.follow(connection, install_id, shift.seal, [each for each in made if each.key in new], now=now)
        store.close(connection, install_id, _closed(piles, heard.leads, intents))
        merging.write(connection, shift)
        letters.settle(connection, install_id, answered + ignored)
    with shift.read() as connection:
        keys = [intent.decision.key for intent in intents]
        stored = decisions.by_keys(connection, install_id, shift.seal, keys)
    return _resumable(shift, intents, stored)


def _answered(piles: dict[str, list[Letter]], latest: Mapping[str, Decision]) -> list[int]:
    """Take out the letters about changes that the lead's last decision has seen already; return their ids.

    The record, as read then, was last modified at or after the change: nothing is to be read again.
    """
    done: list[int] = []
    for lead_id, pile in list(piles.items()):
        seen = latest[lead_id].lead.modified_at if lead_id in latest else None
        old = [each for each in pile if seen and each.event.at <= seen and each.event.change in SEEN_IN_RECORD]
        done += [each.id for each in old]
        if len(old) == len(pile):
            del piles[lead_id]
        else:
            piles[lead_id] = [each for each in pile if each not in old]
    return done


def _is_restored(pile: list[Letter]) -> bool:
    return any(each.event.change == "restored" for each in pile)


def _known(shift: Shift, scene: Scene, heard: Heard, gone: list[str], latest: Mapping[str, Decision]) -> _Known:
    """Index the batch first, so that two copies of one person in it find each other, then look everything up."""
    install_id, leads = shift.install.id, list(heard.leads.values())
    with shift.read() as connection:
        prepared = Index(connection, install_id, shift.seal).prepare(leads)
    with shift.write() as connection:
        index = Index(connection, install_id, shift.seal)
        index.write(prepared)
        index.remove("lead", gone)
    with shift.read() as connection:
        index = Index(connection, install_id, shift.seal)
        learned = heard.taught(reviews.learned(connection, install_id, shift.seal))
        found = accounts.find(index, leads, scene.ruleset.match, learned.pairs)
        people = index.people(leads)
        given = unfinished.given(connection, install_id, shift.seal)
    parents = frozenset({PARENT_OWNER} if scene.ruleset.needs_parent else ())
    found = accounts.with_history(found, shift.crm, scene.ruleset.history | parents)
    ground = past.gather(shift, scene, leads, [*(each.id for each in leads), *gone], found)
    return _Known(found=found, people=people, latest=latest, ground=ground, reviews=learned, given=given)


def _mergeable(
    shift: Shift, scene: Scene, piles: Mapping[str, list[Letter]], heard: Heard, known: _Known
) -> dict[str, Record]:
    """Return the leads that may become one with others: those that would be decided about, and nobody asks for more."""
    found: dict[str, Record] = {}
    if scene.ruleset.duplicates is None:
        return found
    for lead_id, pile in piles.items():
        lead = heard.leads.get(lead_id)
        if lead is None or lead.fields.get("converted") or lead_id in heard.undone or lead_id in heard.corrected:
            continue
        created = any(each.event.change == "created" for each in pile)
        if merge.is_asked(pile) or not before(shift, scene, lead, known.latest.get(lead_id), created=created).is_same:
            found[lead_id] = lead
    return found


def _decide_all(
    shift: Shift,
    scene: Scene,
    piles: Mapping[str, list[Letter]],
    heard: Heard,
    known: _Known,
    *,
    merging: Course,
) -> tuple[list[Intent], list[int]]:
    """Take the leads in the order of their letters, one turn of the rotation after the other.

    Those that become one with others are decided about after that.
    """
    intents: list[Intent] = [*merging.intents]
    ignored: list[int] = []
    for lead_id, pile in piles.items():
        if lead_id in merging.answered:
            continue
        decision = _asked_or_decided(shift, scene, pile, heard, known)
        ids = tuple(each.id for each in pile)
        if decision is None:
            ignored += ids
            continue
        for action in decision.actions:
            if isinstance(action, Assign):
                known.given[lead_id] = action.owner_id
        intents.append(Intent(merging.tell(decision, scene), ids, pile[0].trace))
    return intents, ignored


def _asked_or_decided(shift: Shift, scene: Scene, pile: list[Letter], heard: Heard, known: _Known) -> Decision | None:
    """Return the undo that a person asked for on the lead, else what is decided about it; None for nothing."""
    lead_id, now = pile[0].event.record_id, shift.tools.clock()
    if lead_id in heard.undone:
        return heard.undone[lead_id][1]
    lead = heard.leads.get(lead_id)
    _lost(pile, lead, known, now=now)
    lapse.lapse(pile, known.ground, now=now)
    heard.lose(lead_id, known.ground, now=now)
    decision = _decide_one(shift, scene, pile, lead, known, is_wrong=lead_id in heard.corrected)
    if decision is None:
        return None
    decision = heard.answered(decision)
    known.ground.follow(decision)
    return decision


def _decide_one(
    shift: Shift, scene: Scene, pile: list[Letter], lead: Record | None, known: _Known, *, is_wrong: bool
) -> Decision | None:
    """Decide about one lead, or None (with a line in the log) when its letters ask for nothing.

    `is_wrong`: a person says that the last decision was, so there is another one whatever has changed.
    """
    first, now = pile[0], shift.tools.clock()
    lead_id, created = first.event.record_id, any(each.event.change == "created" for each in pile)
    last = known.latest.get(lead_id)
    trace_id = telemetry.trace_id(first.trace)
    if lead is None or lead.fields.get("converted"):
        reason = english("ignored.deleted" if lead is None else "ignored.converted")
        if last is not None or not created:
            return _ignored(shift, first, reason)
        return door.ignore(
            lead or Record("lead", lead_id, {}),
            reason=reason,
            scene=scene,
            received_at=first.received_at,
            now=now,
            trace_id=trace_id,
        )
    stood = before(shift, scene, lead, last, created=created)
    if stood.is_same and not is_wrong and not rematch.is_asked(pile):
        return _ignored(shift, first, stood.reason)
    decision = _decided(shift, scene, pile, lead, known=known, stood=stood)
    if is_wrong:
        return decision
    if last is not None and routing.waits_on(decision, last):
        # One audit says that it waits, and why; the time may be another one by now.
        known.trail.asked[lead_id] = (last.key, decision.route.until or now)
        return _ignored(shift, first, "It waits for what it waited for.")
    if stood.is_same and not routing.is_due(pile, last) and rematch.is_as_before(decision, last):
        return _ignored(shift, first, "The match is what it was.")
    if stood.is_same and routing.is_idle(pile) and known.ground.keeps(decision):
        return _ignored(shift, first, "Whoever has it keeps it.")
    return decision


def _decided(shift: Shift, scene: Scene, pile: list[Letter], lead: Record, *, known: _Known, stood: Before) -> Decision:
    """Ask the rules about one lead, with its past.

    Who has leads of its account is looked up for the account that it belongs to most likely. Only the decision says
    which one it is: when that is another, it is made once more.
    """
    last, ground, first = known.latest.get(lead.id), known.ground, pile[0]
    since = last.received_at if last is not None and last.outcome == "waiting" else None
    if stood.waits:
        since = first.received_at

    def ask(account_id: str) -> Decision:
        return door.decide(
            lead,
            scene=scene,
            accounts=known.found.of(lead.id),
            ranking=known.found.rankings.get(lead.id, ()),
            duplicates=known.duplicates(lead.id),
            rotation=ground.rotation,
            # A lead that waited came when it began to wait.
            received_at=since or first.received_at,
            now=shift.tools.clock(),
            reviews=known.reviews,
            previous=stood.previous,
            last_assignee=last_assignee(lead, last, stood, ground),
            trace_id=telemetry.trace_id(first.trace),
            task_due_minutes=shift.tools.settings.task_due_minutes,
            past=ground.past(lead.id, account_id, since),
            work=ground.work(),
            changed=tuple(dict.fromkeys(name for each in pile for name in each.event.changed)),
        )

    guess = past.guessed_account(lead, known.found)
    decision = ask(guess)
    account_id = past.matched(decision)
    if ground.neighbours.get(account_id, ()) == ground.neighbours.get(guess, ()):
        return decision
    return ask(account_id)


def _lost(pile: list[Letter], lead: Record | None, known: _Known, *, now: datetime) -> None:
    """Notice that whoever had a lead by us has lost it: it is gone or converted, or somebody gave it to another person.

    A turn goes back for a lead that was merged away or given to somebody else; what was deleted or converted was had.
    """
    lead_id, last = pile[0].event.record_id, known.latest.get(pile[0].event.record_id)
    if lead is None:
        merged = any(each.event.change == "merged" for each in pile)
        known.ground.lose(lead_id, "merged" if merged else "gone", now, gives_back=merged)
        known.trail.stopped[lead_id] = "merged" if merged else "gone"
    elif lead.fields.get("converted"):
        known.ground.lose(lead_id, "converted", now, gives_back=False)
        known.trail.stopped[lead_id] = "converted"
    elif known.ground.mode == "act" and (last is None or last.outcome != "refused"):
        held = holding(known.ground.rows.get(lead_id, ()))
        if held is not None and held.user_id != lead.owner_id:
            known.ground.lose(lead_id, "replaced", now, gives_back=True)
            known.trail.stopped[lead_id] = trail.TAKEN


def _closed(piles: Mapping[str, list[Letter]], records: Mapping[str, Record], intents: list[Intent]) -> list[str]:
    """Return the leads of which nothing is left to be asked: gone, converted, or linked by somebody meanwhile."""
    decided = {each.decision.lead.id for each in intents}
    asked = [each for each in piles if each not in decided]
    return [each for each in asked if each not in records or _is_settled(records[each])]


def _is_settled(lead: Record) -> bool:
    return bool(lead.fields.get("converted") or lead.text("account_id"))


def _ignored(shift: Shift, letter: Letter, reason: str) -> Decision | None:
    """Say in the log why a letter asks for nothing."""
    log.info("ignored", install=shift.install.id, event_key=letter.event.key, reason=reason)
    return None


def _resumable(shift: Shift, intents: list[Intent], stored: Mapping[str, Stored]) -> list[Stored]:
    """Keep what is still to be performed; letters whose very decision was settled before are done."""
    done = [
        letter for intent in intents if stored[intent.decision.key].state != "intended" for letter in intent.letters
    ]
    if done:
        with shift.write() as connection:
            letters.settle(connection, shift.install.id, done)
    return [each for each in stored.values() if each.state == "intended"]
