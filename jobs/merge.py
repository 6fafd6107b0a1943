"""Duplicates in the line of every lead: which records of a batch become one, and of which a person is asked.

This comes before matching and routing. A lead that is the same as another record is not routed: they become one, and
the survivor is decided about after that, once. The records are read right before the plan is made and stored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection

from connector import telemetry
from connector.merging import Mergeable
from connector.store import assignments, decisions, letters, merges, pairs, unfinished
from connector.store.assignments import Assignment, holding
from connector.store.decisions import Intent, Stored
from connector.store.letters import Letter
from connector.store.pairs import Suggestion
from jobs import rulebook
from jobs.accounts import Found
from jobs.merge_cases import Case, cases, near, suggestion, unsure
from jobs.shift import Shift
from rules import decide as door
from rules import fields
from rules.actions import Member
from rules.decide import Reviews, Scene
from rules.merging import course
from rules.merging.blockers import Ground
from rules.merging.course import Coming, Occasion, member
from rules.merging.likely import Likely, likely
from rules.merging.plan import Plan, plan
from rules.merging.policy import MergePolicy
from rules.model import Decision, Match, Mode, Record
from rules.ruleset import RuleSet
from rules.wording.words import english, say, showable

log = structlog.get_logger()

MERGE = "merge:"
"""What the keys begin with of events that a merge posts: a lead is to be asked about that was part of one."""
BUSY = timedelta(seconds=15)
"""How long letters wait whose lead is part of a merge that is not done yet."""
WAITS = english("work.merging")


class Known(Protocol):
    """What the store knows about a batch of leads, as far as merging asks."""

    @property
    def people(self) -> Mapping[str, list[Record]]:
        """The others that share a key with each lead."""
        ...

    @property
    def found(self) -> Found:
        """Accounts that the leads may belong to."""
        ...

    @property
    def latest(self) -> Mapping[str, Decision]:
        """The last decision about each lead."""
        ...

    @property
    def reviews(self) -> Reviews:
        """What people said of matches."""
        ...


@dataclass
class Course:
    """What becomes of the duplicates of a batch. `answered` are the leads whose letters go with a merge.

    `told` are the plans that are not carried out, by lead, and whether a person is asked about each. The letters of the
    leads `late` wait: something is being done with them.
    """

    intents: list[Intent] = field(default_factory=list)
    answered: set[str] = field(default_factory=set)
    told: dict[str, tuple[Plan, bool]] = field(default_factory=dict)
    suggestions: list[Suggestion] = field(default_factory=list)
    late: set[str] = field(default_factory=set)

    def tell(self, decision: Decision, scene: Scene) -> Decision:
        """Return a decision with what would be merged, or what a person is asked, beside it."""
        found = self.told.get(decision.lead.id)
        return course.told(decision, found[0], scene.users, is_asked=found[1]) if found else decision

    def put_off(self, shift: Shift, piles: dict[str, list[Letter]]) -> None:
        """Take out the letters of leads that are being merged, and put them off."""
        ids = [each.id for lead_id in self.late for each in piles.pop(lead_id, ())]
        if ids:
            until = shift.tools.clock() + BUSY
            with shift.write() as connection:
                letters.postpone(connection, shift.install.id, ids, until=until, reason=WAITS, failed=False)

    def write(self, connection: Connection, shift: Shift) -> None:
        """Store what people are asked, in the transaction that stores the decisions."""
        now = shift.tools.clock()
        pairs.suggest(connection, shift.install.id, shift.seal, self.suggestions, now=now)


def plan_batch(
    shift: Shift,
    scene: Scene,
    piles: Mapping[str, list[Letter]],
    leads: Mapping[str, Record],
    known: Known,
) -> Course:
    """Find out what becomes of the duplicates of a batch; `leads` are those that may be merged and ask for something.

    One call to the CRM when there are duplicates, none otherwise; nothing is stored. Raises Later, Revoked.
    """
    with shift.read() as connection:
        busy = merges.busy(connection, shift.install.id, shift.seal)
    found = Course(late={each for each in piles if Member("lead", each) in busy})
    policy = scene.ruleset.duplicates
    asking = {each: lead for each, lead in leads.items() if each not in found.late and known.people.get(each)}
    if policy is None or not asking:
        return found
    mode = policy.mode_within(scene.mode)
    around = near(shift, asking, known.people, policy)
    found_cases, fresh = cases(shift, asking, around, policy)
    if fresh is not None:
        _Planner(shift, scene, policy, mode, piles, known, found, fresh, frozenset(busy)).take(found_cases)
    if mode != "observe":
        planned = {record.id for case in found_cases for record in case.group.records}
        found.suggestions += unsure(asking, around, planned)
    return found


def merged(
    shift: Shift,
    found: Plan,
    *,
    lead: Record,
    by: str = "",
    said_at: datetime | None = None,
    trace: str = "",
    match: Match | None = None,
    why: Likely | None = None,
) -> Decision:
    """Return the decision that carries out a plan, accepted by a person of that name then, or surely the same ("").

    `lead` is the survivor as it is now, with all its fields or some. Store it as an Intent; the drain performs it.
    """
    scene, now = rulebook.scene(shift), shift.tools.clock()
    with shift.read() as connection:
        last = decisions.latest(connection, shift.install.id, shift.seal, [lead.id]).get(lead.id)
    previous = last.key if last else ""
    trace_id = telemetry.trace_id(trace) if trace else ""
    occasion = Occasion(
        scene.ruleset, scene.users, scene.mode, now, now, by, previous, trace_id=trace_id, telling=scene.telling,
        said_at=said_at,
    )  # fmt: skip
    evidence = why or likely(found.survivor, found.losers[0])
    return course.merged(found, slim(lead, scene.ruleset), occasion, why=evidence, match=match)


def slim(record: Record, ruleset: RuleSet) -> Record:
    """Return a record with what rules and audits ask of it: a plan's records have all fields."""
    wanted = {*fields.LEAD, "contact_id", *ruleset.reads, *ruleset.watches}
    return replace(record, fields={name: value for name, value in record.fields.items() if name in wanted})


