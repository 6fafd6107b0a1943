"""Where the soak runs: a local HubSpot with two portals, and the product's processes connected to both.

One portal is Enterprise and keeps audits in custom objects. The other is Starter and keeps them in notes, and HubSpot
itself links its contacts to companies by their e-mail, in a race with us. Two workers share the work and the budget.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

from connector.store import cursors, installs, progress
from connector.store.base import Database
from connector.store.installs import Install
from jobs import reconcile
from tests.local.forks import Forked
from tests.local.person import Person
from tests.local.processes import until
from tests.local.product import SETUP_SECONDS, Product
from tests.local.world import Control, begin
from tests.sandbox.hubspot.hub import DEFAULT_PORTAL
from tests.sandbox.seed.companies import load_companies
from tests.sandbox.seed.fill import Plan, fill
from tests.sandbox.seed.model import Company
from tests.sandbox.seed.targets import Hubspot
from tests.soak.ground import QUICK, RULES, Ground, utc_now

RECONCILE = timedelta(minutes=10)
SETTINGS = QUICK | {
    "RECONCILE_SECONDS": str(RECONCILE.total_seconds()),
    "RULES_POLL_SECONDS": "2",
    "WEB_WORKERS": "1",
}
SECOND = "second worker"
SECOND_PORTAL = {"tier": "starter", "name": "Small shop", "auto_associate": True, "auto_associate_delay": 0.5}
MESS = {"shuffle": True, "mix_portals": True}
"""What webhooks are like all the time."""


@dataclass(kw_only=True)
class Portals(Ground):
    """Connected portals in mode act."""

    control: Control
    companies: tuple[Company, ...]

    def is_told(self) -> bool:
        """Whether every event has reached us; hours pass for those that were to be sent again."""
        return not self.control.post("webhooks/flush", {})["waiting"]

    def have_compared(self) -> None:
        """Let the time pass after which everything is compared."""
        with self.database.write() as connection:
            for each in self.installs:
                cursors.put(connection, each.id, reconcile.COMPARED, b"-", utc_now() - RECONCILE)

    def lose_second_worker(self) -> None:
        """Kill the second worker without a chance to clean up; the other goes on alone until it is back."""
        process = self.product.processes.pop(SECOND)
        process.kill()
        process.wait()
        start_second_worker(self.product)


def start_second_worker(product: Product) -> None:
    """Start another worker beside the first."""
    environment = product.world.environment(product.data, **product.settings)
    product.processes[SECOND] = Forked("-m", "connector.cli", "worker", environment=environment, log=product.log)


@contextlib.contextmanager
def portals(directory: Path, *, accounts: int, database: str = "") -> Iterator[Portals]:
    """Run the product over two fresh portals with so many companies; on SQLite, or on an empty `database` (its URL)."""
    settings = SETTINGS | ({"DATABASE_URL": database} if database else {})
    world = begin(directory)
    world.salesforce.stop()
    product = Product(world, directory / "data", settings)
    control = world.hubspot_control
    try:
        product.start("valkey", "web", "worker", "clock")
        start_second_worker(product)
        second = control.post("portals", SECOND_PORTAL)["portalId"]
        for portal in (DEFAULT_PORTAL, second):
            fill(Hubspot(world.hubspot.ready["url"], portal), Plan(accounts=accounts, total=accounts))
        product.wait_until_ready(Person(world))
        with product.store() as store:
            found = tuple(_connect(product, store, control, str(each)) for each in (DEFAULT_PORTAL, second))
            control.post("webhooks", MESS)
            control.delete("calls")
            companies = load_companies()[:accounts]
            yield Portals(product, store, found, control=control, companies=companies)
    finally:
        product.stop()
        world.hubspot.stop()


def _connect(product: Product, store: Database, control: Control, portal: str) -> Install:
    """Connect a portal through HubSpot's page, wait until it is indexed, push the demo's rules and switch it on."""
    (listed,) = [each for each in control.get("portals") if str(each["portalId"]) == portal]
    admin = next(user["id"] for user in listed["users"] if user["admin"])
    page = Person(product.world).connect("hubspot", account=f"{portal}:{admin}")
    if page.status != HTTPStatus.OK:
        raise LookupError(f"connecting portal {portal} ended on {page.url} ({page.status}): {page.text[:400]}")

    def ready() -> Install | None:
        with store.read() as connection:
            install = next((each for each in installs.every(connection) if each.tenant_id == portal), None)
            work = progress.of(connection, install.id) if install else []
        return install if len(work) > 1 and all(each.state == "done" for each in work) else None

    install: Install = until(ready, seconds=SETUP_SECONDS, what=f"portal {portal} set up and indexed", every=0.2)
    product.push_rules(install, RULES)
    with store.write() as connection:
        installs.set_mode(connection, install.id, "act")
    return install
