"""Reports: how fast leads reach their owners, how many found their account, who answers, who has how much.

All is added up from tallies (connector/store/tallies.py), which know no lead. They begin when an install is connected
or its database was lost; :attr:`Report.since` says when.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, get_args

from connector.desk import directory, rule_words
from connector.desk.periods import Period
from connector.services import Services
from connector.store import responses, rulesets, tallies
from connector.store.counting import ANSWERS, SPEEDS, Unmatched
from connector.store.installs import Install
from connector.store.rulesets import Live
from connector.store.tallies import Label
from rules.model import Outcome

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Bucket:
    """So many took at most `upto` (seconds or minutes), and longer than those of the bucket before; None: longer."""

    upto: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Spread:
    """How long something took: the buckets that hold anything and those between, and what half, 90 % and 99 % took.

    The three are None where there is nothing; within a bucket they are interpolated.
    """

    buckets: tuple[Bucket, ...] = ()
    count: int = 0
    p50: float | None = None
    p90: float | None = None
    p99: float | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """How leads of a source were matched; `name` is "" for those that name none, … for all beyond the first."""

    name: str
    matched: int = 0
    review: int = 0
    none: int = 0

    @property
    def total(self) -> int:
        """How many there were."""
        return self.matched + self.review + self.none

    @property
    def rate(self) -> float:
        """The share that was matched, 0 to 1."""
        return self.matched / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of waiting for answers; `none`: the lead was gone, or somebody else's, before its time was over."""

    in_time: int = 0
    late: int = 0
    never: int = 0
    none: int = 0

    @property
    def asked(self) -> int:
        """How many had to be answered."""
        return self.in_time + self.late + self.never

    @property
    def kept(self) -> float | None:
        """The share that was answered in time, 0 to 1; None when none had to be."""
        return self.in_time / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class Rep:
    """A person (or queue): how many leads they got on each day of the period, and how they answered.

    `overdue` are leads of whatever day that wait past their time now.
    """

    user_id: str
    name: str
    per_day: tuple[int, ...]
    answers: Answers = Answers()
    overdue: int = 0

    @property
    def total(self) -> int:
        """How many they got."""
        return sum(self.per_day)


@dataclass(frozen=True, slots=True)
class Day:
    """A day: how many decisions of each outcome; only those that there were."""

    day: date
    outcomes: Mapping[Outcome, int]

    @property
    def total(self) -> int:
        """How many decisions."""
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour of a day of which nothing else is reported, from `at` on: how many decisions of each outcome."""

    at: datetime
    outcomes: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True)
class Report:
    """What a period came to. `since`: when counting began if that is within it, None when it covers all of it.

    `hours` are those of a period of one day, none of a longer one.

    `speed` is in seconds from the event until owner or task was written, `answered` in minutes from then until somebody
    worked on the lead. `reps` are who got leads (assigned and suggested), most of them first. `rules` has those in
    force that caught nothing, too.
    """

    period: Period
    since: datetime | None
    is_empty: bool
    days: tuple[Day, ...]
    hours: tuple[Hour, ...]
    speed: Spread
    sources: tuple[Source, ...]
    unmatched: Mapping[Unmatched, int]
    answers: Answers
    answered: Spread
    reps: tuple[Rep, ...]
    rules: Mapping[str, int]
    pools: Mapping[str, int]

    @property
    def overdue(self) -> int:
        """How many leads wait for an answer past their time now, whenever they came."""
        return sum(each.overdue for each in self.reps)


def caught(services: Services, install: Install, days: int = 30) -> Mapping[str, int]:
    """Return how many leads each rule decided about in the last days, by the rule's name."""
    # Ahead of our clock, too: that of the worker who counted may be.
    since, until = services.clock() - timedelta(days=days), services.clock() + HOUR
    counts: Counter[str] = Counter()
    with services.database.read() as connection:
        for _, more in tallies.read(connection, install.id, services.seal(install), since=since, until=until):
            counts.update(more)
    return _of(tallies.labelled(counts), "rule")


