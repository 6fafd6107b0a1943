"""Where the chaos happens: both local CRMs, and every process of the product as one that can be told to die."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis
from sqlalchemy.exc import DBAPIError

from connector.store import installs, migrate
from connector.store.base import Database
from connector.store.installs import Install
from tests.chaos import mortal, steps
from tests.demo.watch import SalesforceEye
from tests.local.forks import Forked
from tests.local.person import Person
from tests.local.processes import end, until
from tests.local.product import Product
from tests.local.world import begin
from tests.sandbox.seed.companies import load_companies
from tests.soak.ground import QUICK, Ground
from tests.soak.hubspot.place import MESS, SECOND, Portals
from tests.soak.place import Place

RULES = Path(__file__).parent / "rules.yaml"
ROLES = {"worker": "worker", SECOND: "worker", "listener": "listener", "web": "web", "clock": "clock"}
"""Every process of the product that can be told to die -> the command that it runs."""
SETTINGS = QUICK | {
    "LEASE_SECONDS": "3",
    "RULES_POLL_SECONDS": "2",
    "RECONCILE_SECONDS": "600",
    "SALESFORCE_POLL_SECONDS": "2",
    "SALESFORCE_API_SHARE": "1",
    "CRM_READ_TIMEOUT": "4",
    "WEB_WORKERS": "1",
    "PARK_AFTER_ATTEMPTS": "1000",
}
"""Short enough that a run sees what comes after each trouble. Nothing is parked for what only failed for a while."""
TEND_SECONDS = 0.1
SEEN_SECONDS = 60.0
FROZEN_SECONDS = 5.0
"""Longer than a lease."""


class Mortals(Product):
    """The product, its processes started so that they can be told to die; what has ended is started again."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.orders = self.world.directory / "orders"
        self.orders.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.died: Counter[str] = Counter()
        self._over = threading.Event()
        self._tending = threading.Thread(target=self._tend, name="tending", daemon=True)

    def start(self, *names: str) -> None:
        """Start processes by their names; the database is there already."""
        environment = self.world.environment(self.data, **self.settings)
        for name in names:
            mortals = ("-m", mortal.__name__, str(self.orders), ROLES.get(name, ""), name)
            arguments = mortals if name in ROLES else ("-m", "connector.cli", name)
            with self.lock:
                self.processes[name] = Forked(*arguments, environment=environment, log=self.log)

    def signal(self, name: str, number: int) -> list[int]:
        """Send a signal to a process and to all that it has forked; return their process groups."""
        with self.lock:
            groups = _groups(self.processes[name].pid)
            _signal(groups, number)
        return groups

    def tend(self) -> None:
        """From now on, start again whatever ends, as a supervisor does."""
        self._tending.start()

    def stop(self) -> None:
        """Stop every process, Valkey last."""
        self._over.set()
        if self._tending.is_alive():
            self._tending.join()
        super().stop()

    def _tend(self) -> None:
        while not self._over.wait(TEND_SECONDS):
            with self.lock:
                ended = [name for name, process in self.processes.items() if process.poll() is not None]
                for name in ended:
                    self.died[name] += 1
                    end(self.processes[name])
                    self.start(name)


