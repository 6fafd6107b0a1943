"""The rules of an install as a list: what each says and caught, what is drafted and wrong, and what is in force."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Literal, TypeAlias

from connector.desk import directory, reports, retelling, rule_words, rulebook
from connector.desk.faults import NotThere
from connector.desk.rule_words import Told
from connector.rows import RuleRow
from connector.services import Services
from connector.store import editions, rulesets
from connector.store.installs import Install
from connector.store.memos import StoredMemo
from jobs.publish import drafted, is_draft
from jobs.rulebook import PUBLISHING, is_coming
from rules.faults import Fault, RuleSetError
from rules.lint import Finding, lint
from rules.model import User
from rules.ruleset import RuleSet, Source, load
from rules.trials import trials

State: TypeAlias = Literal["live", "new", "changed", "moved", "off"]

OFF = "Switched off in Switchyard."
"""Stands as the error of a record that was switched off, so that it is told from one that was removed."""
MOST_LINTED = 500
"""Rules that are linted for a page: of more, the command line does it."""
CHECKED = 32
"""Sets of records that a process keeps what was found in."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item. `id` is that of its record; `seen` names its text, `place` is a rule's among the rules, from 1.

    `state` says how it stands beside what is live; `caught` is how many leads a rule took in 30 days (None: it is no
    rule), `tests` are the names of the tests that expect it.
    """

    id: str
    kind: str
    title: str
    state: State
    place: int
    text: str
    seen: str
    faults: tuple[Fault, ...] = ()
    hints: tuple[Finding, ...] = ()
    tests: tuple[str, ...] = ()
    caught: int | None = None
    has_live: bool = False

    @property
    def name(self) -> str:
        """What its text calls it, else its record (`title`)."""
        return rule_words.item(self.text).name.strip() or self.title

    @property
    def is_draft(self) -> bool:
        """Whether it is a draft: new, or otherwise than what is live."""
        return self.state in {"new", "changed", "moved"}

    @property
    def told(self) -> Told | None:
        """What a rule says; None for other items, and for one with faults."""
        return rule_words.told(rule_words.item(self.text).part)


@dataclass(frozen=True, slots=True)
class InForce:
    """What is in force: `number` of its edition, who made it live, when and why; `fault`: why newer text is not.

    `coming` is the version that is being published and not in force yet ("": none), `coming_by` who publishes it.
    """

    version: str = ""
    number: int = 0
    by: str = ""
    at: datetime | None = None
    why: str = ""
    fault: str = ""
    coming: str = ""
    coming_by: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """All items: `rules` in order, `others` of other kinds, `off` what was switched off.

    `asked` False: the CRM was not asked, so there are no drafts among them; `version` names what was seen. `faults` and
    `hints` are of the set as a whole. `linted` False: there were too many rules, or faults.
    """

    rules: tuple[Entry, ...]
    others: tuple[Entry, ...]
    off: tuple[Entry, ...]
    in_force: InForce
    asked: bool
    version: str
    drafts: int
    faults: tuple[Fault, ...]
    hints: tuple[Finding, ...]
    linted: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a set of records: faults by record id, hints by heading, tests by the rule they expect."""

    faults: Mapping[str, tuple[Fault, ...]]
    hints: tuple[Finding, ...]
    tests: Mapping[str, tuple[str, ...]]
    linted: bool


NOTHING = Found({}, (), {}, linted=False)


def listing(services: Services, install: Install, *, ask: bool = False) -> Listing:
    """Return the items as they would be with all drafts live.

    With `ask` the CRM may be asked for its records, and they are looked through: it raises what the CRM raises. Without
    it comes at once what is known here, without faults, hints and tests.
    """
    book = rulebook.read(services, install, ask=ask)
    rows = drafted(book.rows)
    found = examined(sources_of(rows), directory.known(services, install), is_linted=True) if ask else NOTHING
    live = {_key(row): row for row in book.rows if row.state == "live"}
    counts = caught(services, install)
    entries = [_entry(row, live, found) for row in rows]
    rules = [each for each in entries if each.kind == "rule"]
    headings = {_heading(each.kind, each.name) for each in entries} if found.hints else set()
    return Listing(
        rules=tuple(_placed(each, place, counts) for place, each in enumerate(rules, start=1)),
        others=tuple(each for each in entries if each.kind != "rule"),
        off=tuple(_off(book.rows, {_key(row) for row in rows})),
        in_force=in_force(services, install),
        asked=book.asked,
        version=book.version,
        drafts=sum(is_draft(row) for row in book.rows),
        faults=found.faults.get("", ()),
        hints=tuple(each for each in found.hints if each.record not in headings),
        linted=found.linted,
    )


def entry(services: Services, install: Install, record: str, *, ask: bool = True) -> Entry:
    """Return the item of a record: the draft, if there is one. Raises NotThere, and what the CRM raises."""
    book = rulebook.read(services, install, ask=ask)
    rows = drafted(book.rows)
    live = {_key(row): row for row in book.rows if row.state == "live"}
    row = of_record(book.rows, record)
    found = examined(sources_of(rows), is_linted=False)
    if row not in rows:
        return next(iter(_off([row], set())))
    rules = [each.id for each in rows if each.kind.strip() == "rule"]
    place = rules.index(row.id) + 1 if row.id in rules else 0
    return _placed(_entry(row, live, found), place, caught(services, install))


