"""Time zones by their IANA names, and the stretches of time in which a zone's clock runs without a change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

from rapidfuzz import fuzz, process

from rules.faults import RuleFault

__all__ = ["read_zone", "steady", "zone_of"]

_SAMPLED = timedelta(hours=6)
"""No zone has ever changed its clock twice within so short a time."""
_SECOND = timedelta(seconds=1)
_CLOSE = 60


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """Return all names by their folded spelling, from the tzdata package: the same on every machine."""
    names = (resources.files("tzdata") / "zones").read_text("utf-8").split()
    return {name.casefold(): name for name in names if name != "Factory"}


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    """Return the names by their last part alone: ``paris`` -> ``Europe/Paris``. The backward names come last."""
    found: dict[str, str] = {}
    for folded, name in _zones().items():
        found.setdefault(folded.rpartition("/")[2].replace("_", " "), name)
    return found


def _suggestion(text: str) -> str:
    folded = text.casefold().replace(" ", "_")
    city = folded.rpartition("/")[2].replace("_", " ")
    begun = next((name for other, name in _zones().items() if other.startswith(folded)), "") if "/" in folded else ""
    if begun:
        return f"Did you mean “{begun}”?"
    whole = process.extractOne(folded, _zones().keys(), scorer=fuzz.ratio, score_cutoff=_CLOSE)
    part = process.extractOne(city, _cities().keys(), scorer=fuzz.ratio, score_cutoff=_CLOSE)
    if part and (not whole or part[1] > whole[1]):
        return f"Did you mean “{_cities()[part[0]]}”?"
    return f"Did you mean “{_zones()[whole[0]]}”?" if whole else "Write a name like Europe/Paris."


def read_zone(text: str) -> str:
    """Return the IANA name of a zone, in any case of letters; RuleFault with the nearest name for an unknown one."""
    name = _zones().get(text.strip().casefold().replace(" ", "_"))
    if name is None:
        raise RuleFault(f"There is no time zone “{text.strip()}”.", remedy=_suggestion(text.strip()))
    return name


@lru_cache(maxsize=1 << 10)
def zone_of(name: str) -> ZoneInfo:
    """Return a zone to reckon with; UTC for an unknown name, which only a user's record can hold.

    No lead may fail by what a CRM says of its users.
    """
    return ZoneInfo(_zones().get(name.casefold(), "UTC"))


def steady(zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, timedelta]]:
    """Return the stretches from `start` to `end` (UTC, whole seconds) between clock changes, each with its offset.

    In each, a local time is the UTC time plus the offset, once and without a gap: all that is odd about clock changes
    ends here.
    """
    begun, offset, seen = start, _offset(zone, start), start
    while seen < end:
        ahead = min(seen + _SAMPLED, end)
        later = _offset(zone, ahead)
        if later != offset:
            change = _change(zone, seen, ahead)
            yield begun, change, offset
            begun, offset = change, later
        seen = ahead
    if begun < end:
        yield begun, end, offset


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the second at which the clock is changed: it is one time at `before` and another at `after`."""
    offset = _offset(zone, before)
    while after - before > _SECOND:
        middle = before + (after - before) // (2 * _SECOND) * _SECOND
        if _offset(zone, middle) == offset:
            before = middle
        else:
            after = middle
    return after


def _offset(zone: ZoneInfo, at: datetime) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()