def report(services: Services, install: Install, period: Period) -> Report:
    """Return what a period came to."""
    days: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    hours: dict[datetime, Counter[str]] = defaultdict(Counter)
    with services.database.read() as connection:
        first = tallies.first(connection, install.id)
        seal = services.seal(install)
        live = rulesets.get(connection, install.id, seal)
        overdue = responses.overdue(connection, install.id, now=services.clock())
        for slot, counts in tallies.read(connection, install.id, seal, since=period.start, until=period.end):
            # Counter.update asks more of each label: a third of the time of a long report.
            day = days[period.day_of(slot)]
            for label, count in counts.items():
                day[label] += count
            if period.first == period.last:
                hours[slot - (slot - period.start) % HOUR].update(counts)
    by_day = {day: tallies.labelled(counts) for day, counts in days.items()}
    by_hour = {hour: tallies.labelled(counts) for hour, counts in hours.items()}
    every: Counter[Label] = Counter()
    for each in by_day.values():
        every.update(each)
    return Report(
        period=period,
        since=first if first is not None and first > period.start else None,
        is_empty=not every,
        days=tuple(Day(day, _outcomes(by_day.get(day, Counter()))) for day in period.days),
        hours=_hours(period, by_hour) if period.first == period.last else (),
        speed=_spread(SPEEDS, _of(every, "speed")),
        sources=_sources(every),
        unmatched={why: count for why in get_args(Unmatched) if (count := every["unmatched", why])},
        answers=_answers({label[1]: count for label, count in every.items() if label[0] == "answer"}),
        answered=_spread(ANSWERS, _of(every, "answered after")),
        reps=_reps(period, by_day, every, overdue, directory.named(services, install, set(overdue))),
        rules=_most({**_idle(live), **_of(every, "rule")}),
        pools=_most(_of(every, "pool")),
    )


def _hours(period: Period, by_hour: Mapping[datetime, Counter[Label]]) -> tuple[Hour, ...]:
    """Return the hours of a day by its zone's own clock; the days on which that is changed have one less or more."""
    count = round((period.end - period.start) / HOUR)
    starts = (period.start + place * HOUR for place in range(count))
    return tuple(Hour(at, _outcomes(by_hour.get(at, Counter()))) for at in starts)


def _of(counts: Mapping[Label, int], kind: str) -> dict[str, int]:
    """Return what was counted of a kind that has one word more."""
    return {label[1]: count for label, count in counts.items() if label[0] == kind}


def _idle(live: Live | None) -> dict[str, int]:
    """Return the rules in force, each with nothing caught: one that never holds is found by that."""
    items = [rule_words.item(source.text) for source in live.sources] if live else []
    return {each.name.strip(): 0 for each in items if each.kind == "rule"}


def _most(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def _outcomes(counts: Mapping[Label, int]) -> dict[Outcome, int]:
    found = _of(counts, "outcome")
    return {each: found[each] for each in get_args(Outcome) if each in found}


def _sources(counts: Mapping[Label, int]) -> tuple[Source, ...]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for label, count in counts.items():
        if label[0] == "source":
            found[label[1]][label[2]] = count
    made = [Source(name, **statuses) for name, statuses in found.items()]
    return tuple(sorted(made, key=lambda each: (-each.total, each.name)))


def _answers(counts: Mapping[str, int]) -> Answers:
    return Answers(**{name: counts.get(name, 0) for name in Answers.__dataclass_fields__})


def _reps(
    period: Period,
    by_day: Mapping[date, Counter[Label]],
    every: Counter[Label],
    overdue: Mapping[str, int],
    known: Mapping[str, str],
) -> tuple[Rep, ...]:
    """Return who got leads, or has some past due. A name that was changed meanwhile is the one counted last."""
    got: dict[str, Counter[date]] = defaultdict(Counter)
    names = dict(known)
    for day, counts in sorted(by_day.items()):
        for label, count in counts.items():
            if label[0] == "taker" and label[1] != "observed":
                names[label[2]] = label[3]
                got[label[2]][day] += count
    answers: dict[str, dict[str, int]] = defaultdict(dict)
    for label, count in every.items():
        if label[0] == "answer of":
            answers[label[2]][label[1]] = count
    made = [
        Rep(
            each,
            names.get(each, each),
            tuple(got[each][day] for day in period.days),
            _answers(answers[each]),
            overdue.get(each, 0),
        )
        for each in {**got, **answers, **overdue}
    ]
    return tuple(sorted(made, key=lambda each: (-each.total, each.name, each.user_id)))


def _spread(bounds: Sequence[float], found: Mapping[str, int]) -> Spread:
    counts = [found.get(str(place), 0) for place in range(len(bounds) + 1)]
    used = [place for place, count in enumerate(counts) if count]
    if not used:
        return Spread()
    shown = range(used[0], used[-1] + 1)
    uptos: list[float | None] = [*bounds, None]
    points: dict[str, Any] = {f"p{share}": _point(bounds, counts, share / 100) for share in (50, 90, 99)}
    return Spread(tuple(Bucket(uptos[place], counts[place]) for place in shown), sum(counts), **points)


def _point(bounds: Sequence[float], counts: Sequence[int], share: float) -> float:
    """Return below which a share of all lies; the last bound where that is in the bucket of what took longer."""
    ends = [sum(counts[: place + 1]) for place in range(len(counts))]
    wanted = share * ends[-1]
    place = bisect_left(ends, wanted)
    if place >= len(bounds):
        return bounds[-1]
    below = bounds[place - 1] if place else 0.0
    before = ends[place - 1] if place else 0
    return below + (bounds[place] - below) * (wanted - before) / counts[place]
