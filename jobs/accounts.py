"""Which accounts the leads of a batch may belong to: found in the index, weighed, and the thinkable ones read whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from connector.crm import Crm
from connector.index import Index
from rules import match
from rules.matching.pairs import Pairs
from rules.matching.policy import MatchPolicy
from rules.matching.ranking import Ranked, merged, rank
from rules.model import Record


@dataclass(frozen=True)
class Found:
    """Rankings by lead id, and whole records of accounts by id."""

    rankings: Mapping[str, Sequence[Ranked]] = field(default_factory=dict)
    accounts: Mapping[str, Record] = field(default_factory=dict)
    wanted: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def of(self, lead_id: str) -> list[Record]:
        """Return the whole records that a choice for this lead may need."""
        return [self.accounts[each] for each in self.wanted.get(lead_id, ()) if each in self.accounts]


@dataclass(frozen=True)
class _Name:
    """A lead under one of its company's names; `reason` says why it has that name, "" for the one it states."""

    lead: Record
    record: Record
    reason: str = ""
    is_weighed: bool = True


def find(index: Index, leads: Sequence[Record], policy: MatchPolicy, pairs: Pairs) -> Found:
    """Find the accounts of a batch of leads, in as many queries as one lead needs."""
    names = [name for lead in leads for name in _names(lead, policy, pairs)]
    shortlists = index.accounts([name.record for name in names], free_mail=policy.free_mail)
    by_name: dict[str, list[Sequence[Ranked]]] = {lead.id: [] for lead in leads}
    wanted: dict[str, dict[str, None]] = {lead.id: {} for lead in leads}
    for name in names:
        shortlist = shortlists[name.record.id]
        if name.is_weighed:
            by_name[name.lead.id].append(rank(name.record, shortlist, alias=name.reason))
        else:
            wanted[name.lead.id].update(dict.fromkeys(each.id for each in shortlist.profiles))
    rankings = {each: found[0] if len(found) == 1 else merged(found) for each, found in by_name.items()}
    for lead in leads:
        wanted[lead.id].update(dict.fromkeys(match.worth_reading([rankings[lead.id]])))
        wanted[lead.id].update(dict.fromkeys(policy.named(lead, pairs)))
        wanted[lead.id].update(dict.fromkeys(filter(None, [lead.text("account_id")])))
    ids = {each for found in wanted.values() for each in found}
    return Found(rankings, index.get("account", ids), {each: tuple(found) for each, found in wanted.items()})


def with_history(found: Found, crm: Crm, wanted: frozenset[str]) -> Found:
    """Add what the CRM knows beside the accounts, as far as the rules ask for it: one batch, only when they do."""
    if not wanted or not found.accounts:
        return found
    known = crm.account_history(list(found.accounts), wanted=wanted)
    accounts = {
        each: replace(record, fields={**record.fields, **known.get(each, {})})
        for each, record in found.accounts.items()
    }
    return replace(found, accounts=accounts)


def _names(lead: Record, policy: MatchPolicy, pairs: Pairs) -> list[_Name]:
    """Return a lead as it is, under the other names of its company, and under those of accounts that pairs name."""
    company = lead.text("company")
    found = [_Name(lead, lead)]
    for alias in policy.aliases(company) if company else ():
        found.append(_Name(lead, _called(lead, alias, len(found)), policy.alias_reason(company, alias)))
    for name in policy.named(lead, pairs):
        found.append(_Name(lead, _called(lead, name, len(found)), is_weighed=False))
    return found


def _called(lead: Record, name: str, number: int) -> Record:
    """Return a lead under another name of its company; its id is no CRM's."""
    return replace(lead, id=f"{lead.id}\n{number}", fields={**lead.fields, "company": name})
