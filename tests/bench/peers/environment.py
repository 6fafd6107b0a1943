"""A peer's own virtual environment: made once from its pinned requirements, kept until these change."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).parent / "requirements"
CACHE = Path(__file__).resolve().parents[3] / "build" / "bench"
"""Git ignores it."""
INSTALL_SECONDS = 1800
"""Enough for the largest (about 250 MB) over a slow line."""


class NotInstalled(Exception):  # noqa: N818 - it is a fact for the table, not a fault
    """A peer's environment could not be made here; the message is the installer's last word."""


def python(name: str, cache: Path = CACHE) -> str:
    """Return the Python that runs the peer `name`; ours when it needs no packages. Raises NotInstalled."""
    wanted = REQUIREMENTS / f"{name}.txt"
    if not wanted.exists():
        return sys.executable
    folder = cache / name
    program = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    made_from = folder / "requirements.txt"
    if not (made_from.exists() and made_from.read_bytes() == wanted.read_bytes()):
        shutil.rmtree(folder, ignore_errors=True)
        # Our own pip installs into it: quicker than a pip for each.
        _run([sys.executable, "-m", "venv", "--without-pip", str(folder)])
        # The files name every package there is to install, so nothing is looked for beyond them.
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"]
        _run([sys.executable, "-m", "pip", "--python", str(program), "install", *options, "-r", str(wanted)])
        shutil.copyfile(wanted, made_from)
    return str(program)


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired as slow:
        raise NotInstalled(f"took more than {INSTALL_SECONDS} seconds") from slow
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise NotInstalled((errors or done.stderr.splitlines() or [f"exit {done.returncode}"])[-1])
