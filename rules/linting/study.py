"""What the linter knows of a rule set before it judges: regions of all rules, and which targets may refuse a lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rules import normalize
from rules.conditions import Condition
from rules.conditions import Part as ConditionPart
from rules.fields import type_of
from rules.linting.axes import SAME
from rules.linting.finding import Finding, heading
from rules.linting.ground import Ground
from rules.linting.regions import EVERYTHING, Box, Region, TooComplex, axes, projection
from rules.linting.texts import key_of
from rules.matching.preferences import lines
from rules.model import User
from rules.parts import Member, Pool, Rule, Target
from rules.ruleset import RuleSet
from rules.times.hours import Hours
from rules.wording.words import say

_OWNERS = frozenset(
    {"account owner", "parent owner", "contact owner", "duplicate owner", "opportunity owner", "previous assignee"}
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A rule and the leads that it claims. `refuses` says why its targets may not take one; "" when they always can.

    `is_known` is False when its conditions are too complex: the region is empty then, and may be anything. `dead`:
    nothing of the region can ever come to this rule.
    """

    number: int
    rule: Rule
    region: Region
    refuses: str
    fields: frozenset[str]
    is_known: bool = True
    dead: bool = False

    @property
    def record(self) -> str:
        """The rule's heading."""
        return heading("rule", self.rule.name)

    @property
    def is_general(self) -> bool:
        """Whether it claims every lead."""
        return any(not box for box in self.region)

    def reach(self, axis: str, ground: Ground) -> int:
        """Return the cells of an axis that it claims."""
        return projection(self.region, axis, ground.full)


@dataclass(slots=True)
class Study:
    """A rule set under study. `people` are its users by e-mail, `queues` by folded name; None when nobody was given.

    `knows_everybody`: who is not among them does not exist. `idle_lists` are lists that nothing uses, each as the
    condition that it looks to be made for.
    """

    ruleset: RuleSet
    people: Mapping[str, User] | None
    queues: Mapping[str, User] | None
    ground: Ground
    claims: list[Claim] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    idle_lists: Mapping[str, Condition] = field(default_factory=dict)
    knows_everybody: bool = False

    @classmethod
    def of(cls, ruleset: RuleSet, users: Mapping[str, User] | None) -> Study:
        """Return the study of a rule set; rules that are too complex claim nothing, and that is noted."""
        asked = _conditions(ruleset)
        idle = dict(_idle_lists(ruleset, asked))
        everybody = users is not None
        if users is None and ruleset.users:
            users = _declared(ruleset)
        people = queues = None
        if users is not None:
            ordered = sorted(users.values(), key=lambda user: (user.active, user.id))
            people = {normalize.email(user.email): user for user in ordered if user.email and not user.queue}
            queues = {normalize.fold(user.name): user for user in ordered if user.queue}
        ground = Ground.of([*asked, *idle.values()])
        study = cls(ruleset, people, queues, ground, idle_lists=idle, knows_everybody=everybody)
        for number, rule in enumerate(ruleset.rules):
            study.claims.append(study._claim(number, rule))
        return study

    def _claim(self, number: int, rule: Rule) -> Claim:
        region = self.region(rule.when, heading("rule", rule.name))
        refusal = self.refusal((rule.assign, *rule.otherwise))
        return Claim(number, rule, region or (), refusal, axes(region or ()), is_known=region is not None)

    def region(self, when: Sequence[ConditionPart], record: str) -> Region | None:
        """Return the leads for which conditions hold, without what cannot occur; None (and a note) when too complex."""
        try:
            region = self.ground.region(when)
        except TooComplex:
            self.say("too-complex", "note", record, say("lint.complex"), say("lint.complex.remedy"))
            return None
        return tuple(box for box in region if self.ground.possible(box))

    def say(self, code: str, severity: str, record: str, message: str, remedy: str = "") -> None:
        """Note a finding."""
        level = {"error": "error", "warning": "warning"}.get(severity, "note")
        self.findings.append(Finding(code, level, record, message, remedy))  # type: ignore[arg-type]

    def bury(self, claim: Claim) -> None:
        """Note that a rule is dead."""
        self.claims[claim.number] = replace(claim, dead=True)

    @property
    def living(self) -> list[Claim]:
        """The rules that leads can come to, as far as is known by now."""
        return [claim for claim in self.claims if claim.region and not claim.dead]

    @property
    def unknown(self) -> list[Claim]:
        """The rules of which nothing is known, as they are too complex."""
        return [claim for claim in self.claims if not claim.is_known]

    def covers(self, claims: Iterable[Claim]) -> list[Box]:
        """Return the boxes of rules."""
        return [box for claim in claims for box in claim.region]

    def uncovered(self, box: Box, covers: Sequence[Box]) -> Box | None:
        """Return a part of `box` that is in none of `covers`; None when there is none, or when that is not known."""
        try:
            return self.ground.uncovered(box, covers)
        except TooComplex:
            return None

    def refusal(self, targets: Sequence[Target], *, pools: bool = True, seen: frozenset[str] = frozenset()) -> str:
        """Return why none of these targets may take a lead; "" when one of them always does.

        `pools` False: a pool counts as one that always does unless it can never.
        """
        why = ""
        for target in targets:
            found = self._refusal(target, pools=pools, seen=seen)
            if not found:
                return ""
            why = why or found
        return why or say("lint.refuses.none")

    def _refusal(self, target: Target, *, pools: bool, seen: frozenset[str]) -> str:
        if target.kind in _OWNERS:
            return say("lint.refuses.owner", target=target.kind)
        if target.kind == "user":
            return self.user_refusal(target.name)
        if target.kind == "queue":
            gone = self.queues is not None and self.knows_everybody and normalize.fold(target.name) not in self.queues
            return say("lint.refuses.queue", queue=target.name) if gone else ""
        if target.kind == "territory":
            return self._territory_refusal(target.name, pools=pools, seen=seen)
        return self._pool_refusal(target.name, pools=pools, seen=seen) if target.kind == "pool" else ""

    def user_refusal(self, mail: str) -> str:
        """Return why a user never takes a lead; "" when they can, or nothing is known of users."""
        if self.people is None:
            return ""
        user = self.people.get(normalize.email(mail))
        if user is None:
            return say("lint.refuses.unknown", user=mail) if self.knows_everybody else ""
        return "" if user.active else say("lint.refuses.inactive", user=mail)

    def closed(self, pool: Pool, member: Member) -> str:
        """Return why a member is never at work; "" when they are."""
        hours = working(self.ruleset, pool, member)
        never_open = hours is not None and not hours.spans
        return say("lint.member.hours") if never_open else ""

    def _territory_refusal(self, name: str, *, pools: bool, seen: frozenset[str]) -> str:
        territory = self.ruleset.territories.get(name)
        if territory is None or name in seen:
            return say("lint.refuses.row")
        last = tuple(row.target for row in territory.rows if not any(cell.filled for cell in row.cells))
        for targets in (territory.otherwise, last):
            if targets and not self.refusal(targets, pools=pools, seen=seen | {name}):
                return ""
        return say("lint.refuses.territory", territory=name)

    def _pool_refusal(self, name: str, *, pools: bool, seen: frozenset[str]) -> str:
        pool = self.ruleset.pools.get(name)
        if pool is None or name in seen:
            return say("lint.refuses.pool", pool=name)
        able = [member for member in pool.members if not never(pool, member) and not self.user_refusal(member.user)]
        if able and (not pools or any(not limits(self.ruleset, pool, member) for member in able)):
            return ""
        if pool.overflow and not self.refusal(pool.overflow, pools=pools, seen=seen | {name}):
            return ""
        return say("lint.refuses.able", pool=name)


