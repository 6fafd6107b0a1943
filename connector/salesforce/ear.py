"""A short subscription to the change event channel, beside the listener's, that stores nothing.

Source: Pub/Sub API guide "Subscribe". A blocking call in a thread of its own, for the few seconds of a probe.
"""

from __future__ import annotations

import contextlib
import json
import queue
import threading
import time
from collections import defaultdict
from collections.abc import Collection, Mapping
from io import BytesIO
from types import TracebackType
from typing import Any, Self

import fastavro
import grpc

from connector.crm import Token
from connector.errors import Later, Next
from connector.salesforce.answers import STREAM_SECONDS, judge_stream
from connector.salesforce.bitmaps import HEADER
from connector.salesforce.channels import credentials, open_channel
from connector.salesforce.pb.pubsub_api_pb2 import ConsumerEvent, FetchRequest, ReplayPreset, SchemaRequest
from connector.salesforce.pb.pubsub_api_pb2_grpc import PubSubStub
from connector.salesforce.pubsub import OUTSTANDING, channel_name
from connector.settings import Settings

_CALL_SECONDS = 10.0
_Body = Mapping[str, Any]


class Ear:
    """Listens from the moment it is made; use it in a ``with``.

    `field` is the one of which values are waited for. `heard` are the ids of records by entity of which an event came
    (an empty one for an event that names none).
    """

    def __init__(self, settings: Settings, token: Token, org_id: str, *, field: str) -> None:
        self.heard: defaultdict[str, set[str]] = defaultdict(set)
        self._field = field
        self._patience = settings.crm_connect_timeout
        self._values: set[str] = set()
        self._topic = channel_name(settings)
        self._headers = credentials(token, org_id)
        self._channel = open_channel(settings)
        self._stub = PubSubStub(self._channel)  # type: ignore[no-untyped-call]
        self._schemas: dict[str, Any] = {}
        self._asked: queue.SimpleQueue[FetchRequest | None] = queue.SimpleQueue()
        self._come: queue.SimpleQueue[_Body | Next] = queue.SimpleQueue()
        self._ask(OUTSTANDING, replay_preset=ReplayPreset.LATEST)
        self._call = self._stub.Subscribe(iter(self._asked.get, None), metadata=self._headers)
        self._thread = threading.Thread(target=self._run, name="probe", daemon=True)

    def __enter__(self) -> Self:
        """Begin to listen: go on when there is a connection, or the subscription will say why there is none."""
        self._thread.start()
        with contextlib.suppress(grpc.FutureTimeoutError):
            grpc.channel_ready_future(self._channel).result(timeout=self._patience)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave the channel."""
        self._call.cancel()
        self._asked.put(None)
        self._channel.close()
        self._thread.join(_CALL_SECONDS)

    def wait_for(self, values: Collection[str], *, until: float) -> str | None:
        """Listen until an event says one of these values; return it, None when `until` (monotonic) has come.

        Raises Later or Refused when Salesforce ends the subscription.
        """
        while not (found := self._values.intersection(values)):
            if not self._listen_once(until):
                return None
        return found.pop()

    def listen(self, *, until: float) -> None:
        """Listen until that time (monotonic). Raises as :meth:`wait_for`."""
        while self._listen_once(until):
            continue

    def _listen_once(self, until: float) -> bool:
        """Take in one event; False when none came in time."""
        try:
            came = self._come.get(timeout=max(until - time.monotonic(), 0.0))
        except queue.Empty:
            return False
        if isinstance(came, Next):
            raise came
        header = came[HEADER]
        self.heard[str(header["entityName"])].update(map(str, header.get("recordIds") or ("",)))
        self._values.add(str(came.get(self._field)))
        return True

    def _run(self) -> None:
        """Pass on what comes; at the end, why it ended."""
        try:
            for answer in self._call:
                for one in answer.events:
                    with contextlib.suppress(ValueError, KeyError, EOFError, IndexError, TypeError):
                        self._come.put(self._event(one))
                if answer.events:
                    self._ask(len(answer.events))
            self._come.put(Later("Salesforce ended the event stream", seconds=STREAM_SECONDS))
        except grpc.RpcError as error:
            self._come.put(_judged(error))
        except ValueError:
            return  # gRPC says so when the channel is closed under it

    def _event(self, one: ConsumerEvent) -> _Body:
        """Decode one event whole."""
        schema_id = one.event.schema_id
        if schema_id not in self._schemas:
            request = SchemaRequest(schema_id=schema_id)
            info = self._stub.GetSchema(request, metadata=self._headers, timeout=_CALL_SECONDS)
            self._schemas[schema_id] = fastavro.parse_schema(json.loads(info.schema_json))
        body: Any = fastavro.schemaless_reader(BytesIO(one.event.payload), self._schemas[schema_id], None)
        return dict(body)

    def _ask(self, count: int, **parts: Any) -> None:
        self._asked.put(FetchRequest(topic_name=self._topic, num_requested=count, **parts))


def _judged(error: Any) -> Next:
    """Say what a broken subscription means to somebody who waits for an answer."""
    trailers = error.trailing_metadata() or ()
    code = next((str(value) for key, value in trailers if key == "error-code"), "")
    verdict = judge_stream(str(error.code().name), code)
    if isinstance(verdict, Next):
        return verdict
    return Later("Salesforce does not let the event stream in yet", seconds=STREAM_SECONDS)
