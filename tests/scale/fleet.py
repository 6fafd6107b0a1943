"""The product on several hosts over many customers: PostgreSQL and Redis here, its processes there.

front       web, clock
a, b, ...   workers, a listener; the last one has a second clock, which stands by
"""

from __future__ import annotations

import contextlib
import secrets
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet
from rq import Worker
from sqlalchemy import text

from connector import embedded
from connector.services import Services
from connector.settings import load
from connector.store import installs, leases, migrate, progress
from connector.store.installs import Install
from jobs import publish as publishing
from jobs.listen import PRESENCE
from oauth.flow import SETUP
from rules.ruleset import split
from tests.demo.watch import HubSpotEye, SalesforceEye
from tests.local.processes import end, get, plain_environment, until
from tests.local.world import Control, CrmName
from tests.scale import crms as customers
from tests.scale.crms import Crms
from tests.scale.hosts import OUTSIDE, Host, Network

RULES = Path(__file__).with_name("rules.yaml")
PORT = 8000
FRONT = "front"
SETTINGS = {
    "LOG_LEVEL": "INFO",
    "SALESFORCE_API_SHARE": "1",
    "LEASE_SECONDS": "6",
    "WEB_WORKERS": "1",
    "CRM_READ_TIMEOUT": "8",
    "CRM_CONNECT_TIMEOUT": "3",
    "BIND": "0.0.0.0",  # noqa: S104 - its host is a namespace with a switch of our own
    "PARK_AFTER_ATTEMPTS": "1000",
}
"""The product's own settings but for these: short enough that a run of minutes sees what comes after a cut cable."""
SETUP_SECONDS = 900.0
STOP_SECONDS = 60.0
START_SECONDS = 120.0
AT_ONCE = 4


@dataclass(frozen=True)
class Customer:
    """One install and its CRM's control plane."""

    install: Install
    control: Control
    crm: CrmName

    @property
    def eye(self) -> SalesforceEye | HubSpotEye:
        """Who reads this CRM as a stranger."""
        return _OrgEye(self.control) if self.crm == "salesforce" else _PortalEye(self.control, self.install.tenant_id)


class _OrgEye(SalesforceEye):
    def __init__(self, control: Control) -> None:
        self._control = control


class _PortalEye(HubSpotEye):
    def __init__(self, control: Control, portal: str) -> None:
        self._control, self._portal = control, portal


@dataclass
class Fleet:
    """Everything that runs. `processes` by name (``b: worker 2``); `services` are this side's own view of the store."""

    directory: Path
    crms: Crms
    hosts: Network
    environment: dict[str, str]
    services: Services
    roles: dict[str, tuple[Host, str]]
    processes: dict[str, subprocess.Popen[str]] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)

    @property
    def log(self) -> Path:
        """Where all processes write."""
        return self.directory / "switchyard.log"

    def start(self, name: str) -> None:
        """Start one process where it belongs."""
        host, role = self.roles[name]
        self.processes[name] = host.start("-m", "connector.cli", role, environment=self.environment, log=self.log)

    def replace(self, name: str) -> tuple[float, int]:
        """Stop a process as a deploy does and start it anew; return the seconds it took to end, and its exit code."""
        process, began = self.processes[name], time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = process.wait(STOP_SECONDS)
        took = time.monotonic() - began
        self.start(name)
        self.wait_for(self.roles[name][1])
        return took, code

    def wait_for(self, role: str) -> None:
        """Wait until all processes of a role are there again, as whoever deploys does before the next one goes."""
        wanted = sum(each == role for _, each in self.roles.values())
        if role == "web":
            self.wait_for_web()
        elif role == "worker":
            until(lambda: Worker.count(self.services.redis) == wanted, seconds=START_SECONDS, what="every worker")
        elif role == "listener":
            until(lambda: self._listeners() == wanted, seconds=START_SECONDS, what="every listener")

    def _listeners(self) -> int:
        with self.services.database.read() as connection:
            return len(leases.live(connection, PRESENCE, now=self.services.clock()))

    def wait_for_web(self) -> None:
        """Wait until webhooks are taken."""
        address = self.roles["front: web"][0].address
        until(
            lambda: get(f"http://{address}:{PORT}/health/ready") == 200, seconds=START_SECONDS, what="the web process"
        )

    def left(self) -> dict[str, int]:
        """Return what is still to be done: events on their way, letters, open decisions, long work."""
        asked = {
            "letters": "SELECT count(*) FROM letter WHERE state <> 'parked'",
            "decisions": "SELECT count(*) FROM decision WHERE state = 'intended'",
            "work": "SELECT count(*) FROM progress WHERE state NOT IN ('done', 'cancelled')",
        }
        with self.services.database.read() as connection:
            found = {name: int(connection.execute(text(query)).scalar_one()) for name, query in asked.items()}
        return found | {"webhooks": int(self.crms.hubspot_control.post("webhooks/flush", {})["waiting"])}

    def wait_until_done(self, seconds: float) -> None:
        """Wait until nothing is left to do. Raises TimeoutError with what is."""
        try:
            until(lambda: not any(self.left().values()), seconds=seconds, what="everything answered", every=1.0)
        except TimeoutError as error:
            raise TimeoutError(f"{error}; left: {self.left()}") from None

    def stop(self) -> None:
        """End every process."""
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            end(process)


