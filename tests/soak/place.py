"""Where the soak runs: a local Salesforce in its own process, and the product's processes connected to it."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import redis
from sqlalchemy import update

from connector.app import create_app
from connector.services import opened
from connector.store import decisions, installs, leases, letters, progress
from connector.store.base import Database
from connector.store.installs import Install
from jobs import policy
from rules.ruleset import split
from tests.demo.watch import SalesforceEye
from tests.local.person import Person
from tests.local.processes import until
from tests.local.product import Product
from tests.local.world import Control, begin
from tests.sandbox.control import serve
from tests.sandbox.seed.companies import load_companies
from tests.sandbox.seed.fill import Plan, fill
from tests.sandbox.seed.model import Company
from tests.sandbox.seed.targets import Salesforce

RULES = Path(__file__).parents[1] / "demo" / "rules.yaml"
QUICK = {
    "SWEEP_SECONDS": "1",
    "LEASE_SECONDS": "4",
    "DOORBELL_SECONDS": "2",
    "SALESFORCE_POLL_SECONDS": "2",
    # The soak is about changes, not about the budget: it makes the calls of a day in minutes.
    "SALESFORCE_API_SHARE": "1",
    "LOG_LEVEL": "INFO",
}


@dataclass
class Place:
    """A connected org in mode act. `database` is the product's own, read from outside; `hurried` see :meth:`wait`."""

    product: Product
    control: Control
    eye: SalesforceEye
    install: Install
    database: Database
    companies: tuple[Company, ...]
    hurried: bool = False

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
            self.wait(lambda: last in self.eye.audits(), seconds, "the last lead audited")
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
        """Have the time come for which anything waits: what Salesforce asked us to wait, and what was put off."""
        now = utc_now()
        with self.database.write() as connection:
            leases.release(connection, f"pause:{self.install.id}", policy.PAUSE_HOLDER)
            for table in (letters.letter, decisions.decision, progress.progress):
                connection.execute(update(table).where(table.c.not_before > now).values(not_before=now))

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
        product.start("valkey", "worker", "listener", "clock")
        ready = world.salesforce.ready
        fill(Salesforce(ready["url"], Path(ready["ca"])), Plan(accounts=accounts, total=accounts))
        _write_rules(world.salesforce_control)
        install = _connect(product)
        with product.store() as store:
            with store.write() as connection:
                installs.set_mode(connection, install.id, "act")
            yield Place(
                product, world.salesforce_control, SalesforceEye(world), install, store, load_companies()[:accounts]
            )
    finally:
        product.stop()
        world.salesforce.stop()


def _connect(product: Product) -> Install:
    """Connect through Salesforce's pages; the console is needed for that only."""
    with opened(product.world.settings(product.data, **product.settings)) as services:
        console = serve(create_app(services), port=product.world.port)
        try:
            return product.connect(Person(product.world), "salesforce")
        finally:
            console.stop()


def _write_rules(control: Control) -> None:
    """Have the demo's rules in the org before we come: so there are no starter rules to replace."""
    items = split(RULES.read_text(encoding="utf-8"))
    rows = [
        {"Name": item.name, "Kind__c": item.kind, "Position__c": place, "State__c": "live", "Definition__c": item.text}
        for place, item in enumerate(items)
    ]
    control.post("load", {"sobject": "Routing_Rule__c", "rows": rows})


def utc_now() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)
