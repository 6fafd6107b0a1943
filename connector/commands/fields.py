"""The commands about fields: `switchyard fields list|set|unset`."""

from __future__ import annotations

import getpass
from collections.abc import Mapping

import click
from rich.markup import escape

from connector.commands.terminal import crm_of, grid, one_install, out, plain, services_of
from connector.fieldtable import FieldUse
from jobs import fieldnames
from jobs.fieldnames import Unfit
from jobs.publish import Moved, Red, publish
from rules.ruleset import RuleSetError

NOTE = "fields, on the command line"
"""Why it was published, in the history of the rules."""
_STATES = {"fine": "read", "none": "no field", "missing": "not there"}

_install = click.option("--install", "install_id", help="Install id; needed when several are connected.")


@click.group()
def fields() -> None:
    """See and choose which fields of the CRM stand behind the names that rules use."""


@fields.command("list")
@_install
@click.option("--all", "everything", is_flag=True, help="Also names behind which no field stands.")
def list_fields(install_id: str | None, *, everything: bool) -> None:
    """List each name with the field behind it. A trouble with one is told below, with what to do."""
    with services_of("cli") as services, crm_of(services, one_install(services, install_id)) as crm:
        mapped = fieldnames.read(crm)
    table = grid("name", "field", "label", "type", "state")
    uses = [use for each in mapped.tables for use in each.uses if everything or use.state != "none"]
    for use in uses:
        used = (use.used.name, use.used.label, use.used.type) if use.used else ("", "", "")
        state = _STATES.get(use.state, use.state) + (", chosen" if use.wanted and use.state == "fine" else "")
        table.add_row(*(escape(plain(cell)) for cell in (use.name, *used, state)))
    out().print(table)
    for note in _notes(mapped, uses):
        click.echo(plain(note))


@fields.command("set")
@click.argument("name")
@click.argument("field", metavar="FIELD")
@_install
def set_field(name: str, field: str, install_id: str | None) -> None:
    """Read NAME (such as lead.product) from the field with the API name FIELD.

    The change is checked and published with the rules; `switchyard rules rollback` takes it back.
    """
    _change({name: field}, install_id, f"{name} is read from {field}")


@fields.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@_install
def unset(names: tuple[str, ...], install_id: str | None) -> None:
    """Read these names (such as lead.product) from their usual fields again."""
    _change(dict.fromkeys(names, ""), install_id, f"{', '.join(names)}: the usual field is read")


def _change(wanted: Mapping[str, str], install_id: str | None, done: str) -> None:
    """Publish a change of the mapping. Raises ClickException with why it cannot be."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        with crm_of(services, install) as crm:
            try:
                proposal = fieldnames.propose(crm, wanted)
                if proposal is None:
                    click.echo("Nothing was changed: it is so already.")
                    return
                seal, by = services.seal(install), getpass.getuser()
                publish(services.database, install.id, seal, crm, proposal, by=by, clock=services.clock, note=NOTE)
            except (Unfit, RuleSetError, Red, Moved) as error:
                raise click.ClickException(f"Nothing was changed.\n{plain(str(error))}") from None
        services.ring(install.id)
    click.echo(plain(f"{done} in {install.name} within seconds."))


def _notes(mapped: fieldnames.Mapped, uses: list[FieldUse]) -> list[str]:
    """Return the sentences below the table."""
    found = [f"The record “fields” cannot be read:\n{mapped.fault}"] if mapped.fault else []
    found += [f"{each.object}: {note}" for each in mapped.tables for note in each.notes]
    found += [f"{use.name}: {use.trouble} {use.remedy}".rstrip() for use in uses if use.why]
    return found + [str(hint) for hint in mapped.hints]
