"""One decision as a story: what came in, what was found, who got it and why, what was done about it, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, TypeAlias

from connector.desk.called import lead_name
from connector.desk.evidence import Clue, clues, heaviest
from connector.store.decisions import Stored
from connector.store.ledger import Entry
from connector.store.responses import Awaited
from rules.model import (
    AUDIT,
    Action,
    Assign,
    Candidate,
    Decision,
    Kind,
    Link,
    Notify,
    Stamp,
    Task,
)

MILLISECOND = timedelta(milliseconds=1)
NEVER_TRIED: Mapping[str, datetime] = MappingProxyType({})
Point: TypeAlias = Literal["received", "decided", "settled"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A point of the timeline; `after_ms` is the time since the one before it."""

    name: Point
    at: datetime | None
    after_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """One action and what became of it, `at` that time (None: not tried yet).

    `kind` and `subject` say what it is, `record` which record it names; `after_ms` is how long after the decision.
    """

    kind: str
    subject: str = ""
    record: str = ""
    record_kind: Kind | None = None
    due: datetime | None = None
    entry: Entry | None = None
    at: datetime | None = None
    after_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """Everything about a decision. `awaited` tells whether somebody answered the lead in time."""

    stored: Stored
    name: str
    timeline: tuple[Moment, ...]
    duplicate: tuple[Clue, ...]
    account: tuple[Clue, ...]
    runners_up: tuple[tuple[Candidate, tuple[Clue, ...]], ...]
    deeds: tuple[Deed, ...]
    awaited: Awaited | None = None

    @property
    def answered_minutes(self) -> float | None:
        """After how many minutes somebody worked on the lead; None when nobody has."""
        return self.awaited.minutes if self.awaited else None

    @property
    def decision(self) -> Decision:
        """The decision itself."""
        return self.stored.decision


def tell(stored: Stored, awaited: Awaited | None = None, times: Mapping[str, datetime] = NEVER_TRIED) -> Story:
    """Arrange a stored decision as a story; `times` are when each action was last written down, by its key."""
    decision = stored.decision
    match, verdict = decision.match, decision.duplicate
    candidates = ([match.account] if match.account else []) + list(match.runners_up)
    every = [*verdict.evidence, *(each for found in candidates for each in found.evidence)]
    most = heaviest(every)
    return Story(
        stored=stored,
        name=lead_name(decision.lead),
        timeline=_timeline(stored),
        duplicate=clues(verdict.evidence, most),
        account=clues(match.account.evidence, most) if match.account else (),
        runners_up=tuple((each, clues(each.evidence, most)) for each in match.runners_up),
        deeds=_deeds(decision, stored.ledger, times),
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


def _deeds(decision: Decision, ledger: Mapping[str, Entry], times: Mapping[str, datetime]) -> tuple[Deed, ...]:
    """List the actions in the order they are done, the audit record last."""
    assignee = decision.route.assignee
    people = {assignee.id: assignee.name} if assignee else {}
    planned = [*(_deed(action, decision, people) for action in decision.actions), Deed(AUDIT)]
    return tuple(_done(each, decision, ledger.get(each.kind), times.get(each.kind)) for each in planned)


def _done(deed: Deed, decision: Decision, entry: Entry | None, at: datetime | None) -> Deed:
    after = max(0.0, (at - decision.decided_at) / MILLISECOND) if at else None
    return replace(deed, entry=entry, at=at, after_ms=after)


def _deed(action: Action, decision: Decision, people: Mapping[str, str]) -> Deed:
    match action:
        case Assign(owner_id):
            return Deed(action.key, people.get(owner_id, owner_id), owner_id, "user")
        case Link(account_id):
            account = decision.match.account
            name = account.name if account and account.account_id == account_id else account_id
            return Deed(action.key, name, account_id, "account")
        case Stamp():
            return Deed(action.key, action.rule)
        case Task():
            return Deed(action.key, action.subject, due=action.due_at)
        case Notify():
            return Deed(action.key, people.get(action.user_id, action.user_id))
        case _:
            return Deed(action.key)
