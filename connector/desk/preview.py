"""Preview: what would become of a lead of the CRM, or of one that is typed in, by live or drafted rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from connector.desk import drafts, rulebook
from connector.desk.faults import NotThere, Unusable
from connector.hubspot import fields as hubspot
from connector.index import Index
from connector.salesforce import fields as salesforce
from connector.services import Services
from connector.store.installs import Install
from jobs import preview as previews
from jobs.preview import Looking, Preview
from rules import normalize
from rules.faults import RuleSetError
from rules.model import Record, Value
from rules.ruleset import RuleSet, Source, load, split
from rules.typed_leads import canonical, fields_of
from rules.wording.retelling import told

TYPED = "preview"
"""The id of a lead that was typed in."""
LIVE, DRAFTS = "live", "drafts"
OFFERED = (
    "first_name", "last_name", "email", "company", "website", "phone", "title", "country", "state", "city",
    "postal_code", "industry", "employees", "revenue", "source", "status",
)  # fmt: skip
"""Fields of a lead that a form offers at once; any other may be named."""
_ID = re.compile(r"(?:00Q[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?|[0-9]{1,20})\Z")
_PLACES = re.compile(r"[A-Za-z0-9]{1,20}\Z")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: a lead of the CRM by its id, the address of its page or its e-mail address, and other values.

    `fields` are values by name of field, of the rule language or of the CRM; an empty one takes the value away. Without
    `lead` they are all there is. `rules` is ``live``, ``drafts`` or a text. `again`: as an update, after what was
    decided; else as if it came for the first time, `at` some moment (None: now).
    """

    lead: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    rules: str = LIVE
    at: datetime | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Previewed:
    """What would become of it, and the values of the lead that was asked about, by our names."""

    found: Preview
    fields: Mapping[str, Value]


def ask(services: Services, install: Install, asked: Asked) -> Previewed:
    """Decide about a lead without writing anything.

    Raises NotThere when the CRM has no such lead, Unusable for nothing to ask about and for a field with two values,
    Faulty for rules with faults, and what the CRM raises.
    """
    if not asked.lead.strip() and not any(value.strip() for value in asked.fields.values()):
        raise Unusable("Name a lead, or type in at least one value.", field="lead")
    names = api_names(install)
    called: dict[str, str] = {}
    for name in asked.fields:
        other = called.setdefault(canonical(name, names), name)
        if other != name:
            raise twice(other, name)
    with rulebook.opened(services, install) as crm:
        look = Looking(services.tools, install, crm, services.seal(install))
        try:
            rules = _rules(services, look, asked.rules)
            lead = _lead(look, asked, rules)
            found = previews.preview(look, lead, ruleset=rules, at=asked.at, again=asked.again)
        except RuleSetError as error:
            raise rulebook.Faulty(error) from None
    decision = told(found.decision)
    return Previewed(replace(found, decision=decision, needed=previews.needed(decision.route.path)), lead.fields)


def chosen(which: str, text: str) -> str:
    """Return the rules of Asked for a choice: ``live``, ``drafts``, or ``text``, which are those of `text`.

    Raises Unusable for a text that would take no part.
    """
    if text.strip() and which != "text":
        raise Unusable("This text would take no part: choose “text” as the rules, or leave it out.", field="text")
    return text if which == "text" else which


def twice(one: str, other: str) -> Unusable:
    """Return why one field cannot have the values of two names."""
    return Unusable(
        "“%(one)s” and “%(other)s” are the same field: give it one value.",
        one=one,
        other=other,
        field="fields",
    )


def api_names(install: Install) -> Mapping[str, str]:
    """Return the API names of a lead's fields in an install's CRM, by ours."""
    if install.crm == "salesforce":
        return salesforce.api_names("lead")
    return {hubspot.canonical_name("lead", api): api for api in hubspot.properties_to_read("lead")}


def _rules(services: Services, look: Looking, named: str) -> RuleSet:
    if named == LIVE:
        return look.live()
    text = drafts.text(services, look.install) if named == DRAFTS else named
    return load([Source(f"{item.kind} {item.name}".strip(), item.text) for item in split(text)])


def _lead(look: Looking, asked: Asked, rules: RuleSet) -> Record:
    """Return the lead of the CRM, or an empty one, with what was typed in."""
    at = asked.at or look.tools.clock()
    lead = _known(look, asked.lead.strip(), rules) if asked.lead.strip() else Record("lead", TYPED, {}, created_at=at)
    return typed_over(look, lead, asked.fields)


def typed_over(look: Looking, lead: Record, told: Mapping[str, Any]) -> Record:
    """Return a lead with other values, by our names or those of the CRM; an empty one takes a field away."""
    names = api_names(look.install)
    given = {canonical(name, names): name for name in told}
    values = fields_of(dict(told), names)
    kept = {name: value for name, value in lead.fields.items() if name not in given}
    if "name" not in given and {"first_name", "last_name"} & set(given):
        kept.pop("name", None)
        values = fields_of(
            {**{name: kept[name] for name in ("first_name", "last_name") if name in kept}, **values}, names
        )
    owner = str(values.pop("owner_id", "")) if "owner_id" in given else lead.owner_id
    if owner and "@" in owner:
        owner = next((each.id for each in look.users().values() if each.email.casefold() == owner.casefold()), owner)
    return replace(lead, fields={**kept, **values}, owner_id=owner or None)


def _known(look: Looking, named: str, rules: RuleSet) -> Record:
    found = _by_mail(look, named) if "@" in named and "://" not in named else _of_address(named)
    record = look.crm.read("lead", [found], extra=rules.reads).get(found) if found else None
    if record is None:
        raise NotThere("The CRM has no lead that is called so.", field="lead")
    return record


def _of_address(named: str) -> str:
    """Return the id of a lead from itself, or from the address of its page in the CRM; "" for neither."""
    if "/" not in named:
        return named if _PLACES.match(named) else ""
    parts = [unquote(each) for each in urlsplit(named).path.split("/") if each]
    return next((each for each in reversed(parts) if _ID.match(each)), "")


def _by_mail(look: Looking, mail: str) -> str:
    """Return the id of the latest lead with an e-mail address that the index knows; "" for none."""
    wanted = normalize.email(mail)
    with look.read() as connection:
        index = Index(connection, look.install.id, look.seal)
        near = index.people([Record("lead", TYPED, {"email": mail})]).get(TYPED, [])
    found = [each for each in near if each.kind == "lead" and normalize.email(each.text("email")) == wanted]
    found.sort(key=lambda each: (each.created_at is not None, each.created_at), reverse=True)
    return found[0].id if found else ""
