"""People: who takes leads, pauses, absences planned ahead, and what each has to do. Pools stand in pools.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Connection, func, select

from connector.desk import log, pools
from connector.desk.faults import NotThere, Unusable
from connector.desk.pools import Away, Page, Seat
from connector.services import Services
from connector.store import absences, assignments, pauses
from connector.store.absences import Absence
from connector.store.installs import Install
from connector.store.pauses import Pause
from jobs import routing
from rules.model import User
from rules.times.zones import zone_of

SPANS = {"day": timedelta(days=1), "week": timedelta(weeks=1)}
NOTICE, TODAY, UNTIL = "notice", "today", "until"
CHOICES = (NOTICE, TODAY, "day", "week", UNTIL)
"""For how long somebody may be paused: until further notice, for the rest of their day, or until a time."""
LONGEST = timedelta(days=366)
"""Who is away for longer is paused until further notice."""
FURTHEST = timedelta(days=731)
"""Absences are planned so far ahead at most."""
MOST_ABSENCES = 60
"""Of one person: no calendar, but all holidays of two years."""
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Place:
    """A pool that somebody is in, and their own seat there; of the other members it tells nothing."""

    pool: str
    seat: Seat


@dataclass(frozen=True, slots=True)
class Load:
    """Leads by our doing in the install's mode: those that somebody has, and those they were given in seven days."""

    held: int = 0
    lately: int = 0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a pool, with leads or away. `away` is why they get nothing now, `planned` what runs or is to come."""

    user: User
    places: tuple[Place, ...]
    load: Load
    away: Away | None
    pause: Pause | None
    planned: tuple[Absence, ...]

    @property
    def taking(self) -> bool:
        """Whether they take a lead of any pool now."""
        return any(not place.seat.why for place in self.places)


@dataclass(frozen=True, slots=True)
class People:
    """Everybody in a pool, with leads or away, by name.

    `known` is everybody in the CRM by id, None when it does not say who they are.
    """

    persons: tuple[Person, ...]
    known: Mapping[str, User] | None
    rules: bool


def people(services: Services, install: Install) -> People:
    """Return everybody who is in a pool, has leads by our doing, or is paused or away.

    Who is named by rules, or owns accounts, is in no pool and takes leads all the same.
    """
    page = pools.read(services, install)
    known = page.people
    if known is None:
        return People((), None, page.rules)
    members = {seat.line.user.id for board in page.boards for seat in board.seats}
    with services.database.read() as connection:
        loads = _loads(connection, install, services.clock())
        paused = {each.user_id: each for each in pauses.every(connection, install.id, now=services.clock())}
    ids = members | set(loads) | set(page.away) | set(page.ahead)
    found = [_person(page, known[each], loads, paused) for each in ids if each in known and not known[each].queue]
    return People(tuple(sorted(found, key=lambda each: (each.user.name.casefold(), each.user.id))), known, page.rules)


def person(services: Services, install: Install, user_id: str) -> Person:
    """Return one of the CRM's users with their pools. Raises NotThere, also when the CRM does not say who they are."""
    page = pools.read(services, install)
    user = (page.people or {}).get(user_id)
    if user is None:
        raise NotThere("Nobody who can own leads has this id.", field="person")
    with services.database.read() as connection:
        loads = _loads(connection, install, services.clock())
        paused = {each.user_id: each for each in pauses.every(connection, install.id, now=services.clock())}
    return _person(page, user, loads, paused)


def pause(services: Services, install: Install, user_id: str, *, until: datetime | None, by: str) -> None:
    """Give somebody no more leads until then (None: until further notice). Raises Unusable when that is over."""
    now = services.clock()
    if until is not None and not now < until <= now + LONGEST:
        raise Unusable("Give a date and time that is ahead, within a year.", field="until")
    with services.database.write() as connection:
        pauses.put(connection, install.id, user_id, until=until, by=by, now=now)
    log.note(services, install, by=by, did="pause", about=user_id)


def resume(services: Services, install: Install, user_id: str, *, by: str) -> bool:
    """Have somebody take leads again; False when they were not paused. An absence that was planned stays."""
    with services.database.write() as connection:
        ended = pauses.end(connection, install.id, user_id, now=services.clock())
    if ended:
        log.note(services, install, by=by, did="resume", about=user_id)
    return ended


