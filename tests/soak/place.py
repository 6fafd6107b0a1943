"""Where the soak runs: a local Salesforce in its own process, and the product's processes connected to it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from connector.app import create_app
from connector.services import opened
from connector.store import installs
from connector.store.installs import Install
from rules.ruleset import split
from tests.demo.watch import SalesforceEye
from tests.local.person import Person
from tests.local.product import Product
from tests.local.world import Control, begin
from tests.sandbox.control import serve
from tests.sandbox.seed.companies import load_companies
from tests.sandbox.seed.fill import Plan, fill
from tests.sandbox.seed.model import Company
from tests.sandbox.seed.targets import Salesforce
from tests.soak.ground import QUICK, RULES, Ground

KEEPALIVE_SECONDS = 2.0
"""How soon a stream says that it is quiet; told before anybody listens, for a wait that has begun keeps its length."""
SETTINGS = QUICK | {
    "SALESFORCE_POLL_SECONDS": "2",
    # The soak is about changes, not about the budget: it makes the calls of a day in minutes.
    "SALESFORCE_API_SHARE": "1",
}


@dataclass(kw_only=True)
class Place(Ground):
    """A connected org in mode act."""

    control: Control
    eye: SalesforceEye
    companies: tuple[Company, ...]

    @property
    def install(self) -> Install:
        """The org."""
        return self.installs[0]


@contextlib.contextmanager
def place(directory: Path, *, accounts: int, database: str = "") -> Iterator[Place]:
    """Run the product over a fresh org with so many accounts; on SQLite, or on an empty `database` (its URL)."""
    settings = SETTINGS | ({"DATABASE_URL": database} if database else {})
    world = begin(directory)
    world.hubspot.stop()
    product = Product(world, directory / "data", settings)
    try:
        world.salesforce_control.post("settings", {"keepalive_seconds": KEEPALIVE_SECONDS})
        product.start("valkey", "worker", "listener", "clock")
        ready = world.salesforce.ready
        fill(Salesforce(ready["url"], Path(ready["ca"])), Plan(accounts=accounts, total=accounts))
        _write_rules(world.salesforce_control)
        install = _connect(product)
        with product.store() as store:
            with store.write() as connection:
                installs.set_mode(connection, install.id, "act")
            yield Place(
                product,
                store,
                (install,),
                control=world.salesforce_control,
                eye=SalesforceEye(world),
                companies=load_companies()[:accounts],
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
