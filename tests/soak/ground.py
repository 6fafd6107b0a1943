"""What every soak stands on: the product's processes over a local CRM, read from outside, and killed from there."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import redis
from sqlalchemy import update

from connector.store import decisions, erasures, leases, letters, progress, unfinished
from connector.store.base import Database
from connector.store.installs import Install
from jobs import policy
from tests.local.processes import until
from tests.local.product import Product

RULES = Path(__file__).parents[1] / "demo" / "rules.yaml"
QUICK = {
    "SWEEP_SECONDS": "1",
    "LEASE_SECONDS": "4",
    "DOORBELL_SECONDS": "2",
    "LOG_LEVEL": "INFO",
}


@dataclass
class Ground:
    """The running product. `database` is its own, read from outside; `hurried` see :meth:`wait`."""

    product: Product
    database: Database
    installs: tuple[Install, ...]
    hurried: bool = False

    def waiting(self) -> int:
        """Return how many letters wait."""
        with self.database.read() as connection:
            return sum(letters.counts(connection, each.id)["waiting"] for each in self.installs)

    def busy(self) -> str:
        """Say what is still to be done; "" when nothing is."""
        told = ""
        with self.database.read() as connection:
            for each in self.installs:
                waiting = letters.counts(connection, each.id)["waiting"]
                work = [found.name for found in progress.of(connection, each.id) if found.state != "done"]
                open_ones = len(unfinished.leads(connection, each.id))
                mine = erasures.erasure.c.install_id == each.id
                people = len(connection.execute(erasures.erasure.select().where(mine)).all())
                if waiting or open_ones or work or people:
                    named = ", ".join(work)
                    told += f"{each.name}: {waiting} letters, {open_ones} decisions, {people} to forget, {named}; "
        return told

    def wait_until_quiet(self, heard: Callable[[], object], seconds: float) -> None:
        """Wait until every change has been answered; `heard` says whether the last of them has reached us.

        Raises TimeoutError with what is left.
        """
        try:
            self.wait(heard, seconds, "the last change heard of")
            self.wait(lambda: not self.busy(), seconds, "everything answered")
        except TimeoutError as error:
            raise TimeoutError(f"{error}; left: {self.busy()}") from None

    def wait(self, condition: Callable[[], object], seconds: float, what: str) -> None:
        """Wait for something; in a hurry, nothing that waits for its time is waited for. Raises TimeoutError."""

        def met() -> object:
            if self.hurried:
                self.hurry()
            return condition()

        until(met, seconds=seconds, what=what, every=0.25)

    def kill(self, name: str) -> None:
        """Kill a process of the product without a chance to clean up, and start it again."""
        process = self.product.processes[name]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.product.start(name)

    def hurry(self) -> None:
        """Have the time come for which anything waits: what the CRM asked us to wait, and what was put off."""
        now = utc_now()
        with self.database.write() as connection:
            for each in self.installs:
                leases.release(connection, f"pause:{each.id}", policy.PAUSE_HOLDER)
            for table in (letters.letter, decisions.decision, progress.progress, erasures.erasure):
                connection.execute(update(table).where(table.c.not_before > now).values(not_before=now))

    def empty_redis(self) -> None:
        """Lose every doorbell."""
        connection = redis.Redis.from_url(self.product.world.settings(self.product.data).redis)
        connection.flushall()
        connection.close()


def utc_now() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)
