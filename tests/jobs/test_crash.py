"""A worker killed between any two steps, over both sandboxes with the real clients: nothing lost or doubled."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.app import create_app
from connector.services import opened
from connector.store import installs, letters, migrate, unfinished
from connector.store.installs import Install
from jobs.drain import drain
from rules.model import Event
from tests.demo.watch import HubSpotEye, SalesforceEye
from tests.jobs import dying
from tests.local.forks import forking
from tests.local.person import Person
from tests.local.product import Product
from tests.local.world import CrmName, World, begin
from tests.sandbox.control import serve

AFTER_THE_LEASE = 3600.0
MOST_STEPS = 80
KILL_EVERY = int(os.environ.get("KILL_EVERY", "3"))
"""At every how many-th step a worker is killed: at every third one here, at each of them by ``make crash``."""
FIRST_STEP: dict[CrmName, int] = {"salesforce": 1, "hubspot": KILL_EVERY}
CRMS: tuple[CrmName, ...] = ("salesforce", "hubspot")


@dataclass
class Place:
    """Both CRMs connected, in mode act with the starter rules; no process of the product runs."""

    world: World
    variables: dict[str, str]
    installs: dict[CrmName, Install]

    def post(self, crm: CrmName, lead_ids: list[str]) -> None:
        """Put a letter for each lead into the inbox, as the listener or the webhook would."""
        now = datetime.now(UTC)
        events = [Event(f"created:{lead_id}", "lead", lead_id, "created", now) for lead_id in lead_ids]
        with opened(self.world.settings(self.world.directory / "data")) as services, services.database.write() as store:
            letters.receive(store, self.installs[crm].id, events, now=now)

    def run(self, crm: CrmName, *, die_at: int, later: float = 0.0) -> int | None:
        """Run a worker in a process of its own; return its exit code (negative: the signal that ended it)."""
        arguments: dict[str, Any] = {"die_at": die_at, "later": later}
        worker = forking().Process(target=dying.work, args=(self.variables, self.installs[crm].id), kwargs=arguments)
        worker.start()
        worker.join(90)
        return worker.exitcode

    def left(self, crm: CrmName) -> int:
        """Return how many letters and unfinished decisions are left."""
        install_id = self.installs[crm].id
        with opened(self.world.settings(self.world.directory / "data")) as services, services.database.read() as store:
            return letters.counts(store, install_id)["waiting"] + len(unfinished.leads(store, install_id))


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="switchyard-", ignore_cleanup_errors=True) as directory:
        world = begin(Path(directory))
        data = Path(directory) / "data"
        data.mkdir()
        try:
            Product(world, data).fill(40)
            yield _connected(world, data)
        finally:
            world.stop()


def _connected(world: World, data: Path) -> Place:
    with opened(world.settings(data)) as services:
        migrate.upgrade(services.database)
        console = serve(create_app(services), port=world.port)
        found: dict[CrmName, Install] = {}
        try:
            for crm in CRMS:
                assert Person(world).connect(crm).status == 200
        finally:
            console.stop()
        with services.database.write() as store:
            for install in installs.every(store):
                installs.set_mode(store, install.id, "act")
                found[install.crm] = install
        for install in found.values():
            drain(services.tools, install.id)
    return Place(world, world.variables(data), found)


@pytest.mark.parametrize("crm", CRMS)
@pytest.mark.timeout(240)
def test_a_worker_killed_at_any_step_leaves_nothing_lost_and_nothing_done_twice(place: Place, crm: CrmName) -> None:
    eye = SalesforceEye(place.world) if crm == "salesforce" else HubSpotEye(place.world, place.installs[crm].tenant_id)
    steps: dict[int, list[str]] = {}
    for step in range(FIRST_STEP[crm], MOST_STEPS, KILL_EVERY):
        rows = [_row(crm, f"{crm}{step}x{number}") for number in range(2)]
        steps[step] = eye.create(rows)
        place.post(crm, steps[step])
        exit_code = place.run(crm, die_at=step)
        if exit_code == 0:
            break
        assert exit_code == -signal.SIGKILL
        assert place.run(crm, die_at=0, later=AFTER_THE_LEASE) == 0
        assert place.left(crm) == 0, f"killed at step {step}"
    assert exit_code == 0, f"more than {MOST_STEPS} steps"
    assert max(steps) > 15, "a drain has more steps than this: the killing does not work"
    audits, owners, tasks, bells = eye.audits(), eye.owners(), eye.tasks(), eye.notifications()
    for step, ids in steps.items():
        for lead_id in ids:
            (audit,) = audits[lead_id]
            assert audit.outcome in {"assigned", "kept"}, f"step {step}: {audit.story}"
            assert owners[lead_id] == audit.owner_id, f"step {step}"
            assert tasks[lead_id] == 1, f"step {step}"
            assert bells[lead_id] <= 1, f"step {step}"


def _row(crm: CrmName, name: str) -> dict[str, Any]:
    email = f"{name}@dying.example"
    if crm == "salesforce":
        return {"LastName": name, "Company": "Dying Worker Ltd", "Email": email}
    return {"lastname": name, "company": "Dying Worker Ltd", "email": email}


def test_two_workers_at_once_share_nothing(place: Place) -> None:
    eye = SalesforceEye(place.world)
    ids = eye.create([_row("salesforce", f"pair{number}") for number in range(10)])
    place.post("salesforce", ids)
    context = forking()
    workers = [
        context.Process(
            target=dying.work,
            args=(place.variables, place.installs["salesforce"].id),
            kwargs={"die_at": 0, "later": AFTER_THE_LEASE + number},
        )
        for number in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(90)
        assert worker.exitcode == 0
    audits, tasks = eye.audits(), eye.tasks()
    assert [len(audits[lead_id]) for lead_id in ids] == [1] * 10
    assert [tasks[lead_id] for lead_id in ids] == [1] * 10
