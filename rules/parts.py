"""The parts of a rule set: rule, pool, list of values, target, task; the match policy stands in rules.policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, TypeAlias

from rules.policy import MatchPolicy

if TYPE_CHECKING:
    from rules.conditions import Block, Condition

__all__ = ["MatchPolicy", "Member", "Part", "Pool", "Rule", "Target", "TargetKind", "TaskPlan", "ValueList"]

TargetKind: TypeAlias = Literal["account owner", "duplicate owner", "user", "pool", "queue", "keep"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where a rule sends a lead: ``account owner``, ``duplicate owner``, ``keep``, or a named user, pool or queue."""

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
class Rule:
    """One rule: when all of `when` hold, `assign`; if that cannot take the lead, `otherwise`."""

    name: str
    when: tuple[Condition | Block, ...]
    assign: Target
    otherwise: Target | None = None
    task: TaskPlan | None = TaskPlan()
    notify: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a pool by e-mail address; weight 2 takes twice as many leads as weight 1."""

    user: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Pool:
    """People who take turns; `overflow` takes the lead when none of them can."""

    name: str
    members: tuple[Member, ...]
    overflow: Target | None = None


@dataclass(frozen=True, slots=True)
class ValueList:
    """A named list of values that conditions refer to as ``in list "Name"``."""

    name: str
    values: tuple[str, ...]


Part: TypeAlias = Rule | Pool | ValueList | MatchPolicy
