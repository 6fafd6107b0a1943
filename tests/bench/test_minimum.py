"""The fewest calls, by the documented limits of each CRM."""

from __future__ import annotations

import pytest

from tests.bench import minimum
from tests.bench.usage import cpu_seconds, family, memory
from tests.local.processes import end, plain_environment, spawn, until
from tests.local.world import CrmName


@pytest.mark.parametrize(
    ("crm", "leads", "calls"),
    [("salesforce", 1, 3), ("salesforce", 1_000, 24), ("hubspot", 1, 5), ("hubspot", 1_000, 41)],
)
def test_the_fewest_calls_for_leads_that_are_all_there(crm: CrmName, leads: int, calls: int) -> None:
    assert minimum.calls(crm, leads) == calls


def test_what_a_process_uses_counts_what_it_forked() -> None:
    code = "import os, signal; os.fork(); x = bytearray(20_000_000); sum(range(9_000_000)); signal.pause()"
    process = spawn("-c", code, environment=plain_environment())
    try:
        until(lambda: cpu_seconds(process.pid) > 0.1, seconds=30, what="both at work")
        assert len(list(family(process.pid))) == 2
        found = memory(process.pid)
        assert 40 < found.pss <= found.rss
    finally:
        end(process)
