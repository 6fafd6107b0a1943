"""`switchyard explain`: from a lead, or from what Sentry and the log name, to the story of what was decided."""

from __future__ import annotations

import json

import click

from connector.commands.terminal import crm_words, one_install, plain, services_of
from connector.desk import explaining
from connector.desk.faults import Unusable
from connector.services import Services
from connector.store import installs
from connector.store.decisions import Stored
from connector.store.installs import Install
from connector.store.letters import Standing
from connector.store.seal import Unreadable
from connector.telemetry import trace_id
from rules.clauses.compare import shown

SHOWN = 5
"""Installs that one sentence names."""


@click.command()
@click.argument("what")
@click.option("--install", "install_id", help="Install id; without it, all are looked through (not with --from-crm).")
@click.option("--from-crm", is_flag=True, help="Read the audit records in the CRM instead of our own store.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(what: str, install_id: str | None, *, from_crm: bool, as_json: bool) -> None:
    """Tell the story of WHAT: what was decided of a lead, why, and what was done.

    WHAT is a lead's id in the CRM, the address of its page or its e-mail address, or the id of an event, a decision or
    a trace (from Sentry, the log, or an audit record). The story names the trace, by which Sentry and the log are
    searched. A change that waits or stands still is told with its reason.
    """
    with services_of("cli") as services:
        if from_crm:
            _from_crm(services, one_install(services, install_id), what, as_json=as_json)
            return
        every = _installs(services, install_id)
        found, sealed = _about(services, every, what)
        left = [(install, each) for install in every for each in explaining.unanswered(services, install, what)]
        if not found and not left:
            raise click.ClickException(_nothing(services, every, what, sealed))
        if as_json:
            told = [explaining.told(services, *each) for each in found]
            told += [explaining.left(install, each) for install, each in left]
            click.echo(json.dumps(told, indent=2, default=str))
            return
        stories = [_story(services, install, stored) for install, stored in found]
        click.echo(plain("\n\n".join([*stories, *(_left(install, each) for install, each in left)])))


def _nothing(services: Services, every: list[Install], what: str, sealed: list[str]) -> str:
    """Return that nothing is known, and why that may be so."""
    where = f" in {plain(every[0].name)}" if len(every) == 1 else ""
    resting = [f"{plain(each.name)} is {each.status}" for each in every if each.status != "active"][:SHOWN]
    return (
        f"Nothing is known of {plain(what)}{where}: decisions are kept for {services.settings.decision_days} days."
        " With --from-crm the audit records of a lead are read by its id; the CRM keeps them longer."
        + (f" No change is heard of meanwhile: {'; '.join(resting)}." if resting else "")
        + (f" No key of ENCRYPTION_KEYS opens the data of {', '.join(sealed)}." if sealed else "")
    )


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
        except Unusable as fault:
            raise click.ClickException(plain(str(fault))) from None
    return found, sealed


def _story(services: Services, install: Install, stored: Stored) -> str:
    told = explaining.told(services, install, stored)
    trace = f"Trace: {told['trace_url'] or told['trace'] or 'none'}"
    state = f"State: {stored.state}" + (f" ({stored.reason})" if stored.reason else "")
    ids = f"Lead id: {stored.decision.lead.id}\nDecision: {stored.decision.key}\nPage: {told['page']}"
    return f"{told['story']}\n{ids}\nInstall: {_named(install)}\n{state}\n{trace}"


def _left(install: Install, standing: Standing) -> str:
    """Return what is to be said of a change that is not answered."""
    letter, ended = standing.letter, "stands still until somebody asks for another try"
    state = ended if standing.state == "parked" else f"waits, to be tried from {shown(standing.not_before)}"
    why = f": {letter.reason}" if letter.reason else ""
    return (
        f"Not decided yet. A change of {letter.event.kind} {letter.event.record_id}, which came"
        f" {shown(letter.received_at)}, {state} (tries that failed: {letter.attempts}){why}\n"
        f"Event: {letter.event.key}\nInstall: {_named(install)}\nTrace: {trace_id(letter.trace) or 'none'}"
    )


def _named(install: Install) -> str:
    status = "" if install.status == "active" else f"; {install.status}"
    return f"{install.id} ({install.crm}, {install.name}{status})"


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
