"""Days, moments and spans of time: as rules write them, and as CRMs store them. Without a zone, UTC is meant."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules.faults import RuleFault
from rules.model import Value

__all__ = ["Moment", "moment", "period", "shifted", "written"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIME = re.compile(
    r"(?P<at>\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?) ?"
    r"(?P<zone>Z|UTC|[+-]\d{2}:?\d{2}|[A-Za-z]+(?:/[A-Za-z_+-]+){1,2})?",
    re.ASCII,
)
_MILLISECONDS = re.compile(r"\d{12,13}", re.ASCII)
_PERIOD = re.compile(r"(?P<count>\d{1,5})\s*(?P<unit>minute|hour|day|week|month|year)s?", re.IGNORECASE | re.ASCII)
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
_EXAMPLE = "Write a date such as 2026-01-31, or 2026-01-31 10:00 Europe/Paris."


@dataclass(frozen=True, slots=True)
class Moment:
    """A value of a time field: the moment in UTC, its day there, and whether only the day is known."""

    at: datetime
    day: date
    is_day: bool


def written(text: str) -> date | datetime | None:
    """Return the day or the moment (aware, UTC) that a rule says; None when it is neither.

    Raises RuleFault for a day, a time or a zone that there is not.
    """
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
        if found := _TIME.fullmatch(text):
            return _zoned(found["at"], found["zone"] or "Z")
    except RuleFault:
        raise
    except (ValueError, OverflowError):
        what = "day" if _DATE.fullmatch(text) else "moment"
        remedy = "Write a date such as 2026-01-31." if what == "day" else _EXAMPLE
        raise RuleFault(f"There is no {what} {text}.", remedy=remedy) from None
    return None


def _zoned(at: str, zone: str) -> datetime:
    if zone in {"Z", "UTC"} or zone[0] in "+-":
        return datetime.fromisoformat(at + zone.replace("UTC", "Z")).astimezone(UTC)
    try:
        return datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except ZoneInfoNotFoundError:
        raise RuleFault(f"There is no time zone {zone}.", remedy=_EXAMPLE) from None


def moment(value: Value) -> Moment | None:
    """Return the moment or the day that a CRM's value is; None when it is none.

    Texts are ISO 8601, or Unix milliseconds as HubSpot stores them.
    """
    if isinstance(value, datetime):
        return _of_datetime(value)
    if isinstance(value, date):
        return Moment(datetime(value.year, value.month, value.day, tzinfo=UTC), value, is_day=True)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    text = str(value).strip() if isinstance(value, int) or len(value) < 60 else ""  # noqa: PLR2004 - no time is longer
    try:
        if _MILLISECONDS.fullmatch(text):
            return _of_datetime(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(text)))
        if isinstance(value, int):
            return None
        return moment(date.fromisoformat(text) if _DATE.fullmatch(text) else datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def _of_datetime(value: datetime) -> Moment:
    try:
        at = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:  # the first or the last day there is, in a zone where UTC has another one
        at = value.replace(tzinfo=UTC)
    return Moment(at, at.date(), is_day=False)


def period(text: str) -> str:
    """Return a span of time in its canonical spelling, ``7 days``. Raises RuleFault when it is none."""
    found = _PERIOD.fullmatch(text)
    if not found or not int(found["count"]):
        raise RuleFault(f"“{text}” is no span of time.", remedy="Write it like within last 7 days, or 2 weeks.")
    count, unit = int(found["count"]), found["unit"].lower()
    return f"{count} {unit}{'' if count == 1 else 's'}"


def shifted(at: datetime, span: str, sign: int) -> datetime:
    """Return the moment so long after (`sign` 1) or before (-1); months end on their last day at most."""
    count, _, unit = span.partition(" ")
    size, unit = sign * int(count), unit.removesuffix("s")
    try:
        if unit in {"month", "year"}:
            return _months(at, size * (12 if unit == "year" else 1))
        return at + timedelta(**{f"{unit}s": size})
    except (ValueError, OverflowError):
        return _LAST if sign > 0 else _FIRST


def _months(at: datetime, count: int) -> datetime:
    years, month = divmod(at.month - 1 + count, 12)
    year = at.year + years
    if not 1 <= year <= 9999:  # noqa: PLR2004 - the years that there are
        raise ValueError("no such year")
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))
