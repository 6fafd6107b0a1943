"""Where our records stand in this portal: found once and remembered, made when they are missing.

A custom object's type id (``2-N``) and the ids of its associations differ from portal to portal.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from connector.errors import Refused
from connector.hubspot.answers import BadRows
from connector.hubspot.fields import COMPANY, CONTACT
from connector.hubspot.properties import DECISION_KEY
from connector.hubspot.schemas import AUDIT_OBJECT, CONTACT_PROPERTIES, GROUP, RULE_OBJECT, SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from connector.crm import Memo
    from connector.hubspot.client import HubSpotClient

    Json = Mapping[str, Any]

MEMO = "hubspot.storage.2"
_MEMO_SECONDS = 86_400.0

CUSTOM_SCOPES = frozenset(
    {"crm.objects.custom.read", "crm.objects.custom.write", "crm.schemas.custom.read", "crm.schemas.custom.write"}
)
"""Optional in the app: HubSpot leaves them out of the grant when the portal's tier has no custom objects."""

NO_CUSTOM_OBJECTS = (
    "This HubSpot portal did not grant custom objects, where Switchyard keeps rules and audits. They need an "
    "Enterprise subscription of any hub. With one, connect Switchyard again as a super admin."
)


@dataclass(frozen=True, slots=True)
class Storage:
    """The object types of our two custom objects, and the association types from an audit to what it is about.

    `lacking` are properties of ours that the audit has not got, though we tried to add them: they are left out.
    """

    rule_type: str
    audit_type: str
    audit_to_contact: int
    audit_to_company: int
    lacking: tuple[str, ...] = ()


def find(client: HubSpotClient, memo: Memo) -> Storage:
    """Return where our records stand, from the memo or from HubSpot (3 calls). Raises Refused when they are not.

    An audit object of an earlier version gets the properties that it lacks: no audit may be lost for want of them.
    """
    known = memo.get(MEMO)
    if known is not None:
        return Storage(**{**known, "lacking": tuple(known["lacking"])})
    schemas = _by_name(client.schemas())
    missing = [name for name in SCHEMAS if name not in schemas]
    if missing:
        raise Refused(f"The custom object {' and '.join(missing)} is missing in HubSpot; run the set-up again")
    audit_type = _type_id(schemas[AUDIT_OBJECT])
    found = Storage(
        rule_type=_type_id(schemas[RULE_OBJECT]),
        audit_type=audit_type,
        audit_to_contact=_association(client, audit_type, CONTACT),
        audit_to_company=_association(client, audit_type, COMPANY),
        lacking=_lacking(client, schemas[AUDIT_OBJECT]),
    )
    memo.put(MEMO, asdict(found), seconds=_MEMO_SECONDS)
    return found


def prepare(client: HubSpotClient, memo: Memo, scopes: frozenset[str]) -> None:
    """Make what is missing of the contact properties and custom objects; safe to repeat.

    Raises Refused when the portal cannot have custom objects; the contact properties stand by then.
    """
    memo.forget(MEMO)
    _prepare_contact_properties(client)
    if not scopes >= CUSTOM_SCOPES:
        raise Refused(NO_CUSTOM_OBJECTS)
    schemas = _by_name(client.schemas())
    missing = [name for name in SCHEMAS if name not in schemas]
    _check_limit(client, len(missing))
    for name in missing:
        _create_schema(client, name)
    for name, schema in schemas.items():
        _complete(client, name, schema)
    find(client, memo)


def _prepare_contact_properties(client: HubSpotClient) -> None:
    """Make the group and the properties that are not there; HubSpot brings archived ones back by their name."""
    names = [definition["name"] for definition in CONTACT_PROPERTIES]
    there = {found["name"]: found for found in client.read_properties(CONTACT, names).get("results") or ()}
    if len(there) < len(names):
        _unless_it_exists(partial(client.create_group, CONTACT, GROUP))
    for definition in CONTACT_PROPERTIES:
        found = there.get(definition["name"])
        if found is None:
            _unless_it_exists(partial(client.create_property, CONTACT, definition))
        elif found.get("type") != definition["type"]:
            raise Refused(
                f"The contact property {definition['name']} exists with type {found.get('type')}, but must be "
                f"{definition['type']}: rename or delete it in Settings > Properties, then run the set-up again"
            )


