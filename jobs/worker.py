"""The worker process: RQ on one queue, tuned so that a dead worker is noticed within a minute."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import redis
from rq import Queue, Worker

from connector import telemetry
from connector.store import codec
from jobs.queues import QUEUE
from rules import dedupe, match
from rules.matching.policy import MatchPolicy
from rules.model import Record

WORKER_TTL = 30
"""Seconds an idle worker blocks before it looks after abandoned jobs (RQ's default of 420 means 13 minutes)."""
MAINTENANCE_SECONDS = 10
MONITORING_SECONDS = 2
"""How often a working worker renews its lease on the job."""
STAY_SECONDS = 2.0
"""How long a forked process takes the next job when others wait. A new one copies its parent's memory page by page and
has SQLAlchemy put each statement into words again, which is more than half of what a lead that comes alone costs. Not
for longer: RQ lends a job to the worker's first one, and a worker that is asked to stop waits for this process."""


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


class DrainWorker(Worker):
    """RQ's worker, with two things of ours: what Redis is told of a job that failed, and a process for many jobs."""

    together: Callable[[], AbstractContextManager[object]]
    """Around all jobs of one forked process; what they share ends with it."""

    def handle_job_failure(
        self, job: Any, queue: Any, started_job_registry: Any = None, exc_string: str = "", execution: Any = None
    ) -> None:
        """Note that a job failed; RQ gives the whole traceback here, or its own sentence when the process is gone.

        Redis is told the kind of fault alone: a library may quote fields.
        """
        kind = sys.exc_info()[0]
        told = f"{kind.__module__}.{kind.__qualname__}" if kind else exc_string
        super().handle_job_failure(job, queue, started_job_registry, told, execution)

    def perform_job(self, job: Any, queue: Any, execution: Any) -> bool:
        """Do a job; in a forked process also those that wait, for STAY_SECONDS or until one fails.

        What the parent watches is the first job, which is finished by then. When this process dies at a later one, or
        takes more than a minute for it, that one is found abandoned, like the job of a worker that was killed as a
        whole, and queued again; who then comes finds the drain's own lease.
        """
        if not self.is_horse:
            return super().perform_job(job, queue, execution)
        until = time.monotonic() + STAY_SECONDS
        with self.together():
            done = self._perform(job, queue, execution)
            while done and time.monotonic() < until and (found := self._next()):
                done = self._perform(*found)
        return done

    def _perform(self, job: Any, queue: Any, execution: Any) -> bool:
        """Do one job. Sentry is told of a fault in here, so this is where one job's tags are kept from the next."""
        with telemetry.apart():
            return super().perform_job(job, queue, execution)

    def _next(self) -> tuple[Any, Any, Any] | None:
        """Take a job that waits, as RQ's own loop does before it forks; None when none does."""
        found = self.queue_class.dequeue_any(
            self.queues, None, connection=self.connection, job_class=self.job_class, serializer=self.serializer
        )
        if found is None:
            return None
        job, queue = found
        job.redis_server_version = self.get_redis_server_version()  # type: ignore[no-untyped-call]
        return job, queue, self.prepare_execution(job)


def run(
    connection: redis.Redis, *, together: Callable[[], AbstractContextManager[object]], burst: bool = False
) -> None:
    """Work until told to stop (SIGTERM finishes the job under way). One queue only: two lose jobs under SIGKILL.

    `together` is entered by each forked process around all of its jobs.
    """
    serializer = "rq.serializers.JSONSerializer"
    warm_up()
    worker = DrainWorker(
        [Queue(QUEUE, connection=connection, serializer=serializer)],
        connection=connection,
        serializer=serializer,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE_SECONDS,
        job_monitoring_interval=MONITORING_SECONDS,
    )
    worker.together = together
    worker.work(burst=burst, logging_level="WARNING")
