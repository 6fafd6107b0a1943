"""The commands about what was live: `switchyard rules publish|history|show|rollback`."""

from __future__ import annotations

import getpass
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

import click
from rich.markup import escape

from connector.commands.terminal import crm_of, grid, one_install, out, plain, services_of
from connector.crm import Crm
from connector.services import Services
from connector.store import editions, rulesets
from connector.store.editions import Edition
from connector.store.installs import Install
from jobs import publish as publishing
from jobs.publish import Moved, Proposal
from rules.changes import HOWS, ItemChange, changes
from rules.lint import lines_of
from rules.ruleset import RuleSetError, Source, join, split
from rules.trials import trials
from rules.trials.trials import Report

SHOWN = 20
"""Editions that are listed by default."""
NOT_GREEN = "Nothing was written: a rule set goes live when all its tests pass."

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_install = click.option("--install", "install_id", help="Install id; needed when several are connected.")
_by = click.option("--by", default=getpass.getuser, show_default="you", help="Who publishes it; kept in the history.")
_note = click.option("--note", default="", help="Why; kept in the history.")
_yes = click.option("--yes", is_flag=True, help="Do not ask.")
_tests = click.option("--tests", multiple=True, type=_FILE, help="Tests beside the rules; can be given several times.")


@click.command("publish")
@click.argument("file", metavar="[RULES.yaml]", type=_FILE, required=False)
@click.option("--from-crm-drafts", "drafts", is_flag=True, help="Publish the CRM's draft records instead of a file.")
@_note
@_by
@_tests
@_yes
@_install
def publish_command(
    file: Path | None,
    note: str,
    by: str,
    tests: tuple[Path, ...],
    install_id: str | None,
    *,
    drafts: bool,
    yes: bool,
) -> None:
    """Make a rule set live in the CRM: that of a file, or what its drafts would make of it.

    The whole set is validated and its tests are run, also those of --tests; a fault or a red test changes nothing. With
    --from-crm-drafts all draft records go live at once, each instead of the live one of its kind and name; see what
    that would be with `switchyard rules pull --draft`. Records that the set does not have become drafts: nothing is
    deleted, and `switchyard rules rollback` brings every earlier edition back.
    """
    if drafts == (file is not None):
        raise click.UsageError("Give a file or --from-crm-drafts.")
    if file is not None:
        publish_file(file, tests, by=by, note=note, install_id=install_id, yes=yes)
        return
    beside = _beside(tests)
    _go_live(
        lambda crm: publishing.propose_drafts(crm, tests=beside),
        what="What the drafts would make",
        by=by,
        note=note,
        install_id=install_id,
        yes=yes,
    )


