"""The commands about matching: `switchyard reviews ...` and `switchyard match ...`."""

from __future__ import annotations

import getpass
import json
from dataclasses import asdict

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from connector.commands.terminal import grid, one_install, out, plain, services_of
from connector.services import Services
from connector.store import progress
from connector.store import reviews as store
from connector.store.installs import Install
from connector.store.reviews import Review, Verdict
from jobs import massmatch
from jobs import reviews as said
from jobs.contacts import kind_of
from jobs.suggest import suggestions
from rules.wording.words import percent

SHOWN = 50
"""Reviews that are listed by default."""

_install = click.option("--install", "install_id", help="Install id; needed when several are connected.")
_account = click.option("--account", "account_id", help="Account id; default: the one that is asked about.")


@click.group()
def reviews() -> None:
    """Answer for matches that were not sure enough: the same as the console's page Matches to review."""


@reviews.command("list")
@_install
@click.option("--limit", default=SHOWN, show_default=True, type=click.IntRange(1), help="How many to show.")
def list_reviews(install_id: str | None, limit: int) -> None:
    """List the matches that wait for a person, the longest waiting first, with the evidence for each account."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        with services.database.read() as connection:
            found = store.waiting(connection, install.id, services.seal(install), limit=limit)
            count = store.count(connection, install.id)
    if not found:
        click.echo("Nothing waits for a person.")
        return
    table = grid("lead", "name", "account", "account's name", "sure", "evidence")
    for review in found:
        for place, each in enumerate(review.detail.candidates):
            who = (review.lead_id, _who(review)) if place == 0 else ("", "")
            told = "\n".join(f"{clue.weight:+.1f} {clue.text}" for clue in each.evidence)
            row = (*who, each.account_id, each.name, percent(each.confidence), told)
            table.add_row(*(escape(plain(cell)) for cell in row))
    out().print(table)
    if count > len(found):
        click.echo(f"{count - len(found)} more wait.")


@reviews.command()
@click.argument("lead")
@_account
@_install
def accept(lead: str, account_id: str | None, install_id: str | None) -> None:
    """Say that a LEAD (its id in the CRM) belongs to the account it was asked about, or to another candidate."""
    _answer(lead, account_id, install_id, "accepted")


@reviews.command()
@click.argument("lead")
@_account
@click.option("--never", is_flag=True, help="Not only for this lead: for every lead of its domain (or company).")
@_install
def reject(lead: str, account_id: str | None, install_id: str | None, *, never: bool) -> None:
    """Say that a LEAD (its id in the CRM) does not belong to the account."""
    _answer(lead, account_id, install_id, "never" if never else "rejected")


def _answer(lead: str, account_id: str | None, install_id: str | None, verdict: Verdict) -> None:
    with services_of("cli") as services:
        install = one_install(services, install_id)
        found = _take_down(services, install, lead, account_id, verdict)
        services.ring(install.id)
    name = plain(found.detail.account)
    words = {
        "accepted": f"Lead {lead} belongs to {name}",
        "rejected": f"Lead {lead} does not belong to {name}",
        "never": f"Leads of {plain(found.detail.who)} never belong to {name}",
    }
    click.echo(f"{words[verdict]}. It is decided anew within seconds.")


def _take_down(services: Services, install: Install, lead: str, account_id: str | None, verdict: Verdict) -> Review:
    """Store an answer. Raises ClickException when nobody asks."""
    seal = services.seal(install)
    with services.database.write() as connection:
        asked = store.of_lead(connection, install.id, seal, lead)
        if asked is None:
            raise click.ClickException(f"Nobody asks about lead {lead}; see `switchyard reviews list`.")
        found = said.answer(
            connection,
            install.id,
            seal,
            lead_id=lead,
            account_id=account_id or asked.account_id,
            verdict=verdict,
            by=getpass.getuser(),
            now=services.clock(),
        )
    if found is None:
        known = ", ".join(each.account_id for each in asked.detail.candidates)
        raise click.ClickException(f"Lead {lead} was not asked about account {account_id}. Candidates: {known}.")
    return found


def _who(review: Review) -> str:
    company = review.detail.company
    return f"{review.detail.lead}, {company}" if company else review.detail.lead


@click.group()
def match() -> None:
    """Match leads that are there already, and find accounts that may be one."""


_which = click.argument("install_id", metavar="[INSTALL]", required=False)


@match.command("run")
@_which
@click.option("--only-unmatched", is_flag=True, help="Only leads that have no account.")
@click.option("--dry-run", is_flag=True, help="Change nothing; count what the leads would be matched to.")
def run_match(install_id: str | None, *, only_unmatched: bool, dry_run: bool) -> None:
    """Match all leads of an INSTALL again, behind whatever happens live; owners stay, unless a rule says otherwise.

    Leads that came before Switchyard get their account and keep their owner. Those whose match is what it was are left
    alone.
    """
    with services_of("cli") as services:
        install = one_install(services, install_id)
        with services.database.write() as connection:
            massmatch.start(
                connection,
                install.id,
                work="try" if dry_run else "match",
                which="unmatched" if only_unmatched else "all",
                now=services.clock(),
            )
        services.ring(install.id)
    click.echo(f"Started. The console shows how far it is, and so does `switchyard match status {install.id}`.")


@match.command()
@_which
def status(install_id: str | None) -> None:
    """Say how far the mass matches of an INSTALL are, and what came of the last ones."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        with services.database.read() as connection:
            found = [each for each in progress.of(connection, install.id) if each.name in massmatch.NAMES]
    if not found:
        click.echo("No mass match was asked for yet.")
        return
    table = grid("work", "state", "leads", "what came of it")
    for each in found:
        leads = f"{each.done:,} of {each.total:,}" if each.total else f"{each.done:,}"
        table.add_row(each.name, each.state, leads, escape(plain(each.reason)))
    out().print(table)


