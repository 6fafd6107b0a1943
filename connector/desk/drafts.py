"""All drafts together: what they would change, what is against it, and making them live."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connector.crm import Crm
from connector.desk import directory, retelling, rulebook
from connector.desk.faults import Unusable, sentence
from connector.desk.rules import examined, sources_of
from connector.rows import RuleRow
from connector.services import Services
from connector.store.installs import Install
from jobs import publish as publishing
from jobs.publish import Proposal, drafted, is_draft
from rules.changes import ItemChange, changes
from rules.faults import Fault, RuleSetError
from rules.lint import Finding
from rules.ruleset import Item, join, split
from rules.trials.trials import Report

NOTHING = sentence("There is nothing to publish: there are no drafts.")


@dataclass(frozen=True, slots=True)
class Review:
    """What the drafts would change. `version` goes back with :func:`publish`.

    With `faults` nothing else is known; `report` is what became of the tests.
    """

    version: str
    drafts: int
    changed: tuple[ItemChange, ...]
    faults: tuple[Fault, ...]
    report: Report
    hints: tuple[Finding, ...]
    linted: bool

    @property
    def ready(self) -> bool:
        """Whether they can be published."""
        return bool(self.drafts) and not self.faults and self.report.is_green


def review(services: Services, install: Install) -> Review:
    """Compare what is drafted with what is live, and run its tests. Raises what the CRM raises."""
    book = rulebook.read(services, install, ask=True)
    rows = drafted(book.rows)
    live = [row for row in book.rows if row.state == "live"]
    found = changes(_items(live), _items(rows))
    count = sum(is_draft(row) for row in book.rows)
    checked = examined(sources_of(rows), directory.known(services, install), is_linted=True)
    names = {str(row.id): f"{row.kind} “{row.name}”" for row in rows}
    faults = tuple(replace(each, record=names.get(each.record, "")) for own in checked.faults.values() for each in own)
    if faults:
        return Review(book.version, count, found, faults, Report(), (), linted=False)
    try:
        _, report = publishing.examined(publishing.items_of(rows, whole=False))
    except RuleSetError as error:
        return Review(book.version, count, found, retelling.faults(error.faults), Report(), (), linted=False)
    return Review(book.version, count, found, (), report, checked.hints, checked.linted)


def tested(services: Services, install: Install) -> Report:
    """Run the tests of what is drafted. Raises Faulty when there are faults, and what the CRM raises."""
    rows = drafted(rulebook.read(services, install, ask=True).rows)
    try:
        _, report = publishing.examined(publishing.items_of(rows, whole=False))
    except RuleSetError as error:
        raise rulebook.Faulty(error) from None
    return report


def text(services: Services, install: Install, *, live: bool = False) -> str:
    """Return what is drafted, or what is `live`, as one text. Raises Faulty, and what the CRM raises."""
    rows = rulebook.read(services, install, ask=True).rows
    chosen = [row for row in rows if row.state == "live"] if live else drafted(rows)
    try:
        return join(publishing.items_of(chosen))
    except RuleSetError as error:
        raise rulebook.Faulty(error) from None


def publish(services: Services, install: Install, *, seen: str, by: str, name: str, why: str = "") -> Proposal:
    """Make all drafts live within seconds, if the records are still those `seen` in the review.

    Raises Overtaken, Faulty, Red, Unusable when there are none, and what the CRM raises.
    """

    def propose(crm: Crm) -> Proposal:
        found = publishing.propose_drafts(crm)
        rulebook.unchanged(found.known, seen)
        if not found.rows:
            raise Unusable(NOTHING)
        return replace(found, rows=_named(found.rows, found.known))

    return rulebook.go_live(services, install, propose, by=by, name=name, did="rules published", why=why)


def _named(rows: Sequence[RuleRow], known: Sequence[RuleRow]) -> tuple[RuleRow, ...]:
    """Return the records with the names that their texts have now, where no other has it."""
    taken = {(row.kind, row.name) for row in known}
    found = []
    for row in rows:
        items = split(row.definition) if row.state == "live" else ()
        name = items[0].name.strip() if items else ""
        free = bool(name) and name != row.name and (row.kind, name) not in taken
        taken |= {(row.kind, name)} if free else set()
        found.append(replace(row, name=name) if free else row)
    return tuple(found)


def _items(rows: Sequence[RuleRow]) -> list[Item]:
    """Return the items of records that may be broken."""
    found: list[Item] = []
    for row in rows:
        try:
            found += split(row.definition)
        except RuleSetError:
            found.append(Item(row.kind, row.name, row.definition))
    return found