@dataclass(kw_only=True)
class Stage:
    """The running product over both CRMs: `org` is how Salesforce is seen of it, `portals` how HubSpot."""

    product: Mortals
    database: Database
    org: Place
    portals: Portals
    admin: Person
    frozen: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def installs(self) -> tuple[Install, ...]:
        """Every connection."""
        return (*self.org.installs, *self.portals.installs)

    def hurry(self) -> None:
        """Have the time come for which anything waits; not when the database is away just now."""
        for each in (self.org, self.portals):
            with contextlib.suppress(DBAPIError):
                each.hurry()

    def waiting(self) -> int:
        """Return how many letters wait; 0 when the database is away just now."""
        with contextlib.suppress(DBAPIError):
            return self.org.waiting() + self.portals.waiting()
        return 0

    def busy(self) -> str:
        """Say what is still to be done; "" when nothing is."""
        return self.org.busy() + self.portals.busy()

    def wait(self, condition: Callable[[], object], seconds: float, what: str) -> None:
        """Wait for something; nothing that waits for its time is waited for. Raises TimeoutError."""

        def met() -> object:
            self.hurry()
            return condition()

        until(met, seconds=seconds, what=what, every=0.25)

    def kill(self, name: str) -> None:
        """Kill a process without a chance to clean up, with all that it has forked; it is started again."""
        self.product.signal(name, signal.SIGKILL)

    def kill_alone(self, name: str) -> None:
        """Kill a process while what it has forked goes on, as when a machine is short of memory."""
        with self.product.lock, contextlib.suppress(ProcessLookupError):
            os.kill(self.product.processes[name].pid, signal.SIGKILL)

    def ask_to_stop(self, name: str) -> None:
        """Ask a process to stop, as a deploy does; it is started again when it has."""
        with self.product.lock, contextlib.suppress(ProcessLookupError):
            os.kill(self.product.processes[name].pid, signal.SIGTERM)

    def freeze(self, name: str, seconds: float = FROZEN_SECONDS) -> None:
        """Stop a process in the middle of whatever it does, for longer than its leases last."""
        groups = self.product.signal(name, signal.SIGSTOP)
        thaw = "; ".join(f"kill -CONT -{each} 2>/dev/null" for each in groups)
        # By a process of its own: were we killed meanwhile, what is frozen could never end.
        self.frozen.append(subprocess.Popen(["sh", "-c", f"sleep {seconds}; {thaw}"], start_new_session=True))

    def thaw(self) -> None:
        """Wait until nothing is frozen any more."""
        for each in self.frozen:
            each.wait()
        self.frozen.clear()

    def order_death(self, step: str, *, with_parent: bool) -> None:
        """Have whoever reaches a step first be gone there."""
        order = steps.order_at(self.product.orders, step)
        whole = order.with_suffix(".new")
        whole.write_text(steps.WITH_PARENT if with_parent else steps.ALONE)
        whole.replace(order)

    def is_waited_for(self, step: str) -> bool:
        """Whether nobody has died at a step yet."""
        return steps.order_at(self.product.orders, step).exists()

    def withdraw_deaths(self) -> list[str]:
        """Have nobody die at the steps that were ordered and never reached; return their names."""
        left = [name for name in steps.NAMES if self.is_waited_for(name)]
        for name in left:
            steps.order_at(self.product.orders, name).unlink(missing_ok=True)
        return left

    def set_clock(self, seconds: float, who: str = mortal.EVERYBODY) -> None:
        """Put the clock of a process, or of all, ahead of the true time (or behind it)."""
        file = mortal.clock_at(self.product.orders, who)
        whole = file.with_suffix(".new")
        whole.write_text(str(seconds))
        whole.replace(file)


def _signal(groups: list[int], number: int) -> None:
    for each in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(each, number)


def _groups(pid: int) -> list[int]:
    """Return the process groups of a process and of what it forked: a worker's job is in one of its own."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        found = [int(each) for each in children.read_text().split()]
    except FileNotFoundError:
        return []
    groups = {pid}
    for each in found:
        with contextlib.suppress(ProcessLookupError):
            groups.add(os.getpgid(each))
    return sorted(groups)


class Tended(Ground):
    """A place whose processes are started again by themselves."""

    def kill(self, name: str) -> None:
        """Kill a process without a chance to clean up."""
        assert isinstance(self.product, Mortals)
        self.product.signal(name, signal.SIGKILL)

    def lose_second_worker(self) -> None:
        """Kill the other worker."""
        self.kill(SECOND)

    def empty_redis(self) -> None:
        """Lose every doorbell, once Valkey answers: it may have been killed a moment ago."""

        def emptied() -> bool:
            with contextlib.suppress(redis.RedisError):
                super(Tended, self).empty_redis()
                return True
            return False

        until(emptied, seconds=SEEN_SECONDS, what="Valkey emptied")


class Org(Tended, Place):
    """Salesforce."""


class Scattered(Tended, Portals):
    """HubSpot."""


@contextlib.contextmanager
def stage(directory: Path, *, accounts: int, database: str = "", **settings: str) -> Iterator[Stage]:
    """Run the product over fresh CRMs, connected, with the rules in force and in mode act."""
    chosen = SETTINGS | settings | ({"DATABASE_URL": database} if database else {})
    world = begin(directory)
    product = Mortals(world, directory / "data", chosen)
    try:
        product.data.mkdir(parents=True)
        with product.store() as store:
            migrate.upgrade(store)
        product.start("valkey", *ROLES)
        admin = Person(world)
        product.wait_until_ready(admin)
        product.fill(accounts)
        org = product.connect(admin, "salesforce")
        portal = product.connect(Person(world), "hubspot")
        with product.store() as store:
            for each in (org, portal):
                product.push_rules(each, RULES)
                with store.write() as connection:
                    installs.set_mode(connection, each.id, "act")
            seen: dict[str, Any] = {"companies": load_companies()[:accounts], "hurried": True}
            found = Stage(
                product=product,
                database=store,
                org=Org(product, store, (org,), control=world.salesforce_control, eye=SalesforceEye(world), **seen),
                portals=Scattered(product, store, (portal,), control=world.hubspot_control, **seen),
                admin=admin,
            )
            found.portals.control.post("webhooks", MESS)
            product.tend()
            yield found
            found.thaw()
    finally:
        product.stop()
        world.stop()
