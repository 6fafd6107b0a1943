"""HubSpot's client library on our wire: the few verbs that the adapter needs, on raw JSON.

The library (hubspot-api-client 12) writes paths, parameters and bodies; its models are left aside, because building
them takes 35 times as long as reading the JSON.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from hubspot import HubSpot

from connector.hubspot.wire import VERSION, LibraryRest, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from connector.crm import TokenSource
    from connector.hubspot.budget import Budget

    Json = Mapping[str, Any]

LIBRARY = (
    "hubspot.discovery.crm.discovery",
    "hubspot.discovery.crm.objects.discovery",
    "hubspot.discovery.crm.associations.discovery",
    "hubspot.discovery.crm.associations.v4.discovery",
)
"""What the library loads at the first call of our most frequent verbs."""
TIMELINE_VERSION = "2026-03"
"""The version of the app events API that HubSpot's specification was read in; supported until autumn 2027."""
SECONDARY = "/contacts/v1/secondary-email"
_PLAIN = {"Accept": "application/json", "User-Agent": "switchyard"}


def load_library() -> None:
    """Load what the library leaves until it is called: a worker does so once, before it forks its jobs."""
    for name in LIBRARY:
        importlib.import_module(name)


class HubSpotClient:
    """One install's connection. Every verb is one HTTP call and raises only the errors of connector.errors."""

    def __init__(
        self, tokens: TokenSource, *, connect_timeout: float, read_timeout: float, budget: Budget | None = None
    ) -> None:
        self._wire = Wire(tokens, connect_timeout=connect_timeout, read_timeout=read_timeout, budget=budget)
        self._apis: dict[tuple[str, str], Any] = {}
        self._library = HubSpot(api_factory=self._api)

    def _api(self, package: Any, name: str, config: Mapping[str, Any]) -> Any:
        """Make (once) what the library asks for: the API class `name` of `package`, on our wire."""
        _ = config
        key = (package.__name__, name)
        if key not in self._apis:
            configuration = package.Configuration(host="")  # the wire adds the token's host
            rest, api_client = LibraryRest(self._wire), package.ApiClient(configuration=configuration)
            api_client.rest_client, api_client.user_agent = rest, "switchyard"
            self._apis[key] = getattr(package, name)(api_client=api_client)
        return self._apis[key]

    @property
    def calls(self) -> int:
        """How many HTTP calls were made."""
        return self._wire.calls

    @property
    def breath(self) -> float:
        """Seconds to wait before the next round, by HubSpot's last answer."""
        return self._wire.breath

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def read(self, object_type: str, ids: Sequence[str], properties: Sequence[str], *, id_property: str = "") -> Json:
        """Read up to 100 records by id (or a unique property); absent ones stand under ``errors`` or nowhere."""
        body: dict[str, Any] = {"properties": list(properties), "inputs": [{"id": record_id} for record_id in ids]}
        if id_property:
            body["idProperty"] = id_property
        return _raw(self._library.crm.objects.batch_api.read, object_type, body)

    def create(self, object_type: str, inputs: Sequence[Json]) -> Json:
        """Create up to 100 records; all or none, unless every input carries its own ``objectWriteTraceId``."""
        return _raw(self._library.crm.objects.batch_api.create, object_type, {"inputs": list(inputs)})

    def update(self, object_type: str, inputs: Sequence[Json]) -> Json:
        """Update up to 100 records."""
        return _raw(self._library.crm.objects.batch_api.update, object_type, {"inputs": list(inputs)})

    def archive(self, object_type: str, inputs: Sequence[Json]) -> None:
        """Delete up to 100 records; those that are gone already are passed over."""
        _raw(self._library.crm.objects.batch_api.archive, object_type, {"inputs": list(inputs)})

    def page(self, object_type: str, properties: Sequence[str], *, limit: int, after: str | None = None) -> Json:
        """List up to 100 records by id."""
        get_page = self._library.crm.objects.basic_api.get_page
        return _raw(get_page, object_type, limit=limit, after=after, properties=list(properties))

    def archived(self, object_type: str, *, limit: int, after: str | None = None) -> Json:
        """List up to 100 deleted records by id; HubSpot keeps them for 90 days."""
        get_page = self._library.crm.objects.basic_api.get_page
        return _raw(get_page, object_type, limit=limit, after=after, archived=_flag(True))

    def find(self, object_type: str, record_id: str, properties: Sequence[str]) -> Json:
        """Read one record by an id that it has or had: one that was merged away leads to the record it became."""
        get_by_id = self._library.crm.objects.basic_api.get_by_id
        return _raw(get_by_id, object_type, record_id, properties=list(properties))

    def merge(self, object_type: str, primary: str, other: str) -> Json:
        """Merge `other` into `primary` for good; the answer is the record of both, which may have an id of its own.

        The library knows this call for contacts and companies only under names of their own, so it is written here.
        """
        body = {"primaryObjectId": primary, "objectIdToMerge": other}
        path = f"/crm/objects/{VERSION}/{object_type}/merge"
        return _mapping(self._wire.send("POST", path, body=body, headers=_PLAIN))

    def drop_email(self, contact_id: str, email: str) -> None:
        """Take an additional e-mail address off a contact.

        The only call that can is of the first version of the contacts API ("Delete a secondary email address"), which
        HubSpot supports until September 2027. [U] That an app of today may make it.
        """
        self._wire.send("DELETE", f"{SECONDARY}/{contact_id}/email/{quote(email, safe='')}", headers=_PLAIN)

    def add_email(self, contact_id: str, email: str) -> None:
        """Give a contact an additional e-mail address; see :meth:`drop_email`."""
        self._wire.send("PUT", f"{SECONDARY}/{contact_id}/email/{quote(email, safe='')}", headers=_PLAIN)

    def search(self, object_type: str, query: Json) -> Json:
        """Search up to 200 records. Seconds behind the records, five calls a second for the whole portal."""
        return _raw(self._library.crm.objects.search_api.do_search, object_type, query)

    def associated(self, from_type: str, to_type: str, inputs: Sequence[Json]) -> Json:
        """Read the associations of up to 1000 records."""
        get_page = self._library.crm.associations.v4.batch_api.get_page
        return _raw(get_page, from_type, to_type, {"inputs": list(inputs)})

    def associate(self, from_type: str, to_type: str, inputs: Sequence[Json]) -> Json:
        """Create up to 2000 associations."""
        create = self._library.crm.associations.v4.batch_api.create
        return _raw(create, from_type, to_type, {"inputs": list(inputs)})

    def dissociate(self, from_type: str, to_type: str, inputs: Sequence[Json]) -> None:
        """Remove association types between up to 100 pairs of records."""
        archive_labels = self._library.crm.associations.v4.batch_api.archive_labels
        _raw(archive_labels, from_type, to_type, {"inputs": list(inputs)})

    def association_types(self, from_type: str, to_type: str) -> Json:
        """List the association types between two object types, with their ids in this portal."""
        return _raw(self._library.crm.associations.v4.schema.definitions_api.get_all, from_type, to_type)

    def owners(self, *, archived: bool, after: str | None = None) -> Json:
        """List owners, a hundred a page."""
        get_page = self._library.crm.owners.owners_api.get_page
        return _raw(get_page, limit=100, after=after, archived=_flag(archived))

    def schemas(self, *, archived: bool = False) -> Json:
        """List the custom object schemas."""
        return _raw(self._library.crm.schemas.core_api.get_all, archived=_flag(archived))

    def create_schema(self, schema: Json) -> Json:
        """Define a custom object."""
        return _raw(self._library.crm.schemas.core_api.create, schema)

    def purge_schema(self, object_type: str) -> None:
        """Remove an archived definition for good, which frees its name."""
        _raw(self._library.crm.schemas.core_api.archive, object_type, archived=_flag(True))

    def create_association_type(self, from_type: str, to_type: str, name: str) -> Json:
        """Let a custom object be associated with another object."""
        egg = {"fromObjectTypeId": from_type, "toObjectTypeId": to_type, "name": name}
        return _raw(self._library.crm.schemas.core_api.create_association, from_type, egg)

    def properties(self, object_type: str) -> Json:
        """Read all property definitions of an object: ``{"results": [{"name", "label", "type", "options", …}]}``."""
        return _raw(self._library.crm.properties.core_api.get_all, object_type)

    def read_properties(self, object_type: str, names: Sequence[str]) -> Json:
        """Read property definitions by name; absent ones are left out or under ``errors``."""
        wanted = [{"name": name} for name in names]
        body = {"archived": False, "dataSensitivity": "non_sensitive", "inputs": wanted}
        return _raw(self._library.crm.properties.batch_api.read, object_type, body)

    def create_property(self, object_type: str, definition: Json) -> Json:
        """Define a property; an archived one of that name comes back to life."""
        return _raw(self._library.crm.properties.core_api.create, object_type, definition)

    def update_property(self, object_type: str, name: str, change: Json) -> Json:
        """Change a property's definition; ``options`` replaces the whole list."""
        return _raw(self._library.crm.properties.core_api.update, object_type, name, change)

    def create_group(self, object_type: str, group: Json) -> Json:
        """Define a property group."""
        return _raw(self._library.crm.properties.groups_api.create, object_type, group)

    def send_events(self, inputs: Sequence[Json]) -> Json:
        """Put up to 100 events of the app on timelines: all, or none when one is wrong (400) or there already (409)."""
        path = f"/integrators/timeline/{TIMELINE_VERSION}/events/batch"
        return _mapping(self._wire.send("POST", path, body={"inputs": list(inputs)}, headers=_PLAIN))

    def custom_object_limit(self) -> Json:
        """Tell how many custom objects the portal may have and has: ``{"limit", "usage"}``."""
        return self._get(f"/crm/limits/{VERSION}/custom-object-types")

    def account(self) -> Json:
        """Tell which portal this is: ``{"portalId", "accountType", "timeZone", …}``."""
        return self._get(f"/account-info/{VERSION}/details")

    def _get(self, path: str) -> Json:
        """Read a path that the library does not know."""
        return _mapping(self._wire.send("GET", path, headers=_PLAIN))


def _raw(call: Callable[..., Any], *args: Any, **kwargs: Any) -> Json:
    """Call the library for the JSON as it came, without its models."""
    given = {name: value for name, value in kwargs.items() if value is not None}
    return _mapping(call(*args, **given, _preload_content=False))


def _mapping(answer: Any) -> Json:
    return answer if isinstance(answer, dict) else {}


def _flag(value: bool) -> str:  # noqa: FBT001 - it is the value
    """Write a boolean as HubSpot's query strings have it; the library would write Python's ``True``."""
    return "true" if value else "false"
