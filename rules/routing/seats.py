"""Who sits in a pool, whether they can take a lead now, why not, and when they next could."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from rules.calendar import ALWAYS, Hours, Shift, window, window_end
from rules.model import Mode, Standing, User, Value
from rules.parts import Calendar, Cap, Member, Pool
from rules.wording.words import say

__all__ = [
    "NOTHING", "UNTOLD", "Desk", "Seat", "Seating", "back", "counted", "next_chance", "obstacle", "overrun", "seating",
]  # fmt: skip

NOTHING: Mapping[str, int] = MappingProxyType({})
_NO_CALENDARS: Mapping[str, Calendar] = MappingProxyType({})

UNTOLD = datetime.max.replace(tzinfo=UTC)
"""When somebody is back of whom nobody has said when."""

_ROUNDS_KEPT = 4
_POOLS_KEPT = 4096
_STEPS = 50
"""Obstacles that are looked past for somebody's next chance: caps and shifts end one after the other."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a pool needs to know beside its text to give a lead away at the moment `at`.

    `users` are by e-mail address (who sits where is worked out once for a mapping of users, so a change of users comes
    as a new mapping). Everything else is by user id: `open_leads` each has now, `paused` who takes no leads until when
    (None: until further notice), `holder` who has this lead by our earlier decision, `before` who had it, the oldest
    first, `neighbours` who has leads of the same account, the latest first, `refused` who must not get this lead now.
    `rotation` is the standing of each lane, `facts` what conditions ask about.
    """

    at: datetime
    users: Mapping[str, User]
    open_leads: Mapping[str, int] = field(default_factory=dict)
    paused: Mapping[str, datetime | None] = field(default_factory=dict)
    calendars: Mapping[str, Calendar] = field(default_factory=lambda: _NO_CALENDARS)  # one, as seatings go by identity
    rotation: Mapping[str, Standing] = field(default_factory=dict)
    facts: Mapping[str, Value] = field(default_factory=dict)
    mode: Mode = "act"
    holder: str | None = None
    before: tuple[str, ...] = ()
    neighbours: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seat:
    """A member who is a user of the CRM, with what holds for them: their own caps, limit and hours, or the pool's.

    `zone` is where their days begin: the zone of their hours, else their own. `easy`: they can always take a lead, as
    far as the text and the CRM say.
    """

    user: User
    member: Member
    caps: tuple[Cap, ...]
    open_leads: int | None
    shift: Shift | None
    zone: str
    easy: bool


@dataclass(frozen=True, slots=True)
class Seating:
    """The seats of a pool by user id, in the order of the text, and the addresses that no user has."""

    seats: Mapping[str, Seat]
    weights: Mapping[str, int]
    strangers: tuple[str, ...]
    easy: bool


@dataclass(frozen=True, slots=True)
class _Round:
    """The seatings that were worked out for one mapping of users; all are held so that their ids stay theirs."""

    users: Mapping[str, User]
    calendars: Mapping[str, Calendar]
    pools: dict[int, tuple[Pool, Seating]] = field(default_factory=dict)


_rounds: dict[tuple[int, int], _Round] = {}


def seating(pool: Pool, desk: Desk) -> Seating:
    """Return who sits in a pool. It is worked out once for a pool and a mapping of users (both by identity)."""
    key = (id(desk.users), id(desk.calendars))
    held = _rounds.get(key)
    if held is None:
        for oldest in list(_rounds)[: 1 - _ROUNDS_KEPT]:
            _rounds.pop(oldest, None)
        held = _rounds[key] = _Round(desk.users, desk.calendars)
    found = held.pools.get(id(pool))
    if found is None:
        if len(held.pools) >= _POOLS_KEPT:
            held.pools.clear()
        found = held.pools[id(pool)] = (pool, _seated(pool, desk))
    return found[1]


def _seated(pool: Pool, desk: Desk) -> Seating:
    """Seat the members: two addresses of one user are one seat, by the first entry."""
    seats: dict[str, Seat] = {}
    for member in pool.members:
        user = desk.users.get(member.user)
        if user and user.id not in seats:
            seats[user.id] = _seat(pool, member, user, desk.calendars)
    strangers = tuple(member.user for member in pool.members if member.user not in desk.users)
    weights = {id_: seat.member.weight for id_, seat in seats.items()}
    return Seating(seats, weights, strangers, easy=all(seat.easy for seat in seats.values()))


def _seat(pool: Pool, member: Member, user: User, calendars: Mapping[str, Calendar]) -> Seat:
    hours = _hours(pool, member, calendars)
    caps = member.caps or pool.caps
    limit = member.open_leads if member.open_leads is not None else pool.open_leads
    shift = Shift(hours or ALWAYS, user.zone, member.absent) if hours or member.absent else None
    zone = (hours.zone if hours else "") or user.zone
    easy = user.active and not (caps or shift or member.when or member.paused) and limit is None
    return Seat(user, member, caps, limit, shift, zone, easy)


def _hours(pool: Pool, member: Member, calendars: Mapping[str, Calendar]) -> Hours | None:
    """Return the hours of the member, of their calendar, of the pool, of its calendar: the first there is."""
    if member.hours or member.calendar:
        return member.hours or calendars[member.calendar].hours
    return pool.hours or (calendars[pool.calendar].hours if pool.calendar else None)


def counted(seat: Seat, at: datetime) -> list[str]:
    """Return the keys of the windows of the seat's caps at this moment."""
    return [window(cap.per, at, seat.zone) for cap in seat.caps]


