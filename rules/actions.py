"""What is to be done about a lead: the actions of a decision, and what waits for its time.

Unassign, Unlink, Unstamp and Withdraw take back what others did (rules/undo.py; Withdraw also what whoever loses a lead
had to do, rules/handover.py), Unmerge what Snapshot and Merge did.
Answer belongs to a decision that a person asked for on the record.
"""

from __future__ import annotations

from collections.abc import Mapping  # at run time too: cattrs resolves the hints
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias

from rules.events import Kind

Value: TypeAlias = str | int | float | bool | datetime | date | None
"""What a field says."""
TaskState: TypeAlias = Literal["open", "changed", "done", "gone"]
"""What became of a task that we made: ``open`` is as we wrote it, ``changed`` by somebody, ``gone`` is deleted."""
TimerKind: TypeAlias = Literal["ask", "remind", "tell", "reassign", "return", "idle"]


@dataclass(frozen=True, slots=True)
class Assign:
    """Make `owner_id` the owner of the lead."""

    key: ClassVar[str] = "assign"
    owner_id: str


@dataclass(frozen=True, slots=True)
class Link:
    """Link the lead to its account."""

    key: ClassVar[str] = "link"
    account_id: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """Write on the lead what was decided, for list views, reports and rebuilding: the decision's key above all.

    `duplicate_of` is the id of the older record of the same person; empty when there is none, or it is not sure.
    """

    key: ClassVar[str] = "stamp"
    decision: str
    rule: str
    confidence: float
    routed_at: datetime
    duplicate_of: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """Give `owner_id` a task on the lead, due at `due_at`."""

    key: ClassVar[str] = "task"
    owner_id: str
    subject: str
    body: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Notify:
    """Ring `user_id` inside the CRM. Best effort: the task is the record of the assignment."""

    key: ClassVar[str] = "notify"
    user_id: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Unassign:
    """Leave the lead without an owner again, as it was: only where the CRM has leads that nobody owns."""

    key: ClassVar[str] = "unassign"


@dataclass(frozen=True, slots=True)
class Unlink:
    """Take the account that we linked off the lead."""

    key: ClassVar[str] = "unlink"
    account_id: str


@dataclass(frozen=True, slots=True)
class Unstamp:
    """Empty the fields that a Stamp wrote."""

    key: ClassVar[str] = "unstamp"


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Delete tasks that we made: `tasks` are their ids. The CRM keeps them in its recycle bin for a while."""

    key: ClassVar[str] = "withdraw"
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Empty what somebody asked for on the lead, and write why it was `refused`; empty: it was done."""

    key: ClassVar[str] = "answer"
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One of the records of a merge."""

    kind: Kind
    id: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Keep in the CRM, with the audit, all that these records say and what is related to them, before they are merged.

    The first of them is the survivor.
    """

    key: ClassVar[str] = "snapshot"
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """Make one record of several: the survivor takes the losers in.

    Those of `losers` whose ids are in `converts` are converted, onto the account `account_id`; the others are merged.
    `values` is what the survivor says afterwards, by the field's name as of `rules.merging.policy.own_name`; only what
    differs from before. `owner_id` owns it afterwards, empty: whoever owns it now.
    """

    key: ClassVar[str] = "merge"
    survivor: Member
    losers: tuple[Member, ...]
    values: Mapping[str, Value] = field(default_factory=dict)
    converts: tuple[str, ...] = ()
    account_id: str = ""
    owner_id: str = ""


@dataclass(frozen=True, slots=True)
class Unmerge:
    """Take the merge of the decision `of` back from its snapshot: losers, relations, owners, the survivor's fields.

    `survivor_id` is the survivor as it is called now. A field of it goes back only where it still says what `merge`
    wrote.
    """

    key: ClassVar[str] = "unmerge"
    of: str
    merge: Merge
    survivor_id: str


Action: TypeAlias = (
    Assign | Link | Stamp | Task | Notify | Unassign | Unlink | Unstamp | Withdraw | Answer | Snapshot | Merge | Unmerge
)
AUDIT = "audit"
"""The ledger key of the audit record, which every decision writes beside its actions."""


@dataclass(frozen=True, slots=True)
class Timer:
    """What happens at `due_at` unless somebody has acted, or the lead is converted, merged or deleted, before.

    ``ask`` asks the rules again (the lead waited for a value or for a shift), ``idle`` does too, about a lead that
    nobody has worked on. The others are the rule's escalation number `step`; `to` is for ``tell``: ``manager`` (of
    whoever has the lead when it fires) or a user's e-mail address.
    """

    kind: TimerKind
    due_at: datetime
    to: str = ""
    step: int = 0
