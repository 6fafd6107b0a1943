"""The commands for looking before and after: `switchyard preview`, `switchyard simulate`, `switchyard replay`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress as Bar

from connector.commands import simulation_shown as shown
from connector.commands.looking import faults, looking, moment_of, rules_of
from connector.commands.terminal import crm_words, grid, one_install, out, plain, services_of
from connector.desk.preview import TYPED, api_names, typed_over
from connector.services import Services
from connector.store import editions, progress
from connector.store.installs import Install
from jobs import preview as previews
from jobs import replay as replays
from jobs import simulation
from jobs.preview import Looking
from rules.comparison import Comparison
from rules.model import Record
from rules.ruleset import RuleSet, load
from rules.typed_leads import Arrival, TableFault, decoded, table

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_install = click.option("--install", "install_id", help="Install id; needed when several are connected.")


@click.command()
@click.argument("lead", required=False)
@click.option("--lead", "typed", metavar="JSON", help='A lead typed in: {"email": "kim@globex.com", "country": "FR"}.')
@click.option("--set", "changes", multiple=True, metavar="FIELD=VALUE", help="Another value for a field of the lead.")
@click.option("--rules", "file", type=_FILE, help="A draft instead of the rules in force.")
@click.option("--at", "moment", help="Another time than now, such as 2026-11-23T10:00:00+01:00.")
@click.option("--again", is_flag=True, help="As an update of the lead, after what was decided; default: as a new one.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of text.")
@_install
def preview(
    lead: str | None,
    *,
    typed: str | None,
    changes: tuple[str, ...],
    file: Path | None,
    moment: str | None,
    install_id: str | None,
    again: bool,
    as_json: bool,
) -> None:
    """Tell what would become of a LEAD (its id in the CRM), or of one that is typed in. Changes nothing anywhere.

    Fields are named as in rules, or by their API names. It tells of the duplicate, of the account and the others that
    came close, of every rule that was asked with the first condition that failed, of who gets the lead and why, what
    the rules passed over last would have needed, and what waits for its time.
    """
    with services_of("cli") as services, looking(services, install_id) as look:
        rules = rules_of(file) if file else None
        at = moment_of(moment) if moment else None
        told = {**_typed(typed), **_changes(changes)}
        with crm_words(), faults("The rules in force cannot be read"):
            asked = _lead(look, lead, told, rules or look.live(), at or services.clock())
            found = previews.preview(look, asked, ruleset=rules, at=at, again=again)
    if as_json:
        click.echo(json.dumps(previews.plain(found), ensure_ascii=False, indent=2))
        return
    shown.preview(found)


@click.group(invoke_without_command=True)
@click.option("--rules", "draft", type=_FILE, help="The draft.")
@click.option("--against", default="live", show_default=True, help="live, a file, or the number of an edition.")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 3650), help="How far to look back.")
@click.option("--csv", "sheet", type=_FILE, help="Leads of a table instead; its first row names the fields.")
@click.option("--open-days", default=7, show_default=True, type=click.IntRange(0), help="How long leads count as open.")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A .csv or .json file to write.")
@_install
@click.pass_context
def simulate(context: click.Context, /, install_id: str | None, **options: Any) -> None:
    """Send past leads through a draft and through the rules in force, and tell what would have come out otherwise.

    The leads are those that were decided in the last days; without any, those that the CRM has of them; or those of a
    table. A column received_at may say when they came. Nothing is written to the CRM.
    """
    if context.invoked_subcommand:
        context.obj = install_id
        return
    with services_of("cli") as services, looking(services, install_id) as look:
        name = simulation.new_name()
        order = _order(look, **{each: options[each] for each in ("draft", "against", "days", "sheet", "open_days")})
        click.echo(f"{name} runs. `switchyard simulate pause {name}` lets it rest.", err=True)
        found = _simulated(look, order, name)
    shown.comparison(found)
    if output := options["output"]:
        shown.write(found, output)
        click.echo(f"Wrote {len(found.moved):,} leads that change hands to {output}.")


@simulate.command()
@_install
@click.pass_obj
def status(outer: str | None, install_id: str | None) -> None:
    """List the simulations of an install, how far they are, and what came of them."""
    with services_of("cli") as services:
        install = one_install(services, install_id or outer)
        with services.database.read() as connection:
            found = simulation.known(connection, install.id)
    if not found:
        click.echo("Nothing was simulated yet.")
        return
    rows = grid("simulation", "state", "leads", "what came of it")
    for each in found:
        leads = f"{each.done:,} of {each.total:,}" if each.total else f"{each.done:,}"
        rows.add_row(each.name, each.state, leads, escape(plain(each.reason)))
    out().print(rows)


@simulate.command()
@click.argument("name", required=False)
@_install
@click.pass_obj
def show(outer: str | None, name: str | None, install_id: str | None) -> None:
    """Write what came of the simulation NAME (default: the last) as JSON; it is kept for a month."""
    with services_of("cli") as services, looking(services, install_id or outer) as look:
        name = _named(services, look.install, name)
        found = simulation.result(look, name)
    if found is None:
        raise click.ClickException(f"Nothing is kept under {name}; see `switchyard simulate status`.")
    click.echo(json.dumps(found, ensure_ascii=False, indent=2))


@simulate.command()
@click.argument("name", required=False)
@_install
@click.pass_obj
def pause(outer: str | None, name: str | None, install_id: str | None) -> None:
    """Let the simulation NAME (default: the last) rest where it stands."""
    with services_of("cli") as services:
        install = one_install(services, install_id or outer)
        name = _named(services, install, name)
        with services.database.write() as connection:
            count = progress.pause(connection, install.id, [name], now=services.clock())
    click.echo("Paused." if count else f"{name} is not under way.")


@simulate.command()
@click.argument("name", required=False)
@_install
@click.pass_obj
def resume(outer: str | None, name: str | None, install_id: str | None) -> None:
    """Let the paused simulation NAME (default: the last) go on."""
    with services_of("cli") as services:
        install = one_install(services, install_id or outer)
        name = _named(services, install, name)
        with services.database.write() as connection:
            count = progress.resume(connection, install.id, [name], now=services.clock())
    click.echo("Goes on." if count else f"{name} is not paused.")


@simulate.command()
@click.argument("name", required=False)
@_install
@click.pass_obj
def cancel(outer: str | None, name: str | None, install_id: str | None) -> None:
    """Have the simulation NAME (default: the last) end without a result."""
    with services_of("cli") as services:
        install = one_install(services, install_id or outer)
        name = _named(services, install, name)
        with services.database.write() as connection:
            done = simulation.cancel(connection, install.id, name, now=services.clock())
    click.echo(simulation.CANCELLED if done else f"{name} is not under way.")


@click.command()
@click.argument("decision", metavar="DECISION_KEY|LEAD", required=False)
@_install
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of text.")
def replay(decision: str | None, install_id: str | None, *, as_json: bool) -> None:
    """Make a decision again with the rules, counters and records of then, and tell whether it comes out the same.

    The decision is named by its key, or by its lead's id (then the last one). It is looked for in our store, then in
    the audit records of the CRM. Exits with 1 when something differs or is gone.
    """
    with services_of("cli") as services, looking(services, install_id) as look:
        if not decision:
            raise click.ClickException("Name a decision by its key, or a lead by its id.")
        with crm_words():
            found = replays.replayed(look, decision)
    if as_json:
        told = {
            "key": found.key,
            "where": found.where,
            "same": found.replay.same,
            "differences": [[each.what, each.then, each.now] for each in found.replay.differences],
            "gone": list(found.replay.gone),
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        shown.replay(found)
    if not found.replay.same:
        sys.exit(1)


def _named(services: Services, install: Install, name: str | None) -> str:
    """Return the name of a simulation; without one, that of the last. Raises ClickException."""
    if name:
        return name if name.startswith(simulation.PREFIX) else f"{simulation.PREFIX}{name}"
    with services.database.read() as connection:
        found = simulation.known(connection, install.id)
    if not found:
        raise click.ClickException("Nothing was simulated yet.")
    return found[0].name


def _typed(text: str | None) -> dict[str, Any]:
    try:
        told = json.loads(text) if text else {}
    except ValueError as error:
        raise click.ClickException(f"--lead is no JSON: {error}.") from None
    if not isinstance(told, dict) or any(isinstance(value, dict) for value in told.values()):
        raise click.ClickException('--lead must be one object of values, such as {"email": "kim@globex.com"}.')
    return told


def _changes(told: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in told:
        name, sign, value = each.partition("=")
        if not sign or not name.strip():
            raise click.ClickException(f"“{plain(each)}” cannot be read. Write --set country=FR.")
        found[name.strip()] = value
    return found


def _lead(look: Looking, lead_id: str | None, told: Mapping[str, Any], rules: RuleSet, at: datetime) -> Record:
    """Return the lead of the CRM, or an empty one, with what was typed in; an empty value takes a field away."""
    lead = Record("lead", TYPED, {}, created_at=at)
    if lead_id:
        found = look.crm.read("lead", [lead_id], extra=rules.reads)
        if lead_id not in found:
            raise click.ClickException(f"There is no lead {plain(lead_id)} in {plain(look.install.name)}.")
        lead = found[lead_id]
    elif not told:
        raise click.ClickException("Name a lead by its id, or type one in with --lead or --set.")
    return typed_over(look, lead, told)


def _order(
    look: Looking, *, draft: Path | None, against: str, days: int, sheet: Path | None, open_days: int
) -> simulation.Order:
    if draft is None:
        raise click.ClickException("Name the draft: --rules draft.yaml.")
    after = rules_of(draft)
    return simulation.Order(
        before=_against(look, against),
        after=after,
        days=days,
        table=_table(sheet, api_names(look.install)) if sheet else None,
        open_for=timedelta(days=open_days),
    )


def _against(look: Looking, named: str) -> RuleSet:
    """Return the rules in force, those of an edition, or those of a file."""
    if named == "live":
        with faults("The rules in force cannot be read"):
            return look.live()
    if named.isdecimal():
        with look.read() as connection:
            edition = editions.get(connection, look.install.id, look.seal, int(named))
        if edition is None:
            raise click.ClickException(f"There is no edition {named}.")
        with faults(f"Edition {named} cannot be read by this version"):
            return load(edition.sources)
    path = Path(named)
    if not path.is_file():
        raise click.ClickException(f"--against is live, a file, or the number of an edition; {plain(named)} is none.")
    return rules_of(path)


def _table(sheet: Path, names: Mapping[str, str]) -> list[Arrival]:
    try:
        return table(decoded(sheet.read_bytes()), names)
    except TableFault as fault:
        raise click.ClickException(f"{sheet}: {plain(str(fault))}") from None


def _simulated(look: Looking, order: simulation.Order, name: str) -> Comparison:
    """Run a simulation with a bar on standard error."""
    with Bar(console=Console(stderr=True)) as bar, crm_words():
        task = bar.add_task("Leads", total=None)
        try:
            return simulation.run(
                look, order, name, seen=lambda done, total: bar.update(task, completed=done, total=total)
            )
        except simulation.Cancelled:
            raise click.ClickException(simulation.CANCELLED) from None
