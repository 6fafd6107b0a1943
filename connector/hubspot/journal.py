"""The webhook journal: what happened in a portal in the last three days, for us to read when webhooks were lost.

HubSpot gives an address at which a file of events lies, and the place to go on from. The app reads it with a token of
its own (client credentials), and each portal must be subscribed first. The calls count against no limit.
Source: HubSpot's pages "Webhooks journal" (2026-03). [U] Marks what its specification leaves open.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import urllib3

from connector.errors import Later, PlaceLost, Refused
from connector.hubspot.answers import OUTAGE_SECONDS, next_step
from connector.hubspot.events import Merger, OfPortal
from connector.hubspot.fields import COMPANY, CONTACT, LEAD, canonical_name, usual_names
from rules.model import Event

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from connector.crm import Routes
    from rules.model import Change, Kind

    Json = Mapping[str, Any]

VERSION = "2026-03"
"""The journal has no newer dated version yet."""
ROOT = "/webhooks-journal"
UNINSTALLED = "4-1916193"
"""The type id of the app's removal among APP_LIFECYCLE_EVENT (``4-1909196`` is an install)."""
NEVER = datetime.fromtimestamp(0, UTC)
MOST_BYTES = 20_000_000
"""Longest file that is read; HubSpot publishes no size [U]."""
_ACTIONS: Mapping[str, Change] = {
    "CREATE": "created",
    "UPDATE": "updated",
    "DELETE": "deleted",
    "MERGE": "updated",
    "RESTORE": "restored",
}
_OBJECTS: Mapping[str, Kind] = {CONTACT: "lead", COMPANY: "account", LEAD: "lead"}
_ID = re.compile(r"[0-9]{1,20}")
_OFFSET = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PROPERTY = re.compile(r"[a-z0-9_]{1,100}")


@dataclass(frozen=True, slots=True)
class Entries:
    """One file of the journal as it concerns one portal; `offset` is the place behind it."""

    offset: str
    events: tuple[Event, ...] = ()
    mergers: tuple[Merger, ...] = ()
    forget: tuple[str, ...] = ()
    uninstalled: datetime | None = None


