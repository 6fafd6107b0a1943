"""What an older version left undone is done by the clock, a moment of each tick, so that nobody waits for it."""

from __future__ import annotations

import time

import structlog

from connector.store import arrears, installs
from connector.store.seal import Unreadable
from jobs.tools import Tools

log = structlog.get_logger()

SECONDS = 1.0
"""How long of each tick: some three thousand decisions."""
PAGE = 200
"""Decisions in one transaction: some 50 ms in which SQLite takes no other writer."""


def pay(tools: Tools) -> int:
    """Note what is owed of some decisions; return of how many."""
    ends, paid = time.monotonic() + SECONDS, 0
    with tools.database.read() as connection:
        owing = [found for each in arrears.installs(connection) if (found := installs.by_id(connection, each))]
    for install in owing:
        try:
            seal = tools.seal(install)
        except Unreadable:
            continue  # the drain says so to its people
        while time.monotonic() < ends:
            with tools.database.write() as connection:
                count = arrears.pay(connection, install.id, seal, limit=PAGE)
            paid += count
            if count < PAGE:
                break
    if paid:
        log.info("noted what was owed", decisions=paid)
    return paid
