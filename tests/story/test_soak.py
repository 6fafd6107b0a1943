"""The short form of ``make soak``: some hundred changes through real processes, and each kind of trouble once.

Of Salesforce; HubSpot's is ``make soak ARGS="--crm hubspot"`` alone.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.soak import salesforce
from tests.soak.changes import soak
from tests.soak.scene import Plan

PLAN = Plan(changes=240, seed=11, rounds=1, accounts=60, large=60, rate=250.0, quiet=90.0)
SIGNS = ("token refreshed", "replayid.corrupted", "events used up", "the CRM asked for quiet")
"""What the log must tell of, or the trouble was none."""


@pytest.mark.timeout(240)
def test_nothing_is_lost_or_done_twice_whatever_goes_wrong() -> None:
    # A short path: Valkey's socket lies below it, and socket paths are limited to about 100 bytes.
    with tempfile.TemporaryDirectory(prefix="switchyard-", ignore_cleanup_errors=True) as directory:
        with salesforce.scene(Path(directory), PLAN) as scene:
            scene.here.hurried = True
            report = soak(scene, PLAN)
        log = (Path(directory) / "switchyard.log").read_text(encoding="utf-8", errors="replace")
    assert len(report.troubles) == 11
    assert report.found.faults == {}
    assert report.found.leads > 100
    assert [each for each in SIGNS if each not in log] == []
