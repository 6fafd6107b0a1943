from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from connector.web import words
from tests.connector.web.kit import NOW


@pytest.mark.parametrize(
    ("milliseconds", "said"),
    [
        (0, "0 ms"),
        (0.4, "0 ms"),
        (999.4, "999 ms"),
        (999.6, "1.0 s"),
        (2140, "2.1 s"),
        (60_000, "1 min 0 s"),
        (185_000, "3 min 5 s"),
        (7_260_000, "2 h 1 min"),
    ],
)
def test_a_length_of_time_has_its_unit(milliseconds: float, said: str) -> None:
    assert words.duration(milliseconds) == said


@pytest.mark.parametrize(
    ("share", "said"),
    [(0, "0 %"), (0.001, "under 1 %"), (0.5, "50 %"), (0.974, "97 %"), (0.9999, "over 99 %"), (1, "100 %")],
)
def test_a_share_is_never_rounded_to_certainty(share: float, said: str) -> None:
    assert words.percent(share) == said


@pytest.mark.parametrize(
    ("seconds", "count", "unit", "where"),
    [
        (0, 0, "second", "behind"),
        (-0.4, 0, "second", "behind"),
        (-1, 1, "second", "behind"),
        (-59, 59, "second", "behind"),
        (-60, 1, "minute", "behind"),
        (-3599, 59, "minute", "behind"),
        (-7200, 2, "hour", "behind"),
        (-86400 * 3 - 5, 3, "day", "behind"),
        (90, 1, "minute", "ahead"),
    ],
)
def test_a_moment_is_told_by_its_largest_unit(
    app: Flask, seconds: float, count: int, unit: words.Unit, where: str
) -> None:
    with app.app_context():
        assert words.distance(NOW + timedelta(seconds=seconds)) == words.Distance(count, unit, ahead=where == "ahead")


def test_times_are_utc_for_people_and_machines() -> None:
    assert words.iso(NOW) == "2026-11-22T09:30:00.000Z"
    assert words.utc(NOW) == "22 Nov 2026, 09:30:00 UTC"


def test_thousands_stand_apart() -> None:
    assert words.number(1234567) == "1,234,567"
