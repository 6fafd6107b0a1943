"""The command `switchyard reject`: hands a lead back for whoever has it."""

from __future__ import annotations

import click

from connector.commands.terminal import one_install, plain, services_of
from connector.store import assignments, decisions
from jobs import routing


@click.command("reject")
@click.argument("lead")
@click.option("--install", "install_id", help="Install id; needed when several are connected.")
def reject_command(lead: str, install_id: str | None) -> None:
    """Hand back a LEAD (its id in the CRM) for whoever has it by us: it is routed anew, and not to them.

    Their turn of the pool goes back. To take a routing back altogether, see `switchyard undo`.
    """
    with services_of("cli") as services:
        install = one_install(services, install_id)
        with services.database.write() as connection:
            rows = assignments.of_leads(connection, install.id, [lead], mode=install.mode).get(lead, [])
            held = assignments.holding(rows)
            if held is None:
                raise click.ClickException(f"Nobody has lead {plain(lead)} by us in {plain(install.name)}.")
            stored = decisions.by_key(connection, install.id, services.seal(install), held.decision_key)
            person = stored.decision.route.assignee if stored else None
            now, mode = services.clock(), install.mode
            routing.reject(connection, install.id, lead, by=held.user_id, mode=mode, now=now)
        services.ring(install.id)
    name = person.name if person and person.id == held.user_id else held.user_id
    click.echo(f"Lead {plain(lead)} is routed anew, and not to {plain(name)}.")
