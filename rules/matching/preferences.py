"""Tie-breakers: what makes one of several accounts that are as likely the preferred one.

Each answers with a number for an account, a higher one is better; the accounts with the highest stay in the tie.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypeAlias

from rules import normalize
from rules.clauses import compare, derived
from rules.conditions import Block, Condition
from rules.conditions import Part as ConditionPart
from rules.matching.pairs import domains
from rules.model import Record, User, Value
from rules.wording.words import say, showable

if TYPE_CHECKING:
    from rules.matching.contest import Contest

CUSTOMERS = ("Customer",)
"""What account types, or lifecycle stages, of customers begin with, where the text does not say it.

A company's type in HubSpot is a prospect, partner, reseller, vendor or other: there the stage says who is a customer.
"""
_SAYS_CUSTOMER = ("type", "lifecycle")

_UNKNOWN = -math.inf
_ATTRIBUTES = ("id", "owner_id", "created_at", "modified_at")


@dataclass(frozen=True, slots=True)
class Preference:
    """One tie-breaker. `kind` is one of KINDS, the rest is what that kind wants.

    `field` is an account's field (without ``account.``) for ``highest`` and ``lowest``, `types` the types of customers,
    `list_name` the list of ``list`` (its values stand in `listed` once :meth:`bind` put them there).
    """

    kind: str
    field: str = ""
    types: tuple[str, ...] = ()
    list_name: str = ""
    condition: ConditionPart | None = None
    listed: frozenset[str] = dataclasses.field(default=frozenset(), compare=False, repr=False)

    def __str__(self) -> str:
        """Return the tie-breaker as it stands in a policy."""
        match self.kind:
            case "condition":
                return str(self.condition)
            case "list":
                return f'list "{self.list_name}"'
            case "highest" | "lowest":
                return f"{self.kind} account.{self.field}"
            case "customer" if self.types != CUSTOMERS:
                return f"customer: [{', '.join(self.types)}]"
        return self.kind

    @property
    def reads(self) -> frozenset[str]:
        """The account fields that it reads."""
        if self.condition:
            return account_fields((self.condition,))
        return frozenset({self.field}) if self.field else KINDS[self.kind][0]


def account_fields(parts: Iterable[ConditionPart]) -> frozenset[str]:
    """Return the names (without ``account.``) of the account fields that conditions ask for."""
    scoped = (line.field.partition(".") for line in lines(parts))
    return frozenset(name for scope, _, name in scoped if scope == "account")


def lines(parts: Iterable[ConditionPart]) -> Iterable[Condition]:
    """Yield the single conditions of conditions and blocks."""
    for part in parts:
        if isinstance(part, Block):
            yield from lines(part.parts)
        else:
            yield part


def listing(values: Iterable[str]) -> frozenset[str]:
    """Return what a ``list`` tie-breaker compares: the values as names, as domains, and as ids."""
    told = tuple(values)
    found = (each for value in told for each in (value.strip(), compare.folded(value), normalize.domain(value)))
    return frozenset(filter(None, found))


def facts(lead: Record, account: Record, users: Mapping[str, User]) -> dict[str, Value]:
    """Return what filters and tie-breakers can ask: the fields of both, and the account's owner."""
    told: dict[str, Value] = {}
    for scope, record in (("lead", lead), ("account", account)):
        own = {name: _value(record, name) for name in _ATTRIBUTES}
        told |= {f"{scope}.{name}": value for name, value in derived.values(record).items()}
        told |= {f"{scope}.{name}": value for name, value in {**own, **record.fields}.items() if value is not None}
    if owner := users.get(account.owner_id or ""):
        told |= {"account.owner": owner.email or owner.name, "account.owner_active": owner.active}
    return told


def because(preference: Preference, account: Record) -> str:
    """Return in words what a tie-breaker likes about an account."""
    values = {
        "value": compare.shown(_told(preference, account)),
        "field": preference.field if "__" in preference.field else preference.field.replace("_", " "),
        "list": showable(preference.list_name),
        "condition": showable(str(preference.condition or "")),
    }
    return say(f"prefer.{preference.kind}", **values)


def _told(preference: Preference, account: Record) -> Value:
    if preference.kind in {"oldest", "newest"}:
        return account.created_at
    if preference.kind == "customer":
        return _customer(preference, account)
    return _value(account, preference.field or next(iter(KINDS[preference.kind][0]), ""))