@match.command()
@_which
def pause(install_id: str | None) -> None:
    """Let the mass matches of an INSTALL rest where they stand; letters that were posted are still answered."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        with services.database.write() as connection:
            count = progress.pause(connection, install.id, massmatch.NAMES, now=services.clock())
    click.echo("Paused." if count else "No mass match is under way.")


@match.command()
@_which
def resume(install_id: str | None) -> None:
    """Let the paused mass matches of an INSTALL go on where they stood."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        with services.database.write() as connection:
            count = progress.resume(connection, install.id, massmatch.NAMES, now=services.clock())
        services.ring(install.id)
    click.echo("Goes on." if count else "No mass match is paused.")


@match.command()
@_which
@click.option("--limit", default=SHOWN, show_default=True, type=click.IntRange(1), help="How many pairs to show.")
@click.option("--least", default=0.5, show_default=True, type=click.FloatRange(0, 1), help="Least probability.")
@click.option("--contacts", is_flag=True, help="Accounts for contacts that have none, instead of pairs of accounts.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of a table.")
def suggest(install_id: str | None, limit: int, least: float, *, contacts: bool, as_json: bool) -> None:
    """Show accounts of an INSTALL that may be one and the same, or belong together, with the evidence. Changes nothing.

    Reads only the index; how far it is stands on standard error.
    """
    with services_of("cli") as services, Progress(console=Console(stderr=True)) as bar:
        install = one_install(services, install_id)
        task = bar.add_task("Comparing contacts" if contacts else "Comparing accounts", total=None)
        found = suggestions(
            services.database,
            install.id,
            services.seal(install),
            limit=limit,
            least=least,
            kind=kind_of(install) if contacts else "account",
            seen=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, indent=2))
        return
    if not found:
        click.echo("Nothing looks as if it belonged together.")
        return
    table = (
        grid("contact", "account", "sure", "evidence")
        if contacts
        else grid("account", "other account", "sure", "evidence")
    )
    for pair in found:
        told = "\n".join(f"{clue.weight:+.1f} {clue.text}" for clue in pair.evidence)
        row = ("\n".join(reversed(pair.one)), "\n".join(reversed(pair.other)), percent(pair.likely), told)
        table.add_row(*(escape(plain(cell)) for cell in row))
    out().print(table)
