"""The rule records of an install: read for people who look, and written by one person at a time.

Reading asks the CRM at most once a minute, and at once after a change of ours. What is in force stands in our store, so
a page has something to show before the CRM has answered, and when it does not.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from uuid import uuid4

from connector.crm import Crm
from connector.desk import retelling
from connector.desk.faults import Overtaken, Unusable, sentence
from connector.desk.log import note
from connector.errors import Revoked
from connector.rows import RuleRow
from connector.services import Services
from connector.store import leases, rulesets, shelves
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from jobs import publish as publishing
from jobs.publish import Moved, Proposal, is_draft, items_of
from rules.changes import changes
from rules.faults import Fault, RuleSetError
from rules.ruleset import Item, split
from rules.trials.trials import Report

HERE = "properties"
"""Where rules stand when they stand in our database alone; see connector.hubspot.shelf.KINDS."""
MEMO, LAST = "desk.rules.1", "desk.rules.last.1"
KEPT_SECONDS = 60.0
"""How long the records are not read again for somebody who looks."""
LAST_SECONDS = 12 * 3600.0
"""How long what was read last counts for whoever is writing: as long as they stay signed in."""
WRITING_SECONDS = 60.0
"""After how long another one may write though this one never ended: the tests of many rules take some seconds."""
CHANGED = sentence("Somebody has changed the rules meanwhile. Look at them as they are now, and do it again.")
BUSY = sentence("Somebody else is changing the rules right now. Try again in a moment.")
MOVING = sentence("The rules are being moved to another place in the CRM. They can be changed again when that is done.")
SILENT = "The CRM no longer lets Switchyard in. Connect it again first."


class Faulty(Unusable):
    """The rules would have faults; `faults` are all of them, with the record, the line and what to write instead."""

    def __init__(self, error: RuleSetError) -> None:
        super().__init__("The rules have faults, so nothing was changed.", field="text")
        self.faults: tuple[Fault, ...] = retelling.faults(error.faults)


class Red(Unusable):
    """Tests of the rules fail; `report` says which, and why."""

    def __init__(self, report: Report) -> None:
        super().__init__("Tests of the rules fail, so nothing was changed.", field="text")
        self.report = report


@dataclass(frozen=True, slots=True)
class Book:
    """The rule records by position. `asked` False: only what is in force, as our store has it, without any drafts."""

    rows: tuple[RuleRow, ...]
    asked: bool

    @property
    def version(self) -> str:
        """The name of the records as they stand: the same for the same texts, order and states; "" when not asked."""
        return stamp(self.rows) if self.asked else ""


def stamp(rows: Sequence[RuleRow]) -> str:
    """Return the name of what is live and drafted; what was retired does not count."""
    content = [
        [row.id, row.name, row.kind, row.position, row.state, row.definition]
        for row in rows
        if row.state == "live" or is_draft(row)
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def seen_as(text: str) -> str:
    """Return the name of a text, to tell whether somebody has changed it meanwhile."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]


def read(services: Services, install: Install, *, ask: bool = False) -> Book:
    """Return the records as they were at most a minute ago; without those, with `ask`, as the CRM has them now.

    Raises Later, Revoked or Refused when it is asked.
    """
    memo = _memo(services, install)
    with services.database.read() as connection:
        if shelves.standing(connection, install.id).kind == HERE:
            return Book(shelves.rules(connection, install.id, services.seal(install)), asked=True)
    known = memo.get(MEMO)
    if known is not None:
        return Book(tuple(RuleRow(**each) for each in known), asked=True)
    if not ask:
        return Book(_in_force(services, install), asked=False)
    with opened(services, install) as crm:
        rows = crm.rules()
    told = [asdict(row) for row in rows]
    memo.put(MEMO, told, seconds=KEPT_SECONDS)
    memo.put(LAST, told, seconds=LAST_SECONDS)
    return Book(rows, asked=True)


def lately(services: Services, install: Install) -> tuple[RuleRow, ...]:
    """Return the records as they were read last, for whoever writes for longer than a minute: drafts stay among them.

    The CRM is not asked. What is in force is all there is where it never was, or other rules are in force since.
    """
    book = read(services, install)
    told = None if book.asked else _memo(services, install).get(LAST)
    rows = tuple(RuleRow(**each) for each in told or ())
    live = {row.definition.strip() for row in rows if row.state == "live"}
    return rows if live == {row.definition.strip() for row in book.rows} else book.rows


def forget(services: Services, install: Install) -> None:
    """Have the records read anew by whoever looks next."""
    memo = _memo(services, install)
    memo.forget(MEMO)
    memo.forget(LAST)


@contextmanager
def opened(services: Services, install: Install) -> Iterator[Crm]:
    """Connect to an install's CRM. Raises Revoked at once where it lets us in no more."""
    if install.status == "revoked":
        raise Revoked(SILENT)
    crm = services.crm(install)
    try:
        yield crm
    finally:
        crm.close()


