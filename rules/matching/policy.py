"""The match policy: how the customer's own text decides which of the ranked accounts a lead gets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from rules.conditions import Block, Condition
from rules.conditions import Part as ConditionPart
from rules.fields import is_custom
from rules.matching.pairs import NO_PAIRS, Pair, Pairs, wanted
from rules.matching.preferences import CUSTOMERS, WITHIN_ONE_OWNER, Preference, account_fields, lines, listing
from rules.matching.synonyms import NO_NAMES, Acquisition, Names
from rules.model import Record

__all__ = ["Acquisition", "DomainOnly", "MatchPolicy", "Names", "Pair", "Pairs", "Preference"]

DomainOnly: TypeAlias = Literal["never", "fallback", "always"]

HISTORY = frozenset(
    {"open_opportunities", "lost_opportunities", "last_lost_at", "contacts", "last_activity_at", "parent_owner_id"}
)
"""What the CRM knows beside an account: how many open and lost opportunities it has, when it lost the last one, how
many contacts it has, its last activity, and who owns its parent."""
OWNER = frozenset({"owner", "owner_active"})
"""What is known of an account's owner from the list of users: e-mail address, and whether the person is active."""
_ALWAYS_READ = frozenset({"id", "owner_id", "created_at", "modified_at"})

PREFER: tuple[Preference, ...] = (Preference("customer", types=CUSTOMERS), Preference("active owner"))
"""The tie-breakers of a policy that names none. More would decide ties that a person should see."""
TIE = 0.3
"""How much likelier than another account the best may be, by default, and still be tied with it: 30%."""


@dataclass(frozen=True, slots=True)
class MatchPolicy:
    """Which account a lead gets, of those that the evidence ranks.

    From `accept` on a match is taken; between `review` and `accept` a person should look (both 0 to 1). Accounts for
    which one of `only` fails are left out. Accounts are tied when the best is at most `tie` likelier (0.3 is 30%), and
    `prefer` decides between them. `domain_only` says what a domain is worth alone. `keep_links` keeps the account that
    a lead is linked to. `pairs` always or never belong together. `names` are other names of companies. `free_mail` are
    mail domains that say nothing about a company, beside those that everybody knows.
    """

    accept: float = 0.9
    review: float = 0.6
    only: tuple[ConditionPart, ...] = ()
    prefer: tuple[Preference, ...] = PREFER
    tie: float = TIE
    domain_only: DomainOnly = "fallback"
    keep_links: bool = True
    pairs: Pairs = NO_PAIRS
    names: Names = NO_NAMES
    free_mail: frozenset[str] = frozenset()

    @property
    def needs(self) -> frozenset[str]:
        """The account fields that filters and tie-breakers read, HISTORY among them."""
        asked = (*self.prefer, *WITHIN_ONE_OWNER)
        found = account_fields(self.only).union(*(preference.reads for preference in asked))
        return found - _ALWAYS_READ - OWNER

    @property
    def needs_history(self) -> bool:
        """Whether the policy reads what only the CRM knows beside an account (HISTORY)."""
        return bool(self.needs & HISTORY)

    @property
    def needs_custom(self) -> frozenset[str]:
        """The account fields of the customer's own that must be read from the CRM with the account."""
        return frozenset(name for name in self.needs - HISTORY if is_custom(f"account.{name}"))

    @property
    def lines(self) -> tuple[Condition, ...]:
        """Every condition of its filters and tie-breakers."""
        return tuple(lines((*self.only, *(each.condition for each in self.prefer if each.condition))))

    def aliases(self, company: str) -> tuple[str, ...]:
        """Return the further names of a company: its synonyms, and who has bought it; nearest first."""
        return tuple(alias.name for alias in self.names.of(company))

    def alias_reason(self, company: str, alias: str) -> str:
        """Return why `alias` is a further name of `company`, as a sentence for people; empty when it is none."""
        return next((each.reason for each in self.names.of(company) if each.name == alias), "")

    def named(self, lead: Record, reviewed: Pairs | None = None) -> tuple[str, ...]:
        """Return the ids and exact names of accounts that pairs give to this lead, whatever the evidence."""
        return wanted((*self.pairs.about(lead), *(reviewed.about(lead) if reviewed else ())))

    def bind(self, values: Callable[[ConditionPart], ConditionPart], lists: Mapping[str, Sequence[str]]) -> MatchPolicy:
        """Return the policy with the values of its lists. Raises RuleFault when one does not fit a field."""
        prefer = []
        for each in self.prefer:
            condition = values(each.condition) if each.condition else None
            listed = listing(lists.get(each.list_name, ())) if each.list_name else each.listed
            prefer.append(replace(each, condition=condition, listed=listed))
        return replace(self, only=tuple(map(values, self.only)), prefer=tuple(prefer))

    @property
    def told(self) -> dict[str, object]:
        """The policy as a JSON value: the same for texts that mean the same; what is as by default is left out."""
        told, usual = _plain(self), _plain(MatchPolicy())
        changed = {name: value for name, value in told.items() if value != usual[name]}
        return {"accept": self.accept, "review": self.review, **changed}


def _plain(policy: MatchPolicy) -> dict[str, object]:
    return {
        "only": [canonical(part) for part in policy.only],
        "prefer": [canonical(each.condition) if each.condition else str(each) for each in policy.prefer],
        "tie": policy.tie,
        "domain_only": policy.domain_only,
        "keep_links": policy.keep_links,
        "pairs": [[pair.verdict, pair.side, pair.who, pair.account] for pair in policy.pairs.every],
        "synonyms": [list(line) for line in policy.names.synonyms],
        "acquired": [[each.company, each.by] for each in policy.names.acquired],
        "free_mail": sorted(policy.free_mail),
    }


def canonical(part: ConditionPart) -> object:
    """Return a condition or a block of them as a JSON value: the same for lines that mean the same."""
    return {part.kind: [canonical(inner) for inner in part.parts]} if isinstance(part, Block) else part.canonical
