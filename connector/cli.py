"""The `switchyard` command."""

from __future__ import annotations

import os
import sys
import threading

import click
import redis
from cryptography.fernet import Fernet
from rich.markup import escape
from rich.table import Table

from connector import (
    embedded,
    fields_cli,
    matching,
    people_cli,
    reject_cli,
    rules_cli,
    simulation_cli,
    telemetry,
    undo_cli,
)
from connector import settings as environment
from connector.services import Services, opened
from connector.settings import Settings, SettingsError
from connector.store import decisions, installs, migrate
from connector.store.installs import Install
from connector.terminal import crm_words, one_install, out, plain, services_of, usable_settings
from rules import explain as words

UMASK = 0o077
"""What we write is for our own user: the database holds sealed tokens, Valkey's socket runs code in workers."""
MOST_WORKERS = 4
"""Workers that `up` starts by default at most: beyond that, run the processes of the Procfile."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="switchyard")
def main() -> None:
    """Switchyard routes leads in Salesforce and HubSpot: duplicate, account, owner, task, audit.

    All settings come from the environment; `switchyard check` lists and explains them.
    """
    os.umask(UMASK)


@main.command()
def check() -> None:
    """List every setting with its value, and test the database, Redis and the schema."""
    try:
        settings = environment.load()
    except SettingsError as error:
        _list_settings(None)
        raise click.ClickException(f"The environment is not usable:\n{error}") from None
    _list_settings(settings)
    with opened(settings) as services:
        problems = _problems(services)
    for problem in problems:
        out().print(f"[red]✗[/red] {problem}")
    if problems:
        sys.exit(1)
    out().print(f"[green]✓[/green] Ready for {' and '.join(settings.crms)}.")


@main.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    with services_of("cli") as services:
        services.settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        click.echo(f"The database is at revision {migrate.upgrade(services.database)}.")


@main.command()
@click.argument("lead")
@click.option("--install", "install_id", help="Install id; needed when several are connected.")
@click.option("--from-crm", is_flag=True, help="Read the audit records in the CRM instead of our own store.")
def explain(lead: str, install_id: str | None, *, from_crm: bool) -> None:
    """Tell the story of a LEAD (its id in the CRM): what was decided, why, and what was done."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        if from_crm:
            stories = _audit_stories(services, install, lead)
        else:
            with services.database.read() as connection:
                stored = decisions.of_lead(connection, install.id, services.seal(install), lead)
            stories = [words.story(each.decision) for each in stored]
        if not stories:
            raise click.ClickException(
                f"Nothing is known of lead {lead} in {plain(install.name)}. "
                + ("" if from_crm else "Try --from-crm: the CRM keeps the audit longer than we do.")
            )
        click.echo(plain("\n\n".join(stories)))


main.add_command(rules_cli.rules)
main.add_command(matching.reviews)
main.add_command(matching.match)
main.add_command(simulation_cli.preview)
main.add_command(simulation_cli.simulate)
main.add_command(simulation_cli.replay)
main.add_command(people_cli.people)
main.add_command(fields_cli.fields)
main.add_command(reject_cli.reject_command)
main.add_command(undo_cli.undo_command)


@main.group()
def keys() -> None:
    """Make and rotate the encryption keys."""


@keys.command("new")
def new_key() -> None:
    """Print a new key for ENCRYPTION_KEYS. Put it in front of the old ones, then run `switchyard keys rotate`."""
    click.echo(Fernet.generate_key().decode())


@keys.command("rotate")
def rotate_keys() -> None:
    """Wrap every install's key with the newest of ENCRYPTION_KEYS; the older ones can go afterwards."""
    from oauth.vault import rotate  # noqa: PLC0415 - heavy, and only needed here

    with services_of("cli") as services:
        click.echo(f"Rewrapped the keys of {rotate(services.database, services.keyring)} installs.")


