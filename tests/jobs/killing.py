"""A worker that is killed within this process, at a step; dying.py has one that dies in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from connector.store.base import Database
from tests.jobs.conftest import House


class Killed(BaseException):
    """The worker is dead; nothing catches it."""


@contextmanager
def dying_at(step: int, house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Kill the worker at its nth step: after each commit, and before and after each call of the CRM.

    Whoever is dead commits nothing any more: also what a `finally` would write.
    """
    write, before, taken = Database.write, house.crm.before, [0]

    def take() -> None:
        taken[0] += 1
        if taken[0] >= step:
            raise Killed

    @contextmanager
    def watched(self: Database) -> Iterator[Any]:
        if taken[0] >= step:
            raise Killed
        with write(self) as connection:
            yield connection
        take()

    with monkeypatch.context() as patch:
        patch.setattr(Database, "write", watched)
        house.crm.before = lambda _call: take()
        try:
            yield taken
        finally:
            house.crm.before = before


def run_killed(house: House, step: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Drain with a worker that dies at `step`; True when it died. Then another one goes on, after the lease."""
    died = False
    with dying_at(step, house, monkeypatch):
        try:
            house.drain()
        except Killed:
            died = True
    house.later(seconds=house.settings.lease_seconds + 1)
    house.drain()
    house.later(seconds=60)
    house.drain()
    return died
