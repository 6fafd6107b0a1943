"""The proxy between the product and the local HubSpot, and what it found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
_NUMBER_IN_PATH = re.compile(r"(?<=/)\d+(?=/|$)")
_POSITION = re.compile(r"(?<=\.)\d+(?=[. ]|$)")


class Finding(NamedTuple):
    """One way in which a call broke a document; ``*`` stands for a position in a list and for the id in a path."""

    call: str
    side: str
    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.call}: {self.side} {self.place}: {self.message}"


@dataclass
class Report:
    """What went through: calls by method and path, and what broke the amended and the published document."""

    calls: dict[str, int] = field(default_factory=dict)
    broken: set[Finding] = field(default_factory=set)
    published: set[Finding] = field(default_factory=set)

    def take(self, exchange: dict[str, Any]) -> None:
        """Add one exchange as the proxy tells it."""
        call = f"{exchange['method']} {_NUMBER_IN_PATH.sub('*', exchange['path'])}"
        self.calls[call] = self.calls.get(call, 0) + 1
        asked = f"{call} ({exchange['status']})"
        self.broken.update(_findings(asked, exchange["amended"]))
        self.published.update(_findings(asked, exchange["published"]))

    def add(self, other: Report) -> None:
        """Add what another proxy saw."""
        for call, count in other.calls.items():
            self.calls[call] = self.calls.get(call, 0) + count
        self.broken |= other.broken
        self.published |= other.published

    def write(self, file: Path) -> None:
        """Keep it in a file."""
        told = {"calls": self.calls, "broken": sorted(self.broken), "published": sorted(self.published)}
        file.write_text(json.dumps(told, indent=1), encoding="utf-8")

    @classmethod
    def read(cls, file: Path) -> Report:
        """Read it from a file."""
        told = json.loads(file.read_text(encoding="utf-8"))
        broken, published = ({Finding(*each) for each in told[name]} for name in ("broken", "published"))
        return cls(told["calls"], broken, published)


def _findings(call: str, violations: list[dict[str, str]]) -> set[Finding]:
    return {
        Finding(call, one["side"], *(_POSITION.sub("*", text) for text in (one["place"], one["message"])))
        for one in violations
    }


@dataclass
class Proxy:
    """A running proxy at `url`."""

    process: subprocess.Popen[str]
    url: str
    report: Report = field(default_factory=Report)
    _reader: threading.Thread | None = None

    def listen(self) -> None:
        """Begin to collect what the proxy says."""
        self._reader = threading.Thread(target=self._collect, name="openapi-proxy", daemon=True)
        self._reader.start()

    def stop(self) -> None:
        """End the proxy and read what it still had to say."""
        self.process.terminate()
        self.process.wait(15)
        if self._reader is not None:
            self._reader.join(15)

    def _collect(self) -> None:
        for line in self.process.stdout or ():
            self.report.take(json.loads(line))


def begin(documents: Path, upstream: str) -> Proxy:
    """Start a proxy in front of `upstream`, with a folder's documents. Raises LookupError when it does not start."""
    files = [str(documents / name) for name in ("amended.json", "published.json")]
    process = subprocess.Popen(
        ["node", str(HERE / "proxy.mjs"), *files, upstream],
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        text=True,
    )
    first = process.stdout.readline() if process.stdout else ""
    if not first:
        process.wait(15)
        raise LookupError("the proxy did not start; what it said stands above")
    proxy = Proxy(process, str(json.loads(first)["ready"]))
    proxy.listen()
    return proxy
