"""``python -m tests.sandbox.salesforce.crowd --dir DIR --orgs 1000``: the Pub/Sub service of many orgs in one process.

Only streams, schemas and events: what a listener needs, light enough for a thousand orgs. Each org has its own token
and its own Lead schema with custom fields. Prints one JSON line when it is ready, then answers orders from standard
input, one JSON object a line: ``{"rate": 50, "seconds": 60}`` makes events, ``{}`` only asks how it stands.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import sys
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc

from connector.salesforce.pb import pubsub_api_pb2 as pb
from connector.salesforce.pb import pubsub_api_pb2_grpc as pb_grpc

from .avro import avro_schema, encode
from .bus import replay_id
from .ids import record_id
from .server import _certificates
from .standard import standard_schema
from .streams import AUTH_ERROR, EVENTS_INVALID, REPLAY_CORRUPTED, STATUS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CHANNEL = "/data/Switchyard__chn"
MOST_OUTSTANDING = 100
CUSTOM_FIELDS = 100


def org_id(number: int) -> str:
    """The id of an org, by its number."""
    return record_id("00D", number)


def token(number: int) -> str:
    """The one access token of an org."""
    return f"{org_id(number)[:15]}!token"


@dataclass
class CrowdOrg:
    """One org: its events (the place of each is its number in the list, from 1) and who listens."""

    number: int
    events: list[bytes] = field(default_factory=list)
    bell: asyncio.Event = field(default_factory=asyncio.Event)
    streams: int = 0

    @property
    def schema_id(self) -> str:
        """The id of its Lead schema."""
        return f"lead-of-{self.number}"


class Crowd(pb_grpc.PubSubServicer):
    """The service."""

    def __init__(self, orgs: int, keepalive: float) -> None:
        self.orgs = {org_id(number): CrowdOrg(number) for number in range(orgs)}
        self.keepalive = keepalive
        self.sent = self.schemas = self.opened = 0
        self.most = 0
        self._text = avro_schema(standard_schema().get("Lead"))
        self._next = itertools.cycle(self.orgs.values())

    async def GetSchema(self, request: pb.SchemaRequest, context: Any) -> pb.SchemaInfo:  # noqa: N802
        org = await self._org(context)
        self.schemas += 1
        schema = json.loads(self._text)
        schema["fields"] += [
            {"name": f"Field_{org.number}_{number}__c", "type": ["null", "string"], "default": None}
            for number in range(CUSTOM_FIELDS)
        ]
        return pb.SchemaInfo(schema_json=json.dumps(schema), schema_id=request.schema_id, rpc_id="r")

    async def Subscribe(self, _requests: AsyncIterator[pb.FetchRequest], context: Any) -> None:  # noqa: N802
        org = await self._org(context)
        first = await context.read()
        place = await _start(org, first, context)
        room = asyncio.Queue[int]()
        room.put_nowait(first.num_requested)
        reading = asyncio.create_task(_more(context, room, org))
        org.streams += 1
        self.opened += 1
        self.most = max(self.most, org.streams)
        try:
            await self._send(org, place, room, context)
        finally:
            org.streams -= 1
            reading.cancel()

    async def _send(self, org: CrowdOrg, place: int, room: asyncio.Queue[int], context: Any) -> None:
        pending = 0
        while True:
            org.bell.clear()
            while not room.empty():
                pending = min(pending + room.get_nowait(), MOST_OUTSTANDING)
            found = org.events[place : place + pending]
            if not found:
                try:
                    async with asyncio.timeout(self.keepalive):
                        await org.bell.wait()
                    continue
                except TimeoutError:
                    pass
            pending -= len(found)
            events = [
                pb.ConsumerEvent(
                    event=pb.ProducerEvent(id=str(uuid.uuid4()), schema_id=org.schema_id, payload=payload),
                    replay_id=replay_id(number),
                )
                for number, payload in enumerate(found, start=place + 1)
            ]
            place += len(found)
            await context.write(
                pb.FetchResponse(
                    events=events, latest_replay_id=replay_id(place), rpc_id="r", pending_num_requested=pending
                )
            )

    async def _org(self, context: Any) -> CrowdOrg:
        metadata = {str(key): str(value) for key, value in context.invocation_metadata()}
        org = self.orgs.get(metadata.get("tenantid", ""))
        if org is None or metadata.get("accesstoken") != token(org.number):
            await _refuse(context, AUTH_ERROR)
        assert org is not None
        return org

    def happen(self) -> None:
        """Let a lead be created in the next org."""
        org = next(self._next)
        number = len(org.events) + 1
        header = {
            "entityName": "Lead",
            "recordIds": [record_id("00Q", org.number * 100_000 + number)],
            "changeType": "CREATE",
            "changeOrigin": "",
            "transactionKey": f"t-{org.number}-{number}",
            "sequenceNumber": 1,
            "commitTimestamp": int(time.time() * 1000),
            "commitNumber": number,
            "commitUser": record_id("005", 1),
            **{name: [] for name in ("nulledFields", "diffFields", "changedFields")},
        }
        # A custom field that is null is the one byte that says so.
        org.events.append(encode(self._text, header, {"Company": "Muster"}) + b"\0" * CUSTOM_FIELDS)
        self.sent += 1
        org.bell.set()

    async def traffic(self, rate: float, seconds: float) -> None:
        """Make `rate` events a second for so long, each in another org."""
        began = time.monotonic()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            self.happen()

    def standing(self) -> dict[str, int]:
        """How many orgs are listened to, by how many streams at most ever, and what was sent and asked for."""
        connected = sum(org.streams > 0 for org in self.orgs.values())
        return {
            "connected": connected,
            "most": self.most,
            "sent": self.sent,
            "schemas": self.schemas,
            "opened": self.opened,
        }


async def _start(org: CrowdOrg, first: pb.FetchRequest, context: Any) -> int:
    if first.replay_preset == pb.ReplayPreset.LATEST:
        return len(org.events)
    if first.replay_preset == pb.ReplayPreset.EARLIEST:
        return 0
    place = int.from_bytes(first.replay_id[:8], "big")
    if len(first.replay_id) != 10 or place > len(org.events):
        await _refuse(context, REPLAY_CORRUPTED)
    return place


async def _more(context: Any, room: asyncio.Queue[int], org: CrowdOrg) -> None:
    """Take the client's further requests until it goes away."""
    while (request := await context.read()) is not grpc.aio.EOF:
        if request.num_requested <= 0:
            await _refuse(context, EVENTS_INVALID)
        room.put_nowait(request.num_requested)
        org.bell.set()


