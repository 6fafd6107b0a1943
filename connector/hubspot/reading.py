"""Reading records, associations and owners: as few calls as HubSpot allows, on raw JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
from connector.rows import GonePage, Page
from rules.field_names import NO_NAMES
from rules.model import User

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from connector.hubspot.client import HubSpotClient
    from rules.model import Kind, Record

    Json = Mapping[str, Any]

READ_SIZE = 100
SEARCH_SIZE = 200
SEARCH_BODY = 2_900  # HubSpot refuses a search whose body has more than 3,000 characters
ASSOCIATED_SIZE = 1000
_ID_LENGTH = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read of a kind: HubSpot's object and its properties, and how `records` are made of the API's results.

    `modified` is the property that says when a record was last changed.
    """

    object_type: str
    modified: str
    properties: Sequence[str]
    records: Callable[[HubSpotClient, Sequence[Json]], list[Record]]


def plain(kind: Kind, extra: Collection[str] = (), mapped: Mapping[str, str] = NO_NAMES) -> Wanted:
    """Say how contacts and companies are read: what is asked of them stands on themselves."""

    def records(client: HubSpotClient, found: Sequence[Json]) -> list[Record]:
        _ = client
        return [to_record(kind, result, extra, mapped) for result in found]

    return Wanted(OBJECT_TYPES[kind], MODIFIED[kind], properties_to_read(kind, extra, mapped), records)


def read(client: HubSpotClient, wanted: Wanted, ids: Sequence[str]) -> dict[str, Record]:
    """Read records, a hundred a call. Absent: archived, deleted or merged away."""
    found = living(client, wanted.object_type, ids, wanted.properties)
    return {record.id: record for record in wanted.records(client, list(found.values()))}


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


def merged_into(client: HubSpotClient, object_type: str, ids: Collection[str]) -> dict[str, str]:
    """Return what records of these ids that were merged are called by now, by the old id.

    One call a hundred, and one for each that is not there under its id: only a single read follows a merge.
    """
    found: dict[str, str] = {}
    for gone in sorted(set(ids) - living(client, object_type, ids, []).keys()):
        try:
            now = text(client.find(object_type, gone, []).get("id"))
        except Gone:
            continue
        if now and now != gone:
            found[gone] = now
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


def scan(client: HubSpotClient, wanted: Wanted, after: str | None) -> Page:
    """List all records by id; the first page also asks search how many there are."""
    answer = client.page(wanted.object_type, wanted.properties, limit=READ_SIZE, after=after)
    records = tuple(wanted.records(client, list(answer.get("results") or ())))
    return Page(records, _next(answer), total(client, wanted.object_type) if after is None else None)


def scan_since(client: HubSpotClient, wanted: Wanted, after: str | None, since: datetime) -> Page:
    """Search what was modified since then, by id.

    Paging goes by the last id seen and not by offset, because search ends at 10,000 results and records move
    through it while we read. The index is seconds behind: let `since` reach back that far.
    """
    filters = [{"propertyName": wanted.modified, "operator": "GTE", "value": milliseconds(since)}]
    if after is not None:
        filters.append({"propertyName": "hs_object_id", "operator": "GT", "value": after})
    query = {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(wanted.properties),
        "limit": SEARCH_SIZE,
    }
    whole = len(json.dumps(query)) <= SEARCH_BODY
    answer = client.search(wanted.object_type, query if whole else query | {"properties": []})
    found = list(answer.get("results") or ())
    ids = [str(result["id"]) for result in found]
    more = ids[-1] if ids and _next(answer) is not None else None
    records = wanted.records(client, found) if whole else read(client, wanted, ids).values()
    return Page(tuple(records), more, answer.get("total") if after is None else None)


def gone(client: HubSpotClient, object_type: str, after: str | None, since: datetime) -> GonePage:
    """List what is archived by id, a hundred a call, and keep what was archived since then.

    The list cannot be filtered or sorted by time, so all of it is read. Records that were merged away are not in it.
    """
    answer = client.archived(object_type, limit=READ_SIZE, after=after)
    times = {str(each["id"]): moment(each.get("archivedAt")) for each in answer.get("results") or ()}
    return GonePage({each: "" for each, at in times.items() if at is None or at >= since}, _next(answer))


def total(client: HubSpotClient, object_type: str) -> int | None:
    """Ask search for the number of records; a busy search is no reason to stop a scan."""
    try:
        total = client.search(object_type, {"filterGroups": [], "properties": [], "limit": 1}).get("total")
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
    """Return all owners; archived ones are inactive. A user's language and manager are not told by HubSpot.

    Nor is a user's own time zone: everybody counts as being in the portal's, and UTC where that is not told.
    """
    zone = text(client.account().get("timeZone")) or "UTC"
    found: dict[str, User] = {}
    for archived in (True, False):  # so that an owner who is in both lists is active
        for owner in _owners(client, archived=archived):
            user = _user(owner, active=not archived, zone=zone)
            found[user.id] = user
    return tuple(sorted(found.values(), key=lambda user: int(user.id)))


def _user(owner: Json, *, active: bool, zone: str) -> User:
    """Make a User of an owner. Its id is never the userId: an owner property takes the owner's id only."""
    name = f"{text(owner.get('firstName'))} {text(owner.get('lastName'))}".strip()
    email, owner_id = text(owner.get("email")), str(owner["id"])
    return User(
        owner_id,
        name or email or owner_id,
        email,
        active=active,
        queue=owner.get("type") == "QUEUE",
        zone=zone,
        login_id=text(owner.get("userId")),
    )


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
