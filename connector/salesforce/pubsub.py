"""The change event stream: a gRPC subscription as batches of our events, each with the place to go on from.

Source: Pub/Sub API guide and its proto. The stream never waits between attempts and never retries on its own account,
but for the two cures that only it can give: a dead token is renewed and the stream resumed at its place; a place that
Salesforce no longer knows is answered by starting at EARLIEST and asking for a comparison of everything. It never
resumes at LATEST when a place is known: that would lose events without a sign.

A stream outlives its token: Salesforce ends it with ``service.auth.error``, and the next call carries the new one. The
field ``auth_refresh`` of the proto, which could hand in a token while the stream runs, is described nowhere ([U]) and
not used.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import grpc
import structlog

from connector.crm import Token, TokenSource
from connector.errors import Later, Next, Revoked
from connector.salesforce.answers import STREAM_SECONDS, judge_stream, schema_is_gone
from connector.salesforce.channels import Channels, credentials, open_channel
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
from connector.salesforce.schemas import Schema, Schemas
from connector.settings import Settings
from rules.model import Event

log = structlog.get_logger()

OUTSTANDING = 100
"""Events that Salesforce may send ahead; more is treated as 100."""
QUIET_SECONDS = 300.0
"""Salesforce sends at least an empty answer every 270 seconds; longer silence means a dead connection."""
_CALL_SECONDS = 30.0
_RPC_ID = re.compile(r"rpcId:\s*([\w-]{1,64})")


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
    """One install's subscription, for one event loop. `close` it in that loop.

    `org_id` is the org's 18-character id; `channels` and `schemas` are shared with other streams. `replay_id` is the
    stored place, None for a new install (which starts at LATEST). Reading raises Later (try again in so many seconds,
    with the stored place), Exhausted, Revoked or Refused. `quiet_seconds` is how long the stream may be silent before
    it counts as dead.
    """

    def __init__(
        self,
        tokens: TokenSource,
        *,
        settings: Settings,
        org_id: str,
        channels: Channels,
        schemas: Schemas,
        replay_id: bytes | None = None,
        quiet_seconds: float = QUIET_SECONDS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._tokens = tokens
        self._token = Token("", "")
        self._settings = settings
        self._org_id = org_id
        self._channels = channels
        self._schemas = schemas
        self._replay_id = replay_id or None
        self._quiet_seconds = quiet_seconds
        self._now = now
        self._topic = channel_name(settings)
        self._call: Any = None
        self._over = asyncio.Event()
        self._earliest = self._renewed = False

    async def batches(self) -> AsyncGenerator[Batch, None]:
        """Yield batches until `close`; one is yielded only when the work on the one before it is done."""
        async with self._channels.seat() as channel:
            stub = PubSubStub(channel)  # type: ignore[no-untyped-call]
            # Tokens come from the database, and a new one over HTTP: not in the loop.
            self._token = await asyncio.to_thread(self._tokens.current)
            while not self._over.is_set():
                try:
                    async with contextlib.aclosing(self._subscribed(stub)) as batches:
                        async for batch in batches:
                            self._earliest = self._renewed = False
                            yield batch
                except grpc.aio.AioRpcError as error:
                    if not self._over.is_set() and (lost := await self._cured(error)):
                        # Stored with the place that was lost: should we die now, the same comparison is asked again.
                        yield lost
                        self._earliest = True
                except asyncio.CancelledError:
                    # What gRPC raises when `close` cancels its call; unless it is our own task that is cancelled.
                    if not self._over.is_set() or _cancelling():
                        raise

    def close(self) -> None:
        """End the stream; safe to repeat."""
        self._over.set()
        if self._call is not None:
            self._call.cancel()

    async def _subscribed(self, stub: Any) -> AsyncGenerator[Batch, None]:
        """Open one call and yield its batches. Raises AioRpcError when it breaks, Later when it falls silent."""
        call = self._call = stub.Subscribe(metadata=self._metadata())
        try:
            await _ask(call, self._first_request())
            while not self._over.is_set():
                answer = await self._next(call)
                yield await self._batch(stub, answer)
                self._replay_id = _place(answer) or self._replay_id
                # Asked for only now: while the caller stores one batch, no more than the next is on its way.
                if (room := OUTSTANDING - answer.pending_num_requested) > 0:
                    await _ask(call, FetchRequest(topic_name=self._topic, num_requested=room))
        finally:
            call.cancel()

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

    async def _next(self, call: Any) -> FetchResponse:
        """Wait for the next answer. Raises Later when Salesforce is silent or has ended the stream in peace."""
        try:
            async with asyncio.timeout(self._quiet_seconds):
                answer = await call.read()
        except TimeoutError:
            raise Later("The event stream fell silent", seconds=STREAM_SECONDS) from None
        if isinstance(answer, FetchResponse):
            return answer
        raise Later("Salesforce ended the event stream", seconds=STREAM_SECONDS)

    async def _batch(self, stub: Any, answer: FetchResponse) -> Batch:
        """Decode one answer."""
        events = [event for one in answer.events for event in await self._events(stub, one)]
        return Batch(tuple(events), _place(answer) or self._replay_id or b"")

    async def _events(self, stub: Any, one: ConsumerEvent) -> tuple[Event, ...]:
        """Decode one change event. One that cannot be decoded costs a comparison, not the stream."""
        try:
            schema = await self._schema(stub, one.event.schema_id)
            header = schema.header(one.event.payload)
            return decode(header, schema.fields, namespace=self._settings.salesforce_namespace)
        except grpc.aio.AioRpcError as error:
            if not schema_is_gone(_code(error)):
                raise
        except (ValueError, KeyError, EOFError, IndexError, TypeError):
            pass
        log.warning("an event cannot be read", org=self._org_id, schema=one.event.schema_id)
        return resync(one.replay_id.hex(), at=self._now())

    async def _schema(self, stub: Any, schema_id: str) -> Schema:
        """Return an event's schema, asked for once for all streams of the org."""
        known = self._schemas.get(self._org_id, schema_id)
        if known is not None:
            return known
        request = SchemaRequest(schema_id=schema_id)
        info = await stub.GetSchema(request, metadata=self._metadata(), timeout=_CALL_SECONDS)
        return self._schemas.put(self._org_id, schema_id, info.schema_json)

    async def _cured(self, error: grpc.aio.AioRpcError) -> Batch | None:
        """Do what lets the stream go on after an error, or raise what its caller must do.

        The batch says that the place was lost, and asks for a comparison.
        """
        code = _code(error)
        cure = judge_stream(error.code().name, code)
        found = _RPC_ID.search(error.details() or "")
        # Salesforce's support asks for the rpc id.
        log.info("stream ended", org=self._org_id, code=code or error.code().name, rpc=found[1] if found else "")
        if isinstance(cure, Next):
            raise cure from None
        if cure == "renew":
            if self._renewed:
                # Also seen in release windows. A grant that is really gone shows when the token is renewed.
                raise Later("Salesforce does not let the event stream in yet", seconds=STREAM_SECONDS) from None
            self._token, self._renewed = await asyncio.to_thread(self._tokens.renew, self._token), True
            return None
        if self._earliest or self._replay_id is None:
            raise Later("Salesforce does not accept any place in the stream", seconds=STREAM_SECONDS) from None
        return Batch(resync(self._replay_id.hex(), at=self._now()), self._replay_id)

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        return credentials(self._token, self._org_id)


