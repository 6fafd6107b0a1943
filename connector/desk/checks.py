"""Asking the CRM whether everything is there that the product needs, and whether events arrive."""

from __future__ import annotations

from dataclasses import dataclass

from connector.desk import log, retelling
from connector.rows import Check
from connector.services import Services
from connector.store.installs import Install

PROBE = "probe"


@dataclass(frozen=True, slots=True)
class Checked:
    """The lines of a check; `can_probe` says whether it makes sense to try events too."""

    lines: tuple[Check, ...]
    can_probe: bool

    @property
    def missing(self) -> int:
        """How many things are missing that must be there."""
        return sum(not (each.ok or each.optional) for each in self.lines)

    @property
    def ok(self) -> bool:
        """Whether nothing is missing that must be there."""
        return not self.missing


def check(services: Services, install: Install) -> Checked:
    """Ask for all that is needed. Raises what the CRM raises."""
    crm = services.crm(install)
    try:
        return Checked(tuple(map(retelling.check, crm.check())), PROBE in crm.can)
    finally:
        crm.close()


def probe(services: Services, install: Install, *, watch: bool, by: str) -> Checked:
    """Find out whether events arrive; takes PROBE_SECONDS at most. Raises what the CRM raises."""
    crm = services.crm(install)
    try:
        found = crm.probe(watch=watch)
    finally:
        crm.close()
    log.note(services, install, by=by, did=PROBE)
    return Checked(tuple(map(retelling.check, found)), can_probe=True)
