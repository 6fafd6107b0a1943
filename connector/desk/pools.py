"""Pools: what each member received of what was due to them, who can take leads now, and the next timers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from connector.desk import rulebook
from connector.desk.called import lead_name
from connector.desk.weeks import Day, week
from connector.errors import Next
from connector.services import Services
from connector.store import absences, decisions, pauses, rotation, rulesets, timers
from connector.store.absences import Absence
from connector.store.decisions import Stored
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.pauses import Pause
from connector.store.timers import Waiting
from jobs import standings, workload
from jobs.preview import Looking
from jobs.publish import drafted
from jobs.standings import Line
from rules.calendar import window
from rules.decide import Scene
from rules.linting.reach import used_pools
from rules.model import Standing, User
from rules.parts import Cap, Pool
from rules.pools import Desk, lane
from rules.routing import seats
from rules.routing.rotation import bound
from rules.routing.seats import NOTHING
from rules.ruleset import RuleSet, RuleSetError, load

TIMERS_SHOWN = 50
"""Timers on the page, the next ones."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap of a member, and how many leads they got in the window that runs."""

    cap: Cap
    used: int


@dataclass(frozen=True, slots=True)
class Away:
    """Why somebody takes no leads of any pool now: they paused, or an absence that was planned runs.

    `until`: None is until further notice. `planned` tells which it is; `by` is the id of who did it.
    """

    until: datetime | None
    since: datetime
    by: str
    planned: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """A member of a pool. `why` they cannot take leads now ("" when they can), and when they next can, if known.

    `away` is a pause or an absence that runs, `ahead` the absences to come; `open_leads` is None where nobody counted.
    `conditions` are those of the lead for which they are a member; `zone` is where their days begin.
    """

    line: Line
    why: str
    again: datetime | None
    caps: tuple[Limit, ...]
    open_leads: int | None
    limit: int | None
    zone: str
    pause: Pause | None = None
    away: Away | None = None
    ahead: tuple[Absence, ...] = ()
    week: tuple[Day, ...] = ()
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Board:
    """A pool with its members. `strangers` are addresses that no user has; `used`: some rule leads to it.

    `record` is the id of its record, "" where that is not known.
    """

    pool: Pool
    seats: tuple[Seat, ...]
    strangers: tuple[str, ...]
    used: bool = True
    record: str = ""

    @property
    def difference(self) -> float:
        """By how many leads a member is ahead or behind at most."""
        return standings.difference([each.line for each in self.seats])

    @property
    def received(self) -> int:
        """How many leads the members received."""
        return sum(each.line.got for each in self.seats)

    @property
    def taking(self) -> int:
        """How many members can take a lead now."""
        return sum(not each.why for each in self.seats)

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
    """A timer that waits. `lead` and `holder` as its decision knew them; `to` is whom it tells.

    `working`: it was counted in the holder's working time; None where the rule says nothing of it any more.
    """

    timer: Waiting
    lead: str
    holder: User | None
    to: str
    working: bool | None


@dataclass(frozen=True, slots=True)
class Page:
    """All pools. Without `people` the CRM did not say who is who; without `rules` none are in force, or unreadable.

    `unwritten` is why standings are not written to the CRM's records, if they were refused. `drafts` are the pools that
    are drafted and not in force, as far as is known: the id of the record by name.
    """

    boards: tuple[Board, ...]
    due: tuple[Due, ...]
    people: Mapping[str, User] | None
    rules: bool
    unwritten: str
    away: Mapping[str, Away] = field(default_factory=dict)
    ahead: Mapping[str, tuple[Absence, ...]] = field(default_factory=dict)
    drafts: Mapping[str, str] = field(default_factory=dict)


def read(services: Services, install: Install) -> Page:
    """Read all pools of an install. Only the list of users may be asked of the CRM, when nobody knows it."""
    now, seal = services.clock(), services.seal(install)
    memo = StoredMemo(services.database, install.id, seal, services.clock)
    people = everyone(services, install)
    with services.database.read() as connection:
        ruleset = in_force(connection, services, install)
        scene = Scene(ruleset or RuleSet(), people or {}, install.mode)
        leave = _Leave.read(connection, install.id, now)
        desk = Desk(
            at=now,
            users=scene.by_email,
            open_leads=workload.last_known(connection, memo, install.id, install.mode),
            paused=leave.until,
            calendars=scene.ruleset.calendars,
            rotation=rotation.states(connection, install.id),
            mode=install.mode,
        )
        waiting = timers.upcoming(connection, install.id, limit=TIMERS_SHOWN)
        stored = decisions.by_keys(connection, install.id, seal, sorted({each.decision_key for each in waiting}))
        unwritten = standings.refusal(connection, install.id)
    used, records = used_pools(scene.ruleset), _records(services, install)
    boards = tuple(
        replace(_board(pool, desk, leave), used=pool.name in used, record=records.get(pool.name, ""))
        for pool in (scene.ruleset.pools.values() if people is not None else ())
    )
    drafts = {name: record for name, record in records.items() if name not in scene.ruleset.pools}
    due = tuple(_due(each, stored.get(each.decision_key), scene) for each in waiting)
    return Page(boards, due, people, ruleset is not None, unwritten, leave.away, leave.planned, drafts)


