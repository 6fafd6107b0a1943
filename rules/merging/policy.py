"""The policy of merging: what the item ``duplicates`` of a rule set says, as values."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, TypeAlias, get_args

from rules.conditions import Condition
from rules.conditions import Part as ConditionPart
from rules.fields import canonical
from rules.model import DuplicateStatus, Kind, Mode

__all__ = [
    "ADDRESS",
    "ALL_OTHERS",
    "OBJECTS",
    "Blocker",
    "BlockerKind",
    "Convert",
    "FieldRule",
    "MergePolicy",
    "Merit",
    "ObjectPair",
    "Owner",
    "Step",
    "StepKind",
    "Turn",
    "own_name",
]  # fmt: skip

ObjectPair: TypeAlias = Literal["lead with lead", "lead with contact", "contact with contact", "account with account"]
BlockerKind: TypeAlias = Literal[
    "differs", "both have open opportunities", "opted out differs", "owners differ", "accounts differ", "either", "both"
]
MeritKind: TypeAlias = Literal[
    "contact before lead", "converted", "has open opportunity", "most complete", "most activity", "latest activity",
    "owner active", "oldest", "newest", "latest change", "condition", "highest", "lowest",
]  # fmt: skip
StepKind: TypeAlias = Literal[
    "survivor", "newest", "oldest", "non-empty", "longest", "union", "sum", "highest", "lowest", "most trusted source"
]
Convert: TypeAlias = Literal["never", "onto matched account", "onto contact's account"]
Owner: TypeAlias = Literal["survivor's", "newest", "oldest", "latest activity"]
Turn: TypeAlias = Literal["given back", "kept"]

OBJECTS: tuple[ObjectPair, ...] = ("lead with lead", "lead with contact", "contact with contact")
"""What is compared where the text does not say it. Accounts are never merged without a person."""
ADDRESS = "address"
"""The name under which a policy speaks of all parts of an address."""
ALL_OTHERS = "*"
_MODES: tuple[Mode, ...] = get_args(Mode)
_SCOPES = ("lead", "contact")


@lru_cache(maxsize=4096)
def own_name(name: str) -> str:
    """Return what two spellings of a person's field have in common: our name of it, or its API name in lower case.

    ``Phone`` is ``phone``, ``MobilePhone`` is ``mobile``.
    """
    for scope in _SCOPES:
        found = canonical(f"{scope}.{name}").removeprefix(f"{scope}.")
        if found.casefold() != name.casefold():
            return found
    return name.casefold()


@dataclass(frozen=True, slots=True)
class Blocker:
    """What makes a pair a review item: ``differs`` names a `field`, ``either`` and ``both`` a `condition`.

    `field` is our name, or the API name as the customer writes it: compare by `own_name`. The condition
    asks about ``lead.``, whatever the record is; `line` is what the customer wrote.
    """

    kind: BlockerKind
    field: str = ""
    condition: Condition | None = None
    line: str = dataclasses.field(default="", compare=False)

    def __str__(self) -> str:
        """Return it as it stands in a policy."""
        return self.line or (f"{self.field} differs" if self.kind == "differs" else self.kind)


@dataclass(frozen=True, slots=True)
class Merit:
    """What speaks for a record surviving; ``highest`` and ``lowest`` name a `field`, ``condition`` has a condition."""

    kind: MeritKind
    field: str = ""
    condition: Condition | None = None
    line: str = dataclasses.field(default="", compare=False)

    def __str__(self) -> str:
        """Return it as it stands in a policy."""
        return self.line or (f"{self.kind} record.{self.field}" if self.field else self.kind)


SURVIVOR: tuple[Merit, ...] = (
    Merit("contact before lead"), Merit("has open opportunity"), Merit("most complete"), Merit("oldest"),
)  # fmt: skip
"""Who survives where the text does not say it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One way to choose a field's value; `sources` are those of ``most trusted source``, the best first."""

    kind: StepKind
    sources: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return it as it stands in a policy."""
        return f"{self.kind} [{', '.join(self.sources)}]" if self.sources else self.kind


OTHERS: tuple[Step, ...] = (Step("survivor"), Step("non-empty"))
"""How the value of a field is chosen of which the text says nothing: nothing is emptied, nothing overwritten."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How the value of a field is chosen: the first of `steps` that finds one. `field` is as in `Blocker`."""

    field: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class MergePolicy:
    """Whether and how records of one person become one.

    From the probability `merge` on two records are one person; from `review` on a person is asked (both 0 to 1).
    `unless` makes a pair a review item. `survivor` decides who survives, the first that sees a difference. `fields`
    and, for all others, `others` choose the values. `opt_outs` and `consents` are the customer's own fields beside
    those that everybody has. `owner` is tried in order; the end is the survivor's. `most` is the largest group that is
    merged without a person.
    """

    name: str = ""
    mode: Mode = "observe"
    objects: tuple[ObjectPair, ...] = OBJECTS
    merge: float = 0.999
    review: float = 0.7
    ids: tuple[str, ...] = ()
    unless: tuple[Blocker, ...] = ()
    survivor: tuple[Merit, ...] = SURVIVOR
    fields: tuple[FieldRule, ...] = ()
    others: tuple[Step, ...] = OTHERS
    opt_outs: tuple[str, ...] = ()
    consents: tuple[str, ...] = ()
    convert: Convert = "never"
    owner: tuple[Owner, ...] = ("survivor's",)
    turn: Turn = "given back"
    most: int = 5

    def judge(self, confidence: float) -> DuplicateStatus:
        """Return what a probability (0 to 1) that two records are one person comes to."""
        if confidence >= self.merge:
            return "same"
        return "unsure" if confidence >= self.review else "different"

    def covers(self, one: Kind, other: Kind, *, alike: bool = False) -> bool:
        """Tell whether records of these kinds are compared. `alike`: leads and contacts are one object of the CRM."""
        if alike and {one, other} <= set(_SCOPES):
            return any(pair != "account with account" for pair in self.objects)
        wanted = {f"{one} with {other}", f"{other} with {one}"}
        return not wanted.isdisjoint(self.objects)

    def mode_within(self, install: Mode) -> Mode:
        """Return what may be done: never more than the install's mode, never more than the policy's."""
        return min(self.mode, install, key=_MODES.index)

    @property
    def by_field(self) -> dict[str, tuple[Step, ...]]:
        """The rules of fields by their names as of `own_name`; that of addresses under ADDRESS."""
        return {each.field if each.field == ADDRESS else own_name(each.field): each.steps for each in self.fields}

    @property
    def lines(self) -> tuple[Condition, ...]:
        """Every condition of its blockers and of what speaks for a survivor."""
        asking: tuple[Blocker | Merit, ...] = (*self.unless, *self.survivor)
        return tuple(each.condition for each in asking if each.condition)

    @property
    def reads(self) -> frozenset[str]:
        """Every field that the text names: they must be read with a record to judge a merge."""
        asking: tuple[Blocker | Merit, ...] = (*self.unless, *self.survivor)
        asked = [line.field.removeprefix("lead.") for line in self.lines]
        told = [*(each.field for each in asking if each.field), *(rule.field for rule in self.fields)]
        found = {*asked, *told, *self.ids, *self.opt_outs, *self.consents}
        sources = any(step.sources for steps in (self.others, *(rule.steps for rule in self.fields)) for step in steps)
        return frozenset(found - {ADDRESS} | ({"source"} if sources else set()))

    def bind(self, values: Callable[[ConditionPart], ConditionPart]) -> MergePolicy:
        """Return the policy with the values of its lists. Raises RuleFault when one does not fit a field."""

        def bound(condition: Condition | None) -> Condition | None:
            found = values(condition) if condition else None
            return found if isinstance(found, Condition) else None

        return replace(
            self,
            unless=tuple(replace(each, condition=bound(each.condition)) for each in self.unless),
            survivor=tuple(replace(each, condition=bound(each.condition)) for each in self.survivor),
        )
