"""The commands that work until they are told to stop: worker, listener, clock."""

from __future__ import annotations

import signal
import threading

import click
import redis

from connector import embedded, telemetry
from connector.commands.terminal import services_of
from connector.commands.usable import usable_settings
from connector.hubspot.client import load_library
from connector.services import sharing
from jobs.clock import run as keep_time
from jobs.listen import run as listen
from jobs.worker import run as work


@click.command()
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
def worker(*, burst: bool) -> None:
    """Answer letters (one RQ worker on one queue; start one per core)."""
    settings = usable_settings()
    telemetry.start(settings, process="worker")
    embedded.wait_for_redis(settings)
    load_library()
    work(redis.Redis.from_url(settings.redis), together=sharing, burst=burst)


@click.command()
def listener() -> None:
    """Listen to the change events of every Salesforce org."""
    with services_of("listener") as services:
        listen(services.tools, _until_told())


@click.command()
def clock() -> None:
    """Sweep up what nobody rang for, and clean up; one is enough, a second stands by."""
    with services_of("clock") as services:
        keep_time(services.tools, _until_told())


def _until_told() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    return stop
