"""Looking at one item while somebody writes it: its faults by line, hints, and what it says; nothing is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from connector.desk import directory, retelling, rule_words, rulebook
from connector.desk.faults import NotThere
from connector.desk.rule_words import Told
from connector.desk.rules import of_record
from connector.rows import RuleRow
from connector.services import Services
from connector.store.installs import Install
from jobs.publish import drafted
from rules.faults import Fault, RuleSetError
from rules.lint import Finding, lint
from rules.model import User
from rules.ruleset import RuleSet, Source, load

MOST_AT_ONCE = 100
"""Rules among which hints are looked for while somebody writes: of more, the list does it."""
NEW = "new"
"""Names a text that has no record yet in faults."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found. `faults` are in this text, by its lines; `others` would be in other items, which `record` names.

    `told` is what it says, None for what is no rule or has faults. `linted` False: hints were not looked for.
    """

    kind: str
    name: str
    faults: tuple[Fault, ...]
    others: tuple[Fault, ...]
    hints: tuple[Finding, ...]
    told: Told | None
    linted: bool

    @property
    def ok(self) -> bool:
        """Whether it could go live as far as this text is concerned."""
        return not self.faults and not self.others


def check(services: Services, install: Install, text: str, *, record: str = "") -> Checked:
    """Look at a text that stands instead of the item of `record`, or is new, among what is drafted. Asks no CRM."""
    plain = text.replace("\r\n", "\n")
    read = rule_words.item(plain)
    key, sources, names = _instead(rulebook.lately(services, install), record, plain)
    kind, name = read.kind, read.name.strip()
    try:
        ruleset = load(sources)
    except RuleSetError as error:
        faults = retelling.faults(error.faults)
        own = tuple(replace(each, record="") for each in faults if each.record == key)
        others = tuple(
            replace(each, record=names.get(each.record, each.record)) for each in faults if each.record != key
        )
        return Checked(kind, name, own, others, (), rule_words.told(read.part), linted=False)
    linted = len(ruleset.rules) <= MOST_AT_ONCE
    hints = _hints(ruleset, kind, name, directory.known(services, install)) if linted else ()
    return Checked(kind, name, (), (), hints, rule_words.told(read.part), linted)


def _instead(known: Sequence[RuleRow], record: str, text: str) -> tuple[str, tuple[Source, ...], dict[str, str]]:
    """Return the name of the text among the sources, all sources, and how people call each."""
    try:
        old = of_record(known, record) if record else None
    except NotThere:
        old = None
    rows = drafted(known)
    sources = [Source(str(row.id), text if row is old else row.definition) for row in rows]
    if old is None or old not in rows:
        old = None
        sources.append(Source(NEW, text))
    return str(old.id) if old else NEW, tuple(sources), {str(row.id): f"{row.kind} “{row.name}”" for row in rows}


def _hints(ruleset: RuleSet, kind: str, name: str, people: tuple[User, ...] | None) -> tuple[Finding, ...]:
    users = None if people is None else {each.id: each for each in people}
    heading = kind if kind == "match" else f'{kind} "{name}"'
    return tuple(each for each in lint(ruleset, users) if each.record == heading)