@main.command("installs")
def list_installs() -> None:
    """List the connected orgs and portals."""
    with services_of("cli") as services, services.database.read() as connection:
        rows = installs.every(connection)
    if not rows:
        click.echo("Nothing is connected yet. Open the console and connect Salesforce or HubSpot.")
        return
    table = Table("id", "CRM", "tenant", "name", "status", "mode")
    for row in rows:
        table.add_row(row.id, row.crm, row.tenant_id, escape(plain(row.name)), row.status, row.mode)
    out().print(table)


@main.command()
def web() -> None:
    """Serve webhooks and the console (gunicorn)."""
    settings = usable_settings()
    workers, threads = str(settings.web_workers), str(settings.web_threads)
    command = ["gunicorn", "connector.app:wsgi()", "--bind", settings.listen, "--worker-class", "gthread"]
    os.execv(  # noqa: S606 - our own command, no shell
        sys.executable,
        [sys.executable, "-m", *command, "--workers", workers, "--threads", threads, "--access-logfile", "/dev/null"],
    )


@main.command()
@click.option("--burst", is_flag=True, help="Stop when the queue is empty.")
def worker(*, burst: bool) -> None:
    """Answer letters (one RQ worker on one queue; start one per core)."""
    from jobs.worker import run  # noqa: PLC0415 - RQ is only needed here

    settings = usable_settings()
    telemetry.start(settings, process="worker")
    embedded.wait_for_redis(settings)
    run(redis.Redis.from_url(settings.redis), burst=burst)


@main.command()
def listener() -> None:
    """Listen to the change events of every Salesforce org."""
    from jobs.listen import run  # noqa: PLC0415 - grpc is only needed here

    with services_of("listener") as services:
        run(services.tools, _until_told())


@main.command()
def clock() -> None:
    """Sweep up what nobody rang for, and clean up; one is enough, a second stands by."""
    from jobs.clock import run  # noqa: PLC0415

    with services_of("clock") as services:
        run(services.tools, _until_told())


@main.command()
def valkey() -> None:
    """Run the embedded Valkey in DATA_DIR."""
    command = embedded.valkey_command(usable_settings())
    os.execv(command[0], command)  # noqa: S606 - our own command, no shell


@main.command()
@click.option("--workers", default=min(os.cpu_count() or 1, MOST_WORKERS), show_default=True, help="Worker processes.")
def up(workers: int) -> None:
    """Run everything on one machine: migrate, then Valkey, web, workers, listener and clock."""
    settings = usable_settings()
    with opened(settings) as services:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        migrate.upgrade(services.database)
    command = embedded.supervisor_command(settings, workers=workers)
    os.execv(command[0], command)  # noqa: S606 - our own command, no shell


def _list_settings(settings: Settings | None) -> None:
    table = Table("setting", "value", "meaning", title="Settings (NAME, or NAME_FILE with the path of a file)")
    for name, field in Settings.model_fields.items():
        value = "" if settings is None else str(getattr(settings, name) or "")
        if settings is None:
            value = "set" if os.environ.get(name.upper()) or os.environ.get(f"{name.upper()}_FILE") else ""
        table.add_row(name.upper(), escape(value), escape(field.description or ""))
    out().print(table)


def _problems(services: Services) -> list[str]:
    """Test what the processes need; one sentence per fault."""
    found = []
    try:
        revision = migrate.current(services.database)
        if revision != migrate.newest():
            found.append("The database schema is not the newest: run `switchyard migrate`.")
    except Exception as error:  # noqa: BLE001 - whatever the driver raises, it is the answer
        found.append(f"The database does not answer ({type(error).__name__}): look at DATABASE_URL and DATA_DIR.")
    try:
        services.redis.ping()
    except redis.RedisError as error:
        hint = "look at REDIS_URL" if services.settings.redis_url else "start `switchyard valkey` (or `switchyard up`)"
        found.append(f"Redis does not answer ({type(error).__name__}): {hint}.")
    return found


def _audit_stories(services: Services, install: Install, lead: str) -> list[str]:
    with crm_words():
        crm = services.crm(install)
        rows = crm.audits(lead)
        crm.close()
    return [row.get("story", "") for row in rows]


def _until_told() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    import signal  # noqa: PLC0415

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: stop.set())
    return stop


if __name__ == "__main__":
    main()
