"""What cards inside the CRM show of assignments, and whose word counts there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from connector.store.assignments import Assignment, assignment
from connector.store.installs import ADMIN_FOR, admin
from connector.store.letters import letter


def leads_of_account(
    connection: Connection, install_id: str, account: int, *, mode: str, limit: int
) -> tuple[Sequence[Assignment], int]:
    """Return the leads of an account (a keyed hash) that somebody has by us, the latest first; second, how many."""
    mine = (assignment.c.install_id == install_id) & (assignment.c.account == account)
    held = mine & (assignment.c.mode == mode) & assignment.c.ended_at.is_(None)
    rows = connection.execute(select(assignment).where(held).order_by(assignment.c.id.desc()).limit(limit))
    names = Assignment.__dataclass_fields__
    found = [Assignment(**{name: getattr(row, name) for name in names}) for row in rows]
    total = connection.execute(select(func.count()).select_from(assignment).where(held)).scalar_one()
    return found, int(total)


def is_admin(connection: Connection, install_id: str, user_id: str, *, now: datetime) -> bool:
    """Whether the CRM has called this user (the id they sign in with) an administrator in the last ADMIN_FOR."""
    where = (admin.c.install_id == install_id) & (admin.c.user_id == user_id) & (admin.c.seen_at > now - ADMIN_FOR)
    return connection.execute(select(admin.c.user_id).where(where)).first() is not None


def is_coming(connection: Connection, install_id: str, lead_id: str) -> bool:
    """Whether something about this lead waits to be decided."""
    mine = (letter.c.install_id == install_id) & (letter.c.kind == "lead") & (letter.c.record_id == lead_id)
    return connection.execute(select(letter.c.id).where(mine, letter.c.state == "waiting").limit(1)).first() is not None
