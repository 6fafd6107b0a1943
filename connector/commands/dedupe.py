"""The command `switchyard dedupe`: the clean-up of a whole CRM, and the pairs that people are asked about."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Callable
from pathlib import Path

import click
from rich.markup import escape

from connector.commands import dedupe_shown as shown
from connector.commands.dedupe_shown import one_pair, one_run
from connector.commands.terminal import crm_words, grid, one_install, out, plain, services_of
from connector.desk.merging import NOT_ACTING, hindrance, ruleset_of, scope_of
from connector.desk.undoing import term_from_now
from connector.services import Services
from connector.store import pairs
from connector.store.installs import Install
from connector.store.pairs import Asked
from jobs import cleanup, cleanup_estimate, cleanup_plans, cleanup_report
from jobs.cleanup_labels import answer
from jobs.cleanup_merges import mode_of
from rules.merging.plan import NOT_EDITED, Edit

_install = click.option("--install", "install_id", help="Install id; needed when several are connected.")
_json = click.option("--json", "as_json", is_flag=True, help="Write JSON instead of text.")
_by = click.option("--by", default=getpass.getuser, show_default="you", help="Who says so; stands in the audit.")
_run = click.argument("run", required=False)


@click.group()
def dedupe() -> None:
    """Clean up the whole CRM: find records that are one person, ask about them, merge them, take that back.

    What may be merged is the policy of the rules (the item `duplicates`); without it nothing is. A run looks through
    the index, which costs no API calls. KEY is that of a pair, or its first letters; RUN is a run, default: the last.
    """


@dedupe.command()
@click.option("--apply", "applies", is_flag=True, help="Merge what is surely the same, where the policy acts.")
@click.option("--estimate", "only", is_flag=True, help="Only tell what it would come to.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_by
@_install
@_json
def scan(*, applies: bool, only: bool, yes: bool, by: str, install_id: str | None, as_json: bool) -> None:
    """Begin a run: tell what it would come to, then look through all leads, contacts and accounts.

    Workers do it behind what happens live; `switchyard dedupe report` says how far it is.
    """
    with services_of("cli") as services:
        install = one_install(services, install_id)
        seal, ruleset = services.seal(install), ruleset_of(services, install)
        with services.database.read() as connection:
            guess = cleanup_estimate.estimate(
                connection, install, seal, ruleset, services.settings, now=services.clock()
            )
        if not as_json:
            shown.estimate(guess, ruleset, applies=applies)
        name = ""
        if not only:
            if not yes and not as_json:
                click.confirm("Begin?", abort=True)
            calls = guess.looking + (guess.merging if applies else 0)
            try:
                name = cleanup.ask(
                    services.database, install, seal, ruleset, by=by, applies=applies, calls=calls, now=services.clock()
                )
            except cleanup.NotNow as error:
                raise click.ClickException(str(error)) from None
            services.ring(install.id)
    if as_json:
        click.echo(json.dumps({"run": name, "estimate": shown.plain_estimate(guess)}, indent=2))
    elif name:
        click.echo(f"{name} begins. `switchyard dedupe pause` lets it rest.")


@dedupe.command("list")
@click.option("--state", type=click.Choice(cleanup_report.STATES), default="open", show_default=True)
@click.option("--run", help="Only what this run found.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many are shown.")
@_install
@_json
def list_command(*, state: pairs.State, run: str | None, limit: int, install_id: str | None, as_json: bool) -> None:
    """List pairs that wait for a person, the surest first."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        name = one_run(services, install, run).run.name if run else None
        with services.database.read() as connection:
            seal = services.seal(install)
            found = pairs.open_(connection, install.id, seal, limit=limit, state=state, run=name)
            count = pairs.counts(connection, install.id, run=name).get(state, 0)
    if as_json:
        click.echo(json.dumps([cleanup_report.plain(each) for each in found], ensure_ascii=False, indent=2))
        return
    shown.pairs(found, count)


@dedupe.command()
@click.argument("key")
@_install
@_json
def show(key: str, *, install_id: str | None, as_json: bool) -> None:
    """Show a pair as it is now: the records side by side, the evidence, and what a merge would do."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        asked = one_pair(services, install, key)
        with crm_words(), scope_of(services, install) as scope:
            found = cleanup_plans.look(scope, [asked], now=services.clock(), by=getpass.getuser())[0]
            users = scope.users
        until = term_from_now(services, install)
    if as_json:
        click.echo(json.dumps(shown.plain_looked(found, users, until), ensure_ascii=False, indent=2, default=str))
        return
    shown.looked(found, users, until)


@dedupe.command()
@click.argument("key")
@click.option("--survivor", default="", metavar="ID", help="Another record that stays.")
@click.option("--value", "values", multiple=True, metavar="FIELD=ID", help="Take a field from another record.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_by
@_install
def accept(key: str, *, survivor: str, values: tuple[str, ...], yes: bool, by: str, install_id: str | None) -> None:
    """Say that a pair is the same; it is merged as shown, unless a record changes before that."""
    edit = _edit(survivor, values, by)
    with services_of("cli") as services:
        install = one_install(services, install_id)
        asked = one_pair(services, install, key)
        edits = {asked.key: edit} if edit != NOT_EDITED else {}
        with crm_words(), scope_of(services, install) as scope:
            found = cleanup_plans.look(scope, [asked], now=services.clock(), by=by, edits=edits)[0]
            mode, users = mode_of(scope), scope.users
        shown.looked(found, users, term_from_now(services, install))
        if why := hindrance(found, mode):
            raise click.ClickException(why)
        if not yes:
            click.confirm("Merge them so?", abort=True)
        _answered(services, install, asked, same=True, by=by, edit=edit, seen=found.seen)
    click.echo("Taken. The workers merge them now.")


@dedupe.command()
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@_by
@_install
def reject(keys: tuple[str, ...], *, by: str, install_id: str | None) -> None:
    """Say that pairs are not the same. That always counts from now on, and the CRM is told."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        for asked in [one_pair(services, install, key) for key in keys]:
            _answered(services, install, asked, same=False, by=by)
    click.echo("Noted.")


