"""One product over both sandboxes for the whole folder: connected by OAuth, the demo's rules live, mode act."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from connector.store.installs import Install
from tests.demo.watch import HubSpotEye, SalesforceEye
from tests.local.ingest import Ingest
from tests.local.person import Person
from tests.local.product import PROCESSES, Product
from tests.local.world import CrmName, begin
from tests.postgres import Postgres
from tests.sandbox.seed.companies import load_companies
from tests.sandbox.seed.model import Company

ACCOUNTS = 300
RULES = Path(__file__).parents[1] / "demo" / "rules.yaml"
QUICK = {
    "SWEEP_SECONDS": "1",
    "LEASE_SECONDS": "4",
    "RULES_POLL_SECONDS": "2",
    "LOG_LEVEL": "INFO",
    "SALESFORCE_FORGET_DELETED": "true",
}
"""Short enough that a test sees what happens after a crash, and after an edit that HubSpot tells nobody about."""

REPORTS = {"SENTRY_TRACES_SAMPLE_RATE": "1", "SENTRY_ENVIRONMENT": "story", "SENTRY_RELEASE": "switchyard@story"}

Eye = SalesforceEye | HubSpotEye


@dataclass
class Connected:
    """A running product with both CRMs connected."""

    product: Product
    admins: dict[CrmName, Person]
    installs: dict[CrmName, Install]
    companies: tuple[Company, ...]
    sentry: Ingest

    def eye(self, crm: CrmName) -> Eye:
        """Return the stranger who reads one CRM back."""
        if crm == "salesforce":
            return SalesforceEye(self.product.world)
        return HubSpotEye(self.product.world, self.installs["hubspot"].tenant_id)


@contextlib.contextmanager
def running_product(**settings: str) -> Iterator[Connected]:
    """Run the product over fresh sandboxes, with both CRMs connected."""
    # A short path: Valkey's socket lies below it, and socket paths are limited to about 100 bytes.
    with tempfile.TemporaryDirectory(prefix="switchyard-", ignore_cleanup_errors=True) as directory:
        world, sentry = begin(Path(directory)), Ingest()
        traced = {**QUICK, **REPORTS, "SENTRY_DSN": sentry.dsn}
        product = Product(world, Path(directory) / "data", {**traced, **settings})
        try:
            product.start(*PROCESSES)
            admins: dict[CrmName, Person] = {"salesforce": Person(world), "hubspot": Person(world)}
            product.wait_until_ready(Person(world))
            product.fill(ACCOUNTS)
            installs = {crm: product.connect(person, crm) for crm, person in admins.items()}
            for crm, install in installs.items():
                product.push_rules(install, RULES)
                product.act(admins[crm], install)
            yield Connected(product, admins, installs, load_companies()[:ACCOUNTS], sentry)
        finally:
            product.stop()
            world.stop()
            sentry.stop()


@pytest.fixture(scope="package")
def connected() -> Iterator[Connected]:
    """The product on its embedded defaults; it ends with this folder's tests, or it would sweep beside all others."""
    with running_product() as found:
        yield found


@pytest.fixture(scope="module")
def connected_on_postgresql(postgres: Postgres) -> Iterator[Connected]:
    """The product on PostgreSQL, as in production."""
    with running_product(DATABASE_URL=postgres.create()) as found:
        yield found
