"""Whether somebody whom the records or a rule name can take a lead, and when they work.

Absences stand with the members of pools, but somebody is away from everything at once. Caps, limits and a pause that
stand there are about the leads of that pool: a person is full when they are in every pool that they are in.
"""

from __future__ import annotations

from rules import compare
from rules.calendar import ALWAYS, Shift
from rules.case import Case
from rules.model import Turn, User
from rules.pools import lane
from rules.seats import NOTHING, Desk, Seat, counted, seating
from rules.words import say


def why_not(user: User, case: Case) -> str:
    """Return why an active person cannot take this lead now, as part of a sentence; "" when they can."""
    if user.id in case.past.refused:
        return say("refusal.given up", user=user.name)
    if user.id in case.work.paused:
        until = case.work.paused[user.id]
        if until is None:
            return say("refusal.paused", user=user.name)
        if until > case.now:
            return say("refusal.paused.until", user=user.name, until=compare.shown(until))
    desk, pools = case.desk(), case.scene.pools_of.get(user.id, ())
    seats = [(lane(pool.name, desk.mode), seating(pool, desk).seats[user.id]) for pool in pools]
    absent = tuple(absence for _, seat in seats for absence in seat.member.absent)
    if absent and (why := Shift(ALWAYS, user.zone, absent).why_closed(case.now)):
        return say("refusal.closed", user=user.name, why=why)
    full = [_full(seat, desk, name) for name, seat in seats]
    return say("refusal.full", user=user.name, why=full[0]) if full and all(full) else ""


def shift(user: User, turn: Turn | None, case: Case) -> Shift:
    """Return the working time of whoever takes the lead: as a member of the pool that gave it, else all the time."""
    desk = case.desk()
    pool = next(
        (each for each in case.scene.pools_of.get(user.id, ()) if turn and _is_lane(turn, each.name, desk)), None
    )
    seat = seating(pool, desk).seats.get(user.id) if pool else None
    return (seat.shift if seat else None) or Shift(ALWAYS, user.zone)


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
