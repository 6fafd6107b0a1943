"""What the console's pages show, read in one transaction and ready for the templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import get_args

from sqlalchemy import Connection

from connector.store import decisions, letters, progress, rulesets, shelves, standing, streams
from connector.store.decisions import Stored
from connector.store.installs import Install
from connector.store.letters import Letter
from connector.store.progress import Progress
from connector.store.rulesets import Live
from connector.store.seal import Seal
from connector.store.standing import PutOff
from connector.store.streams import Stream
from connector.web.access import services
from jobs import budget, policy, responses, standings
from jobs.budget import Standing
from jobs.policy import Quiet
from rules.model import Outcome

PAGE = 25
"""Decisions a page."""
PARKED_SHOWN = 20
"""Parked letters shown one by one; the count tells of the rest."""
DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits and what needs a person: letters not yet decided, decisions not yet carried out."""

    waiting: int
    parked: int
    unfinished: int
    parked_decisions: int

    @property
    def needs_you(self) -> int:
        """How many things stand still until a person asks for another try."""
        return self.parked + self.parked_decisions


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of decisions begins: after the decision of this moment and key."""

    moment: datetime
    key: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of decisions, newest first, and where the next one begins (None = that is all)."""

    decisions: tuple[Stored, ...]
    older: Cursor | None


@dataclass(frozen=True, slots=True)
class Summary:
    """One line of the list of installs."""

    install: Install
    inbox: Inbox
    work: tuple[Progress, ...]
    quiet: Quiet | None
    put_off: tuple[PutOff, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything on an install's page."""

    install: Install
    inbox: Inbox
    work: tuple[Progress, ...]
    parked: tuple[Letter, ...]
    today: dict[str, int]
    live: Live | None
    listed: Listed
    stream: Stream | None
    poll_seconds: float
    quiet: Quiet | None
    put_off: tuple[PutOff, ...]
    budget: Standing
    resting: str
    """Why asking for changes rests, as a sentence; empty when it does not."""


def summary(install: Install) -> Summary:
    """Read what the list of installs says about one."""
    now = services().clock()
    with services().database.read() as connection:
        return Summary(
            install=install,
            inbox=_inbox(connection, install),
            work=_work(connection, install),
            quiet=policy.quiet(connection, install.id, now=now),
            put_off=tuple(standing.put_off(connection, install.id, now=now)),
        )


def work(install: Install) -> tuple[Progress, ...]:
    """Read how far an install's setup and backfill are."""
    with services().database.read() as connection:
        return _work(connection, install)


def overview(install: Install) -> Overview:
    """Read everything that an install's page shows. Raises Unreadable when no master key opens it."""
    here, seal = services(), services().seal(install)
    now = here.clock()
    with here.database.read() as connection:
        stands = budget.standing(connection, install.id, here.settings, now=now)
        return Overview(
            install=install,
            inbox=_inbox(connection, install),
            work=_work(connection, install),
            parked=tuple(letters.parked(connection, install.id, limit=PARKED_SHOWN)),
            today=_outcomes(connection, install, since=now - DAY),
            live=rulesets.get(connection, install.id, seal),
            listed=_listed(connection, install, seal, None),
            stream=streams.get(connection, install.id),
            poll_seconds=here.settings.salesforce_poll_seconds,
            quiet=policy.quiet(connection, install.id, now=now),
            put_off=tuple(standing.put_off(connection, install.id, now=now)),
            budget=stands,
            resting=budget.why_not(stands, "poll", now=now),
        )


def listed(install: Install, cursor: Cursor | None = None) -> Listed:
    """Read one page of an install's decisions."""
    here, seal = services(), services().seal(install)
    with here.database.read() as connection:
        return _listed(connection, install, seal, cursor)


def of_lead(install: Install, lead_id: str) -> Listed:
    """Read all decisions about one lead."""
    here, seal = services(), services().seal(install)
    with here.database.read() as connection:
        return Listed(tuple(decisions.of_lead(connection, install.id, seal, lead_id)), None)


def keeps_rules(install: Install) -> bool:
    """Whether the rules of an install stand here alone: a HubSpot portal that has no objects for them."""
    with services().database.read() as connection:
        return shelves.standing(connection, install.id).kind == "properties"


def _work(connection: Connection, install: Install) -> tuple[Progress, ...]:
    """Return the long work in the order it is done: setup, then the scans by name; what is soon done when refused."""
    quick = {standings.NAME, responses.NAME}
    found = [each for each in progress.of(connection, install.id) if each.name not in quick or each.state == "failed"]
    return tuple(sorted(found, key=lambda each: (":" in each.name, each.name)))


def _inbox(connection: Connection, install: Install) -> Inbox:
    counts = letters.counts(connection, install.id)
    open_ones = standing.counts(connection, install.id, since=services().clock())
    return Inbox(
        waiting=counts["waiting"],
        parked=counts["parked"],
        unfinished=open_ones.get("intended", 0),
        parked_decisions=open_ones.get("parked", 0),
    )


def _outcomes(connection: Connection, install: Install, *, since: datetime) -> dict[str, int]:
    counts = standing.counts(connection, install.id, since=since)
    return {name: counts[name] for name in get_args(Outcome) if name in counts}


def _listed(connection: Connection, install: Install, seal: Seal, cursor: Cursor | None) -> Listed:
    """Read a page, and one decision more to know whether there is another."""
    before, key = (cursor.moment, cursor.key) if cursor else (None, "")
    rows = decisions.recent(connection, install.id, seal, limit=PAGE + 1, before=before, key=key)
    shown, more = rows[:PAGE], rows[PAGE:]
    last = shown[-1] if more else None
    return Listed(tuple(shown), Cursor(last.created_at, last.decision.key) if last else None)
