"""`switchyard privacy`: what is held about one person."""

from __future__ import annotations

import json

import click

from connector.commands.terminal import one_install, plain, services_of
from connector.desk import person, typed
from connector.desk.faults import DeskError


@click.group()
def privacy() -> None:
    """Answer questions about one person's data."""


@privacy.command()
@click.argument("record")
@click.option("--install", "install_id", help="Install id; needed when several are connected.")
def export(record: str, install_id: str | None) -> None:
    """Write all that is held about the lead or contact RECORD (its id in the CRM) as JSON.

    Tasks, notes and audit records in the CRM are the customer's and not part of it.
    """
    with services_of("cli") as services:
        try:
            told = person.held(services, one_install(services, install_id), record)
        except DeskError as error:
            raise click.ClickException(str(error)) from None
    # As ASCII: nothing that a lead wrote can steer the terminal.
    click.echo(json.dumps(told, indent=2, default=str))


@privacy.command()
@click.argument("record")
@click.option("--install", "install_id", help="Install id; needed when several are connected.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(record: str, install_id: str | None, *, yes: bool) -> None:
    """Forget the person of the lead or contact RECORD: here within a minute, then in what we wrote in the CRM.

    Delete the record itself in the CRM first: while it is there, its next change is read like any other.
    """
    with services_of("cli") as services:
        install = one_install(services, install_id)
        try:
            typed.person_id(install, record)
        except DeskError as error:
            raise click.ClickException(str(error)) from None
        if not yes:
            click.confirm(f"Forget all that is known of {record} in {plain(install.name)}, for good?", abort=True)
        person.forget(services, install, record, by="command line")
    click.echo("Asked for. `switchyard doctor` says when nobody waits to be forgotten any more.")
