"""A process of the product that dies where it is told to, and whose clock others can set.

``python -m tests.chaos.mortal ORDERS ROLE NAME``: the role is a command of `switchyard`, the name tells two of one role
apart. The product's own code runs, with what :mod:`tests.chaos.steps` and :func:`follow` wrap around it.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from connector import cli
from connector.services import Services
from tests.chaos import steps

EVERYBODY = "everybody"


def clock_at(orders: Path, name: str) -> Path:
    """Return the file that says by how many seconds a process's clock is ahead."""
    return orders / f"clock_of_{name.replace(' ', '_')}"


def follow(orders: Path, name: str) -> None:
    """Have this process's clock go by the file of its name, or else by everybody's."""
    clock = Services.clock
    files = (clock_at(orders, name), clock_at(orders, EVERYBODY))

    def moved(self: Services) -> datetime:
        for file in files:
            try:
                ahead = float(file.read_text() or 0)
            except FileNotFoundError:
                continue
            return clock(self) + timedelta(seconds=ahead)
        return clock(self)

    Services.clock = moved  # type: ignore[method-assign]


def main() -> None:
    """Run a process of the product."""
    place, role, name = sys.argv[1:]
    orders = Path(place)
    steps.watch(orders, role)
    follow(orders, name)
    sys.argv = ["switchyard", role]
    cli.start()


if __name__ == "__main__":
    main()