def never(pool: Pool, member: Member) -> str:
    """Return why a member never takes a lead, whatever the lead and the time; "" when they may."""
    caps = member.caps or pool.caps
    if (
        any(cap.count == 0 for cap in caps)
        or (pool.open_leads if member.open_leads is None else member.open_leads) == 0
    ):
        return say("lint.member.cap")
    if member.paused:
        return say("lint.member.paused")
    return say("lint.member.absent") if any(absence.last is None for absence in member.absent) else ""


def limits(ruleset: RuleSet, pool: Pool, member: Member) -> frozenset[str]:
    """Return what may keep a member from a lead: ``hours``, ``caps``, ``open leads``, ``absences``, ``when``."""
    hours = working(ruleset, pool, member)
    has_open = member.open_leads is not None or pool.open_leads is not None
    found = {
        "hours": hours is not None and (not _whole_week(hours) or bool(hours.holidays or hours.closed)),
        "caps": bool(member.caps or pool.caps),
        "open leads": has_open,
        "absences": bool(member.absent),
        "when": bool(member.when),
    }
    return frozenset(name for name, there in found.items() if there)


def working(ruleset: RuleSet, pool: Pool, member: Member) -> Hours | None:
    """Return the hours of a member: their own, their calendar's, the pool's, those of the pool's calendar."""
    for hours, calendar in ((member.hours, member.calendar), (pool.hours, pool.calendar)):
        if hours is not None:
            return hours
        if calendar and calendar in ruleset.calendars:
            return ruleset.calendars[calendar].hours
    return None


def _whole_week(hours: Hours) -> bool:
    return sum(span.end - span.start for span in hours.spans) >= 7 * 24 * 60


def _conditions(ruleset: RuleSet) -> list[Condition]:
    members = (part for pool in ruleset.pools.values() for member in pool.members for part in member.when)
    rules = (part for rule in ruleset.rules for part in rule.when)
    return [*lines(rules), *lines(members), *ruleset.match.lines]


def _declared(ruleset: RuleSet) -> dict[str, User]:
    """Return the users that a rule set declares for its tests; their addresses are their ids."""
    return {
        each.user: User(
            each.user, each.name or each.user, each.user, active=each.active, queue=each.queue,
            manager_id=normalize.email(each.manager) or None,
        )
        for each in ruleset.users
    }  # fmt: skip


def _idle_lists(ruleset: RuleSet, asked: Sequence[Condition]) -> Iterator[tuple[str, Condition]]:
    """Yield the lists that nothing uses, each as a condition on the field whose values it shares most of."""
    used = {line.list_name for line in asked} | {each.list_name for each in ruleset.match.prefer}
    used |= {line.list_name for line in ruleset.duplicates.lines} if ruleset.duplicates else set()
    named: dict[str, set[str]] = defaultdict(set)
    for line in asked:
        if type_of(line.field) in {"text", "country", "state", "any"} and line.operator in SAME:
            named[line.field].update(key_of(type_of(line.field), operand) for operand in line.operands)
    for each in ruleset.lists.values():
        if each.name in used or not named:
            continue
        shared = {
            name: sum(key_of(type_of(name), text) in keys for text in each.values) for name, keys in named.items()
        }
        best = max(shared, key=lambda name: shared[name])
        if shared[best]:
            yield each.name, Condition(best, "in", tuple(each.values))


ANY_LEAD = EVERYTHING
