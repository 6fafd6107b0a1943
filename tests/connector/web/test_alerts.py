"""Every alert is made to fire: the house is made sick, and what Prometheus reads crosses the alert's bound.

PromQL itself is not run here: each bound stands beside its alert, and must be the one that its expression names.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from pydantic import SecretStr
from rq import Queue, Worker

from connector.crm import Allowance
from connector.embedded import valkey_command, wait_for_redis
from connector.erased import Left
from connector.store import erasures, installs, leases, letters, progress, streams, tallies, usage
from connector.store.installs import Install
from connector.store.tallies import Counts
from jobs.clock import LEASE
from jobs.listen import PRESENCE
from jobs.queues import QUEUE
from rules.model import Event
from tests.connector.web.kit import NOW, Browser, House, decision, settings
from tests.connector.web.test_metrics import TOKEN, numbers, rules

Numbers = dict[tuple[Any, ...], float]


@dataclass
class Sick:
    """A house that can be made sick, with its Redis."""

    house: House
    acme: Install
    connection: redis.Redis

    def letter(self, *, age: timedelta = timedelta(), **parked: str) -> None:
        event = Event(key="e1", kind="lead", record_id="00Q1", change="created", at=NOW)
        with self.house.database.write() as connection:
            letters.receive(connection, self.acme.id, [event], now=NOW - age)
            (first,) = letters.waiting(connection, self.acme.id, now=NOW, records=1)
            if parked:
                letters.park(connection, self.acme.id, [first.id], reason=parked["reason"])

    def broken_database(self) -> None:
        path = Path(str(self.house.database.engine.url.database))
        self.house.database.close()
        path.unlink()
        path.mkdir()

    def wrong_token(self) -> None:
        other = {"metrics_token": SecretStr("another")}
        self.house.settings = self.house.settings.model_copy(update=other)

    def drains(self) -> None:
        queue = Queue(QUEUE, connection=self.connection, serializer="rq.serializers.JSONSerializer")
        for number in range(25):
            queue.enqueue("connector.services.drain", args=(str(number),))

    def revoked(self) -> None:
        with self.house.database.write() as connection:
            installs.set_status(connection, self.acme.id, "revoked", "gone")

    def broken_stream(self) -> None:
        with self.house.database.write() as connection:
            streams.put(connection, self.acme.id, "broken", now=NOW, reason="no right")

    def failed_work(self) -> None:
        with self.house.database.write() as connection:
            progress.start(connection, self.acme.id, "backfill:lead", now=NOW)
            progress.move(connection, self.acme.id, "backfill:lead", now=NOW, state="failed", reason="x")

    def spent(self) -> None:
        with self.house.database.write() as connection:
            usage.add(connection, self.acme.id, {"live": 2_300}, now=NOW)
            usage.tell(connection, self.acme.id, Allowance(9_000, 10_000), now=NOW)

    def nobody(self) -> None:
        made = [replace(decision(f"d{number}"), outcome="refused") for number in range(3)]
        self.house.decide(self.acme, *made, decision("kept"))

    def unmatched(self) -> None:
        counts: Counts = {("source", "web", "unmatched"): 200, ("source", "web", "matched"): 2}
        with self.house.database.write() as connection:
            tallies.add(connection, self.acme.id, self.house.seal(self.acme), [(NOW, counts)])

    def asked_to_forget(self, *, here: bool) -> None:
        with self.house.database.write() as connection:
            erasures.ask(connection, self.acme.id, ["00Q1"], now=NOW - timedelta(hours=2))
            if not here:
                erasures.forgotten_here(connection, self.acme.id, "00Q1", Left())

    def stopped(self, name: str) -> None:
        with self.house.database.write() as connection:
            leases.release_all(connection, name)


def of(name: str, **labels: str) -> Callable[[Numbers], float]:
    """The largest of these numbers, -1 when there is none."""
    wanted = set(labels.items())
    return lambda found: max((v for k, v in found.items() if k[0] == name and wanted <= set(k[1:])), default=-1.0)


def share(part: Callable[[Numbers], float], whole: Callable[[Numbers], float]) -> Callable[[Numbers], float]:
    return lambda found: part(found) / whole(found) if whole(found) > 0 else 0.0


def added(name: str) -> Callable[[Numbers], float]:
    return lambda found: sum(value for key, value in found.items() if key[0] == name)


FIRES: dict[str, tuple[Callable[[Sick], object], Callable[[Numbers], float], str]] = {
    "DatabaseDown": (Sick.broken_database, of("switchyard_up", part="database"), "== 0"),
    "RedisDown": (lambda sick: sick.connection.shutdown(nosave=True), of("switchyard_up", part="redis"), "== 0"),
    "WebDown": (Sick.wrong_token, of("switchyard_up", part="database"), "absent"),
    "ClockDown": (lambda sick: sick.stopped("clock"), of("switchyard_clock_up"), "== 0"),
    "WorkersDown": (lambda sick: sick.connection.flushall(), of("switchyard_workers"), "== 0"),
    "ListenersDown": (lambda sick: sick.stopped("listener"), of("switchyard_listeners"), "== 0"),
    "Lag": (lambda sick: sick.letter(age=timedelta(minutes=3)), of("switchyard_lag_seconds"), "> 120"),
    "QueueGrows": (Sick.drains, of("switchyard_queue_jobs"), "> 20"),
    "Parked": (lambda sick: sick.letter(reason="x"), of("switchyard_letters", state="parked"), "> 0"),
    "Revoked": (Sick.revoked, of("switchyard_installs", status="revoked"), "> 0"),
    "StreamsBroken": (Sick.broken_stream, of("switchyard_streams", standing="broken"), "> 0"),
    "WorkFailed": (Sick.failed_work, of("switchyard_work", state="failed"), "> 0"),
    "BudgetRunsOut": (Sick.spent, share(of("switchyard_api_calls"), of("switchyard_api_granted")), "> 0.8"),
    "NobodyFound": (
        Sick.nobody,
        share(of("switchyard_outcomes", outcome="refused"), added("switchyard_outcomes")),
        "> 0.5",
    ),
    "NothingMatched": (
        Sick.unmatched,
        lambda found: added("switchyard_matches")(found) - 10 * of("switchyard_matches", status="matched")(found),
        "> 50",
    ),
    "Faults": (lambda sick: sick.letter(reason="KeyError"), of("switchyard_troubles", kind="KeyError"), "> 0"),
    "Forgetting": (
        lambda sick: sick.asked_to_forget(here=True), of("switchyard_forgetting_seconds", stage="here"), "> 60",
    ),
    "ForgettingInCrm": (
        lambda sick: sick.asked_to_forget(here=False), of("switchyard_forgetting_seconds", stage="crm"), "> 3600",
    ),
}  # fmt: skip
"""Alert -> what makes the house sick, what is read of it, and the bound as the alert's expression has it."""


