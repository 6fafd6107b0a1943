"""The command about what counts as a lead in a HubSpot portal: `switchyard routes`."""

from __future__ import annotations

from typing import get_args

import click

from connector.commands.terminal import one_install, plain, services_of
from connector.crm import Routes
from connector.hubspot.leads import SCOPES
from connector.hubspot.routed import NOT_GRANTED
from jobs import choice


@click.command()
@click.argument("what", required=False, type=click.Choice(get_args(Routes)))
@click.option("--install", "install_id", help="Install id; needed when several are connected.")
def routes(what: Routes | None, install_id: str | None) -> None:
    """Say WHAT counts as a lead in a HubSpot portal: contacts, leads, or "leads and contacts".

    With the last one the contact of a lead gets the lead's owner too. Every lead is read anew then. Without WHAT, tell.
    """
    with services_of("cli") as services:
        install = one_install(services, install_id)
        if install.crm != "hubspot":
            raise click.ClickException("Salesforce has leads; there is nothing to choose.")
        if what is None:
            click.echo(install.routes)
            return
        if what != "contacts" and not install.scopes >= SCOPES:
            raise click.ClickException(NOT_GRANTED)
        if what == install.routes:
            click.echo(f"{plain(install.name)} routes {what} already.")
            return
        with services.database.write() as connection:
            choice.choose(connection, install.id, what, now=services.clock())
        services.ring(install.id)
        click.echo(f"{plain(install.name)} routes {what} from now on. Its leads are being read anew.")