@click.command()
@_install
@click.option("--limit", default=SHOWN, show_default=True, type=click.IntRange(1), help="How many to show.")
def history(install_id: str | None, limit: int) -> None:
    """List the editions of the rules, the newest first: when each went live, by whom, why, and what it changed."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        with services.database.read() as connection:
            seal = services.seal(install)
            found = editions.of(connection, install.id, seal, limit=limit + 1)
            live = rulesets.get(connection, install.id, seal)
    if not found:
        click.echo("No rules have been live yet.")
        return
    table = grid("edition", "version", "live since (UTC)", "by", "note", "what changed")
    for place, each in enumerate(found[:limit]):
        before = found[place + 1] if place + 1 < len(found) else None
        number = f"{each.number}{' (live)' if place == 0 and live and live.version == each.version else ''}"
        since = each.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
        row = (number, each.version, since, each.by or "in the CRM", each.note, _changed(before, each))
        table.add_row(*(escape(plain(cell)) for cell in row))
    out().print(table)


@click.command()
@click.argument("number", type=click.IntRange(1))
@_install
@click.option("--output", "-o", type=click.Path(path_type=Path), help="File to write; default: standard output.")
def show(number: int, install_id: str | None, output: Path | None) -> None:
    """Print the text of edition NUMBER of the rules; see `switchyard rules history`."""
    with services_of("cli") as services:
        text = join(publishing.items_of_edition(_edition(services, one_install(services, install_id), number)))
    if output is None:
        click.echo(plain(text), nl=False)
        return
    output.write_text(text, encoding="utf-8")
    click.echo(f"Wrote edition {number} to {output}.")


@click.command()
@click.argument("number", type=click.IntRange(1))
@_note
@_by
@_yes
@_install
def rollback(number: int, note: str, by: str, install_id: str | None, *, yes: bool) -> None:
    """Make edition NUMBER of the rules live again, as a new edition.

    Its text is written to the CRM's records the way a file is published: validated, tested, and nothing is deleted.
    """
    with services_of("cli") as services:
        items = publishing.items_of_edition(_edition(services, one_install(services, install_id), number))
    why = f"back to {number}" + (f": {note}" if note else "")
    _go_live(
        lambda crm: publishing.propose(crm, items, name=f"Edition {number}"),
        what=f"Edition {number}",
        by=by,
        note=why,
        install_id=install_id,
        yes=yes,
    )


COMMANDS = (publish_command, history, show, rollback)


def publish_file(file: Path, tests: Sequence[Path], *, by: str, note: str, install_id: str | None, yes: bool) -> None:
    """Publish the rule set of a file, with tests beside it. Raises ClickException; faults need no environment."""
    text, beside = text_of(file), _beside(tests)
    with _told(str(file)):
        items = split(text)
        _, report = publishing.examined(items, name=file.name, tests=beside, lines=lines_of(text))
    _demand_green(report)
    _go_live(
        lambda crm: publishing.propose(crm, items, name=file.name, tests=beside),
        what=str(file),
        by=by,
        note=note,
        install_id=install_id,
        yes=yes,
    )


def _go_live(
    propose: Callable[[Crm], Proposal], *, what: str, by: str, note: str, install_id: str | None, yes: bool
) -> None:
    """Publish what `propose` proposes for an install, after asking. Raises ClickException when it cannot go live."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        with crm_of(services, install) as crm:
            with _told(what):
                proposal = propose(crm)
            if not proposal.rows:
                raise click.ClickException("There is nothing to publish: the CRM has no draft records.")
            _demand_green(proposal.report)
            if not yes:
                _ask(proposal, install)
            try:
                publishing.publish(
                    services.database,
                    install.id,
                    services.seal(install),
                    crm,
                    proposal,
                    by=by,
                    note=note,
                    clock=services.clock,
                )
            except Moved as error:
                raise click.ClickException(str(error)) from None
        services.ring(install.id)
    name = plain(install.name)
    click.echo(f"Wrote {proposal.written} records to {name}; the new rules are live within seconds.")


def show_report(report: Report, *, quiet: bool) -> None:
    """Print what became of tests; `quiet`: only of those that failed."""
    for result in report.results:
        if quiet and result.is_green:
            continue
        first, *more = trials.lines(result)
        click.secho(plain(first), fg="green" if result.is_green else "red")
        for line in more:
            click.echo(plain(line))
    click.secho(trials.summary(report), fg="green" if report.is_green else "red", bold=True)


def text_of(file: Path) -> str:
    """Return the text of a file. Raises ClickException when it is none."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise click.ClickException(f"{file} is not UTF-8 text.") from None


def _beside(files: Sequence[Path]) -> list[Source]:
    return [Source(each.name, text_of(each)) for each in files]


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Tell faults as sentences, one on each line."""
    try:
        yield
    except RuleSetError as error:
        raise click.ClickException(f"{plain(what)} is not a valid rule set:\n{plain(str(error))}") from None


def _demand_green(report: Report) -> None:
    if not report.is_green:
        show_report(report, quiet=True)
        raise click.ClickException(NOT_GREEN)


def _ask(proposal: Proposal, install: Install) -> None:
    click.echo(f"Against what is live: {_counted(proposal.changed)}.")
    question = f"Write {proposal.written} records to {plain(install.name)} and retire {proposal.retired}?"
    click.confirm(question, abort=True)


def _edition(services: Services, install: Install, number: int) -> Edition:
    with services.database.read() as connection:
        found = editions.get(connection, install.id, services.seal(install), number)
    if found is None:
        raise click.ClickException(f"There is no edition {number}; see `switchyard rules history`.")
    return found


def _changed(before: Edition | None, after: Edition) -> str:
    """Return in a line what an edition changed against the one before it."""
    if before is None:
        return "" if after.number > 1 else "the first"
    return _counted(changes(publishing.items_of_edition(before), publishing.items_of_edition(after)))


def _counted(found: Sequence[ItemChange]) -> str:
    counts = Counter(change.how for change in found)
    named = [f"{counts[how]} {how}" for how in HOWS if counts[how]]
    names = ", ".join(f"{each.kind} “{each.name}”" for each in found[:3])
    return f"{', '.join(named)}: {names}{', …' if len(found) > 3 else ''}" if found else "nothing"  # noqa: PLR2004
