"""The parts of a rule set: rule, pool, list, territory, calendar, target, task. For matching see rules.matching."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

from rules.field_names import FieldNames
from rules.matching.policy import MatchPolicy
from rules.merging.policy import MergePolicy
from rules.telling import Bell

if TYPE_CHECKING:
    from rules.calendar import Hours
    from rules.conditions import Block, Condition
    from rules.territories.territories import Territory

__all__ = [
    "Absence", "Calendar", "Cap", "Escalation", "FieldNames", "MatchPolicy", "Member", "MergePolicy", "Part", "Pool",
    "Rule", "Target", "TargetKind", "TaskPlan", "ValueList", "Wait",
]  # fmt: skip

TargetKind: TypeAlias = Literal[
    "account owner", "parent owner", "contact owner", "duplicate owner", "opportunity owner", "previous assignee",
    "user", "pool", "queue", "territory", "keep",
]  # fmt: skip
Window: TypeAlias = Literal["hour", "day", "week", "month"]
Choice: TypeAlias = Literal["turns", "fewest open leads", "best fit"]
Step: TypeAlias = Literal["remind", "tell", "reassign", "return"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a rule sends a lead: somebody that the records name, a named user, pool, queue or territory, or nobody."""

    kind: TargetKind
    name: str = ""

    def __str__(self) -> str:
        """Return the target as it stands in a rule."""
        return f'{self.kind} "{self.name}"' if self.name else self.kind


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """The task a rule gives to whoever takes the lead. Empty texts and a missing `due` mean the install's defaults."""

    subject: str = ""
    body: str = ""
    due: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """A rule decides nothing while one of `fields` (``scope.name``) is empty, for at most so long after the lead came.

    The rule must hold otherwise: its conditions on these fields are not asked while it waits.
    """

    fields: tuple[str, ...]
    at_most: timedelta


@dataclass(frozen=True, slots=True)
class Escalation:
    """What happens when nobody has acted `after` so long: told to whom, given to another member, or back to the pool.

    `working` counts the assignee's working time, else the clock on the wall. `to` is for ``tell``: ``manager`` or a
    user's e-mail address.
    """

    after: timedelta
    step: Step
    to: str = ""
    working: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: when all of `when` hold, `assign`; if that cannot take the lead, each of `otherwise` in order.

    `task` is the one that it gives, None: none; `says_task` tells whether that stands in the rule, else the install
    may have chosen that there is none. `notify` None: as the install chose. `respect_owner` False: a person's later
    choice of an owner is overruled when the lead is routed again. `idle` asks the rules again about a lead on which
    nobody has acted for so long.
    """

    name: str
    when: tuple[Condition | Block, ...]
    assign: Target
    otherwise: tuple[Target, ...] = ()
    task: TaskPlan | None = TaskPlan()
    notify: Bell | None = None
    wait: Wait | None = None
    escalate: tuple[Escalation, ...] = ()
    respect_owner: bool = True
    idle: timedelta | None = None
    says_task: bool = False


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `count` leads in a fixed window: hour, day, week (from Monday) or month in the member's zone."""

    count: int
    per: Window

    def __str__(self) -> str:
        """Return the cap as it stands in a rule."""
        return f"{self.count} per {self.per}"


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which somebody is away, first and last included, in their own zone; `last` None: until further notice."""

    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a pool by e-mail address; weight 2 takes twice as many leads as weight 1.

    What is empty or None here holds as the pool says. `open_leads`: who owns so many open leads gets no
    more. `when` are conditions on the lead for which this member is in the pool. `calendar` names a calendar.
    """

    user: str
    weight: int = 1
    caps: tuple[Cap, ...] = ()
    open_leads: int | None = None
    hours: Hours | None = None
    calendar: str = ""
    skills: tuple[str, ...] = ()
    absent: tuple[Absence, ...] = ()
    when: tuple[Condition | Block, ...] = ()
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """People who take turns; each of `overflow` in order takes the lead when none of them can.

    `fit` are the fields whose values a member's skills should cover (``lead.language``), for ``best fit``. `sticky`:
    who has a lead of the same account gets this one too. `never_back`: not to who had this lead before. `hold`: when
    nobody is at work, wait for the first who will be, at most so long; None: take the overflow at once.
    """

    name: str
    members: tuple[Member, ...]
    overflow: tuple[Target, ...] = ()
    by: Choice = "turns"
    fit: tuple[str, ...] = ()
    caps: tuple[Cap, ...] = ()
    open_leads: int | None = None
    hours: Hours | None = None
    calendar: str = ""
    sticky: bool = False
    never_back: bool = False
    hold: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """Working hours with a name, which members, pools and territories refer to."""

    name: str
    hours: Hours


@dataclass(frozen=True, slots=True)
class ValueList:
    """A named list of values that conditions refer to as ``in list "Name"``."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeclaredUser:
    """Somebody that the tests of a rule set may name, where no CRM is asked for its users.

    For tests alone: `absent` are days on which nothing goes to them, `open_leads` how many they own before a test.
    `hours`, or those of the named `calendar`, count in pools where neither member nor pool says when they work.
    """

    user: str
    name: str = ""
    active: bool = True
    manager: str = ""
    language: str = "en"
    zone: str = "UTC"
    queue: bool = False
    absent: tuple[Absence, ...] = ()
    hours: Hours | None = None
    calendar: str = ""
    open_leads: int = 0


@dataclass(frozen=True, slots=True)
class Users:
    """The people of a rule set that is tested without a CRM; in force, only the CRM says who there is."""

    users: tuple[DeclaredUser, ...] = field(default=())


Part: TypeAlias = "Rule | Pool | ValueList | Calendar | Territory | MatchPolicy | Users | FieldNames | MergePolicy"
