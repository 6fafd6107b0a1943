"""`switchyard explain`: from a lead, or from what Sentry and the log name, to the story of what was decided."""

from __future__ import annotations

import json

import click

from connector.desk import explaining
from connector.services import Services
from connector.store import installs
from connector.store.decisions import Stored
from connector.store.installs import Install
from connector.store.seal import Unreadable
from connector.terminal import crm_words, one_install, plain, services_of
from rules import explain as words


@click.command()
@click.argument("what")
@click.option("--install", "install_id", help="Install id; without it, all are looked through (not with --from-crm).")
@click.option("--from-crm", is_flag=True, help="Read the audit records in the CRM instead of our own store.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(what: str, install_id: str | None, *, from_crm: bool, as_json: bool) -> None:
    """Tell the story of WHAT: what was decided of a lead, why, and what was done.

    WHAT is a lead's id in the CRM or the address of its page, or the id of an event, a decision or a trace (from
    Sentry, the log, or an audit record). The story names the trace, by which Sentry and the log are searched.
    """
    with services_of("cli") as services:
        if from_crm:
            _from_crm(services, one_install(services, install_id), what, as_json=as_json)
            return
        every = _installs(services, install_id)
        found, sealed = _about(services, every, what)
        where = f" in {plain(every[0].name)}" if len(every) == 1 else ""
        if not found:
            raise click.ClickException(
                f"Nothing is known of {plain(what)}{where}. Try --from-crm: the CRM keeps the audit longer than we do."
                + (f" No key of ENCRYPTION_KEYS opens the data of {', '.join(sealed)}." if sealed else "")
            )
        if as_json:
            click.echo(json.dumps([explaining.told(services, *each) for each in found], indent=2, default=str))
            return
        click.echo(plain("\n\n".join(_story(services, install, stored) for install, stored in found)))


def _installs(services: Services, install_id: str | None) -> list[Install]:
    """Return the install that is named, or all."""
    if install_id is not None:
        return [one_install(services, install_id)]
    with services.database.read() as connection:
        every = list(installs.every(connection))
    if not every:
        raise click.ClickException("Nothing is connected yet.")
    return every


def _about(services: Services, every: list[Install], what: str) -> tuple[list[tuple[Install, Stored]], list[str]]:
    """Return what is known of it, and the installs whose data no key opens: they hold up no other."""
    found: list[tuple[Install, Stored]] = []
    sealed = []
    for install in every:
        try:
            found += [(install, stored) for stored in explaining.about(services, install, what)]
        except Unreadable:
            sealed.append(install.id)
    return found, sealed


def _story(services: Services, install: Install, stored: Stored) -> str:
    told = explaining.told(services, install, stored)
    trace = f"Trace: {told['trace_url'] or told['trace'] or 'none'}"
    state = f"State: {stored.state}" + (f" ({stored.reason})" if stored.reason else "")
    return f"{words.story(stored.decision)}\nInstall: {install.id}\n{state}\n{trace}"


def _from_crm(services: Services, install: Install, lead: str, *, as_json: bool) -> None:
    with crm_words():
        crm = services.crm(install)
        rows = crm.audits(lead)
        crm.close()
    if not rows:
        raise click.ClickException(f"Nothing is known of lead {plain(lead)} in {plain(install.name)}.")
    if as_json:
        click.echo(json.dumps([dict(row) for row in rows], indent=2))
    else:
        click.echo(plain("\n\n".join(row.get("story", "") for row in rows)))
