"""Weeks, zones and clock changes for the tests of working time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from rules.calendar import (
    Hours,
    Span,
    read_hours,
)
from rules.times.hours import MIDNIGHT, normal

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
OFFICE = read_hours("Mon-Fri 09:00-18:00")
ZONES = (
    "UTC", "Europe/Paris", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Beirut",
    "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia", "Pacific/Kiritimati", "America/Nuuk", "Africa/Cairo",
    "Africa/Casablanca", "America/St_Johns", "Atlantic/Azores",
)  # fmt: skip
CHANGES = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),  # Europe
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC),  # New York
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),  # Lord Howe, by half an hour
    datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 3, 28, 22, tzinfo=UTC),  # Beirut skips its midnight
    datetime(2011, 12, 30, 10, tzinfo=UTC),  # Samoa skips a day
    datetime(2007, 11, 4, 2, 31, tzinfo=UTC),  # St John's goes back over midnight
    datetime(2028, 2, 29, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 12, tzinfo=UTC),
)
SPANS = st.builds(
    lambda day, start, length: Span(day, start, min(start + length, MIDNIGHT)),
    st.integers(0, 6),
    st.integers(0, MIDNIGHT - 1),
    st.integers(1, MIDNIGHT),
)
WEEKS = st.lists(SPANS, min_size=1, max_size=9).map(lambda found: Hours(normal(found)))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
