"""A Pub/Sub server that does what a test tells it: real gRPC over TLS, every stream played from a script."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias

import fastavro
import grpc
import trustme

from connector.salesforce.pb import pubsub_api_pb2 as pb
from connector.salesforce.pb.pubsub_api_pb2_grpc import PubSubServicer, add_PubSubServicer_to_server

HEADER = {
    "type": "record",
    "name": "ChangeEventHeader",
    "fields": [
        {"name": "entityName", "type": "string"},
        {"name": "recordIds", "type": {"type": "array", "items": "string"}},
        {"name": "changeType", "type": "string"},
        {"name": "changeOrigin", "type": "string"},
        {"name": "transactionKey", "type": "string"},
        {"name": "sequenceNumber", "type": "int"},
        {"name": "commitTimestamp", "type": "long"},
        {"name": "commitNumber", "type": "long"},
        {"name": "commitUser", "type": "string"},
        {"name": "nulledFields", "type": {"type": "array", "items": "string"}},
        {"name": "diffFields", "type": {"type": "array", "items": "string"}},
        {"name": "changedFields", "type": {"type": "array", "items": "string"}},
    ],
}
SCHEMA = {
    "type": "record",
    "name": "LeadChangeEvent",
    "namespace": "com.sforce.eventbus",
    "fields": [
        {"name": "ChangeEventHeader", "type": HEADER},
        {"name": "Company", "type": ["null", "string"], "default": None},
    ],
}
SCHEMA_ID = "schema-1"


def lead_created(number: int, **header: Any) -> bytes:
    """The payload of a lead's creation."""
    values = {
        "entityName": "Lead",
        "recordIds": [f"00Q{number:012d}AAA"],
        "changeType": "CREATE",
        "changeOrigin": "",
        "transactionKey": f"t{number}",
        "sequenceNumber": 1,
        "commitTimestamp": 1_795_341_600_000,
        "commitNumber": number,
        "commitUser": "005000000000001AAA",
        "nulledFields": [],
        "diffFields": [],
        "changedFields": [],
    }
    out = BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(SCHEMA), {"ChangeEventHeader": values | header})
    return out.getvalue()


@dataclass(frozen=True)
class Send:
    """Send events (payload, replay id), or an empty answer that says where the stream stands."""

    events: tuple[tuple[bytes, bytes], ...] = ()
    latest: bytes = b""
    pending: int = 0
    schema: str = SCHEMA_ID


@dataclass(frozen=True)
class Fail:
    """End the stream with an error, as Salesforce does: a status and the error-code trailer."""

    status: grpc.StatusCode
    code: str = ""


@dataclass(frozen=True)
class Silence:
    """Say nothing until the client goes away."""


@dataclass(frozen=True)
class AwaitRequest:
    """Wait for the client's next fetch request."""


Play: TypeAlias = Send | Fail | Silence | AwaitRequest
PREFIX = "sfdc.platform.eventbus.grpc."


@dataclass
class Scripted(PubSubServicer):
    """Plays one script a stream; a stream beyond the last script is silent."""

    scripts: list[list[Play]] = field(default_factory=list)
    requests: list[list[pb.FetchRequest]] = field(default_factory=list)
    metadata: list[dict[str, str]] = field(default_factory=list)
    peers: set[str] = field(default_factory=set)
    """The client's end of each connection."""
    schema_calls: int = 0
    schema_failure: Fail | None = None
    topic_failure: Fail | None = None
    can_subscribe: bool = True
    address: str = ""
    ca: Path = Path()
    stop: Callable[[], Any] = print

    def Subscribe(self, request_iterator: Iterator[pb.FetchRequest], context: Any) -> Iterator[pb.FetchResponse]:  # noqa: N802
        seen: list[pb.FetchRequest] = [next(request_iterator)]
        self.requests.append(seen)
        self.peers.add(context.peer())
        self.metadata.append({key: str(value) for key, value in context.invocation_metadata()})
        script = self.scripts.pop(0) if self.scripts else [Silence()]
        for play in script:
            if isinstance(play, Fail):
                _fail(context, play)
            elif isinstance(play, AwaitRequest):
                seen.append(next(request_iterator))
            elif isinstance(play, Silence):
                gone = threading.Event()
                context.add_callback(gone.set)
                gone.wait()
            else:
                events = [
                    pb.ConsumerEvent(event=pb.ProducerEvent(schema_id=play.schema, payload=body), replay_id=place)
                    for body, place in play.events
                ]
                yield pb.FetchResponse(
                    events=events, latest_replay_id=play.latest, pending_num_requested=play.pending, rpc_id="r"
                )

    def GetSchema(self, request: pb.SchemaRequest, context: Any) -> pb.SchemaInfo:  # noqa: N802
        self.schema_calls += 1
        if self.schema_failure is not None:
            failure, self.schema_failure = self.schema_failure, None
            _fail(context, failure)
        return pb.SchemaInfo(schema_id=request.schema_id, schema_json=json.dumps(SCHEMA))

    def GetTopic(self, request: pb.TopicRequest, context: Any) -> pb.TopicInfo:  # noqa: N802
        if self.topic_failure is not None:
            _fail(context, self.topic_failure)
        return pb.TopicInfo(topic_name=request.topic_name, can_subscribe=self.can_subscribe)


def _fail(context: Any, play: Fail) -> None:
    if play.code:
        context.set_trailing_metadata([("error-code", PREFIX + play.code)])
    context.abort(play.status, "rpcId: r")


def serve(directory: Path) -> Scripted:
    """Start a scripted server with a CA of its own; its `stop` ends it."""
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    scripted = Scripted(ca=directory / "ca.pem")
    authority.cert_pem.write_to_path(str(scripted.ca))
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8))
    add_PubSubServicer_to_server(scripted, server)  # type: ignore[no-untyped-call]
    chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
    key = certificate.private_key_pem.bytes()
    port = server.add_secure_port("localhost:0", grpc.ssl_server_credentials([(key, chain)]))
    server.start()
    scripted.address = f"localhost:{port}"
    scripted.stop = lambda: server.stop(grace=None).wait()
    return scripted