def test_every_alert_is_made_to_fire() -> None:
    assert list(FIRES) == [rule["alert"] for rule in rules()]


@pytest.fixture
def sick(house: House, acme: Install, tmp_path: Path) -> Iterator[Sick]:
    house.settings = settings(
        database_url=house.settings.database_url, data_dir=tmp_path, redis_url="", metrics_token=SecretStr(TOKEN)
    )
    with subprocess.Popen(valkey_command(house.settings)) as server:
        wait_for_redis(house.settings)
        connection = redis.Redis.from_url(house.settings.redis)
        worker = Worker([Queue(QUEUE, connection=connection)], name="w", connection=connection)
        worker.register_birth()  # type: ignore[no-untyped-call]
        connection.hset("rq:worker:w", "last_heartbeat", NOW.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        with house.database.write() as open_one:
            leases.take(open_one, LEASE, "clock", now=NOW, seconds=30)
            leases.take(open_one, f"{PRESENCE}l", "listener", now=NOW, seconds=30)
        yield Sick(house, acme, connection)
        connection.close()
        server.terminate()


@pytest.mark.parametrize("alert", FIRES)
def test_an_alert_fires_when_the_house_is_sick_and_not_before(
    alert: str, sick: Sick, app: Flask, anyone: Browser
) -> None:
    make, read, bound = FIRES[alert]
    rule = next(each for each in rules() if each["alert"] == alert)
    assert bound in rule["expr"]
    assert not fires(read(numbers(anyone)), bound), "nothing is broken yet"
    make(sick)
    if alert == "WebDown":
        assert anyone.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 401
        return
    found = numbers(anyone)
    assert fires(read(found), bound)
    _has_labels(rule, found)


def _has_labels(rule: dict[str, Any], found: Numbers) -> None:
    """The labels for which an alert asks, in its expression and in what it says to people, are there."""
    expr, said = rule["expr"], set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
    names = set(re.findall(r"switchyard_[a-z_]+[a-z]", expr)) - {"switchyard_"}
    there = {label for key in found if any(str(key[0]).startswith(name) for name in names) for label, _ in key[1:]}
    asked = set(re.findall(r"([a-z]+)!?=~?\"", expr)) - {"__name__"}
    if "__name__" not in expr:
        assert asked | said <= there
    summed = re.findall(r"by \(([a-z, ]+)\)", expr)
    assert not summed or said <= set(re.split(r",\s*", summed[0])), "what is summed up has no such label"


def fires(value: float, bound: str) -> bool:
    """Whether a number is over its bound; one that is not there fires nothing but absent()."""
    if bound == "absent":
        return value < 0
    sign, limit = bound.split()
    return value == float(limit) if sign == "==" else value > float(limit)
