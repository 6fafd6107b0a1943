"""Whether somebody whom the records or a rule name can take a lead, and when they work.

Absences stand with the members of pools, but somebody is away from everything at once. Caps, limits and a pause that
stand there are about the leads of that pool: a person is full when they are in every pool that they are in.
"""

from __future__ import annotations

from datetime import datetime

from rules.calendar import ALWAYS, Shift
from rules.clauses import compare
from rules.model import Turn, User
from rules.pools import lane
from rules.routing.case import Case
from rules.routing.seats import NOTHING, UNTOLD, Desk, Seat, counted, seating
from rules.wording.words import say


def why_not(user: User, case: Case) -> str:
    """Return why an active person cannot take this lead now, as part of a sentence; "" when they can."""
    return _why_away(user, case) or _why_full(user, case)


def is_here(user: User, case: Case) -> bool:
    """Tell whether nothing but caps and limits keeps somebody from this lead."""
    return user.active and not _why_away(user, case) and not _is_paused(user, case)


def back(user: User, case: Case) -> datetime | None:
    """Return when somebody takes leads again; seats.UNTOLD when nobody has said, None when never this one."""
    if not user.active or user.id in case.past.refused:
        return None
    until = case.work.paused.get(user.id, case.now)
    if until is None or _is_paused(user, case):
        return UNTOLD
    absent = tuple(absence for seat in _seats(user, case) for absence in seat.member.absent)
    return Shift(ALWAYS, user.zone, absent).next_open(max(until, case.now)) or UNTOLD


def _why_away(user: User, case: Case) -> str:
    if user.id in case.past.refused:
        return say("refusal.given up", user=user.name)
    if user.id in case.work.paused:
        until = case.work.paused[user.id]
        if until is None:
            return say("refusal.paused", user=user.name)
        if until > case.now:
            return say("refusal.paused.until", user=user.name, until=compare.shown(until))
    absent = tuple(absence for seat in _seats(user, case) for absence in seat.member.absent)
    if absent and (why := Shift(ALWAYS, user.zone, absent).why_closed(case.now)):
        return say("refusal.closed", user=user.name, why=why)
    return ""


def _why_full(user: User, case: Case) -> str:
    desk, pools = case.desk(), case.scene.pools_of.get(user.id, ())
    lanes = [lane(pool.name, desk.mode) for pool in pools]
    full = [_full(seat, desk, name) for seat, name in zip(_seats(user, case), lanes, strict=True)]
    return say("refusal.full", user=user.name, why=full[0]) if full and all(full) else ""


def _is_paused(user: User, case: Case) -> bool:
    """Tell whether somebody is paused in every pool that they are in."""
    seats = _seats(user, case)
    return bool(seats) and all(seat.member.paused for seat in seats)


def _seats(user: User, case: Case) -> list[Seat]:
    """Return somebody's seats in all pools."""
    desk = case.desk()
    return [seating(pool, desk).seats[user.id] for pool in case.scene.pools_of.get(user.id, ())]


def shift(user: User, turn: Turn | None, case: Case) -> Shift:
    """Return the working time of whoever takes the lead: as a member of the pool that gave it, else all the time."""
    desk = case.desk()
    pool = next(
        (each for each in case.scene.pools_of.get(user.id, ()) if turn and _is_lane(turn, each.name, desk)), None
    )
    seat = seating(pool, desk).seats.get(user.id) if pool else None
    return (seat.shift if seat else None) or Shift(ALWAYS, user.zone)


def off_work(user: User, turn: Turn | None, case: Case) -> str:
    """Return why whoever takes the lead is not at work, as part of a sentence; "" when they are, or nobody says.

    In the pool that gave it they work as they do there; else they are at work when they are so in one of their pools.
    """
    if turn is not None:
        return shift(user, turn, case).why_closed(case.now)
    shifts = [seat.shift for seat in _seats(user, case)]
    if not shifts or None in shifts:
        return ""
    closed = [each.why_closed(case.now) for each in shifts if each]
    return closed[0] if all(closed) else ""


def _is_lane(turn: Turn, pool: str, desk: Desk) -> bool:
    return turn.pool == lane(pool, desk.mode)


def _full(seat: Seat, desk: Desk, name: str) -> str:
    """Return what a member has enough of in a pool, or that they are paused there; "" when neither."""
    if seat.member.paused:
        return say("pool.why.paused")
    owned = desk.open_leads.get(seat.user.id, 0)
    if seat.open_leads is not None and owned >= seat.open_leads:
        return say("pool.why.open leads", count=owned, limit=seat.open_leads)
    counters = desk.rotation.get(name, {}).get(seat.user.id, NOTHING)
    keys = zip(seat.caps, counted(seat, desk.at), strict=True)
    cap = next((cap for cap, key in keys if counters.get(key, 0) >= cap.count), None)
    return say("pool.why.capped", cap=cap) if cap else ""