def ends(choice: str, local: str, user: User, now: datetime) -> datetime | None:
    """Return when a pause of CHOICES ends by somebody's own clock; None for none. `local` is that of ``until``.

    Raises Unusable for another choice, for a time that is none, over, or more than a year ahead, and for one that goes
    with another choice.
    """
    if choice != UNTIL and local.strip():
        raise Unusable(
            "A date and time goes with “until a date and time” alone. Choose that, or empty this.", field="until"
        )
    if choice in SPANS:
        return now + SPANS[choice]
    zone = zone_of(user.zone)
    there = now.astimezone(zone)
    if choice == TODAY:
        return datetime.combine(there.date() + timedelta(days=1), time(), zone).astimezone(UTC)
    if choice == NOTICE:
        return None
    if choice != UNTIL:
        raise Unusable("Choose for how long.", field="for")
    try:
        wanted = datetime.strptime(local, "%Y-%m-%dT%H:%M") if local.isascii() else None  # noqa: DTZ007 - the zone is the person's
    except ValueError:
        wanted = None
    # Before reckoning: the first and the last year have no zones.
    near = wanted is not None and there.year <= wanted.year <= there.year + 2
    end = wanted.replace(tzinfo=zone).astimezone(UTC) if wanted and near else None
    if end is None or not now < end <= now + LONGEST:
        raise Unusable("Give a date and time that is ahead, within a year.", field="until")
    return end


def plan(services: Services, install: Install, user: User, *, first: date, last: date, by: str) -> Absence:
    """Plan an absence of whole days in somebody's own zone. Raises Unusable for days that are over or too far ahead."""
    now, zone = services.clock(), zone_of(user.zone)
    today = now.astimezone(zone).date()
    if last < first:
        raise Unusable("The last day is before the first.", field="last")
    if last < today or first < today - LONGEST:
        raise Unusable("These days are over already.", field="last")
    if last > today + FURTHEST:
        raise Unusable("That is too far ahead: plan two years at most.", field="last")
    made = absences.planned(user.id, first, last, zone=zone, by=by, now=now)
    with services.database.write() as connection:
        if absences.count(connection, install.id, user.id, now=now) >= MOST_ABSENCES:
            raise Unusable("There are too many absences: remove some first.", field="first")
        absences.put(connection, install.id, made, now=now)
    log.note(services, install, by=by, did="plan absence", about=f"{user.id} {first} {last}")
    return made


def unplan(services: Services, install: Install, user_id: str, first: date, *, by: str) -> None:
    """Take an absence back by its first day; one that runs ends now. Raises NotThere."""
    with services.database.write() as connection:
        gone = absences.remove(connection, install.id, user_id, first, now=services.clock())
    if not gone:
        raise NotThere("No absence begins on that day.", field="first")
    log.note(services, install, by=by, did="remove absence", about=f"{user_id} {first}")


def planned(services: Services, install: Install, user_id: str | None = None) -> list[Absence]:
    """Return the absences that run or are to come, the earliest first; of everybody, or of one person."""
    with services.database.read() as connection:
        return absences.every(connection, install.id, now=services.clock(), user_id=user_id)


def reject(services: Services, install: Install, user_id: str, lead_id: str) -> bool:
    """Hand back a lead that somebody was given: it is routed anew, not to them. False when they do not have it."""
    if install.mode == "observe":
        return False
    now = services.clock()
    with services.database.write() as connection:
        done = routing.reject(connection, install.id, lead_id, by=user_id, mode=install.mode, now=now)
    if done:
        services.ring(install.id)
        log.note(services, install, by=user_id, did="reject lead", about=lead_id)
    return done


def _person(page: Page, user: User, loads: Mapping[str, Load], paused: Mapping[str, Pause]) -> Person:
    places = tuple(
        Place(board.pool.name, seat) for board in page.boards for seat in board.seats if seat.line.user.id == user.id
    )
    load = loads.get(user.id, Load())
    return Person(user, places, load, page.away.get(user.id), paused.get(user.id), page.ahead.get(user.id, ()))


def _loads(connection: Connection, install: Install, now: datetime) -> dict[str, Load]:
    table = assignments.assignment
    mine = (table.c.install_id == install.id) & (table.c.mode == install.mode)
    counted = select(table.c.user_id, func.count()).group_by(table.c.user_id)
    held = {row[0]: row[1] for row in connection.execute(counted.where(mine, table.c.ended_at.is_(None)))}
    lately = {row[0]: row[1] for row in connection.execute(counted.where(mine, table.c.at > now - LATELY))}
    return {each: Load(held.get(each, 0), lately.get(each, 0)) for each in held.keys() | lately.keys()}