async def _refuse(context: Any, code: str) -> None:
    context.set_trailing_metadata((("error-code", code),))
    await context.abort(STATUS.get(code, grpc.StatusCode.INVALID_ARGUMENT), f"{code} rpcId: {uuid.uuid4()}")


async def _main(directory: Path, orgs: int, keepalive: float) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    chain, key = (path.read_bytes() for path in _certificates(directory))
    crowd = Crowd(orgs, keepalive)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0), ("grpc.max_concurrent_streams", 100)])
    pb_grpc.add_PubSubServicer_to_server(crowd, server)  # type: ignore[no-untyped-call]
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(key, chain)]))
    await server.start()
    print(json.dumps({"pubsub": f"localhost:{port}", "ca": str(directory / "ca.pem")}), flush=True)
    making: set[asyncio.Task[None]] = set()
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        if "rate" in order:
            making.add(asyncio.create_task(crowd.traffic(order["rate"], order["seconds"])))
        print(json.dumps(crowd.standing()), flush=True)
    await server.stop(grace=None)


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.sandbox.salesforce.crowd", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True, help="where certificates are kept")
    parser.add_argument("--orgs", type=int, required=True, help="how many orgs")
    parser.add_argument("--keepalive", type=float, default=270.0, help="seconds between empty answers")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_main(given.dir, given.orgs, given.keepalive))


if __name__ == "__main__":
    main()
