"""The budget of API calls: an org's calls are everybody's, so we spend a share of them, on live leads first.

Salesforce counts the calls of all apps over 24 hours and refuses the next one when they are gone. Live work therefore
never stops by itself; it stops when the CRM says so (jobs/policy.py) and goes on when there are calls again. What only
catches up rests before that: at part of our share, or when the org as a whole comes near its end.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import structlog
from sqlalchemy import Connection

from connector import urgency
from connector.settings import Settings
from connector.store import progress, timers, usage
from connector.store.base import Database
from connector.store.progress import Progress
from connector.store.usage import Told, Work
from jobs.shift import Shift
from rules.wording.words import english

log = structlog.get_logger()

Stop: TypeAlias = tuple[float, float]

STOPS: Mapping[Work, Stop] = {"backfill": (0.8, 0.9), "poll": (1.0, 0.95)}
"""At which part of our share, or of all the org's calls, work that can wait rests. Comparing what changed rests last,
and beyond our share it only slows down: while Salesforce delivers no events, it is how new leads are found. What is
not named never rests."""
REST = timedelta(minutes=15)
"""How long it rests before it is looked at again: the calls of 24 hours ago drop out by the hour."""
TOLD_FOR = timedelta(minutes=15)
"""How long we go by what the CRM said: who makes no call hears of no change, and would rest for ever."""
DAY = timedelta(hours=24)
RATE_HOURS = 3
"""Hours that the forecast goes by: enough to even out a burst, few enough to follow the working day."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an install stands. `ours` are our calls of the last 24 hours by kind of work, `today` those since midnight.

    `told` is what the CRM said of everybody's calls, `granted` our share of them (None: it never said), `forecast`
    how many calls we shall have made by the next midnight UTC at the rate of the last hours.
    """

    ours: Mapping[Work, int]
    today: int
    told: Told | None
    granted: int | None
    forecast: int

    @property
    def used(self) -> int:
        """How many calls we made in the last 24 hours."""
        return sum(self.ours.values())

    @property
    def rests_at(self) -> int | None:
        """At how many of our calls catching up rests; None where the CRM has no daily limit that we know of."""
        return None if self.granted is None else int(self.granted * STOPS["backfill"][0])


def standing(connection: Connection, install_id: str, settings: Settings, *, now: datetime) -> Standing:
    """Return where an install stands now."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    midnight = hour.replace(hour=0)
    ours = usage.spent(connection, install_id, since=hour - DAY + timedelta(hours=1))
    today = usage.spent(connection, install_id, since=midnight).total()
    first = hour - timedelta(hours=RATE_HOURS - 1)
    rate = usage.spent(connection, install_id, since=first).total() / ((now - first) / timedelta(hours=1))
    left = (midnight + DAY - now) / timedelta(hours=1)
    told = usage.told(connection, install_id)
    granted = int(told.allowance.total * settings.salesforce_api_share) if told else None
    return Standing(ours, today, told, granted, round(today + rate * left))


def why_not(stands: Standing, work: Work, *, now: datetime, rested: bool = False) -> str:
    """Return why this kind of work must rest now, as a sentence for people; empty when it may go on.

    `rested`: it has rested already, so that a comparison goes on for a page.
    """
    if work not in STOPS or stands.told is None or stands.granted is None:
        return ""
    of_share, of_org = STOPS[work]
    if stands.used >= stands.granted * of_share and not (rested and work == "poll"):
        return english("work.rests", used=f"{stands.used:,}", granted=f"{stands.granted:,}")
    everybody = stands.told.allowance
    if now - stands.told.at < TOLD_FOR and everybody.used >= everybody.total * of_org:
        return english("work.rests.org", used=f"{everybody.used:,}", granted=f"{everybody.total:,}")
    return ""


def allowed(shift: Shift, due: Mapping[str, Progress]) -> dict[str, Progress]:
    """Return the long work that may go on; what must rest is put off, with the reason shown beside it."""
    wanted = {name: kind_of(name) for name in due}
    if not any(kind in STOPS for kind in wanted.values()):
        return dict(due)
    now = shift.tools.clock()
    with shift.read() as connection:
        stands = standing(connection, shift.install.id, shift.tools.settings, now=now)
    found = {name: why_not(stands, kind, now=now, rested=bool(due[name].reason)) for name, kind in wanted.items()}
    reasons = {name: reason for name, reason in found.items() if reason}
    if reasons:
        with shift.write() as connection:
            for name, reason in reasons.items():
                progress.move(connection, shift.install.id, name, now=now, not_before=now + REST, reason=reason)
        log.info("rests to save calls", install=shift.install.id, work=sorted(reasons))
    return {name: each for name, each in due.items() if name not in reasons}


def kind_of(name: str) -> Work:
    """Return what kind of work a row of progress is, by its name (``backfill:lead``, ``reconcile:account``)."""
    head = name.partition(":")[0]
    if head in {"backfill", "cleanup", "expire", "match", "move", "recall", "try", "responses"}:
        return "backfill"
    if head in {"reconcile", "compare"}:
        return "poll"
    # A person waits for an undo and for what they accepted, and held leads wait for their answer.
    return "live" if head in {"undo", "answers"} or name == timers.ASK_ALL else "other"


class Meter:
    """Counts the calls of one drain by what they were made for."""

    def __init__(self, shift: Shift) -> None:
        self._shift = shift
        self._seen = shift.crm.calls
        self._work: Work = "other"
        self._spent: Counter[Work] = Counter()

    @contextlib.contextmanager
    def on(self, work: Work) -> Iterator[None]:
        """Count the calls of the block as made for `work`; around it they are `other`."""
        self._book()
        self._work = work
        try:
            with urgency.patient(work in STOPS):
                yield
        finally:
            self._book()
            self._work = "other"

    def keep(self) -> None:
        """Write down what was counted since the last time, and what the CRM said; one transaction, none for nothing."""
        self._book()
        if not self._spent:
            return
        install_id, now = self._shift.install.id, self._shift.tools.clock()
        allowance = self._shift.crm.allowance
        self._book()
        # Without the lease: the calls were made, whoever has it now.
        database: Database = self._shift.tools.database
        with database.write() as connection:
            usage.add(connection, install_id, self._spent, now=now)
            if allowance is not None:
                usage.tell(connection, install_id, allowance, now=now)
        self._spent.clear()

    def _book(self) -> None:
        calls = self._shift.crm.calls
        if calls > self._seen:
            self._spent[self._work] += calls - self._seen
        self._seen = calls
