"""Hosts on one machine: Linux network namespaces on one switch, each with an address and a cable that can be pulled.

Everything lives in a namespace of the command itself (see :func:`alone`), so nothing of it is left when that ends,
however it ended, and the machine's own network is never touched. Needs iproute2 and the rights of root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.local.processes import ROOT

INSIDE = "SWITCHYARD_SCALE_INSIDE"
"""Set for the command once it has namespaces of its own."""
NAMES = Path("/run/netns")
SWITCH, OUTSIDE = "switch", "10.77.0.1"
"""The switch that all cables end in, and the address of this side of it: of CRMs, database and Redis."""
TOOLS = ("ip", "unshare", "mount")
REFUSED = (
    "This needs hosts of its own, and may not make any: run it as root on Linux with iproute2 and util-linux (in a "
    "container: with the capabilities NET_ADMIN and SYS_ADMIN). Nothing was measured."
)


class NoHostsError(Exception):
    """This machine, or who we are, does not allow network namespaces; the message says what to do."""


def alone(module: str, arguments: Sequence[str]) -> int | None:
    """Run ``python -m module arguments`` again with network and mounts of its own; None: this is that one already.

    Returns its exit code. Raises NoHostsError.
    """
    if os.environ.get(INSIDE):
        _run("ip", "link", "set", "lo", "up")
        NAMES.mkdir(parents=True, exist_ok=True)
        _run("mount", "-t", "tmpfs", "hosts", str(NAMES))
        return None
    if os.geteuid() != 0 or not all(map(shutil.which, TOOLS)):
        raise NoHostsError(REFUSED)
    apart = ["unshare", "--net", "--mount", "--propagation", "private"]
    if subprocess.run([*apart, "true"], check=False, capture_output=True).returncode:
        raise NoHostsError(REFUSED)
    environment = {**os.environ, INSIDE: "1"}
    return subprocess.run([*apart, sys.executable, "-m", module, *arguments], env=environment, check=False).returncode


@dataclass(frozen=True)
class Host:
    """A host: `start` runs a program there, `pull` takes its cable out of the switch."""

    name: str
    address: str

    def start(self, *arguments: str, environment: Mapping[str, str], log: Path) -> subprocess.Popen[str]:
        """Start ``python arguments...`` there, in a process group of its own, with its output in `log`."""
        with log.open("a", encoding="utf-8") as sink:
            return subprocess.Popen(
                ["ip", "netns", "exec", self.name, sys.executable, *arguments],
                cwd=ROOT,
                env=dict(environment),
                stdout=sink,
                stderr=sink,
                text=True,
                start_new_session=True,
            )

    def pull(self) -> None:
        """Take the cable out: nothing it sends arrives, and nobody is told so."""
        _run("ip", "link", "set", self._cable, "nomaster")

    def plug(self) -> None:
        """Put the cable back in."""
        _run("ip", "link", "set", self._cable, "master", SWITCH)

    @property
    def _cable(self) -> str:
        return f"to-{self.name}"

    def connect(self) -> None:
        """Make the host, with its cable in the switch."""
        _run("ip", "netns", "add", self.name)
        _run("ip", "link", "add", self._cable, "type", "veth", "peer", "name", "eth0", "netns", self.name)
        _run("ip", "link", "set", self._cable, "master", SWITCH, "up")
        for order in (("addr", "add", f"{self.address}/24", "dev", "eth0"), ("link", "set", "eth0", "up")):
            _run("ip", "-n", self.name, *order)
        _run("ip", "-n", self.name, "link", "set", "lo", "up")


@dataclass
class Network:
    """The switch with its hosts, by name."""

    hosts: dict[str, Host] = field(default_factory=dict)

    def add(self, *names: str) -> None:
        """Add hosts."""
        for name in names:
            host = Host(name, f"10.77.0.{10 + len(self.hosts)}")
            host.connect()
            self.hosts[name] = host


def network(*names: str) -> Network:
    """Make a switch and these hosts."""
    _run("ip", "link", "add", SWITCH, "type", "bridge")
    _run("ip", "addr", "add", f"{OUTSIDE}/24", "dev", SWITCH)
    _run("ip", "link", "set", SWITCH, "up")
    made = Network()
    made.add(*names)
    return made


def _run(*command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise NoHostsError(f"{' '.join(command)}: {done.stderr.strip()}\n{REFUSED}")
