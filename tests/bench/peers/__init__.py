"""Other ways to find a lead's account, run on the same files: plain baselines and the libraries one can install.

Each peer is a module of this package that runs alone in its own virtual environment, so nothing is imported here
that only ours has.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def run(accounts: Path, leads: Path, out: Path | None, only: Sequence[str], sample: int | None) -> int:
    """Run the peers on two JSONL files, print a table and, as the last line, its JSON; return the exit status.

    `out` keeps every peer's predictions, `only` names the peers to run (all when empty), `sample` limits the leads that
    slow peers are asked about. The status is 0 when every peer ran, 1 when one did not, 2 when `only` names no peer.
    """
    from tests.bench.peers import comparison  # noqa: PLC0415 - needs rich, which no peer's environment has

    return comparison.run(accounts, leads, out, only, sample)
