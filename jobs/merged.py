"""What follows here from a merge that was done, and from one that was taken back: ids, index, timers, who has a lead.

It is written in the transaction that settles the decision. The CRM tells of all this by events as well: those are
echoes, and the aliases kept here answer them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from connector.index import Index
from connector.merging import Taken
from connector.store import aliases, assignments, decisions, erasures, letters, pairs, reviews, timers
from connector.store.aliases import Alias
from connector.store.assignments import holding
from connector.store.decisions import Stored
from connector.store.ledger import Entry
from connector.store.letters import Letter
from jobs import rulebook
from jobs.merge import MERGE
from jobs.shift import Shift
from rules.actions import Member, Merge, Unmerge
from rules.model import ActionResult, Decision, Event, Kind, Record

log = structlog.get_logger()

DONE = frozenset({"done", "already"})
MERGED = "merged"
"""The reason of timers that a merge stopped."""
RESTORING = timedelta(minutes=5)
"""What a CRM tells of a record so soon after an undo brought it back is an echo of that."""


@dataclass(frozen=True)
class _Case:
    """A decision whose merge, or its undo, is over; `taken` says what became of the records, `read` what they are."""

    stored: Stored
    action: Merge | Unmerge
    taken: Taken
    read: Mapping[Member, Record]
    is_refused: bool

    @property
    def key(self) -> str:
        return self.stored.decision.key

    def now(self, one: Member) -> str:
        """Return the id under which a record lives now."""
        return self.taken.now.get(one.id, one.id)


class Aftermath:
    """What some decisions lead to here; written with them."""

    def __init__(self, cases: Sequence[_Case]) -> None:
        self._cases = cases

    def write(self, connection: Connection, shift: Shift) -> None:
        """Store it, in the transaction that settles the decisions."""
        for case in self._cases:
            if isinstance(case.action, Merge):
                _merged(connection, shift, case, case.action)
            else:
                _restored(connection, shift, case, case.action)


def aftermath(shift: Shift, over: Iterable[tuple[Stored, Mapping[str, Entry]]]) -> Aftermath:
    """Read again what merges made of records, for decisions that are over; nothing is read when none merges.

    Raises Later, Revoked.
    """
    cases = [case for stored, ledger in over if (case := _case(stored, ledger)) is not None]
    wanted: dict[Kind, dict[str, None]] = {}
    for case in cases:
        for one in _living(case):
            wanted.setdefault(one.kind, {})[one.id] = None
    read: dict[Member, Record] = {}
    for kind, ids in wanted.items():
        extra = rulebook.extra_fields(shift, kind)
        read |= {Member(kind, each): record for each, record in shift.crm.read(kind, list(ids), extra=extra).items()}
    return Aftermath([replace(case, read=read) for case in cases])


def as_now(decision: Decision, ledger: Mapping[str, Entry]) -> Decision:
    """Return a decision with its lead under the id that its merge gave it, so that what follows finds it."""
    entry = ledger.get(Merge.key)
    if entry is None or entry.state not in DONE:
        return decision
    lead = decision.lead
    return replace(decision, lead=replace(lead, id=Taken.read(entry.ref).now.get(lead.id, lead.id)))


def told(result: ActionResult) -> ActionResult:
    """Return what became of an action as people read it: of a merge, what could not be done of it."""
    if result.action not in {Merge.key, Unmerge.key} or result.detail or not result.ref:
        return result
    return replace(result, detail="; ".join(Taken.read(result.ref).left))


def echoes(shift: Shift, piles: dict[str, list[Letter]], records: Mapping[str, Record]) -> list[int]:
    """Take out letters about what we did ourselves; return their ids.

    That is all that is told of a lead which is part of another record by now, and what is told of one that an undo
    brought back, as it brought it back.
    """
    with shift.read() as connection:
        gone = [each for each in piles if each not in records or records[each].fields.get("converted")]
        known = aliases.of(connection, shift.install.id, "lead", gone)
        back = aliases.restored(connection, shift.install.id, "lead", list(piles))
    ours = {each for each, alias in known.items() if alias.why != "restored"}
    ours |= {each for each, at in back.items() if _is_echo(records.get(each), at)}
    for each in ours:
        log.info("an echo of a merge", install=shift.install.id, record=each)
    return [letter.id for each in ours for letter in piles.pop(each)]


def _is_echo(lead: Record | None, at: datetime) -> bool:
    return lead is not None and (lead.modified_at is None or lead.modified_at <= at + RESTORING)


def _case(stored: Stored, ledger: Mapping[str, Entry]) -> _Case | None:
    """Return the case of a decision that merges or takes that back; None for others, or when nothing came of it."""
    action = next((each for each in stored.decision.actions if isinstance(each, Merge | Unmerge)), None)
    if action is None:
        return None
    entry = ledger.get(action.key)
    is_done = entry is not None and entry.state in DONE
    taken = Taken.read(entry.ref) if entry is not None and entry.ref else Taken()
    if isinstance(action, Merge) and is_done and not taken.now:
        taken = Taken({each.id: action.survivor.id for each in action.losers})
    if isinstance(action, Unmerge) and not is_done and not taken.now:
        return None
    return _Case(stored, action, taken, {}, not is_done)


def _living(case: _Case) -> list[Member]:
    """Return the records to be read again: the survivor, and after an undo those that it gave back."""
    if isinstance(case.action, Merge):
        survivor = case.action.survivor
        left = [each for each in case.action.losers if each.id not in case.taken.now] if case.is_refused else []
        return [Member(survivor.kind, case.now(survivor)), *left]
    merge = case.action.merge
    return [
        Member(merge.survivor.kind, case.action.survivor_id),
        *(Member(each.kind, case.now(each)) for each in merge.losers),
    ]


def _merged(connection: Connection, shift: Shift, case: _Case, merge: Merge) -> None:
    """Note where the losers live now; what waited for them ends, and the survivor is asked about."""
    install_id, seal, now = shift.install.id, shift.seal, shift.tools.clock()
    survivor, kept = merge.survivor, case.now(merge.survivor)
    gone = [each for each in merge.losers if each.id in case.taken.now]
    ids = {each.id: kept for each in gone} | ({survivor.id: kept} if kept != survivor.id else {})
    aliases.put(connection, install_id, [_alias(case, each, survivor.kind, kept, now) for each in gone])
    if survivor.kind == "lead":
        _bequeath(connection, shift, survivor, gone)
    if kept != survivor.id:
        aliases.put(
            connection,
            install_id,
            [Alias(survivor.kind, survivor.id, survivor.kind, kept, "renamed", case.key, now)],
        )
        aliases.move_lead(connection, install_id, survivor.id, kept)
    for kind in dict.fromkeys(each.kind for each in merge.losers):
        old = [(each.id, kept) for each in (*gone, survivor) if each.kind == kind and each.id != kept]
        if kind == survivor.kind:
            erasures.note_mergers(connection, install_id, kind, old, now=now)
    _end(connection, shift, [each.id for each in gone if each.kind == "lead"], now)
    pairs.close(connection, install_id, [each.id for each in gone])
    pairs.renamed(connection, install_id, seal, ids)
    # Whoever lives on under another id is asked about again under that.
    leads = {each.id for each in (*gone, survivor) if each.kind == "lead"}
    reviews.close(connection, install_id, [one for one in ids if one in leads])
    alike = {each.id: kept for each in (*gone, survivor) if each.kind == survivor.kind}
    reviews.renamed(connection, install_id, seal, survivor.kind, alike, now=now)
    index = Index(connection, install_id, seal)
    out = [(each.kind, each.id) for each in gone] + ([(survivor.kind, survivor.id)] if kept != survivor.id else [])
    living = [record for one in _living(case) if (record := case.read.get(one)) is not None]
    index.write(index.prepare(living, out))
    asked = [Event(f"{MERGE}{case.key}:{one.id}", "lead", one.id, "resync", now) for one in _living(case)
             if one.kind == "lead" and one in case.read]  # fmt: skip
    # The person has waited since they came, not since the merge.
    letters.receive(connection, install_id, asked, now=case.stored.decision.received_at, trace=case.stored.trace)


def _bequeath(connection: Connection, shift: Shift, survivor: Member, gone: Sequence[Member]) -> None:
    """Let a survivor about which nothing was decided take over what was decided last about one that it took in."""
    leads = [each.id for each in gone if each.kind == "lead"]
    latest = decisions.latest(connection, shift.install.id, shift.seal, [survivor.id, *leads])
    if survivor.id in latest or not latest:
        return
    heir = max(latest.values(), key=lambda each: (each.decided_at, each.lead.id))
    aliases.move_lead(connection, shift.install.id, heir.lead.id, survivor.id, of=heir.lead.id)


def _end(connection: Connection, shift: Shift, lead_ids: Collection[str], now: datetime) -> None:
    """End what waits for leads that are part of another record, and that somebody has them."""
    install_id, policy = shift.install.id, rulebook.scene(shift).ruleset.duplicates
    timers.stop(connection, install_id, lead_ids, MERGED, now=now)
    gives_back = policy is None or policy.turn == "given back"
    rows = assignments.of_leads(connection, install_id, lead_ids, mode="act")
    for pile in rows.values():
        if (held := holding(pile)) is not None:
            assignments.end(connection, install_id, held.decision_key, "merged", now=now, gives_back=gives_back)


def _restored(connection: Connection, shift: Shift, case: _Case, action: Unmerge) -> None:
    """Note which records are there again, and under which ids; what was decided about them is theirs again."""
    install_id, seal, now = shift.install.id, shift.seal, shift.tools.clock()
    survivor = action.merge.survivor
    back = [each for each in action.merge.losers if Member(each.kind, case.now(each)) in case.read]
    aliases.put(
        connection,
        install_id,
        [Alias(each.kind, each.id, each.kind, case.now(each), "restored", case.key, now) for each in back],
    )
    for each in back:
        if each.kind != "lead":
            continue
        if survivor.kind == "lead":
            aliases.move_lead(connection, install_id, action.survivor_id, case.now(each), of=each.id)
        if case.now(each) != each.id:
            aliases.move_lead(connection, install_id, each.id, case.now(each))
    for kind in dict.fromkeys(each.kind for each in back):
        erasures.forget_mergers(connection, install_id, kind, [each.id for each in back if each.kind == kind])
    pairs.renamed(connection, install_id, seal, {each.id: case.now(each) for each in back if case.now(each) != each.id})
    theirs = {each.id: case.now(each) for each in back if each.kind == survivor.kind}
    reviews.give_back(connection, install_id, seal, survivor.kind, action.survivor_id, theirs, now=now)
    living = [record for one in _living(case) if (record := case.read.get(one)) is not None]
    Index(connection, install_id, seal).put(living)


def _alias(case: _Case, one: Member, kind: Kind, kept: str, now: datetime) -> Alias:
    return Alias(one.kind, one.id, kind, kept, "merged", case.key, now)
