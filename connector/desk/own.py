"""The page of one person: whether they take leads, their place in each pool, and the leads they were given."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from connector.desk import people, retelling
from connector.desk.called import lead_name
from connector.desk.faults import NotThere
from connector.desk.people import Person
from connector.services import Services
from connector.store import assignments, decisions, responses
from connector.store.assignments import Assignment
from connector.store.installs import Install
from connector.store.responses import Awaited
from rules.model import User

LEADS_SHOWN = 20
"""Leads on the page, the latest."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead that they were given. `name` and `reason` are those of the decision, "" where it is kept no longer.

    Of a lead that is somebody else's by now there is no name: they may not be allowed to see it any more. `awaited` is
    by when it was to be worked on, and whether it was; None where nobody waits for that.
    """

    given: Assignment
    name: str
    reason: str
    awaited: Awaited | None = None

    @property
    def open(self) -> bool:
        """Whether they have it still, as far as we know."""
        return self.given.ended_at is None


@dataclass(frozen=True, slots=True)
class Own:
    """Somebody's own page; in the mode observe nobody is given a lead, so there are none."""

    person: Person
    leads: tuple[Lead, ...]

    @property
    def paused_by_themselves(self) -> bool:
        """Whether what keeps them from leads now is their own click."""
        user, away = self.person.user, self.person.away
        return away is not None and away.by in {user.id, user.login_id or user.id}


def read(services: Services, install: Install, user: User) -> Own:
    """Read everything that somebody's own page shows, and nothing about anybody else."""
    try:
        found = people.person(services, install, user.id)
    except NotThere:
        found = Person(user, (), people.Load(), None, None, ())
    with services.database.read() as connection:
        leads = _leads(connection, services, install, user.id) if install.mode != "observe" else ()
    return Own(found, leads)


def _leads(connection: Connection, services: Services, install: Install, user_id: str) -> tuple[Lead, ...]:
    given = _given(connection, install, user_id)
    keys = [each.decision_key for each in given]
    stored = decisions.by_keys(connection, install.id, services.seal(install), keys)
    awaited = responses.of_decisions(connection, install.id, keys)
    found = []
    for each in given:
        told = stored.get(each.decision_key)
        # Who has the lead no longer may not be allowed to see it: neither its name nor what the reason says of it.
        is_mine = told is not None and each.ended_at is None
        name = lead_name(told.decision.lead) if told and is_mine else ""
        reason = retelling.decision(told).decision.route.reason if told and is_mine else ""
        found.append(Lead(each, name, reason, awaited.get(each.decision_key)))
    return tuple(found)


def _given(connection: Connection, install: Install, user_id: str) -> list[Assignment]:
    """Return the latest leads that somebody got in the install's mode, the newest first."""
    table = assignments.assignment
    mine = (table.c.install_id == install.id) & (table.c.user_id == user_id) & (table.c.mode == install.mode)
    query = select(table).where(mine).order_by(table.c.id.desc()).limit(LEADS_SHOWN)
    return [
        Assignment(**{name: getattr(row, name) for name in Assignment.__dataclass_fields__})
        for row in connection.execute(query)
    ]