def _check_limit(client: HubSpotClient, wanted: int) -> None:
    """Refuse before anything is made when the portal has no room for all of it."""
    if not wanted:
        return
    room = client.custom_object_limit()
    limit, usage = room.get("limit"), room.get("usage")
    if isinstance(limit, int) and isinstance(usage, int) and limit - usage < wanted:
        raise Refused(
            f"This HubSpot portal may have {limit} custom objects and has {usage}; Switchyard needs {wanted} more. "
            "Delete one in Settings > Objects > Custom objects, then run the set-up again"
        )


def _create_schema(client: HubSpotClient, name: str) -> None:
    """Define a custom object; one of that name that was archived must go for good first (HubSpot, "Schemas")."""
    try:
        client.create_schema(SCHEMAS[name])
    except BadRows:
        if name in _by_name(client.schemas()):
            return  # someone else has just made it
        archived = _by_name(client.schemas(archived=True)).get(name)
        if archived is None:
            raise
        client.purge_schema(_type_id(archived))
        client.create_schema(SCHEMAS[name])
    except Refused as error:
        raise Refused(f"{NO_CUSTOM_OBJECTS} {error}") from None


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
            _unless_it_exists(partial(client.create_property, object_type, wanted))
        elif options := _missing_options(definition, found):
            client.update_property(object_type, definition["name"], {"options": options})
    for other in SCHEMAS[name]["associatedObjects"]:
        if not _user_defined(client, object_type, other):
            client.create_association_type(object_type, other, f"{name}_to_{other.replace('-', '_')}")


def _missing_options(definition: Json, found: Json) -> list[Json]:
    """Return the whole list of options when some of ours are missing (HubSpot replaces the list), else nothing."""
    there = list(found.get("options") or ())
    known = {option.get("value") for option in there}
    lacking = [option for option in definition.get("options", ()) if option["value"] not in known]
    return [*there, *lacking] if lacking else []


def _lacking(client: HubSpotClient, schema: Json) -> tuple[str, ...]:
    """Add the properties that an audit object lacks; return those that could not be added."""
    there = {found["name"] for found in schema.get("properties") or ()}
    missing = [each["name"] for each in SCHEMAS[AUDIT_OBJECT]["properties"] if each["name"] not in there]
    if not missing:
        return ()
    try:
        _complete(client, AUDIT_OBJECT, schema)
    except Refused:
        return tuple(missing)
    return ()


def _association(client: HubSpotClient, from_type: str, to_type: str) -> int:
    """Return the id of the association type that came with our object; Refused when there is none."""
    found = _user_defined(client, from_type, to_type)
    if not found:
        raise Refused(f"The association from {from_type} to {to_type} is missing in HubSpot; run the set-up again")
    # The one without a label is the object's own; labels are added by the portal's people.
    own = [item for item in found if not item.get("label")]
    return int((own or found)[0]["typeId"])


def _user_defined(client: HubSpotClient, from_type: str, to_type: str) -> list[Json]:
    results: Iterable[Json] = client.association_types(from_type, to_type).get("results") or ()
    return [item for item in results if item.get("category") == "USER_DEFINED"]


def _by_name(answer: Json) -> dict[str, Json]:
    """Return our own schemas of a list, by name."""
    return {schema["name"]: schema for schema in answer.get("results") or () if schema.get("name") in SCHEMAS}


def _type_id(schema: Json) -> str:
    return str(schema["objectTypeId"])


def _unless_it_exists(make: Callable[[], object]) -> None:
    """Make something whose name may be taken by now: a conflict means that it is there."""
    try:
        make()
    except BadRows as error:
        if not error.fault.conflict:
            raise
