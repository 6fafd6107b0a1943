"""The change event stream: a gRPC subscription as batches of our events, each with the place to go on from.

Source: Pub/Sub API guide and its proto. The stream never sleeps and never retries on its own account, but for the two
cures that only it can give: a dead token is renewed and the stream resumed at its place; a place that Salesforce no
longer knows is answered by starting at EARLIEST and asking for a comparison of everything. It never resumes at LATEST
when a place is known: that would lose events without a sign.
"""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import grpc
from certifi import where as system_roots

from connector.crm import Token, TokenSource
from connector.errors import Later, Next, Revoked
from connector.salesforce.answers import STREAM_SECONDS, judge_stream
from connector.salesforce.events import decode, resync
from connector.salesforce.fields import packaged
from connector.salesforce.pb.pubsub_api_pb2 import (
    ConsumerEvent,
    FetchRequest,
    FetchResponse,
    ReplayPreset,
    SchemaRequest,
    TopicInfo,
    TopicRequest,
)
from connector.salesforce.pb.pubsub_api_pb2_grpc import PubSubStub
from connector.settings import Settings
from rules.model import Event

OUTSTANDING = 100
"""Events that Salesforce may send ahead; more is treated as 100."""
QUIET_SECONDS = 300.0
"""Salesforce sends at least an empty answer every 270 seconds; longer silence means a dead connection."""
_CALL_SECONDS = 30.0
_MAX_MESSAGE = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Batch:
    """Some events (none in a keepalive) and the place to store once they are safe; opaque bytes."""

    events: tuple[Event, ...]
    replay_id: bytes


def channel_name(settings: Settings) -> str:
    """Return the topic of the package's change event channel.

    [U] How a namespaced channel is addressed: ``/data/ns__Name__chn``.
    """
    folder, _, name = settings.salesforce_channel.rpartition("/")
    prefix = f"{settings.salesforce_namespace}__"
    known = not settings.salesforce_namespace or name.startswith(prefix)
    return f"{folder}/{name if known else packaged(name, settings.salesforce_namespace)}"


