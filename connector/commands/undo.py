"""The command `switchyard undo`: takes routings back, one or a whole run of them, after showing what will go back."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import click
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress

from connector.commands.terminal import crm_words, grid, one_install, out, plain, services_of
from connector.desk.merging import scope_of
from connector.services import Services
from connector.store import decisions, editions, histories, progress
from connector.store.decisions import Stored
from connector.store.installs import Install
from jobs import takeback, undo
from jobs.expiry import keeping
from jobs.takeback import Plan, Scope
from jobs.undo import Wish
from rules import explain
from rules import undo as rules

SHOWN = 20
"""Decisions that the preview shows; the others are counted."""
WAIT = "Nothing is undone yet: the workers do it, behind what happens live. See `switchyard undo --status`."


class Since(click.ParamType["datetime | timedelta"]):
    """A moment (``2026-11-23T10:00``, UTC unless it says otherwise) or how long ago (``30m``, ``2h``, ``3d``)."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> datetime | timedelta:
        """Return a moment, or how long ago it is."""
        units = {"m": "minutes", "h": "hours", "d": "days"}
        if value[-1:] in units and value[:-1].isdecimal():
            return timedelta(**{units[value[-1]]: int(value[:-1])})
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” is no time. Write it like 2026-11-23T10:00, or 2h for two hours ago.", param, ctx)
        return found if found.tzinfo else found.replace(tzinfo=UTC)


@click.command("undo")
@click.argument("what", metavar="[LEAD|DECISION_KEY]", required=False)
@click.option("--run", "edition", type=click.IntRange(1), help="All that edition NUMBER of the rules decided.")
@click.option("--since", type=Since(), help="All that was decided since: 2026-11-23T10:00, or 2h, 3d.")
@click.option("--rule", default="", help="Only what this rule decided.")
@click.option("--by", default=getpass.getuser, show_default="you", help="Who wants it; stands in the audit.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would go back.")
@click.option("--status", is_flag=True, help="Say how far the undoes are that were asked for.")
@click.option("--install", "install_id", help="Install id; needed when several are connected.")
def undo_command(  # noqa: PLR0917 - one for each option
    what: str | None,
    edition: int | None,
    since: datetime | timedelta | None,
    rule: str,
    by: str,
    install_id: str | None,
    *,
    yes: bool,
    dry_run: bool,
    status: bool,
) -> None:
    """Take a routing back: owner, account, what was noted on the lead, task, timers and the turn in the pool.

    LEAD (its id in the CRM) stands for the last decision that gave it away. Without it, a whole run is undone: what was
    decided by an edition of the rules (see `switchyard rules history`), or since a time, by all rules or by one. What
    somebody has changed since is left and said. Every undo leaves an audit record, and a lead that was undone is not
    routed again until it changes.
    """
    if not status and bool(what) == bool(edition or since):
        raise click.UsageError("Name a LEAD or a DECISION_KEY, or a run by --run or --since.")
    with services_of("cli") as services:
        install = one_install(services, install_id)
        if status:
            _show_status(services, install)
            return
        wish = _wish(services, install, what, edition, since, rule, by)
        with crm_words(), scope_of(services, install) as scope:
            found = _preview(scope, wish)
        _show_term(services, install, found)
        if not _show(found, is_run=not what) or dry_run:
            return
        if not yes:
            click.confirm(f"Undo {_counted(sum(plan.found is not None for plan in found))}?", abort=True)
        total = len(found)
        undo.ask(services.database, install.id, services.seal(install), wish, clock=services.clock, total=total)
        services.ring(install.id)
    click.echo(WAIT)


def _wish(  # noqa: PLR0917 - one for each option
    services: Services,
    install: Install,
    what: str | None,
    edition: int | None,
    since: datetime | timedelta | None,
    rule: str,
    by: str,
) -> Wish:
    """Return what the options ask for. Raises ClickException when nothing is known of it."""
    now = services.clock()
    if what:
        return Wish(by, now, keys=(_key(services, install, what),))
    moment = now - since if isinstance(since, timedelta) else since
    version, until = "", None
    if edition:
        with services.database.read() as connection:
            known, following = (
                editions.get(connection, install.id, services.seal(install), number)
                for number in (edition, edition + 1)
            )
        if known is None:
            raise click.ClickException(f"There is no edition {edition}; see `switchyard rules history`.")
        version, moment = known.version, max(known.at, moment) if moment else known.at
        until = following.at if following else None
    return Wish(by, now, since=moment, until=until, rule=rule, version=version)


