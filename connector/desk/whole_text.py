"""A rule set as one text, as programs keep it in git: looked at, compared with what is live, and made live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.crm import Crm
from connector.desk import retelling, rulebook
from connector.desk.faults import Unusable
from connector.desk.rulebook import Faulty
from connector.desk.rules import MOST_LINTED
from connector.rows import RuleRow
from connector.services import Services
from connector.store.installs import Install
from jobs import publish as publishing
from jobs.publish import Proposal
from rules.changes import ItemChange, changes
from rules.faults import Fault, RuleSetError
from rules.lint import Finding, lint
from rules.ruleset import Item, split
from rules.trials.trials import Report

NO_TESTS = Report()


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found in a text. With `faults` nothing else was looked for."""

    faults: tuple[Fault, ...]
    hints: tuple[Finding, ...] = ()
    report: Report = NO_TESTS

    @property
    def ready(self) -> bool:
        """Whether it could go live."""
        return not self.faults and self.report.is_green


def examine(text: str, *, linted: bool = True, tested: bool = True) -> Examined:
    """Look at a whole rule set: its faults, hints (`linted`) and tests (`tested`). Asks nobody.

    Raises Unusable for hints about more than MOST_LINTED rules.
    """
    try:
        ruleset, report = publishing.examined(split(text))
    except RuleSetError as error:
        return Examined(retelling.faults(error.faults))
    if linted and len(ruleset.rules) > MOST_LINTED:
        raise Unusable("Hints are looked for among at most %(most)s rules. Send fewer.", field="text", most=MOST_LINTED)
    return Examined((), lint(ruleset) if linted else (), report if tested else NO_TESTS)


def difference(services: Services, install: Install, text: str) -> tuple[ItemChange, ...]:
    """Return what a text would change, item by item. Raises Faulty, and what the CRM raises."""
    rows = rulebook.read(services, install, ask=True).rows
    try:
        return changes(_live(rows), split(text))
    except RuleSetError as error:
        raise Faulty(error) from None


def publish(
    services: Services, install: Install, text: str, *, seen: str, by: str, name: str, why: str = ""
) -> Proposal:
    """Make a text live instead of everything that is, if the records are still those `seen` ("": whatever they are).

    Drafts are left alone. Raises Overtaken, Faulty, Red, and what the CRM raises.
    """
    try:
        items = split(text)
    except RuleSetError as error:
        raise Faulty(error) from None

    def propose(crm: Crm) -> Proposal:
        found = publishing.propose(crm, items)
        rulebook.unchanged(found.known, seen)
        return found

    return rulebook.go_live(services, install, propose, by=by, name=name, did="rules published", why=why)


def _live(rows: Sequence[RuleRow]) -> list[Item]:
    return [Item(row.kind, row.name, row.definition) for row in rows if row.state == "live"]
