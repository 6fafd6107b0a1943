"""What the page Pools shows: what each member of a pool received, who can take leads now, and the next timers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from connector.errors import Next
from connector.store import decisions, pauses, rotation, rulesets, timers
from connector.store.decisions import Stored
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.pauses import Pause
from connector.store.timers import Waiting
from connector.web.access import services
from connector.web.story import lead_name
from jobs import standings, workload
from jobs.preview import Looking
from jobs.standings import Line
from rules import seats
from rules.calendar import window
from rules.decide import Scene
from rules.model import User
from rules.parts import Pool
from rules.pools import Desk, lane
from rules.rotation import bound
from rules.ruleset import RuleSet, RuleSetError, load
from rules.seats import NOTHING

TIMERS_SHOWN = 50
"""Timers on the page, the next ones."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A member on the page. `why` they cannot take leads now ("" when they can), and when they next can, if known.

    `caps` say what they got in the windows that run ("3 of 10 per day"); `open_leads` is None where nobody counted.
    `pause` is one that a click made and a click ends; `conditions` are those of the lead for which they are a member.
    """

    line: Line
    why: str
    again: datetime | None
    caps: tuple[str, ...]
    open_leads: int | None
    limit: int | None
    pause: Pause | None = None
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """A pool on the page. `strangers` are addresses that no user has; `farthest` is the longest bar, in leads."""

    pool: Pool
    seats: tuple[Seat, ...]
    strangers: tuple[str, ...]

    @property
    def difference(self) -> float:
        """By how many leads a member is ahead or behind at most."""
        return standings.difference([each.line for each in self.seats])

    @property
    def received(self) -> int:
        """How many leads the members received."""
        return sum(each.line.got for each in self.seats)

    @property
    def farthest(self) -> float:
        """The length of the longest bar, in leads."""
        return max((max(each.line.got, each.line.entitled) for each in self.seats), default=0.0) or 1.0

    @property
    def bound(self) -> float:
        """What no difference passes while at most so many members are in the pool at once, in leads."""
        return bound(len(self.seats))


@dataclass(frozen=True, slots=True)
class Due:
    """A timer on the page. `lead` and `holder` as its decision knew them; `to` is whom it tells.

    `working`: it was counted in the holder's working time; None where the rule says nothing of it any more.
    """

    timer: Waiting
    lead: str
    holder: User | None
    to: str
    working: bool | None


@dataclass(frozen=True, slots=True)
class Page:
    """The page. Without `people` the CRM did not say who is who; without `rules` none are in force, or unreadable."""

    boards: tuple[Board, ...]
    due: tuple[Due, ...]
    people: Mapping[str, User] | None
    rules: bool
    unwritten: str
    """Why standings are not written to the CRM's records, if they were refused."""


def read(install: Install) -> Page:
    """Read everything that the page shows. Only the list of users may be asked of the CRM, when nobody knows it."""
    here, seal = services(), services().seal(install)
    now, memo = here.clock(), StoredMemo(here.database, install.id, seal, here.clock)
    people = _people(install)
    with here.database.read() as connection:
        ruleset = _in_force(connection, install)
        scene = Scene(ruleset or RuleSet(), people or {}, install.mode)
        paused = {each.user_id: each for each in pauses.every(connection, install.id, now=now)}
        desk = Desk(
            at=now,
            users=scene.by_email,
            open_leads=workload.last_known(connection, memo, install.id, install.mode),
            paused={id_: each.until for id_, each in paused.items()},
            calendars=scene.ruleset.calendars,
            rotation=rotation.states(connection, install.id),
            mode=install.mode,
        )
        waiting = timers.upcoming(connection, install.id, limit=TIMERS_SHOWN)
        stored = decisions.by_keys(connection, install.id, seal, sorted({each.decision_key for each in waiting}))
        unwritten = standings.refusal(connection, install.id)
    boards = tuple(_board(pool, desk, paused) for pool in scene.ruleset.pools.values()) if people is not None else ()
    due = tuple(_due(each, stored.get(each.decision_key), scene) for each in waiting)
    return Page(boards, due, people, ruleset is not None, unwritten)


def _people(install: Install) -> Mapping[str, User] | None:
    """Return the users by id; None when the CRM does not say who they are."""
    here = services()
    try:
        crm = here.crm(install)
        try:
            return Looking(here.tools, install, crm, here.seal(install)).users()
        finally:
            crm.close()
    except Next:
        return None


def _in_force(connection: Connection, install: Install) -> RuleSet | None:
    live = rulesets.get(connection, install.id, services().seal(install))
    try:
        return load(live.sources) if live and live.version else None
    except RuleSetError:
        return None


def _board(pool: Pool, desk: Desk, paused: Mapping[str, Pause]) -> Board:
    # Whether a condition holds depends on the lead: here everybody is a member, and the conditions are shown.
    anyone = replace(pool, members=tuple(replace(each, when=()) for each in pool.members))
    table = seats.seating(anyone, desk)
    standing = desk.rotation.get(lane(pool.name, desk.mode), {})
    conditions = {each.user: tuple(map(str, each.when)) for each in pool.members}
    found = []
    for line in standings.lines(pool, standing, desk.users):
        seat = table.seats[line.user.id]
        told = _seat(line, seat, anyone, desk, standing.get(line.user.id, NOTHING))
        found.append(replace(told, pause=paused.get(line.user.id), conditions=conditions[seat.member.user]))
    return Board(pool, tuple(found), table.strangers)


def _seat(line: Line, seat: seats.Seat, pool: Pool, desk: Desk, counters: Mapping[str, int]) -> Seat:
    why = seats.obstacle(seat, pool, desk, counters)
    return Seat(
        line=line,
        why=why,
        again=seats.next_chance(seat, pool, desk, counters) if why else None,
        caps=tuple(f"{counters.get(window(cap.per, desk.at, seat.zone), 0)} of {cap}" for cap in seat.caps),
        open_leads=desk.open_leads.get(line.user.id),
        limit=seat.open_leads,
    )


def _due(timer: Waiting, stored: Stored | None, scene: Scene) -> Due:
    """Return a timer with what its decision says of it; the decision of a timer that waits is kept."""
    if stored is None:
        return Due(timer, timer.lead_id, None, "", None)
    decision = stored.decision
    set_ = decision.timers[timer.step] if timer.step < len(decision.timers) else None
    rule = scene.rules.get(decision.route.rule)
    working = None
    if set_ is not None and rule is not None and set_.step < len(rule.escalate):
        step = rule.escalate[set_.step]
        working = step.working if step.step == timer.kind else None
    holder = decision.route.assignee
    holder = scene.users.get(holder.id, holder) if holder else None
    return Due(timer, lead_name(decision.lead), holder, set_.to if set_ else "", working)
