"""Reading records, associations and owners: as few calls as HubSpot allows, on raw JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from connector.crm import GonePage, Page
from connector.errors import Later
from connector.hubspot.answers import Gone
from connector.hubspot.fields import (
    MODIFIED,
    OBJECT_TYPES,
    chunks,
    milliseconds,
    moment,
    properties_to_read,
    text,
    to_record,
)
from rules.field_names import NO_NAMES
from rules.model import User

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from connector.hubspot.client import HubSpotClient
    from rules.model import Kind, Record

    Json = Mapping[str, Any]

READ_SIZE = 100
SEARCH_SIZE = 200
SEARCH_BODY = 2_900  # HubSpot refuses a search whose body has more than 3,000 characters
ASSOCIATED_SIZE = 1000
_ID_LENGTH = 20


def read(
    client: HubSpotClient, kind: Kind, ids: Sequence[str], extra: Collection[str], mapped: Mapping[str, str] = NO_NAMES
) -> dict[str, Record]:
    """Read records, a hundred a call. Absent: archived, deleted or merged away."""
    object_type = OBJECT_TYPES[kind]
    found = living(client, object_type, ids, properties_to_read(kind, extra, mapped))
    return {record_id: to_record(kind, result, extra, mapped) for record_id, result in found.items()}


def living(client: HubSpotClient, object_type: str, ids: Collection[str], properties: Sequence[str]) -> dict[str, Json]:
    """Read records of any type as the API shows them, by id, a hundred a call; what is gone is absent."""
    found: dict[str, Json] = {}
    for part in chunks(list(dict.fromkeys(filter(is_id, ids))), READ_SIZE):
        asked = set(part)
        for result in results(client, object_type, part, properties):
            # A merged id may be answered with the record that remains; asked for by its old id it is gone.
            if str(result["id"]) in asked and not result.get("archived"):
                found[str(result["id"])] = result
    return found


def results(
    client: HubSpotClient, object_type: str, ids: Sequence[str], properties: Sequence[str], *, id_property: str = ""
) -> list[Json]:
    """Read up to a hundred records; a refusal because some do not exist is answered by asking for the others."""
    if not ids:
        return []
    try:
        return list(client.read(object_type, ids, properties, id_property=id_property).get("results") or ())
    except Gone as gone:
        left = [record_id for record_id in ids if record_id not in gone.fault.named]
        if len(ids) == 1:
            return []
        if len(left) < len(ids):
            return results(client, object_type, left, properties, id_property=id_property)
        middle = len(ids) // 2
        halves = (ids[:middle], ids[middle:])
        return [
            item for half in halves for item in results(client, object_type, half, properties, id_property=id_property)
        ]


def scan(
    client: HubSpotClient, kind: Kind, after: str | None, extra: Collection[str], mapped: Mapping[str, str] = NO_NAMES
) -> Page:
    """List all records by id; the first page also asks search how many there are."""
    properties = properties_to_read(kind, extra, mapped)
    answer = client.page(OBJECT_TYPES[kind], properties, limit=READ_SIZE, after=after)
    records = tuple(to_record(kind, result, extra, mapped) for result in answer.get("results") or ())
    return Page(records, _next(answer), total(client, kind) if after is None else None)


def scan_since(  # noqa: PLR0917 - what to scan, and how it is read
    client: HubSpotClient,
    kind: Kind,
    after: str | None,
    since: datetime,
    extra: Collection[str],
    mapped: Mapping[str, str] = NO_NAMES,
) -> Page:
    """Search what was modified since then, by id.

    Paging goes by the last id seen and not by offset, because search ends at 10,000 results and records move
    through it while we read. The index is seconds behind: let `since` reach back that far.
    """
    filters = [{"propertyName": MODIFIED[kind], "operator": "GTE", "value": milliseconds(since)}]
    if after is not None:
        filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": after})
    query = {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": properties_to_read(kind, extra, mapped),
        "limit": SEARCH_SIZE,
    }
    whole = len(json.dumps(query)) <= SEARCH_BODY
    answer = client.search(OBJECT_TYPES[kind], query if whole else query | {"properties": []})
    found = answer.get("results") or ()
    ids = [str(result["id"]) for result in found]
    more = ids[-1] if ids and _next(answer) is not None else None
    if whole:
        records = tuple(to_record(kind, result, extra, mapped) for result in found)
    else:
        records = tuple(read(client, kind, ids, extra, mapped).values())
    return Page(records, more, answer.get("total") if after is None else None)


def gone(client: HubSpotClient, kind: Kind, after: str | None, since: datetime) -> GonePage:
    """List what is archived by id, a hundred a call, and keep what was archived since then.

    The list cannot be filtered or sorted by time, so all of it is read. Records that were merged away are not in it.
    """
    answer = client.archived(OBJECT_TYPES[kind], limit=READ_SIZE, after=after)
    times = {str(each["id"]): moment(each.get("archivedAt")) for each in answer.get("results") or ()}
    return GonePage({each: "" for each, at in times.items() if at is None or at >= since}, _next(answer))


def total(client: HubSpotClient, kind: Kind) -> int | None:
    """Ask search for the number of records; a busy search is no reason to stop a scan."""
    try:
        total = client.search(OBJECT_TYPES[kind], {"filterGroups": [], "properties": [], "limit": 1}).get("total")
    except Later:
        return None
    return total if isinstance(total, int) else None


def associations(client: HubSpotClient, from_type: str, to_type: str, ids: Sequence[str]) -> dict[str, list[Json]]:
    """Return what each record is associated with: ``[{"toObjectId", "associationTypes"}]`` by record id."""
    found: dict[str, list[Json]] = {record_id: [] for record_id in ids}
    for part in chunks(list(found), ASSOCIATED_SIZE):
        wanted: list[Json] = [{"id": record_id} for record_id in part]
        while wanted:
            answer = _associated(client, from_type, to_type, wanted)
            wanted = []
            for item in answer.get("results") or ():
                record_id = str(item["from"]["id"])
                found.setdefault(record_id, []).extend(item.get("to") or ())
                if (more := _next(item)) is not None:
                    wanted.append({"id": record_id, "after": more})
    return found


def _associated(client: HubSpotClient, from_type: str, to_type: str, inputs: Sequence[Json]) -> Json:
    """Read associations; records that have none are absent, and when none has any HubSpot may answer 404."""
    try:
        return client.associated(from_type, to_type, inputs)
    except Gone:
        return {}


def users(client: HubSpotClient) -> tuple[User, ...]:
    """Return all owners; archived ones are inactive. A user's zone, language and manager are not told by HubSpot."""
    found: dict[str, User] = {}
    for archived in (True, False):  # so that an owner who is in both lists is active
        for owner in _owners(client, archived=archived):
            name = f"{text(owner.get('firstName'))} {text(owner.get('lastName'))}".strip()
            email = text(owner.get("email"))
            owner_id = str(owner["id"])  # never userId: an owner property takes the owner's id only
            queue = owner.get("type") == "QUEUE"
            login_id = text(owner.get("userId"))
            found[owner_id] = User(
                owner_id, name or email or owner_id, email, active=not archived, queue=queue, login_id=login_id
            )
    return tuple(sorted(found.values(), key=lambda user: int(user.id)))


def _owners(client: HubSpotClient, *, archived: bool) -> Iterator[Json]:
    after: str | None = None
    while True:
        answer = client.owners(archived=archived, after=after)
        yield from answer.get("results") or ()
        after = _next(answer)
        if after is None:
            return


def pages(client: HubSpotClient, object_type: str, properties: Sequence[str]) -> Iterator[Json]:
    """List every record of a (small) object."""
    after: str | None = None
    while True:
        answer = client.page(object_type, properties, limit=READ_SIZE, after=after)
        yield from answer.get("results") or ()
        after = _next(answer)
        if after is None:
            return


def _next(answer: Json) -> str | None:
    """Return the cursor of the next page."""
    after = ((answer.get("paging") or {}).get("next") or {}).get("after")
    return None if after is None else str(after)


def is_id(record_id: str) -> bool:
    """HubSpot's ids are numbers; one bad id would make it refuse the whole batch."""
    return record_id.isascii() and record_id.isdigit() and len(record_id) <= _ID_LENGTH
