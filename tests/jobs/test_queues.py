"""The doorbell on a real Valkey: many rings are one job, and a worker that is killed loses nothing."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from cryptography.fernet import Fernet
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.registry import StartedJobRegistry
from rq.utils import import_attribute
from sqlalchemy import delete

from connector import services as wiring
from connector.embedded import valkey_command, wait_for_redis
from connector.services import Services, opened
from connector.settings import load
from connector.store import installs, leases, letters, migrate, progress
from connector.store.installs import Install
from jobs import clock, setup
from jobs.drain import drain
from jobs.queues import DRAIN_JOB, QUEUE, RETRIES, Doorbell, bell
from jobs.shift import drain_lease, holding
from jobs.worker import MONITORING_SECONDS
from rules.model import Event
from tests.local.forks import Forked
from tests.local.ingest import Ingest
from tests.local.processes import Running, end, free_port, plain_environment, until

SERIALIZER = "rq.serializers.JSONSerializer"
PATIENCE = 90.0
LENT_SECONDS = 61
"""How much longer than between two signs of life RQ lends a job, and one."""


@pytest.fixture(scope="module")
def environ() -> Iterator[dict[str, str]]:
    """An environment with a Valkey of its own, and CRMs that nobody can reach."""
    with tempfile.TemporaryDirectory(prefix="sy-", ignore_cleanup_errors=True) as name:
        values = {
            "PUBLIC_URL": "https://switchyard.example",
            "ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "SESSION_SECRET": "s" * 32,
            "DATA_DIR": name,
            "HUBSPOT_CLIENT_ID": "c",
            "HUBSPOT_CLIENT_SECRET": "s",
            "HUBSPOT_APP_ID": "1",
            "HUBSPOT_API_URL": f"http://127.0.0.1:{free_port()}",
        }
        settings = load(values)
        log = Path(name) / "valkey.log"
        with log.open("wb") as sink:
            server = subprocess.Popen(valkey_command(settings), stdout=sink, stderr=sink)
        try:
            wait_for_redis(settings)
            yield values
        finally:
            server.terminate()
            server.wait(60)


@pytest.fixture
def services(environ: dict[str, str]) -> Iterator[Services]:
    """The product's services on an empty Valkey and a migrated database."""
    with opened(load(environ)) as made:
        made.redis.flushall()
        migrate.upgrade(made.database)
        with made.database.write() as connection:
            connection.execute(delete(installs.install))
        yield made


@pytest.fixture
def queue(services: Services) -> Queue:
    return Queue(QUEUE, connection=services.redis, serializer=SERIALIZER)


def portal(services: Services, tenant_id: str) -> Install:
    """A portal with one letter; it has no tokens, so that whoever drains it finds it revoked."""
    now = services.clock()
    with services.database.write() as connection:
        made, _ = installs.connect(
            connection,
            crm="hubspot",
            tenant_id=tenant_id,
            name="Acme",
            base_url="https://api.example",
            scopes=frozenset({"oauth"}),
            new_key=services.keyring.new_key(),
            now=now,
        )
        letters.receive(connection, made.id, [Event("e1", "lead", "1", "created", now)], now=now)
        progress.start(connection, made.id, setup.NAME, now=now)
    return made


def status(services: Services, install: Install) -> str:
    with services.database.read() as connection:
        found = installs.by_id(connection, install.id)
    return found.status if found else "gone"


def test_many_rings_before_the_door_opens_are_one_job(services: Services, queue: Queue) -> None:
    for _ in range(50):
        services.ring("alice")
    services.ring("bob")
    assert [job.args for job in queue.jobs] == [["alice"], ["bob"]]


def test_a_ring_after_the_door_opened_rings_again(services: Services, queue: Queue) -> None:
    services.ring("alice")
    services.doorbell.opened("alice")
    services.ring("alice")
    services.ring("alice")
    assert len(queue) == 2
    services.doorbell.opened("nobody")


def test_a_ring_is_silenced_no_longer_than_promised(services: Services) -> None:
    services.ring("alice")
    assert 0 < services.redis.ttl(bell("alice")) <= services.settings.doorbell_seconds


def test_the_job_names_its_function_is_plain_json_and_is_tried_again(services: Services, queue: Queue) -> None:
    services.ring("alice")
    (job,) = queue.jobs
    assert json.loads(job.data) == [DRAIN_JOB, None, ["alice"], {}]
    assert import_attribute(DRAIN_JOB) is wiring.drain
    assert (job.retries_left, job.timeout) == (3, 600)


def test_a_redis_that_is_away_is_said_by_the_doorbell(services: Services) -> None:
    away = redis.Redis(port=free_port(), retry=Retry(NoBackoff(), 0))
    with pytest.raises(redis.RedisError):
        Doorbell(away, silence_seconds=1).ring("alice")


def test_a_worker_finds_the_job_and_drains(services: Services, environ: dict[str, str], queue: Queue) -> None:
    made = portal(services, "1")
    services.ring(made.id)
    assert work(environ) == 0
    assert status(services, made) == "revoked", "the worker was at it: the portal has no tokens"
    assert len(queue) == 0
    assert not services.redis.exists(bell(made.id))


def test_a_forked_process_does_the_jobs_that_wait_and_leaves_after_one_that_failed(
    environ: dict[str, str], services: Services, queue: Queue
) -> None:
    first, second = queue.enqueue("os.getpid"), queue.enqueue("os.getpid")
    failing = queue.enqueue("os.close", args=(-1,))
    behind = queue.enqueue("os.getpid")
    assert work(environ) == 0
    assert first.return_value() == second.return_value() != behind.return_value()
    assert (failing.get_status(), len(queue)) == ("failed", 0)
    assert services.redis.exists(queue.intermediate_queue_key) == 0
    assert StartedJobRegistry(queue=queue).get_job_ids() == []


