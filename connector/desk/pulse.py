"""What everything needs, looked at once and the same way by readiness, health page, numbers and `switchyard doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Literal, TypeAlias

import redis
from rq import Queue, Worker

from connector.services import Services
from connector.store import leases, migrate
from jobs.clock import LEASE
from jobs.listen import PRESENCE
from jobs.queues import QUEUE
from jobs.worker import WORKER_TTL

Schema: TypeAlias = Literal["newest", "behind", "ahead"]
"""How the database's tables stand to this code: `ahead` is what an older process sees while a newer one is deployed."""
SILENT = timedelta(seconds=1.5 * WORKER_TTL)
"""Who has said nothing for so long is dead or frozen: a worker speaks every WORKER_TTL seconds, however idle."""
SERIALIZER = "rq.serializers.JSONSerializer"

newest = cache(migrate.newest)
"""The newest revision that this code knows; reading it opens every migration."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A process that says that it lives, and when it last did (of leases: until when it has it)."""

    name: str
    at: datetime | None


def redis_answers(services: Services) -> bool:
    """Whether Redis answers now."""
    try:
        return bool(services.redis.ping())
    except redis.RedisError:
        return False


def schema(services: Services) -> Schema:
    """Return how the tables stand to this code. Raises SQLAlchemyError when the database does not answer.

    A revision that this code does not know is a newer one's: migrations only add, so that both work beside each other.
    """
    there = migrate.current(services.database)
    if there == newest():
        return "newest"
    return "behind" if there == "" or there in migrate.known() else "ahead"


def clock_until(services: Services) -> datetime | None:
    """Return until when a clock has the lease; a moment that is over says when the last one stopped; None: never."""
    with services.database.read() as connection:
        return leases.ends(connection, LEASE)


def listeners(services: Services) -> list[Beat]:
    """Return the listeners with the moments until which each has said that it lives, dead ones of late included."""
    with services.database.read() as connection:
        found = leases.known(connection, PRESENCE)
    return [Beat(name.removeprefix(PRESENCE), until) for name, until in found]


def workers(services: Services) -> list[Beat]:
    """Return the workers, and when each last said that it lives. Raises RedisError.

    Redis forgets a worker that was killed a minute and a half after its last word.
    """
    queue = Queue(QUEUE, connection=services.redis, serializer=SERIALIZER)
    return [
        Beat(each.name, each.last_heartbeat.replace(tzinfo=UTC) if each.last_heartbeat else None)
        for each in sorted(Worker.all(queue=queue, serializer=SERIALIZER), key=lambda each: each.name)
    ]


def alive(services: Services) -> list[Beat]:
    """Return the workers that have said of late that they live. Raises RedisError."""
    now = services.clock()
    return [each for each in workers(services) if each.at is not None and now - each.at <= SILENT]


def oldest_drain(services: Services) -> datetime | None:
    """Return since when the drain in front of the queue waits for a worker; None when none waits. Raises RedisError."""
    queue = Queue(QUEUE, connection=services.redis, serializer=SERIALIZER)
    first = next(iter(queue.get_jobs(0, 1)), None)
    return first.enqueued_at.replace(tzinfo=UTC) if first is not None and first.enqueued_at is not None else None
