"""Rules and audits as records of two objects of the portal: the project's app objects, or custom objects that we make.

An object's type id (``2-N``) and the ids of its associations differ from portal to portal: they are found by its name
and remembered. App objects come with the app and cannot be changed here; custom objects are made and completed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from connector.errors import Ignored, Refused
from connector.hubspot.answers import BadRows
from connector.hubspot.definitions import missing_options, unless_it_exists
from connector.hubspot.fields import COMPANY, CONTACT, LEAD
from connector.hubspot.properties import DECISION_KEY
from connector.hubspot.schemas import AUDIT_OBJECT, RULE_OBJECT, SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from connector.crm import Memo
    from connector.hubspot.client import HubSpotClient

    Json = Mapping[str, Any]

MEMO = "hubspot.objects.1"
_MEMO_SECONDS = 86_400.0

USER_DEFINED = "USER_DEFINED"
_OWN_CATEGORIES = (USER_DEFINED, "INTEGRATOR_DEFINED")
"""[U] Of which of the two the association types of app objects are: what HubSpot tells is used."""

CUSTOM_SCOPES = frozenset(
    {"crm.objects.custom.read", "crm.objects.custom.write", "crm.schemas.custom.read", "crm.schemas.custom.write"}
)
"""Optional in the app: HubSpot leaves them out of the grant when the portal's tier has no custom objects."""


def app_prefix(app_id: str) -> str:
    """Return what HubSpot puts before the names of the app's objects and of their properties ("App objects")."""
    return f"a{app_id}_"


class NotAllowed(Refused):
    """The portal does not let us define custom objects, whatever its scopes say."""


@dataclass(frozen=True, slots=True)
class Places:
    """The object types of rules and audits, and the association types from an audit to what it is about.

    `lead_type` is the object that is routed; `audit_to_contact` is for audits about contacts, 0 where it is not known.
    `prefix` stands before the properties of app objects, else it is empty.
    `category` is that of these association types. `lacking` are properties that the audit has not got, though we tried
    to add them: they are left out.
    """

    rule_type: str
    audit_type: str
    audit_to_lead: int
    audit_to_company: int
    lead_type: str = CONTACT
    prefix: str = ""
    lacking: tuple[str, ...] = ()
    category: str = USER_DEFINED
    audit_to_contact: int = 0


def find(client: HubSpotClient, memo: Memo, *, prefix: str = "", lead_type: str = CONTACT) -> Places:
    """Return where the objects are, from the memo or from HubSpot (3 calls). Raises Refused when they are not.

    A custom object of an earlier version gets the properties that it lacks: no audit may be lost for want of them.
    """
    name, known = f"{prefix}{lead_type}", memo.get(MEMO) or {}
    if name in known:
        return Places(**{**known[name], "lacking": tuple(known[name]["lacking"])})
    schemas = listed(client, prefix)
    if missing := [name for name in SCHEMAS if name not in schemas]:
        raise Refused(f"The object {' and '.join(missing)} is missing in HubSpot; run the set-up again")
    audit_type = _type_id(schemas[AUDIT_OBJECT])
    if lead_type == LEAD and not prefix:
        _associate(client, AUDIT_OBJECT, audit_type, LEAD)
    to_lead, to_company = (_association(client, audit_type, other) for other in (lead_type, COMPANY))
    to_contact = [to_lead] if lead_type == CONTACT else _own_types(client, audit_type, CONTACT)
    found = Places(
        rule_type=_type_id(schemas[RULE_OBJECT]),
        audit_type=audit_type,
        audit_to_lead=int(to_lead["typeId"]),
        audit_to_company=int(to_company["typeId"]),
        category=str(to_lead["category"]),
        lead_type=lead_type,
        prefix=prefix,
        lacking=_lacking(client, schemas[AUDIT_OBJECT], prefix),
        audit_to_contact=int(to_contact[0]["typeId"]) if to_contact else 0,
    )
    memo.put(MEMO, {**known, name: asdict(found)}, seconds=_MEMO_SECONDS)
    return found


def listed(client: HubSpotClient, prefix: str = "", *, archived: bool = False) -> dict[str, Json]:
    """Return our schemas by our names: those of the app with a prefix, else the custom ones of the portal.

    Their full names begin with the app's (``a<id>_``) or the portal's (``p<id>_``): another app's are not ours.
    """
    found = {}
    for schema in client.schemas(archived=archived).get("results") or ():
        full = str(schema.get("fullyQualifiedName") or "").lower()
        name = full.removeprefix(prefix) if prefix else str(schema.get("name"))
        if name in SCHEMAS and full.startswith(prefix or "p"):
            found[name] = schema
    return found


