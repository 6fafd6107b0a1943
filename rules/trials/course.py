"""The course of a test: its leads come one after the other, and what each changes counts for the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from rules import fields
from rules.calendar import ALWAYS, Shift
from rules.decide import Scene, conclude, decide
from rules.matching.policy import MatchPolicy
from rules.model import Decision, Past, Record, Standing, User, Workload
from rules.parts import DeclaredUser, Target
from rules.routing import rotation
from rules.routing.seats import Desk, counted, seating
from rules.ruleset import RuleSet
from rules.trials.parts import Arrival, Step, Trial
from rules.trials.people import id_of, with_hours
from rules.trials.records import account_of, lead_of, people_of, policy_of, ranking_of
from rules.wording import catalogue


class Stage:
    """What is the same for all tests of a run: the rules and the users, and what was declared of these."""

    def __init__(self, ruleset: RuleSet, users: Mapping[str, User], declared: Sequence[DeclaredUser] = ()) -> None:
        self.ruleset = with_hours(ruleset, declared)
        self.users = users
        self.open_leads = {id_of(user.user): user.open_leads for user in declared if user.open_leads}
        self._absences = {id_of(user.user): Shift(ALWAYS, user.zone, user.absent) for user in declared if user.absent}
        self._scenes: dict[tuple[float, float], Scene] = {}
        self.rules = {rule.name: rule for rule in ruleset.rules}

    def scene(self, policy: MatchPolicy) -> Scene:
        """Return the scene in which accounts are matched by this policy; there are few, and making one takes long."""
        key = policy.accept, policy.review
        if key not in self._scenes:
            self._scenes[key] = Scene(replace(self.ruleset, match=policy), self.users, "act")
        return self._scenes[key]

    def absent(self, now: datetime) -> dict[str, datetime | None]:
        """Return who is away at a moment by the days they were declared with, and until when (None: not known)."""
        return {id_: shift.next_open(now) for id_, shift in self._absences.items() if not shift.is_open(now)}

    @property
    def usual(self) -> Scene:
        """The scene by the rule set's own limits."""
        return self.scene(policy_of(self.ruleset.match, None))

    def territory(self, decision: Decision, account: Record | None) -> str:
        """Return the territory whose row gave the lead to whoever got it; "" when none did."""
        route, rule = decision.route, self.rules.get(decision.route.rule)
        refused = dict(route.refused)
        asked = (
            [each for each in self._reached((rule.assign, *rule.otherwise)) if str(each) not in refused] if rule else []
        )
        if not asked:
            return ""
        event = {"now": decision.decided_at, "received_at": decision.received_at}
        facts = fields.facts(
            decision.lead, account=account, match=decision.match, duplicate=decision.duplicate, event=event
        )
        for target in asked:
            row = self.ruleset.territories[target.name].find(facts)
            if row and (str(row.target) == route.target or str(row.target) in refused):
                return target.name
        return ""

    def _reached(self, targets: Iterable[Target]) -> list[Target]:
        """Return the territories that these targets lead to, in the order in which they are asked."""
        found: dict[Target, None] = {}
        waiting = list(targets)
        seen: set[Target] = set()
        while waiting:
            target = waiting.pop(0)
            if target in seen:
                continue
            seen.add(target)
            if target.kind == "territory":
                found[target] = None
                waiting = [*self.ruleset.territories[target.name].otherwise, *waiting]
            elif target.kind == "pool":
                waiting = [*self.ruleset.pools[target.name].overflow, *waiting]
        return list(found)


