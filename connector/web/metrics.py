"""Numbers for monitoring, as Prometheus reads them; counted in the database, so that each web process says the same.

docs/monitoring/ has alerts and a dashboard over them, docs/runbook.md says what to do about each alert.
"""

from __future__ import annotations

import hmac
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

from connector.services import Services
from connector.store import gauges
from connector.web.access import services
from jobs.clock import LEASE

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
                found += _of_database(connection, self._services.clock())
            up.add_metric(["database"], 1)
        except SQLAlchemyError as error:
            log.warning("database does not answer", error=type(error).__name__)
            up.add_metric(["database"], 0)
        try:
            jobs = self._services.doorbell.waiting()
            found.append(_one("switchyard_queue_jobs", "Drains that wait for a worker", jobs))
            up.add_metric(["redis"], 1)
        except redis.RedisError as error:
            log.warning("redis does not answer", error=type(error).__name__)
            up.add_metric(["redis"], 0)
        return found


def _of_database(connection: Connection, now: datetime) -> Iterator[Metric]:
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
    yield _one("switchyard_clock_up", "Whether a clock process is at work", gauges.held(connection, LEASE, now=now))


def _one(name: str, text: str, value: float) -> Metric:
    return _many(name, text, [], [([], value)])


def _many(name: str, text: str, labels: list[str], rows: Iterable[tuple[list[str], float]]) -> Metric:
    found = GaugeMetricFamily(name, text, labels=labels)
    for values, value in rows:
        found.add_metric(values, value)
    return found
