"""Matching again: which leads a change of an account or a contact may concern, and whether anything came of asking.

A change of the lead itself needs none of this: it shows in what its decision is made from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from connector.index import Index, Prepared
from connector.store import decisions
from connector.store.letters import Letter
from connector.store.seal import Seal
from rules.matching.policy import HISTORY, MatchPolicy
from rules.matching.preferences import account_fields
from rules.model import Decision, Event


def asks(lead_ids: Iterable[str], *, now: datetime) -> list[Event]:
    """Return events that these leads are to be matched again.

    One key per lead: as long as its letter waits, another one would ask for the same. Only a drain posts them, and it
    decides after that, so none comes too late.
    """
    return [Event(f"rematch:{lead_id}", "lead", lead_id, "resync", now) for lead_id in lead_ids]


def watched(policy: MatchPolicy) -> frozenset[str]:
    """Return the account fields, beside those that everybody's matching reads, that this policy filters or prefers by.

    What the CRM knows beside an account changes without a word to us.
    """
    return account_fields(policy.only).union(*(each.reads for each in policy.prefer)) - HISTORY


def is_asked(pile: Sequence[Letter]) -> bool:
    """Whether one of a lead's letters asks to match it again although it says what it said."""
    return any(letter.event.change == "resync" for letter in pile)


def concerned(
    connection: Connection, install_id: str, seal: Seal, prepared: Prepared, policy: MatchPolicy
) -> list[str]:
    """Return the ids of the leads that may have another match by what an update of the index is about to change.

    Of accounts that look otherwise these are leads without a match, or for review, or matched to one of the very
    accounts; of the first contacts by whom an account has a mail domain, leads of that domain without a match or for
    review. A lead that we stamped and whose decision is forgotten counts as long as it has no account.
    """
    index = Index(connection, install_id, seal)
    domains = index.learned(prepared) - policy.free_mail
    if not prepared.touched and not domains:
        return []
    callers = index.leads_of(prepared.touched, domains)
    last = decisions.latest(connection, install_id, seal, list(callers))
    forgotten = index.get("lead", [each for each in callers if each not in last])
    stamped = {each.id for each in forgotten.values() if each.text("decision") and not each.text("account_id")}
    return sorted(
        each
        for each, accounts in callers.items()
        if (_is_open(last[each], accounts) if each in last else each in stamped)
    )


def is_as_before(decision: Decision, last: Decision | None) -> bool:
    """Whether a lead that was matched again has the match it had; without a decision, that is the account it has."""
    if last is None:
        linked = decision.lead.text("account_id")
        return _outcome(decision) == (("matched", linked) if linked else ("none", ""))
    return _outcome(decision) == _outcome(last)


def _is_open(last: Decision, accounts: frozenset[str]) -> bool:
    status, account_id = _outcome(last)
    return status != "matched" or account_id in accounts


def _outcome(decision: Decision) -> tuple[str, str]:
    match = decision.match
    return match.status, match.account.account_id if match.account else ""