@dataclass
class Course:
    """The state of the world while a test runs: whose turn it is, how many open leads each has, who is near whom."""

    stage: Stage
    trial: Trial
    rotation: dict[str, Standing] = field(default_factory=dict)
    open_leads: dict[str, int] = field(default_factory=dict)
    near: dict[str, tuple[str, ...]] = field(default_factory=dict)
    had: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Lead id -> who got that lead while the test ran, the first one first."""

    def run(self) -> tuple[Step, ...]:
        """Let the leads come in and return what was decided about each, in order."""
        told = {id_of(person): count for person, count in self.trial.open_leads.items()}
        self.open_leads = {**self.stage.open_leads, **told}
        moments = self.trial.moments
        begin = moments[0] if moments else self.trial.at
        self.rotation = {pool: self._begun(pool, counts, begin) for pool, counts in self.trial.given.items()}
        return tuple(
            self._step(arrival, number, now)
            for number, (arrival, now) in enumerate(zip(self.trial.arrivals, moments, strict=True), start=1)
        )

    def _begun(self, pool: str, counts: Mapping[str, int], at: datetime) -> Standing:
        """Return a standing in which each member has had so many leads, all in the windows that run now."""
        scene, total = self.stage.usual, sum(counts.values())
        desk = Desk(at, scene.by_email, calendars=self.stage.ruleset.calendars)
        table = seating(self.stage.ruleset.pools[pool], desk)
        had = {id_of(person): count for person, count in counts.items()}
        rows = {}
        for member, share in rotation.split(table.weights).items():
            got, entitled = had.get(member, 0), share * total
            windows = dict.fromkeys(counted(table.seats[member], at), got)
            rows[member] = {"due": entitled - got * rotation.UNIT, "got": got, "entitled": entitled, **windows}
        return rows

    def _step(self, arrival: Arrival, number: int, now: datetime) -> Step:
        lead, people = people_of(lead_of(arrival, number, now), arrival.duplicate, now)
        account = account_of(arrival, now)
        previous = (*map(id_of, arrival.previous), *self.had.get(lead.id, ()))
        scene = self.stage.scene(policy_of(self.stage.ruleset.match, arrival.account))
        decision = decide(
            lead,
            scene=scene,
            accounts=(account,) if account else (),
            duplicates=people,
            ranking=ranking_of(account, arrival.account),
            rotation=self.rotation,
            received_at=arrival.received or now,
            now=now,
            previous="an earlier decision" if previous else "",
            last_assignee=previous[-1] if previous else None,
            past=self._past(arrival, account, previous),
            work=self._work(now),
            changed=arrival.changed,
        )
        english = self._in_english(decision, scene, now)
        self._carry(decision, account)
        return Step(decision, self.stage.territory(decision, account), english)

    def _in_english(self, decision: Decision, scene: Scene, now: datetime) -> Decision | None:
        """Return the decision in English words; None when it is said in English anyhow."""
        if decision.language == catalogue.ENGLISH or decision.basis is None:
            return None
        basis = replace(decision.basis, rotation=self.rotation, work=self._work(now))
        with catalogue.speaking(catalogue.ENGLISH):
            return conclude(
                decision.lead,
                scene=scene,
                match=decision.match,
                duplicate=decision.duplicate,
                basis=basis,
                received_at=decision.received_at,
                now=now,
            )

    def _work(self, now: datetime) -> Workload:
        """Return how many open leads each has, and who takes none at this moment."""
        paused = {id_of(who): until for who, until in self.trial.paused.items()}
        return Workload(self.open_leads, {**self.stage.absent(now), **paused})

    def _past(self, arrival: Arrival, account: Record | None, previous: tuple[str, ...]) -> Past:
        near = self.near.get(account.id, ()) if account else ()
        return Past(
            assignees=previous,
            neighbours=(*near, *map(id_of, arrival.neighbours)),
            refused=frozenset(map(id_of, arrival.refused)),
            waited_since=arrival.received,
        )

    def _carry(self, decision: Decision, account: Record | None) -> None:
        """Let the next lead find what this one has changed."""
        turn, taker = decision.route.turn, decision.route.assignee
        if turn:
            self.rotation[turn.pool] = turn.after
        if taker is None or decision.outcome != "assigned":
            return
        had = self.had.get(decision.lead.id, ())
        given_back = {had[-1]: self.open_leads.get(had[-1], 1) - 1} if had else {}
        self.open_leads = {**self.open_leads, **given_back}
        self.open_leads[taker.id] = self.open_leads.get(taker.id, 0) + 1
        self.had[decision.lead.id] = (*had, taker.id)
        if account:
            self.near[account.id] = (taker.id, *(each for each in self.near.get(account.id, ()) if each != taker.id))