@dataclass
class Journal:
    """The journal of the app at `api_url`. `token` gives the app's own token; files come from `hosts` alone."""

    api_url: str
    token: Callable[[], str]
    hosts: frozenset[str]
    connect_timeout: float
    read_timeout: float
    _pool: urllib3.PoolManager = field(init=False)

    def __post_init__(self) -> None:
        timeout = urllib3.Timeout(connect=self.connect_timeout, read=self.read_timeout)
        self._pool = urllib3.PoolManager(maxsize=1, retries=False, timeout=timeout)

    def begin(self, portal_id: str) -> str:
        """Subscribe a portal and return the place of now; empty when nothing stands in the journal yet."""
        # Leads too where contacts are routed: another choice later needs no other subscription. Few portals have them.
        for each in _OBJECTS:
            names = sorted({*usual_names(_OBJECTS[each]).values(), "hubspot_owner_id"})
            wanted = {"objectTypeId": each, "actions": list(_ACTIONS), "objectIds": [], "properties": names}
            refusable = {400, 403} if each == LEAD else set()
            self._subscribe({"subscriptionType": "OBJECT", "portalId": int(portal_id), **wanted}, refusable)
        for kind in ("GDPR_PRIVACY_DELETION", "APP_LIFECYCLE_EVENT"):
            self._subscribe({"subscriptionType": kind, "portalId": int(portal_id)})
        return self._place(portal_id, "latest")

    def after(self, portal_id: str, offset: str, routes: Routes, *, now: datetime) -> Entries | None:
        """Return the next file behind a place, None when there is none. Raises PlaceLost, Later or Refused."""
        name = f"offset/{offset}/next" if offset else "earliest"
        found = self._call("GET", f"/journal/{VERSION}/{name}?installPortalId={portal_id}")
        if found is None:
            return None
        content = self._file(str(found.get("url") or ""))
        place = str(found.get("currentOffset") or content.get("offset") or "")
        if not _OFFSET.fullmatch(place):
            raise Refused("HubSpot's journal named no place to go on from")
        return _entries(content, place, portal_id, routes, now)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def _place(self, portal_id: str, name: str) -> str:
        found = self._call("GET", f"/journal/{VERSION}/{name}?installPortalId={portal_id}") or {}
        place = str(found.get("currentOffset") or "")
        return place if _OFFSET.fullmatch(place) else ""

    def _subscribe(self, body: Json, refusable: Collection[int] = ()) -> None:
        """Subscribe; what is subscribed already stays as it is (409)."""
        self._call("POST", f"/subscriptions/{VERSION}", body, passed={409, *refusable})

    def _call(self, method: str, path: str, body: Json | None = None, *, passed: Collection[int] = ()) -> Json | None:
        """Make a call with the app's token. Its refusal concerns the app and no portal, so it never revokes."""
        headers = {"Authorization": f"Bearer {self.token()}", "Content-Type": "application/json"}
        content = None if body is None else json.dumps(body).encode()
        answer = self._send(method, f"{self.api_url}{ROOT}{path}", content, headers)
        if answer.status in {204, *passed}:
            return None
        if answer.status == 404 and "/offset/" in path:  # noqa: PLR2004
            raise PlaceLost("HubSpot's journal no longer knows our place; it keeps three days")
        if not 200 <= answer.status < 300:  # noqa: PLR2004
            error = next_step(answer.status, answer.headers, answer.data)
            raise error if isinstance(error, Later) else Refused(f"HubSpot's journal: {error}")
        return _object(answer.data)

    def _file(self, url: str) -> Json:
        """Read a file at an address that HubSpot gave: from known hosts alone, without our token, no redirects."""
        parts = urlsplit(url)
        ours = f"{parts.scheme}://{parts.netloc}" == self.api_url
        host = parts.hostname or ""
        known = any(host == each or host.endswith(f".{each}") for each in self.hosts)
        if not (ours or (parts.scheme == "https" and known and parts.netloc == host)):
            raise Refused("HubSpot's journal names a file at an address that we do not know (HUBSPOT_JOURNAL_HOSTS)")
        answer = self._send("GET", url, None, {})
        if answer.status != 200:  # noqa: PLR2004
            raise Later(f"A file of HubSpot's journal was not given (HTTP {answer.status})", seconds=OUTAGE_SECONDS)
        return _object(answer.data)

    def _send(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        try:
            answer = self._pool.request(
                method, url, body=body, headers=dict(headers), redirect=False, preload_content=False
            )
            data = answer.read(MOST_BYTES + 1)
            answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise Later(f"HubSpot's journal did not answer ({type(error).__name__})", seconds=OUTAGE_SECONDS) from None
        if len(data) > MOST_BYTES:
            raise Refused("A file of HubSpot's journal is longer than we read")
        return urllib3.HTTPResponse(body=data, headers=answer.headers, status=answer.status, preload_content=True)


def _object(data: bytes) -> Json:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Later("HubSpot's journal was not JSON", seconds=OUTAGE_SECONDS)
    return found


def _entries(content: Json, offset: str, portal_id: str, routes: Routes, now: datetime) -> Entries:
    """Read what concerns this portal; an entry that makes no sense is left out, like one of a delivery."""
    listed = content.get("journalEvents")
    items = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    mine = [each for each in items if str(each.get("portalId")) == portal_id]
    found, uninstalled = OfPortal(), list[datetime]()
    for position, item in enumerate(mine):
        kind = str(item.get("type") or item.get("subscriptionType") or "")
        # [U] Which field carries the type id of a lifecycle event is not told.
        if kind == "APP_LIFECYCLE_EVENT":
            if UNINSTALLED in {str(value) for value in item.values() if isinstance(value, str)}:
                # One that tells no time ends nothing: it may lie before the last connection.
                uninstalled.append(_moment(item.get("occurredAt"), NEVER))
        else:
            _take(item, found, f"journal/{offset}/{position}", kind, now)
    meant = tuple(found.meant(routes))
    return Entries(offset, meant, tuple(found.mergers), tuple(found.forget), max(uninstalled, default=None))


def _take(item: Json, found: OfPortal, key: str, type_: str, now: datetime) -> None:
    """Add one change of a record."""
    object_type, record_id = str(item.get("objectTypeId")), str(item.get("objectId"))
    if type_ == "GDPR_PRIVACY_DELETION" and _ID.fullmatch(record_id):
        found.forget.append(record_id)
        return
    kind, change = _OBJECTS.get(object_type), _ACTIONS.get(str(item.get("action")))
    if kind is None or change is None or not _ID.fullmatch(record_id):
        return
    at, changed = _moment(item.get("occurredAt"), now), tuple(_changed(kind, item.get("propertyChanges")))
    event = Event(key, kind, record_id, change, at, changed)
    if object_type == LEAD:
        found.of_leads.append(event)
        return
    # [U] A merge is told as in a webhook: the primary's id is gone too when there is a new one.
    remaining = next(iter(_ids([item.get("newObjectId")])), record_id)
    found.events.append(replace(event, record_id=remaining))
    gone = dict.fromkeys([*_ids([item.get("primaryObjectId")]), *_ids(item.get("mergedObjectIds"))])
    for old in gone:
        if old != remaining:
            found.events.append(replace(event, key=f"{key}/{old}", record_id=old, change="merged", changed=()))
            found.mergers.append(Merger(kind, old, remaining))


def _changed(kind: Kind, changes: Any) -> Iterator[str]:
    """Name what changed. [U] Whether the changes are an object by name or a list of objects with a name."""
    items: Sequence[Any] = list(changes) if isinstance(changes, dict | list) else []
    for item in items:
        name = (item.get("propertyName") or item.get("name")) if isinstance(item, dict) else item
        if isinstance(name, str) and _PROPERTY.fullmatch(name):
            yield canonical_name(kind, name)


def _ids(value: Any) -> list[str]:
    return [text for each in value if _ID.fullmatch(text := str(each))] if isinstance(value, list) else []


def _moment(value: Any, now: datetime) -> datetime:
    """Read Unix ms or ISO 8601 ([U] which of the two); the moment of reading for anything else."""
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000, UTC)
        found = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return now
    return found if found.tzinfo else found.replace(tzinfo=UTC)
