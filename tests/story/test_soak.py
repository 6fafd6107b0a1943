"""The short form of ``make soak``: some hundred changes through real processes, and each kind of trouble once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.soak import salesforce
from tests.soak.changes import soak
from tests.soak.hubspot import scene as hubspot
from tests.soak.scene import Plan

PLAN = Plan(changes=240, seed=11, rounds=1, accounts=60, large=60, rate=250.0, quiet=90.0)
SIGNS = ("token refreshed", "replayid.corrupted", "events used up", "the CRM asked for quiet")
"""What the log must tell of, or the trouble was none."""
PORTALS = Plan(changes=200, seed=11, rounds=1, accounts=20, rate=250.0, quiet=90.0)
PORTAL_SIGNS = (
    "token refreshed",
    "invalid_client",
    "TEN_SECONDLY_ROLLING",
    "has locked the record",
    "is moving this portal",
    "HTTP 502",
    "did not answer",
    "people forgotten",
)


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


@pytest.mark.timeout(240)
def test_nothing_is_lost_doubled_or_remembered_in_portals_whatever_goes_wrong() -> None:
    with tempfile.TemporaryDirectory(prefix="switchyard-", ignore_cleanup_errors=True) as directory:
        with hubspot.scene(Path(directory), PORTALS, meanwhile=1) as scene:
            scene.here.hurried = True
            report = soak(scene, PORTALS)
        log = (Path(directory) / "switchyard.log").read_text(encoding="utf-8", errors="replace")
    assert len(report.troubles) == 17
    assert report.found.faults == {}
    assert report.found.contacts > 100
    assert report.found.erased > 0
    assert [each for each in PORTAL_SIGNS if each not in log] == []