def _records(services: Services, install: Install) -> dict[str, str]:
    """Return the records of pools by their names, drafts instead of what is live; the CRM is not asked."""
    rows = drafted(rulebook.lately(services, install))
    return {each.name.strip(): each.id or "" for each in rows if each.kind.strip() == "pool"}


def everyone(services: Services, install: Install) -> dict[str, User] | None:
    """Return who can own leads, by id, also those who are not active; None when the CRM does not say who they are."""
    try:
        crm = services.crm(install)
        try:
            return Looking(services.tools, install, crm, services.seal(install)).users()
        finally:
            crm.close()
    except Next:
        return None


def in_force(connection: Connection, services: Services, install: Install) -> RuleSet | None:
    """Return the rules in force; None before the first, and where they cannot be read."""
    live = rulesets.get(connection, install.id, services.seal(install))
    try:
        return load(live.sources) if live and live.version else None
    except RuleSetError:
        return None


@dataclass(frozen=True, slots=True)
class _Leave:
    """Who is away now, by user id: until when for the router, by what for people; and what is planned."""

    until: Mapping[str, datetime | None]
    pauses: Mapping[str, Pause]
    away: Mapping[str, Away]
    planned: Mapping[str, tuple[Absence, ...]]

    @classmethod
    def read(cls, connection: Connection, install_id: str, now: datetime) -> _Leave:
        until = pauses.of(connection, install_id, now=now)
        paused = {each.user_id: each for each in pauses.every(connection, install_id, now=now)}
        planned: dict[str, tuple[Absence, ...]] = {}
        for each in absences.every(connection, install_id, now=now):
            planned[each.user_id] = (*planned.get(each.user_id, ()), each)
        away = {}
        for user_id, end in until.items():
            pause = paused.get(user_id)
            if pause:
                away[user_id] = Away(end, pause.since, pause.by, planned=False)
            else:
                first = planned[user_id][0]
                away[user_id] = Away(end, first.since, first.by, planned=True)
        return cls(until, paused, away, planned)

    def spans(self, user_id: str, now: datetime) -> list[tuple[datetime, datetime | None]]:
        own = [(each.begins_at, each.ends_at) for each in self.planned.get(user_id, ())]
        pause = self.pauses.get(user_id)
        return [*own, *([(now, pause.until)] if pause else [])]


def _board(pool: Pool, desk: Desk, leave: _Leave) -> Board:
    # Whether a condition holds depends on the lead: here everybody is a member, and the conditions are shown.
    anyone = replace(pool, members=tuple(replace(each, when=()) for each in pool.members))
    table = seats.seating(anyone, desk)
    standing: Standing = desk.rotation.get(lane(pool.name, desk.mode), {})
    conditions = {each.user: tuple(map(str, each.when)) for each in pool.members}
    found = []
    for line in standings.lines(pool, standing, desk.users):
        seat = table.seats[line.user.id]
        told = _seat(line, seat, anyone, desk, standing.get(line.user.id, NOTHING), leave)
        found.append(replace(told, conditions=conditions[seat.member.user]))
    return Board(pool, tuple(found), table.strangers)


def _seat(  # noqa: PLR0917 - all that one line of a board is made of
    line: Line, seat: seats.Seat, pool: Pool, desk: Desk, counters: Mapping[str, int], leave: _Leave
) -> Seat:
    why, user_id = seats.obstacle(seat, pool, desk, counters), line.user.id
    return Seat(
        line=line,
        why=why,
        again=seats.next_chance(seat, pool, desk, counters) if why else None,
        caps=tuple(Limit(cap, counters.get(window(cap.per, desk.at, seat.zone), 0)) for cap in seat.caps),
        open_leads=desk.open_leads.get(user_id),
        limit=seat.open_leads,
        zone=seat.zone,
        pause=leave.pauses.get(user_id),
        away=leave.away.get(user_id),
        ahead=_ahead(leave.planned.get(user_id, ()), desk.at),
        week=week(seat, leave.spans(user_id, desk.at), desk.at),
    )


def _ahead(planned: Sequence[Absence], now: datetime) -> tuple[Absence, ...]:
    return tuple(each for each in planned if each.begins_at > now)


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
