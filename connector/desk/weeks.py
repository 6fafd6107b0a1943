"""A member's next seven days at a glance: for how long they can take leads on each, by their own calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias

from rules.calendar import ALWAYS, Shift
from rules.routing.seats import Seat
from rules.times.zones import zone_of

DAYS = 7
_DAY = timedelta(days=1)
_WHOLE = timedelta(hours=23)
"""The shortest day there is, when clocks are put forward: who is at work all of it always is."""

Away: TypeAlias = tuple[datetime, datetime | None]
"""From when until when somebody takes no leads; None: until further notice."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of somebody's own: hours at work and not away. `whole`: from midnight to midnight."""

    day: date
    hours: float
    whole: bool
    away: bool


def week(seat: Seat, away: Iterable[Away], at: datetime) -> tuple[Day, ...]:
    """Return the seven days from today on, in the zone of a seat's hours."""
    zone, shift = zone_of(seat.zone), seat.shift or Shift(ALWAYS, seat.zone)
    today, spans = at.astimezone(zone).date(), sorted(away, key=lambda each: each[0])
    found = []
    for day in (today + number * _DAY for number in range(DAYS)):
        begin = datetime.combine(day, time(), zone).astimezone(UTC)
        end = datetime.combine(day + _DAY, time(), zone).astimezone(UTC)
        none = seat.member.paused or not seat.user.active
        there = timedelta() if none else shift.worked(begin, end)
        gone = timedelta() if none else _within(spans, begin, end, shift)
        left = there - gone
        found.append(Day(day, round(left / timedelta(hours=1), 2), left >= _WHOLE, bool(gone) or none))
    return tuple(found)


def _within(spans: Sequence[Away], begin: datetime, end: datetime, shift: Shift) -> timedelta:
    """Return how much working time of a day somebody is away; where two absences overlap it counts once."""
    total, at = timedelta(), begin
    for first, last in spans:
        start, stop = max(first, at), min(last or end, end)
        if start < stop:
            total += shift.worked(start, stop)
            at = stop
    return total
