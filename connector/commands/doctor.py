"""`switchyard doctor`: the first command of whoever looks for a cause."""

from __future__ import annotations

import json
import sys

import click
from rich.markup import escape

from connector import settings as environment
from connector import telemetry
from connector.commands.terminal import grid, out, plain
from connector.desk import doctor as examination
from connector.desk.findings import STATES, Finding, worst
from connector.services import opened
from connector.settings import SettingsError

MARKS = {"ok": "[green]✓ ok[/green]", "warning": "[yellow]! warning[/yellow]", "problem": "[red]✗ problem[/red]"}


@click.command()
@click.option("--install", "install_id", default="", help="Look at this install alone (and at what all need).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--all", "every", is_flag=True, help="List what is in order too, install by install.")
def doctor(install_id: str, *, as_json: bool, every: bool) -> None:
    """Look at everything that can go wrong, and say what to do.

    Settings, database, Redis, clocks, processes, queues, Sentry and the public address; then of each install its grant,
    rights, changes that come in, wait and stand still, API calls, rules and index. No secret and no field is told.

    Exits with 0 when all is in order, 1 when something is to be looked at, 2 when something does not work.
    """
    found = _examined(install_id)
    if as_json:
        click.echo(json.dumps({"state": worst(found), "findings": [each.told() for each in found]}, indent=2))
    else:
        _table(found, every=every or bool(install_id))
    sys.exit(STATES.index(worst(found)))


def _examined(install_id: str) -> list[Finding]:
    try:
        settings = environment.load()
    except SettingsError as error:
        hint = "`switchyard check` lists every setting with its meaning."
        return [Finding("settings", "problem", line, hint, "Settings") for line in str(error).splitlines()]
    telemetry.start(settings, process="cli")
    with opened(settings) as services:
        return examination.examine(services, install_id=install_id)


def _table(found: list[Finding], *, every: bool) -> None:
    """Print the findings; of installs, without `every`, only what is not in order."""
    shown = [each for each in found if every or not each.install or each.state != "ok"]
    table = grid("what", "state", "found", "what to do", "runbook")
    for each in shown:
        name = f"{each.part} of {each.install}" if each.install else each.part
        table.add_row(
            name, MARKS[each.state], escape(plain(each.text)), escape(plain(each.remedy)), each.told()["runbook"]
        )
    out().print(table)
    sick = {each.install for each in found if each.install and each.state != "ok"}
    known = {each.install for each in found if each.install}
    if known:
        out().print(f"{len(known - sick)} of {len(known)} installs are in order.")
