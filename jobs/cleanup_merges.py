"""From a suggestion to a decision that makes one record of it: what people accepted, and what is surely the same.

Right before, the records are read and judged again. What changed so that something else would be done than a person has
seen goes back to people with the reason; what is gone ends. The drain performs the decisions like any others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection

from connector.store import decisions, merges, pairs, progress, unfinished
from connector.store.decisions import Intent, Stored
from connector.store.pairs import Asked, Suggestion
from connector.store.progress import Progress
from jobs import cleanup_labels as labels
from jobs import cleanup_plans, merge, rulebook
from jobs.cleanup_plans import Looked
from jobs.shift import Shift
from jobs.takeback import Scope
from rules.actions import Member
from rules.merging.policy import MergePolicy
from rules.model import Kind, Mode, Outcome, Record
from rules.wording.words import english

log = structlog.get_logger()

PAGE = 40
"""Suggestions a page: some 100 records, one batch of reads."""
REST = timedelta(seconds=5)
"""How long what cannot be done yet is left: something is still being done about one of its records."""
CHANGED = english("work.changed")
MERGED: Outcome = "merged"
OBSERVES = english("work.observes")


@dataclass
class Verdicts:
    """What becomes of a page of suggestions: what they are afterwards, and the decisions to store.

    `labels` tell the CRM what people said of suggestions that are moved, by their keys.
    """

    moved: list[tuple[Asked, Asked]] = field(default_factory=list)
    fresh: list[Suggestion] = field(default_factory=list)
    intents: list[tuple[Asked, Intent]] = field(default_factory=list)
    labels: dict[str, list[Intent]] = field(default_factory=dict)

    def reopen(self, asked: Asked, *why: str) -> None:
        """Ask people again, with the reasons."""
        told = replace(asked.suggestion, why=tuple(dict.fromkeys(why)))
        self.moved.append((asked, replace(asked, state="open", suggestion=told, decision="", decided_at=None)))

    def asked_again(self) -> list[Asked]:
        """Return what people said is the same and are asked about again: no merge tells the CRM of that."""
        return [before for before, after in self.moved if after.state == "open" and before.answer.by]


def mode_of(scope: Scope) -> Mode:
    """Return how far merging may go: never further than the policy's mode, and the install's. Without one: observe."""
    policy = scope.ruleset.duplicates
    return policy.mode_within(scope.install.mode) if policy else "observe"


def scope_of(shift: Shift) -> Scope:
    """Return where suggestions are looked at in a shift."""
    scene = rulebook.scene(shift)
    return Scope(
        shift.tools.database, shift.install, shift.seal, shift.crm, scene.users, scene.ruleset, shift.tools.settings
    )


def answers(shift: Shift, work: Progress) -> None:
    """Do a page of what people said: merge what was accepted, tell the CRM of what was rejected."""
    install_id, seal = shift.install.id, shift.seal
    scope = scope_of(shift)
    busy = busy_ids(shift)
    with shift.read() as connection:
        accepted = pairs.open_(connection, install_id, seal, limit=PAGE, state="accepted")
        rejected = pairs.open_(connection, install_id, seal, limit=PAGE, state="rejected", undecided=True)
        merging = pairs.open_(connection, install_id, seal, limit=PAGE, state="merging")
        known = decisions.by_keys(connection, install_id, seal, [each.decision for each in merging])
    free = [each for each in accepted if busy.isdisjoint(each.ids)]
    outcome = merged(shift, scope, free)
    followed(merging, known, outcome)
    _tell(shift, scope, rejected, outcome)
    now = shift.tools.clock()
    with shift.write() as connection:
        moved = store(connection, shift, outcome, now=now)
        counts = pairs.counts(connection, install_id)
        parked = sum(each.state == "parked" for each in known.values())
        left = counts.get("accepted", 0) + max(0, counts.get("merging", 0) - parked)
        done = not left and len(rejected) < PAGE
        values = {"state": "done" if done else "running", "done": work.done + moved}
        rest = {} if moved or done else {"not_before": now + REST}
        progress.advance(connection, install_id, work.name, now=now, **values, **rest)


def busy_ids(shift: Shift) -> set[str]:
    """Return the ids of records with which something is being done: they are left until that is over."""
    with shift.read() as connection:
        merging = merges.busy(connection, shift.install.id, shift.seal)
        return unfinished.leads(connection, shift.install.id) | {each.id for each in merging}


def merged(shift: Shift, scope: Scope, batch: Sequence[Asked]) -> Verdicts:
    """Look at suggestions again and decide about each: a merge, people again, or nothing because it is gone."""
    outcome, now = Verdicts(), shift.tools.clock()
    mode = mode_of(scope)
    if mode == "observe":
        for asked in batch:
            outcome.reopen(asked, OBSERVES)
        return outcome
    _remember(shift, scope, batch)
    for each in cleanup_plans.look(scope, batch, now=now):
        _decide(shift, each, outcome)
    return outcome


def _decide(shift: Shift, each: Looked, outcome: Verdicts) -> None:
    asked, now = each.asked, shift.tools.clock()
    if each.plan is None:
        outcome.moved.append((asked, replace(asked, state="gone", decided_at=now)))
    elif asked.answer.seen and asked.answer.seen != each.seen:
        outcome.reopen(asked, CHANGED, *each.plan.blocked)
    elif each.plan.blocked:
        outcome.reopen(asked, *each.plan.blocked)
    elif each.gone:
        outcome.moved.append((asked, replace(asked, state="gone", decided_at=now)))
        outcome.fresh.append(rest(each))
    else:
        said_at = asked.decided_at if asked.answer.by else None
        lead, by = each.plan.survivor, asked.answer.by
        made = merge.merged(shift, each.plan, lead=lead, by=by, said_at=said_at, why=each.why)
        outcome.intents.append((asked, Intent(made, ())))


def rest(each: Looked) -> Suggestion:
    """Return what is left of a suggestion of which a record is gone."""
    members = cleanup_plans.rest_of(each)
    names = dict(zip(each.asked.ids, each.asked.suggestion.names, strict=False))
    return replace(each.asked.suggestion, members=members, names=tuple(names.get(one.id, one.id) for one in members))


def _remember(shift: Shift, scope: Scope, batch: Sequence[Asked]) -> None:
    """Find out what people said of these records before our database was lost, if it was."""
    policy = scope.ruleset.duplicates or MergePolicy()
    unasked = [each for each in batch if not each.answer.by and each.suggestion.confidence >= policy.merge]
    records = _read(shift, [one for each in unasked for one in each.suggestion.members if one.kind == "lead"])
    with shift.read() as connection:
        lost = labels.forgotten(connection, shift.install.id, shift.seal, list(records.values()))
    said = labels.remembered(shift.crm, lost)
    if said:
        with shift.write() as connection:
            labels.keep(connection, shift.install.id, shift.seal, said)


def _tell(shift: Shift, scope: Scope, rejected: Sequence[Asked], outcome: Verdicts) -> None:
    """Tell the CRM what people said are not the same, and what are and could not be merged as they saw it."""
    same = outcome.asked_again()
    records = _read(shift, [one for each in (*rejected, *same) for one in each.suggestion.members])
    language = rulebook.scene(shift).telling.language_for("")
    about: dict[str, Any] = {"mode": shift.install.mode, "version": scope.ruleset.version, "language": language}
    for asked in same:
        outcome.labels[asked.key] = labels.told(asked, "same", records, now=shift.tools.clock(), **about)
    for asked in rejected:
        intents = labels.told(asked, "different", records, now=shift.tools.clock(), **about)
        outcome.labels[asked.key] = intents
        outcome.moved.append((asked, replace(asked, decision=intents[0].decision.key if intents else "-")))


def _read(shift: Shift, members: Sequence[Member]) -> dict[str, Record]:
    ids: dict[Kind, list[str]] = {}
    for each in dict.fromkeys(members):
        ids.setdefault(each.kind, []).append(each.id)
    return {record.id: record for kind, some in ids.items() for record in shift.crm.read(kind, some).values()}


def followed(merging: Sequence[Asked], known: Mapping[str, Stored], outcome: Verdicts) -> None:
    """See what became of the decisions of suggestions; one that came to nothing is asked about again."""
    for asked in merging:
        stored = known.get(asked.decision)
        if stored is None or (stored.state == "settled" and stored.decision.outcome == MERGED):
            outcome.moved.append((asked, replace(asked, state="merged")))
        elif stored.state == "settled":
            outcome.reopen(asked, stored.decision.route.reason or stored.reason)


def store(connection: Connection, shift: Shift, outcome: Verdicts, *, now: datetime, run: str = "") -> int:
    """Store what became of suggestions; one that somebody else was faster with is left as it is. Return how many."""
    install_id, seal = shift.install.id, shift.seal
    intents: list[Intent] = []
    count = 0
    for asked, to in outcome.moved:
        if pairs.move(connection, install_id, seal, asked, to):
            intents += outcome.labels.get(asked.key, [])
            count += 1
    for asked, intent in outcome.intents:
        to = replace(asked, state="merging", decision=intent.decision.key, decided_at=asked.decided_at or now)
        if pairs.move(connection, install_id, seal, asked, to):
            intents.append(intent)
            count += 1
    decisions.intend(connection, install_id, seal, intents, now=now)
    pairs.suggest(connection, install_id, seal, outcome.fresh, now=now, run=run)
    return count
