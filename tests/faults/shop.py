"""One install on one CRM, wired as in production, with a clock that tests move and orders for the CRM to misbehave."""

from __future__ import annotations

import itertools
import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.rows import RuleRow
from connector.services import Services
from connector.settings import Settings
from connector.store import decisions, installs, letters, progress, rulesets, unfinished
from connector.store.installs import Install
from jobs import setup
from jobs.drain import drain
from rules.model import AUDIT, Event
from tests.contract.grants import walk
from tests.contract.hubspot_place import HubSpotPlace
from tests.contract.place import Landed
from tests.contract.salesforce_place import SalesforcePlace
from tests.local.processes import until
from tests.local.world import CrmName

RealPlace = SalesforcePlace | HubSpotPlace

_OBJECTS = "POST /crm/objects/2026-09"
STEPS: dict[CrmName, dict[str, str]] = {
    "salesforce": {
        "read": "POST /services/data/[^/]+/composite/sobjects/Lead",
        "record": "POST /services/data/[^/]+/composite/graph",
        "notify": "POST /services/data/[^/]+/actions/standard/customNotificationAction",
    },
    "hubspot": {
        "read": f"{_OBJECTS}/0-1/batch/read",
        "update": f"{_OBJECTS}/0-1/batch/update",
        "link": "POST /crm/associations/2026-09/0-1/0-2/batch/create",
        "task": f"{_OBJECTS}/0-27/batch/create",
        AUDIT: f"{_OBJECTS}/2-[0-9]+/batch/create",
    },
}
"""The calls of a drain that carry leads: ``METHOD /path`` as a regular expression."""
RULES: dict[CrmName, str] = {
    "salesforce": "GET /services/data/[^/]+/query\\?.*Routing_Rule__c",
    "hubspot": "GET /crm/objects/2026-09/2-[0-9]+",
}
"""The call that reads the rule records."""
TOKEN = "POST /(services/oauth2|oauth/2026-09)/token"
DOMAIN = "globex.example"