def is_asked(pile: Sequence[Letter]) -> bool:
    """Whether one of a lead's letters asks whether it is a duplicate although it says what it said."""
    return any(each.event.key.startswith(MERGE) for each in pile)


@dataclass(frozen=True)
class _Planner:
    """Makes the plans of a batch, and notes what becomes of each."""

    shift: Shift
    scene: Scene
    policy: MergePolicy
    mode: Mode
    piles: Mapping[str, list[Letter]]
    known: Known
    found: Course
    fresh: Mergeable
    busy: frozenset[Member]

    def take(self, cases: Sequence[Case]) -> None:
        """Plan each case: what is done by itself becomes a decision, of the rest a person is told."""
        install_id, seal = self.shift.install.id, self.shift.seal
        ids = [record.id for case in cases for record in case.group.records]
        with self.shift.read() as connection:
            open_ones = unfinished.leads(connection, install_id)
            latest = decisions.latest(connection, install_id, seal, ids)
            refused = merges.refused(connection, install_id, seal, ids)
            rows = assignments.of_leads(connection, install_id, ids, mode="act")
        for case in cases:
            if self.mode == "act" and self._waits(case, open_ones):
                self.found.late |= set(case.asking)
            else:
                self._plan(case, latest, refused, rows)

    def _waits(self, case: Case, open_ones: Collection[str]) -> bool:
        """Whether something is being done with one of the records."""
        return any(member(each) in self.busy or each.id in open_ones for each in case.group.records)

    def _plan(
        self,
        case: Case,
        latest: Mapping[str, Decision],
        refused: Mapping[frozenset[str], Stored],
        rows: Mapping[str, list[Assignment]],
    ) -> None:
        matches = self._matches(case, latest)
        matched = {each: found.account.account_id for each, found in matches.items() if found.account}
        fresh, now = self.fresh, self.shift.tools.clock()
        ground = Ground(self.policy, fresh.abilities, fresh.facts, now, matched, fresh.writable)
        made = _inherited(plan(case.group, ground), latest, rows)
        ids = {each.id for each in made.records}
        if before := next((each for known, each in refused.items() if ids <= known), None):
            made = replace(made, blocked=(*made.blocked, say("blocked.refused", why=showable(before.reason))))
        if self.mode == "act" and not made.blocked:
            self._merge(case, made, latest, matches)
            return
        is_asked = self.mode != "observe"
        self.found.told |= dict.fromkeys(case.asking, (made, is_asked))
        if is_asked:
            newest = max(case.asking)
            self.found.suggestions.append(suggestion(made.records, case.weakest, made.blocked, newest))

    def _merge(self, case: Case, made: Plan, latest: Mapping[str, Decision], matches: Mapping[str, Match]) -> None:
        """Decide that these become one; the letters of the leads among them are answered by that."""
        piles = [self.piles[lead_id] for lead_id in case.asking]
        first = min((pile[0] for pile in piles), key=lambda letter: letter.received_at)
        last = latest.get(made.survivor.id)
        occasion = Occasion(
            ruleset=self.scene.ruleset,
            users=self.scene.users,
            mode=self.scene.mode,
            received_at=first.received_at,
            now=self.shift.tools.clock(),
            previous=last.key if last else "",
            cause=first.event.key,
            trace_id=telemetry.trace_id(first.trace),
            telling=self.scene.telling,
        )
        decision = course.merged(
            made,
            slim(made.survivor, self.scene.ruleset),
            occasion,
            why=case.weakest,
            match=next((found for found in matches.values() if found.status == "matched"), None),
            coming=self._coming(case, made, last),
        )
        self.found.intents.append(Intent(decision, tuple(each.id for pile in piles for each in pile), first.trace))
        self.found.answered |= set(case.asking)

    def _coming(self, case: Case, made: Plan, last: Decision | None) -> Coming:
        """Whoever has the person already is told that they came again; who gets them now is told by that."""
        if made.survivor.id in case.asking and last is None and made.owner_rule != "routed":
            return course.NOBODY
        owner = self.scene.users.get(made.owner_id or made.survivor.owner_id or "")
        return Coming(owner, timedelta(minutes=self.shift.tools.settings.task_due_minutes))

    def _matches(self, case: Case, latest: Mapping[str, Decision]) -> dict[str, Match]:
        """Return the accounts that leads are matched to for certain, where the policy asks."""
        if self.policy.convert != "onto matched account" and not any(
            each.kind == "accounts differ" for each in self.policy.unless
        ):
            return {}
        found: dict[str, Match] = {}
        for record in case.group.records:
            if record.kind != "lead":
                continue
            known = self.known.found
            if record.id in case.asking:
                ranking = known.rankings.get(record.id, ())
                made = door.matched(record, self.scene, known.of(record.id), ranking, self.known.reviews)
            elif record.id in latest:
                made = latest[record.id].match
            else:
                continue
            if made.status == "matched":
                found[record.id] = made
        return found


def _inherited(made: Plan, latest: Mapping[str, Decision], rows: Mapping[str, list[Assignment]]) -> Plan:
    """Return a plan whose survivor, a lead that nobody was given yet, stays with whoever was given the person before.

    That is what keeps a person who came twice from being routed twice, whichever of the records survives.
    """
    if made.survivor.kind != "lead" or made.survivor.id in latest or made.owner_rule != "survivor's":
        return made
    for loser in made.losers:
        held = holding(rows.get(loser.id, ()))
        if loser.id in latest and held is not None and held.user_id == loser.owner_id:
            return replace(made, owner_id=held.user_id, owner_rule="routed")
    return made
