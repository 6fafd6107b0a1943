"""What is known when the rules are asked: the scene of a whole round, and one lead in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from rules import normalize
from rules.conditions import Block, Condition
from rules.model import (
    NO_PAST,
    NO_WORKLOAD,
    Match,
    Mode,
    Past,
    Record,
    RuleTrace,
    Standing,
    User,
    Value,
    Verdict,
    Workload,
)
from rules.parts import Pool, Rule
from rules.pools import Desk
from rules.ruleset import RuleSet

_REMEMBERED = 64
"""How many values a condition remembers its answer for: more than most fields that rules ask about have."""


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a rule, and the traces it has left before.

    Most of 500 rules fail at a value that many leads have. A trace is a plain value, so it is made once and used again:
    making it anew for every rule and lead would cost more than asking the conditions.
    """

    rule: str
    part: Condition | Block
    test: Callable[[Mapping[str, Value]], bool]
    key: str
    traces: dict[str, RuleTrace]

    @classmethod
    def of(cls, rule: str, part: Condition | Block) -> Check:
        """Prepare a condition; `key` is the same for conditions that find the same text in the same facts."""
        return cls(rule, part, part.test, _key(part), {})

    def trace(self, facts: Mapping[str, Value], told: dict[str, str]) -> RuleTrace:
        """Return the trace of this condition having failed. `told` remembers what was found in these facts."""
        found = told.get(self.key)
        if found is None:
            found = told[self.key] = self.part.found(facts)
        trace = self.traces.get(found)
        if trace is None:
            trace = RuleTrace(self.rule, held=False, failed=str(self.part), found=found)
            if len(self.traces) < _REMEMBERED:
                self.traces[found] = trace
        return trace


def _key(part: Condition | Block) -> str:
    if isinstance(part, Condition):
        return f"{part.field} {part.operator == 'changed'}"
    return "; ".join(map(_key, part.parts))


@dataclass(frozen=True, slots=True)
class Gate:
    """A rule as it is asked: its conditions, and `early` those that are asked while it waits for a value."""

    rule: Rule
    checks: tuple[Check, ...]
    early: tuple[Check, ...]

    @classmethod
    def of(cls, rule: Rule) -> Gate:
        """Prepare a rule."""
        checks = tuple(Check.of(rule.name, part) for part in rule.when)
        if rule.wait is None:
            return cls(rule, checks, checks)
        awaited = frozenset(rule.wait.fields)
        return cls(rule, checks, tuple(check for check in checks if not awaited & _fields(check.part)))


def _fields(part: Condition | Block) -> frozenset[str]:
    if isinstance(part, Condition):
        return frozenset({part.field})
    return frozenset().union(*map(_fields, part.parts))


@dataclass(frozen=True, slots=True)
class Scene:
    """What is the same for every lead of a round: the rule set, the users by id, the install's mode."""

    ruleset: RuleSet
    users: Mapping[str, User]
    mode: Mode
    by_email: Mapping[str, User] = field(init=False, repr=False, compare=False)
    by_queue: Mapping[str, User] = field(init=False, repr=False, compare=False)
    rules: Mapping[str, Rule] = field(init=False, repr=False, compare=False)
    gates: tuple[Gate, ...] = field(init=False, repr=False, compare=False)
    pools_of: Mapping[str, tuple[Pool, ...]] = field(init=False, repr=False, compare=False)
    """User id -> the pools that the person is a member of."""

    def __post_init__(self) -> None:
        people = sorted(self.users.values(), key=lambda user: (not user.active, user.id), reverse=True)
        mails = {normalize.email(user.email): user for user in people if user.email and not user.queue}
        queues = {normalize.fold(user.name): user for user in people if user.queue}
        pools_of: dict[str, dict[str, Pool]] = {}
        for pool in self.ruleset.pools.values():
            for member in pool.members:
                if user := mails.get(member.user):
                    pools_of.setdefault(user.id, {})[pool.name] = pool
        of_users = {id_: tuple(pools.values()) for id_, pools in pools_of.items()}
        object.__setattr__(self, "by_email", MappingProxyType(mails))
        object.__setattr__(self, "by_queue", MappingProxyType(queues))
        object.__setattr__(self, "rules", MappingProxyType({rule.name: rule for rule in self.ruleset.rules}))
        object.__setattr__(self, "gates", tuple(map(Gate.of, self.ruleset.rules)))
        object.__setattr__(self, "pools_of", MappingProxyType(of_users))


@dataclass(frozen=True, slots=True)
class Case:
    """One lead before the rules, at the moment `now`: what is known of it, and what has become of it so far.

    `rotation` is the standing of each lane of a pool, `holder` who has the lead by our own doing. `since` is from when
    a rule's wait counts; None when this lead waits no more.
    """

    lead: Record
    scene: Scene
    match: Match
    duplicate: Verdict
    facts: Mapping[str, Value]
    rotation: Mapping[str, Standing]
    now: datetime
    holder: str | None = None
    past: Past = NO_PAST
    work: Workload = NO_WORKLOAD
    since: datetime | None = None

    def desk(self) -> Desk:
        """Return what a pool needs to know to choose one of its members."""
        return Desk(
            at=self.now,
            users=self.scene.by_email,
            open_leads=self.work.open_leads,
            paused=self.work.paused,
            calendars=self.scene.ruleset.calendars,
            rotation=self.rotation,
            facts=self.facts,
            mode=self.scene.mode,
            holder=self.holder,
            before=self.past.assignees,
            neighbours=self.past.neighbours,
            refused=self.past.refused,
        )
