"""The Pub/Sub API over gRPC: topics, schemas, and subscriptions with flow control and replay."""

from __future__ import annotations

import contextlib
import threading
import uuid
from concurrent import futures
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import grpc

from connector.salesforce.pb import pubsub_api_pb2 as pb
from connector.salesforce.pb import pubsub_api_pb2_grpc as pb_grpc

from .bus import replay_id
from .ids import to18
from .streams import (
    AUTH_ERROR,
    AUTH_HEADERS,
    CANNOT_SUBSCRIBE,
    CLIENT_LIMIT,
    EVENTS_INVALID,
    LIMIT_EXCEEDED,
    PREFIX,
    REPLAY_CORRUPTED,
    REPLAY_MISSING,
    SCHEMA_NOT_FOUND,
    STATUS,
    TOPIC_MISMATCH,
    TOPIC_NOT_FOUND,
    RefusedError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .bus import Stored, Topic
    from .org import Org
    from .streams import Streams
    from .tokens import Session

_MOST_OUTSTANDING = 100


@dataclass
class _Subscription:
    """One stream: how many events its client still takes, and what its client said last."""

    topic: Topic
    session: Session
    place: int
    pending: int
    since: int
    closed: bool = False
    half_closed: bool = False
    refusal: tuple[str, str] | None = None


class PubSub(pb_grpc.PubSubServicer):
    """The service."""

    def __init__(self, org: Org, streams: Streams) -> None:
        self._org = org
        self._streams = streams

    def GetTopic(self, request: pb.TopicRequest, context: grpc.ServicerContext) -> pb.TopicInfo:  # noqa: N802
        """The facts about a topic; a channel of several objects has no one schema."""
        with _rpc(context):
            self._session(context)
            topic = self._topic(request.topic_name)
            identity = ""
            if topic.single:
                sobject = self._org.schema.get(next(iter(topic.entities)))
                identity, _ = self._org.bus.schema_of(sobject)
            return pb.TopicInfo(
                topic_name=topic.name,
                tenant_guid=f"core/prod/{self._org.org_id}",
                can_publish=False,
                can_subscribe=True,
                schema_id=identity,
                rpc_id=str(uuid.uuid4()),
            )

    def GetSchema(self, request: pb.SchemaRequest, context: grpc.ServicerContext) -> pb.SchemaInfo:  # noqa: N802
        """An Avro schema by id."""
        with _rpc(context):
            self._session(context)
            text = self._org.bus.schema_text(request.schema_id)
            if text is None:
                raise RefusedError(SCHEMA_NOT_FOUND, f"no schema {request.schema_id}")
            return pb.SchemaInfo(schema_json=text, schema_id=request.schema_id, rpc_id=str(uuid.uuid4()))

    def Subscribe(  # noqa: N802
        self, request_iterator: Iterator[pb.FetchRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.FetchResponse]:
        """Events of a topic from a place on, as many as the client asked for; an empty batch when it is quiet."""
        with _rpc(context):
            subscription = self._begin(request_iterator, context)
            with self._streams.lock:
                self._streams.open += 1
            try:
                yield from self._stream(subscription)
            finally:
                subscription.closed = True
                with self._streams.lock:
                    self._streams.open -= 1

    def _begin(self, requests: Iterator[pb.FetchRequest], context: grpc.ServicerContext) -> _Subscription:
        session = self._session(context)
        refusal = self._streams.refused()
        if refusal is not None:
            raise RefusedError(refusal, "refused by order")
        first = next(requests, None)
        if first is None:
            raise RefusedError(EVENTS_INVALID, "the stream ended before its first request")
        topic = self._topic(first.topic_name)
        if topic.single and not self._visible(session, next(iter(topic.entities))):
            raise RefusedError(CANNOT_SUBSCRIBE, f"no permission to subscribe to {topic.name}")
        if self._streams.open >= self._org.settings.stream_limit:
            raise RefusedError(CLIENT_LIMIT, "too many streams")
        if self._org.bus.delivered >= self._org.settings.delivery_limit:
            raise RefusedError(LIMIT_EXCEEDED, "the org's daily delivery allowance is used up")
        _check_count(first)
        subscription = _Subscription(
            topic, session, self._start(first), min(first.num_requested, _MOST_OUTSTANDING), self._streams.order.number
        )
        threading.Thread(target=self._listen, args=(subscription, requests), daemon=True).start()

        def leave() -> None:
            subscription.closed = True
            self._org.bus.ring()

        if not context.add_callback(leave):
            subscription.closed = True
        return subscription

    def _start(self, first: pb.FetchRequest) -> int:
        bus = self._org.bus
        bus.expire_old()
        if first.replay_preset == pb.ReplayPreset.EARLIEST:
            return bus.floor()
        if first.replay_preset == pb.ReplayPreset.LATEST:
            return bus.latest()
        if not first.replay_id:
            raise RefusedError(REPLAY_MISSING, "a CUSTOM preset needs a replay id")
        place = bus.place(first.replay_id)
        if place is None:
            raise RefusedError(REPLAY_CORRUPTED, "the replay id is unknown or expired")
        return place

    def _listen(self, mine: _Subscription, requests: Iterator[pb.FetchRequest]) -> None:
        """Take the client's further requests until it goes away; the stream checks the session for each."""
        bell = self._org.bus.bell
        try:
            for request in requests:
                with bell:
                    try:
                        _check_count(request)
                        _check_topic(request, mine.topic)
                        mine.pending = min(mine.pending + request.num_requested, _MOST_OUTSTANDING)
                    except RefusedError as refusal:
                        mine.refusal = (refusal.code, str(refusal))
                    bell.notify_all()
        except Exception:  # noqa: BLE001 - gRPC raises its own kinds of errors when the client is gone
            mine.closed = True
        with bell:
            mine.half_closed = True
            bell.notify_all()

    def _stream(self, mine: _Subscription) -> Iterator[pb.FetchResponse]:
        while not mine.closed:
            self._obey(mine)
            events = self._read(mine)
            if events:
                with self._org.bus.bell:
                    mine.pending -= len(events)
                self._org.bus.delivered += len(events)
                yield _response(mine, events)
            elif mine.half_closed and not mine.pending:
                return
            elif self._wait(mine):
                yield _response(mine, [])

    def _read(self, mine: _Subscription) -> list[Stored]:
        """The next events that the client still takes and may see; the place moves past all that was looked at."""
        if not mine.pending:
            return []
        bus = self._org.bus
        events, mine.place = bus.read(
            mine.topic, mine.place, mine.pending, lambda entity: self._visible(mine.session, entity)
        )
        return events

    def _wait(self, mine: _Subscription) -> bool:
        """Wait for something to happen; True when it stayed quiet for so long that a keepalive is due."""
        bus = self._org.bus
        pending = mine.pending

        def woken() -> bool:
            stirred = mine.closed or mine.half_closed or mine.refusal is not None or bus.closed
            moved = mine.pending != pending or (bool(mine.pending) and bus.latest() != mine.place)
            return stirred or moved or self._dead(mine) or self._streams.order.number != mine.since

        with bus.bell:
            return not bus.bell.wait_for(woken, timeout=self._org.settings.keepalive_seconds)

    def _dead(self, mine: _Subscription) -> bool:
        return self._org.tokens.session(mine.session.token) is None

    def _obey(self, mine: _Subscription) -> None:
        if mine.refusal is not None:
            raise RefusedError(*mine.refusal)
        order = self._streams.order
        if order.number != mine.since:
            raise RefusedError(order.code, "cut by order")
        if self._org.bus.closed:
            raise RefusedError(f"{PREFIX}service.unavailable", "the service is shutting down")
        if self._dead(mine):
            raise RefusedError(AUTH_ERROR, "the session has expired")
        if self._org.bus.delivered >= self._org.settings.delivery_limit:
            raise RefusedError(LIMIT_EXCEEDED, "the org's daily delivery allowance is used up")

    def _session(self, context: grpc.ServicerContext) -> Session:
        metadata = {str(key): str(value) for key, value in context.invocation_metadata()}
        token, url, tenant = (metadata.get(name, "") for name in ("accesstoken", "instanceurl", "tenantid"))
        if not token or not url or len(tenant) != 18 or to18(tenant) is None:
            raise RefusedError(AUTH_HEADERS, "accesstoken, instanceurl and an 18-character tenantid are required")
        session = self._org.tokens.session(token)
        if session is None or tenant != self._org.org_id or url.rstrip("/") != self._org.base_url:
            raise RefusedError(AUTH_ERROR, "an authentication exception occurred")
        return session

    def _topic(self, name: str) -> Topic:
        topic = self._org.bus.topic(name)
        if topic is None:
            raise RefusedError(TOPIC_NOT_FOUND, f"no topic {name}")
        return topic

    def _visible(self, session: Session, entity: str) -> bool:
        return self._org.people.allows(session.user_id, entity, "ViewAllRecords")


def _check_count(request: pb.FetchRequest) -> None:
    if request.num_requested <= 0:
        raise RefusedError(EVENTS_INVALID, "num_requested must be greater than zero")


def _check_topic(request: pb.FetchRequest, topic: Topic) -> None:
    if request.topic_name and request.topic_name != topic.name:
        raise RefusedError(TOPIC_MISMATCH, "a stream has one topic")


def _response(mine: _Subscription, events: list[Stored]) -> pb.FetchResponse:
    return pb.FetchResponse(
        events=[
            pb.ConsumerEvent(
                event=pb.ProducerEvent(id=event.uuid, schema_id=event.schema_id, payload=event.payload),
                replay_id=replay_id(event.seq),
            )
            for event in events
        ],
        latest_replay_id=replay_id(mine.place),
        rpc_id=str(uuid.uuid4()),
        pending_num_requested=mine.pending,
    )


@contextlib.contextmanager
def _rpc(context: grpc.ServicerContext) -> Iterator[None]:
    """Turns a refusal into the status and the ``error-code`` trailer that Salesforce answers with."""
    try:
        yield
    except RefusedError as error:
        _abort(context, error)


def _abort(context: grpc.ServicerContext, error: RefusedError) -> NoReturn:
    if error.code:
        context.set_trailing_metadata((("error-code", error.code),))
    unknown = grpc.StatusCode.INVALID_ARGUMENT if error.code else grpc.StatusCode.UNAVAILABLE
    context.abort(STATUS.get(error.code, unknown), f"{error} rpcId: {uuid.uuid4()}")


def serve_pubsub(
    org: Org, streams: Streams, *, host: str, port: int, tls: tuple[Path, Path]
) -> tuple[grpc.Server, int]:
    """Serve on `host` with TLS; returns the server and its port."""
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=64), options=[("grpc.so_reuseport", 0)])
    pb_grpc.add_PubSubServicer_to_server(PubSub(org, streams), server)  # type: ignore[no-untyped-call]
    chain, key = (path.read_bytes() for path in tls)
    bound = server.add_secure_port(f"{host}:{port}", grpc.ssl_server_credentials([(key, chain)]))
    server.start()
    return server, bound
