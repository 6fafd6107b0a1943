"""Snapshots of merges are not kept for ever: once a day those go of merges that nobody can take back any more.

What people may undo and what may be deleted are told by one sum: so many days after the merge was decided. First it is
noted from when on snapshots are gone, then they are deleted, so that no undo is promised meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from connector.settings import Settings
from connector.store import installs, merges, notes, progress
from connector.store.base import EPOCH
from connector.store.progress import Progress
from jobs import rulebook
from jobs.shift import Shift
from jobs.tools import Tools
from rules.actions import Merge
from rules.model import Decision
from rules.wording.words import english

log = structlog.get_logger()

NAME = "expire"
EVERY = timedelta(hours=24)
"""How often an install is looked at: what is kept for days need not go by the minute."""
SLACK = timedelta(hours=1)
"""Snapshots go so much later than undoes end: the clocks of the CRM and ours differ, and an undo takes its time."""
TOLD = timedelta(days=7)
"""So much longer than it can be undone a merge is known: whoever comes late is told that its snapshot has expired."""
REST = timedelta(minutes=10)
"""How long to wait for undoes that are under way."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """For how many `days` an install's merges can be taken back; of those decided before `gone` nothing is left."""

    days: int
    gone: datetime = EPOCH

    def until(self, made: Decision) -> datetime | None:
        """Return until when a merge can be taken back; None for a decision that merges nothing."""
        if not any(isinstance(action, Merge) for action in made.actions):
            return None
        return self.until_from(made.decided_at)

    def until_from(self, at: datetime) -> datetime:
        """Return until when what is merged at `at` can be taken back."""
        return at + timedelta(days=self.days)

    def has_expired(self, made: Decision, at: datetime) -> bool:
        """Tell whether it is a merge that cannot be taken back any more, if somebody wanted that at `at`."""
        until = self.until(made)
        return until is not None and (until <= at or made.decided_at < self.gone)


def keeping(connection: Connection, install_id: str, settings: Settings, *, earlier: str | None = None) -> Keeping:
    """Return how long an install's merges can be taken back: as it chose, within what the operator allows.

    `earlier` is what it had chosen (:func:`chosen`) when an undo was asked for: fewer days since do not end that.
    """
    known = notes.of(connection, install_id)
    gone = known.get(notes.SNAPSHOTS_GONE, "")
    days = notes.days(known.get(notes.MERGE_UNDO_DAYS), most=settings.merge_undo_days)
    if earlier is not None:
        days = max(days, notes.days(earlier, most=settings.merge_undo_days))
    return Keeping(days, datetime.fromisoformat(gone) if gone else EPOCH)


def chosen(connection: Connection, install_id: str) -> str:
    """Return for how many days an install wants its merges kept, as it stands; "" for as many as there may be."""
    return notes.of(connection, install_id).get(notes.MERGE_UNDO_DAYS, "")


def ask(tools: Tools) -> int:
    """Have every active install's snapshots looked at whose turn it is, and ring; return how many."""
    now, due = tools.clock(), []
    with tools.database.read() as connection:
        for install in installs.every(connection, status="active"):
            last = next((each for each in progress.of(connection, install.id) if each.name == NAME), None)
            is_over = last is None or (last.state in {"done", "failed"} and now - last.updated_at >= EVERY)
            if is_over and rulebook.ready(connection, install.id):
                due.append(install.id)
    for install_id in due:
        with tools.database.write() as connection:
            progress.start(connection, install_id, NAME, now=now)
        tools.ring(install_id)
    return len(due)


def page(shift: Shift, work: Progress) -> None:
    """Delete the next old snapshots, but not while an undo is under way, and none that an open decision needs.

    May be repeated from any page. Raises Later, Revoked, or Refused when the CRM does not let us.
    """
    install_id, now = shift.install.id, shift.tools.clock()
    with shift.read() as connection:
        found = keeping(connection, install_id, shift.tools.settings)
        names = {each.name for each in progress.of(connection, install_id) if each.state in {"waiting", "running"}}
        held = merges.held(connection, install_id, shift.seal)
    if any(name.startswith(progress.UNDO) for name in names):
        with shift.write() as connection:
            reason = english("work.undoing")
            progress.move(connection, install_id, NAME, now=now, not_before=now + REST, reason=reason)
        return
    before = now - timedelta(days=found.days) - SLACK
    with shift.write() as connection:
        notes.put(connection, install_id, notes.SNAPSHOTS_GONE, max(before, found.gone).isoformat(), now=now)
    gone = shift.crm.expire(before=before, but=held, after=work.after)
    done, is_last = work.done + gone.count, gone.after is None
    values = work.turned(done=done, after=gone.after, is_last=is_last, now=now)
    with shift.write() as connection:
        progress.move(connection, install_id, NAME, now=now, **values)
    if is_last and done:
        log.info("snapshots expired", install=install_id, records=done, days=found.days)
