"""Clicks on the card in a local Salesforce, heard by the real stream; a worker that dies at any step of doing them."""

from __future__ import annotations

import contextlib
import http.client
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.app import create_app
from connector.services import Services, opened
from connector.store import installs, letters, migrate, unfinished
from connector.store.base import Database
from connector.store.installs import Install
from jobs import listen
from jobs.drain import drain
from rules.model import Event
from tests.demo.watch import SalesforceEye
from tests.jobs.killing import Killed
from tests.local.person import Person
from tests.local.processes import until
from tests.local.world import World, begin
from tests.sandbox.control import serve

ASKED = ("wrong_match", "wrong_owner", "undo", "wrong_owner")
"""What is asked for at each step; the last lead is given to somebody by a person as well, so that one is refused."""
AFTER_THE_LEASE = timedelta(hours=1)
MOST_STEPS = 45
PATIENCE = 90.0


class Org:
    """A local Salesforce with an account and the product connected to it, in mode act."""

    def __init__(self, world: World, services: Services, install: Install) -> None:
        self.world, self.services, self.install = world, services, install
        self.eye = SalesforceEye(world)
        row = {"Name": "Globex", "Website": "https://globex.com"}
        self.account = world.salesforce_control.post("create", {"sobject": "Account", "rows": [row]})["ids"][0]
        self.post("account", [self.account], "created")
        self.drain()

    def post(self, kind: Any, ids: list[str], change: Any) -> None:
        now = datetime.now(UTC)
        events = [Event(secrets.token_hex(8), kind, each, change, now) for each in ids]
        with self.services.database.write() as store:
            letters.receive(store, self.install.id, events, now=now)

    def leads(self, count: int) -> list[str]:
        """Have leads of the account routed."""
        names = [secrets.token_hex(4) for _ in range(count)]
        rows = [{"LastName": each, "Company": "Globex", "Email": f"{each}@globex.com"} for each in names]
        ids = self.eye.create(rows)
        self.post("lead", ids, "created")
        self.drain()
        return ids

    def click(self, ids: list[str], taker: str) -> None:
        """Somebody clicks on the card of each of these leads, and gives the last one away."""
        for lead_id, what in zip(ids, ASKED, strict=True):
            self.eye.change("Lead", lead_id, Switchyard_Request__c=what)
        self.eye.change("Lead", ids[-1], OwnerId=taker)

    def drain(self, *, later: timedelta = timedelta()) -> None:
        tools = self.services.tools
        drain(replace(tools, clock=lambda: tools.clock() + later), self.install.id)

    def left(self) -> int:
        with self.services.database.read() as store:
            found = letters.counts(store, self.install.id)["waiting"]
            return found + len(unfinished.leads(store, self.install.id))

    def rows(self, ids: list[str]) -> list[dict[str, Any]]:
        found = {row["Id"]: row for row in self.eye.rows("Lead")}
        return [found[each] for each in ids]


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    directory = tmp_path_factory.mktemp("requests")
    world = begin(directory)
    try:
        with opened(world.settings(_made(directory / "data"))) as services:
            migrate.upgrade(services.database)
            console = serve(create_app(services), port=world.port)
            try:
                assert Person(world).connect("salesforce").status == 200
            finally:
                console.stop()
            with services.database.write() as store:
                (install,) = installs.every(store)
                installs.set_mode(store, install.id, "act")
            drain(services.tools, install.id)
            yield Org(world, services, install)
    finally:
        world.stop()


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory


@contextlib.contextmanager
def dying(step: int) -> Iterator[None]:
    """Kill what runs at its nth step: after a commit, or before or after an answer of Salesforce."""
    left, write, answer = step, Database.write, http.client.HTTPConnection.getresponse

    def take() -> None:
        nonlocal left
        left -= 1
        if left == 0 and threading.current_thread() is threading.main_thread():
            raise Killed

    @contextlib.contextmanager
    def watched(self: Database) -> Iterator[Any]:
        with write(self) as connection:
            yield connection
        take()

    def answered(self: http.client.HTTPConnection) -> http.client.HTTPResponse:
        take()
        found = answer(self)
        take()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "write", watched)
        patch.setattr(http.client.HTTPConnection, "getresponse", answered)
        yield


def died(work: Callable[[], None], step: int) -> bool:
    """Whether the work was killed at this step; it has fewer otherwise."""
    try:
        with dying(step):
            work()
    except Killed:
        return True
    return False


def test_a_click_is_heard_by_its_event_done_and_answered_and_the_answer_is_no_change_of_others(org: Org) -> None:
    stopped = threading.Event()
    thread = threading.Thread(target=listen.run, args=(org.services.tools, stopped))
    thread.start()
    try:
        (lead_id,) = org.leads(1)
        assert org.rows([lead_id])[0]["Switchyard_Account__c"] == org.account

        def quiet() -> bool:
            org.drain()
            return org.left() == 0

        def answered() -> bool:
            org.drain()
            return not org.rows([lead_id])[0]["Switchyard_Request__c"]

        until(quiet, seconds=PATIENCE, what="a stream without news")
        org.eye.change("Lead", lead_id, Switchyard_Request__c="undo")
        until(answered, seconds=PATIENCE, what="the answer")
        audits = org.eye.audits()[lead_id]
    finally:
        stopped.set()
        thread.join(PATIENCE)
    assert sorted(each.outcome for each in audits) == ["assigned", "undone"]
    assert org.rows([lead_id])[0]["Switchyard_Account__c"] is None


@pytest.mark.timeout(180)
def test_requests_are_carried_out_once_whenever_the_worker_dies(org: Org) -> None:
    ids = org.leads(len(ASKED) * MOST_STEPS)
    owner = org.rows(ids)[0]["OwnerId"]
    taker = next(row["Id"] for row in org.eye.rows("User") if row["IsActive"] and row["Id"] != owner)
    asked: list[list[str]] = []
    for step in range(1, MOST_STEPS):
        asked.append(ids[(step - 1) * len(ASKED) : step * len(ASKED)])
        org.click(asked[-1], taker)
        org.post("lead", asked[-1], "updated")
        killed = died(org.drain, step)
        org.drain(later=AFTER_THE_LEASE)
        assert org.left() == 0, f"killed at step {step}"
        if not killed:
            break
    assert not killed, f"more than {MOST_STEPS} steps"
    assert step > 15, "a drain has more steps than this: the killing does not work"
    audits = org.eye.audits()
    for step, part in enumerate(asked, start=1):
        rows = match, _, undone, refused = org.rows(part)
        assert not any(row["Switchyard_Request__c"] for row in rows), f"step {step}"
        *done, why = [row["Switchyard_Request_Refused__c"] for row in rows]
        assert done == [None, None, None], f"step {step}"
        assert why.startswith("This lead belongs to "), f"step {step}"
        assert not match["Switchyard_Account__c"], f"step {step}"
        assert not undone["Switchyard_Account__c"], f"step {step}"
        told = {row["Id"]: [each.reason for each in audits[row["Id"]]] for row in rows}
        assert [len(told[row["Id"]]) for row in rows] == [2, 2, 2, 1], f"step {step}: {told}"
        assert refused["OwnerId"] == taker, f"step {step}"