def are_deployed(client: HubSpotClient, prefix: str, lead_type: str) -> bool:
    """Whether the app's objects are there and can be read, and audits can be linked to what is routed.

    [U] Which scopes that takes: HubSpot's reference names none, so what answers is taken for granted.
    """
    try:
        found = listed(client, prefix)
        for schema in found.values():
            client.page(_type_id(schema), [], limit=1)
        if len(found) < len(SCHEMAS):
            return False
        return bool(_own_types(client, _type_id(found[AUDIT_OBJECT]), lead_type))
    except (Refused, Ignored):
        return False


def prepare(client: HubSpotClient) -> None:
    """Make or complete the two custom objects; safe to repeat. Raises Refused with what to do."""
    schemas = listed(client)
    for name in SCHEMAS:
        if name not in schemas:
            _create_schema(client, name)
    for name, schema in schemas.items():
        _complete(client, name, schema)


def room(client: HubSpotClient) -> str:
    """Say why the portal has no room for our custom objects; empty when it has, or has them."""
    wanted = len(SCHEMAS) - len(listed(client))
    told = client.custom_object_limit() if wanted else {}
    limit, usage = told.get("limit"), told.get("usage")
    if isinstance(limit, int) and isinstance(usage, int) and limit - usage < wanted:
        return (
            f"This HubSpot portal may have {limit} custom objects and has {usage}; Switchyard needs {wanted} more. "
            "Delete one in Settings > Objects > Custom objects, then run the set-up again"
        )
    return ""


def _create_schema(client: HubSpotClient, name: str) -> None:
    """Define a custom object; one of that name that was archived must go for good first (HubSpot, "Schemas")."""
    try:
        client.create_schema(SCHEMAS[name])
    except BadRows:
        if name in listed(client):
            return  # someone else has just made it
        archived = listed(client, archived=True).get(name)
        if archived is None:
            raise
        client.purge_schema(_type_id(archived))
        client.create_schema(SCHEMAS[name])
    except Refused as error:
        raise NotAllowed(str(error)) from None


def _complete(client: HubSpotClient, name: str, schema: Json) -> None:
    """Add what an object made by an earlier version lacks: properties, drop-down options, associations."""
    object_type = _type_id(schema)
    there = {found["name"]: found for found in schema.get("properties") or ()}
    group = next((str(found["groupName"]) for found in there.values() if found.get("groupName")), f"{name}_information")
    for definition in SCHEMAS[name]["properties"]:
        found = there.get(definition["name"])
        if definition.get("hasUniqueValue") and not (found or {}).get("hasUniqueValue"):
            raise Refused(
                f"The custom object {name} has no unique property {DECISION_KEY}, and HubSpot cannot add one later: "
                "delete the object in Settings > Objects > Custom objects, then run the set-up again"
            )
        if found is None:
            wanted = definition | {"groupName": group}
            unless_it_exists(partial(client.create_property, object_type, wanted))
        elif options := missing_options(definition, found):
            client.update_property(object_type, definition["name"], {"options": options})
    for other in SCHEMAS[name]["associatedObjects"]:
        _associate(client, name, object_type, other)


def _associate(client: HubSpotClient, name: str, object_type: str, other: str) -> None:
    """Let records of our object be associated with another object, unless they can be."""
    if not _own_types(client, object_type, other):
        client.create_association_type(object_type, other, f"{name}_to_{other.replace('-', '_')}")


def _lacking(client: HubSpotClient, schema: Json, prefix: str) -> tuple[str, ...]:
    """Add the properties that an audit object lacks; return those that could not be added.

    Those of an app object come with an upload of the project, not from here.
    """
    there = {str(found["name"]).removeprefix(prefix) for found in schema.get("properties") or ()}
    missing = [each["name"] for each in SCHEMAS[AUDIT_OBJECT]["properties"] if each["name"] not in there]
    if prefix or not missing:
        return tuple(missing)
    try:
        _complete(client, AUDIT_OBJECT, schema)
    except Refused:
        return tuple(missing)
    return ()


def _association(client: HubSpotClient, from_type: str, to_type: str) -> Json:
    """Return the association type that came with our object; Refused when there is none."""
    found = _own_types(client, from_type, to_type)
    if not found:
        raise Refused(f"The association from {from_type} to {to_type} is missing in HubSpot; run the set-up again")
    # The one without a label is the object's own; labels are added by the portal's people.
    own = [item for item in found if not item.get("label")]
    return (own or found)[0]


def _own_types(client: HubSpotClient, from_type: str, to_type: str) -> list[Json]:
    results: Iterable[Json] = client.association_types(from_type, to_type).get("results") or ()
    return [item for item in results if item.get("category") in _OWN_CATEGORIES]


def _type_id(schema: Json) -> str:
    return str(schema["objectTypeId"])