def roles(hosts: Network, workers: int) -> dict[str, tuple[Host, str]]:
    """Return which process runs where."""
    working = [name for name in hosts.hosts if name != FRONT]
    found = {f"front: {role}": (hosts.hosts[FRONT], role) for role in ("web", "clock")}
    for name in working:
        host = hosts.hosts[name]
        found |= {f"{name}: worker {number}": (host, "worker") for number in range(1, workers + 1)}
        found[f"{name}: listener"] = (host, "listener")
    return found | {f"{working[-1]}: clock": (hosts.hosts[working[-1]], "clock")}


@contextlib.contextmanager
def fleet(
    directory: Path, net: Network, database: str, *, portals: int, orgs: int, accounts: int, workers: int,
    say: Callable[[str], None],
) -> Iterator[Fleet]:  # fmt: skip
    """Run everything, with every portal and org connected, its rules in force and in mode act."""
    crms = customers.begin(
        directory, portals=portals, orgs=orgs, accounts=accounts, port=PORT, web=net.hosts[FRONT].address
    )
    say(f"{portals} portals and {orgs} orgs, {accounts} accounts each")
    environment = plain_environment() | _variables(directory, database, crms)
    settings = load(environment)
    settings.data_dir.mkdir(parents=True)
    redis = _redis(directory)
    services = Services(settings)
    made = Fleet(directory, crms, net, environment, services, roles(net, workers))
    try:
        embedded.wait_for_redis(settings)
        migrate.upgrade(services.database)
        for name in made.roles:
            made.start(name)
        for role in ("web", "worker", "listener"):
            made.wait_for(role)
        began = time.monotonic()
        made.customers += _connected(made)
        say(f"{len(made.customers)} installs connected, indexed and in mode act after {time.monotonic() - began:.0f} s")
        yield made
    finally:
        made.stop()
        services.close()
        redis.terminate()
        redis.wait()
        crms.stop()


def _variables(directory: Path, database: str, crms: Crms) -> dict[str, str]:
    return SETTINGS | crms.variables() | {
        "PUBLIC_URL": f"http://localhost:{PORT}",
        "PORT": str(PORT),
        "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
        "SESSION_SECRET": secrets.token_urlsafe(32),
        "DATA_DIR": str(directory / "data"),
        "DATABASE_URL": database,
        "REDIS_URL": f"redis://{OUTSIDE}:6379",
    }  # fmt: skip


def _redis(directory: Path) -> subprocess.Popen[bytes]:
    """Run Redis where all hosts reach it."""
    command = [str(embedded._server()), "--bind", OUTSIDE, "--port", "6379", "--protected-mode", "no", "--save", ""]
    with (directory / "redis.log").open("wb") as sink:
        return subprocess.Popen([*command, "--appendonly", "no", "--dir", str(directory)], stdout=sink, stderr=sink)


def _connected(made: Fleet) -> list[Customer]:
    """Connect every customer as the console's pages do, publish the rules, and switch them to act."""
    with ThreadPoolExecutor(AT_ONCE, "connect") as threads:
        orgs = list(threads.map(lambda org: _org(made, org), made.crms.orgs))
        portals = list(threads.map(lambda portal: _portal(made, portal), made.crms.portals))
        found = [*portals, *orgs]
        until(lambda: not made.left()["work"], seconds=SETUP_SECONDS, what="every install set up", every=1.0)
        list(threads.map(lambda customer: _ruled(made.services, customer), found))
    made.wait_until_done(SETUP_SECONDS)
    return found


def _org(made: Fleet, org: customers.Org) -> Customer:
    answers = {"username": customers.ORG_ADMIN}
    install = _granted(made.services, "salesforce", org.url, str(org.running.ready["ca"]), answers)
    return Customer(install, org.control, "salesforce")


def _portal(made: Fleet, portal: str) -> Customer:
    answers = {"account": f"{portal}:{made.crms.admin_of(portal)}"}
    install = _granted(made.services, "hubspot", None, None, answers)
    return Customer(install, made.crms.hubspot_control, "hubspot")


def _granted(services: Services, crm: CrmName, host: str | None, ca: str | None, answers: dict[str, str]) -> Install:
    """Go the way of OAuth with the product's own provider, and write what its callback writes."""
    provider, back = services.vault.provider(crm), f"{services.settings.public_url}/oauth/{crm}/callback"
    url, verifier = provider.authorize(redirect_uri=back, state=secrets.token_hex(8), host=host, purpose="install")
    code = customers.grant_code(url, ca, **answers)
    grant = provider.exchange(code=code, redirect_uri=back, host=host, verifier=verifier)
    who, now = provider.identity(grant), services.clock()
    with services.database.write() as connection:
        install, _ = installs.connect(
            connection, crm=crm, tenant_id=who.tenant_id, name=who.tenant_name, base_url=who.base_url,
            scopes=who.scopes, new_key=services.keyring.new_key(), now=now,
        )  # fmt: skip
        services.vault.keep(connection, install.id, services.seal(install), grant)
        installs.add_admin(connection, install.id, who.user_id, now)
        progress.start(connection, install.id, SETUP, now=now)
    services.ring(install.id)
    return install


def _ruled(services: Services, customer: Customer) -> None:
    """Publish the rules and switch the install to act."""
    items, install = split(RULES.read_text(encoding="utf-8")), customer.install
    with contextlib.closing(services.crm(install)) as crm:
        proposal = publishing.propose(crm, items, name=RULES.name, tests=())
        publishing.publish(
            services.database, install.id, services.seal(install), crm, proposal, by="scale", note="",
            clock=services.clock,
        )  # fmt: skip
    with services.database.write() as connection:
        installs.set_mode(connection, install.id, "act")
    services.ring(install.id)
