"""What goes wrong in a chaos beside what does in a soak: processes, their clocks, Valkey, the database, the CRMs."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy.exc import DBAPIError

from connector.store import installs
from tests.chaos import mortal
from tests.chaos.people import Everybody
from tests.chaos.place import ROLES, Stage
from tests.local.person import Person
from tests.local.processes import until
from tests.local.world import Control
from tests.postgres import Postgres
from tests.soak.hubspot.place import SECOND
from tests.soak.hubspot.troubles import LIMIT
from tests.soak.hubspot.troubles import Troubles as OfPortals
from tests.soak.troubles import Troubles as OfOrg

LOCKED_SECONDS = 3.0
LONG_LOCKED_SECONDS = 33.0
"""Longer than anybody waits for SQLite."""
AHEAD_SECONDS = 90.0
"""How far clocks jump: timers come due, leases run out or last; HubSpot's signatures may be five minutes old.

A lease that was taken by a clock that is ahead holds for so long after its taker has died: the short form jumps less.
"""
LITTLE_AHEAD_SECONDS = 12.0
SEEN_SECONDS = 300.0
SALESFORCE_BUSY: Any = [{"errorCode": "SERVER_UNAVAILABLE", "message": "The server is busy."}]
HALF_A_TOKEN = "POST /services/oauth2/token"
CALLS = {
    "salesforce": "/services/(data|Soap)",
    "hubspot": "(GET|POST|PUT|PATCH|DELETE) /(crm|oauth|account|communication)",
}
FAULTS: Mapping[str, list[dict[str, Any]]] = {
    "salesforce": [
        {"status": 503, "body": SALESFORCE_BUSY, "share": 0.05},
        {"status": 500, "body": "<html>Internal Server Error</html>", "share": 0.02},
        {"status": 429, "body": SALESFORCE_BUSY, "headers": {"Retry-After": "1"}, "share": 0.02},
        {"drop": "before", "share": 0.05},
        {"drop": "after", "share": 0.05},
        {"delay": 5.0, "share": 0.015},
    ],
    "hubspot": [
        {"status": 502, "body": "<html>bad gateway</html>", "share": 0.03},
        {"status": 503, "body": {"message": "busy"}, "share": 0.03},
        {"status": 429, "body": LIMIT, "headers": {"Retry-After": "1"}, "share": 0.04},
        {"drop": "before", "share": 0.04},
        {"drop": "after", "share": 0.05},
        {"delay": 5.0, "share": 0.015},
    ],
}
"""What a fifth of all calls meets: refused, lost before or after they were applied, or applied after we gave up."""
MANY = 1_000_000
SKIPPED = frozenset({"people erased", "renewal refused by a fault of theirs", "worker killed", "listener killed"})
"""Troubles of the soaks that do not come here: the first is the soak's own matter, the others are more often below."""


