"""From what a test says to the records that the one door is shown.

The door must find just the account and the duplicate that the test tells of. So the account is the only one that
evidence speaks for, as sure as the test says; the duplicate is an older record with the lead's e-mail address
(``same``) or with its LinkedIn profile and another first name (``unsure``). A lead that says none of these gets them:
without, there would be no duplicate.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from rules import dedupe
from rules.matching.calibrate import log_odds
from rules.matching.policy import MatchPolicy
from rules.matching.profile import profile
from rules.matching.ranking import Ranked
from rules.model import Kind, Record, Value
from rules.normalizing.folding import fold
from rules.trials.parts import Arrival, Known, KnownAccount, KnownPerson
from rules.trials.people import id_of

_CERTAIN = 40.0
"""Log-odds whose probability is 1 to the last digit."""
_NUDGE = 1e-9
"""A confidence of 0.9 must not come out a hair below a limit of 0.9, having been log-odds in between."""
_MAIL, _NAME, _PROFILE, _OTHERS = "lead@lead.example", "Lead", "linkedin", ("Ulrike", "Quentin")
_EARLIER = timedelta(days=1)


def record(kind: Kind, known: Known, id_: str, at: datetime) -> Record:
    """Return the record that a test tells of; `id_` and `at` are its id and age unless the test says others."""
    fields = dict(known.fields)
    created, modified = (_moment(fields.pop(name, None)) for name in ("created_at", "modified_at"))
    owner = fields.pop("owner_id", None)
    owner_id = id_of(known.owner) if known.owner else (str(owner) if owner else None)
    return Record(kind, known.id or id_, fields, owner_id, created or at, modified or created or at)


def _moment(value: Value) -> datetime | None:
    return value if isinstance(value, datetime) else None


def lead_of(arrival: Arrival, number: int, at: datetime) -> Record:
    """Return the lead with the given number of a test (from 1)."""
    known = arrival.lead if arrival.lead.owner else replace(arrival.lead, owner=arrival.owner)
    return record("lead", known, f"lead {number}", arrival.received or at)


def account_of(arrival: Arrival, at: datetime) -> Record | None:
    """Return the account that the lead is matched to, with its parent's owner and its open opportunity."""
    if arrival.account is None:
        return None
    known = arrival.account.record
    name = str(known.fields.get("name") or known.fields.get("domain") or "")
    found = record("account", known, f"account {fold(name)}".strip(), at - _EARLIER)
    return replace(found, fields={**_family(arrival.account), **_opportunity(arrival.opportunity), **found.fields})


def _family(account: KnownAccount) -> dict[str, Value]:
    parent = account.parent
    if parent is None:
        return {}
    told: dict[str, Value] = {"parent_id": parent.id or "parent"}
    return {**told, "parent_owner_id": id_of(parent.owner)} if parent.owner else told


def _opportunity(known: Known | None) -> dict[str, Value]:
    """Return an open opportunity as the CRM tells of it beside the account."""
    if known is None:
        return {}
    owner: dict[str, Value] = {"owner_id": id_of(known.owner)} if known.owner else {}
    told = {"id": known.id or "opportunity", **owner, **known.fields}
    return {"open_opportunities": 1, **{f"opportunity.{name}": value for name, value in told.items()}}


def ranking_of(account: Record | None, known: KnownAccount | None) -> tuple[Ranked, ...]:
    """Return the ranking in which the account is all there is, and as likely as the test says."""
    if account is None or known is None:
        return ()
    sure = known.confidence
    return (Ranked(profile(account), _CERTAIN if sure >= 1 else log_odds(sure) + _NUDGE),)


def policy_of(policy: MatchPolicy, known: KnownAccount | None) -> MatchPolicy:
    """Return the policy under which the account gets the status that the test says: else the rule set's own limits.

    Filters, pairs and links do not count: the test has said which account it is.
    """
    if known and known.status == "matched":
        return MatchPolicy(accept=0.0, review=0.0, keep_links=False)
    if known and known.status == "review":
        return MatchPolicy(accept=2.0, review=0.0, keep_links=False)
    return MatchPolicy(accept=policy.accept, review=policy.review, keep_links=False)


def people_of(lead: Record, known: KnownPerson | None, at: datetime) -> tuple[Record, tuple[Record, ...]]:
    """Return the lead, completed where it must be, and the older person of whom it is a duplicate."""
    if known is None:
        return lead, ()
    older = record(known.kind, known.record, f"earlier {known.kind}", min(lead.created_at or at, at) - _EARLIER)
    who = dedupe.person(lead)
    if known.status == "same":
        mail = lead.text("email") or older.text("email") or _MAIL
        lead = lead if lead.text("email") else replace(lead, fields={**lead.fields, "email": mail})
        return lead, (replace(older, fields={"email": mail, **older.fields}),)
    missing: dict[str, Value] = {} if who.ids else {_PROFILE: _NAME}
    missing |= {} if who.given and who.family else {"first_name": _NAME, "last_name": who.name or _NAME}
    lead = replace(lead, fields={**lead.fields, **missing})
    who = dedupe.person(lead)
    other = next(name for name in _OTHERS if not name.casefold().startswith(who.given[0][:1]))
    shared: dict[str, Value] = {_PROFILE: who.ids[0][1], "first_name": other, "last_name": " ".join(who.family)}
    return lead, (replace(older, fields={**older.fields, **shared}),)
