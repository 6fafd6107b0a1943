"""Working hours, holidays, absences and the windows of caps: the door to rules.times.hours and its neighbours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from rules.faults import RuleFault
from rules.parsing.hours_reading import read_hours
from rules.parts import Absence, Window
from rules.times.holidays_of import read_holidays
from rules.times.hours import ALWAYS, Hours, Span
from rules.times.working_time import Shift
from rules.times.zones import read_zone, steady, zone_of

__all__ = [
    "ALWAYS", "Hours", "Shift", "Span", "read_absence", "read_holidays", "read_hours", "read_zone", "window",
    "window_end", "with_holidays",
]  # fmt: skip

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_ABSENCE = re.compile(
    r"(?:from\s+)?(?P<first>\d{4}-\d{1,2}-\d{1,2})"
    r"(?:\s*(?P<on>until\s+further\s+notice|on|onwards?)"
    r"|\s*(?:to|until|till|[-\u2010-\u2015])\s*(?P<last>\d{4}-\d{1,2}-\d{1,2}))?",
    re.IGNORECASE,
)
_ABSENCE_EXAMPLE = "Write 2026-12-24, 2026-12-24 to 2027-01-02, or from 2026-12-24."


def with_holidays(hours: Hours, codes: Iterable[str], closed: Iterable[Absence]) -> Hours:
    """Return hours with public holidays (``FR``, ``FR-57``) and closed days in place of those they had.

    RuleFault for an unknown code, with its column within that code.
    """
    return replace(hours, holidays=tuple(dict.fromkeys(map(read_holidays, codes))), closed=tuple(closed))


def read_absence(text: str) -> Absence:
    """Return the days that ``2026-12-24``, ``2026-12-24 to 2027-01-02`` or ``from 2026-12-24`` says; else RuleFault."""
    stripped = text.strip()
    begun = text.find(stripped) + 1
    found = _ABSENCE.fullmatch(stripped)
    if not found:
        raise RuleFault(f"“{stripped}” does not say days.", column=begun, remedy=_ABSENCE_EXAMPLE)
    first = _date(found["first"], begun + found.start("first"))
    if found["last"]:
        last = _date(found["last"], begun + found.start("last"))
        if last < first:
            remedy = f"Write {last} to {first}." if last.year == first.year else _ABSENCE_EXAMPLE
            raise RuleFault(f"{last} is before {first}.", column=begun + found.start("last"), remedy=remedy)
        return Absence(first, last)
    return Absence(first, None if found["on"] or stripped[:1] in "fF" else first)


def _date(text: str, column: int) -> date:
    year, month, day = map(int, text.split("-"))
    try:
        return date(year, month, day)
    except ValueError:
        raise RuleFault(f"There is no day {text}.", column=column, remedy="Write year-month-day.") from None


def window(per: Window, at: datetime, zone: str) -> str:
    """Return the key of the fixed window in which a moment lies: ``day 2026-11-22``, a week by its Monday.

    Windows begin with the hour, day, Monday or month of the zone (IANA). The key of an hour has its offset from UTC:
    when the clock is put back, the hour that comes twice is two windows.
    """
    local = _aware(at).astimezone(zone_of(zone))
    if per == "hour":
        return f"hour {local.isoformat(timespec='minutes')[:13]}{local:%z}"
    if per == "day":
        return f"day {local.date()}"
    if per == "week":
        return f"week {local.date() - local.weekday() * _DAY}"
    return f"month {local.date().isoformat()[:7]}"


def window_end(per: Window, at: datetime, zone: str) -> datetime:
    """Return the first moment (UTC) that belongs to the next window.

    A day whose midnight the clock skips begins when the clock is changed.
    """
    moment = _aware(at).astimezone(UTC).replace(microsecond=0)
    local = moment.astimezone(zone_of(zone)).replace(tzinfo=UTC)  # as on the wall
    ends = _next(per, local)
    if per == "hour":  # one clock change is enough to end it
        _, change, offset = next(steady(zone_of(zone), moment, moment + _HOUR))
        return min(change, ends - offset)
    for begin, end, offset in steady(zone_of(zone), moment, moment + (ends - local) + 2 * _DAY):
        if ends - offset < end:
            return max(begin, ends - offset)
    raise AssertionError(f"{zone} never comes to {ends}")  # pragma: no cover - no clock was ever put back by two days


def _next(per: Window, local: datetime) -> datetime:
    """Return where the next window begins, on the wall."""
    if per == "hour":
        return local.replace(minute=0, second=0) + _HOUR
    midnight = datetime.combine(local.date(), time(), UTC)
    if per == "day":
        return midnight + _DAY
    if per == "week":
        return midnight + (7 - local.weekday()) * _DAY
    return (midnight.replace(day=1) + 32 * _DAY).replace(day=1)


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError(f"{at} has no zone")
    return at
