"""Rounds slow down before HubSpot's limit of 110 calls in ten seconds is reached."""

from __future__ import annotations

import pytest

from connector.hubspot.wire import breath


def headers(left: str, most: str = "110", interval: str = "10000") -> dict[str, str]:
    return {
        "X-HubSpot-RateLimit-Remaining": left,
        "X-HubSpot-RateLimit-Max": most,
        "X-HubSpot-RateLimit-Interval-Milliseconds": interval,
    }


@pytest.mark.parametrize(("left", "seconds"), [("110", 0.0), ("40", 0.0), ("39", 5 * 10 / 110), ("0", 5 * 10 / 110)])
def test_a_round_waits_for_what_it_costs_once_little_is_left(left: str, seconds: float) -> None:
    assert breath(headers(left)) == pytest.approx(seconds)


@pytest.mark.parametrize("odd", [{}, headers("many"), headers("1", most="0"), headers("1", interval="")])
def test_without_readable_limits_nobody_waits(odd: dict[str, str]) -> None:
    assert breath(odd) == 0.0
