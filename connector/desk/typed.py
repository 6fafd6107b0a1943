"""What people type to find decisions, and what is looked for then."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from sqlalchemy import Connection

from connector.desk.faults import Unusable
from connector.store import aliases, finding, terms
from connector.store.decisions import State
from connector.store.finding import AnyOf, Sought
from connector.store.installs import Install
from connector.store.terms import Field
from connector.telemetry import trace_id
from rules import normalize
from rules.model import Outcome

LONGEST = 500
"""Characters of anything typed."""
MOST_WORDS = 8
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?|[0-9]{1,20}")
# Addresses of record pages: Lightning and classic in Salesforce; in HubSpot /record/0-1/ (contacts), /record/0-136/
# (leads) and the older /contact/.
_IN_ADDRESS = re.compile(
    r"/(?P<lead>00Q[A-Za-z0-9]{12,15})(?:[/?#]|$)|/(?:record/0-1|record/0-136|contact)/(?P<portal>[0-9]{1,20})"
)
_TRACE = re.compile(r"[0-9a-f]{32}")
_KEY = re.compile(r"[A-Za-z0-9]+-[0-9a-f]{12}[wm]?-[0-9a-f]{12}(?:-[A-Za-z0-9-]{1,40})?")
_SHORT = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]{15}")
_PERSON_IN_SALESFORCE = re.compile(r"(?:00Q|003)[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
_PERSON_IN_HUBSPOT = re.compile(r"[1-9][0-9]{0,19}")
_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; all that is given must be so.

    `text` is anything: an e-mail address, ``@acme.com``, words of the names of lead, company or rep, a record id or
    the address of its page, or the id of a trace or decision. `rep` is a name, an e-mail address or an id. `state` is
    ``settled``, ``intended`` (being carried out) or ``parked`` (needs a person). It was decided from `since` until
    before `until`.
    """

    text: str = ""
    lead: str = ""
    email: str = ""
    domain: str = ""
    company: str = ""
    name: str = ""
    rep: str = ""
    rule: str = ""
    outcome: str = ""
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is looked for."""
        return not any(getattr(self, each) for each in self.__dataclass_fields__)


def sought(connection: Connection, install: Install, wanted: Wanted) -> Sought:
    """Return what to look for. Raises Unusable."""
    text = " ".join(wanted.text[:LONGEST].split())
    trace = trace_of(text)
    key = text if _KEY.fullmatch(text) else ""
    leads = () if trace or key else _leads(connection, install, wanted, text)
    found = [*_given("email", [_email(wanted.email)]), *_given("domain", [_domain(wanted.domain)])]
    found += [*_given("company", terms.words(wanted.company)), *_given("name", terms.words(wanted.name))]
    found += [*_given("rep", _rep(wanted.rep)), *_given("rule", [terms.rule(wanted.rule)])]
    if wanted.outcome and wanted.outcome not in get_args(Outcome):
        raise Unusable("No decision comes to “%(outcome)s”.", outcome=wanted.outcome, field="outcome")
    found += _given("outcome", [wanted.outcome])
    if text and not (leads or trace or key):
        found += _anything(text)
    state = next((each for each in get_args(State) if each == wanted.state), None)
    if wanted.state and state is None:
        raise Unusable("No decision is in the state “%(state)s”.", state=wanted.state, field="state")
    return Sought(tuple(found[: 2 * MOST_WORDS]), leads, key, trace, state, wanted.since, wanted.until)


def trace_of(text: str) -> str:
    """Return the 32 hex digits of a trace, typed as they are or as a whole sentry-trace header; "" for all else."""
    return trace_id(text) or (text if _TRACE.fullmatch(text) else "")


def ids(text: str) -> list[str]:
    """Return the record id in what was typed: an id, or the address of a record's page.

    Salesforce shows ids of 15 characters as well; those of 18 begin with them.
    """
    bare = text.strip()[:LONGEST]
    found = _IN_ADDRESS.search(bare) if "/" in bare else None
    one = (found["lead"] or found["portal"]) if found else bare
    return [one, _whole(one)] if _SHORT.fullmatch(one) else [one]


def is_record(text: str) -> bool:
    """Whether what was typed may be a record's id, or is the address of a record's page."""
    return bool(_ID.fullmatch(text.strip()) or _IN_ADDRESS.search(text[:LONGEST]))


def person_id(install: Install, text: str) -> str:
    """Return the whole id of the lead or contact that was typed. Raises Unusable when this CRM has no such ids."""
    found = ids(text)[-1]
    if install.crm == "salesforce" and not _PERSON_IN_SALESFORCE.fullmatch(found):
        raise Unusable(
            "This is no id of a lead or contact in Salesforce: it begins with 00Q or 003 and has 15 or 18 letters and "
            "digits. Copy it from the address of the record's page.",
            field="record",
        )
    if install.crm == "hubspot" and not _PERSON_IN_HUBSPOT.fullmatch(found):
        raise Unusable(
            "This is no id of a contact or lead in HubSpot: it is a number that does not begin with 0. Copy it from "
            "the address of the record's page.",
            field="record",
        )
    return found


def _leads(connection: Connection, install: Install, wanted: Wanted, text: str) -> tuple[str, ...]:
    """Return the ids of the lead that is meant, if one is: what is no id of a lead we know is a word."""
    named = wanted.lead or (text if is_record(text) else "")
    if not named:
        return ()
    found = ids(named)
    found += [each.new_id for each in aliases.of(connection, install.id, "lead", found).values()]
    is_lead = bool(wanted.lead) or "/" in text or finding.knows(connection, install.id, found)
    return tuple(dict.fromkeys(found)) if is_lead else ()


def _whole(short: str) -> str:
    """Return the 18 characters of a case-sensitive Salesforce id of 15: three more tell which letters are capitals.

    Source: https://help.salesforce.com/s/articleView?id=000385585&type=1
    """
    parts = (short[start : start + 5] for start in range(0, len(short), 5))
    sums = (sum(1 << place for place, letter in enumerate(part) if letter.isupper()) for part in parts)
    return short + "".join(_SUFFIX[each] for each in sums)


def _given(field: Field, words: Iterable[str]) -> list[AnyOf]:
    found: list[AnyOf] = [((field, each),) for each in words if each]
    return found[:MOST_WORDS]


def _anything(text: str) -> list[AnyOf]:
    """Return what to look for when anything was typed: an address, a domain, or words of any name."""
    if text.startswith("@"):
        return _given("domain", [_domain(text)])
    if "@" in text:
        return _given("email", [_email(text, "text")])
    words: list[AnyOf] = [(("name", each), ("company", each), ("rep", each)) for each in terms.words(text)]
    if not words:
        raise Unusable("Type a name, an e-mail address, a company or a record id.", field="text")
    domain = normalize.domain(text) if "." in text and " " not in text else ""
    return [(("domain", domain),)] if domain else words[:MOST_WORDS]


def _rep(typed: str) -> list[str]:
    text = typed.strip()[:LONGEST]
    if "@" in text:
        return [_email(text, "rep")]
    return [text] if _ID.fullmatch(text) and any(each.isdecimal() for each in text) else terms.words(text)


def _email(typed: str, field: str = "email") -> str:
    found = normalize.email(typed[:LONGEST])
    if typed.strip() and not found:
        raise Unusable("This is no e-mail address: %(typed)s.", typed=typed[:LONGEST], field=field)
    return found


def _domain(typed: str) -> str:
    found = normalize.domain(typed.strip().removeprefix("@")[:LONGEST])
    if typed.strip() and not found:
        raise Unusable("This is no domain of an e-mail address: %(typed)s.", typed=typed[:LONGEST], field="domain")
    return found
