"""Numbers for monitoring, as Prometheus reads them; counted in the database, so that each web process says the same.

docs/monitoring/ has alerts and a dashboard over them, docs/runbook.md says what to do about each alert.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

import redis
import structlog
from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from connector.desk import pulse
from connector.desk.health import kind_of
from connector.services import Services
from connector.store import gauges, installs, leases, tallies
from connector.store.seal import Unreadable
from connector.web.access import services
from jobs.clock import LEASE
from jobs.listen import PRESENCE

log = structlog.get_logger()
metrics = Blueprint("metrics", __name__)

UNAUTHORIZED = 401


@metrics.get("/metrics")
def page() -> ResponseReturnValue:
    """Answer with the numbers whoever has the token; without a token in the settings there is no such page."""
    wanted = services().settings.metrics_token.get_secret_value()
    if not wanted:
        abort(404)
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not hmac.compare_digest(given.encode(), wanted.encode()):
        return "Send the token as Authorization: Bearer ...\n", UNAUTHORIZED, {"WWW-Authenticate": "Bearer"}
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Numbers(services()))
    return generate_latest(registry), {"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}


class Numbers(Collector):
    """Every number, counted at the moment of the question."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterable[Metric]:
        """Count. What does not answer counts as down, and its numbers are missing rather than wrong."""
        up = GaugeMetricFamily("switchyard_up", "Whether a part that everything needs answers", labels=["part"])
        found: list[Metric] = [up]
        try:
            with self._services.database.read() as connection:
                found += _of_database(connection, self._services)
            up.add_metric(["database"], 1)
        except SQLAlchemyError as error:
            log.warning("database does not answer", error=type(error).__name__)
            up.add_metric(["database"], 0)
        try:
            jobs = self._services.doorbell.waiting()
            found.append(_one("switchyard_queue_jobs", "Drains that wait for a worker", jobs))
            found.append(
                _one("switchyard_workers", "Workers that say that they live", len(pulse.alive(self._services)))
            )
            up.add_metric(["redis"], 1)
        except redis.RedisError as error:
            log.warning("redis does not answer", error=type(error).__name__)
            up.add_metric(["redis"], 0)
        return found


def _of_database(connection: Connection, services: Services) -> Iterator[Metric]:
    now = services.clock()
    yield from _of_work(connection, now)
    yield from _of_calls(connection, services.settings.salesforce_api_share, now)
    yield _many(
        "switchyard_matches",
        "Leads of this half hour and the one before by what matching came to",
        ["install", "status"],
        [([name, status], count) for name, status, count in _matches(connection, services, now)],
    )
    yield _one("switchyard_clock_up", "Whether a clock process is at work", gauges.held(connection, LEASE, now=now))
    alive = len(leases.live(connection, PRESENCE, now=now))
    yield _one("switchyard_listeners", "Listeners that say that they live", alive)


def _of_work(connection: Connection, now: datetime) -> Iterator[Metric]:
    yield _many(
        "switchyard_installs",
        "Orgs and portals that are connected",
        ["crm", "status", "mode"],
        [([crm, status, mode], count) for crm, status, mode, count in gauges.installs(connection)],
    )
    inboxes = gauges.inboxes(connection, now=now)
    yield _many(
        "switchyard_letters",
        "Changes that are not decided yet",
        ["install", "state"],
        [
            ([each.install_id, state], count)
            for each in inboxes
            for state, count in (("waiting", each.waiting), ("parked", each.parked))
        ],
    )
    lag = [(each.install_id, each.oldest) for each in inboxes]
    yield _many(
        "switchyard_lag_seconds",
        "How long the oldest change waits that could be decided",
        ["install"],
        [([name], (now - oldest).total_seconds()) for name, oldest in lag if oldest],
    )
    yield _many(
        "switchyard_decisions",
        "Decisions that are not carried out yet (intended) or stand still until a person acts (parked)",
        ["install", "state"],
        [([name, state], count) for name, state, count in gauges.unsettled(connection)],
    )
    yield _many(
        "switchyard_outcomes",
        "Decisions of the last hour by what they came to",
        ["outcome"],
        [([outcome], count) for outcome, count in gauges.outcomes(connection, now=now)],
    )
    yield _many(
        "switchyard_work",
        "Long work (set-up, backfill, comparison, clean-up ...) by its state",
        ["kind", "state"],
        [([kind, state], count) for kind, state, count in gauges.work(connection)],
    )
    yield _many(
        "switchyard_streams",
        "Salesforce change streams by how they stand",
        ["standing"],
        [([standing], count) for standing, count in gauges.streams(connection)],
    )
    kinds = Counter[tuple[str, str, str]]()
    for what, state, reason, count in gauges.reasons(connection):
        kinds[what, state, kind_of(reason)] += count
    yield _many(
        "switchyard_troubles",
        "Changes and decisions that wait or stand still for a reason, by its kind",
        ["what", "state", "kind"],
        [([what, state, kind], count) for (what, state, kind), count in sorted(kinds.items())],
    )
    people = gauges.erasures(connection)
    yield _many(
        "switchyard_forgetting",
        "People who are still to be forgotten, here or in the CRM",
        ["stage"],
        [([stage], count) for stage, count, _ in people],
    )
    yield _many(
        "switchyard_forgetting_seconds",
        "How long the oldest of them has waited",
        ["stage"],
        [([stage], (now - since).total_seconds()) for stage, _, since in people],
    )


def _of_calls(connection: Connection, share: float, now: datetime) -> Iterator[Metric]:
    calls = gauges.calls(connection, now=now)
    yield _many(
        "switchyard_api_calls",
        "Our calls of the last 24 hours",
        ["install"],
        [([name], ours) for name, ours, _ in calls],
    )
    yield _many(
        "switchyard_api_allowance",
        "Calls that the CRM allows everybody in 24 hours, where it says so",
        ["install"],
        [([name], total) for name, _, total in calls if total],
    )
    yield _many(
        "switchyard_api_granted",
        "Calls that we may make of these, by SALESFORCE_API_SHARE",
        ["install"],
        [([name], int(total * share)) for name, _, total in calls if total],
    )


def _matches(connection: Connection, services: Services, now: datetime) -> Iterator[tuple[str, str, int]]:
    """Yield how many leads of each install matching came to what with, in this half hour and the one before."""
    since = tallies.slot(now - tallies.SLOT)
    for each in installs.every(connection, status="active"):
        try:
            seal = services.seal(each)
        except Unreadable:
            continue  # its data is lost to us until its key is back; `switchyard doctor` tells
        found = Counter[str]()
        for _, counts in tallies.read(connection, each.id, seal, since=since, until=now + tallies.SLOT):
            for label, count in tallies.labelled(counts).items():
                if label[0] == "source":
                    found[label[-1]] += count
        yield from ((each.id, status, count) for status, count in sorted(found.items()))


def _one(name: str, text: str, value: float) -> Metric:
    return _many(name, text, [], [([], value)])


def _many(name: str, text: str, labels: list[str], rows: Iterable[tuple[list[str], float]]) -> Metric:
    found = GaugeMetricFamily(name, text, labels=labels)
    for values, value in rows:
        found.add_metric(values, value)
    return found
