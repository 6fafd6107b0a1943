"""Two real listener processes and a Pub/Sub service of many orgs: shared, frozen, killed; nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.postgres import Postgres
from tests.soak.listeners import Plan, soak, stage


@pytest.mark.timeout(300)
def test_orgs_are_shared_and_taken_over_and_no_event_is_lost(tmp_path: Path, postgres: Postgres) -> None:
    """The soak in short: 30 orgs, leases of a second."""
    plan = Plan(orgs=30, rest=0.0, traffic=5.0, rate=40.0, lease=1.0, patience=120.0, doorbell=False)
    with stage(plan, tmp_path, postgres.create()) as on:
        report = soak(on)
    assert (report.sent, report.stored, report.lost) == (200, 200, 0)
    assert report.misplaced == 0, "a place that was moved back"
    assert report.shares == [15, 15]
