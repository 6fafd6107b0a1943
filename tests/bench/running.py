"""The whole product to be measured: each process a Python of its own, as users start it, over both local CRMs."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connector.store import migrate
from connector.store.installs import Install
from tests.bench import usage
from tests.demo.watch import HubSpotEye, SalesforceEye
from tests.local.person import Person
from tests.local.processes import spawn
from tests.local.product import Product
from tests.local.world import CrmName, begin
from tests.sandbox.seed.companies import load_companies
from tests.sandbox.seed.model import Company

RULES = Path(__file__).parents[1] / "demo" / "rules.yaml"
SETTINGS = {"LOG_LEVEL": "WARNING", "SALESFORCE_API_SHARE": "1", "RATE_LIMITS": "false"}
"""The product's own settings but for these: a benchmark makes the calls of a day in minutes."""


class Measured(Product):
    """A product whose processes share nothing with the measuring one, so that their memory is their own."""

    def start(self, *names: str) -> None:
        """Start processes by name; what follows the first word tells two of a kind apart (``worker 2``)."""
        environment = self.world.environment(self.data, **self.settings)
        self.data.mkdir(parents=True, exist_ok=True)
        with self.store() as database:
            migrate.upgrade(database)
        for name in names:
            role = name.split()[0]
            self.processes[name] = spawn("-m", "connector.cli", role, environment=environment, log=self.log)

    def spent(self) -> dict[str, float]:
        """Return the seconds of a core that each kind of process has used."""
        return self._by_role({name: usage.cpu_seconds(each.pid) for name, each in self.processes.items()})

    def memory(self) -> dict[str, usage.Memory]:
        """Return what each process occupies now."""
        return {name: usage.memory(each.pid) for name, each in self.processes.items()}

    @staticmethod
    def _by_role(values: Mapping[str, float]) -> dict[str, float]:
        found: dict[str, float] = {}
        for name, value in values.items():
            found[name.split()[0]] = found.get(name.split()[0], 0.0) + value
        return found


@dataclass(frozen=True)
class Side:
    """One CRM with the product connected to it: `eye` reads it as a stranger."""

    crm: CrmName
    install: Install
    eye: SalesforceEye | HubSpotEye

    def waits(self) -> dict[str, float]:
        """Return how long each lead took from its creation to its owner, in seconds, by the CRM's own clock."""
        return {lead: max(0.0, (owned - born).total_seconds()) for lead, (born, owned) in self.times().items()}

    def times(self) -> dict[str, tuple[datetime, datetime]]:
        """Return when each lead came and when its owner was set: for Salesforce, when the graph with its audit was."""
        if isinstance(self.eye, HubSpotEye):
            rows = self.eye.rows("contacts")
            stamps = {
                row["id"]: (row["createdAt"], row["properties"].get("hubspot_owner_assigneddate")) for row in rows
            }
        else:
            born = {row["Id"]: row["CreatedDate"] for row in self.eye.rows("Lead")}
            audits = self.eye.rows("Routing_Audit__c")
            stamps = {row["Record_Id__c"]: (born[row["Record_Id__c"]], row["CreatedDate"]) for row in reversed(audits)}
        return {lead: (_moment(first), _moment(last)) for lead, (first, last) in stamps.items() if last}


@dataclass(frozen=True)
class Line:
    """The running product and what it is connected to."""

    product: Measured
    sides: dict[CrmName, Side]
    companies: tuple[Company, ...]


@contextlib.contextmanager
def running(*, accounts: int, workers: int, database: str = "", **settings: str) -> Iterator[Line]:
    """Run the product over fresh CRMs, connected, with the demo's rules in mode act; on SQLite or on `database`."""
    chosen = SETTINGS | settings | ({"DATABASE_URL": database} if database else {})
    # A short path: Valkey's socket lies below it, and socket paths are limited to about 100 bytes.
    with tempfile.TemporaryDirectory(prefix="sy-bench-", ignore_cleanup_errors=True) as name:
        world = begin(Path(name))
        product = Measured(world, Path(name) / "data", chosen)
        try:
            product.start("valkey", "web", "listener", "clock", *(f"worker {n}" for n in range(1, workers + 1)))
            admins: dict[CrmName, Person] = {"salesforce": Person(world), "hubspot": Person(world)}
            product.wait_until_ready(Person(world))
            product.fill(accounts)
            sides: dict[CrmName, Side] = {}
            for crm, person in admins.items():
                install = product.connect(person, crm)
                product.push_rules(install, RULES)
                product.act(person, install)
                eye = SalesforceEye(world) if crm == "salesforce" else HubSpotEye(world, install.tenant_id)
                sides[crm] = Side(crm, install, eye)
            yield Line(product, sides, load_companies()[:accounts])
        finally:
            product.stop()
            world.stop()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00").replace("+0000", "+00:00"))
