"""What the console's pages show, read in one transaction and ready for the templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from connector.store import decisions
from connector.store.decisions import Stored
from connector.store.installs import Install
from connector.store.seal import Seal
from connector.web.access import services

PAGE = 25
"""Decisions a page."""


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
