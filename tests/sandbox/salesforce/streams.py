"""The error codes of the Pub/Sub API, and the tester's orders to streams."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import grpc

PREFIX = "sfdc.platform.eventbus.grpc."
AUTH_ERROR = f"{PREFIX}service.auth.error"
AUTH_HEADERS = f"{PREFIX}service.auth.headers.invalid"
TOPIC_NOT_FOUND = f"{PREFIX}topic.not.found"
CANNOT_SUBSCRIBE = f"{PREFIX}subscription.topic.cannot.subscribe"
REPLAY_CORRUPTED = f"{PREFIX}subscription.fetch.replayid.corrupted"
REPLAY_MISSING = f"{PREFIX}subscription.fetch.replayid.validation.failed"
EVENTS_INVALID = f"{PREFIX}subscription.fetch.requested.events.invalid"
TOPIC_MISMATCH = f"{PREFIX}subscription.fetch.topic.mismatch"
LIMIT_EXCEEDED = f"{PREFIX}subscription.limit.exceeded"
CLIENT_LIMIT = f"{PREFIX}concurrent.client.limit.exceeded"
SCHEMA_NOT_FOUND = f"{PREFIX}schema.not.found"
STATUS = {
    AUTH_ERROR: grpc.StatusCode.UNAUTHENTICATED,
    AUTH_HEADERS: grpc.StatusCode.UNAUTHENTICATED,
    TOPIC_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    SCHEMA_NOT_FOUND: grpc.StatusCode.NOT_FOUND,
    CANNOT_SUBSCRIBE: grpc.StatusCode.PERMISSION_DENIED,
    LIMIT_EXCEEDED: grpc.StatusCode.RESOURCE_EXHAUSTED,
    CLIENT_LIMIT: grpc.StatusCode.RESOURCE_EXHAUSTED,
    f"{PREFIX}service.unavailable": grpc.StatusCode.UNAVAILABLE,
    f"{PREFIX}topic.api.unavailable": grpc.StatusCode.UNAVAILABLE,
    f"{PREFIX}schema.api.unavailable": grpc.StatusCode.UNAVAILABLE,
    f"{PREFIX}subscription.internal.error": grpc.StatusCode.INTERNAL,
}


class RefusedError(Exception):
    """A call that ends with an error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Cut:
    """An order for streams: end with this error code, or just break off without one. `number` tells orders apart."""

    number: int = 0
    code: str = ""
    refuse: int = 0


class Streams:
    """The orders that streams obey, and how many there are."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.order = Cut()
        self.open = 0

    def cut(self, code: str = "", *, refuse: int = 0) -> None:
        """End every stream now, and refuse the next `refuse` subscriptions."""
        with self.lock:
            self.order = Cut(self.order.number + 1, code, refuse)

    def refused(self) -> str | None:
        """Use up one refusal: its code, or None when there is none left."""
        with self.lock:
            if not self.order.refuse:
                return None
            self.order.refuse -= 1
            return self.order.code
