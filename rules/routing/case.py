"""What is known when the rules are asked: the scene of a whole round, and one lead in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from rules import normalize
from rules.clauses.checking import Gate
from rules.clauses.openings import Openings
from rules.model import (
    NO_PAST,
    NO_WORKLOAD,
    Match,
    Mode,
    Past,
    Record,
    Standing,
    User,
    Value,
    Verdict,
    Workload,
)
from rules.parts import Pool, Rule
from rules.pools import Desk
from rules.ruleset import RuleSet
from rules.telling import USUAL, Telling


@dataclass(frozen=True, slots=True)
class Scene:
    """What is the same for every lead of a round: the rule set, the users by id, the install's mode and its choices."""

    ruleset: RuleSet
    users: Mapping[str, User]
    mode: Mode
    telling: Telling = USUAL
    by_email: Mapping[str, User] = field(init=False, repr=False, compare=False)
    by_queue: Mapping[str, User] = field(init=False, repr=False, compare=False)
    rules: Mapping[str, Rule] = field(init=False, repr=False, compare=False)
    openings: Openings = field(init=False, repr=False, compare=False)
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
        object.__setattr__(self, "openings", Openings(tuple(map(Gate.of, self.ruleset.rules))))
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