def of_record(rows: Sequence[RuleRow], record: str) -> RuleRow:
    """Return the row of an item by the id of any of its records: the draft, else the live one. Raises NotThere.

    A record that was switched off is its own.
    """
    named = next((row for row in rows if row.id == record), None)
    if named is None:
        raise NotThere("There is no such rule any more.")
    shown = next((row for row in drafted(rows) if _key(row) == _key(named)), None)
    if shown is None and not is_off(named):
        raise NotThere("There is no such rule any more.")
    return shown or named


def is_off(row: RuleRow) -> bool:
    """Tell whether a record was switched off, and nobody has edited it since."""
    return row.state == "draft" and not is_draft(row) and row.error == OFF


def in_force(services: Services, install: Install) -> InForce:
    """Return what is in force, and who made it so; and what is about to be."""
    seal = services.seal(install)
    told = StoredMemo(services.database, install.id, seal, services.clock).get(PUBLISHING)
    with services.database.read() as connection:
        live = rulesets.get(connection, install.id, seal)
        is_next = told is not None and is_coming(connection, install.id, seal, told, now=services.clock())
        last = editions.by_version(connection, install.id, seal, live.version) if live and live.version else None
    found = InForce()
    if live is not None:
        found = InForce(live.version, fault=retelling.kept_fault(live.fault))
    if live is not None and last is not None:
        found = InForce(live.version, last.number, last.by, last.at, last.note, retelling.kept_fault(live.fault))
    return replace(found, coming=told["version"], coming_by=told["by"]) if told and is_next else found


def caught(services: Services, install: Install, days: int = 30) -> Mapping[str, int]:
    """Return how many leads each rule took in these days, by its name."""
    return reports.caught(services, install, days=days)


def sources_of(rows: Iterable[RuleRow]) -> tuple[Source, ...]:
    """Return records as sources that are named by their ids."""
    return tuple(Source(str(row.id), row.definition) for row in rows)


def examined(sources: tuple[Source, ...], people: tuple[User, ...] | None = None, *, is_linted: bool) -> Found:
    """Return what is wrong with a set, what is odd, and which tests expect which rule, in the language spoken now.

    `people` are all who can own leads; None: nobody knows, and no name is doubted.
    """
    found = _examined(sources, people, is_linted=is_linted)
    faults = {record: retelling.faults(each) for record, each in found.faults.items()}
    return replace(found, faults=faults, hints=retelling.findings(found.hints))


@lru_cache(maxsize=CHECKED)
def _examined(sources: tuple[Source, ...], people: tuple[User, ...] | None, *, is_linted: bool) -> Found:
    """Return what :func:`examined` does, kept for these very texts, in the language of whoever asked first."""
    try:
        ruleset = load(sources)
        tests = _expected(ruleset)
    except RuleSetError as error:
        return Found(_by_record(error.faults), (), {}, linted=False)
    if not is_linted or len(ruleset.rules) > MOST_LINTED:
        return Found({}, (), tests, linted=False)
    users = None if people is None else {each.id: each for each in people}
    return Found({}, lint(ruleset, users), tests, linted=True)


def _expected(ruleset: RuleSet) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for trial in trials.read(ruleset.tests):
        for wish in trial.wishes:
            if wish.what == "rule" and isinstance(wish.wanted, str) and wish.wanted:
                found.setdefault(wish.wanted, []).append(trial.name)
    return {rule: tuple(dict.fromkeys(names)) for rule, names in found.items()}


def _by_record(faults: Iterable[Fault]) -> dict[str, tuple[Fault, ...]]:
    found: dict[str, tuple[Fault, ...]] = {}
    for fault in faults:
        found[fault.record] = (*found.get(fault.record, ()), fault)
    return found


def _entry(row: RuleRow, live: Mapping[tuple[str, str], RuleRow], found: Found) -> Entry:
    made = Entry(
        id=str(row.id),
        kind=row.kind.strip(),
        title=row.name,
        state=_state(row, live.get(_key(row))),
        place=0,
        text=row.definition,
        seen=rulebook.seen_as(row.definition),
        faults=found.faults.get(str(row.id), ()),
        has_live=_key(row) in live,
    )
    if found is NOTHING:
        return made
    heading = _heading(made.kind, made.name)
    hints = tuple(each for each in found.hints if each.record == heading)
    tests = found.tests.get(made.name, ()) if made.kind == "rule" else ()
    return replace(made, hints=hints, tests=tests)


def _heading(kind: str, name: str) -> str:
    return kind if kind == "match" else f'{kind} "{name}"'


def _state(row: RuleRow, live: RuleRow | None) -> State:
    if row.state == "live":
        return "live"
    if live is None:
        return "new"
    return "changed" if row.definition.strip() != live.definition.strip() else "moved"


def _placed(entry: Entry, place: int, counts: Mapping[str, int]) -> Entry:
    taken = None if entry.kind != "rule" else counts.get(entry.name, 0) if counts else 0
    return replace(entry, place=place, caught=taken)


def _off(rows: Iterable[RuleRow], taken: Collection[tuple[str, str]]) -> Iterator[Entry]:
    for row in rows:
        if is_off(row) and _key(row) not in taken:
            text = row.definition
            yield Entry(str(row.id), row.kind.strip(), row.name, "off", 0, text, rulebook.seen_as(text))


def _key(row: RuleRow) -> tuple[str, str]:
    return row.kind.strip(), row.name.strip()
