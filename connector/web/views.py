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


def _listed(connection: Connection, install: Install, seal: Seal, cursor: Cursor | None) -> Listed:
    """Read a page, and one decision more to know whether there is another."""
    before, key = (cursor.moment, cursor.key) if cursor else (None, "")
    rows = decisions.recent(connection, install.id, seal, limit=PAGE + 1, before=before, key=key)
    shown, more = rows[:PAGE], rows[PAGE:]
    last = shown[-1] if more else None
    return Listed(tuple(shown), Cursor(last.created_at, last.decision.key) if last else None)
