"""The webhook journal: files of events at presigned addresses, for three days, for portals that were subscribed.

Each event is a file of its own here. The app reads with a token of its own (client credentials). Shapes: HubSpot's
specification "Webhooks Journal" of 2026-03.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, request

from tests.sandbox.hubspot.errors import ApiError
from tests.sandbox.hubspot.store import now_ms
from tests.sandbox.hubspot.values import iso

if TYPE_CHECKING:
    from tests.sandbox.hubspot.hub import Hub

KEPT_MS = 3 * 24 * 3600 * 1000
FILE_SECONDS = 300
ACTIONS = {
    "creation": "CREATE",
    "propertyChange": "UPDATE",
    "deletion": "DELETE",
    "merge": "MERGE",
    "restore": "RESTORE",
}
INSTALLED, UNINSTALLED = "4-1909196", "4-1916193"


@dataclass
class Journal:
    """What happened in subscribed portals. `file_host` replaces the origin of file addresses (None = our own)."""

    subscriptions: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    file_host: str | None = None
    key: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, event: str, portal: int, type_id: str, record: int, **more: Any) -> None:
        """Write down an event of a record if its portal was subscribed to it."""
        kind = "GDPR_PRIVACY_DELETION" if event == "privacyDeletion" else "OBJECT"
        for each in self.subscriptions.get(portal, ()):
            fits = each.get("objectTypeId") == type_id and ACTIONS.get(event) in each.get("actions", ())
            if each["subscriptionType"] == kind and (fits or kind != "OBJECT"):
                entry = {"type": kind, "action": ACTIONS.get(event, "DELETE"), "objectTypeId": type_id}
                self._add(portal, entry | {"objectId": record} | more)
                return

    def lifecycle(self, portal: int, type_id: str) -> None:
        """Write down that the app was installed in a portal or removed from it."""
        if any(each["subscriptionType"] == "APP_LIFECYCLE_EVENT" for each in self.subscriptions.get(portal, ())):
            self._add(portal, {"type": "APP_LIFECYCLE_EVENT", "eventTypeId": type_id})

    def _add(self, portal: int, entry: dict[str, Any]) -> None:
        now = now_ms()
        with self._lock:
            event = {**entry, "portalId": portal, "occurredAt": now}
            self.files.append({"offset": str(uuid.uuid4()), "portal": portal, "at": now, "event": event})

    def kept(self, portal: int | None) -> list[dict[str, Any]]:
        """Return the files of a portal (None = all) that are still there, oldest first."""
        with self._lock:
            self.files = [each for each in self.files if each["at"] > now_ms() - KEPT_MS]
            return [each for each in self.files if portal is None or each["portal"] == portal]

    def age(self, milliseconds: int) -> None:
        """Make all that was written so much older."""
        with self._lock:
            for each in self.files:
                each["at"] -= milliseconds

    def sign(self, offset: str, expires: int) -> str:
        """Return what a presigned address of a file carries."""
        return hmac.new(self.key, f"{offset}:{expires}".encode(), hashlib.sha256).hexdigest()


def journal_blueprint(hub: Hub) -> Blueprint:
    """Return the endpoints of the journal, and the files."""
    routes = Blueprint("journal", __name__)
    journal = hub.journal

    def admit() -> None:
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in journal.tokens:
            raise ApiError(401, "This endpoint needs a token of the app.", category="INVALID_AUTHENTICATION")

    def portal() -> int | None:
        return request.args.get("installPortalId", type=int)

    def told(found: dict[str, Any] | None) -> Response:
        if found is None:
            return Response(status=204)
        expires = now_ms() // 1000 + FILE_SECONDS
        origin = journal.file_host or request.host_url.rstrip("/")
        signed = f"expires={expires}&signature={journal.sign(found['offset'], expires)}"
        url = f"{origin}/_journal/{found['offset']}?{signed}"
        return jsonify({"url": url, "expiresAt": iso(expires * 1000), "currentOffset": found["offset"]})

    @routes.get("/webhooks-journal/journal/2026-03/<any(earliest, latest):which>")
    def end_of(which: str) -> Response:
        admit()
        files = journal.kept(portal())
        return told((files[0] if which == "earliest" else files[-1]) if files else None)

    @routes.get("/webhooks-journal/journal/2026-03/offset/<offset>/next")
    def following(offset: str) -> Response:
        admit()
        every, mine = [each["offset"] for each in journal.kept(None)], journal.kept(portal())
        if offset not in every:
            raise ApiError(404, "The offset is not in the journal.", category="OBJECT_NOT_FOUND")
        place = every.index(offset)
        return told(next((each for each in mine if every.index(each["offset"]) > place), None))

    @routes.post("/webhooks-journal/subscriptions/2026-03")
    def subscribe() -> tuple[Response, int]:
        admit()
        body = dict(request.get_json())
        there = journal.subscriptions.setdefault(int(body["portalId"]), [])
        if body in there:
            raise ApiError(409, "The subscription exists.", category="CONFLICT")
        there.append(body)
        return jsonify({"id": len(there), **body}), 201

    @routes.get("/_journal/<offset>")
    def file(offset: str) -> Response:
        expires = request.args.get("expires", 0, type=int)
        good = hmac.compare_digest(journal.sign(offset, expires), request.args.get("signature", ""))
        if "Authorization" in request.headers or not good or expires < now_ms() // 1000:
            abort(403)
        found = next((each for each in journal.kept(None) if each["offset"] == offset), None)
        if found is None:
            abort(404)
        return jsonify({"offset": offset, "journalEvents": [found["event"]], "publishedAt": iso(found["at"])})

    return routes
