"""What a decision's key says by itself."""

from __future__ import annotations

import pytest

from rules import decision_keys

KEY = "00Q000000000001AAA-aaaaaaaaaaaa-bbbbbbbbbbbb"


@pytest.mark.parametrize(
    ("key", "lead_id", "timer"),
    [
        (KEY, "00Q000000000001AAA", None),
        (f"{KEY}-t0", "00Q000000000001AAA", (KEY, 0)),
        (f"{KEY}-t12", "00Q000000000001AAA", (KEY, 12)),
        (decision_keys.waiting_key(KEY), "00Q000000000001AAA", None),
        ("8001-aaaaaaaaaaaam-bbbbbbbbbbbb", "8001", None),
        ("8001", "8001", None),
    ],
)
def test_a_key_tells_its_lead_and_the_timer_it_was_made_by(
    key: str, lead_id: str, timer: tuple[str, int] | None
) -> None:
    assert decision_keys.lead_id(key) == lead_id
    assert decision_keys.timed(key) == timer


def test_the_key_of_a_timer_is_made_as_it_is_read() -> None:
    assert decision_keys.timed(decision_keys.timer_key(KEY, 3)) == (KEY, 3)
