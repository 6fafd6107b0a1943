"""App events on timelines, of the types that the project declares. Source: HubSpot's specification "Timeline" 2026-03.

An occurrence is for ever: its id is taken, and a batch with one that is there, or with one that is wrong, is refused
whole. Which limit a batch has is not told there: a hundred, as elsewhere.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify

from tests.sandbox.hubspot.errors import ApiError
from tests.sandbox.hubspot.gate import VERSION, api_blueprint, batch_answer, caller, inputs, json_body
from tests.sandbox.hubspot.store import now_ms

if TYPE_CHECKING:
    from tests.sandbox.hubspot.hub import Hub

MOST = 100
OBJECTS = {"CONTACT": "0-1", "COMPANY": "0-2"}
NEEDED = ("eventTypeName", "id", "properties")
Occurrence = dict[str, Any]


class Timeline:
    """The occurrences of every portal, in the order in which they came."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._lock = threading.Lock()
        self._there: dict[int, dict[tuple[str, str], Occurrence]] = {}

    def of(self, portal: int) -> list[Occurrence]:
        """Return what stands on the timelines of a portal."""
        with self._lock:
            return list(self._there.get(portal, {}).values())

    def add(self, portal: int, given: list[Occurrence]) -> None:
        """Take all of them or none: 400 for one that does not fit its type, 409 for one that is there."""
        for one in given:
            self._check(portal, one)
        keys = [(str(one["eventTypeName"]), str(one["id"])) for one in given]
        with self._lock:
            there = self._there.setdefault(portal, {})
            if len(set(keys)) < len(keys) or any(key in there for key in keys):
                message = "One or more occurrences already exist. Occurrences are immutable."
                raise ApiError(409, message, category="CONFLICT")
            there.update(zip(keys, given, strict=True))

    def _check(self, portal: int, one: Occurrence) -> None:
        missing = [name for name in NEEDED if not one.get(name)]
        kind = self._hub.manifest.events.get(str(one.get("eventTypeName")))
        if missing or kind is None or not isinstance(one["properties"], dict):
            raise ApiError(400, f"The occurrence is not valid: {missing or 'unknown event type'}")
        known = {each["name"]: each for each in kind["properties"]}
        for name, value in one["properties"].items():
            options = [each["value"] for each in known.get(name, {}).get("options", ())]
            if name not in known or not isinstance(value, str) or (options and value not in options):
                raise ApiError(400, f"The occurrence is not valid: property {name}")
        if not self._hub.records.find(portal, OBJECTS[kind["objectType"]], [str(one.get("objectId"))]):
            raise ApiError(400, "The occurrence is not valid: no such record")


def timeline_blueprint(hub: Hub) -> Blueprint:
    """Return the routes of app events."""
    api = api_blueprint(hub, "timeline")
    path = f"/integrators/timeline/{VERSION}/events"

    def portal() -> int:
        caller().need("crm.objects.contacts.write", "crm.objects.companies.write")
        return caller().portal.id

    @api.post(path)
    def send(version: str) -> tuple[Response, int]:
        given = json_body()
        hub.timeline.add(portal(), [given])
        return jsonify(given), 201

    @api.post(f"{path}/batch")
    def send_batch(version: str) -> Response:
        started, given = now_ms(), inputs(MOST)
        hub.timeline.add(portal(), given)
        return batch_answer(given, [], started)

    return api