class Shop(Services):
    """The services of one process. `at` is the call that the test is about: a step of :data:`STEPS`."""

    def __init__(self, settings: Settings, place: RealPlace, crm: CrmName) -> None:
        self.ahead = timedelta(0)
        self.rung: list[str] = []
        self.place = place
        self.crm_name = crm
        self._numbers = itertools.count(1)
        self._added: list[RuleRow] = []
        super().__init__(settings)

    def clock(self) -> datetime:
        """Return the time, moved ahead as the test says."""
        return datetime.now(UTC) + self.ahead

    def ring(self, install_id: str) -> None:
        """Note that somebody rang; no worker listens here."""
        self.rung.append(install_id)

    @property
    def install(self) -> Install:
        """The install as it stands now."""
        found = self.install_of(self.crm_name, self.place.tenant_id)
        assert found is not None
        return found

    def status(self) -> str:
        """Return whether the install is active or revoked."""
        return self.install.status

    def connect(self) -> None:
        """Connect (again) with a fresh grant, as the console does after the admin has allowed it."""
        grant = walk(self.settings, self.crm_name, self.place.tenant_id)
        with self.database.write() as connection:
            install, new = installs.connect(
                connection,
                crm=self.crm_name,
                tenant_id=self.place.tenant_id,
                name="Acme",
                base_url=grant.base_url,
                scopes=grant.scopes,
                new_key=self.keyring.new_key(),
                now=self.clock(),
            )
            self.vault.keep(connection, install.id, self.seal(install), grant)
            if new:
                installs.set_mode(connection, install.id, "act")
                progress.start(connection, install.id, setup.NAME, now=self.clock())

    def leads(self, count: int = 2) -> list[str]:
        """Make leads of the one account there is, and receive the letters about them."""
        made = []
        for _ in range(count):
            name = f"Kim{secrets.token_hex(4)}"
            made.append(self.place.lead(last_name=name, email=f"{name.lower()}@{DOMAIN}", company="Globex"))
        self.post(made)
        return made

    def post(self, lead_ids: Sequence[str]) -> None:
        """Receive a letter about each of these leads: it was created."""
        now = self.clock()
        events = [Event(f"e{next(self._numbers)}:{each}", "lead", each, "created", now) for each in lead_ids]
        with self.database.write() as connection:
            assert letters.receive(connection, self.install.id, events, now=now) == len(events)

    def add_rule(self, name: str, kind: str, text: str) -> None:
        """An admin adds a rule record, live at once; it holds until :meth:`take_rules_back`."""
        row = RuleRow(name, kind, 90, text)
        crm = self.place.open()
        self._added += [replace(row, id=each) for each in crm.put_rules([row])]
        crm.close()

    def take_rules_back(self) -> None:
        """Make drafts of the rule records that were added: the CRM is shared by all tests of this folder."""
        if self._added:
            crm = self.place.open()
            crm.put_rules([replace(row, state="draft") for row in self._added])
            crm.close()

    def drain(self, **later: float) -> None:
        """Let that much time pass, then drain."""
        self.ahead_by(**later)
        drain(self.tools, self.install.id)

    def fault(self, pattern: str, **fault: Any) -> None:
        """Order the CRM to misbehave."""
        self.place.control.post("faults", {"pattern": pattern, **fault})

    def fault_at(self, step: str, **fault: Any) -> None:
        """Order the CRM to misbehave at a step."""
        self.fault(STEPS[self.crm_name][step], **fault)

    def ahead_by(self, **later: float) -> None:
        """Let that much time pass."""
        self.ahead += timedelta(**later)

    def expire(self) -> None:
        """The access token runs out before its time."""
        self.place.control.post("expire", {"portalId": int(self.place.tenant_id)} if self.crm_name == "hubspot" else {})

    def withdraw(self) -> None:
        """An admin of the CRM takes the app's access away."""
        if self.crm_name == "hubspot":
            self.place.control.post("uninstall", {"portalId": int(self.place.tenant_id)})
        else:
            self.place.control.post("expire", {"refresh": True})

    def calls_to(self, pattern: str) -> int:
        """Return how many calls the CRM has finished whose ``METHOD /path`` matches."""
        lines = [f"{call['method']} {call['path']}" for call in self.place.control.get("calls")]
        return sum(bool(re.search(pattern, line)) for line in lines)

    def token_calls(self) -> int:
        """Return how often a token was asked for."""
        return self.calls_to(TOKEN)

    def is_quiet(self) -> bool:
        """Whether a drain makes no call now, because the CRM asked for quiet."""
        before = len(self.place.control.get("calls"))
        self.drain()
        return len(self.place.control.get("calls")) == before

    def inbox(self) -> dict[str, int]:
        """Return how many letters wait and how many are parked."""
        with self.database.read() as connection:
            return letters.counts(connection, self.install.id)

    def version(self) -> str:
        """Return the version of the rule set in force."""
        with self.database.read() as connection:
            live = rulesets.get(connection, self.install.id, self.seal(self.install))
        return live.version if live else ""

    def parked(self) -> list[str]:
        """Return why letters or decisions are parked."""
        with self.database.read() as connection:
            of_letters = [each.reason for each in letters.parked(connection, self.install.id)]
            some = decisions.recent(connection, self.install.id, self.seal(self.install), limit=100)
        return of_letters + [each.reason for each in some if each.state == "parked"]

    def retry(self) -> None:
        """A person clicks: everything that is parked is tried again."""
        with self.database.write() as connection:
            letters.retry_parked(connection, self.install.id, now=self.clock())
            unfinished.retry_parked(connection, self.install.id, now=self.clock())

    def wait_for_call(self, step: str) -> None:
        """Wait until the CRM has finished the call of a step that we no longer wait for."""
        pattern = STEPS[self.crm_name][step]
        until(lambda: self.calls_to(pattern) > 0, seconds=60, what=f"the slow call at {step}")

    def check(self, lead_ids: Sequence[str], *, bells: set[int] | None = None) -> None:
        """Every lead has its owner, account, one task and one audit; no letter, no decision is left over."""
        for lead_id in lead_ids:
            landed = self.place.landed(lead_id)
            assert (landed.owner_id, len(landed.account_id) > 0) == (self.place.ana.id, True), landed
            assert landed.tasks == (self.place.ana.id,), landed
            assert landed.bells in (bells or {1}), landed
            assert list(landed.audits.items()) == [(landed.decision, "assigned")], landed
        self.check_nothing_left()

    def check_nothing_left(self) -> None:
        """No letter waits, nothing is parked, nothing is unfinished."""
        assert self.inbox() == {"waiting": 0, "parked": 0}
        assert self.parked() == []
        with self.database.read() as connection:
            assert unfinished.leads(connection, self.install.id) == set()

    def landed(self, lead_id: str) -> Landed:
        """Read back a lead."""
        return self.place.landed(lead_id)
