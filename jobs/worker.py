"""The worker process: RQ on one queue, tuned so that a dead worker is noticed within a minute."""

from __future__ import annotations

import gc
import sys
from typing import Any

import redis
from rq import Queue, Worker

from connector.store import codec
from jobs.queues import QUEUE
from rules import dedupe, match
from rules.model import Record
from rules.policy import MatchPolicy

WORKER_TTL = 30
"""Seconds an idle worker blocks before it looks after abandoned jobs (RQ's default of 420 means 13 minutes)."""
MAINTENANCE_SECONDS = 10
MONITORING_SECONDS = 2
"""How often a working worker renews its lease on the job."""


COLLECT_AFTER = (50_000, 20, 100)
"""A batch makes many small values that die young: at Python's usual 700 the collector takes a fifth of the time."""


def warm_up() -> None:
    """Load what matching reads once, so that no forked job has to, and keep the collector from walking through it.

    How decisions are stored, the suffix list, the names of countries, states and cities, and the model: most of a
    second. Words, not codes: the names of countries are looked at only where a country is no code.
    """
    told = {"email": "a@b.example", "phone": "+1 212 555 0100", "country": "x y", "state": "x", "city": "x"}
    lead = Record("lead", "1", {**told, "company": "B"})
    match.match(lead, [Record("account", "2", {**told, "name": "B"})], policy=MatchPolicy())
    dedupe.keys(lead)
    codec.learn()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)


class QuietWorker(Worker):
    """RQ's worker, but of a job that failed Redis is told the kind of fault alone: a library may quote fields."""

    def handle_job_failure(
        self, job: Any, queue: Any, started_job_registry: Any = None, exc_string: str = "", execution: Any = None
    ) -> None:
        """Note that a job failed; RQ gives the whole traceback here, or its own sentence when the process is gone."""
        kind = sys.exc_info()[0]
        told = f"{kind.__module__}.{kind.__qualname__}" if kind else exc_string
        super().handle_job_failure(job, queue, started_job_registry, told, execution)


def run(connection: redis.Redis, *, burst: bool = False) -> None:
    """Work until told to stop (SIGTERM finishes the job under way). One queue only: two lose jobs under SIGKILL."""
    serializer = "rq.serializers.JSONSerializer"
    warm_up()
    worker = QuietWorker(
        [Queue(QUEUE, connection=connection, serializer=serializer)],
        connection=connection,
        serializer=serializer,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE_SECONDS,
        job_monitoring_interval=MONITORING_SECONDS,
    )
    worker.work(burst=burst, logging_level="WARNING")
