"""Where the soak runs: a local Salesforce in its own process, and the product's processes connected to it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import redis

from connector.store import decisions, letters, progress
from connector.store.base import Database
from connector.store.installs import Install
from tests.demo.watch import SalesforceEye
from tests.local.person import Person
from tests.local.processes import end, until
from tests.local.product import Product
from tests.local.world import Control, begin
from tests.sandbox.seed.companies import load_companies
from tests.sandbox.seed.fill import Plan, fill
from tests.sandbox.seed.model import Company
from tests.sandbox.seed.targets import Salesforce

RULES = Path(__file__).parents[1] / "demo" / "rules.yaml"
QUICK = {
    "SWEEP_SECONDS": "1",
    "LEASE_SECONDS": "4",
    "SALESFORCE_POLL_SECONDS": "2",
    # The soak is about changes, not about the budget: it makes the calls of a day in minutes.
    "SALESFORCE_API_SHARE": "1",
    "LOG_LEVEL": "INFO",
}


@dataclass
class Place:
    """A connected org in mode act. `database` is the product's own, read from outside."""

    product: Product
    control: Control
    eye: SalesforceEye
    install: Install
    database: Database
    companies: tuple[Company, ...]

    def waiting(self) -> int:
        """Return how many letters wait."""
        with self.database.read() as connection:
            return letters.counts(connection, self.install.id)["waiting"]

    def busy(self) -> str:
        """Say what is still to be done; "" when nothing is."""
        with self.database.read() as connection:
            counts = letters.counts(connection, self.install.id)
            work = [each.name for each in progress.of(connection, self.install.id) if each.state != "done"]
            open_ones = len(decisions.unfinished_leads(connection, self.install.id))
        told = f"{counts['waiting']} letters, {open_ones} decisions, {', '.join(work)}"
        return told if counts["waiting"] or open_ones or work else ""

    def wait_until_quiet(self, last: str, seconds: float) -> None:
        """Wait until every change has been answered; `last` is a lead made behind all others, so events come no more.

        Raises TimeoutError with what is left.
        """
        try:
            until(lambda: last in self.eye.audits(), seconds=seconds, what="the last lead audited", every=0.5)
            until(lambda: not self.busy(), seconds=seconds, what="everything answered", every=0.25)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; left: {self.busy()}") from None

    def kill(self, name: str) -> None:
        """Kill a process of the product without a chance to clean up, and start it again."""
        process = self.product.processes[name]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.product.start(name)

    def empty_redis(self) -> None:
        """Lose every doorbell."""
        connection = redis.Redis.from_url(self.product.world.settings(self.product.data).redis)
        connection.flushall()
        connection.close()


@contextlib.contextmanager
def place(directory: Path, *, accounts: int, database: str = "") -> Iterator[Place]:
    """Run the product over a fresh org with so many accounts; on SQLite, or on an empty `database` (its URL)."""
    settings = QUICK | ({"DATABASE_URL": database} if database else {})
    world = begin(directory)
    world.hubspot.stop()
    product = Product(world, directory / "data", settings)
    try:
        product.start("valkey", "web", "worker")
        admin = Person(world)
        ready = world.salesforce.ready
        fill(Salesforce(ready["url"], Path(ready["ca"])), Plan(accounts=accounts, total=accounts))
        product.wait_until_ready(Person(world))
        product.start("listener", "clock")
        install = product.connect(admin, "salesforce")
        product.push_rules(install, RULES)
        product.act(admin, install)
        end(product.processes.pop("web"))
        with product.store() as store:
            eye = SalesforceEye(world)
            yield Place(product, world.salesforce_control, eye, install, store, load_companies()[:accounts])
    finally:
        product.stop()
        world.salesforce.stop()


def utc_now() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)
