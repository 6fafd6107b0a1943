"""API calls: how many an install spends, and when what it may spend is reached if it goes on like this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connector.services import Services
from connector.store import usage
from connector.store.installs import Install
from connector.store.usage import Told, Work
from jobs import budget

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is spent and what is to come; all days are those of UTC, by which Salesforce counts.

    `hours` are the calls of each of the last 24 hours, the oldest first; `ours` the same by what they were for; `today`
    those since midnight, `by_midnight` those by the next one at the rate of the last hours (`per_hour`). `granted` is
    what we may make in 24 hours (None: the CRM never said), `reached_at` when that is reached at this rate, None when
    it is not by then; `told` is what the CRM said of everybody's calls. Catching up rests at `rests_at`.
    """

    hours: tuple[tuple[datetime, int], ...]
    ours: Mapping[Work, int]
    today: int
    by_midnight: int
    per_hour: float
    granted: int | None
    rests_at: int | None
    reached_at: datetime | None
    told: Told | None

    @property
    def used(self) -> int:
        """How many calls we made in the last 24 hours."""
        return sum(self.ours.values())


def forecast(services: Services, install: Install) -> Forecast:
    """Return what an install spends. Calls of yesterday that drop out of the 24 hours meanwhile are not taken off."""
    now = services.clock()
    hour = now.replace(minute=0, second=0, microsecond=0)
    first = hour - DAY + HOUR
    with services.database.read() as connection:
        stands = budget.standing(connection, install.id, services.settings, now=now)
        counted = usage.by_hour(connection, install.id, since=first)
    since = hour - (budget.RATE_HOURS - 1) * HOUR
    per_hour = sum(count for at, count in counted.items() if at >= since) / ((now - since) / HOUR)
    midnight = hour.replace(hour=0) + DAY
    return Forecast(
        hours=tuple((first + place * HOUR, counted.get(first + place * HOUR, 0)) for place in range(24)),
        ours=stands.ours,
        today=stands.today,
        by_midnight=stands.forecast,
        per_hour=per_hour,
        granted=stands.granted,
        rests_at=stands.rests_at,
        reached_at=_reached(stands.used, stands.granted, per_hour, now, midnight),
        told=stands.told,
    )


def _reached(used: int, granted: int | None, per_hour: float, now: datetime, end: datetime) -> datetime | None:
    """Return when `granted` calls are made at this rate, if that is before `end`."""
    if granted is None:
        return None
    if used >= granted:
        return now
    if per_hour <= 0:
        return None
    at = now + (granted - used) / per_hour * HOUR
    return at if at < end else None
