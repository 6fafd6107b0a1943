"""The commands about rule sets: `switchyard rules ...`."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from connector.commands import editions, rules_file
from connector.commands.editions import text_of
from connector.commands.rules_file import RulesFile
from connector.commands.terminal import crm_of, one_install, plain, services_of
from connector.crm import Crm
from connector.rows import RuleRow
from jobs import publish
from rules import lint as linter
from rules.changes import HOWS, ItemChange, changes
from rules.parsing.pieces import mended
from rules.parts import DeclaredUser
from rules.ruleset import Item, RuleSet, RuleSetError, Source, beside, join, split
from rules.trials import trials
from rules.trials.trials import Report

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_install = click.option("--install", "install_id", help="Install id; needed when several are connected.")

_SIGNS = {"added": ("+", "green"), "removed": ("-", "red"), "changed": ("~", "yellow"), "moved": (">", "cyan")}
_SEVERITIES = {"error": "red", "warning": "yellow", "note": "cyan"}


@click.group()
def rules() -> None:
    """Read, check, test, compare and write the rule set that lies in the CRM."""


for command in editions.COMMANDS:
    rules.add_command(command)


@rules.command()
@_install
@click.option("--output", "-o", type=click.Path(path_type=Path), help="File to write; default: standard output.")
@click.option("--draft", is_flag=True, help="As it would be with the CRM's draft records live.")
def pull(install_id: str | None, output: Path | None, *, draft: bool) -> None:
    """Write the CRM's live rule records as one YAML text."""
    with services_of("cli") as services, crm_of(services, one_install(services, install_id)) as crm:
        rows = publish.drafted(crm.rules()) if draft else _live(crm)
    text = join(_items_of(rows))
    if output is None:
        click.echo(plain(text), nl=False)
        return
    output.write_text(text, encoding="utf-8")
    click.echo(f"Wrote {len(rows)} records to {output}.")


@rules.command()
@click.argument("file", type=_FILE)
def validate(file: Path) -> None:
    """Check a rule set text; every fault is named with file:line:column and remedy."""
    _, ruleset = _validated(file)
    _tests_of(ruleset, ())
    click.echo(f"Valid: {len(ruleset.rules)} rules, {len(ruleset.pools)} pools. Version {ruleset.version}.")


@rules.command("test")
@click.argument("file", metavar="RULES.yaml", type=_FILE)
@click.argument("tests", metavar="[TESTS.yaml]...", nargs=-1, type=_FILE)
@click.option("--quiet", "-q", is_flag=True, help="Name only the tests that fail.")
def test_command(file: Path, tests: tuple[Path, ...], *, quiet: bool) -> None:
    """Run the tests of a rule set: those among its items, and those of files beside it.

    Each test sends leads through the rules and says what it expects of them. A red one is told with what was found
    instead, and with the first condition that failed of every rule that was passed over. Nothing is read from a CRM:
    users are those that `users` items declare, and everybody else whom rules and tests name. A test without `at:` runs
    on Tuesday, 2026-03-10, at 14:30 UTC. Exits with 1 when a test fails.
    """
    report = _tested(file, tests)
    editions.show_report(report, quiet=quiet)
    if not report.is_green:
        sys.exit(1)


@rules.command()
@click.argument("file", type=_FILE)
@_install
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--tests", multiple=True, type=_FILE, help="Tests beside the rules; can be given several times.")
def push(file: Path, install_id: str | None, *, yes: bool, tests: tuple[Path, ...]) -> None:
    """Write a rule set text to the CRM's records and make it live.

    Its tests are run before, and those of --tests. A faulty text, or one with a red test, changes nothing.
    """
    editions.publish_file(file, tests, by=getpass.getuser(), note="", install_id=install_id, yes=yes)


@rules.command()
@click.argument("old", metavar="A.yaml", type=_FILE)
@click.argument("new", metavar="[B.yaml]", type=_FILE, required=False)
@_install
@click.option("--exit-code", is_flag=True, help="Exit with 1 when anything means something else.")
def diff(old: Path, new: Path | None, install_id: str | None, *, exit_code: bool) -> None:
    """Compare two rule sets item by item: what was added, removed, changed or moved from A to B.

    With one file, what is live in the CRM is compared with it: what a push of the file would change. Items are compared
    by what they mean; what only reads otherwise (layout, comments, spelling) is told as reworded.
    """
    if new is not None and install_id is not None:
        raise click.UsageError("Give a second file or --install, not both.")
    found = changes(_split(old), _split(new)) if new else changes(_in_crm(install_id), _split(old))
    for change in found:
        _tell(change)
    counts = [f"{number} {how}" for how in HOWS if (number := sum(change.how == how for change in found))]
    click.echo(f"{', '.join(counts)}." if counts else "Nothing differs.")
    if exit_code and any(change.how != "reworded" for change in found):
        sys.exit(1)


