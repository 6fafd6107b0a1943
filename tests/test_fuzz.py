"""The fuzz in short; ``make fuzz`` runs the long one."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz import Fuzz


def test_two_thousand_mutated_requests_get_no_5xx_and_store_nothing(quiet_logs: None, tmp_path: Path) -> None:
    fuzz = Fuzz(tmp_path, seed=11)
    report = fuzz.run(2_000)
    fuzz.close()
    assert report.clean, str(report)
    assert set(report.statuses) >= {200, 400, 401, 404, 405}, "the code behind the signature was reached"
