"""The header of a territory: which field of the facts each column asks about, and which column says who takes the lead.

A column is a field of the lead by itself (``country``), with its scope (``account.employees``), or as the territory's
``columns`` say. ``account`` is none of these: it names accounts, in any way people do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rapidfuzz import fuzz, process

from rules import normalize
from rules.conditions import parse
from rules.faults import RuleFault
from rules.fields import LEAD, FieldType, type_of
from rules.territories.table import Line

Kind: TypeAlias = Literal["account", "country", "state", "postal", "number", "bool", "language", "text", "any"]

ACCOUNT = "account"
NAMES = ("lead.company", "match.account_name", "account.name")
DOMAINS = ("lead.email", "lead.website", "account.domain", "account.website")
IDS = ("match.account_id", "account.id")
"""What is compared with the cells of the column ``account``."""

_KINDS: Mapping[FieldType, Kind] = {
    "country": "country", "state": "state", "postal": "postal", "number": "number", "bool": "bool",
    "language": "language", "text": "text", "any": "any",
}  # fmt: skip
_TARGETS = (
    "assign", "assign to", "assigned to", "assignee", "assignee email", "owner", "owner email", "user", "user email",
    "rep", "rep email", "sales rep", "pool",
)  # fmt: skip
_ENDS = frozenset({"from", "to", "start", "end", "min", "max", "low", "high"})
"""What people call the two ends of a range that stand in two columns."""
_NOTES = ("note", "notes", "comment", "comments", "remark", "remarks")
_MEANT: Mapping[str, str] = {
    "zip": "lead.postal_code", "zip code": "lead.postal_code", "zipcode": "lead.postal_code",
    "postcode": "lead.postal_code", "post code": "lead.postal_code", "postal": "lead.postal_code",
    "plz": "lead.postal_code",
    "province": "lead.state", "state/province": "lead.state", "headcount": "lead.employees",
    "number of employees": "lead.employees", "annual revenue": "lead.revenue", "lead source": "lead.source",
    "account": ACCOUNT, "account name": ACCOUNT, "account id": ACCOUNT, "account domain": ACCOUNT,
    "named account": ACCOUNT, "domain": ACCOUNT,
}  # fmt: skip
"""What people write over a column, beside the names of the lead's fields."""
_EXAMPLE = "Say what it is below columns:, such as columns: {size: account.employees}."


@dataclass(frozen=True, slots=True)
class Column:
    """A column that asks something: its header as written, the field (``scope.name``, or ``account``), and its kind."""

    header: str
    field: str
    kind: Kind

    @property
    def reads(self) -> tuple[str, ...]:
        """The facts that it asks for, in the order in which rules.territories.probe wants them."""
        if self.field == ACCOUNT:
            return (*NAMES, *DOMAINS, *IDS)
        if self.kind == "state":
            return self.field, f"{self.field.partition('.')[0]}.country"
        return (self.field,)


@dataclass(frozen=True, slots=True)
class Header:
    """The headers as written, the columns that ask with their index, the index of the one that says who gets the lead.

    `of_pools`: it is headed ``pool``, so that a bare name in it is one of a pool.
    """

    headers: tuple[str, ...]
    asked: tuple[tuple[int, Column], ...]
    target: int
    of_pools: bool


def header(line: Line, columns: Mapping[str, str], faults: list[RuleFault]) -> Header | None:
    """Return what the columns are; None and faults when one is unknown or stands twice, or none says who."""
    told = {_plain(name): field.strip() for name, field in columns.items()}
    before = len(faults)
    asked: dict[int, Column] = {}
    targets: list[int] = []
    for index, name in enumerate(line.cells):
        plain = _plain(name)
        if plain in _TARGETS and plain not in told:
            targets.append(index)
        elif plain and told.get(plain, plain) not in _NOTES:
            _note(line, index, told, asked, faults)
    present = {_plain(name) for name in line.cells}
    faults += [
        line.fault(0, f"columns: speaks of “{name}”, and no column is headed so.", "Delete it there.")
        for name in columns
        if _plain(name) not in present
    ]
    if len(targets) != 1:
        faults.append(_no_target(line, targets))
    if len(faults) > before:
        return None
    of_pools = _plain(line.cells[targets[0]]) == "pool"
    return Header(line.cells, tuple(asked.items()), targets[0], of_pools)


def _note(line: Line, index: int, told: Mapping[str, str], asked: dict[int, Column], faults: list[RuleFault]) -> None:
    """Note what a column asks, or what is wrong with its header."""
    try:
        column = _column(line.cells[index], told)
    except RuleFault as fault:
        faults.append(line.fault(index, fault.message, fault.remedy))
        return
    twin = next((other for other in asked.values() if other.field == column.field), None)
    if twin:
        message = f"“{twin.header}” and “{column.header}” both ask about {column.field}."
        faults.append(line.fault(index, message, "Keep one of them; alternatives stand in a cell as A|B."))
    asked[index] = column


def _column(name: str, told: Mapping[str, str]) -> Column:
    plain = _plain(name)
    own = plain.replace(" ", "_")
    field = told.get(plain) or _MEANT.get(plain) or (f"lead.{own}" if own in LEAD else "")
    if not field and ("." in name or "__" in name):
        field = name if "." in name else f"lead.{name}"
    if not field:
        raise RuleFault(f"There is no field “{name}”.", remedy=_one_column(plain) or _suggestion(plain))
    if field == ACCOUNT:
        return Column(name, ACCOUNT, "account")
    known = parse(f"{field} is empty").field
    kind = _KINDS.get(type_of(known))
    if kind is None:
        raise RuleFault(f"{known} is a time, and a territory asks for none.", remedy="Ask for it in the rule's when:.")
    return Column(name, known, kind)


def _one_column(plain: str) -> str:
    """Return what to write for ``Zip From`` and ``Zip To``; "" for other headers."""
    words = [word for word in plain.split() if word not in _ENDS]
    own = " ".join(words)
    if not words or own == plain or not (own in _MEANT or own.replace(" ", "_") in LEAD):
        return ""
    example = "90000-90999" if "post" in own or "zip" in own else "50-199"
    return f"A range is one cell: head one column {own.replace(' ', '_')}, with cells such as {example}."


def _suggestion(plain: str) -> str:
    known = [*(name.replace("_", " ") for name in LEAD), *_MEANT, *_TARGETS]
    meant = process.extractOne(plain, known, scorer=fuzz.ratio, score_cutoff=70)
    return f"Did you mean “{meant[0].replace(' ', '_')}”? {_EXAMPLE}" if meant else _EXAMPLE


def _no_target(line: Line, targets: Sequence[int]) -> RuleFault:
    if targets:
        one, other = line.cells[targets[0]], line.cells[targets[1]]
        return line.fault(targets[1], f"“{one}” and “{other}” both say who gets the lead.", "Keep one of them.")
    message = "No column says who gets the lead."
    return line.fault(len(line.cells), message, "Head it assign, owner, user, rep or pool.")


def _plain(name: str) -> str:
    return " ".join(normalize.fold(name).replace("_", " ").replace("-", " ").split())
