"""Where people look at pairs, in the console, by the API and at the command line: the CRM and the rules in force."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from connector.services import Services
from connector.store import rulesets
from connector.store.installs import Install
from jobs.cleanup_merges import OBSERVES
from jobs.cleanup_plans import Looked
from jobs.takeback import Scope
from rules.model import Mode
from rules.ruleset import RuleSet, RuleSetError, load
from rules.wording.said import strung
from rules.wording.words import english

NOT_ACTING = english("work.not acting")
TOO_FEW = english("work.too few")
ANSWERED = english("work.answered")


def ruleset_of(services: Services, install: Install) -> RuleSet:
    """Return the rules in force; empty ones where they cannot be read."""
    with services.database.read() as connection:
        live = rulesets.get(connection, install.id, services.seal(install))
    try:
        return load(live.sources if live else ())
    except RuleSetError:
        return RuleSet()


@contextmanager
def scope_of(services: Services, install: Install) -> Iterator[Scope]:
    """Open an install's CRM for looking at pairs and at what would go back. Raises Later, Revoked or Refused."""
    crm = services.crm(install)
    try:
        users = {user.id: user for user in crm.users()}
        rules, seal = ruleset_of(services, install), services.seal(install)
        yield Scope(services.database, install, seal, crm, users, rules, services.settings)
    finally:
        crm.close()


def hindrance(found: Looked, mode: Mode) -> str:
    """Return why a pair cannot be accepted now; empty when it can."""
    if found.plan is None:
        return TOO_FEW
    if found.asked.state != "open":
        return ANSWERED
    if mode == "observe":
        return OBSERVES
    return strung(" ", found.plan.blocked)
