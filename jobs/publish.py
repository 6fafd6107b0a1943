"""Publishing rules: from a text, an earlier edition or the CRM's own drafts to the live records, in one step.

:func:`propose` reads the records, validates the whole set and runs its tests; :func:`publish` writes it. Nothing is
deleted: a record that the new set does not have becomes a draft, marked as retired so that it is no draft of anybody's.
The edition itself is kept when the drain makes it live (jobs/rulebook.py), with who published it and why.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from types import MappingProxyType

from connector.crm import Crm
from connector.errors import Refused
from connector.retiring import mark, retired
from connector.rows import RuleRow
from connector.store import rulesets
from connector.store.base import Database
from connector.store.editions import Edition
from connector.store.memos import StoredMemo
from connector.store.seal import Seal
from jobs.rulebook import PUBLISHING
from rules.changes import ItemChange, changes
from rules.parsing.pieces import cut, mended
from rules.parts import DeclaredUser
from rules.ruleset import Item, RuleSet, RuleSetError, Source, beside, load, split
from rules.trials import trials
from rules.trials.trials import Report

KEPT_SECONDS = 86_400.0
NO_LINES: Mapping[str, int] = MappingProxyType({})
STEP = 10
"""Between the positions of two records, so that people can put one between."""


class Red(Exception):  # noqa: N818 - it is what the tests are
    """The tests of a rule set are not all green; `report` says which."""

    def __init__(self, report: Report) -> None:
        super().__init__(trials.summary(report))
        self.report = report


class Moved(Exception):  # noqa: N818 - it is what the records are
    """Somebody edited the records since the proposal was made."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A valid rule set that could go live: the records to write, and what that changes.

    `known` are the records as they were read; `report` is what became of its tests.
    """

    rows: tuple[RuleRow, ...]
    known: tuple[RuleRow, ...]
    ruleset: RuleSet
    report: Report
    changed: tuple[ItemChange, ...]

    @property
    def written(self) -> int:
        """How many records will be live because they are written."""
        return sum(row.state == "live" for row in self.rows)

    @property
    def retired(self) -> int:
        """How many records will not be live any more."""
        return sum(row.state == "draft" for row in self.rows)


def propose(crm: Crm, items: Sequence[Item], *, name: str = "", tests: Sequence[Source] = ()) -> Proposal:
    """Propose items as the rule set; `name` is that of their text in faults, `tests` are texts of tests beside it.

    Raises RuleSetError with every fault.
    """
    known = crm.rules()
    pieces = cut(items)
    return _proposal(known, _rows(known, pieces), pieces, name, tests)


def propose_drafts(crm: Crm, *, tests: Sequence[Source] = ()) -> Proposal:
    """Propose that all drafts among the records go live, each instead of the live record of its kind and name.

    Raises RuleSetError with every fault of the whole set, naming records.
    """
    known = crm.rules()
    taken = {_key(row) for row in known if is_draft(row)}
    rows = tuple(replace(row, state="live", error="", version="") for row in known if is_draft(row))
    rows += tuple(retired(row) for row in known if row.state == "live" and _key(row) in taken)
    return _proposal(known, rows, items_of(drafted(known), whole=False), "", tests)


def propose_one(crm: Crm, kind: str, text: str) -> Proposal:
    """Propose one item of a kind of which there is only one, beside the live records as they are.

    An empty `text` retires it. Raises RuleSetError with every fault of the whole set.
    """
    known = crm.rules()
    old = next((row for row in known if row.state == "live" and row.kind.strip() == kind), None)
    others = [row for row in known if row.state == "live" and row is not old]
    if not text:
        return _proposal(known, (retired(old),) if old else (), items_of(others, whole=False), "", ())
    (item,) = split(text)
    # A retired record of that kind is written again: each edit would leave one behind otherwise.
    spare = old or next((row for row in known if not is_draft(row) and row.kind.strip() == kind), None)
    place = old.position if old else max((row.position for row in others), default=0) + STEP
    row = RuleRow(kind, kind, place, item.text, id=spare.id if spare else None)
    in_order = sorted([*others, row], key=lambda each: (each.position, each.id or ""))
    return _proposal(known, (row,), items_of(in_order, whole=False), "", ())


def publish(
    database: Database,
    install_id: str,
    seal: Seal,
    crm: Crm,
    proposal: Proposal,
    *,
    by: str,
    clock: Callable[[], datetime],
    note: str = "",
) -> None:
    """Write a proposal to the records; ring for the install afterwards, and it is live within seconds.

    `by` is the publisher's name. Raises Red when a test is red, Moved when the records are not as the proposal found
    them; nothing is written then. Raises what the CRM raises: then nothing or a part is, and publishing again mends it.
    """
    if not proposal.report.is_green:
        raise Red(proposal.report)
    if _content(crm.rules()) != _content(proposal.known):
        raise Moved("Somebody has edited the rules in the CRM meanwhile: look at them, and publish again.")
    told = {"version": proposal.ruleset.version, "by": by, "note": note, "at": clock().isoformat()}
    # Before the records are written: an event may have them read at once, whole or half written.
    memo = StoredMemo(database, install_id, seal, clock)
    memo.put(PUBLISHING, told, seconds=KEPT_SECONDS)
    try:
        write(crm, proposal.rows)
    except Refused:
        if _content(_live(crm.rules())) == _content(_live(proposal.known)):
            # Nothing was written: what somebody edits next is not half of this.
            memo.forget(PUBLISHING)
        raise
    with database.write() as connection:
        rulesets.expire(connection, install_id)


def write(crm: Crm, rows: Sequence[RuleRow]) -> tuple[str, ...]:
    """Write records, new ones too; return their ids in order. Raises Refused with why.

    A publisher may be killed between two calls: so new records are made first, as retired ones, which are not live and
    nobody's drafts; publishing again finds them. Then all are written as they are to be: in Salesforce up to 200 of
    them change in one call, all or none.
    """
    new = [row for row in rows if row.id is None]
    ids = iter(crm.put_rules([retired(row) for row in new]) if new else ())
    return crm.put_rules([row if row.id else replace(row, id=next(ids)) for row in rows])


def is_draft(row: RuleRow) -> bool:
    """Tell whether a record is somebody's draft: not live, and not one that we retired and nobody edited since."""
    return row.state == "draft" and row.version != mark(row)