@dedupe.command()
@_run
@click.option("--yes", is_flag=True, help="Do not ask.")
@_install
def apply(run: str | None, *, yes: bool, install_id: str | None) -> None:
    """Merge what a finished run found to be surely the same, where the policy acts."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        with crm_words(), scope_of(services, install) as scope:
            mode = mode_of(scope)
        if mode != "act":
            raise click.ClickException(NOT_ACTING)
        found = one_run(services, install, run)
        if not yes:
            click.confirm(f"Merge what {found.run.name} found to be surely the same?", abort=True)
        if not cleanup.apply_run(
            services.database, install, services.seal(install), found.run.name, now=services.clock()
        ):
            raise click.ClickException(f"{found.run.name} is not through yet.")
        services.ring(install.id)
    click.echo(f"{found.run.name} goes on.")


def _moved(does: Callable[..., bool], run: str | None, install_id: str | None, said: str, otherwise: str) -> None:
    with services_of("cli") as services:
        install = one_install(services, install_id)
        name = one_run(services, install, run).run.name
        with services.database.write() as connection:
            done = does(connection, install.id, name, now=services.clock())
        services.ring(install.id)
    click.echo(said if done else f"{name} {otherwise}")


@dedupe.command()
@_run
@_install
def pause(run: str | None, install_id: str | None) -> None:
    """Let a run rest where it stands."""
    _moved(cleanup.pause, run, install_id, "Paused.", "is not under way.")


@dedupe.command()
@_run
@_install
def resume(run: str | None, install_id: str | None) -> None:
    """Let a paused run go on."""
    _moved(cleanup.resume, run, install_id, "Goes on.", "is not paused.")


@dedupe.command()
@_run
@_install
def cancel(run: str | None, install_id: str | None) -> None:
    """Have a run end; what it has asked or merged already stays."""
    _moved(cleanup.cancel, run, install_id, cleanup.CANCELLED, "is not under way.")


@dedupe.command()
@_run
@click.option("--yes", is_flag=True, help="Do not ask.")
@_by
@_install
def undo(run: str | None, *, yes: bool, by: str, install_id: str | None) -> None:
    """Take back everything that was merged of what a run found."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        found = one_run(services, install, run)
        count = found.states.get("merging", 0) + found.states.get("merged", 0)
        if not count:
            raise click.ClickException(f"Nothing was merged of what {found.run.name} found.")
        if not yes:
            click.confirm(f"Take {count:,} merges back?", abort=True)
        seal, now = services.seal(install), services.clock()
        cleanup.undo_run(services.database, install, seal, found.run.name, by=by, now=now)
        services.ring(install.id)
    click.echo("The workers take them back; see `switchyard undo --status`.")


@dedupe.command()
@_run
@_install
@_json
def report(run: str | None, *, install_id: str | None, as_json: bool) -> None:
    """Tell how far a run is, what it found, what was merged, and what it cost; without RUN, list all runs too."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        found = one_run(services, install, run)
        with services.database.read() as connection:
            others = cleanup_report.reports(connection, install.id, services.seal(install))
    if as_json:
        click.echo(json.dumps(found.plain(), ensure_ascii=False, indent=2))
        return
    shown.report(found)
    if run is None and len(others) > 1:
        table = grid("run", "state", "by", "what came of it")
        for each in others:
            table.add_row(each.run.name, each.state, escape(plain(each.run.by)), each.sentence)
        out().print(table)


@dedupe.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--run", help="Only what this run found.")
@_install
def export(file: Path | None, *, run: str | None, install_id: str | None) -> None:
    """Write pairs as CSV to FILE or to standard output."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        name = one_run(services, install, run).run.name if run else None
        with services.database.read() as connection:
            found = cleanup_report.every(connection, install.id, services.seal(install), run=name)
            lines = cleanup_report.csv(found)
    if file is None:
        sys.stdout.write("".join(lines))
        return
    file.write_text("".join(lines), encoding="utf-8-sig", newline="")
    click.echo(f"Wrote {len(lines) - 1:,} pairs to {file}.")


def _edit(survivor: str, values: tuple[str, ...], by: str) -> Edit:
    told = {}
    for each in values:
        name, sign, record_id = each.partition("=")
        if not sign or not name or not record_id:
            raise click.ClickException(f"“{plain(each)}” cannot be read. Write --value phone=00Q….")
        told[name] = record_id
    return Edit(by, survivor, told) if survivor or told else NOT_EDITED


def _answered(
    services: Services,
    install: Install,
    asked: Asked,
    *,
    same: bool,
    by: str,
    edit: Edit = NOT_EDITED,
    seen: str = "",
) -> None:
    seal, now = services.seal(install), services.clock()
    if not answer(services.database, install.id, seal, asked, same=same, by=by, now=now, edit=edit, seen=seen):
        raise click.ClickException("Somebody else has answered meanwhile; see `switchyard dedupe show`.")
    services.ring(install.id)
