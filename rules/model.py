"""The nouns of the trade: what comes in, what is known, what was decided, what is to be done.

Everything is a frozen dataclass of plain values, so a decision can be stored, replayed and compared. Times are aware
datetimes in UTC; ids are the CRM's own strings; `fields` uses our canonical names (``email``, ``company``, ``country``)
and, for everything else, the CRM's API names.
"""

from __future__ import annotations

from collections.abc import Mapping  # at run time too: cattrs resolves the hints
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from rules.actions import AUDIT, Action, Assign, Link, Notify, Stamp, Task, Timer, Value
from rules.events import WHOLE_KIND, Change, Event, Kind
from rules.labels import Label
from rules.outcomes import ActionResult, DuplicateStatus, MatchStatus, Mode, Outcome, ResponseStatus
from rules.telling import USUAL, Telling

__all__ = [
    "AUDIT", "NO_PAST", "NO_WORKLOAD", "WHOLE_KIND", "Action", "ActionResult", "Assign", "AuditEntry", "Basis",
    "Candidate", "Change", "Decision", "DuplicateStatus", "Event", "Evidence", "Filtered", "Kind", "Link", "Match",
    "MatchStatus", "Mode", "Notify", "Outcome", "Past", "Record", "ResponseStatus", "Route", "RuleTrace", "Stamp",
    "Standing", "Task", "Telling", "Timer", "Turn", "User", "Value", "Verdict", "Workload",
]  # fmt: skip

Standing: TypeAlias = Mapping[str, Mapping[str, int]]
"""The state of one lane of a pool: member id -> counters (see rules.routing.rotation)."""


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
        if value is None:
            return ""
        return (value if value.__class__ is str else str(value)).strip()


@dataclass(frozen=True, slots=True)
class User:
    """Someone (or a queue) who can own records.

    `zone` is an IANA name, `language` an ISO 639 code with region, "" where the CRM does not say. `login_id` is the id
    the person signs in with where that is another one than the owner id (HubSpot).
    """

    id: str
    name: str
    email: str = ""
    active: bool = True
    queue: bool = False
    manager_id: str | None = None
    zone: str = "UTC"
    language: str = ""
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
    outcome; both in plain words, or empty. `filtered` was left out by the policy, the likeliest first. `log_odds` is
    how sure the evidence alone is of `account`, before the install's calibration; None when people settled it.
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
    """Whether the lead is a person the CRM already has: `of_kind`/`of_id` is the older record.

    `confidence` is the probability (0 to 1) that both are one, `log_odds` that of the evidence alone; None: not noted.
    """

    status: DuplicateStatus
    of_kind: Kind | None = None
    of_id: str | None = None
    owner_id: str | None = None
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 0.0
    log_odds: float | None = None


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """What became of one rule: it held, or this condition did not (with the value that was found)."""

    rule: str
    held: bool
    failed: str = ""
    found: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A step of a pool's rotation: who got the lead, and the lane's standing before and after.

    `pool` is the name of the lane (see pools.lane). `how` says why this member: ``turn``, ``fewest`` (open leads),
    ``fit`` (skills) or ``account`` (has a lead of the same account). `passed` are members who could not take it, with
    the reason in plain words.
    """

    pool: str
    member_id: str
    before: Standing
    after: Standing
    how: str = "turn"
    passed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Past:
    """What happened to the lead before; ids are those of users.

    `assignees` have had it by our decisions, the oldest first; `neighbours` have leads of the same account, the latest
    first; `refused` must not get it now. `waited_since`: since when it waits, None when it does not.
    """

    assignees: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()
    waited_since: datetime | None = None


NO_PAST = Past()


@dataclass(frozen=True, slots=True)
class Workload:
    """How many open leads each user has, and who has paused themselves until when (None: until further notice)."""

    open_leads: Mapping[str, int] = field(default_factory=dict)
    paused: Mapping[str, datetime | None] = field(default_factory=dict)


NO_WORKLOAD = Workload()


@dataclass(frozen=True, slots=True)
class Route:
    """Who takes the lead, by which rule, and why in plain words. `assignee` is None when nobody can take it.

    `until`: nobody gets it yet, it waits (for a value, or for somebody at work); then the rules are asked again.
    `refused` are the targets that were asked before and could not take it, each with why.
    """

    rule: str
    target: str
    assignee: User | None
    reason: str
    fallback: bool = False
    path: tuple[RuleTrace, ...] = ()
    turn: Turn | None = None
    until: datetime | None = None
    refused: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Basis:
    """What a decision was made from beside the lead, its match and its duplicate: enough to make it again.

    `account` and `contact` are the records behind match and duplicate. Of `work` and `rotation` it keeps what was asked
    for, without the lane of the turn: that one stands in :class:`Turn`. `telling` is what the install had chosen.
    """

    account: Record | None = None
    contact: Record | None = None
    previous: str = ""
    last_assignee: str | None = None
    past: Past = NO_PAST
    work: Workload = NO_WORKLOAD
    rotation: Mapping[str, Standing] = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    telling: Telling = USUAL


@dataclass(frozen=True, slots=True)
class Decision:
    """Everything that was decided about one lead, with all it was decided from.

    `key` is the idempotency key of all effects: it chains the key of the lead's previous decision with the inputs,
    so that the same change decided twice has one key and a lead that returns to an earlier state has a new one.
    `undoes` is the key of the decision that this one takes back (rules/undo.py). `merging` says in sentences what is
    made one record, or would be, `untold` why somebody is not told, `label` what a person said that led to it.
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
    timers: tuple[Timer, ...] = ()
    basis: Basis | None = None
    language: str = "en"
    undoes: str = ""
    merging: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of the Routing Audit object: flat values for reports, the story for people, the detail for machines.

    `entitled_share` is in percent (0 to 100). `responded_at` and `response_minutes` are never known at the decision:
    they are written later (jobs/responses.py), and so is what `response_status` comes to.
    """

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
    match_status: MatchStatus | None
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
    lead_source: str = ""
    pool: str = ""
    entitled_share: float | None = None
    why_unmatched: str = ""
    response_due_at: datetime | None = None
    response_status: ResponseStatus = "none"
    responded_at: datetime | None = None
    response_minutes: float | None = None