def drafted(rows: Sequence[RuleRow]) -> list[RuleRow]:
    """Return the live records, with the drafts instead of those of the same kind and name, and new drafts, in order."""
    taken = {_key(row) for row in rows if is_draft(row)}
    found = [row for row in rows if is_draft(row) or (row.state == "live" and _key(row) not in taken)]
    return sorted(found, key=lambda row: (row.position, row.id or ""))


def items_of(rows: Iterable[RuleRow], *, whole: bool = True) -> list[Item]:
    """Return the items of records; `whole`: with the pieces of a long territory as one.

    Raises RuleSetError, naming the record, for one that cannot be read.
    """
    found = [item for row in rows for item in _items(row)]
    return mended(found) if whole else found


def items_of_edition(edition: Edition) -> list[Item]:
    """Return the items of an edition, the pieces of a long territory as one."""
    return mended(item for source in edition.sources for item in split(source.text))


def examined(
    items: Sequence[Item], *, name: str = "", tests: Sequence[Source] = (), lines: Mapping[str, int] = NO_LINES
) -> tuple[RuleSet, Report]:
    """Validate items as a whole rule set and run its tests. Raises RuleSetError with every fault of both.

    `lines` says where in the text called `name` each item begins, by heading, so that tests are told with their place.
    """
    ruleset = load([Source(_place(item, name), item.text) for item in items])
    own = [(test, lines.get(f'test "{test.name}"', 0)) for test in ruleset.tests]
    users: list[DeclaredUser] = []
    texts = [replace(test, record=name, line=line) if line else test for test, line in own]
    for source in tests:
        declared, more = beside(source)
        users += declared
        texts += more
    found = trials.read(texts)
    if unknown := trials.check(ruleset, found):
        raise RuleSetError(unknown)
    return ruleset, trials.run(ruleset, found, users)


def _proposal(
    known: tuple[RuleRow, ...],
    rows: tuple[RuleRow, ...],
    items: Sequence[Item],
    name: str,
    tests: Sequence[Source],
) -> Proposal:
    ruleset, report = examined(items, name=name, tests=tests)
    live = mended(item for row in known if row.state == "live" for item in _as_it_lies(row))
    return Proposal(rows, known, ruleset, report, changes(live, mended(items)))


def _items(row: RuleRow) -> tuple[Item, ...]:
    try:
        return split(row.definition)
    except RuleSetError as error:
        raise RuleSetError([replace(fault, record=row.name) for fault in error.faults]) from None


def _as_it_lies(row: RuleRow) -> tuple[Item, ...]:
    """Return the items of a record that may be broken: publishing is how it is mended."""
    try:
        return _items(row)
    except RuleSetError:
        return (Item(row.kind, row.name, row.definition),)


def _place(item: Item, name: str) -> str:
    own = item.name or item.kind
    return f"{name}: {own}" if name else own


def _rows(known: Sequence[RuleRow], items: Sequence[Item]) -> tuple[RuleRow, ...]:
    """Match items to records by kind and name, live ones first; a draft of somebody's is left alone.

    Live records that the items do not have are retired.
    """
    ours = sorted((row for row in known if not is_draft(row)), key=lambda row: row.state == "live")
    by_key = {_key(row): row for row in ours}
    rows: list[RuleRow] = []
    taken: set[tuple[str, str]] = set()
    for place, item in enumerate(items, start=1):
        name = next(each for each in _numbered(item.name or item.kind) if (item.kind, each) not in taken)
        taken.add((item.kind, name))
        old = by_key.get((item.kind, name))
        rows.append(RuleRow(name, item.kind, place * STEP, item.text, id=old.id if old else None))
    kept = {row.id for row in rows}
    return (*rows, *(retired(row) for row in known if row.state == "live" and row.id not in kept))


def _numbered(name: str) -> Iterator[str]:
    """Yield a name, and then with numbers: several items `users`, and pieces of a territory, have the same."""
    yield name
    yield from (f"{name} {number}" for number in count(2))


def _key(row: RuleRow) -> tuple[str, str]:
    return row.kind.strip(), row.name.strip()


def _live(rows: Iterable[RuleRow]) -> list[RuleRow]:
    return [row for row in rows if row.state == "live"]


def _content(rows: Collection[RuleRow]) -> frozenset[tuple[object, ...]]:
    """Return what people edit of records; error, version and standing are ours and may be written at any time."""
    return frozenset((row.id, row.name, row.kind, row.position, row.state, row.definition) for row in rows)