@contextmanager
def turn(services: Services, install: Install) -> Iterator[None]:
    """Let one person write at a time: what was compared must still stand when it is written.

    Raises Overtaken while another one writes, and while the rules are being moved within the CRM.
    """
    name, holder = f"publish:{install.id}", uuid4().hex
    with services.database.write() as connection:
        if shelves.standing(connection, install.id).target:
            raise Overtaken(MOVING)
        if not leases.take(connection, name, holder, now=services.clock(), seconds=WRITING_SECONDS):
            raise Overtaken(BUSY)
    try:
        yield
    finally:
        with services.database.write() as connection:
            leases.release(connection, name, holder)


def write(
    services: Services,
    install: Install,
    change: Callable[[Sequence[RuleRow]], tuple[Sequence[RuleRow], str]],
    *,
    by: str,
    did: str,
) -> tuple[str, ...]:
    """Write drafts: `change` gets the records as they are now and returns those to write, and the name of the item.

    Returns the ids of what was written. Raises what `change` and the CRM raise, and Overtaken.
    """
    with turn(services, install), opened(services, install) as crm:
        known = crm.rules()
        rows, about = change(known)
        ids = crm.put_rules(rows) if rows else ()
    forget(services, install)
    _keep_last(services, install, known, [replace(row, id=id_) for row, id_ in zip(rows, ids, strict=True)])
    note(services, install, by=by, did=did, about=about)
    return ids


def go_live(
    services: Services,
    install: Install,
    propose: Callable[[Crm], Proposal],
    *,
    by: str,
    name: str,
    did: str,
    why: str = "",
    about: str = "",
) -> Proposal:
    """Make what `propose` proposes live within seconds; `name` and `why` are kept in the history.

    Raises Faulty or Red when it must not go live, Overtaken when somebody was quicker; nothing is written then.
    """
    with turn(services, install), opened(services, install) as crm:
        try:
            proposal = propose(crm)
        except RuleSetError as error:
            raise Faulty(error) from None
        if not proposal.report.is_green:
            raise Red(proposal.report)
        seal = services.seal(install)
        try:
            publishing.publish(
                services.database, install.id, seal, crm, proposal, by=name, note=why, clock=services.clock
            )
        except Moved:
            raise Overtaken(CHANGED) from None
    forget(services, install)
    services.ring(install.id)
    note(services, install, by=by, did=did, about=about)
    return proposal


def proposal(known: Sequence[RuleRow], written: Sequence[RuleRow]) -> Proposal:
    """Return the live records with those of `written` instead, by id, as a proposal. Raises RuleSetError."""
    new = {row.id: row for row in written}
    rows = [new.get(row.id, row) for row in known]
    after = sorted((row for row in rows if row.state == "live"), key=lambda row: (row.position, row.id or ""))
    items = items_of(after, whole=False)
    ruleset, report = publishing.examined(items)
    before = [Item(row.kind, row.name, row.definition) for row in known if row.state == "live"]
    named = [Item(row.kind, row.name, row.definition) for row in after]
    return Proposal(tuple(written), tuple(known), ruleset, report, changes(before, named))


def _keep_last(services: Services, install: Install, known: Sequence[RuleRow], written: Sequence[RuleRow]) -> None:
    """Keep the records as they are after writing some of them, for :func:`lately`."""
    with services.database.read() as connection:
        if shelves.standing(connection, install.id).kind == HERE:
            return
    new = {row.id: row for row in written}
    rows = [*(row for row in known if row.id not in new), *written]
    rows.sort(key=lambda row: (row.position, row.id or ""))
    _memo(services, install).put(LAST, [asdict(row) for row in rows], seconds=LAST_SECONDS)


def unchanged(rows: Sequence[RuleRow], seen: str) -> None:
    """Raise Overtaken unless the records are those that somebody saw; "" was seen by a program that does not ask."""
    if seen and stamp(rows) != seen:
        raise Overtaken(CHANGED)


def _memo(services: Services, install: Install) -> StoredMemo:
    return StoredMemo(services.database, install.id, services.seal(install), services.clock)


def _in_force(services: Services, install: Install) -> tuple[RuleRow, ...]:
    """Return what is in force as records; our store knows the name and the text of each."""
    with services.database.read() as connection:
        live = rulesets.get(connection, install.id, services.seal(install))
    rows = []
    for place, source in enumerate(live.sources if live else (), start=1):
        name, _, id_ = source.record.rpartition(" (")
        id_ = id_.removesuffix(")") if name else source.record
        rows.append(RuleRow(name or source.record, _kind(source.text), place, source.text, id=id_))
    return tuple(rows)


def _kind(text: str) -> str:
    try:
        found = split(text)
    except RuleSetError:
        return ""
    return found[0].kind if found else ""
