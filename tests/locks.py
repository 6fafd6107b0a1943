"""``make sbom`` and ``make audit``: what each lock file names, and what of it is known to be weak."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
BILLS = ROOT / "build" / "sbom"
PEERS = ("dedupe", "emm", "rapidfuzz", "recordlinkage", "splink", "tfidf", "training")
ANSWERED = re.compile(r"\bNo known vulnerabilities found|\b\d+ (\w+ )*vulnerabilit(y|ies)\b")
"""What pip-audit and npm say when they could ask; a weakness and no network are the same 1 to both."""

WHY = re.compile(r"^(?:npm warn audit (?=\d|request)|(?=\S*Error: ))(.+)", re.MULTILINE)
"""Where each of them says why it could not."""


@dataclass(frozen=True)
class Lock:
    """A lock file, the name of its bill of materials, and from how bad a weakness on its audit fails (npm's word)."""

    path: str
    bill: str
    level: str = "critical"

    @property
    def is_npms(self) -> bool:
        return self.path.endswith(".json")

    @property
    def hashed(self) -> bool:
        return self.path.endswith(".lock")


LOCKS = (
    Lock("requirements-run.lock", "product"),
    Lock("requirements.lock", "development"),
    # Served to people's browsers, so the level is lower; what the other packages lock are tools of our own machines.
    Lock("package-lock.json", "console", "high"),
    Lock("manifests/salesforce/package-lock.json", "salesforce"),
    Lock("manifests/hubspot/package-lock.json", "hubspot"),
    Lock("tests/independent/package-lock.json", "independent"),
    Lock("tests/openapi/package-lock.json", "openapi"),
    *(Lock(f"tests/bench/peers/requirements/{name}.txt", f"peer-{name}") for name in PEERS),
)


def sbom(lock: Lock, out: Path) -> None:
    """Write what a lock file names as CycloneDX (JSON) to a file; needs no network. Raises CalledProcessError."""
    if lock.is_npms:
        command = ["npm", "sbom", "--silent", "--sbom-format", "cyclonedx", "--package-lock-only"]
        with out.open("wb") as sink:
            subprocess.run(command, cwd=(ROOT / lock.path).parent, stdout=sink, check=True)
        return
    ours = ["--pyproject", "pyproject.toml", "--mc-type", "application"] if lock.hashed else []
    command = [str(BIN / "cyclonedx-py"), "requirements", lock.path, *ours, "--of", "JSON", "--output-reproducible"]
    subprocess.run([*command, "-o", str(out)], cwd=ROOT, check=True)


def audit(lock: Lock, environment: Mapping[str, str] | None = None) -> str:
    """Ask for known weaknesses of what a lock file names, and print them; return what is wrong, "" for nothing.

    An audit that got no answer is wrong too: it says why, and never passes.
    """
    if lock.is_npms:
        command, where = ["npm", "audit", "--package-lock-only", f"--audit-level={lock.level}"], ROOT / lock.path
    else:
        # Without --strict pip-audit passes over what the index does not know, and ends with 0 when that was all.
        asked = ["--strict", "--disable-pip", "--require-hashes" if lock.hashed else "--no-deps"]
        command, where = [str(BIN / "pip-audit"), *asked, "--progress-spinner=off", "-r", lock.path], ROOT / "here"
    done = subprocess.run(command, cwd=where.parent, env=environment, capture_output=True, text=True, check=False)
    said = f"{done.stdout}\n{done.stderr}".strip()
    if not ANSWERED.search(said):
        reasons = [why[1] for why in WHY.finditer(said)] or [said]
        return f"{lock.path} was not audited, as nobody answered: {reasons[-1].strip()[:400]}"
    print(said)
    return f"{lock.path} names what is known to be weak: see above" if done.returncode else ""


def main(what: str) -> None:
    if what == "sbom":
        BILLS.mkdir(parents=True, exist_ok=True)
        for lock in LOCKS:
            sbom(lock, BILLS / f"{lock.bill}.json")
        print(f"Wrote {len(LOCKS)} bills of materials to {BILLS.relative_to(ROOT)}.")
        return
    faults = [fault for fault in _audited(LOCKS) if fault]
    sys.exit("\n".join(["", *faults]) if faults else 0)


def _audited(locks: Iterable[Lock]) -> Iterable[str]:
    for lock in locks:
        print(f"==> {lock.path}", flush=True)
        yield audit(lock)


if __name__ == "__main__":
    main(sys.argv[1])
