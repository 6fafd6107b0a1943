"""The nouns of the trade: what comes in, what is known, what was decided, what is to be done.

Everything is a frozen dataclass of plain values, so a decision can be stored, replayed and compared. Times are aware
datetimes in UTC; ids are the CRM's own strings; `fields` uses our canonical names (``email``, ``company``, ``country``)
and, for everything else, the CRM's API names.
"""

from __future__ import annotations

from collections.abc import Mapping  # at run time too: cattrs resolves the hints
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias

Kind: TypeAlias = Literal["lead", "contact", "account", "opportunity", "user", "rule"]
Change: TypeAlias = Literal["created", "updated", "deleted", "merged", "restored", "resync"]
Mode: TypeAlias = Literal["observe", "suggest", "act"]
MatchStatus: TypeAlias = Literal["matched", "review", "none"]
DuplicateStatus: TypeAlias = Literal["same", "unsure", "different"]
Outcome: TypeAlias = Literal["assigned", "suggested", "observed", "kept", "ignored", "refused"]
Value: TypeAlias = str | int | float | bool | datetime | date | None

WHOLE_KIND = "*"
"""The record id of a ``resync`` event that concerns every record of its kind."""


@dataclass(frozen=True, slots=True)
class Event:
    """A nudge: something happened to a record. The record, read again, is the truth.

    `key` is unique per install and the same for every delivery of the same change. `changed` holds canonical field
    names (or API names), empty when unknown. `ours` marks an echo of our own write.
    """

    key: str
    kind: Kind
    record_id: str
    change: Change
    at: datetime
    changed: tuple[str, ...] = ()
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One CRM record as read: canonical fields, owner and times."""

    kind: Kind
    id: str
    fields: Mapping[str, Value]
    owner_id: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None

    def text(self, name: str) -> str:
        """Return a field as text without surrounding space; empty when it is missing."""
        value = self.fields.get(name)
        return "" if value is None else str(value).strip()


@dataclass(frozen=True, slots=True)
class User:
    """Someone (or a queue) who can own records.

    `zone` is an IANA name, `language` an ISO 639 code with region. `login_id` is the id the person signs in with where
    that is another one than the owner id (HubSpot).
    """

    id: str
    name: str
    email: str = ""
    active: bool = True
    queue: bool = False
    manager_id: str | None = None
    zone: str = "UTC"
    language: str = "en"
    login_id: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One clue for or against "same": `kind` names the function in rules.evidence, `weight` is in log-odds."""

    kind: str
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """An account that was considered, with the probability (0 to 1) that it is the right one."""

    account_id: str
    name: str
    owner_id: str | None
    confidence: float
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Filtered:
    """An account that the match policy left out, and why in plain words."""

    account_id: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Match:
    """The account a lead belongs to, or none; `runners_up` are the best others, best first.

    `tie` says what decided between accounts that were as likely, `needed` what would have had to differ for another
    outcome; both in plain words, empty when there is nothing to say. `filtered` was left out by the policy, the
    likeliest first. `log_odds` is how sure the evidence alone is of `account`, before the install's calibration; None
    when people settled it.
    """

    status: MatchStatus
    account: Candidate | None = None
    runners_up: tuple[Candidate, ...] = ()
    reason: str = ""
    tie: str = ""
    filtered: tuple[Filtered, ...] = ()
    needed: str = ""
    log_odds: float | None = None

    @property
    def confidence(self) -> float:
        """Probability that `account` is right; 0 when there is none."""
        return self.account.confidence if self.account else 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the lead is a person the CRM already has. `of_kind`/`of_id` name the older record."""

    status: DuplicateStatus
    of_kind: Kind | None = None
    of_id: str | None = None
    owner_id: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """What became of one rule: it held, or this condition did not (with the value that was found)."""

    rule: str
    held: bool
    failed: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A step of a pool's rotation: whose turn it was, and the state before and after (credit per member id)."""

    pool: str
    member_id: str
    before: Mapping[str, int]
    after: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Route:
    """Who takes the lead, by which rule, and why in plain words. `assignee` is None when nobody can take it."""

    rule: str
    target: str
    assignee: User | None
    reason: str
    fallback: bool = False
    path: tuple[RuleTrace, ...] = ()
    turn: Turn | None = None


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
    """Write on the lead what was decided, for list views, reports and rebuilding: the decision's key above all."""

    key: ClassVar[str] = "stamp"
    decision: str
    rule: str
    confidence: float
    routed_at: datetime


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


Action: TypeAlias = Assign | Link | Stamp | Task | Notify
AUDIT = "audit"
"""The ledger key of the audit record, which every decision writes beside its actions."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that was decided about one lead, with all it was decided from.

    `key` is the idempotency key of all effects: it chains the key of the lead's previous decision with the inputs,
    so that the same change decided twice has one key and a lead that returns to an earlier state has a new one.
    """

    key: str
    lead: Record
    mode: Mode
    outcome: Outcome
    duplicate: Verdict
    match: Match
    route: Route
    actions: tuple[Action, ...]
    ruleset_version: str
    received_at: datetime
    decided_at: datetime
    trace_id: str = ""


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What became of one action: done, already (found done), refused (with the CRM's words) or unknown."""

    action: str
    status: Literal["planned", "done", "already", "refused", "unknown"]
    ref: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of the Routing Audit object: flat values for reports, the story for people, the detail for machines."""

    key: str
    title: str
    lead_id: str
    account_id: str | None
    assignee_id: str | None
    previous_owner_id: str | None
    outcome: Outcome
    mode: Mode
    rule: str
    reason: str
    match_status: MatchStatus
    confidence: float
    duplicate_status: DuplicateStatus
    duplicate_of: str | None
    story: str
    detail: str
    received_at: datetime
    decided_at: datetime
    latency_ms: int
    ruleset_version: str
    trace_id: str
    results: tuple[ActionResult, ...] = field(default=())
