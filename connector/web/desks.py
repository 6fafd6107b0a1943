"""What the page of one person shows: whether they take leads, their place in each pool, and their latest leads."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from connector.store import assignments, decisions
from connector.store import pauses as store
from connector.store.assignments import Assignment
from connector.store.installs import Install
from connector.store.pauses import Pause
from connector.web import boards
from connector.web.access import Own, services
from connector.web.boards import Seat
from connector.web.story import lead_name

LEADS_SHOWN = 20
"""Leads on the page, the latest."""


@dataclass(frozen=True, slots=True)
class Place:
    """A pool that the person is in, and their own seat there; of the other members the page is told nothing."""

    pool: str
    seat: Seat


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead that they were given. `name` and `reason` are those of the decision, "" where it is kept no longer.

    Of a lead that is somebody else's by now there is no name: they may not be allowed to see it any more.
    """

    given: Assignment
    name: str
    reason: str

    @property
    def open(self) -> bool:
        """Whether they have it still, as far as we know."""
        return self.given.ended_at is None


@dataclass(frozen=True, slots=True)
class Page:
    """The page. `pause` is one that a click made; in the mode observe nobody is given a lead, so there are none."""

    own: Own
    pause: Pause | None
    places: tuple[Place, ...]
    leads: tuple[Lead, ...]

    @property
    def taking(self) -> bool:
        """Whether they take a lead of any pool now."""
        return self.pause is None and any(not place.seat.why for place in self.places)

    @property
    def paused_by_themselves(self) -> bool:
        """Whether the pause is their own click."""
        user = self.own.user
        return self.pause is not None and self.pause.by in {user.id, user.login_id or user.id}


def read(own: Own) -> Page:
    """Read everything that somebody's own page shows, and nothing about anybody else."""
    here, install, user = services(), own.install, own.user
    found = boards.read(install)
    places = tuple(
        Place(board.pool.name, seat) for board in found.boards for seat in board.seats if seat.line.user.id == user.id
    )
    with here.database.read() as connection:
        paused = {each.user_id: each for each in store.every(connection, install.id, now=here.clock())}
        leads = _leads(connection, own) if install.mode != "observe" else ()
    return Page(own, paused.get(user.id), places, leads)


def _leads(connection: Connection, own: Own) -> tuple[Lead, ...]:
    install = own.install
    given = _given(connection, install, own.user.id)
    stored = decisions.by_keys(connection, install.id, services().seal(install), [each.decision_key for each in given])
    found = []
    for each in given:
        told = stored.get(each.decision_key)
        # Who has the lead no longer may not be allowed to see it: neither its name nor what the reason says of it.
        is_mine = told is not None and each.ended_at is None
        name = lead_name(told.decision.lead) if told and is_mine else ""
        found.append(Lead(each, name, told.decision.route.reason if told and is_mine else ""))
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
