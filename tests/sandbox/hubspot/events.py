"""Turns changes into webhook events, for what the app subscribed to and may read.

Payload names follow real deliveries: generic subscriptions say ``object.*`` and carry ``objectTypeId``. The events are
stored in the transaction of the change; :mod:`tests.sandbox.hubspot.delivery` sends them.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.sandbox.hubspot.standard import STANDARD_TYPES
from tests.sandbox.hubspot.store import now_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.sandbox.hubspot.hub import Hub
    from tests.sandbox.hubspot.manifest import Subscription

# The documentation's NEW is CREATED in real deliveries; the other two flags are [U].
CHANGE_FLAGS = {"creation": "CREATED", "deletion": "DELETED", "restore": "RESTORED"}


@dataclass(frozen=True)
class Actor:
    """Who changes something: `source` and `source_id` end up in ``changeSource`` and ``sourceId``."""

    source: str
    source_id: str


class Events:
    """The only writer of the events table."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._random = random.Random()
        self._wanted: dict[tuple[str, str], list[Subscription]] = {}
        for subscription in hub.manifest.subscriptions:
            self._wanted.setdefault((subscription.object_type, subscription.event), []).append(subscription)

    def app(self) -> Actor:
        """Return the app itself, as the cause of what comes over the API."""
        return Actor("INTEGRATION", str(self._hub.app.id))

    def happened(self, event: str, portal: int, type_id: str, record: int, actor: Actor, **more: Any) -> None:
        """Tell of a creation, deletion, restore, merge, association change or privacy deletion."""
        self._hub.journal.note(event, portal, type_id, record, **more)
        for subscription in self._listening(event, portal, type_id):
            flag = {"changeFlag": CHANGE_FLAGS[event]} if event in CHANGE_FLAGS else {}
            self._put(subscription, portal, record, actor, flag | more)

    def changed(self, portal: int, type_id: str, record: int, actor: Actor, values: Mapping[str, str]) -> None:
        """Tell of new property values; calculated properties are left out by the caller."""
        self._hub.journal.note("propertyChange", portal, type_id, record, propertyChanges=dict(values))
        for subscription in self._listening("propertyChange", portal, type_id):
            if subscription.property in values:
                more = {"propertyName": subscription.property, "propertyValue": values[subscription.property]}
                if subscription.generic:
                    more["isSensitive"] = False  # type: ignore[assignment]
                self._put(subscription, portal, record, actor, more)

    def _listening(self, event: str, portal: int, type_id: str) -> list[Subscription]:
        wanted = self._wanted.get((type_id, event), [])
        if not wanted:
            return []
        granted = self._hub.portals.granted(portal)
        allowed = granted is not None and STANDARD_TYPES[type_id].read_scope() in granted
        return wanted if allowed else []

    def _put(self, subscription: Subscription, portal: int, record: int, actor: Actor, more: dict[str, Any]) -> None:
        body = {
            # "eventId is not guaranteed to be unique": from a range small enough for that to be true.
            "eventId": 4_101_000_000 + self._random.getrandbits(20),
            "subscriptionId": subscription.id,
            "portalId": portal,
            "appId": self._hub.app.id,
            "occurredAt": now_ms(),
            "subscriptionType": subscription.kind,
            "attemptNumber": 0,
            "objectId": record,
            **more,
            "changeSource": actor.source,
            "sourceId": actor.source_id,
        }
        if subscription.generic:
            body["objectTypeId"] = subscription.object_type
        due = now_ms() + int(self._hub.deliveries.behaviour.delay * 1000)
        with self._hub.store.write() as tx:
            tx.execute("INSERT INTO events(portal, body, due) VALUES(?, ?, ?)", (portal, json.dumps(body), due))
