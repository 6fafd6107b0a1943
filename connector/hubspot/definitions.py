"""Our properties of contacts, leads and companies: made where they are missing, and remembered where they cannot be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from connector.errors import Ignored, Refused
from connector.hubspot.answers import BadRows
from connector.hubspot.fields import COMPANY, CONTACT, LEAD
from connector.hubspot.schemas import COMPANY_PROPERTIES, CONTACT_PROPERTIES, GROUP

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from connector.crm import Memo
    from connector.hubspot.client import HubSpotClient
    from connector.hubspot.schemas import Definition

    Json = Mapping[str, Any]

MEMO = "hubspot.properties.1"
_MEMO_SECONDS, _LACKING_SECONDS = 86_400.0, 3_600.0

COMPANY_SCOPES = frozenset({"crm.objects.companies.write", "crm.schemas.companies.write"})
LEAD_SCOPES = frozenset({"crm.schemas.leads.read", "crm.schemas.leads.write"})
"""What defines properties of leads. [U] Their names: other public apps ask for them, HubSpot's list of scopes was not
seen. So it is tried without them too, and what cannot be made is left out."""

NOUNS = {CONTACT: "contact", COMPANY: "company", LEAD: "lead"}


def of_portal(scopes: frozenset[str], lead_type: str = CONTACT) -> dict[str, tuple[Definition, ...]]:
    """Return the properties to be made, by object type.

    Those of companies where their scopes are granted, those of leads wherever leads are routed.
    """
    found = {CONTACT: CONTACT_PROPERTIES}
    if scopes >= COMPANY_SCOPES:
        found[COMPANY] = COMPANY_PROPERTIES
    if lead_type == LEAD:
        found[LEAD] = CONTACT_PROPERTIES
    return found


def prepare(client: HubSpotClient, memo: Memo, scopes: frozenset[str], lead_type: str = CONTACT) -> None:
    """Make the group and the properties that are missing; safe to repeat.

    Raises Refused when one of a contact cannot be made, with what to do. The others are for reports only: what of them
    cannot be made is remembered and not written.
    """
    memo.forget(MEMO)
    _complete(client, CONTACT, CONTACT_PROPERTIES)
    lacking(client, memo, scopes, lead_type)


def lacking(
    client: HubSpotClient, memo: Memo, scopes: frozenset[str], lead_type: str = CONTACT
) -> dict[str, frozenset[str]]:
    """Return by object type the properties of ours that are not there though we tried to make them.

    That is asked once a day, and once an hour while any is missing: what forbade it may be over. A portal
    that an earlier version set up gets what it lacks by this. Raises Later or Revoked.
    """
    known, every = memo.get(MEMO), of_portal(scopes, lead_type)
    if known is None or known.keys() != every.keys():
        known = {type_: _left_out(client, type_, wanted) for type_, wanted in every.items()}
        memo.put(MEMO, known, seconds=_LACKING_SECONDS if any(known.values()) else _MEMO_SECONDS)
    return {type_: frozenset(names) for type_, names in known.items()}


def add(client: HubSpotClient, object_type: str, wanted: tuple[Definition, ...]) -> None:
    """Make these properties, and their group, where they are missing; safe to repeat. Raises Refused."""
    _complete(client, object_type, wanted)


def _left_out(client: HubSpotClient, object_type: str, wanted: tuple[Definition, ...]) -> list[str]:
    """Make what is missing; return the names that are missing all the same, or are of another type."""
    try:
        _complete(client, object_type, wanted)
    except (Refused, Ignored):
        try:
            there = _there(client, object_type, wanted)
        except (Refused, Ignored):
            there = {}
        return [each["name"] for each in wanted if there.get(each["name"], {}).get("type") != each["type"]]
    return []


def _complete(client: HubSpotClient, object_type: str, wanted: tuple[Definition, ...]) -> None:
    """Make what is not there; HubSpot brings archived properties back by their name, and replaces lists of options."""
    there = _there(client, object_type, wanted)
    if len(there) < len(wanted):
        unless_it_exists(partial(client.create_group, object_type, GROUP))
    wrong = [each for each in wanted if there.get(each["name"], each).get("type") != each["type"]]
    for definition in wanted:
        found = there.get(definition["name"])
        if found is None:
            unless_it_exists(partial(client.create_property, object_type, definition))
        elif definition not in wrong and (options := missing_options(definition, found)):
            client.update_property(object_type, definition["name"], {"options": options})
    for definition in wrong:
        name, type_ = definition["name"], there[definition["name"]].get("type")
        raise Refused(
            f"The {NOUNS[object_type]} property {name} exists with type {type_}, but must be {definition['type']}: "
            "rename or delete it in Settings > Properties, then run the set-up again"
        )


def _there(client: HubSpotClient, object_type: str, wanted: tuple[Definition, ...]) -> dict[str, Json]:
    names = [definition["name"] for definition in wanted]
    return {found["name"]: found for found in client.read_properties(object_type, names).get("results") or ()}


def missing_options(definition: Json, found: Json) -> list[Json]:
    """Return the whole list of options when some of ours are missing (HubSpot replaces the list), else nothing."""
    there = list(found.get("options") or ())
    known = {option.get("value") for option in there}
    added = [option for option in definition.get("options", ()) if option["value"] not in known]
    return [*there, *added] if added else []


def unless_it_exists(make: Callable[[], object]) -> None:
    """Make something whose name may be taken by now: a conflict (409) means that it is there."""
    try:
        make()
    except BadRows as error:
        if not error.fault.conflict:
            raise
