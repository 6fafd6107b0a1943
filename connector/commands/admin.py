"""What an admin asks on the server: is all set, which installs and keys there are."""

from __future__ import annotations

import os
import sys

import click
import redis
from cryptography.fernet import Fernet
from rich.markup import escape

from connector import settings as environment
from connector.commands.terminal import grid, out, plain, services_of
from connector.services import Services, opened
from connector.settings import Settings, SettingsError
from connector.store import installs, migrate
from connector.store.installs import Install
from connector.store.seal import Unreadable
from oauth.vault import rotate

SHOWN = 5
"""Ids that one sentence names."""


@click.command()
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


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database to the newest schema."""
    with services_of("cli") as services:
        services.settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        click.echo(f"The database is at revision {migrate.upgrade(services.database)}.")


@click.group()
def keys() -> None:
    """Make and rotate the encryption keys."""


@keys.command("new")
def new_key() -> None:
    """Print a new key for ENCRYPTION_KEYS. Put it in front of the old ones, then run `switchyard keys rotate`."""
    click.echo(Fernet.generate_key().decode())


@keys.command("rotate")
def rotate_keys() -> None:
    """Wrap every install's key with the newest of ENCRYPTION_KEYS; the older ones can go afterwards."""
    with services_of("cli") as services:
        click.echo(f"Rewrapped the keys of {rotate(services.database, services.keyring)} installs.")


@click.command("installs")
def list_installs() -> None:
    """List the connected orgs and portals."""
    with services_of("cli") as services, services.database.read() as connection:
        rows = installs.every(connection)
    if not rows:
        click.echo("Nothing is connected yet. Open the console and connect Salesforce or HubSpot.")
        return
    table = grid("id", "CRM", "tenant", "name", "status", "mode")
    for row in rows:
        table.add_row(row.id, row.crm, row.tenant_id, escape(plain(row.name)), row.status, row.mode)
    out().print(table)


def _list_settings(settings: Settings | None) -> None:
    table = grid("setting", "value", "meaning", title="Settings (NAME, or NAME_FILE with the path of a file)")
    for name, field in Settings.model_fields.items():
        found = None if settings is None else getattr(settings, name)
        value = "" if found is None else str(found)
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
    else:
        found += [] if revision != migrate.newest() else _unreadable(services)
    try:
        services.redis.ping()
    except redis.RedisError as error:
        hint = "look at REDIS_URL" if services.settings.redis_url else "start `switchyard valkey` (or `switchyard up`)"
        found.append(f"Redis does not answer ({type(error).__name__}): {hint}.")
    return found


def _unreadable(services: Services) -> list[str]:
    """Try the keys of all installs: one that none of ENCRYPTION_KEYS opens must be seen before its letters wait."""
    with services.database.read() as connection:
        every = installs.every(connection)
    closed = [each.id for each in every if not _opens(services, each)]
    if not closed:
        return []
    told = ", ".join(closed[:SHOWN]) + (" ..." if len(closed) > SHOWN else "")
    return [f"No key of ENCRYPTION_KEYS opens the data of {len(closed)} installs ({told}): put the old key back."]


def _opens(services: Services, install: Install) -> bool:
    try:
        services.seal(install)
    except Unreadable:
        return False
    return True