def topic(settings: Settings, token: Token, org_id: str) -> TopicInfo:
    """Ask about our channel: is it there, may the connected user subscribe? Raises Later, Revoked or Refused."""
    with open_channel(settings) as channel:
        stub = PubSubStub(channel)  # type: ignore[no-untyped-call]
        request = TopicRequest(topic_name=channel_name(settings))
        try:
            info: TopicInfo = stub.GetTopic(request, metadata=credentials(token, org_id), timeout=_CALL_SECONDS)
        except grpc.RpcError as error:
            cure = judge_stream(str(error.code().name), _code(error))
            if isinstance(cure, str):
                raise Revoked("Salesforce does not let the event stream in") from None
            raise cure from None
    return info


async def _ask(call: Any, request: FetchRequest) -> None:
    """Send a request; when the call has ended meanwhile, reading tells why."""
    with contextlib.suppress(asyncio.InvalidStateError):
        await call.write(request)


def _place(answer: FetchResponse) -> bytes:
    """Return the place after an answer: behind its last event, or where an empty answer says the stream stands.

    Empty answers count too: a quiet org's stored place would otherwise grow older than the 72 hours it is kept.
    """
    return bytes(answer.events[-1].replay_id if answer.events else answer.latest_replay_id)


def _code(error: Any) -> str:
    """Return the ``error-code`` trailer of a broken call."""
    found = next((value for key, value in error.trailing_metadata() or () if key == "error-code"), "")
    return found.decode() if isinstance(found, bytes) else str(found)


def _cancelling() -> bool:
    """Whether somebody cancels the task that we run in."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
