"""The sandbox's times, in the formats that Salesforce writes and reads."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

_DATETIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?(Z|[+-]\d\d:?\d\d)\Z")


def now() -> datetime:
    """The current moment, UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """``2026-01-02T03:04:05.678+0000``: how REST writes a datetime, and how it is stored (it sorts as text)."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def parse_datetime(text: str) -> datetime | None:
    """Read an ISO 8601 datetime with an offset; None when it is none."""
    match = _DATETIME.match(text)
    if match is None:
        return None
    day, clock, fraction, zone = match.groups()
    zone = "+00:00" if zone == "Z" else (zone if ":" in zone else f"{zone[:3]}:{zone[3:]}")
    try:
        return datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:3].ljust(3, '0')}000{zone}")
    except ValueError:
        return None


def parse_date(text: str) -> date | None:
    """Read ``YYYY-MM-DD``; None when it is none."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
    except ValueError:
        return None


def millis(text: str) -> int:
    """Milliseconds since 1970 of a stored datetime or date (a date is its midnight, UTC)."""
    if "T" in text:
        moment = parse_datetime(text)
        return 0 if moment is None else round(moment.timestamp() * 1000)
    day = date.fromisoformat(text)
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
