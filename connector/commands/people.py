"""The commands about people: `switchyard people pause|resume|list`."""

from __future__ import annotations

import getpass
import re
from datetime import UTC, datetime, timedelta

import click
from rich.markup import escape
from rich.table import Table

from connector.commands.terminal import crm_words, grid, one_install, out, plain, services_of
from connector.crm import Crm
from connector.services import Services
from connector.store import absences, pauses
from connector.store.installs import Install
from rules import normalize
from rules.model import User
from rules.times.zones import zone_of

BY_LENGTH = 64
"""What fits the column for who paused somebody."""
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"\s*([1-9][0-9]{0,3})\s*(minute|min|m|hour|h|day|d|week|w)s?\s*", re.ASCII | re.IGNORECASE)

_install = click.option("--install", "install_id", help="Install id; needed when several are connected.")


def _span(_context: click.Context, _option: click.Parameter, value: str | None) -> timedelta | None:
    """Return the time that a text says, as rules write it: 90 minutes, 2 days."""
    if value is None:
        return None
    found = _SPAN.fullmatch(value)
    if found is None:
        raise click.BadParameter(f"{value!r} is no duration: write 90 minutes, 4 hours, 2 days or 1 week.")
    return timedelta(**{_UNITS[found[2][0].lower()]: int(found[1])})


@click.group()
def people() -> None:
    """Let people take no leads for a while, and see who takes none."""


@people.command()
@click.argument("email")
@click.option("--until", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d"]), help="Until then, in their time zone.")
@click.option("--for", "span", callback=_span, help="For so long: 90 minutes, 4 hours, 2 days, 1 week.")
@_install
def pause(email: str, until: datetime | None, span: timedelta | None, install_id: str | None) -> None:
    """Give no more leads to the person with this EMAIL, from the next lead on; who has a lead keeps it.

    Without --until and --for it is until further notice.
    """
    if until is not None and span is not None:
        raise click.UsageError("Say --until or --for, not both.")
    with services_of("cli") as services:
        install = one_install(services, install_id)
        user, now = _user(services, install, email), services.clock()
        ends = until.replace(tzinfo=zone_of(user.zone)).astimezone(UTC) if until else None
        ends = now + span if span else ends
        if ends is not None and ends <= now:
            raise click.UsageError(f"{_moment(ends, user)} is over.")
        by = getpass.getuser()[:BY_LENGTH]
        with services.database.write() as connection:
            pauses.put(connection, install.id, user.id, until=ends, by=by, now=now)
    told = f"until {_moment(ends, user)}" if ends else "until further notice"
    click.echo(f"{plain(user.name)} gets no more leads {told}.")


@people.command()
@click.argument("email")
@_install
def resume(email: str, install_id: str | None) -> None:
    """Give leads to the person with this EMAIL again, from the next lead on."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        user = _user(services, install, email)
        with services.database.write() as connection:
            was_paused = pauses.end(connection, install.id, user.id, now=services.clock())
    name = plain(user.name)
    click.echo(f"{name} gets leads again." if was_paused else f"{name} was not paused.")


@people.command("list")
@_install
def list_away(install_id: str | None) -> None:
    """List who gets no leads by a pause or a planned absence, now or soon. Absences in the rules stand there."""
    with services_of("cli") as services:
        install = one_install(services, install_id)
        now = services.clock()
        with services.database.read() as connection:
            paused = pauses.every(connection, install.id, now=now)
            planned = absences.every(connection, install.id, now=now)
        users = {user.id: user for user in _users(services, install)} if paused or planned else {}
    if not (paused or planned):
        click.echo("Nobody is paused, and no absence is planned.")
        return
    table = grid("name", "e-mail", "what", "from", "until", "by")
    for each in paused:
        user = users.get(each.user_id, User(each.user_id, each.user_id))
        until = _moment(each.until, user) if each.until else "further notice"
        _add(table, user, "paused", _moment(each.since, user), until, each.by)
    for away in planned:
        user = users.get(away.user_id, User(away.user_id, away.user_id))
        what = "away" if away.begins_at <= now else "will be away"
        _add(table, user, what, away.first.isoformat(), f"the end of {away.last.isoformat()}", away.by)
    out().print(table)


def _add(table: Table, user: User, *cells: str) -> None:
    table.add_row(*(escape(plain(cell)) for cell in (user.name, user.email, *cells)))


def _users(services: Services, install: Install) -> tuple[User, ...]:
    with crm_words():
        crm: Crm = services.crm(install)
        try:
            return crm.users()
        finally:
            crm.close()


def _user(services: Services, install: Install, email: str) -> User:
    """Return the user of this address; of several, the active one. Raises ClickException."""
    wanted = normalize.email(email)
    found = [user for user in _users(services, install) if user.email and normalize.email(user.email) == wanted]
    if not found:
        raise click.ClickException(f"There is no user {email} in {plain(install.name)}.")
    return min(found, key=lambda user: (not user.active, user.id))


def _moment(at: datetime, user: User) -> str:
    """Say a time as the person's own clock shows it."""
    return f"{at.astimezone(zone_of(user.zone)):%Y-%m-%d %H:%M} ({user.zone})"
