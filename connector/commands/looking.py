"""What the commands for looking before and after share: an install to look at, a draft, a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from connector.commands.terminal import crm_words, one_install, plain
from connector.crm import Crm
from connector.hubspot.gateway import HubSpotCrm
from connector.salesforce.gateway import SalesforceCrm
from connector.services import Services
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from connector.store.shelves import StoredShelf
from jobs.preview import Looking, PassingMemo
from rules.faults import RuleFault
from rules.ruleset import RuleSet, RuleSetError, Source, load, split
from rules.times import moments
from rules.typed_leads import decoded


@contextmanager
def looking(services: Services, install_id: str | None) -> Iterator[Looking]:
    """Open an install to be looked at; its CRM's memo keeps nothing, and what the CRM says is told as a sentence."""
    install = one_install(services, install_id)
    with crm_words():
        crm = reading_crm(services, install)
    try:
        yield Looking(services.tools, install, crm, services.seal(install))
    finally:
        crm.close()


def reading_crm(services: Services, install: Install) -> Crm:
    """Connect to an install's CRM with a memo that writes nothing; an access token that is over is still renewed."""
    tokens, settings = services.vault.source(install), services.settings
    memo = PassingMemo(StoredMemo(services.database, install.id, services.seal(install), services.clock))
    if install.crm == "salesforce":
        return SalesforceCrm(tokens, settings=settings, memo=memo)
    portal = HubSpotCrm(tokens, settings=settings, memo=memo, portal_id=install.tenant_id, scopes=install.scopes)
    portal.use_shelf(StoredShelf(services.database, install.id, services.seal(install), services.clock))
    return portal


def rules_of(file: Path) -> RuleSet:
    """Return the rule set of a file. Raises ClickException with every fault."""
    with faults(f"{file} is not a valid rule set"):
        items = split(decoded(file.read_bytes()))
        return load([Source(f"{file.name}: {item.name}", item.text) for item in items])


@contextmanager
def faults(what: str) -> Iterator[None]:
    """Tell faults of rules as sentences, one on each line below `what`."""
    try:
        yield
    except RuleSetError as error:
        raise click.ClickException(f"{plain(what)}:\n{plain(str(error))}") from None


def moment_of(text: str) -> datetime:
    """Return the moment that a text says. Raises ClickException."""
    try:
        found = moments.written(text)
    except RuleFault as fault:
        raise click.ClickException(plain(str(fault))) from None
    if found is None:
        raise click.ClickException(f"“{plain(text)}” is no moment. Write it like 2026-11-23T10:00:00+01:00.")
    return found if isinstance(found, datetime) else datetime(found.year, found.month, found.day, tzinfo=UTC)
