"""What the README promises of `make demo ARGS=--once`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.local.processes import ROOT, plain_environment


@pytest.mark.timeout(240)
def test_the_demo_routes_leads_on_both_crms_and_ends_with_a_table(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "tests.demo",
        "--once",
        "--leads",
        "12",
        "--accounts",
        "120",
        "--keep",
        str(tmp_path),
    ]
    done = subprocess.run(
        command, cwd=ROOT, env=plain_environment(), capture_output=True, text=True, timeout=230, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    for said in ("salesforce: 12 leads", "hubspot: ", "created to audited, p50 / p99", "CRM calls per lead"):
        assert said in done.stdout
    # What it says to type for running commands beside it.
    shell = f"unset COLUMNS; . {tmp_path}/settings.sh; {sys.executable} -m connector.cli installs"
    listed = subprocess.run(
        ["sh", "-c", shell], cwd=ROOT, env=plain_environment(), capture_output=True, text=True, timeout=60, check=True
    )
    assert "salesforce" in listed.stdout.casefold()
    assert "hubspot" in listed.stdout.casefold()
    assert (tmp_path / "settings.sh").stat().st_mode & 0o077 == 0