def _key(services: Services, install: Install, what: str) -> str:
    """Return the key of the decision that is meant: this one, or a lead's last that gave it away."""
    seal = services.seal(install)
    with services.database.read() as connection:
        if decisions.by_key(connection, install.id, seal, what) is not None:
            return what
        history = histories.of_leads(connection, install.id, seal, [what])[what]
    gave = (each.decision for each in history.decisions if rules.is_effective(each.decision))
    found = next((each.key for each in gave if each.key not in history.undone()), "")
    if not found:
        raise click.ClickException(f"Nothing that could be undone is known of {plain(what)} in {plain(install.name)}.")
    return found


def _preview(scope: Scope, wish: Wish) -> list[Plan]:
    """Plan all that a wish means, as things are now; how far it is stands on standard error."""
    found: list[Stored] = []
    place = None
    while True:
        with scope.database.read() as connection:
            part, place = undo.wanted(connection, scope.install.id, scope.seal, wish, place)
        found += part
        if place is None:
            break
    planned: list[Plan] = []
    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("Looking at the leads", total=len(found))
        for batch in _batches(found):
            planned += takeback.plans(scope, batch, asked=wish.asked)
            bar.update(task, completed=len(planned))
    return planned


def _batches(found: list[Stored]) -> Iterator[list[Stored]]:
    """Yield decisions in batches; those of one lead stay together, in their order."""
    piles: dict[str, list[Stored]] = {}
    for each in found:
        piles.setdefault(each.decision.lead.id, []).append(each)
    batch: list[Stored] = []
    for pile in piles.values():
        batch += pile
        if len(batch) >= undo.PAGE:
            yield batch
            batch = []
    if batch:
        yield batch


def _show(found: list[Plan], *, is_run: bool) -> bool:
    """Show what will and what will not go back; whether anything will."""
    table = grid("lead", "name", "goes back", "is left")
    for plan in found[:SHOWN]:
        lead = plan.stored.decision.lead
        back = "\n".join(plan.found.back) if plan.found else ""
        left = "\n".join(plan.found.left) if plan.found else plan.why
        name = explain.lead_name(explain.lead_facts(lead))
        table.add_row(*(escape(plain(cell)) for cell in (lead.id, name, back, left)))
    if found:
        out().print(table)
    if len(found) > SHOWN:
        click.echo(f"… and {len(found) - SHOWN:,} more.")
    undone = sum(plan.found is not None for plan in found)
    if not undone:
        click.echo("Nothing goes back.")
        return False
    if is_run:
        click.echo(f"{_counted(undone)} would be undone, {len(found) - undone:,} left as they are.")
    return True


def _show_term(services: Services, install: Install, found: list[Plan]) -> None:
    """Say until when the merges among these can be undone: the first that cannot be any more."""
    with services.database.read() as connection:
        kept = keeping(connection, install.id, services.settings)
    terms = [until for plan in found if plan.found and (until := kept.until(plan.stored.decision))]
    if terms:
        click.echo(f"Merges can be undone for {kept.days} days: until {min(terms):%Y-%m-%d %H:%M} UTC.")


def _show_status(services: Services, install: Install) -> None:
    with services.database.read() as connection:
        found = [each for each in progress.of(connection, install.id) if each.name.startswith(undo.PREFIX)]
    if not found:
        click.echo("Nothing was asked to be undone yet.")
        return
    table = grid("work", "state", "decisions", "what came of it")
    for each in found:
        done = f"{each.done:,} of {each.total:,}" if each.total else f"{each.done:,}"
        table.add_row(each.name, each.state, done, escape(plain(each.reason)))
    out().print(table)


def _counted(number: int) -> str:
    return "1 decision" if number == 1 else f"{number:,} decisions"