def obstacle(seat: Seat, pool: Pool, desk: Desk, counters: Mapping[str, int]) -> str:
    """Return why this seat cannot take the lead now, as part of a sentence; "" when it can.

    `counters` are the member's own in the standing of the lane.
    """
    if lasting := _lasting(seat, pool, desk):
        return lasting
    if away := _away(seat, desk):
        return away
    full = _full(seat, desk.at, counters)
    return say("pool.why.capped", cap=full) if full else ""


def overrun(seat: Seat, pool: Pool, desk: Desk, counters: Mapping[str, int]) -> int | None:
    """Return by how many leads this seat is over its caps and its limit; None when anything else rules it out."""
    if _unfit(seat, pool, desk) or _paused(seat, desk) or _away(seat, desk):
        return None
    over = [counters.get(key, 0) - cap.count for cap, key in zip(seat.caps, counted(seat, desk.at), strict=True)]
    if seat.open_leads is not None:
        over.append(desk.open_leads.get(seat.user.id, 0) - seat.open_leads)
    return max(over, default=0)


def back(seat: Seat, pool: Pool, desk: Desk) -> datetime | None:
    """Return when this seat is at work again, whatever its caps; UNTOLD when nobody has said, None when it is no help.

    It is none when the user is not active, or must not get this lead.
    """
    if _unfit(seat, pool, desk):
        return None
    if _paused(seat, desk):
        return UNTOLD
    until = _paused_until(seat, desk)
    at = max(desk.at, until) if until else desk.at
    if seat.shift and not seat.shift.is_open(at):
        return seat.shift.next_open(at) or UNTOLD
    return at


def _lasting(seat: Seat, pool: Pool, desk: Desk) -> str:
    """Return an obstacle that no time of day takes away."""
    if unfit := _unfit(seat, pool, desk):
        return unfit
    if _paused(seat, desk):
        return say("pool.why.paused")
    owned = desk.open_leads.get(seat.user.id, 0)
    if seat.open_leads is not None and owned >= seat.open_leads:
        return say("pool.why.open leads", count=owned, limit=seat.open_leads)
    return ""


def _unfit(seat: Seat, pool: Pool, desk: Desk) -> str:
    """Return why this seat is not for this lead at all."""
    user = seat.user
    if not user.active:
        return say("pool.why.inactive")
    if user.id in desk.refused:
        return say("pool.why.refused")
    if pool.never_back and user.id in desk.before:
        return say("pool.why.before")
    for part in seat.member.when:
        held, found = part.holds(desk.facts)
        if not held:
            return say("pool.why.when", condition=part, found=found)
    return ""


def _paused(seat: Seat, desk: Desk) -> bool:
    """Tell whether they take no leads until further notice."""
    return seat.member.paused or (seat.user.id in desk.paused and desk.paused[seat.user.id] is None)


def _away(seat: Seat, desk: Desk) -> str:
    """Return why this seat takes no leads at this moment, though it will at another."""
    if (until := _paused_until(seat, desk)) and until > desk.at:
        return say("pool.why.paused until", until=f"{until.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    if seat.shift and not seat.shift.is_open(desk.at):
        return seat.shift.why_closed(desk.at)
    return ""


def _paused_until(seat: Seat, desk: Desk) -> datetime | None:
    return desk.paused.get(seat.user.id)


def _full(seat: Seat, at: datetime, counters: Mapping[str, int]) -> Cap | None:
    for cap in seat.caps:
        # Most often nothing was counted that high, and the window need not be worked out.
        high = any(count >= cap.count and key.startswith(cap.per) for key, count in counters.items())
        if high and counters.get(window(cap.per, at, seat.zone), 0) >= cap.count:
            return cap
    return None


def next_chance(seat: Seat, pool: Pool, desk: Desk, counters: Mapping[str, int]) -> datetime | None:
    """Return when this seat can take a lead, as far as shifts, absences, caps and pauses say; None when they do not."""
    if _lasting(seat, pool, desk):
        return None
    until = _paused_until(seat, desk)
    at = max(desk.at, until) if until else desk.at
    for _ in range(_STEPS):
        if seat.shift and not seat.shift.is_open(at):
            opens = seat.shift.next_open(at)
            if opens is None:
                return None
            at = opens
        full = _full(seat, at, counters)
        if full is None:
            return at
        at = window_end(full.per, at, seat.zone)
    return None
