"""The worker process: RQ on one queue, tuned so that a dead worker is noticed within a minute."""

from __future__ import annotations

import redis
from rq import Queue, Worker

from jobs.queues import QUEUE
from rules import dedupe, keys
from rules.model import Record
from rules.profile import profile

WORKER_TTL = 30
"""Seconds an idle worker blocks before it looks after abandoned jobs (RQ's default of 420 means 13 minutes)."""
MAINTENANCE_SECONDS = 10
MONITORING_SECONDS = 2
"""How often a working worker renews its lease on the job."""


def _warm_up() -> None:
    """Load what matching reads once (suffix list, country names), so that no forked job has to: 0.2 s each time."""
    sample = Record("lead", "", {"email": "a@b.example", "phone": "+1 212 555 0100", "country": "US", "company": "B"})
    keys.asked(profile(sample))
    dedupe.keys(sample)


def run(connection: redis.Redis, *, burst: bool = False) -> None:
    """Work until told to stop (SIGTERM finishes the job under way). One queue only: two lose jobs under SIGKILL."""
    serializer = "rq.serializers.JSONSerializer"
    _warm_up()
    worker = Worker(
        [Queue(QUEUE, connection=connection, serializer=serializer)],
        connection=connection,
        serializer=serializer,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE_SECONDS,
        job_monitoring_interval=MONITORING_SECONDS,
    )
    worker.work(burst=burst, logging_level="WARNING")