@dataclass
class Troubles:
    """Everything that can go wrong, by name. `meanwhile`: how often people act while it lasts; `large`: a mass change.

    `postgres` is the server that the product's database is on, None for SQLite.
    """

    stage: Stage
    people: Everybody
    postgres: Postgres | None = None
    meanwhile: int = 4
    large: int = 60
    long: bool = False
    kinds: Mapping[str, Callable[[], None]] = field(init=False)

    def __post_init__(self) -> None:
        """Name them all."""
        portals, org = self.stage.portals, self.stage.org
        crms = {
            **OfOrg(org, self.people.sellers, large=self.large, meanwhile=self.meanwhile).kinds,
            **OfPortals(portals, _teams(self.people), self.meanwhile).kinds,
        }
        self.kinds = {
            **{name: do for name, do in crms.items() if name not in SKIPPED and (self.long or name not in LONG)},
            **self._of_processes(),
            "Valkey killed": lambda: self.stage.kill("valkey"),
            **(self._of_postgresql() if self.postgres else self._of_sqlite()),
            "Salesforce: a fifth of all calls goes wrong": lambda: self._faults(org.control, "salesforce"),
            "HubSpot: a fifth of all calls goes wrong": lambda: self._faults(portals.control, "hubspot"),
            "the renewal of a token lost on its way": self.lose_renewal,
            "clocks ahead": lambda: self._clock(self._jump(), mortal.EVERYBODY),
            "clocks behind": lambda: self._clock(-self._jump() / 2, mortal.EVERYBODY),
            "clock of one worker ahead": lambda: self._clock(self._jump(), SECOND),
            "Salesforce: access withdrawn, connected again": self.connect_again,
        }

    def _of_processes(self) -> Mapping[str, Callable[[], None]]:
        found: dict[str, Callable[[], None]] = {}
        for name in ROLES:
            found[f"{name} killed"] = partial(self.stage.kill, name)
            found[f"{name} asked to stop"] = partial(self.stage.ask_to_stop, name)
            found[f"{name} frozen"] = partial(self.freeze, name)
        found["worker killed, its job goes on"] = partial(self.stage.kill_alone, "worker")
        return found

    def _of_sqlite(self) -> Mapping[str, Callable[[], None]]:
        found: dict[str, Callable[[], None]] = {"database locked": lambda: self.lock(LOCKED_SECONDS)}
        if self.long:
            found["database locked for longer than anybody waits"] = lambda: self.lock(LONG_LOCKED_SECONDS)
        return found

    def _of_postgresql(self) -> Mapping[str, Callable[[], None]]:
        assert self.postgres is not None
        server = self.postgres
        return {
            "database restarted": server.restart,
            "database crashed": lambda: server.restart(rudely=True),
        }

    def act(self) -> None:
        """Let people go on meanwhile."""
        for _ in range(self.meanwhile):
            self.people.act()

    def freeze(self, name: str) -> None:
        """Have a process stand still for longer than its lease, then go on as if nothing had been."""
        self.stage.freeze(name)
        self.act()

    def lock(self, seconds: float) -> None:
        """Have another process hold the database's only pen."""
        path = self.stage.product.data / "switchyard.sqlite"
        other = sqlite3.connect(path, isolation_level=None, timeout=60)
        other.execute("BEGIN IMMEDIATE")
        try:
            ends = time.monotonic() + seconds
            self.act()
            time.sleep(max(ends - time.monotonic(), 0))  # the lock is what is waited for
        finally:
            other.execute("ROLLBACK")
            other.close()

    def lose_renewal(self) -> None:
        """Have the token die while the first attempts to renew it never arrive."""
        self.stage.org.control.post("faults", {"pattern": HALF_A_TOKEN, "drop": "before", "times": 2})
        self.stage.portals.control.post("faults", {"pattern": "POST /oauth/.*token", "drop": "before", "times": 2})
        for each in (self.stage.org, self.stage.portals):
            each.control.post("expire", {})
        self.act()

    def connect_again(self) -> None:
        """Have the grant withdrawn, as by an admin of the org, and given again by another one later."""
        self.stage.org.control.post("expire", {"refresh": True})
        self.people.sellers.create_many(3)
        self.stage.org.wait(lambda: self._status() == "revoked", SEEN_SECONDS, "the grant found dead")
        self.act()
        until(self._connect, seconds=SEEN_SECONDS, what="connected again", every=1)

    def _connect(self) -> bool:
        with contextlib.suppress(OSError, LookupError):
            Person(self.stage.product.world).connect("salesforce")
        return self._status() == "active"

    def _status(self) -> str:
        with contextlib.suppress(DBAPIError), self.stage.database.read() as connection:
            found = installs.by_id(connection, self.stage.org.install.id)
            return found.status if found else ""
        return ""

    def _faults(self, control: Control, crm: str) -> None:
        """Have a fifth of a CRM's calls go wrong for a while."""
        control.post("faults", [{"pattern": CALLS[crm], "times": MANY, **each} for each in FAULTS[crm]])
        ends = time.monotonic() + self._lasting()
        while time.monotonic() < ends:
            self.act()
            self.stage.hurry()
            time.sleep(0.5)  # the while is what is waited for
        control.delete("faults")

    def _lasting(self) -> float:
        return 15.0 if self.long else 3.0

    def _jump(self) -> float:
        return AHEAD_SECONDS if self.long else LITTLE_AHEAD_SECONDS

    def _clock(self, seconds: float, who: str) -> None:
        """Have clocks jump, and be put right a while later."""
        self.stage.set_clock(seconds, who)
        self.act()
        time.sleep(self._lasting() / 2)  # the while is what is waited for
        self.stage.set_clock(0, who)


LONG = frozenset({"quota used up", "place lost", "overflow", "webhooks lost", "search behind", "web killed"})
"""Troubles of the soaks that only the long form has: the soaks' own short forms have them."""


def _teams(people: Everybody) -> Any:
    """Return those who work in portals, as the soak knows them."""
    from tests.soak.hubspot.people import Teams  # noqa: PLC0415

    return Teams([people.callers], seed=0)
