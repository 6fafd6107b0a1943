"""One person's working time: open or not, since when and until when, and reckoning with working hours.

Everything is worked out per day of UTC: within it the local clock is cut at its changes, so a local time that does not
exist is never open, one that exists twice is open twice, and the stretches are in order whatever the zone does.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeAlias

from rules.parts import Absence
from rules.times.holidays_of import holiday
from rules.times.hours import MIDNIGHT, Hours
from rules.times.zones import steady, zone_of
from rules.wording.words import say

__all__ = ["Shift"]

Stretch: TypeAlias = tuple[datetime, datetime]

LONGEST_CLOSED = 366
"""Who is not at work within so many days is never at work, as far as waiting for them goes."""
LONGEST_RECKONED = 3_660
"""No working time is added over more days: what is left by then passes on the wall."""
_KEPT_DAYS = 400
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_NOTHING = timedelta(0)
_INSTANT = timedelta(microseconds=1)


def _away(absences: tuple[Absence, ...], day: date) -> Absence | None:
    return next((away for away in absences if away.first <= day and (away.last is None or day <= away.last)), None)


class _Days(dict[int, tuple[Stretch, ...]]):
    """When somebody is at work on each day of UTC (by its ordinal), worked out when it is first asked for."""

    def __init__(self, hours: Hours, zone: str, absent: tuple[Absence, ...]) -> None:
        super().__init__()
        self.hours = hours
        self.zone = zone_of(zone)
        self.absent = absent

    def __missing__(self, ordinal: int) -> tuple[Stretch, ...]:
        if len(self) >= _KEPT_DAYS:
            self.clear()
        found = self[ordinal] = self._open_on(ordinal)
        return found

    def _open_on(self, ordinal: int) -> tuple[Stretch, ...]:
        midnight = datetime.combine(date.fromordinal(ordinal), time(), UTC)
        found: list[Stretch] = []
        for begin, end, offset in steady(self.zone, midnight, midnight + _DAY):
            first, last = (begin + offset).date(), (end + offset - _INSTANT).date()
            for day in (first,) if first == last else (first, last):
                if self.closed(day):
                    continue
                start = datetime.combine(day, time(), UTC) - offset
                for span in self.hours.spans:
                    if span.weekday == day.weekday():
                        opened = max(begin, start + span.start * _MINUTE)
                        closed = min(end, start + span.end * _MINUTE)
                        if found and opened < closed and found[-1][1] == opened:
                            found[-1] = (found[-1][0], closed)
                        elif opened < closed:
                            found.append((opened, closed))
        return tuple(found)

    def closed(self, day: date) -> bool:
        """Say whether nobody works on a whole local day, whatever the weekday."""
        return bool(_away(self.absent, day) or _away(self.hours.closed, day) or holiday(self.hours.holidays, day))


@lru_cache(maxsize=1 << 10)
def _days(hours: Hours, zone: str, absent: tuple[Absence, ...]) -> _Days:
    return _Days(hours, zone, absent)


class Shift:
    """The working time of one person: their hours, their absences, and `zone` (IANA), where the hours name none.

    All days (weekdays, holidays, closed days, absences) are days in that one zone, midnight to midnight: a span over
    midnight ends at midnight when the next day is a holiday. Datetimes must be aware; those that come back are in UTC.
    Cheap to make: what was worked out is shared by all shifts that are the same.
    """

    __slots__ = ("_days", "absent", "hours", "zone")

    def __init__(self, hours: Hours, zone: str, absent: tuple[Absence, ...] = ()) -> None:
        self.hours = hours
        self.zone = hours.zone or zone
        self.absent = absent
        self._days = _days(hours, self.zone, absent)

    @property
    def working_day(self) -> timedelta:
        """The average length of the days on which work begins; 24 hours for who always or never works."""
        spans = self.hours.spans
        ends = {(span.weekday + 1) % 7 for span in spans if span.end == MIDNIGHT}
        begun = {span.weekday for span in spans if span.start or span.weekday not in ends}
        minutes = sum(span.end - span.start for span in spans)
        return min(_DAY, minutes * _MINUTE / len(begun)) if begun else _DAY

    def working_time(self, after: timedelta) -> timedelta:
        """Return the working time that a rule means: a whole day is a working day, the rest is as it stands."""
        return after.days * self.working_day + (after - after.days * _DAY)

    def is_open(self, at: datetime) -> bool:
        """Say whether the person is at work."""
        moment = _utc(at)
        for begin, end in self._days[moment.toordinal()]:  # noqa: SIM110 - asked of each member for each lead; any() takes twice as long
            if begin <= moment < end:
                return True
        return False

    def why_closed(self, at: datetime) -> str:
        """Return why the person is not at work, as part of a sentence ("absent until 2026-12-31"); "" when they are."""
        if self.is_open(at):
            return ""
        day = _utc(at).astimezone(self._days.zone).date()
        away = _away(self.absent, day)
        if away:
            last = _end(self.absent, away)
            return say("closed.absent", day=last) if last else say("closed.absent.open")
        if day.weekday() in {span.weekday for span in self.hours.spans}:
            off = _away(self.hours.closed, day)
            if off:
                last = _end(self.hours.closed, off)
                return say("closed.days", day=last) if last else say("closed.days.open")
            name = holiday(self.hours.holidays, day)
            if name:
                return say("closed.holiday", name=name)
        return say("closed.hours")

    def next_open(self, at: datetime) -> datetime | None:
        """Return the first moment from `at` on when the person is at work; None when there is none within a year."""
        return next((begin for begin, _ in self._open_from(_utc(at))), None)

    def add(self, start: datetime, worked: timedelta) -> datetime:
        """Return the first moment at which the person has worked so long since `start`; `start` for nothing.

        When they are not at work for a year, what is left passes on the wall from the last moment they were.
        """
        at, left = _utc(start), max(worked, _NOTHING)
        for begin, end in self._open_from(at) if left else ():
            if end - begin >= left:
                return begin + left
            at, left = end, left - (end - begin)
        return at + left

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """Return how long the person was at work between two moments; nothing when `end` comes first."""
        first, last = _utc(start), _utc(end)
        total = _NOTHING
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            for begin, close in self._days[ordinal]:
                total += max(min(close, last) - max(begin, first), _NOTHING)
        return total

    def _open_from(self, at: datetime) -> Iterator[Stretch]:
        """Return when the person is at work from `at` on, until they are not for a year, or after ten years."""
        seen = at.toordinal()
        for ordinal in range(seen, seen + LONGEST_RECKONED):
            if ordinal - seen > LONGEST_CLOSED:
                return
            for begin, end in self._days[ordinal]:
                if end > at:
                    seen = ordinal
                    yield max(begin, at), end


def _end(absences: tuple[Absence, ...], away: Absence) -> date | None:
    """Return the last day of an absence and those that follow it without a day between; None: until further notice."""
    while away.last is not None:
        longer = _away(tuple(one for one in absences if one.last is None or one.last > away.last), away.last + _DAY)
        if longer is None:
            return away.last
        away = longer
    return None


def _utc(at: datetime) -> datetime:
    if at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise ValueError(f"{at} has no zone")
    return at.astimezone(UTC)
