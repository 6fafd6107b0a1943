"""The commands that turn into another program: gunicorn, Valkey, or the supervisor of all."""

from __future__ import annotations

import os
import sys

import click

from connector import embedded
from connector.commands.usable import usable_settings

MOST_WORKERS = 4
"""Workers that `up` starts by default at most: beyond that, run the processes of the Procfile."""


@click.command()
def web() -> None:
    """Serve webhooks and the console (gunicorn)."""
    settings = usable_settings()
    workers, threads = str(settings.web_workers), str(settings.web_threads)
    command = ["gunicorn", "connector.app:wsgi()", "--config", "python:connector.gunicorn_hooks"]
    command += ["--bind", settings.listen, "--worker-class", "gthread"]
    os.execv(  # noqa: S606 - our own command, no shell
        sys.executable,
        [sys.executable, "-m", *command, "--workers", workers, "--threads", threads, "--access-logfile", "/dev/null"],
    )


@click.command()
def valkey() -> None:
    """Run the embedded Valkey in DATA_DIR."""
    command = embedded.valkey_command(usable_settings())
    os.execv(command[0], command)  # noqa: S606 - our own command, no shell


@click.command()
@click.option("--workers", default=min(os.cpu_count() or 1, MOST_WORKERS), show_default=True, help="Worker processes.")
def up(workers: int) -> None:
    """Run everything on one machine: migrate, then Valkey, web, workers, listener and clock."""
    from connector.services import opened  # noqa: PLC0415 - heavy, and not for `web` and `valkey`
    from connector.store import migrate  # noqa: PLC0415

    settings = usable_settings()
    with opened(settings) as services:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        migrate.upgrade(services.database)
    command = embedded.supervisor_command(settings, workers=workers)
    os.execv(command[0], command)  # noqa: S606 - our own command, no shell
