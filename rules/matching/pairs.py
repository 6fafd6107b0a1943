"""Pairs: a company that always, or never, belongs to an account, by the customer's text or by what people reviewed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from rules import normalize
from rules.clauses import compare
from rules.model import Record
from rules.wording.words import say, showable

PairVerdict: TypeAlias = Literal["always", "never"]
Side: TypeAlias = Literal["company", "domain", "lead", "contact"]

_RANK: Mapping[Side, int] = {"company": 0, "domain": 1, "lead": 2, "contact": 2}
"""What a pair may name on the side of the lead; the later one is the more exact."""


def company_key(name: str) -> str:
    """Return what two spellings of one company's name have in common: no legal form, no spaces, Latin letters."""
    return normalize.squash(normalize.latin(normalize.company(name))) or compare.folded(name)


@dataclass(frozen=True, slots=True)
class Pair:
    """Leads of `who` always, or never, belong to `account`, which is an id or an exact name.

    `side` says what `who` is: a company's name, a registrable domain, or the id of one lead or contact. `by` names the
    person whose review it was; it is empty for what stands in the customer's text.
    """

    verdict: PairVerdict
    side: Side
    who: str
    account: str
    by: str = ""

    @property
    def precedence(self) -> tuple[int, bool, bool]:
        """What makes one pair stronger than another: the more exact side, the customer's text, "never"."""
        return _RANK[self.side], not self.by, self.verdict == "never"

    @property
    def told(self) -> str:
        """The pair as a sentence for people."""
        origin = "reviewed" if self.by else "text"
        values = {"who": showable(self.who), "account": showable(self.account), "by": showable(self.by)}
        return say(f"pair.{self.verdict}.{origin}", **values)

    def names(self, account: Record) -> bool:
        """Tell whether this is the account that the pair means."""
        return account.id == self.account or compare.folded(account.text("name")) == compare.folded(self.account)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs that are found by the lead; made once for a rule set, or for all that was reviewed in an install."""

    every: tuple[Pair, ...] = ()
    _by_side: Mapping[tuple[Side, str], tuple[Pair, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[tuple[Side, str], tuple[Pair, ...]] = {}
        for pair in self.every:
            key = pair.side, company_key(pair.who) if pair.side == "company" else pair.who
            found[key] = (*found.get(key, ()), pair)
        object.__setattr__(self, "_by_side", MappingProxyType(found))

    def about(self, lead: Record) -> tuple[Pair, ...]:
        """Return the pairs that speak of this lead."""
        if not self.every:
            return ()
        own: Side = "contact" if lead.kind == "contact" else "lead"
        keys: list[tuple[Side, str]] = [(own, lead.id), ("company", company_key(lead.text("company")))]
        keys += [("domain", domain) for domain in domains(lead)]
        return tuple(pair for key in keys if key[1] for pair in self._by_side.get(key, ()))


NO_PAIRS = Pairs()


def domains(record: Record) -> tuple[str, ...]:
    """Return the registrable domains of a record's mail and sites, free mail left out."""
    mail = record.text("email").rpartition("@")[2]
    hosts = map(normalize.host, (mail, record.text("domain"), record.text("website")))
    found = (normalize.domain(host) or host for host in hosts if host)
    return tuple(dict.fromkeys(domain for domain in found if domain not in normalize.FREE_MAIL))


def strongest(pairs: Iterable[Pair], account: Record) -> Pair | None:
    """Return the pair that counts for an account: the most exact, then the customer's own text, then "never"."""
    return max((pair for pair in pairs if pair.names(account)), key=lambda pair: pair.precedence, default=None)


def wanted(pairs: Sequence[Pair]) -> tuple[str, ...]:
    """Return the ids and exact names of the accounts that pairs say a lead always belongs to."""
    return tuple(dict.fromkeys(pair.account for pair in pairs if pair.verdict == "always"))
