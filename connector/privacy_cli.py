"""`switchyard privacy`: what is held about one person."""

from __future__ import annotations

import json

import click

from connector.desk import person
from connector.desk.faults import NotThere
from connector.terminal import one_install, services_of


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
        except NotThere as error:
            raise click.ClickException(str(error)) from None
    # As ASCII: nothing that a lead wrote can steer the terminal.
    click.echo(json.dumps(told, indent=2, default=str))
