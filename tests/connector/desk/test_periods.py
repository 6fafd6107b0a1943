"""Periods are whole days of the viewer's own calendar, also when the clocks are changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.desk.faults import Unusable
from connector.desk.periods import period

HOUR = timedelta(hours=1)
PARIS, SAO_PAULO, KOLKATA, KIRITIMATI = map(
    ZoneInfo, ("Europe/Paris", "America/Sao_Paulo", "Asia/Kolkata", "Pacific/Kiritimati")
)


@pytest.mark.parametrize(
    ("zone", "first", "last", "start"),
    [
        (ZoneInfo("UTC"), date(2026, 11, 17), date(2026, 11, 23), datetime(2026, 11, 17, tzinfo=UTC)),
        (PARIS, date(2026, 11, 17), date(2026, 11, 23), datetime(2026, 11, 16, 23, tzinfo=UTC)),
        (SAO_PAULO, date(2026, 11, 16), date(2026, 11, 22), datetime(2026, 11, 16, 3, tzinfo=UTC)),
        (KOLKATA, date(2026, 11, 17), date(2026, 11, 23), datetime(2026, 11, 16, 18, 30, tzinfo=UTC)),
        (KIRITIMATI, date(2026, 11, 17), date(2026, 11, 23), datetime(2026, 11, 16, 10, tzinfo=UTC)),
    ],
)
def test_seven_days_end_with_the_viewers_own_today(zone: ZoneInfo, first: date, last: date, start: datetime) -> None:
    made = period("7", now=datetime(2026, 11, 23, 1, 30, tzinfo=UTC), zone=zone)
    assert (made.first, made.last, made.start) == (first, last, start)
    assert len(made.days) == 7
    assert made.end - made.start == 7 * 24 * HOUR


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (datetime(2026, 11, 23, 9, tzinfo=UTC), date(2026, 11, 16)),  # a Monday
        (datetime(2026, 11, 22, 22, 59, tzinfo=UTC), date(2026, 11, 9)),  # a Sunday, still
        (datetime(2026, 11, 22, 23, 1, tzinfo=UTC), date(2026, 11, 16)),  # Monday in Paris
        (datetime(2026, 1, 1, tzinfo=UTC), date(2025, 12, 22)),
    ],
)
def test_last_week_is_the_whole_one_before_this_from_monday_to_sunday(now: datetime, first: date) -> None:
    made = period("last-week", now=now, zone=PARIS)
    assert (made.first, made.last) == (first, first + timedelta(days=6))
    assert (made.first.weekday(), len(made.days)) == (0, 7)


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)])
def test_a_day_on_which_clocks_change_has_23_or_25_hours(day: str, hours: int) -> None:
    made = period("range", now=datetime(2026, 12, 1, tzinfo=UTC), zone=PARIS, first=day, last=day)
    assert made.end - made.start == hours * HOUR


def test_today_is_one_day_and_a_range_ends_today_at_the_latest() -> None:
    now = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert period("today", now=now, zone=PARIS).days == (date(2026, 11, 24),)
    assert period("range", now=now, zone=PARIS, first="2026-11-20", last="2027-01-01").last == date(2026, 11, 24)
    assert len(period("30", now=now, zone=PARIS).days) == 30
    assert len(period("90", now=now, zone=PARIS).days) == 90


@pytest.mark.parametrize(
    ("name", "first", "last", "field"),
    [
        ("year", "", "", "period"),
        ("range", "", "2026-11-23", "from"),
        ("range", "yesterday", "2026-11-23", "from"),
        ("range", "2026-11-01", "2026-02-30", "to"),
        ("range", "2026-11-20", "2026-11-19", "to"),
        ("range", "2026-12-01", "2026-12-02", "from"),
        ("range", "2024-01-01", "2026-11-20", "from"),
        ("range", "0001-01-01", "0001-01-02", "from"),
        ("range", "2026-11-01", "9999-12-31", "to"),
    ],
)
def test_a_period_that_nobody_can_mean_is_refused_by_its_field(name: str, first: str, last: str, field: str) -> None:
    with pytest.raises(Unusable) as refused:
        period(name, now=datetime(2026, 11, 23, tzinfo=UTC), zone=PARIS, first=first, last=last)
    assert refused.value.field == field
