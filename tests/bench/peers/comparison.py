"""Runs the peers on the same files: thresholds are chosen on one half of the leads, the table tells of the other."""

from __future__ import annotations

import hashlib
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from rich.console import Console

from tests.bench import scoring
from tests.bench.peers import environment, harness, table
from tests.bench.peers.harness import Record

ROOT = Path(__file__).resolve().parents[3]
PEER_SECONDS = 4 * 3600
"""Brute force over all leads takes more than an hour; whatever takes this long hangs."""
ASKED = ("id", "company", "email", "website", "phone", "city", "state", "country")
"""What a peer sees of a lead: nothing that tells the answer."""
ONE_CORE = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""A peer has one core, see the harness; more threads would only wait for each other."""


@dataclass(frozen=True)
class Peer:
    """One row of the table: a module of this package, run with options in the environment of its name."""

    name: str
    module: str
    options: tuple[str, ...] = ()
    probability: bool = False
    slow: bool = False


PEERS = (
    Peer("domain", "domain"),
    Peer("domain-or-name", "domain", ("--names",)),
    Peer("rapidfuzz-wratio", "rapidfuzz", ("--scorer", "wratio"), slow=True),
    Peer("rapidfuzz-token-sort", "rapidfuzz", ("--scorer", "token-sort")),
    Peer("rapidfuzz-jaro-winkler", "rapidfuzz", ("--scorer", "jaro-winkler")),
    Peer("tfidf", "tfidf"),
    Peer("recordlinkage", "recordlinkage", probability=True),
    Peer("splink", "splink", probability=True),
    Peer("splink-labels", "splink", ("--labels",), probability=True),
    Peer("emm", "emm", probability=True),
)


@dataclass(frozen=True)
class Cost:
    """What a peer told of itself."""

    index_s: float
    leads_s: float
    single_ms: float
    peak_mb: float


@dataclass(frozen=True)
class Row:
    """How a peer did, or why it did not run. `asked` leads got an answer; the score is of those in the second half."""

    peer: str
    asked: int
    score: scoring.Score | None = None
    cost: Cost | None = None
    why_not: str | None = None


@dataclass(frozen=True)
class Material:
    """What all peers run on: the accounts' file, the leads with their truths, and where answers are left."""

    accounts: Path
    leads: Sequence[Record]
    folder: Path
    sample: int | None

    def asked(self, peer: Peer) -> Sequence[Record]:
        """Return the leads that `peer` is asked about: all, or the same sample for every slow one."""
        if not peer.slow or self.sample is None or self.sample >= len(self.leads):
            return self.leads
        shuffled = sorted((str(lead["id"]) for lead in self.leads), key=lambda lead: _digest(f"sample {lead}"))
        kept = set(shuffled[: self.sample])
        return [lead for lead in self.leads if lead["id"] in kept]


class NotRun(Exception):  # noqa: N818 - it is a fact for the table, not a fault
    """A peer stopped with an error; the message is its last line."""


def run(accounts: Path, leads: Path, out: Path | None, only: Sequence[str], sample: int | None) -> int:
    """Run the peers named in `only` (all when empty), print table and JSON, return the exit status."""
    unknown = set(only) - {peer.name for peer in PEERS}
    if unknown:
        known = ", ".join(peer.name for peer in PEERS)
        sys.stderr.write(f"No peer is called {', '.join(sorted(unknown))}. There are: {known}.\n")
        return 2
    chosen = [peer for peer in PEERS if not only or peer.name in only]
    labelled = harness.read(leads)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) if out is None else out
        folder.mkdir(parents=True, exist_ok=True)
        material = Material(accounts.resolve(), labelled, folder.resolve(), sample)
        rows = [_row(peer, material) for peer in chosen]
    first = sum(in_first_half(lead) for lead in labelled)
    title = (
        f"{len(labelled):,} leads, {len(harness.read(accounts)):,} accounts; thresholds chosen and models trained on "
        f"{first:,} leads, scored on the other {len(labelled) - first:,}; one core each"
    )
    # Where nobody looks, no column shall be cut.
    Console(width=None if sys.stdout.isatty() else table.WIDTH).print(table.table(title, rows))
    sys.stdout.write(json.dumps({"title": title, "peers": [_plain(row) for row in rows]}) + "\n")
    return int(any(row.why_not for row in rows))


def in_first_half(lead: Record) -> bool:
    """Tell which half a lead is in; all leads of one account are in the same."""
    return _digest(lead["truth"] or lead["id"])[0] % 2 == 0


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _row(peer: Peer, material: Material) -> Row:
    sys.stderr.write(f"{peer.name} ...\n")
    asked = material.asked(peer)
    try:
        cost = _ask(peer, environment.python(peer.module), material)
    except environment.NotInstalled as problem:
        return Row(peer.name, 0, why_not=f"not installed: {problem}")
    except NotRun as problem:
        return Row(peer.name, 0, why_not=f"failed: {problem}")
    lines = harness.read(material.folder / f"{peer.name}.jsonl")
    answers = {line["id"]: (line["pred"], line["score"]) for line in lines}
    return Row(peer.name, len(asked), _score(peer, answers, asked), cost)


def _ask(peer: Peer, program: str, material: Material) -> Cost:
    """Run the peer's module on files it may see; its answers are left in the folder. Raises NotRun."""
    with tempfile.TemporaryDirectory() as scratch:
        files = {"leads": Path(scratch) / "leads.jsonl", "labelled": Path(scratch) / "labelled.jsonl"}
        _write(files["leads"], material.asked(peer), ASKED)
        _write(files["labelled"], filter(in_first_half, material.leads), (*ASKED, "truth"))
        files |= {"accounts": material.accounts, "answers": material.folder / f"{peer.name}.jsonl"}
        arguments = [part for name, path in files.items() for part in (f"--{name}", str(path))]
        command = [program, "-m", f"tests.bench.peers.{peer.module}", *arguments, *peer.options]
        # A fixed hash seed makes the order of sets, and so ties, the same in every run.
        variables = {**os.environ, **ONE_CORE, "PYTHONHASHSEED": "0"}
        variables.pop("PYTHONPATH", None)
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False, timeout=PEER_SECONDS
            )
        except subprocess.TimeoutExpired as slow:
            raise NotRun(f"took more than {PEER_SECONDS} seconds") from slow
    (material.folder / f"{peer.name}.log").write_text(done.stderr, encoding="utf-8")
    if done.returncode:
        raise NotRun((done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1])
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def _write(path: Path, leads: Iterable[Record], names: Sequence[str]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({name: lead.get(name) for name in names}) + "\n" for lead in leads)


def _score(peer: Peer, answers: Mapping[str, tuple[str | None, float]], asked: Sequence[Record]) -> scoring.Score:
    """Return the score on the second half, at the best threshold of the first."""
    known = {lead["id"]: lead["truth"] for lead in asked if in_first_half(lead)}
    new = {lead["id"]: lead["truth"] for lead in asked if not in_first_half(lead)}
    threshold = scoring.best_threshold({lead: answers[lead] for lead in known}, known)
    kinds = {lead["id"]: str(lead.get("kind")) for lead in asked}
    made = scoring.score({lead: answers[lead] for lead in new}, new, threshold=threshold, kinds=kinds)
    # A similarity between 0 and 1 is not a probability, whatever its range.
    return made if peer.probability else replace(made, ece=None)


def _plain(row: Row) -> dict[str, object]:
    """Return a row for JSON, which knows no infinity."""
    plain = asdict(row)
    if row.score is not None and math.isinf(row.score.threshold):
        plain["score"]["threshold"] = None
    return plain