@rules.command()
@click.argument("file", metavar="RULES.yaml", type=_FILE)
@click.option("--install", "install_id", help="Install id: its CRM is asked who is an active user.")
def lint(file: Path, install_id: str | None) -> None:
    """Look for what is wrong with valid rules: dead rules, contradictions, overlaps, gaps, pools without people.

    With --install, users are those of the CRM; without, those that `users` items declare. Exits with 1 when there is an
    error; warnings and notes do not count.
    """
    text, ruleset = _validated(file)
    users = None
    if install_id is not None:
        with services_of("cli") as services, crm_of(services, one_install(services, install_id)) as crm:
            users = {user.id: user for user in crm.users()}
    found = linter.lint(ruleset, users, _lines(file))
    for finding in found:
        place = text.at(finding.line)
        click.secho(plain(f"{place}: {replace(finding, line=None)}"), fg=_SEVERITIES[finding.severity])
    errors = sum(finding.severity == "error" for finding in found)
    click.echo(f"{_counted(len(found), 'finding')}, {_counted(errors, 'error')}." if found else "Nothing was found.")
    if errors:
        sys.exit(1)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _validated(file: Path) -> tuple[RulesFile, RuleSet]:
    """Return the items of a file and the rule set they are. Raises ClickException with every fault."""
    with _faults(f"{file} is not a valid rule set"):
        text = rules_file.opened(file)
        return text, text.load()


def _tests_of(ruleset: RuleSet, files: Sequence[Path]) -> tuple[tuple[trials.Trial, ...], tuple[DeclaredUser, ...]]:
    """Return the tests among the rules of a file and in files beside it, and the users that those files declare."""
    texts = list(ruleset.tests)
    users: list[DeclaredUser] = []
    for file in files:
        with _faults(f"{file} has faults"):
            declared, found = beside(Source(str(file), text_of(file)))
        users += declared
        texts += found
    with _faults("The tests have faults"):
        found_trials = trials.read(texts)
        if unknown := [*trials.check(ruleset, found_trials), *trials.unknown_people(ruleset, found_trials, users)]:
            raise RuleSetError(unknown)
    return found_trials, tuple(users)


def _tested(file: Path, files: Sequence[Path]) -> Report:
    """Run the tests of a rule set's file and of those beside it. Raises ClickException with every fault of any."""
    _, ruleset = _validated(file)
    found, users = _tests_of(ruleset, files)
    with _faults("The tests have faults"):
        return trials.run(ruleset, found, users)


@contextmanager
def _faults(what: str) -> Iterator[None]:
    """Tell faults of files as sentences, one on each line below `what`."""
    try:
        yield
    except RuleSetError as error:
        raise click.ClickException(f"{plain(what)}:\n{plain(rules_file.told(error.faults))}") from None


def _lines(file: Path) -> dict[str, int]:
    """Return the line on which each item of a valid file begins; an empty file is valid."""
    text = text_of(file)
    return linter.lines_of(text) if split(text) else {}


def _tell(change: ItemChange) -> None:
    sign, colour = _SIGNS.get(change.how, ("=", None))
    told = f"{change.kind} “{change.name}”" if change.name else change.kind
    if change.how == "moved":
        told += f" from place {change.before} to {change.after}"
    click.secho(f"{sign} {change.how}: {plain(told)}", fg=colour)
    if change.how in {"changed", "reworded"}:
        for line in change.diff.splitlines():
            click.secho(f"    {plain(line)}", fg={"+": "green", "-": "red"}.get(line[:1]))


def _split(file: Path) -> tuple[Item, ...]:
    with _faults(f"{file} cannot be read"):
        rules_file.opened(file)
        return split(text_of(file))


def _in_crm(install_id: str | None) -> tuple[Item, ...]:
    """Return the items that are live in the CRM."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        with crm_of(services, install) as crm:
            rows = _live(crm)
    with _faults(f"What lies in {install.name} cannot be read"):
        return tuple(_items_of(rows))


def _live(crm: Crm) -> list[RuleRow]:
    return [row for row in crm.rules() if row.state == "live"]


def _items_of(rows: Iterable[RuleRow]) -> list[Item]:
    return mended(item for row in rows for item in split(row.definition))
