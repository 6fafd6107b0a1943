"""The short form of ``make chaos``: some hundred events in both CRMs, and everything that can go wrong does, once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.chaos.course import Plan, run

PLAN = Plan(
    events=80, seed=11, accounts=20, rate=400.0, quiet=120.0, patience=20.0, steps=6, meanwhile=1, long=False,
    settings={"LEASE_SECONDS": "1.5", "RULES_POLL_SECONDS": "5"},
)  # fmt: skip
"""At some of the named steps only: each costs a lease, and the long form dies at all of them."""


@pytest.mark.timeout(400)
def test_nothing_is_lost_or_doubled_whatever_dies_or_goes_wrong_in_both_crms_at_once() -> None:
    # A short path: Valkey's socket lies below it, and socket paths are limited to about 100 bytes.
    with tempfile.TemporaryDirectory(prefix="switchyard-", ignore_cleanup_errors=True) as directory:
        report = run(Path(directory), PLAN)
    assert report.found.faults == {}, "\n".join(report.found.stories.values())
    assert len(report.troubles) > 30
    assert len(report.died_at) > 3
    assert report.found.numbers["leads"] > 30
    assert report.found.numbers["merges"] > 0
