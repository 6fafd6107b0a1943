"""Periods that reports look at: whole days by somebody's own calendar, also where a day has 23 or 25 hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias, get_args
from zoneinfo import ZoneInfo

from connector.desk.faults import Unusable
from connector.store import tallies

Name: TypeAlias = Literal["today", "7", "last-week", "30", "90", "range"]

NAMES: tuple[Name, ...] = get_args(Name)
LAST_WEEK: Name = "last-week"
"""From Monday to Sunday, as in the caps of pools; also where weeks begin on another day."""
LENGTHS: dict[str, int] = {"today": 1, "7": 7, "30": 30, "90": 90}
LONGEST = tallies.KEPT.days
DAY = timedelta(days=1)
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
"""Days that anybody asks about; a moment near the ends of the calendar has no UTC."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days of a zone, from `first` to `last`, both in it; `start` to before `end` as moments in UTC."""

    name: Name
    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        """When the first day begins."""
        return midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """When the day after the last begins."""
        return midnight(self.last + DAY, self.zone)

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of it."""
        return tuple(self.first + place * DAY for place in range((self.last - self.first).days + 1))

    def day_of(self, moment: datetime) -> date:
        """Return the day of a moment in the period's zone."""
        return moment.astimezone(self.zone).date()


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins in a zone, in UTC; where its clocks skip midnight, when they go on."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def period(name: str, *, now: datetime, zone: ZoneInfo, first: str = "", last: str = "") -> Period:
    """Return the period of a name: days that end today, the last whole week, or (``range``) from `first` to `last`.

    `first` and `last` are ISO dates. Raises Unusable for another name, for what is no date, and for a period that ends
    before it begins, begins in the future or is longer than is known.
    """
    today = now.astimezone(zone).date()
    chosen = next((each for each in NAMES if each == name), None)
    if chosen is None:
        raise Unusable("There is no period “%(name)s”.", name=name, field="period")
    if chosen == LAST_WEEK:
        monday = today - (today.weekday() + 7) * DAY
        return Period(chosen, monday, monday + 6 * DAY, zone)
    if chosen != "range":
        return Period(chosen, today - (LENGTHS[chosen] - 1) * DAY, today, zone)
    begins, ends = day(first, "from"), day(last, "to")
    if ends < begins:
        raise Unusable("The period ends before it begins.", field="to")
    if begins > today:
        raise Unusable("The period begins in the future.", field="from")
    if (ends - begins).days >= LONGEST:
        raise Unusable("Choose at most %(days)s days.", days=LONGEST, field="from")
    return Period(chosen, begins, min(ends, today), zone)


def day(text: str, field: str) -> date:
    """Return a day from its ISO form. Raises Unusable for what is none, or is out of all that anybody decided in."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not EARLIEST <= found <= LATEST:
        raise Unusable("Write the day like 2026-11-23.", field=field)
    return found
