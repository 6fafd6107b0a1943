from __future__ import annotations

import random
from datetime import timedelta

import pytest

from rules.calendar import (
    window,
    window_end,
)
from rules.parts import Window
from tests.rules.make_hours import CHANGES, ZONES, utc


@pytest.mark.parametrize(
    ("per", "zone", "moment", "key", "end"),
    [
        ("hour", "UTC", "2026-11-22T23:59:59.999", "hour 2026-11-22T23+0000", "2026-11-23T00:00"),
        ("hour", "Asia/Kolkata", "2026-11-22T10:10", "hour 2026-11-22T15+0530", "2026-11-22T10:30"),
        ("day", "UTC", "2026-11-22T00:00", "day 2026-11-22", "2026-11-23T00:00"),
        ("day", "Asia/Kathmandu", "2026-11-22T18:15", "day 2026-11-23", "2026-11-23T18:15"),
        ("day", "Asia/Kathmandu", "2026-11-22T18:14", "day 2026-11-22", "2026-11-22T18:15"),
        ("day", "Europe/Paris", "2026-03-29T12:00", "day 2026-03-29", "2026-03-29T22:00"),
        ("day", "Asia/Beirut", "2026-03-28T12:00", "day 2026-03-28", "2026-03-28T22:00"),
        ("day", "Pacific/Kiritimati", "2026-11-22T10:00", "day 2026-11-23", "2026-11-23T10:00"),
        ("week", "UTC", "2026-11-22T12:00", "week 2026-11-16", "2026-11-23T00:00"),
        ("week", "Europe/Paris", "2026-10-25T12:00", "week 2026-10-19", "2026-10-25T23:00"),
        ("week", "UTC", "2027-01-01T12:00", "week 2026-12-28", "2027-01-04T00:00"),
        ("month", "UTC", "2028-02-29T12:00", "month 2028-02", "2028-03-01T00:00"),
        ("month", "Europe/Paris", "2026-10-31T23:30", "month 2026-11", "2026-11-30T23:00"),
        ("month", "UTC", "2026-12-31T12:00", "month 2026-12", "2027-01-01T00:00"),
    ],
)
def test_windows_are_fixed_in_the_zone(per: Window, zone: str, moment: str, key: str, end: str) -> None:
    assert window(per, utc(moment), zone) == key
    assert window_end(per, utc(moment), zone) == utc(end)


def test_the_hour_that_comes_twice_is_two_windows() -> None:
    first, second = utc("2026-10-25T00:30"), utc("2026-10-25T01:30")
    assert window("hour", first, "Europe/Paris") == "hour 2026-10-25T02+0200"
    assert window("hour", second, "Europe/Paris") == "hour 2026-10-25T02+0100"
    assert window_end("hour", first, "Europe/Paris") == utc("2026-10-25T01:00")
    assert window_end("hour", utc("2026-04-04T14:50"), "Australia/Lord_Howe") == utc("2026-04-04T15:00")


def test_a_window_ends_where_its_key_does() -> None:
    draw = random.Random(7)
    for _ in range(400):
        per: Window = draw.choice(("hour", "day", "week", "month"))
        zone = draw.choice(ZONES)
        moment = draw.choice(CHANGES) + timedelta(seconds=draw.randrange(-90_000, 90_000))
        key, end = window(per, moment, zone), window_end(per, moment, zone)
        assert end > moment
        assert window(per, end, zone) != key
        assert window(per, end - timedelta(seconds=1), zone) == key
