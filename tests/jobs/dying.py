"""A worker that is killed at its nth step: after each commit, and before and after each answer of the CRM.

Runs in a process of its own (see test_crash), because SIGKILL leaves nothing to clean up.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from connector.services import opened
from connector.settings import load
from connector.store.base import Database
from jobs.drain import drain


def work(variables: Mapping[str, str], install_id: str, *, die_at: int, later: float) -> None:
    """Drain an install with the clock `later` seconds ahead; killed at step `die_at` (0 = never)."""
    steps = _Steps(die_at)
    _watch_commits(steps)
    _watch_answers(steps)
    with opened(load(variables)) as services:
        tools = services.tools
        ahead = timedelta(seconds=later)
        drain(replace(tools, clock=lambda: services.clock() + ahead, ring=lambda _install: None), install_id)


class _Steps:
    def __init__(self, die_at: int) -> None:
        self._left = die_at

    def take(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _watch_commits(steps: _Steps) -> None:
    write = Database.write

    @contextlib.contextmanager
    def watched(self: Database) -> Iterator[Any]:
        with write(self) as connection:
            yield connection
        steps.take()

    Database.write = watched  # type: ignore[method-assign]


def _watch_answers(steps: _Steps) -> None:
    answer = http.client.HTTPConnection.getresponse

    def watched(self: http.client.HTTPConnection) -> http.client.HTTPResponse:
        steps.take()  # sent, and perhaps applied: nobody here will know
        found = answer(self)
        steps.take()
        return found

    http.client.HTTPConnection.getresponse = watched  # type: ignore[method-assign]
