"""A Pub/Sub client on the classes generated from the official definition; run as a program, apart from our own classes.

Reads JSON on stdin: the folder of the classes, the target, the CA and the three headers, the topic, how many events.
Prints what it was told as JSON. Takes nothing from the product: the protocol allows one definition a process.
"""

from __future__ import annotations

import importlib
import json
import queue
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import grpc

SECONDS = 20


def main() -> None:
    """Ask about the topic, read events from the earliest on, and decode each with the schema it names."""
    given = json.load(sys.stdin)
    sys.path.insert(0, given["classes"])
    pb, pb_grpc = (importlib.import_module(name) for name in ("pubsub_api_pb2", "pubsub_api_pb2_grpc"))
    trusted = grpc.ssl_channel_credentials(Path(given["ca"]).read_bytes())
    headers = tuple(given["headers"].items())
    with grpc.secure_channel(given["target"], trusted, options=[("grpc.enable_http_proxy", 0)]) as channel:
        stub = pb_grpc.PubSubStub(channel)
        topic = stub.GetTopic(pb.TopicRequest(topic_name=given["topic"]), metadata=headers, timeout=SECONDS)
        answers = _read(pb, stub, given, headers)
        schemas: dict[str, str] = {}
        events = []
        for one in (one for answer in answers for one in answer.events):
            schema_id = one.event.schema_id
            if schema_id not in schemas:
                asked = pb.SchemaRequest(schema_id=schema_id)
                schemas[schema_id] = stub.GetSchema(asked, metadata=headers, timeout=SECONDS).schema_json
            parsed = fastavro.parse_schema(json.loads(schemas[schema_id]))
            body: Any = fastavro.schemaless_reader(BytesIO(one.event.payload), parsed, None)
            events.append({"body": body, "schema": schema_id, "replay": one.replay_id.hex(), "id": one.event.id})
        refused = _refusal(pb, stub, given, headers)
    told = {
        "topic": {"name": topic.topic_name, "subscribe": topic.can_subscribe, "publish": topic.can_publish},
        "pending": answers[-1].pending_num_requested,
        "latest": answers[-1].latest_replay_id.hex(),
        "events": events,
        "schemas": schemas,
        "refused": refused,
    }
    sys.stdout.write(json.dumps(told))


def _read(pb: Any, stub: Any, given: dict[str, Any], headers: tuple[tuple[str, str], ...]) -> list[Any]:
    """Read answers from EARLIEST on until there were enough events."""
    asked: queue.SimpleQueue[Any] = queue.SimpleQueue()
    asked.put(pb.FetchRequest(topic_name=given["topic"], replay_preset=pb.EARLIEST, num_requested=given["count"]))
    call = stub.Subscribe(iter(asked.get, None), metadata=headers, timeout=SECONDS)
    answers: list[Any] = []
    for answer in call:
        answers.append(answer)
        if sum(len(each.events) for each in answers) >= given["count"]:
            break
    call.cancel()
    asked.put(None)
    return answers


def _refusal(pb: Any, stub: Any, given: dict[str, Any], headers: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Go on from a place that nobody knows; return how that is refused."""
    request = pb.FetchRequest(
        topic_name=given["topic"], replay_preset=pb.CUSTOM, replay_id=b"nobody's place", num_requested=1
    )
    try:
        next(stub.Subscribe(iter([request]), metadata=headers, timeout=SECONDS))
    except grpc.RpcError as error:
        trailers: Any = error.trailing_metadata() or ()
        code = next((str(value) for key, value in trailers if key == "error-code"), "")
        return {"status": error.code().name, "code": code}
    return {}


if __name__ == "__main__":
    main()
