"""The doorbell: one RQ queue, one job per install that has letters, however many letters there are.

RQ is at-least-once only with one queue per worker and Retry on every job, and a job per event is twenty times dearer
than one per batch: so a job only says "install X has letters". Losing Redis loses nothing; the sweep rings again.
"""

from __future__ import annotations

import redis
from rq import Queue, Retry

from connector import telemetry

QUEUE = "switchyard"
DRAIN_JOB = "connector.services.drain"
"""By name: the wiring imports jobs, never the reverse."""
JOB_SECONDS = 600
"""Longest drain before RQ ends it; a drain hands over to the next job well before (see jobs.drain)."""
RESULT_SECONDS = 60
"""How long a finished job's hash stays; nothing reads it, people may."""
FAILURE_SECONDS = 24 * 3600
"""How long a failed job stays for people to look at."""
RETRIES = Retry(max=3)
"""Without Retry an abandoned job is never delivered again. The sweep is the safety net beyond three."""


ANSWERED = b"answered"
"""What stands in the key while rings are left to the drain that is at work."""


def bell(install_id: str) -> str:
    """Return the Redis key that says: a doorbell for this install is already in the queue."""
    return f"switchyard:bell:{install_id}"


class Doorbell:
    """Rings for installs; many rings before the door opens are one."""

    def __init__(self, connection: redis.Redis, *, silence_seconds: int) -> None:
        self._connection, self._silence = connection, silence_seconds
        self._queue = Queue(QUEUE, connection=connection, serializer="rq.serializers.JSONSerializer")

    def ring(self, install_id: str) -> None:
        """Queue a drain of this install unless one is queued already. Raises redis.RedisError when Redis is away."""
        if self._connection.set(bell(install_id), 1, nx=True, ex=self._silence):
            with telemetry.handed_on() as meta:
                self._queue.enqueue(
                    DRAIN_JOB,
                    args=(install_id,),
                    job_timeout=JOB_SECONDS,
                    result_ttl=RESULT_SECONDS,
                    failure_ttl=FAILURE_SECONDS,
                    retry=RETRIES,
                    meta=meta,
                )

    def waiting(self) -> int:
        """Return how many drains are queued. Raises redis.RedisError when Redis is away."""
        return self._queue.count

    def others_wait(self, install_id: str) -> bool:
        """Return whether a drain of another install is queued. Raises redis.RedisError when Redis is away."""
        mine = self._connection.get(bell(install_id)) not in {None, ANSWERED}
        return bool(self._queue.count > mine)

    def opened(self, install_id: str) -> None:
        """The door is open: letters that come from now on need a new ring."""
        self._connection.delete(bell(install_id))

    def answered(self, install_id: str, seconds: float) -> None:
        """A drain is at work already, and looks once more when it is done: for so long nobody else need come.

        Else each delivery of a busy install would have a worker come, see that, and leave. A ring since the door opened
        stays one: its drain is queued.
        """
        self._connection.set(bell(install_id), ANSWERED, nx=True, px=max(1, round(seconds * 1000)))

    def closed(self, install_id: str) -> None:
        """The drain is over and looks for the last time: what comes behind that look needs a new ring."""
        if self._connection.get(bell(install_id)) == ANSWERED:
            self._connection.delete(bell(install_id))
