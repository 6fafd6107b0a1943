"""Which fields stand behind our names: read from the CRM and its rule records, changed by publishing one record.

The mapping is an item of the rule set (docs/decisions/0011-field-mapping.md): it goes live, comes back and is kept with
the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connector.crm import Crm
from connector.fieldtable import KINDS, FieldTable, FieldUse
from connector.rows import RuleRow
from jobs.publish import Proposal, propose_one
from rules.field_names import API_NAME, MAPPED, write
from rules.fields import canonical
from rules.linting.finding import Finding
from rules.linting.values import Choices, unknown_values
from rules.ruleset import RuleSet, RuleSetError, Source, load, names_in
from rules.wording.words import say, showable

ITEM = "fields"
"""The kind of item that the mapping is."""


class Unfit(Exception):  # noqa: N818 - it is what the fields are
    """Fields cannot stand behind names; `reasons` says of each name why, and what to do."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("\n".join(f"{name}: {reason}" for name, reason in reasons.items()))
        self.reasons = dict(reasons)


@dataclass(frozen=True, slots=True)
class Mapped:
    """The mapping as the CRM's records have it, and what it comes to. `hints` are values that no record can have.

    `fault` says what is wrong with the record, "" when nothing is: then the usual fields are read.
    """

    names: Mapping[str, str]
    tables: tuple[FieldTable, ...]
    hints: tuple[Finding, ...]
    fault: str = ""


def read(crm: Crm) -> Mapped:
    """Ask the CRM for its rule records and for all fields. Raises what the CRM raises."""
    rows = [row for row in crm.rules() if row.state == "live"]
    sources = [Source(row.name, row.definition) for row in rows]
    names = names_in(sources)
    tables = tuple(table for kind in KINDS if (table := crm.fields(kind, names)).offered)
    try:
        ruleset = load(sources)
    except RuleSetError:
        ruleset = RuleSet()
    return Mapped(names, tables, unknown_values(ruleset, choices(tables)), _fault(rows))


def propose(crm: Crm, wanted: Mapping[str, str]) -> Proposal | None:
    """Propose fields for names (``lead.product``; "" for the usual field); None when that is what there is.

    Raises Unfit with every reason, RuleSetError when the rule set as a whole is not valid, and what the CRM raises.
    """
    rows = [row for row in crm.rules() if row.state == "live"]
    if fault := _fault(rows):
        raise Unfit({"": fault})
    before = names_in([Source(row.name, row.definition) for row in rows])
    given = {canonical(name): api.strip() for name, api in wanted.items()}
    changed = {name: api for name, api in given.items() if api.casefold() != before.get(name, "").casefold()}
    fitting = _fitting(crm, changed)
    after = {name: api for name, api in {**before, **fitting}.items() if api}
    return propose_one(crm, ITEM, write(after.items())) if after != before else None


def choices(tables: Sequence[FieldTable]) -> dict[str, Choices]:
    """Return the lists of choices of the CRM, under our names and under those of its fields, in lower case."""
    found: dict[str, Choices] = {}
    for table in tables:
        for field in table.offered:
            if field.values:
                found[f"{table.kind}.{field.name.casefold()}"] = Choices(field.label, field.values, field.restricted)
        for use in table.uses:
            # A name of ours may be spelled like another field of the CRM: ours is what rules mean.
            found.pop(use.name, None)
            if use.used and use.used.values:
                found[use.name] = Choices(use.used.label, use.used.values, use.used.restricted)
    return found


def _fault(rows: Sequence[RuleRow]) -> str:
    """Return what is wrong with the record that holds the mapping."""
    for row in rows:
        if row.kind.strip() == ITEM:
            try:
                load([Source(row.name, row.definition)])
            except RuleSetError as error:
                return str(error)
    return ""


def _unreadable(names: Mapping[str, str]) -> dict[str, str]:
    """Return why, of what is no name that can be mapped, and of what is no API name."""
    known = {f"{scope}.{name}" for scope, own in MAPPED.items() for name in own}
    reasons: dict[str, str] = {name: say("fields.no name") for name in names if name not in known}
    for name, api in names.items():
        if api and name in known and not API_NAME.fullmatch(api):
            reasons[name] = say("fields.no api name", field=showable(api))
    return reasons


def _fitting(crm: Crm, changed: Mapping[str, str]) -> dict[str, str]:
    """Return the names with the API names as the CRM spells them; "" where that is the usual field. Raises Unfit."""
    found: dict[str, str] = {}
    reasons = _unreadable(changed)
    for kind in KINDS:
        mine = {name: api for name, api in changed.items() if name.startswith(f"{kind}.") and name not in reasons}
        uses = {use.name: use for use in crm.fields(kind, mine).uses} if any(mine.values()) else {}
        for name, api in mine.items():
            use = uses.get(name)
            if api and (use is None or use.state != "fine" or use.used is None):
                reasons[name] = _reason(use)
            else:
                found[name] = _spelled(use) if api else ""
    if reasons:
        raise Unfit(reasons)
    return found


def _spelled(use: FieldUse | None) -> str:
    api = use.used.name if use and use.used else ""
    return "" if use and api.casefold() == use.usual.casefold() else api


def _reason(use: FieldUse | None) -> str:
    return f"{use.why} {use.remedy}".strip() if use else say("fields.no records")