def test_the_fault_of_one_job_is_not_told_with_the_install_of_the_one_before(
    environ: dict[str, str], queue: Queue
) -> None:
    ingest = Ingest()
    try:
        queue.enqueue("connector.telemetry.tag", kwargs={"install": "alice"})
        queue.enqueue("os.close", args=(-1,))
        assert work(environ | {"SENTRY_DSN": ingest.dsn, "SENTRY_TRACES_SAMPLE_RATE": "1"}) == 0
        (fault,) = ingest.kept("event")
        told = [each.get("tags", {}).get("install") for each in ingest.kept("transaction")]
    finally:
        ingest.stop()
    assert told == ["alice", None]
    assert "install" not in fault.get("tags", {})


def test_a_job_that_takes_its_process_along_is_given_to_another_one(environ: dict[str, str], queue: Queue) -> None:
    before = queue.enqueue("os.getpid")
    deadly = queue.enqueue("os._exit", args=(1,), retry=RETRIES)
    behind = queue.enqueue("os.getpid")
    assert work(environ) == 0
    assert before.get_status() == behind.get_status() == "finished"
    started = StartedJobRegistry(queue=queue)
    assert started.get_job_ids() == [deadly.id], "what the parent watched was the first job"
    started.cleanup(timestamp=time.time() + MONITORING_SECONDS + LENT_SECONDS)
    assert queue.job_ids == [deadly.id], "after a minute without a sign of life"


def test_nobody_comes_to_a_door_that_somebody_is_at(services: Services, queue: Queue) -> None:
    made = portal(services, "4")
    services.ring(made.id)
    with holding(services.tools, drain_lease(made.id)):
        come(services, queue)
        for _ in range(20):
            services.ring(made.id)
        assert len(queue) == 0
    assert 0 < services.redis.pttl(bell(made.id)) <= services.settings.lease_seconds * 1000


def test_an_install_whose_own_drain_is_queued_is_not_others(services: Services) -> None:
    services.ring("alice")
    assert not services.door.others_wait("alice")
    assert services.door.others_wait("bob")
    services.ring("bob")
    assert services.door.others_wait("alice")


def test_who_was_at_the_door_looks_once_more_and_then_rings_are_heard(services: Services, queue: Queue) -> None:
    made = portal(services, "5")
    services.ring(made.id)
    with holding(services.tools, drain_lease(made.id)):
        come(services, queue)
    services.door.closed(made.id)
    services.ring(made.id)
    assert [job.args for job in queue.jobs] == [[made.id]]
    services.door.closed(made.id)
    services.ring(made.id)
    assert len(queue) == 1, "a drain that is queued stays the only one"


def test_who_comes_when_the_other_has_just_gone_does_not_leave_it_to_them(services: Services, queue: Queue) -> None:
    made = portal(services, "6")
    services.ring(made.id)
    with leaving_at_once(services, made):
        come(services, queue)
    assert status(services, made) == "active"
    assert [job.args for job in queue.jobs] == [[made.id]], "it rang for what the other may not have seen"


def test_the_sweep_rings_again_for_the_install_of_a_killed_worker(
    services: Services, environ: dict[str, str], queue: Queue
) -> None:
    made = portal(services, "2")
    services.ring(made.id)
    with services.database.write():  # the worker waits for the database, in the middle of its job
        worker = Forked("-m", "connector.cli", "worker", environment=plain_environment() | environ)
        try:
            started = StartedJobRegistry(queue=queue)
            busy = lambda: started.get_job_ids() and not services.redis.exists(bell(made.id))  # noqa: E731
            until(busy, seconds=PATIENCE, what="the worker at its job")
        finally:
            Running(worker, {}).kill()
    assert status(services, made) == "active"
    assert len(queue) == 0
    assert clock.sweep(services.tools) == 1
    assert len(queue) == 1
    assert work(environ) == 0
    assert status(services, made) == "revoked"


def test_letters_outlive_an_emptied_redis(services: Services, environ: dict[str, str], queue: Queue) -> None:
    made = portal(services, "3")
    services.ring(made.id)
    services.redis.flushall()
    assert clock.sweep(services.tools) == 1
    assert [job.args for job in queue.jobs] == [[made.id]]
    assert work(environ) == 0
    assert status(services, made) == "revoked"


def come(services: Services, queue: Queue) -> None:
    """Do what a worker does with the first job of the queue."""
    (install_id,) = queue.jobs[0].args
    queue.remove(queue.job_ids[0])
    services.doorbell.opened(install_id)
    drain(services.tools, install_id)


@contextlib.contextmanager
def leaving_at_once(services: Services, install: Install) -> Iterator[None]:
    """Have another drain give its lease back just behind the moment in which it was seen to be at work."""
    name, tell = drain_lease(install.id), services.door.answered
    with services.database.write() as connection:
        leases.take(connection, name, "another", now=services.clock(), seconds=30)

    def answered(install_id: str, seconds: float) -> None:
        with services.database.write() as connection:
            leases.release(connection, name, "another")
        tell(install_id, seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services.door, "answered", answered)
        yield


def work(environ: dict[str, str]) -> int:
    """Run a worker until the queue is empty; return its exit code."""
    worker = Forked("-m", "connector.cli", "worker", "--burst", environment=plain_environment() | environ)
    try:
        return worker.wait(PATIENCE)
    finally:
        end(worker)
