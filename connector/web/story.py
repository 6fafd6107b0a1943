"""One decision as a story: what came in, what was found, who got it and why, what was done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.store.decisions import Stored
from connector.store.ledger import Entry
from connector.store.responses import Awaited
from rules.model import (
    AUDIT,
    Action,
    Assign,
    Candidate,
    Decision,
    Evidence,
    Kind,
    Link,
    Notify,
    Record,
    Stamp,
    Task,
)

MILLISECOND = timedelta(milliseconds=1)
_UNITS = ((24 * 60, "day"), (60, "hour"))
"""Minutes and name, the largest first; below two of a unit the next one says more."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of the timeline; `after_ms` is the time since the one before it."""

    name: str
    at: datetime | None
    after_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Clue:
    """One piece of evidence; `share` (0 to 1) is its weight beside the heaviest on the page."""

    text: str
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class Deed:
    """One action and what became of it. `kind` and `subject` say what it is, `record` which record it names."""

    kind: str
    subject: str = ""
    record: str = ""
    record_kind: Kind | None = None
    due: datetime | None = None
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """Everything on a decision's page. `awaited` tells whether somebody answered the lead in time."""

    stored: Stored
    name: str
    timeline: tuple[Moment, ...]
    duplicate: tuple[Clue, ...]
    account: tuple[Clue, ...]
    runners_up: tuple[tuple[Candidate, tuple[Clue, ...]], ...]
    deeds: tuple[Deed, ...]
    awaited: Awaited | None = None

    @property
    def answered_after(self) -> str:
        """After how long somebody worked on the lead; empty when nobody has."""
        minutes = self.awaited.minutes if self.awaited else None
        return "" if minutes is None else waited(minutes)

    @property
    def decision(self) -> Decision:
        """The decision itself."""
        return self.stored.decision


def waited(minutes: float) -> str:
    """Return a length of time as people say it: ``12 minutes``, ``3 hours``, ``2 days``."""
    size, unit = next((each for each in _UNITS if minutes >= 2 * each[0]), (1, "minute"))
    count = round(minutes / size)
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def lead_name(lead: Record) -> str:
    """Return what people call a lead: its name, else its email, company or id."""
    whole = lead.text("name") or f"{lead.text('first_name')} {lead.text('last_name')}".strip()
    return whole or lead.text("email") or lead.text("company") or lead.id


def tell(stored: Stored, awaited: Awaited | None = None) -> Story:
    """Arrange a stored decision for its page, with what came of waiting for an answer."""
    decision = stored.decision
    match, verdict = decision.match, decision.duplicate
    candidates = ([match.account] if match.account else []) + list(match.runners_up)
    heaviest = max(
        (abs(each.weight) for found in (*[c.evidence for c in candidates], verdict.evidence) for each in found),
        default=0.0,
    )
    return Story(
        stored=stored,
        name=lead_name(decision.lead),
        timeline=_timeline(stored),
        duplicate=_clues(verdict.evidence, heaviest),
        account=_clues(match.account.evidence, heaviest) if match.account else (),
        runners_up=tuple((each, _clues(each.evidence, heaviest)) for each in match.runners_up),
        deeds=_deeds(decision, stored.ledger),
        awaited=awaited,
    )


def _timeline(stored: Stored) -> tuple[Moment, ...]:
    decision = stored.decision
    settled = stored.settled_at
    return (
        Moment("received", decision.received_at),
        Moment("decided", decision.decided_at, (decision.decided_at - decision.received_at) / MILLISECOND),
        Moment("settled", settled, (settled - decision.decided_at) / MILLISECOND if settled else None),
    )


def _clues(evidence: tuple[Evidence, ...], heaviest: float) -> tuple[Clue, ...]:
    """Order evidence by weight, what speaks for it first."""
    ordered = sorted(evidence, key=lambda each: -each.weight)
    return tuple(Clue(each.text, each.weight, abs(each.weight) / heaviest if heaviest else 0.0) for each in ordered)


def _deeds(decision: Decision, ledger: Mapping[str, Entry]) -> tuple[Deed, ...]:
    """List the actions in the order they are done, the audit record last."""
    people = {decision.route.assignee.id: decision.route.assignee.name} if decision.route.assignee else {}
    deeds = [_deed(action, decision, people, ledger.get(action.key)) for action in decision.actions]
    return (*deeds, Deed(AUDIT, entry=ledger.get(AUDIT)))


def _deed(action: Action, decision: Decision, people: Mapping[str, str], entry: Entry | None) -> Deed:
    match action:
        case Assign(owner_id):
            return Deed(action.key, people.get(owner_id, owner_id), owner_id, "user", entry=entry)
        case Link(account_id):
            account = decision.match.account
            name = account.name if account and account.account_id == account_id else account_id
            return Deed(action.key, name, account_id, "account", entry=entry)
        case Stamp():
            return Deed(action.key, action.rule, entry=entry)
        case Task():
            return Deed(action.key, action.subject, due=action.due_at, entry=entry)
        case Notify():
            return Deed(action.key, people.get(action.user_id, action.user_id), entry=entry)
        case _:
            return Deed(action.key, entry=entry)