class Stream:
    """One install's subscription. Iterate it for batches; `close` it from any thread.

    `org_id` is the org's 18-character id. `replay_id` is the stored place, None for a new install (which starts
    at LATEST). Iterating raises Later (try again in so many seconds, with the stored place), Revoked or Refused.
    `quiet_seconds` is how long the stream may be silent before it counts as dead.
    """

    def __init__(
        self,
        tokens: TokenSource,
        *,
        settings: Settings,
        org_id: str,
        replay_id: bytes | None = None,
        quiet_seconds: float = QUIET_SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._tokens = tokens
        self._token = tokens.current()
        self._settings = settings
        self._org_id = org_id
        self._replay_id = replay_id or None
        self._quiet_seconds = quiet_seconds
        self._now = now
        self._topic = channel_name(settings)
        self._schemas: dict[str, tuple[dict[str, Any], Any]] = {}
        self._channel = open_channel(settings)
        self._stub = PubSubStub(self._channel)  # type: ignore[no-untyped-call]
        self._call: Any = None
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._earliest = self._renewed = False

    def __iter__(self) -> Iterator[Batch]:
        """Yield batches until `close`; one is yielded only when the work on the one before it is done."""
        while not self._closed.is_set():
            try:
                for batch in self._subscribe():
                    self._earliest = self._renewed = False
                    yield batch
            except grpc.RpcError as error:
                if not self._closed.is_set():
                    yield from self._cured(error)
            except ValueError:
                # gRPC says so when the channel is closed under it.
                if not self._closed.is_set():
                    raise

    def close(self) -> None:
        """End the stream; safe from another thread and to repeat."""
        with self._lock:
            self._closed.set()
            if self._call is not None:
                self._call.cancel()
        self._channel.close()

    def _subscribe(self) -> Iterator[Batch]:
        """Open one call and yield its batches. Raises RpcError when it breaks, Later when it falls silent."""
        asked: queue.SimpleQueue[FetchRequest | None] = queue.SimpleQueue()
        asked.put(self._first_request())
        with self._lock:
            if self._closed.is_set():
                return
            call = self._call = self._stub.Subscribe(iter(asked.get, None), metadata=self._metadata())
        try:
            while True:
                answer = self._next(call)
                if answer is None:
                    return
                yield self._batch(answer)
                self._replay_id = _place(answer) or self._replay_id
                # Asked for only now: while the caller stores one batch, no more than the next is on its way.
                if (room := OUTSTANDING - answer.pending_num_requested) > 0:
                    asked.put(FetchRequest(topic_name=self._topic, num_requested=room))
        finally:
            call.cancel()
            asked.put(None)

    def _first_request(self) -> FetchRequest:
        """Return the request that opens a stream; only this one names the place."""
        request = FetchRequest(topic_name=self._topic, num_requested=OUTSTANDING)
        if self._earliest:
            request.replay_preset = ReplayPreset.EARLIEST
        elif self._replay_id is not None:
            request.replay_preset = ReplayPreset.CUSTOM
            request.replay_id = self._replay_id
        else:
            request.replay_preset = ReplayPreset.LATEST
        return request

    def _next(self, call: Any) -> FetchResponse | None:
        """Wait for the next answer; None when Salesforce has ended the stream in peace."""
        silent = threading.Event()

        def give_up() -> None:
            silent.set()
            call.cancel()

        watchdog = threading.Timer(self._quiet_seconds, give_up)
        watchdog.daemon = True
        watchdog.start()
        try:
            answer: FetchResponse | None = next(call, None)
        except grpc.RpcError:
            if silent.is_set():
                raise Later("The event stream fell silent", seconds=STREAM_SECONDS) from None
            raise
        finally:
            watchdog.cancel()
        if answer is None and not self._closed.is_set():
            raise Later("Salesforce ended the event stream", seconds=STREAM_SECONDS)
        return answer

    def _batch(self, answer: FetchResponse) -> Batch:
        """Decode one answer."""
        events = tuple(event for one in answer.events for event in self._events(one))
        return Batch(events, _place(answer) or self._replay_id or b"")

    def _events(self, one: ConsumerEvent) -> tuple[Event, ...]:
        """Decode one change event. One that cannot be decoded costs a comparison, not the stream."""
        schema, parsed = self._schema(one.event.schema_id)
        try:
            body: Any = fastavro.schemaless_reader(BytesIO(one.event.payload), parsed, None)
            return decode(body, schema, namespace=self._settings.salesforce_namespace)
        except (ValueError, KeyError, EOFError, IndexError, TypeError):
            return resync(one.replay_id.hex(), at=self._now())

    def _schema(self, schema_id: str) -> tuple[dict[str, Any], Any]:
        """Return an event's schema as JSON and as fastavro wants it; asked for once a stream."""
        if schema_id not in self._schemas:
            info = self._stub.GetSchema(
                SchemaRequest(schema_id=schema_id), metadata=self._metadata(), timeout=_CALL_SECONDS
            )
            schema = json.loads(info.schema_json)
            self._schemas[schema_id] = (schema, fastavro.parse_schema(json.loads(info.schema_json)))
        return self._schemas[schema_id]

    def _cured(self, error: grpc.RpcError) -> Iterator[Batch]:
        """Do what lets the stream go on after an error, or raise what its caller must do."""
        cure = judge_stream(*_codes(error))
        if isinstance(cure, Next):
            raise cure from None
        if cure == "renew":
            if self._renewed:
                # Also seen in release windows. A grant that is really gone shows when the token is renewed.
                raise Later("Salesforce does not let the event stream in yet", seconds=STREAM_SECONDS) from None
            self._token, self._renewed = self._tokens.renew(self._token), True
            return
        if self._earliest or self._replay_id is None:
            raise Later("Salesforce does not accept any place in the stream", seconds=STREAM_SECONDS) from None
        # Stored with the place that was lost: should we die now, the same comparison is asked for again.
        yield Batch(resync(self._replay_id.hex(), at=self._now()), self._replay_id)
        self._earliest = True

    def _metadata(self) -> list[tuple[str, str]]:
        return credentials(self._token, self._org_id)


def open_channel(settings: Settings) -> grpc.Channel:
    """Open a TLS channel to the Pub/Sub API.

    The root certificates are named outright, or GRPC_DEFAULT_SSL_ROOTS_FILE_PATH would silently replace them.
    """
    roots = settings.salesforce_ca_file or system_roots()
    trusted = grpc.ssl_channel_credentials(root_certificates=Path(roots).read_bytes())
    options = [("grpc.enable_http_proxy", 0), ("grpc.max_receive_message_length", _MAX_MESSAGE)]
    return grpc.secure_channel(settings.salesforce_pubsub, trusted, options=options)


def credentials(token: Token, org_id: str) -> list[tuple[str, str]]:
    """Return the headers that every call carries; `org_id` with 18 characters."""
    return [("accesstoken", token.access_token), ("instanceurl", token.base_url), ("tenantid", org_id)]


def topic(settings: Settings, token: Token, org_id: str) -> TopicInfo:
    """Ask about our channel: is it there, may the connected user subscribe? Raises Later or Refused."""
    with open_channel(settings) as channel:
        stub = PubSubStub(channel)  # type: ignore[no-untyped-call]
        request = TopicRequest(topic_name=channel_name(settings))
        try:
            info: TopicInfo = stub.GetTopic(request, metadata=credentials(token, org_id), timeout=_CALL_SECONDS)
        except grpc.RpcError as error:
            cure = judge_stream(*_codes(error))
            if isinstance(cure, str):
                raise Revoked("Salesforce does not let the event stream in") from None
            raise cure from None
    return info


def _place(answer: FetchResponse) -> bytes:
    """Return the place after an answer: behind its last event, or where an empty answer says the stream stands.

    Empty answers count too: a quiet org's stored place would otherwise grow older than the 72 hours it is kept.
    """
    return bytes(answer.events[-1].replay_id if answer.events else answer.latest_replay_id)


def _codes(error: Any) -> tuple[str, str]:
    """Return gRPC's status name and the ``error-code`` trailer of a broken call."""
    trailers = error.trailing_metadata() or ()
    found = next((value for key, value in trailers if key == "error-code"), "")
    return str(error.code().name), found.decode() if isinstance(found, bytes) else str(found)
