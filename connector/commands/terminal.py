"""What all commands share: the services of one command, the install it is about, and plain words for a terminal."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy.exc import OperationalError

from connector import telemetry
from connector.commands.usable import usable_settings
from connector.crm import Crm
from connector.errors import Next
from connector.services import Services, opened
from connector.store import installs
from connector.store.installs import Install
from connector.store.seal import Unreadable

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Characters that a terminal obeys instead of showing them; tabs and line ends are left."""

_COPIED = frozenset({"id", "its id", "account's id", "lead", "decision", "key", "run", "version"})
"""Columns of what the next command or a search is given: it stands on one line however narrow the terminal is."""
_NAMED = 5
"""Installs that are named where one must be chosen: where there are more, their list is of more help."""


PIPED = 400
"""Columns where there is no terminal: in a pipe or a file a row must stay in one line, or nobody can search for it."""


def out() -> Console:
    """Return a console as wide as the terminal is now; in a pipe or a file, as wide as rows are."""
    found = Console()
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found.width = PIPED
    return found


def grid(*headers: str, title: str | None = None) -> Table:
    """Return a table that cuts nothing off: what is too long for its column goes on in the next line of it."""
    return Table(*(Column(each, overflow="fold", no_wrap=each in _COPIED) for each in headers), title=title)


@contextmanager
def services_of(process: str) -> Iterator[Services]:
    """Open the services for one command. Raises ClickException where no key opens its data, or the database is away."""
    settings = usable_settings()
    telemetry.start(settings, process=process)
    try:
        with opened(settings) as services:
            yield services
    except Unreadable:
        raise click.ClickException(
            "No key of ENCRYPTION_KEYS opens this install's data: put the one that is missing back, behind the others."
        ) from None
    except OperationalError as error:
        telemetry.report(error)
        said = str(error.orig).partition("\n")[0]
        raise click.ClickException(
            f"The database did not do it ({plain(said)}). `switchyard doctor` says what to look at."
        ) from None
    finally:
        telemetry.flush()


@contextmanager
def crm_words() -> Iterator[None]:
    """Say what the CRM said as a plain sentence instead of a traceback."""
    try:
        yield
    except Next as error:
        raise click.ClickException(plain(str(error))) from None


@contextmanager
def crm_of(services: Services, install: Install) -> Iterator[Crm]:
    """Open an install's CRM; what it says is told as a sentence."""
    with crm_words():
        crm = services.crm(install)
        try:
            yield crm
        finally:
            crm.close()


def plain(text: str) -> str:
    """Return a text of the CRM without the characters that would steer the terminal."""
    return _CONTROL.sub("", text)


def one_install(services: Services, install_id: str | None) -> Install:
    """Return the install of this id, or the only one there is. Raises ClickException."""
    with services.database.read() as connection:
        if install_id is not None:
            found = installs.by_id(connection, install_id)
            if found is None:
                raise click.ClickException(f"There is no install {install_id}; see `switchyard installs`.")
            return found
        known = installs.every(connection)
    if not known:
        raise click.ClickException("Nothing is connected yet.")
    if len(known) > 1:
        named = [f"  --install {each.id}  {each.crm}, {plain(each.name)}" for each in known[:_NAMED]]
        more = ["  `switchyard installs` has the others."] if len(known) > _NAMED else []
        raise click.ClickException("\n".join(["Several are connected: name one with --install.", *named, *more]))
    return known[0]