def _value(account: Record, name: str) -> Value:
    if name in _ATTRIBUTES:
        found: Value = getattr(account, name)
        return found
    return account.fields.get(name)


def _number(value: Value) -> float:
    """Return a number, a moment or a text that holds one as a number; the lowest there is when it is none."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        # A whole number may be larger than any float: it is cut before it becomes one.
        is_none = isinstance(value, float) and math.isnan(value)
        return _UNKNOWN if is_none else float(min(max(value, -1e300), 1e300))
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    return _read(value) if isinstance(value, str) else _UNKNOWN


def _read(text: str) -> float:
    try:
        return _number(float(text))
    except ValueError:
        pass
    try:
        return _number(datetime.fromisoformat(text.strip()))
    except ValueError:
        return _UNKNOWN


Worth: TypeAlias = "Callable[[Preference, Record, Contest], float]"


def _lowest(value: Value) -> float:
    number = _number(value)
    return number if number == _UNKNOWN else -number


def _is_customer(preference: Preference, account: Record, _contest: Contest) -> float:
    return bool(_customer(preference, account))


def _customer(preference: Preference, account: Record) -> str:
    """Return what an account says by which it is a customer; empty when it is none."""
    said = (account.text(name) for name in _SAYS_CUSTOMER)
    wanted = tuple(compare.folded(each) for each in preference.types or CUSTOMERS)
    return next((each for each in said if compare.folded(each).startswith(wanted)), "")


def _holds(preference: Preference, account: Record, contest: Contest) -> float:
    told = facts(contest.lead, account, contest.users)
    return preference.condition is not None and preference.condition.holds(told)[0]


def _is_listed(preference: Preference, account: Record, _contest: Contest) -> float:
    names = {account.id, compare.folded(account.text("name")), *domains(account)}
    return not preference.listed.isdisjoint(names)


def _owner_is_active(_preference: Preference, account: Record, contest: Contest) -> float:
    owner = contest.users.get(account.owner_id or "")
    return owner is not None and owner.active and not owner.queue


def _is_parent(_preference: Preference, account: Record, contest: Contest) -> float:
    return account.id in {other.text("parent_id") for other in contest.accounts}


def _is_child(_preference: Preference, account: Record, contest: Contest) -> float:
    return account.text("parent_id") in {other.id for other in contest.accounts}


def _is_near(_preference: Preference, account: Record, contest: Contest) -> float:
    here, there = (normalize.country(record.text("country")) for record in (contest.lead, account))
    return bool(here) and here == there


def _of_field(name: str) -> Worth:
    return lambda _preference, account, _contest: _number(account.fields.get(name))


KINDS: Mapping[str, tuple[frozenset[str], Worth]] = {
    "customer": (frozenset(_SAYS_CUSTOMER), _is_customer),
    "open opportunities": (frozenset({"open_opportunities"}), _of_field("open_opportunities")),
    "most contacts": (frozenset({"contacts"}), _of_field("contacts")),
    "latest activity": (frozenset({"last_activity_at"}), _of_field("last_activity_at")),
    "active owner": (frozenset(), _owner_is_active),
    "ultimate parent": (frozenset({"parent_id"}), lambda _, account, __: not account.text("parent_id")),
    "parent": (frozenset({"parent_id"}), _is_parent),
    "child": (frozenset({"parent_id"}), _is_child),
    "lead's country": (frozenset({"country"}), _is_near),
    "oldest": (frozenset(), lambda _, account, __: _lowest(account.created_at)),
    "newest": (frozenset(), lambda _, account, __: _number(account.created_at)),
    "list": (frozenset({"name", "domain", "website"}), _is_listed),
    "condition": (frozenset(), _holds),
    "highest": (frozenset(), lambda chosen, account, _: _number(_value(account, chosen.field))),
    "lowest": (frozenset(), lambda chosen, account, _: _lowest(_value(account, chosen.field))),
}
"""Kind -> the account fields it reads, and how good it finds an account."""

WITHIN_ONE_OWNER: Sequence[Preference] = (
    Preference("customer", types=CUSTOMERS), Preference("highest", field="employees"), Preference("oldest"),
)  # fmt: skip
"""What decides after the policy where it changes nobody's work: the customer, the larger, the older account."""
