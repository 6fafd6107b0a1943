"""Working hours as they stand in a rule: weekly spans in a zone, public holidays, closed days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from rules.parts import Absence

__all__ = ["ALWAYS", "DAYS", "MIDNIGHT", "Hours", "Span", "normal"]

DAYS: tuple[str, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MIDNIGHT = 24 * 60
"""The last minute of a day, which a span may reach but not pass."""

Times: TypeAlias = tuple[tuple[int, int], ...]


class Span(NamedTuple):
    """Open from minute `start` to minute `end` of local time on a weekday (0 Monday); 0 <= start < end <= MIDNIGHT."""

    weekday: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody works: `spans` in order and apart from each other, a span over midnight as two; none: never.

    `zone` is an IANA name, "" for the person's own. `holidays` are codes such as ``FR-57``; public holidays and the
    days in `closed` are days in the zone, from midnight to midnight.
    """

    spans: tuple[Span, ...]
    zone: str = ""
    holidays: tuple[str, ...] = ()
    closed: tuple[Absence, ...] = ()

    def __str__(self) -> str:
        """Return the hours as they stand in a rule; reading that gives the same spans and zone."""
        if not self.spans:
            told = "closed"
        elif self.spans == ALWAYS.spans:
            told = "24/7"
        else:
            told = "; ".join(f"{_days(days)} {_times(times)}" for times, days in _alike(self.spans))
        return f"{told} {self.zone}".rstrip()


def normal(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order, with those merged that touch or overlap within a day."""
    found: list[Span] = []
    for span in sorted(spans):
        last = found[-1] if found else None
        if last and last.weekday == span.weekday and span.start <= last.end:
            found[-1] = last._replace(end=max(last.end, span.end))
        else:
            found.append(span)
    return tuple(found)


ALWAYS = Hours(tuple(Span(weekday, 0, MIDNIGHT) for weekday in range(7)))


def _alike(spans: tuple[Span, ...]) -> list[tuple[Times, list[int]]]:
    """Return the times that days have in common, with those days. A span over midnight is one again."""
    times: list[list[tuple[int, int]]] = [[] for _ in DAYS]
    for span in spans:
        times[span.weekday].append((span.start, span.end))
    whole = [list(day) for day in times]
    for weekday, day in enumerate(times):
        morning = times[(weekday + 1) % 7][:1]
        # Only where the end reads as one on the next day: 22:00-06:00, not 06:00-22:00.
        if day and day[-1][1] == MIDNIGHT and morning and morning[0][0] == 0 and morning[0][1] < day[-1][0]:
            whole[weekday][-1] = (day[-1][0], morning[0][1])
            whole[(weekday + 1) % 7].remove(morning[0])
    found: dict[Times, list[int]] = {}
    for weekday, day in enumerate(whole):
        if day:
            found.setdefault(tuple(day), []).append(weekday)
    return list(found.items())


def _times(times: Times) -> str:
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in times)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _days(days: list[int]) -> str:
    """Return weekdays as people write them: ``Mon-Fri``, ``Sat-Tue``, ``Mon, Wed``."""
    if len(days) == len(DAYS):
        return "Mon-Sun"
    runs: list[str] = []
    for first in (day for day in days if (day - 1) % 7 not in days):
        last = first
        while (last + 1) % 7 in days:
            last = (last + 1) % 7
        runs.append(DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}")
    return ", ".join(runs)
